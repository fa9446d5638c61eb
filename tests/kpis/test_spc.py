"""Control charts, rules, judgement and shifts on plain values."""

import json
from datetime import date, timedelta
from itertools import cycle, islice

import pytest

from kpis.spc import limits as charts
from kpis.spc.distributions import chi_square_quantile, t_quantile
from kpis.spc.judged import Chart, Method, Observation, Rebase, choose, judge, judge_spread
from kpis.spc.judgement import Assurance, Direction, Variation, assurance_of
from kpis.spc.moments import deviation, mean
from kpis.spc.rules import Marking, RuleSet, apply_rules, rule_set
from kpis.spc.shift import Test as ShiftTest
from kpis.spc.shift import compare, shift_since

START = date(2024, 1, 1)
NOISE = (0.4, -0.9, 1.2, -0.3, 0.7, -1.1, 0.2, -0.6, 0.9, -0.5)


def observed(values, **facts):
    return [Observation(START + timedelta(days=i), v, **facts) for i, v in enumerate(values)]


def noisy(level, count):
    return [level + noise for noise in islice(cycle(NOISE), count)]


def test_mean_of_tiny_differences_keeps_all_digits():
    values = ["10000000.2"] + ["10000000.1", "10000000.3"] * 500
    assert str(mean(values)) == "10000000.2"
    assert str(round(deviation(values), 15)) == "0.100000000000000"


def test_quantiles_equal_printed_tables():
    assert t_quantile(0.975, 10) == pytest.approx(2.228139, abs=1e-6)
    assert t_quantile(0.025, 3) == pytest.approx(-3.182446, abs=1e-6)
    assert chi_square_quantile(0.95, 7) == pytest.approx(14.067140, abs=1e-6)


def test_no_moving_range_reaches_across_a_gap():
    assert charts.moving_ranges([1.0, 2.0, None, 9.0, 9.5]) == [1.0, 0.5]
    assert charts.moving_range_chart([1.0, 2.0, None, 9.0, 9.5]).statistic == (None, 1.0, None, None, 0.5)


def test_a_gap_stays_a_gap_in_every_column():
    series = judge(observed([*noisy(10, 9), None, *noisy(10, 9)]), Method(), Direction.HIGHER)
    gap = series.points[9]
    assert gap.value is None
    assert gap.center is None
    assert gap.lower is None
    assert not gap.signals


def test_medians_give_wheelers_limits():
    limits = charts.individuals(
        [1.0, 3.0, 2.0, 5.0, 4.0],
        constants=charts.Constants.WHEELER,
        spread=charts.Spread.MEDIAN_RANGE,
        median_center=True,
    )
    assert limits.center[0] == 3.0
    assert limits.upper[0] == pytest.approx(3.0 + 3.145 * 1.5)


def test_laney_widens_limits_where_denominators_are_large():
    counts = [float(100_000 + 5000 * noise) for noise in noisy(0, 24)]
    sizes = [1_000_000.0] * 24
    plain, prime = charts.p_chart(counts, sizes), charts.p_prime_chart(counts, sizes)
    assert sum(v > u for v, u in zip(plain.statistic, plain.upper, strict=True)) > 5
    assert not any(v > u for v, u in zip(prime.statistic, prime.upper, strict=True))
    assert prime.facts["sigma_z"] > 5


def test_cusum_sums_what_is_away_from_the_target():
    found = charts.cusum_chart([10.0, 11.0, 12.0, None, 8.0], target=10.0, sigma=1.0)
    assert found.high == (0.0, 0.5, 2.0, None, 0.0)
    assert found.low == (0.0, 0.0, 0.0, None, 1.5)


def test_g_and_t_charts_never_fall_below_zero():
    assert charts.g_chart([3.0, 0.0, 7.0, 2.0]).lower[0] == 0.0
    limits = charts.t_chart([5.0, 9.0, 1.0, 30.0, 12.0])
    assert limits.lower[0] >= 0
    assert limits.upper[0] > 30


def test_run_chart_has_a_median_and_no_limits():
    limits = charts.run_chart([1.0, 9.0, 2.0])
    assert limits.center[0] == 2.0
    assert limits.upper[0] is None


def test_marking_style_decides_which_points_of_a_run_are_marked():
    z = [1.0] * 8 + [-1.0]
    rules = [rule for rule in rule_set(RuleSet.NHS) if rule.key == "one_side"]
    assert [hit.index for hit in apply_rules(rules, z)] == [6, 7]
    assert [hit.index for hit in apply_rules(rules, z, marking=Marking.WHOLE_RUN)] == list(range(8))


def test_wheeler_marks_three_of_four_in_the_outer_quarter():
    hits = apply_rules(rule_set(RuleSet.WHEELER), [0.0, 1.6, 1.7, 0.2, 1.8])
    assert {hit.rule for hit in hits} == {"three_of_four"}


def test_run_length_is_a_setting():
    z = [0.5] * 6
    assert not apply_rules(rule_set(RuleSet.NHS), z)
    assert apply_rules(rule_set(RuleSet.NHS, 6), z)


@pytest.mark.parametrize(
    ("direction", "low", "high", "expected"),
    [
        (Direction.HIGHER, 80, None, Assurance.PASS),
        (Direction.HIGHER, 95, None, Assurance.HIT_AND_MISS),
        (Direction.HIGHER, 120, None, Assurance.FAIL),
        (Direction.LOWER, None, 120, Assurance.PASS),
        (Direction.LOWER, None, 80, Assurance.FAIL),
        (Direction.WITHIN, 80, 120, Assurance.PASS),
        (Direction.WITHIN, 95, 120, Assurance.HIT_AND_MISS),
        (Direction.WITHIN, 120, 130, Assurance.FAIL),
        (Direction.HIGHER, None, None, Assurance.UNKNOWN),
    ],
)
def test_assurance_compares_limits_with_the_target(direction, low, high, expected):
    assert assurance_of(90.0, 110.0, direction, low, high) is expected


def test_too_few_points_have_no_limits():
    series = judge(observed(noisy(10, 5)), Method(), Direction.HIGHER)
    assert series.variation is Variation.UNKNOWN
    assert series.latest.center is None


def test_base_stays_frozen_while_a_shift_grows():
    before = judge(observed(noisy(10, 24)), Method(), Direction.HIGHER)
    after = judge(observed([*noisy(10, 24), *noisy(13, 12)]), Method(), Direction.HIGHER)
    assert before.points[0].center == after.points[-1].center
    assert after.variation is Variation.IMPROVEMENT
    lower_is_better = judge(observed([*noisy(10, 24), *noisy(13, 12)]), Method(), Direction.LOWER)
    assert lower_is_better.variation is Variation.CONCERN


def test_rebase_gives_new_limits_and_ends_the_run():
    values = [*noisy(10, 24), *noisy(13, 12)]
    since = START + timedelta(days=24)
    facts = {"target_low": 8.0}
    series = judge(observed(values, **facts), Method(), Direction.HIGHER, [Rebase(since)])
    assert series.segments == (START, since)
    assert series.points[-1].center == pytest.approx(13, abs=0.3)
    assert series.variation is Variation.COMMON
    assert series.assurance is Assurance.PASS


def test_excluded_points_move_no_limits_and_signal_nothing():
    values = noisy(10, 24)
    wild = observed(values)
    wild[5] = Observation(wild[5].period, 500.0, is_excluded=True)
    series = judge(wild, Method(), Direction.HIGHER)
    assert series.points[0].center == pytest.approx(10, abs=0.3)
    assert not series.points[5].signals
    assert series.points[5].is_excluded


def test_large_denominators_are_charted_with_laneys_limits(shared_data):
    rows = json.loads((shared_data / "spc" / "nhs_plot_the_dots.json").read_text())["ae_4h_england"]
    series = [
        Observation(date.fromisoformat(month), 0.9, attended - late, attended)
        for month, attended, late in zip(rows["months"], rows["attendances"], rows["breaches"], strict=True)
    ]
    choice = choose("ratio", series)
    assert choice.chart is Chart.P_PRIME
    assert choice.reason == "large_denominators"


def test_small_denominators_are_charted_as_shares():
    series = [Observation(START + timedelta(days=i), None, d, 50) for i, d in enumerate([5, 4, 6, 3, 7, 5, 4, 6, 5, 5])]
    assert choose("ratio", series).chart is Chart.P


def test_shift_of_few_points_is_tested_by_ranks():
    found = compare(noisy(119, 22), noisy(91, 9))
    assert found.test is ShiftTest.MANN_WHITNEY
    assert found.difference == pytest.approx(-28, abs=0.5)
    assert found.low < found.difference < found.high < 0
    assert found.p_value < 0.001


def test_welch_equals_a_worked_example():
    before = [27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4]
    after = [27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 20.5, 24.4]
    found = compare(before, after, ShiftTest.WELCH)
    assert found.p_value == pytest.approx(0.021, abs=0.0005)
    assert found.low > 0


def test_no_proposal_before_enough_points_lie_on_one_side():
    before, center = noisy(10, 24), 10.0
    assert shift_since(before, noisy(13, 7), center) is None
    assert shift_since(before, noisy(13, 8), center) is not None
    assert shift_since(before, noisy(10.1, 12), center) is None


def test_moving_ranges_are_the_lower_half_of_an_xmr_chart():
    values = noisy(10, 20)
    values[15] = 30.0
    spread = judge_spread(observed(values), Method())
    assert spread[0].value is None
    assert [point.period for point in spread if point.is_beyond] == [START + timedelta(days=d) for d in (15, 16)]
    assert judge_spread(observed(values), Method(chart=Chart.RUN)) == ()
