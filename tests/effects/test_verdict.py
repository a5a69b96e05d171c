"""Verdicts: every finding from evidence that means just that, and never from less."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from made_up import check, effect, rings, signed, subgroups

import technopole as tp
from technopole.errors import EmptyTable, WrongOption
from technopole.result import Provenance, Result

BOTH = {"patents": "innovation", "log_sales": "growth"}


def contract_case() -> dict[str, Any]:
    """What the contract suite calls the verdict with."""
    main = effect("log_sales", 0.2, gap=0.3)
    return {"results": [main, check("pre_trends", "yes", main, statistic=0.4)]}


def finding(*results: Any, **options: Any) -> str:
    return tp.effects.verdict(list(results), **options).finding


@pytest.mark.parametrize(
    ("estimate", "error", "gap", "found"),
    [
        (0.20, 0.02, 0.3, "positive effect"),
        (-0.20, 0.02, 0.3, "negative effect"),
        (0.01, 0.02, 0.4, "selection, not treatment"),
        (0.00, 0.02, 0.0, "no effect"),
        (0.05, 0.20, 0.0, "cannot tell"),
        (0.05, 0.20, 0.3, "cannot tell"),  # the effect may be as large as the gap
    ],
)
def test_one_outcome(estimate: float, error: float, gap: float, found: str) -> None:
    assert finding(effect("log_sales", estimate, error=error, gap=gap)) == found


def test_selection_of_one_outcome_leaves_the_other_open() -> None:
    told = tp.effects.verdict([effect("log_sales", 0.02, gap=0.4), effect("log_jobs", 0.0, error=0.3)])
    assert "less than half of the gap" in told.because[0]
    assert (told.finding, told.conclusion["reason"][0]) == (
        "selection, not treatment",
        "of log_jobs it can't be told",
    )


def test_growth_and_innovation_are_never_pooled() -> None:
    rose, flat = effect("patents", 0.5), effect("log_sales", 0.01)
    assert finding(rose, flat, kinds=BOTH) == "innovation only"
    none = {"patents": 0.1}
    assert (
        finding(effect("patents", 0.0), effect("log_sales", 0.3), kinds=BOTH, smallest=none) == "growth only"
    )
    assert finding(rose, effect("log_sales", 0.3), kinds=BOTH) == "positive effect"
    assert finding(rose, effect("log_sales", -0.3), kinds=BOTH) == "mixed"
    untold = tp.effects.verdict([rose, effect("log_sales", 0.0, error=0.2)], kinds=BOTH)
    assert (untold.finding, untold.conclusion["reason"][0]) == (
        "positive effect",
        "of log_sales it can't be told",
    )


def test_only_some_gain() -> None:
    main = effect("log_sales", 0.1)
    own = subgroups("log_sales", "own_rd", {"0": 0.0, "1": 0.2}, p_value=0.001)
    assert finding(main, own) == "only for firms with own R&D"
    assert (
        finding(main, subgroups("log_sales", "own_rd", {"0": 0.0, "1": 0.2}, p_value=0.2))
        == "positive effect"
    )
    assert (
        finding(main, subgroups("log_sales", "size", {"small": 0.2, "large": 0.0}, p_value=0.01))
        == "only for some"
    )
    assert (
        finding(main, subgroups("log_sales", "size", {"small": 0.2, "large": 0.1}, p_value=0.01))
        == "positive effect"
    )


def test_losses_around_the_park_are_displacement() -> None:
    main = effect("log_jobs", 0.2)
    assert finding(main, rings("log_jobs", {(0, 2): -0.1, (2, 5): 0.0})) == "displacement"
    assert finding(main, rings("log_jobs", {(0, 2): 0.1, (2, 5): 0.0})) == "positive effect"


def test_entry_and_incumbents() -> None:
    kinds = {"births": "entry", "log_jobs": "incumbents"}
    assert (
        finding(effect("births", 2.0), effect("log_jobs", 0.0), kinds=kinds)
        == "effect on entry, not incumbents"
    )


PRODUCTS = {"log_rca": "competitiveness", "log_market_share": "competitiveness"}


@pytest.mark.parametrize(
    ("estimate", "error", "gap", "found", "said"),
    [
        (0.2, 0.02, 0.3, "positive effect", "the park raised the competitiveness of these products"),
        (-0.2, 0.02, 0.3, "negative effect", "the park lowered the competitiveness of these products"),
        (0.01, 0.02, 0.4, "selection, not treatment", "products near parks are more competitive"),
        (0.05, 0.2, 0.0, "cannot tell", "whether the park raised the competitiveness of these products"),
    ],
)
def test_products_have_words_of_their_own(
    estimate: float, error: float, gap: float, found: str, said: str
) -> None:
    main = [effect(name, estimate, error=error, gap=gap) for name in PRODUCTS]
    told = tp.effects.verdict(main, kinds=PRODUCTS)
    assert told.finding == found and said in told.summary()
    mixed = tp.effects.verdict(main, kinds={"log_rca": "competitiveness", "log_market_share": "growth"})
    assert said not in mixed.summary()


@pytest.mark.parametrize(("slope", "gaining"), [(0.05, True), (-0.05, False)])
@pytest.mark.parametrize("base", ["universal", "varying"])
def test_products_that_were_gaining_before_are_called_that(slope: float, gaining: bool, base: str) -> None:
    times = pd.Series([-4, -3, -2, 0, 1])
    before = pd.Series(slope, times.index) if base == "varying" else slope * (times + 1)
    rows = pd.DataFrame({"aggregation": "event", "event_time": times, "estimate": before, "std_error": 0.01})
    made = effect("log_rca", 0.2, aggregates=rows)
    signature = Provenance("0", "effects.group_time_effects", {"base": base}, (), None)
    main = made.with_provenance(signature, "Nobody (2000).")
    told = tp.effects.verdict([main, check("pre_trends", "no", main)], kinds={"log_rca": "competitiveness"})
    assert told.finding == "cannot tell"
    assert ("already gaining before the park, in log_rca" in told.summary()) == gaining


def test_failed_checks_take_the_finding_away() -> None:
    main = effect("log_sales", 0.2)
    told = tp.effects.verdict([main, check("pre_trends", "no", main)])
    assert told.finding == "cannot tell"
    assert "pre_trends" in told.summary()
    assert finding(main, check("leave_one_out", "no", main)) == "positive effect"
    assert finding(main, check("pre_trends", "cannot tell", main)) == "positive effect"
    sturdy = [check("pre_trends", "no", main), check("sensitivity", "yes", main)]
    assert finding(main, *sturdy) == "positive effect"


def test_a_failed_check_takes_one_outcome_away_not_the_others() -> None:
    rose, flat = effect("log_sales", 0.2), effect("log_jobs", 0.0)
    told = tp.effects.verdict([rose, flat, check("pre_trends", "no", rose)])
    assert (told.finding, told.conclusion["reason"][0]) == ("cannot tell", "checks fail: pre_trends")
    other = effect("log_wages", 0.3)
    told = tp.effects.verdict([rose, other, check("pre_trends", "no", rose)])
    assert told.finding == "positive effect"
    assert told.conclusion["reason"][0] == "of log_sales (pre_trends failed) it can't be told"


def test_failed_checks_that_do_not_decide_are_said() -> None:
    rose = effect("log_sales", 0.2)
    failed = [
        check(name, "no", rose) for name in ("sensitivity", "anticipation", "minimum_detectable_effect")
    ]
    told = tp.effects.verdict([rose, *failed])
    assert told.finding == "positive effect"
    assert told.conclusion["doubts"][0] == "sensitivity (log_sales), anticipation (log_sales)"
    assert "these checks fail: sensitivity (log_sales), anticipation" in told.summary()


def test_checks_of_another_effect_say_nothing() -> None:
    main, other = effect("log_sales", 0.2), effect("log_sales", 0.3)
    assert finding(main, check("pre_trends", "no", other)) == "positive effect"


def test_estimators_that_contradict_one_another() -> None:
    main, other = effect("log_sales", 0.2), effect("log_sales", -0.2, design="effects.imputation")
    told = tp.effects.verdict([main, other])
    assert (told.finding, told.conclusion["reason"][0]) == ("cannot tell", "estimators disagree")


def test_a_gap_alone_is_no_effect() -> None:
    told = tp.effects.verdict([effect("log_sales", 0.4, design="effects.level_gap")])
    assert told.finding == "cannot tell"
    assert "only differences" in told.summary()


def test_smallest_effect_that_matters() -> None:
    flat = effect("patents", 0.0)
    assert finding(flat) == "cannot tell"  # nobody said how small is small
    assert finding(flat, smallest={"patents": 0.1}) == "no effect"
    power = check("minimum_detectable_effect", "yes", flat, statistic=0.05, threshold=0.1)
    assert finding(flat, power) == "no effect"
    same = signed(
        Result.of(
            pd.DataFrame(),
            text="",
            fields={},
            equivalence=pd.DataFrame([{"bound": 0.1, "p_value": 0.01, "equivalent": "yes"}]),
        ),
        "effects.equivalence",
    )
    assert finding(flat, same) == "cannot tell"  # a test of something else


def test_what_it_rests_on_is_said_with_numbers() -> None:
    main = effect("log_sales", 0.2, gap=0.3)
    told = tp.effects.verdict([main, check("pre_trends", "yes", main)])
    assert list(told.table["role"]) == ["effect", "level gap", "check"]
    assert "+22.1 %" in told.because[0]  # exp(0.2) - 1
    assert "not an effect" in told.because[1]


def test_wrong_use() -> None:
    main = effect("log_sales", 0.2)
    with pytest.raises(EmptyTable):
        tp.effects.verdict([])
    with pytest.raises(WrongOption, match="no such kind"):
        tp.effects.verdict([main], kinds={"log_sales": "jobs"})
    with pytest.raises(WrongOption, match="among the results"):
        tp.effects.verdict([main], kinds={"sales": "growth"})
    with pytest.raises(WrongOption, match="level"):
        tp.effects.verdict([main], level=95)


def test_outcomes_are_counted() -> None:
    alone = effect("log_sales", 0.045)  # p = 0.024
    assert finding(alone) == "positive effect"
    told = tp.effects.verdict([alone, effect("log_jobs", 0.0), effect("log_wages", 0.0)])
    assert told.finding == "cannot tell"
    assert "log_sales (q = 0.0733)" in told.conclusion["reason"][0]  # 3 x 0.0244
    assert "may have moved by chance" in told.because[0]


def test_subgroups_are_counted() -> None:
    main, names = effect("log_sales", 0.0), {"a": 0.05, "b": 0.0}
    assert finding(main, subgroups("log_sales", "city", names, p_value=0.04)) == "only for some"
    several = [subgroups("log_sales", of, names, p_value=0.5) for of in ("size", "age", "tier")]
    assert finding(main, subgroups("log_sales", "city", names, p_value=0.04), *several) == "no effect"


def test_the_pair_that_differs_has_to_hold_the_subgroup_that_gained() -> None:
    main = effect("log_sales", 0.1)
    some = subgroups("log_sales", "tier", {"a": 0.2, "b": 0.0, "c": -0.3}, p_value=0.5)
    other = some.frames["contrast"]
    other.loc[(other["subgroup_a"] == "b") & (other["subgroup_b"] == "c"), "p_value"] = 1e-9
    assert finding(main, some) == "positive effect"


def test_firms_without_rd_that_gain_are_not_firms_with_rd() -> None:
    main = effect("log_sales", 0.1)
    assert (
        finding(main, subgroups("log_sales", "own_rd", {"0": 0.2, "1": 0.0}, p_value=0.001))
        == "only for some"
    )


def test_subgroups_of_an_effect_that_checks_dont_let_stand_say_nothing() -> None:
    main = effect("log_sales", 0.1)
    some = subgroups("log_sales", "own_rd", {"0": 0.0, "1": 0.2}, p_value=0.001)
    assert finding(main, some, check("pre_trends", "no", main)) == "cannot tell"


def test_rings_are_counted() -> None:
    main = effect("log_jobs", 0.2)
    assert finding(main, rings("log_jobs", {(0, 2): -0.045})) == "displacement"
    assert finding(main, rings("log_jobs", {(0, 2): -0.045, (2, 5): 0.0, (5, 9): 0.0})) == "positive effect"


def test_most_of_the_gap_has_to_be_selection() -> None:
    """An effect of 0.1 or more can't be excluded: that may be half of the gap."""
    assert finding(effect("patents", 0.05, error=0.04, gap=0.25)) == "cannot tell"
    assert finding(effect("patents", 0.05, error=0.04, gap=0.35)) == "selection, not treatment"


def test_levels_that_are_alike_are_no_effect_that_is_none() -> None:
    """Weaker firms that gained as much as they lagged are equal in levels."""
    main = effect("log_sales", 0.3, error=0.2)
    firms = pd.DataFrame(
        {"firm": range(40), "year": 2020, "entered": [0, 2015] * 20, "log_sales": [x / 40 for x in range(40)]}
    )
    alike = tp.effects.equivalence(tp.read_firms(firms), outcome="log_sales", bound=1)
    assert alike.equivalence["equivalent"][0] == "yes"
    told = tp.effects.verdict([main, alike])
    assert told.finding == "cannot tell"
    assert "says nothing of an effect" in told.because[-1]
    assert finding(main, tp.effects.equivalence(main, bound=1)) == "no effect"


def test_a_kind_is_flat_if_all_its_outcomes_are() -> None:
    kinds = {**BOTH, "log_jobs": "growth"}
    rose, flat = effect("patents", 0.5), effect("log_sales", 0.0)
    told = tp.effects.verdict([rose, flat, effect("log_jobs", 0.1, error=0.2)], kinds=kinds)
    assert (told.finding, told.conclusion["reason"][0]) == ("positive effect", "of log_jobs it can't be told")
    assert finding(rose, flat, effect("log_jobs", 0.0), kinds=kinds) == "innovation only"


def test_an_estimator_far_off_contradicts_no_effect() -> None:
    flat, other = effect("log_sales", 0.0), effect("log_sales", 0.3, design="effects.imputation")
    assert finding(flat, other) == "cannot tell"
    assert finding(effect("log_sales", 0.2), other) == "positive effect"  # both above zero
    selected = tp.effects.verdict([effect("log_sales", 0.0, gap=0.4), other])
    assert selected.finding == "selection, not treatment"
    assert selected.conclusion["reason"][0] == "estimators disagree on log_sales"


def test_the_reason_is_the_one() -> None:
    def reason(*results: Any, **options: Any) -> str:
        return str(tp.effects.verdict(list(results), **options).conclusion["reason"][0])

    assert "would not matter wasn't said" in reason(effect("patents", 0.0))
    assert reason(effect("patents", 0.0, error=0.3), smallest={"patents": 0.1}) == "power"
    blind = effect("patents", 0.1, error=float("nan"))
    assert reason(blind, smallest={"patents": 0.1}) == "no effect has a confidence interval"


def test_the_threshold_of_a_check_goes_before_the_default_for_logs() -> None:
    main = effect("log_sales", 0.0)
    power = check("minimum_detectable_effect", "no", main, statistic=0.06, threshold=0.03)
    assert finding(main) == "no effect"
    assert finding(main, power) == "cannot tell"
    assert finding(main, power, smallest={"log_sales": 0.05}) == "no effect"


@pytest.mark.parametrize("smallest", [{"sales": 0.1}, {"log_sales": 0.0}, {"log_sales": float("nan")}])
def test_smallest_is_of_an_outcome_and_above_0(smallest: dict[str, float]) -> None:
    with pytest.raises(WrongOption):
        tp.effects.verdict([effect("log_sales", 0.0)], smallest=smallest)


@pytest.mark.parametrize("results", [effect("log_sales", 0.1), [effect("log_sales", 0.1), "pre_trends"]])
def test_results_are_a_list_of_results(results: Any) -> None:
    with pytest.raises(WrongOption, match="list of what effects and checks return"):
        tp.effects.verdict(results)


@pytest.mark.slow
def test_what_was_examined_counts_check_by_check() -> None:
    world = tp.simulate_firms("pre_trend", firms=300, seed=1).firms
    table = tp.read_firms(world)
    main = tp.effects.group_time_effects(table, outcome="log_sales")
    examined = tp.checks.examine(main, table, costly=False)
    apart = [tp.checks.pre_trends(main, table), tp.checks.minimum_detectable_effect(main, table)]
    together = tp.effects.verdict([main, examined])
    assert together.finding == tp.effects.verdict([main, *apart]).finding == "cannot tell"
    said = together.table[together.table["role"] == "check"]["because"]
    assert set(said) == set(examined.table["text"])
