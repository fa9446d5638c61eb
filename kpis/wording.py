"""What the judgement of a KPI says, in words: signals, chart and why, variation, assurance, proposals."""

from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from kpis.analysis import Analysis
from kpis.figures import figure_text, number_text
from kpis.models import ChartKind, Judgement, Kpi, Proposal
from kpis.period_words import period_words
from kpis.spc import rules

RULE_WORDS = {
    rules.BEYOND: _("Beyond a limit"),
    rules.ONE_SIDE: _("Run on one side of the mean"),
    rules.TREND: _("Trend in one direction"),
    rules.ALTERNATING: _("Alternating up and down"),
    rules.TWO_OF_THREE: _("2 of 3 close to a limit"),
    rules.FOUR_OF_FIVE: _("4 of 5 away from the mean"),
    rules.THREE_OF_FOUR: _("3 of 4 closer to a limit than to the mean"),
    rules.HUGGING: _("Unusually close to the mean"),
    rules.AVOIDING: _("Unusually far from the mean"),
}

REASONS = {
    "one_number": _("One number a period: individual values with their moving range."),
    "single_values": _("One value a period: individual values with their moving range."),
    "equal_subgroups": _("Several values a period, always as many: the mean of each, limits from their ranges."),
    "large_subgroups": _("Several values a period: the mean of each, limits from their standard deviations."),
    "share": _("A share of cases that varies no more than chance would: a p chart."),
    "rate": _("Events for an area of opportunity that vary no more than chance would: a u chart."),
    "equal_areas": _("Events for the same area of opportunity each period: a c chart."),
}

DIRECTIONS = {
    Judgement.Variation.COMMON: ("same", "var-common"),
    Judgement.Variation.SPECIAL: ("same", "var-common"),
    Judgement.Variation.UNKNOWN: ("same", "circle"),
}
ASSURANCES = {
    Judgement.Assurance.PASS: ("pass", "sure-pass"),
    Judgement.Assurance.FAIL: ("fail", "sure-fail"),
    Judgement.Assurance.HIT_AND_MISS: ("same", "sure-maybe"),
    Judgement.Assurance.UNKNOWN: ("same", "circle"),
}
VERDICTS = {
    Judgement.Verdict.MET: ("ok", "check-circle"),
    Judgement.Verdict.NEAR: ("wait", "alert"),
    Judgement.Verdict.MISSED: ("late", "x-circle"),
}


def chart_reason(analysis: Analysis) -> str:
    """Why this chart: the owner's reason, or the portal's."""
    if analysis.is_chosen_by_owner and analysis.rows.method:
        return analysis.rows.method.reason
    choice = analysis.choice
    if choice.reason == "large_denominators":
        return _t(
            "The denominators are large (%(mean)s on average): a p chart would flag the usual change from period to"
            " period, so the limits follow that change (Laney)."
        ) % {"mean": number_text(choice.figure, 0)}
    if choice.reason == "overdispersed":
        return _t(
            "The values vary %(times)s times as much as chance alone would make them, so the limits follow the usual"
            " change from period to period (Laney)."
        ) % {"times": number_text(choice.figure, 1)}
    return str(REASONS[choice.reason])


def chart_name(analysis: Analysis) -> str:
    return str(ChartKind(analysis.method.chart).label)


def signal_words(signals: tuple[tuple[str, int], ...]) -> str:
    """The rules that marked a point, most serious first."""
    return ", ".join(dict.fromkeys(str(RULE_WORDS[rule]) for rule, _side in signals))


def variation_look(variation: str, direction: str) -> tuple[str, str]:
    """Class and icon: a real change shows which way the figure went."""
    if variation == Judgement.Variation.IMPROVEMENT:
        return "better", "var-down" if direction == Kpi.Direction.LOWER else "var-up"
    if variation == Judgement.Variation.CONCERN:
        return "worse", "var-up" if direction == Kpi.Direction.LOWER else "var-down"
    return DIRECTIONS[Judgement.Variation(variation)]


def assurance_sentence(kpi: Any, row: Judgement) -> str:
    """Which limit decides whether the target will be met."""
    if row.assurance == Judgement.Assurance.UNKNOWN or row.lower is None or row.upper is None:
        return _t("A target and limits are needed")
    if kpi.direction == Kpi.Direction.LOWER:
        words = {"figure": figure_text(kpi, row.upper, extra=1), "target": figure_text(kpi, row.target_high)}
        above = row.target_high is not None and row.upper > float(row.target_high)
        return (_t("Upper limit %(figure)s is above %(target)s") if above else _t("Upper limit %(figure)s")) % words
    if kpi.direction == Kpi.Direction.HIGHER:
        words = {"figure": figure_text(kpi, row.lower, extra=1), "target": figure_text(kpi, row.target_low)}
        below = row.target_low is not None and row.lower < float(row.target_low)
        return (_t("Lower limit %(figure)s is below %(target)s") if below else _t("Lower limit %(figure)s")) % words
    return _t("Limits %(low)s to %(high)s") % {
        "low": number_text(row.lower, kpi.decimals + 1),
        "high": figure_text(kpi, row.upper, extra=1),
    }


def variation_sentence(analysis: Analysis) -> str:
    """What the newest value's signals are, or where the mean went at the last re-base."""
    latest = analysis.series.latest
    if latest is not None and latest.signals:
        return signal_words(latest.signals[:1])
    return means_sentence(analysis)


def means_sentence(analysis: Analysis) -> str:
    """The mean before and after the last re-base, or the mean."""
    kpi, points = analysis.kpi, analysis.series.points
    centers = {point.segment: point.center for point in points if point.center is not None}
    if not centers:
        return ""
    newest = max(centers)
    earlier = [number for number in centers if number < newest]
    if not earlier:
        return _t("Mean %(mean)s") % {"mean": figure_text(kpi, centers[newest], extra=1)}
    begin = next(point.period for point in points if point.segment == newest)
    return _t("Mean %(before)s to %(after)s since %(period)s") % {
        "before": number_text(centers[max(earlier)], kpi.decimals + 1),
        "after": figure_text(kpi, centers[newest], extra=1),
        "period": period_words(begin, kpi.grain, kpi.calendar),
    }


def describe(analysis: Analysis) -> str:
    """The picture in words, for those who do not see it."""
    kpi, points = analysis.kpi, analysis.series.points
    beyond = [point for point in points if point.is_beyond]
    gaps = sum(point.value is None for point in points)
    parts = [means_sentence(analysis)]
    if beyond:
        parts.append(
            ngettext(
                "%(count)d point beyond a limit, the last in %(period)s",
                "%(count)d points beyond a limit, the last in %(period)s",
                len(beyond),
            )
            % {"count": len(beyond), "period": period_words(beyond[-1].period, kpi.grain, kpi.calendar)}
        )
    if gaps:
        parts.append(
            ngettext("%(count)d period without a value", "%(count)d periods without a value", gaps) % {"count": gaps}
        )
    return ". ".join(part for part in parts if part) + "."


def p_text(p_value: float) -> str:
    """A p value as it is written in a sentence."""
    return _t("p under 0.001") if p_value < 0.001 else _t("p = %(p)s") % {"p": number_text(p_value, 3)}


def proposal_sentence(proposal: Proposal, label: str) -> str:
    """One plain sentence: what changed, since when, how sure."""
    kpi = proposal.kpi
    is_up = proposal.difference > 0
    text = (
        _t("Since %(period)s the mean is %(difference)s higher: %(before)s before, %(after)s after “%(marker)s”.")
        if is_up
        else _t("Since %(period)s the mean is %(difference)s lower: %(before)s before, %(after)s after “%(marker)s”.")
    )
    return text % {
        "period": period_words(proposal.since, kpi.grain, kpi.calendar),
        "difference": figure_text(kpi, abs(proposal.difference), extra=1),
        "before": figure_text(kpi, proposal.before_mean, extra=1),
        "after": figure_text(kpi, proposal.after_mean, extra=1),
        "marker": label,
    }


def proposal_evidence(proposal: Proposal) -> str:
    """Interval, test and numbers of points."""
    kpi = proposal.kpi
    return _t(
        "95 %% interval of the difference %(low)s to %(high)s. %(test)s, %(p)s; %(before)d periods before and"
        " %(after)d after."
    ) % {
        "low": number_text(proposal.low, kpi.decimals + 1),
        "high": figure_text(kpi, proposal.high, extra=1),
        "test": proposal.get_test_display(),
        "p": p_text(proposal.p_value),
        "before": proposal.before_n,
        "after": proposal.after_n,
    }
