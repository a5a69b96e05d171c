"""Goals: fits by hand, assignments against brute force, and what is refused or said openly."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd
import pytest

from technopole.comparison import composition, development_stage, side_by_side
from technopole.errors import TechnopoleError, UnknownName, UnreadableFile, WrongOption
from technopole.policy import goals
from technopole.policy._goal_assignment import Limits, assign, objective
from technopole.result import Result

FACTS = [
    ("A", "national_key_labs", 20, "labs"),
    ("A", "firms", 30, "firms"),
    ("B", "national_key_labs", 1, "labs"),
    ("B", "firms", 900, "firms"),
]
SHARES = [("A", "laser", 75), ("A", "display", 25), ("B", "laser", 25), ("B", "display", 75)]


def side(facts: list[tuple[Any, ...]] = FACTS, **more: Any) -> Result:
    """A comparison's cells, as side_by_side makes them."""
    cells = pd.DataFrame(facts, columns=["park", "indicator", "value", "unit"])
    defaults: dict[str, Any] = {"facet": "size", "scope": "optics", "year": 2024, "status": "reported"}
    defaults |= {"grade": "official", "source": "a yearbook"}
    cells = cells.assign(**{**defaults, **more})
    return Result.of(cells, text="", fields={}, cells=cells)


def staged(stages: Mapping[str, Mapping[str, float]], *untold: str) -> Result:
    """A stage result: the scores of each park, and parks whose stage can't be told."""
    rows = [
        {"park": p, "stage": s, "order": i, "score": v}
        for p, own in stages.items()
        for i, (s, v) in enumerate(own.items())
    ]
    table = pd.DataFrame(
        [{"park": p, "undefined": ""} for p in stages]
        + [{"park": p, "undefined": "too little"} for p in untold]
    )
    scores = pd.DataFrame(rows, columns=["park", "stage", "order", "score"])
    return Result.of(table, text="", fields={}, scores=scores)


def composed(shares: list[tuple[str, str, float]] = SHARES) -> Result:
    frame = pd.DataFrame(shares, columns=["place", "industry", "output"]).assign(year=2020)
    return composition(frame, value="output")


BREAKTHROUGH = {"A": {"innovation breakthrough": 0.4}, "B": {"industry-led": 0.4}}


def contract_case() -> dict[str, Any]:
    return {"comparison": side(), "stage": staged(BREAKTHROUGH), "composition": composed(), "runs": 5}


def fit(result: Result, park: str, goal: str) -> float:
    table = result.candidates
    return float(table.loc[(table["park"] == park) & (table["id"] == goal), "score"].iloc[0])


def test_fit_worked_by_hand() -> None:
    found = goals(side(), stage=staged(BREAKTHROUGH), runs=0)
    science, industry = 20 / 25, 30 / 330  # value / (value + reference): 5 labs, 300 firms
    expected = 0.4 * 1.0 + 0.6 * (science * (1 - industry)) ** 0.5
    assert fit(found, "A", "commercialise_science") == pytest.approx(expected, rel=1e-12)
    expected = 0.4 * 0.9 + 0.6 * (science * industry) ** 0.5
    assert fit(found, "A", "research_consortia") == pytest.approx(expected, rel=1e-12)
    reasons = found.reasons.set_index(["park", "measure"])["strength"]
    assert reasons["A", "national key laboratories"] == pytest.approx(0.8, rel=1e-12)


def test_stages_count_by_their_share_of_support() -> None:
    both = staged({"A": {"industry-led": 0.1, "innovation breakthrough": 0.3, "wealth cohesion": -0.5}}, "B")
    found = goals(side(), stage=both, runs=0).candidates.set_index(["park", "id"])["stage_part"]
    assert found["A", "commercialise_science"] == pytest.approx(0.75, rel=1e-12)
    assert found["A", "supplier_depth"] == pytest.approx(0.25, rel=1e-12)
    assert found["B", "measure_first"] == 1.0


@pytest.mark.slow
def test_segment_fit_worked_by_hand() -> None:
    found = goals(side(), stage=staged(BREAKTHROUGH), composition=composed(), runs=0)
    # B = 0.75 / 0.5 = 1.5, RSCA = 0.5 / 2.5 = 0.2, share / largest share = 1, basis output = 1
    assert fit(found, "A", "segment: laser") == pytest.approx(0.2**0.5, rel=1e-12)
    table = found.candidates.set_index(["park", "id"])
    assert table.loc[("B", "segment: laser"), "undefined"] == "no larger share than the other parks"


@pytest.mark.slow
def test_a_segment_that_another_park_clearly_leads_is_ruled_out() -> None:
    shares = [
        ("A", "x", 20),
        ("A", "y", 80),
        ("B", "x", 60),
        ("B", "y", 40),
        ("C", "y", 100),
        ("D", "y", 100),
    ]
    facts = [(park, "firms", 100, "firms") for park in "ABCD"]
    found = goals(side(facts), stage=staged({}, *"ABCD"), composition=composed(shares), runs=0)
    # shares of x: 0.2, 0.6, 0, 0; A's 0.2 equals the mean, so it has no advantage at all
    assert pd.isna(fit(found, "A", "segment: x"))
    assert fit(found, "B", "segment: x") == pytest.approx(0.5**0.5, rel=1e-12)  # B = 3, RSCA = 0.5
    more = [(p, "x", x) for p, x in zip("ABCDE", (40, 90, 20, 20, 20), strict=True)]
    more += [(p, "y", 100 - x) for p, _, x in more]
    facts.append(("E", "firms", 100, "firms"))
    table = goals(side(facts), stage=staged({}, *"ABCDE"), composition=composed(more), runs=0).candidates
    why = table.set_index(["park", "id"]).loc[("A", "segment: x"), "undefined"]
    # A lies 0.5 below B in share (sd 0.27) and 0.38 in comparative strength (sd 0.28)
    assert why == "B leads this segment clearly"


def brute(fits: Any, penalty: Any, limits: Limits, mechanism: Any) -> float:
    """The best objective by looking at every choice there is."""
    parks, count = fits.shape
    own = []
    for park in range(parks):
        free = np.flatnonzero(~np.isnan(fits[park])).tolist()
        own.append(
            [
                set(some)
                for size in range(min(limits.per_park, len(free)) + 1)
                for some in itertools.combinations(free, size)
                if sum(mechanism[g] for g in some) <= limits.mechanisms
            ]
        )
    best = -np.inf
    for choice in itertools.product(*own):
        chosen = np.array([[g in some for g in range(count)] for some in choice])
        if limits.parks_per_goal is None or chosen.sum(axis=0).max() <= limits.parks_per_goal:
            best = max(best, objective(chosen, fits, penalty))
    return float(best)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_assignment_equals_brute_force(seed: int) -> None:
    random = np.random.default_rng(seed)
    fits = random.uniform(0, 1, (3, 5))
    fits[random.random(fits.shape) < 0.2] = np.nan
    penalty = np.triu(random.uniform(0, 0.9, (3, 3)), 1)
    penalty += penalty.T
    mechanism = random.random(5) < 0.6
    limits = Limits(int(random.integers(1, 4)), int(random.integers(1, 3)), [None, 1, 2][seed % 3])
    chosen = assign(fits, penalty, limits, {}, mechanism)
    assert objective(chosen, fits, penalty) == pytest.approx(
        brute(fits, penalty, limits, mechanism), rel=1e-9
    )
    assert chosen.sum(axis=1).max() <= limits.per_park
    assert chosen[:, mechanism].sum(axis=1).max(initial=0) <= limits.mechanisms


def test_objective_worked_by_hand() -> None:
    fits = np.array([[0.8, 0.5], [0.7, np.nan]])
    penalty = np.array([[0.0, 0.4], [0.4, 0.0]])
    chosen = np.array([[True, True], [True, False]])
    assert objective(chosen, fits, penalty) == pytest.approx(0.8 + 0.5 + 0.7 - 0.4, rel=1e-12)


def test_a_tie_is_broken_by_the_order_of_the_goals() -> None:
    fits = np.full((2, 4), 0.5)
    chosen = assign(fits, np.zeros((2, 2)), Limits(2, 2), {}, np.ones(4, dtype=bool))
    assert chosen.tolist() == [[True, True, False, False]] * 2


def test_the_margin_is_what_the_best_choice_without_the_goal_loses() -> None:
    found = goals(side(), stage=staged(BREAKTHROUGH), per_park=1, runs=0)
    row = found.table.set_index("park").loc["A"]
    assert row["id"] == "commercialise_science"
    other = goals(
        side(), stage=staged(BREAKTHROUGH), per_park=1, runs=0, forbid={"A": ["commercialise_science"]}
    ).table
    total = found.table["score"].sum() - other["score"].sum()  # no goal is shared in either
    assert row["margin"] == pytest.approx(total, rel=1e-9)
    assert str(other.set_index("park").loc["A", "goal"]) in str(row["instead_of"])


@pytest.mark.slow
def test_a_duplicated_goal_costs_the_overlap_times_the_rate() -> None:
    facts = [("A", "national_key_labs", 20, "labs"), ("A", "firms", 30, "firms")]
    facts += [("B", "national_key_labs", 18, "labs"), ("B", "firms", 33, "firms")]
    stage = staged({"A": {"innovation breakthrough": 1.0}, "B": {"innovation breakthrough": 1.0}})
    free = goals(side(facts), stage=stage, per_park=1, runs=0, settings={"duplication": 0}).table
    assert free["id"].tolist() == ["commercialise_science"] * 2
    dear = goals(
        side(facts), stage=stage, per_park=1, runs=0, settings={"duplication": 2, "unknown_overlap": 1}
    ).table
    assert dear["id"].nunique() == 2
    other = dear.set_index("park").loc["B"]
    loses = free.set_index("park").loc["B", "score"] - other["score"]
    kept = goals(
        side(facts),
        stage=stage,
        per_park=1,
        runs=0,
        settings={"duplication": loses * 0.99, "unknown_overlap": 1},
    )
    assert kept.table["id"].nunique() == 1  # sharing costs less than the next best goal would lose


@pytest.mark.slow
def test_identical_parks_get_identical_goals_and_it_is_said() -> None:
    facts = [(park, *row[1:]) for park in "AB" for row in FACTS[:2]]
    stage = staged({park: {"innovation breakthrough": 0.4} for park in "AB"})
    found = goals(side(facts), stage=stage, runs=0, settings={"duplication": 5})
    ids = found.table.groupby("park")["id"].agg(list)
    assert ids["A"] == ids["B"]
    assert any("A and B are measured as the same" in warning for warning in found.warnings)


def test_no_data_no_goal_and_targets_only_means_measure_first() -> None:
    cells = side([*FACTS, ("C", "firms", None, "firms"), ("D", "revenue", None, "billion USD")]).cells
    targets = pd.DataFrame({"park": ["D"], "indicator": ["revenue"], "value": [300.0]})
    comparison = Result.of(cells, text="", fields={}, cells=cells, targets=targets)
    table = goals(comparison, stage=staged(BREAKTHROUGH, "C", "D"), runs=0).table.set_index("park")
    assert table.loc["C", "goal"] == ""
    assert pd.isna(table.loc["C", "score"])
    assert "no published figure" in str(table.loc["C", "undefined"])
    assert table.index[-1] == "C"
    assert table.loc["D", "id"] == "measure_first"
    assert "1 targets" in str(table.loc["D", "because"])


@pytest.mark.slow
@pytest.mark.parametrize("status", ["target", "plan", "forecast", "part-year"])
def test_a_target_is_no_strength(status: str) -> None:
    base = side().cells
    aim = side([("A", "revenue", 900, "billion USD")], status=status).cells
    with_aim = pd.concat([base, aim], ignore_index=True)
    one = goals(side(), stage=staged(BREAKTHROUGH), runs=0)
    two = goals(Result.of(with_aim, text="", fields={}, cells=with_aim), stage=staged(BREAKTHROUGH), runs=0)
    pd.testing.assert_frame_equal(one.table, two.table)


def test_the_turning_point_of_a_figure_is_where_the_fit_crosses_the_floor() -> None:
    facts = [("A", "national_key_labs", 20, "labs"), ("A", "firms", 300, "firms")]
    found = goals(side(facts), stage=staged({}, "A"), runs=0, per_park=5, settings={"mechanisms": 5})
    changes = found.changes.set_index(["goal", "figure", "change"])
    # 0.6 sqrt(0.8 (1 - s)) = 0.3 at s = 0.6875, so firms = 300 s / (1 - s) = 660
    at = changes.loc[("Turn the science base into firms", "firms", "higher"), "turns_at"]
    assert at == pytest.approx(660, rel=1e-3)


def test_a_stage_that_does_not_survive_takes_its_goals_with_it() -> None:
    stage = staged(BREAKTHROUGH)
    settings = {"spread": 0, "drop": 0}
    shares = {}
    for stability in (1.0, 0.5, 0.0):
        table = stage.table.assign(stability=[stability, 1.0])
        shaky = Result.of(table, text="", fields={}, scores=stage.scores)
        found = goals(side(), stage=shaky, runs=40, per_park=1, settings=settings, seed=1).table
        shares[stability] = float(found.set_index("park").loc["A", "stability"])
    assert shares[1.0] == 1
    assert 0.2 < shares[0.5] < 0.8
    assert shares[0.0] == 0


@pytest.mark.slow
def test_stability_is_by_seed_and_the_order_of_rows_changes_nothing() -> None:
    options: dict[str, Any] = {
        "stage": staged(BREAKTHROUGH),
        "composition": composed(),
        "runs": 12,
        "seed": 4,
    }
    one = goals(side(), **options)
    shuffled = side().cells.sample(frac=1, random_state=2)
    two = goals(Result.of(shuffled, text="", fields={}, cells=shuffled), **options)
    for name in one.frames:
        pd.testing.assert_frame_equal(one.frames[name], two.frames[name])
    assert one.table["stability"].between(0, 1).all()
    assert goals(side(), **options).digest == one.digest
    frozen = goals(side(), **{**options, "settings": {"spread": 0, "drop": 0}})
    assert (frozen.table["stability"] == 1).all()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"require": {"A": ["measure_first"]}, "forbid": {"A": ["measure_first"]}}, "A requires and forbids"),
        ({"require": {"A": ["measure_first", "global_reach"]}, "per_park": 1}, "per_park allows 1"),
        (
            {"require": {p: ["measure_first"] for p in "AB"}, "parks_per_goal": 1},
            "2 parks require measure_first",
        ),
        ({"require": {"A": ["measure_first", "global_reach", "supplier_depth"]}}, "mechanisms allows 2"),
        ({"require": {"X": ["measure_first"]}}, "isn't compared"),
        ({"forbid": {"A": ["fly"]}}, "isn't a candidate"),
        ({"per_park": 0}, "per_park is 1 or more"),
        ({"parks_per_goal": 0}, "parks_per_goal is 1 or more"),
        ({"settings": {"flor": 0.1}}, "floor"),
        ({"settings": {"floor": "low"}}, "is a number"),
        ({"runs": -1}, "runs"),
    ],
)
def test_limits_that_clash_name_the_clash(options: dict[str, Any], said: str) -> None:
    with pytest.raises((WrongOption, UnknownName)) as failure:
        goals(side(), stage=staged(BREAKTHROUGH), **options)
    assert said in str(failure.value)


def test_required_and_forbidden_goals_are_kept_to() -> None:
    found = goals(
        side(),
        stage=staged(BREAKTHROUGH),
        runs=0,
        require={"A": ["supplier_depth"]},
        forbid={"B": ["supplier_depth"]},
    )
    ids = found.table.groupby("park")["id"].agg(set)
    assert "supplier_depth" in ids["A"]
    assert "supplier_depth" not in ids["B"]


def test_results_of_the_wrong_kind_and_broken_catalogues_are_named(tmp_path: Any) -> None:
    with pytest.raises(UnknownName, match="comparison"):
        goals(staged(BREAKTHROUGH), stage=staged(BREAKTHROUGH))
    broken = tmp_path / "mine.toml"
    broken.write_text("goals = []", encoding="utf-8")
    for path in (broken, tmp_path / "nowhere.toml"):
        with pytest.raises(UnreadableFile):
            goals(side(), stage=staged(BREAKTHROUGH), catalogue=str(path))
    bundled = (resources.files("technopole") / "data" / "goals" / "catalogue.toml").read_text(
        encoding="utf-8"
    )
    broken.write_text(bundled.replace('"-science"', '"-sience"'), encoding="utf-8")
    with pytest.raises(TechnopoleError, match="unknown feature"):
        goals(side(), stage=staged(BREAKTHROUGH), catalogue=str(broken))


VALLEYS = ["Wuhan East Lake", "Changchun", "Guangzhou"]


def valleys(without: tuple[str, str] = ("", "")) -> Result:
    """Goals of the bundled study, less one park's figures of one scope."""
    folder = resources.files("technopole") / "data" / "optical_valleys"
    frames = {}
    for name in ("figures", "parks", "composition"):
        with (folder / f"{name}.csv").open(encoding="utf-8") as file:
            frames[name] = pd.read_csv(file)
    figures = frames["figures"]
    figures = figures[(figures["place"] != without[0]) | (figures["scope"] != without[1])]
    return goals(
        side_by_side(frames["parks"], VALLEYS, figures=figures),
        stage=development_stage(figures, parks=VALLEYS, draws=0),
        composition=composition(frames["composition"], value="named_fields", parks=VALLEYS),
        runs=0,
    )


@pytest.mark.slow
def test_the_bundled_valleys_get_different_goals() -> None:
    found = valleys()
    assert found.table["park"].drop_duplicates().tolist() == VALLEYS
    assert found.candidates["park"].drop_duplicates().tolist() == VALLEYS
    firsts = found.table[found.table["rank"] == 1].set_index("park")["id"]
    assert firsts["Wuhan East Lake"] == "platform_and_standards"
    assert firsts["Changchun"] == "commercialise_science"
    assert firsts["Guangzhou"] == "measure_first"
    assert found.table["id"].is_unique
    assert found.table["because"].str.len().gt(20).all()
    assert found.summary().endswith("Weights and references are ours.")


@pytest.mark.slow
def test_the_note_on_sizes_that_are_not_like_for_like_holds() -> None:
    wider = valleys(without=("Changchun", "optics, narrow")).table
    assert "12.51 billion USD" in " ".join(wider["because"])
    assert wider[["park", "id"]].values.tolist() == valleys().table[["park", "id"]].values.tolist()


def test_segments_need_two_parks() -> None:
    found = goals(side(), stage=staged(BREAKTHROUGH), composition=composed(SHARES[:2]), runs=0)
    assert not found.candidates["kind"].eq("segment").any()
