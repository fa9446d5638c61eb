"""Published figures beside what this package computes, case by case.

A file is recognised by the names it holds, not by its file name, so another file of the same shape is checked the same
way. Its figures are read as decimals: a published figure without a stated tolerance has half a unit of its last printed
digit.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import fmean
from typing import Any

from kpis.spc import capability as cap
from kpis.spc import limits as charts
from kpis.spc.constants import Constants, factors, printed_factors
from kpis.spc.distributions import t_quantile
from kpis.spc.judgement import Direction, assurance_of
from kpis.spc.moments import deviation, lag_one_autocorrelation, mean
from kpis.spc.rules import Marking, RuleSet, apply_rule, rule_set

Figure = Decimal | float | int
FLOAT_DIGITS = 1e-12
"""Relative error granted to binary floats where a source prints more digits than they hold."""

TAIL_DIGITS = 1e-9
"""The same for far tails of the normal distribution, which magnify the last digit of sigma."""


class UnknownShape(ValueError):
    """The file holds no figures that this package knows."""


@dataclass(frozen=True)
class Case:
    """One published figure, or list of points, beside the computed one."""

    name: str
    computed: Any
    published: Any
    tolerance: float | None = None
    """Largest difference allowed; None compares for equality."""

    @property
    def is_inside(self) -> bool:
        if self.tolerance is None:
            return bool(self.computed == self.published)
        if self.computed is None:
            return False
        return abs(Decimal(str(self.computed)) - Decimal(str(self.published))) <= Decimal(str(self.tolerance))


def half_a_unit(published: Figure) -> float:
    """Half of the last printed digit, a hair more for figures printed from floats."""
    exact = Decimal(str(published)).normalize()
    digits = max(int(exact.as_tuple().exponent), -40)
    half = float(Decimal(1).scaleb(digits) / 2)
    return max(half * 1.0001, abs(float(published)) * FLOAT_DIGITS)


def cases_of(content: dict[str, Any]) -> list[Case]:
    """All cases of a parsed file. Raises UnknownShape."""
    for is_of_shape, read in SHAPES:
        if is_of_shape(content):
            return list(read(content))
    raise UnknownShape("No published figures of statistics, control charts, run rules or capability are in this file.")


def _figures(
    name: str, computed: dict[str, Any], published: dict[str, Any], tolerance: Any = None, names: Sequence[str] = ()
) -> Iterator[Case]:
    """One case for each published figure that has a computed one of the same name."""
    for key, value in published.items():
        if names and key not in names:
            continue
        allowed = tolerance.get(key) if isinstance(tolerance, dict) else tolerance
        yield Case(f"{name} {key}", computed.get(key), value, half_a_unit(value) if allowed is None else float(allowed))


def _floats(values: Sequence[Figure]) -> list[float]:
    return [float(value) for value in values]


def _one_based(flags: Sequence[bool]) -> list[int]:
    return [place for place, flag in enumerate(flags, 1) if flag]


def _outside(limits: charts.Limits) -> list[int]:
    """1-based numbers of the points beyond their limits."""
    return _one_based(
        [
            v is not None and ((u is not None and v > u) or (low is not None and v < low))
            for v, u, low in zip(limits.statistic, limits.upper, limits.lower, strict=True)
        ]
    )


# Certified statistics


def _certified(content: dict[str, Any]) -> Iterator[Case]:
    measures = {"mean": mean, "sd": deviation, "autocorr_lag1": lag_one_autocorrelation}
    for dataset in content["datasets"]:
        values = [Decimal(text) for text in dataset["data_as_text"]]
        computed = {key: measures[key](values) for key in dataset["certified"] if key in measures}
        for key, value in dataset["certified"].items():
            if key in measures:
                exact = Decimal(str(value))
                yield Case(f"{dataset['dataset']} {key}", +computed[key], exact, half_a_unit_exact(exact))


def half_a_unit_exact(published: Decimal) -> float:
    """Half of the last printed digit, at least of the fifteenth significant one (certified values have 15)."""
    digits = min(int(published.as_tuple().exponent), published.adjusted() - 14)
    return float(Decimal(1).scaleb(digits) / 2)


# Factors


def _factors(content: dict[str, Any]) -> Iterator[Case]:
    for n, row in content["exact"].items():
        exact = factors(int(n))
        yield from _figures(f"n={n} exact", {k: getattr(exact, k) for k in row}, row, 6e-9 * 2)
    for name, row in content.get("printed", {}).items():
        for n, value in row.items():
            yield Case(f"n={n} printed {name}", _printed(name, int(n)), float(value), 1e-12)


def _printed(name: str, n: int) -> float:
    plain = re.fullmatch(r"(\w+?)_(\d+)dp", name)
    if plain:
        return round(float(getattr(factors(n), plain[1])), int(plain[2]))
    return float(getattr(printed_factors(n), name))


# Run rules


def _run_rules(content: dict[str, Any]) -> Iterator[Case]:
    sets = {"WE": RuleSet.WESTERN_ELECTRIC, "Nelson": RuleSet.NELSON, "Wheeler": RuleSet.WHEELER, "NHS": RuleSet.NHS}
    for number, case in enumerate(content["cases"], 1):
        rule = rule_set(sets[case["set"]])[int(case["rule"]) - 1]
        hits = apply_rule(rule, _floats(case["values"]))
        name = f"{number} {case['set']} rule {case['rule']}"
        yield Case(name, [hit.index + 1 for hit in hits], [int(i) for i in case["violations"]])


# Control charts of R qcc

Block = dict[str, Any]

SPC_PARAMETERS: dict[str, dict[str, float]] = {"viscosity_ewma": {"nsigmas": 2.7}}
"""What the printed page of the source set and the file does not repeat."""


def _qcc(content: dict[str, Any]) -> Iterator[Case]:
    for name, expected in content["expected"].items():
        published = expected.get("published") or expected["recomputed"]
        computed = _computed(name, expected, content["data"])
        plain = {k: v for k, v in published.items() if not isinstance(v, list)}
        yield from _figures(name, computed, plain, expected.get("tolerance"))
        for key, value in published.items():
            if isinstance(value, list):
                yield from _columns(f"{name} {key}", computed[key], value)
        for key in ("out_of_control_samples", "out_of_control_phase2_samples"):
            if key in expected:
                yield Case(f"{name} {key}", computed[key], [int(i) for i in expected[key]])
        if "Cp_ci95" in (again := expected.get("recomputed") or {}):
            for key in ("expected_pct_below_LSL", "expected_pct_above_USL"):
                yield Case(f"{name} {key}", computed[key], again[key], float(again[key]) * TAIL_DIGITS)
            for place, value in enumerate(again["Cp_ci95"]):
                yield Case(f"{name} Cp_ci95 {place}", computed["Cp_ci95"][place], value, half_a_unit(value) * 100)


def _columns(name: str, computed: Any, published: list[Any]) -> Iterator[Case]:
    for place, row in enumerate(published, 1):
        for side, value, own in zip(("lcl", "ucl"), row, computed[place - 1], strict=True):
            yield Case(f"{name} {place} {side}", own, value, half_a_unit(value))


def _computed(name: str, expected: Block, data: Block) -> Block:
    """Figures by the names that the source prints; the case's name tells data, chart and excluded samples."""
    if "data" in expected:
        return _capability([_floats(s) for s in expected["data"]], expected["spec"])
    dataset = max((key for key in data if name.startswith(key + "_")), key=len, default=None)
    if dataset is None:
        raise ValueError(f"The case “{name}” names no data set of its file.")
    block, rest = data[dataset], name[len(dataset) + 1 :]
    excluded = [int(n) for n in re.findall(r"\d+", rest.partition("without")[2])]
    parameters = {**SPC_PARAMETERS.get(name, {}), **{k: float(expected[k]) for k in PARAMETERS if k in expected}}
    kind = rest.split("_")[0]
    if kind not in QCC_CHARTS:
        raise ValueError(f"The case “{name}” asks for a chart “{kind}” that is not known.")
    return QCC_CHARTS[kind](_Data(block, excluded, rest, parameters, expected))


PARAMETERS = ("lambda", "nsigmas", "L")


class _Data:
    """One data set of the file as columns, with the base that the case asks for."""

    def __init__(self, block: Block, excluded: list[int], rest: str, parameters: dict[str, float], expected: Block):
        self.rest, self.parameters, self.expected = rest, parameters, expected
        key = next((k for k in block if k.startswith("samples")), None)
        self.samples: list[list[float]] = [_floats(s) for s in block[key]] if key else []
        counts = next((block[k] for k in ("x", "D") if k in block), [])
        self.values = _floats(counts)
        size = block.get("size", 1)
        length = len(self.samples) or len(self.values)
        self.size = 1.0 if isinstance(size, list) else float(size)
        self.sizes = _floats(size) if isinstance(size, list) else [float(size)] * length
        trial = block.get("trial") or [place < int(block.get("phase1", length)) for place in range(length)]
        self.trial = [bool(flag) for flag in trial]
        self.base = [flag and place not in excluded for place, flag in enumerate(self.trial, 1)]

    def answer(self, limits: charts.Limits, sigma: float | None = None) -> Block:
        """Center, limits and sigma as R qcc prints them, and the points outside in both phases."""
        same = {(low, high) for low, high in zip(limits.lower, limits.upper, strict=True)}
        low, high = same.pop() if len(same) == 1 else (None, None)
        out = _outside(limits)
        return {
            "center": limits.facts["center"],
            "lcl": low,
            "ucl": high,
            "sigma": sigma,
            "limits": list(zip(limits.lower, limits.upper, strict=True)),
            "out_of_control_samples": [n for n in out if self.trial[n - 1]],
            "out_of_control_phase2_samples": [n for n in out if not self.trial[n - 1]],
        }


def _xbar(d: _Data) -> Block:
    limits = charts.means(d.samples, d.base, constants=Constants.PRINTED)
    return d.answer(limits, limits.facts["process_sigma"])


def _ranges(d: _Data) -> Block:
    limits = charts.ranges_chart(d.samples, d.base, constants=Constants.PRINTED)
    return d.answer(limits, limits.facts["process_sigma"])


def _deviations(d: _Data) -> Block:
    limits = charts.deviations_chart(d.samples, d.base)
    return d.answer(limits, limits.facts["process_sigma"])


def _p(d: _Data) -> Block:
    """R qcc prints the standard error of one sample as the sigma of a p chart."""
    limits = charts.p_chart(d.values, d.sizes, d.base)
    return d.answer(limits, limits.sigma[0])


def _np(d: _Data) -> Block:
    limits = charts.np_chart(d.values, d.size, d.base)
    return d.answer(limits, limits.sigma[0])


def _c(d: _Data) -> Block:
    limits = charts.c_chart(d.values, d.base)
    return d.answer(limits, limits.sigma[0])


def _u(d: _Data) -> Block:
    limits = charts.u_chart(d.values, d.sizes, d.base)
    return d.answer(limits, limits.facts["process_sigma"])


def _individuals(d: _Data) -> Block:
    spread = charts.Spread.DEVIATION if "SD" in d.rest.split("_") else charts.Spread.MEAN_RANGE
    limits = charts.individuals(d.values, d.base, constants=Constants.PRINTED, spread=spread)
    return d.answer(limits, limits.facts["sigma"])


def _ewma(d: _Data) -> Block:
    """Limits of every step as lcl1, ucl1, lcl2, …; λ 0.2 and 3 sigma unless the case says otherwise."""
    if d.samples:
        base = charts.means(d.samples, d.base, constants=Constants.PRINTED)
        sigma, values = base.sigma[0], list(base.statistic)
    else:
        base = charts.individuals(d.values, d.base, constants=Constants.PRINTED)
        sigma, values = base.facts["sigma"], list(d.values)
    width = d.parameters.get("nsigmas", d.parameters.get("L", 3.0))
    limits = charts.ewma_chart(
        values, center=base.facts["center"], sigma=sigma or 0.0, weight=d.parameters.get("lambda", 0.2), width=width
    )
    steps = range(len(values))
    return {f"lcl{i + 1}": limits.lower[i] for i in steps} | {f"ucl{i + 1}": limits.upper[i] for i in steps}


def _capability_of_base(d: _Data) -> Block:
    samples = [s for s, inside in zip(d.samples, d.base, strict=True) if inside]
    return _capability(samples, d.expected["spec"])


QCC_CHARTS: dict[str, Callable[[_Data], Block]] = {
    "xbar": _xbar,
    "R": _ranges,
    "S": _deviations,
    "p": _p,
    "np": _np,
    "c": _c,
    "u": _u,
    "individuals": _individuals,
    "ewma": _ewma,
    "capability": _capability_of_base,
}


def _capability(samples: list[list[float]], spec: dict[str, Figure]) -> Block:
    values = [value for sample in samples for value in sample]
    bounds = {
        "lower": float(spec["LSL"]) if "LSL" in spec else None,
        "upper": float(spec["USL"]) if "USL" in spec else None,
        "target": float(spec["target"]) if "target" in spec else None,
    }
    within = cap.capability(fmean(values), charts.sigma_from_ranges(samples, Constants.PRINTED), **bounds)
    overall = cap.capability(fmean(values), charts.sigma_overall(samples), **bounds)
    figures: Block = {
        "expected_pct_below_LSL": within.expected_below * 100,
        "expected_pct_above_USL": within.expected_above * 100,
    }
    for letter, indices in (("C", within), ("P", overall)):
        figures |= {
            f"{letter}p": indices.both,
            f"{letter}p_l": indices.lower,
            f"{letter}p_u": indices.upper,
            f"{letter}p_k": indices.worse,
            f"{letter}pm": indices.about_target,
        }
    if within.both is not None:
        figures["Cp_ci95"] = cap.interval_of_cp(within.both, len(values))
    return figures


# NIST/SEMATECH e-Handbook


def _handbook(content: dict[str, Any]) -> Iterator[Case]:
    for key, read in (("imr", _imr), ("ewma", _nist_ewma), ("p", _nist_p), ("capability", _nist_capability)):
        if key in content:
            yield from read(content[key])


def _stated(text: Any, name: str = "") -> float | None:
    """The number in a tolerance such as “z 0.005, limits 1e-3 (NIST …)”, by name or the first one."""
    found = re.search(rf"{name}\s*([0-9.]+(?:e-?\d+)?)", str(text or ""), re.IGNORECASE)
    return float(found[1]) if found else None


def _imr(block: Block) -> Iterator[Case]:
    limits = charts.individuals(_floats(block["data"]), constants=Constants.PRINTED)
    computed = {
        "mean": limits.facts["center"],
        "mr_bar": limits.facts["mean_range"],
        "ucl": limits.upper[0],
        "lcl": limits.lower[0],
    }
    yield from _figures("I-MR", computed, block["published"], _stated(block.get("tolerance")))


def _nist_ewma(block: Block) -> Iterator[Case]:
    start = float(block["target"])
    limits = charts.ewma_chart(
        _floats(block["data"]),
        center=start,
        sigma=float(block["s"]),
        weight=float(block["lambda"]),
        width=float(block["L"]),
        steady=True,
    )
    published, stated = block["published"], block.get("tolerance")
    for place, (own, value) in enumerate(zip((start, *limits.statistic), published["z0_to_z20"], strict=True)):
        yield Case(f"EWMA z{place}", own, value, _stated(stated, "z") or half_a_unit(value))
    computed = {"ucl": limits.upper[0], "lcl": limits.lower[0]}
    yield from _figures("EWMA", computed, published, _stated(stated, "limits"), ("ucl", "lcl"))
    yield Case("EWMA out of control", _outside(limits), [int(i) for i in published["out_of_control"]])


def _nist_p(block: Block) -> Iterator[Case]:
    counts, sizes = _floats(block["defects"]), block["sizes"]
    limits = charts.p_chart(counts, _floats(sizes) if isinstance(sizes, list) else [float(sizes)] * len(counts))
    computed = {"p_bar": limits.facts["center"], "ucl": limits.upper[0], "lcl": limits.lower[0]}
    yield from _figures("p chart", computed, block["published"], _stated(block.get("tolerance")))
    yield Case("p chart out of control", _outside(limits), [int(i) for i in block["out_of_control_samples"]])


def _nist_capability(block: Block) -> Iterator[Case]:
    found = cap.capability(
        float(block["mean"]), float(block["s"]), lower=float(block["LSL"]), upper=float(block["USL"])
    )
    computed = {
        "Cp": found.both,
        "Cpu": found.upper,
        "Cpl": found.lower,
        "Cpk": found.worse,
        "k": found.off_center,
    }
    yield from _figures("capability", computed, block["published"], _stated(block.get("tolerance")))


# NHS Making Data Count


def _nhs(content: dict[str, Any]) -> Iterator[Case]:
    if "xmr_snapshot" in content:
        yield from _nhs_limits(content["xmr_snapshot"])
    if "rules" in content:
        yield from _nhs_rules(content["rules"])
    for number, case in enumerate(content.get("assurance", []), 1):
        for direction, word in ((Direction.HIGHER, "increase"), (Direction.LOWER, "decrease")):
            target = float(case["target"])
            found = assurance_of(float(case["lpl"]), float(case["upl"]), direction, target, target)
            yield Case(f"assurance {number} {word}", NHS_WORDS[found], case[word])
    for name, block in content.items():
        if isinstance(block, dict) and "recomputed_xmr" in block:
            yield from _nhs_series(name, block)


NHS_WORDS = {"pass": "consistent_pass", "fail": "consistent_fail", "hit_and_miss": "inconsistent", "unknown": None}


def _nhs_limits(block: Block) -> Iterator[Case]:
    for case in block["published_snapshot"]:
        values = _floats(block["y"])
        if case.get("y15_replaced_by_10"):
            values[14] = 10.0
        screen = not str(case["case"]).endswith("screen_false")
        limits = charts.individuals(values, constants=Constants.WHEELER, screen=screen)
        computed = {"mean": limits.facts["center"], "lpl": limits.lower[0], "upl": limits.upper[0]}
        yield from _figures(f"XmR {case['case']}", computed, case["expected"], block.get("tolerance"))


def _nhs_rules(block: Block) -> Iterator[Case]:
    _beyond, one_side, trend, two_of_three = rule_set(RuleSet.NHS)
    for number, case in enumerate(block.get("seven_one_side", []), 1):
        hits = apply_rule(one_side, _floats(case["relative_to_mean"]))
        yield Case(f"7 on one side {number}", _flags(hits, case, signed=False), [int(f) for f in case["flag"]])
    for number, case in enumerate(block.get("seven_trend", []), 1):
        hits = apply_rule(trend, _floats(case["y"]))
        yield Case(f"7 in a trend {number}", _flags(hits, case, signed=True), [int(f) for f in case["flag"]])
    for number, case in enumerate(block.get("two_of_three", []), 1):
        close, sides = case["close"], case["relative_to_mean"]
        away = [float(side) * (2.5 if near else 1.0) for near, side in zip(close, sides, strict=True)]
        hits = apply_rule(two_of_three, away, marking=Marking.WHOLE_RUN)
        yield Case(f"2 of 3 {number}", _flags(hits, case, signed=False), [int(f) for f in case["flag"]])


def _flags(hits: Sequence[Any], case: Block, *, signed: bool) -> list[int]:
    flags = [0] * len(case["flag"])
    for hit in hits:
        flags[hit.index] = hit.side if signed else 1
    return flags


def _nhs_series(name: str, block: Block) -> Iterator[Case]:
    shares = next(_floats(v) for k, v in block.items() if k.startswith("pct"))
    limits = charts.individuals(shares, constants=Constants.WHEELER, screen=True)
    computed = {"mean": limits.facts["center"], "lpl": limits.lower[0], "upl": limits.upper[0]}
    yield from _figures(name, computed, block["recomputed_xmr"], block.get("tolerance"))
    months = block["months"]
    yield Case(f"{name} outside", [months[n - 1] for n in _outside(limits)], block["points_outside"])
    target = float(block["target"])
    found = assurance_of(limits.lower[0], limits.upper[0], Direction.HIGHER, target, None)
    yield Case(f"{name} assurance", NHS_WORDS[found], block["assurance_increase"])
    if "p_chart_warning" in block:
        plain = charts.p_chart(_floats(block["breaches"]), _floats(block["attendances"]))
        expected = int(block["p_chart_warning"]["points_outside_3_sigma_binomial"])
        yield Case(f"{name} p chart outside", len(_outside(plain)), expected)


# Six Sigma


def _six_sigma(content: dict[str, Any]) -> Iterator[Case]:
    if "capability" in content:
        yield from _six_sigma_capability(content["capability"])
    if "yield" in content:
        block = content["yield"]
        found = cap.yields(_floats(block["defects"]), _floats(block["rework"]), float(block["opportunities"]))
        own = {
            "yield": found.final,
            "fty": found.first_time,
            "rty": found.rolled,
            "dpu": found.dpu,
            "dpmo": found.dpmo,
        }
        yield from _figures("yield", own, block["expected"])
    if "mr_chart" in content:
        limits = charts.moving_range_chart(_floats(content["mr_chart"]["data"]))
        own = {"CL": limits.facts["center"], "UCL": limits.upper[-1], "LCL": limits.lower[-1]}
        yield from _figures("moving range", own, content["mr_chart"], None, ("CL", "UCL", "LCL"))
    if "mean_ci95" in content:
        block = content["mean_ci95"]
        own = dict(zip(("lo", "hi"), interval_of_mean(_floats(block["data"])), strict=True))
        yield from _figures("mean 95 %", own, block, None, ("lo", "hi"))
    yield from _dpmo(content)


def _six_sigma_capability(block: Block) -> Iterator[Case]:
    """The package calls the overall standard deviation's indices Cp and Cpk (elsewhere Pp and Ppk)."""
    values = _floats(block["data"])
    lower, upper = float(block["LSL"]), float(block["USL"])
    found = cap.capability(fmean(values), float(deviation(values)), lower=lower, upper=upper)
    own = {"Cp": found.both, "Cpk": found.worse, "Z": 3 * found.worse}
    yield from _figures("capability, overall sigma,", own, block, None, ("Cp", "Cpk", "Z"))


def _dpmo(content: dict[str, Any]) -> Iterator[Case]:
    for row in content.get("dpmo_table", []):
        level = float(row["sigma_level"])
        own = {
            "published_dpmo": cap.dpmo_of_sigma(level),
            "one_tail": cap.dpmo_of_sigma(level),
            "two_tail": cap.dpmo_of_sigma(level, two_tails=True),
        }
        yield from _figures(f"DPMO at {level:g} sigma", own, row, None, tuple(own))
    for row in content.get("dpmo_to_sigma", []):
        rate = float(row["dpmo"])
        own = {
            "sigma_short_term_shift_1.5": cap.sigma_of_dpmo(rate),
            "sigma_no_shift": cap.sigma_of_dpmo(rate, shift=0),
        }
        yield from _figures(f"sigma at {rate:g} DPMO", own, row, None, tuple(own))


def interval_of_mean(values: Sequence[float], confidence: float = 0.95) -> tuple[float, float]:
    """Student's interval of a mean: x̄ ± t(1−α/2; n−1) s/√n (e-Handbook 7.2.2.1)."""
    middle, n = fmean(values), len(values)
    reach = t_quantile(1 - (1 - confidence) / 2, n - 1) * float(deviation(values)) / n**0.5
    return middle - reach, middle + reach


def _holds(*names: str) -> Callable[[dict[str, Any]], bool]:
    """Whether a file holds any of these."""
    return lambda content: any(name in content for name in names)


def _holds_run_rules(content: dict[str, Any]) -> bool:
    cases = content.get("cases")
    return isinstance(cases, list) and bool(cases) and all("violations" in case for case in cases)


SHAPES: tuple[tuple[Callable[[dict[str, Any]], bool], Callable[[dict[str, Any]], Iterator[Case]]], ...] = (
    (_holds("datasets"), _certified),
    (_holds("exact"), _factors),
    (lambda content: {"expected", "data"} <= set(content), _qcc),
    (_holds("xmr_snapshot", "rules", "assurance"), _nhs),
    (_holds("yield", "mr_chart", "mean_ci95", "dpmo_table", "dpmo_to_sigma"), _six_sigma),
    (_holds("imr", "ewma", "p", "capability"), _handbook),
    (_holds_run_rules, _run_rules),
)
