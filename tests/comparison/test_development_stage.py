"""Development stage: hand-worked scores, what counts as evidence, and what the result refuses to say."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from technopole.comparison import development_stage
from technopole.comparison._stage_scheme import load_scheme
from technopole.comparison._stage_scores import moved_thresholds
from technopole.errors import EmptyTable, TechnopoleError, UnknownName, UnreadableFile, WrongOption

COLUMNS = ["place", "indicator", "value", "unit", "year"]
YOUNG = [
    ("A", "founded", 2019, "year", 2019),
    ("A", "rd_intensity", 1.2, "percent", 2024),
    ("A", "firms", 40, "firms", 2024),
]
STAGES = ("factor gathering", "industry-led", "innovation breakthrough", "wealth cohesion")
# sums of the rules' weights per stage, from the data file, by hand
TOTAL = dict(zip(STAGES, (4.5, 5.5, 5.5, 5.0), strict=True))


def figures(rows: list[tuple[Any, ...]], **more: Any) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=COLUMNS)
    defaults = {"country": "China", "scope": "optics", "status": "reported", "grade": "official"}
    frame = frame.assign(source=[f"https://example.org/{i}" for i in range(len(frame))])
    return frame.assign(**{**defaults, **more})


def score(result: Any, stage: str, park: str = "A") -> float:
    table = result.scores
    return float(table.loc[(table["park"] == park) & (table["stage"] == stage), "score"].iloc[0])


def verdicts(result: Any, stage: str, park: str = "A") -> dict[str, str]:
    table = result.evidence
    mine = table[(table["park"] == park) & (table["stage"] == stage)]
    return dict(zip(mine["observable"], mine["verdict"], strict=True))


def test_scores_worked_by_hand() -> None:
    found = development_stage(figures(YOUNG), year=2024)
    # age 5 < 10 (1), R&D 1.2 < 2 (1) and 40 firms < 100 (0.5) speak for; R&D speaks against stages 2 and 3 (1 each)
    expected = {"factor gathering": 2.5 / 4.5, "industry-led": -1 / 5.5, "innovation breakthrough": -1 / 5.5}
    for stage, value in (expected | {"wealth cohesion": 0.0}).items():
        assert score(found, stage) == pytest.approx(value, rel=1e-12, abs=1e-15)
    row = found.table.iloc[0]
    assert row["stage"] == "factor gathering"
    assert row["coverage"] == pytest.approx(4.5 / sum(TOTAL.values()), rel=1e-12)
    assert row["margin"] == pytest.approx(2.5 / 4.5, rel=1e-12)
    assert row["confidence"] == pytest.approx((4.5 / 20.5) ** (1 / 3), rel=1e-12)  # quality 1, lead above 0.4


def test_weights_of_the_rules_are_those_counted_by_hand() -> None:
    rules = load_scheme("china_four_stages").rules
    assert {stage: sum(r.weight for r in rules if r.stage == stage) for stage in STAGES} == TOTAL


def test_quality_is_grade_times_rounding_times_age() -> None:
    rows = [("A", "rd_intensity", 1.2, "percent", 2014), ("A", "key", 1, "x", 2024)]
    found = development_stage(figures(rows, grade="press", status="approximate"), year=2024)
    # press 0.7 x approximate 0.9 x one half-life 0.5, weight 1 of 4.5
    assert score(found, "factor gathering") == pytest.approx(0.7 * 0.9 * 0.5 / 4.5, rel=1e-12)


@pytest.mark.parametrize(
    ("years", "values", "expected"),
    [
        ((2014, 2019), (100.0, 200.0), (2 ** (1 / 5) - 1) * 100),
        (
            (2012, 2015, 2019),
            (50.0, 100.0, 200.0),
            (2 ** (1 / 4) - 1) * 100,
        ),  # 2015 is nearer to five years back
    ],
)
def test_growth_is_the_compound_rate_nearest_to_five_years(
    years: tuple[int, ...], values: tuple[float, ...], expected: float
) -> None:
    rows = [("A", "revenue", v, "billion CNY", y) for y, v in zip(years, values, strict=True)]
    evidence = development_stage(figures(rows), scheme="life_cycle").evidence
    read = evidence[evidence["observable"] == "growth of the industry less the nation's"].iloc[0]
    assert read["value"] == pytest.approx(expected - 8, rel=1e-12)  # China's assumed 8 percent


def test_no_growth_is_read_from_two_neighbouring_years_or_from_two_scopes_or_units() -> None:
    near = figures([("A", "revenue", 75, "billion CNY", 2023), ("A", "revenue", 90, "billion CNY", 2024)])
    apart = figures([("A", "revenue", 75, "billion CNY", 2019), ("A", "revenue", 90, "billion CNY", 2024)])
    for frame in (
        near,
        apart.assign(scope=["narrow", "broad"]),
        apart.assign(unit=["billion CNY", "billion EUR"]),
    ):
        assert verdicts(development_stage(frame), "industry-led")["growth of the industry"] == "missing"
    same = development_stage(apart.assign(unit=["billion CNY", "100 million CNY"], value=[75, 900]))
    read = same.evidence[same.evidence["observable"] == "growth of the industry"].iloc[0]
    assert read["value"] == pytest.approx((1.2 ** (1 / 5) - 1) * 100, rel=1e-12)


def test_a_fall_and_a_rise_speak_for_renewal_and_a_steady_rise_does_not() -> None:
    def employees(*values: float) -> pd.DataFrame:
        return figures([("A", "employees", v, "persons", 2000 + 5 * i) for i, v in enumerate(values)])

    up = development_stage(employees(100, 110, 120), scheme="life_cycle")
    again = development_stage(employees(100, 60, 90), scheme="life_cycle")
    label = "level over the lowest after a fall"
    assert verdicts(up, "renewal")[label] == "against"
    assert verdicts(again, "renewal")[label] == "for"
    value = again.evidence.loc[again.evidence["observable"] == label, "value"].iloc[0]
    assert value == pytest.approx(50.0, rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("status", ["target", "plan", "forecast", "part-year"])
def test_targets_never_count_but_stated_ambition_is_shown(status: str) -> None:
    base = figures(YOUNG)
    aims = figures(
        [("A", "rd_intensity", 9.0, "percent", 2025), ("A", "revenue", 900, "billion CNY", 2030)],
        status=status,
    )
    without, having = (development_stage(f, year=2024) for f in (base, pd.concat([base, aims])))
    pd.testing.assert_frame_equal(without.table, having.table)
    pd.testing.assert_frame_equal(without.evidence, having.evidence)
    assert having.ambitions["value"].tolist() == ([] if status == "part-year" else [9.0, 900.0])


def test_a_park_with_targets_only_gets_no_stage() -> None:
    frame = figures([("A", "revenue", 300, "billion CNY", 2016)], status="target")
    row = development_stage(pd.concat([frame, figures([("B", "firms", 40, "firms", 2020)])])).table.set_index(
        "park"
    )
    assert row.loc["A", "stage"] == "cannot tell"
    assert pd.isna(row.loc["A", "score"])
    assert row.loc["A", "confidence"] == 0
    assert "0 of 25 observables" in str(row.loc["A", "undefined"])


def test_dropping_the_only_evidence_moves_it_to_missing() -> None:
    label = "R&D spending over revenue"
    having = development_stage(figures(YOUNG), year=2024)
    without = development_stage(figures([row for row in YOUNG if row[1] != "rd_intensity"]), year=2024)
    assert verdicts(having, "factor gathering")[label] == "for"
    assert verdicts(without, "factor gathering")[label] == "missing"
    assert score(without, "factor gathering") == pytest.approx(1.5 / 4.5, rel=1e-12)
    assert without.table.iloc[0]["stage"] == "cannot tell"


def test_a_ratio_is_read_where_the_share_itself_is_not_published() -> None:
    rows = [("A", "rd_spending", 0.37, "billion EUR", 2016), ("A", "revenue", 3.1, "billion EUR", 2017)]
    evidence = development_stage(figures(rows)).evidence
    read = evidence[evidence["observable"] == "R&D spending over revenue"].iloc[0]
    assert read["value"] == pytest.approx(37 / 3.1, rel=1e-12)
    other = figures(rows).assign(scope=["optics", "whole zone"])
    assert verdicts(development_stage(other), "factor gathering")["R&D spending over revenue"] == "missing"


def test_contradictory_figures_decide_nothing_unless_one_source_is_better() -> None:
    rows = [*YOUNG, ("A", "rd_intensity", 6.0, "percent", 2024)]
    said = verdicts(development_stage(figures(rows), year=2024), "innovation breakthrough")
    assert said["R&D spending over revenue"] == "missing"
    graded = figures(rows).assign(grade=["official", "weak", "official", "official"])
    said = verdicts(development_stage(graded, year=2024), "innovation breakthrough")
    assert said["R&D spending over revenue"] == "for"


def test_stages_that_nothing_tells_apart_are_named_together() -> None:
    rows = [
        ("A", "largest_industry_share", 40, "percent", 2024),
        ("A", "market_share_domestic", 50, "percent", 2024),
        ("A", "invention_patents_per_10k", 300, "patents", 2024),
        ("A", "national_key_labs", 10, "labs", 2024),
    ]
    frame = figures(rows)
    found = development_stage(frame, thresholds={"min_coverage": 0}).table.iloc[0]
    assert found["stage"] == "industry-led or innovation breakthrough"
    assert found["score"] == pytest.approx(1.5 / 5.5, rel=1e-12)
    apart = development_stage(frame, thresholds={"min_coverage": 0, "key_labs": 11}).table.iloc[0]
    assert apart["stage"] == "industry-led"
    assert apart["runner_up"] == "innovation breakthrough"


def test_identical_parks_get_identical_rows() -> None:
    twin = [("B", *row[1:]) for row in YOUNG]
    frame = pd.concat([figures(YOUNG), figures(twin)])
    table = development_stage(frame, year=2024).table.drop(columns="park")
    assert table.iloc[0].to_dict() == table.iloc[1].to_dict()


def test_the_order_of_rows_and_the_run_change_nothing() -> None:
    frame = pd.concat(
        [figures(YOUNG), figures([("B", "revenue", 5, "billion EUR", 2019)])], ignore_index=True
    )
    one = development_stage(frame, seed=3)
    two = development_stage(frame.sample(frac=1, random_state=1), seed=3)
    for name in one.frames:
        pd.testing.assert_frame_equal(one.frames[name], two.frames[name])
    assert one.digest == development_stage(frame, seed=3).digest


@pytest.mark.slow
def test_stability_equals_running_it_again_with_each_set_of_thresholds() -> None:
    rows = [*YOUNG[:1], ("A", "rd_intensity", 2.1, "percent", 2024), ("A", "firms", 110, "firms", 2024)]
    frame, draws = figures(rows), 25
    options = {"min_found": 1.0, "min_coverage": 0.0}
    found = development_stage(frame, year=2024, draws=draws, seed=5, thresholds=options).table.iloc[0]
    moved = moved_thresholds(load_scheme("china_four_stages", options), draws, 5)
    again = [
        str(
            development_stage(frame, year=2024, draws=0, thresholds={**values, **options}).table.iloc[0][
                "stage"
            ]
        )
        for values in moved
    ]
    named = set(str(found["stage"]).split(" or "))
    kept = np.mean([bool(named & set(stage.split(" or "))) for stage in again])
    assert 0 < found["stability_thresholds"] < 1
    assert found["stability_thresholds"] == pytest.approx(kept, rel=1e-12)
    left = [frame.drop(index=i) for i in range(3)]
    stages = [
        development_stage(f, year=2024, draws=0, thresholds=options).table.iloc[0]["stage"] for f in left
    ]
    kept = np.mean([bool(named & set(stage.split(" or "))) for stage in stages])
    assert found["stability_sources"] == pytest.approx(kept, rel=1e-12)


def test_one_source_for_everything_is_no_stability() -> None:
    table = development_stage(figures(YOUNG, source="one"), year=2024).table
    assert table.iloc[0]["stability_sources"] == 0
    assert table.iloc[0]["stability"] == 0


def test_thresholds_are_the_users_and_marked_so(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[thresholds]\nyoung = 4\n", encoding="utf-8")
    for given in ({"young": 4}, str(path)):
        found = development_stage(figures(YOUNG), year=2024, thresholds=given)
        assert verdicts(found, "factor gathering")["age of the park"] == "against"
        assert found.thresholds.set_index("threshold").loc["young", "basis"] == "yours"
    ours = development_stage(figures(YOUNG)).thresholds
    assert ours["basis"].str.contains("our").all()
    assert "ours" in " ".join(development_stage(figures(YOUNG)).evidence["rule"])


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"thresholds": {"rd_hihg": 5}}, UnknownName, "rd_high"),
        ({"thresholds": {"rd_high": "five"}}, WrongOption, "must be a number"),
        ({"thresholds": "nowhere.toml"}, UnreadableFile, "nowhere.toml"),
        ({"parks": ["Atlantis"]}, UnknownName, "there is: A"),
        ({"scheme": "five_stages"}, WrongOption, "life_cycle"),
        ({"draws": -1}, WrongOption, "draws"),
    ],
)
def test_wrong_options_say_what_is_right(
    options: dict[str, Any], error: type[TechnopoleError], said: str
) -> None:
    with pytest.raises(error) as failure:
        development_stage(figures(YOUNG), **options)
    assert said in str(failure.value)


def test_no_figures_is_an_error() -> None:
    with pytest.raises(EmptyTable):
        development_stage(figures([]).astype({"value": float, "year": int}))


def test_the_bundled_valleys() -> None:
    path = resources.files("technopole") / "data" / "optical_valleys" / "figures.csv"
    with path.open(encoding="utf-8") as file:
        frame = pd.read_csv(file)
    found = development_stage(frame, parks=["Wuhan East Lake", "Changchun", "Guangzhou"])
    rows = found.table.set_index("park")
    assert rows.loc["Guangzhou", "stage"] == "cannot tell"
    assert rows.loc["Guangzhou", "confidence"] < 0.1
    assert "innovation breakthrough" in str(rows.loc["Changchun", "stage"])
    assert rows.loc["Changchun", "coverage"] < rows.loc["Wuhan East Lake", "coverage"]
    assert len(found.ambitions[found.ambitions["park"] == "Guangzhou"]) >= 3
    assert found.evidence["source"].where(found.evidence["verdict"] != "missing", "x").ne("").all()
    assert found.table["park"].tolist() == ["Wuhan East Lake", "Changchun", "Guangzhou"]
    said = str(rows.loc["Wuhan East Lake", "evidence_for"])
    assert "percent a year (2024, all industries of the zone)" in said
    assert "586 billion CNY (2019, light-chip-screen-terminal-network cluster)" in said


def test_parks_stand_in_the_order_asked_for_and_untold_ones_are_listed_in_words() -> None:
    frame = pd.concat(
        [figures(YOUNG), *(figures([(p, "firms", 5, "firms", 2019)]) for p in "BC")], ignore_index=True
    )
    found = development_stage(frame, parks=["C", "B", "A"], year=2024)
    assert found.table["park"].tolist() == ["A", "C", "B"]
    assert found.scores["park"].drop_duplicates().tolist() == ["C", "B", "A"]
    assert "For C and B the published figures" in found.summary()


def test_a_share_just_below_the_one_asked_for_does_not_read_as_the_same() -> None:
    found = development_stage(figures(YOUNG), year=2024)
    share = float(found.table["coverage"].iloc[0])
    asked = {"min_coverage": share + 0.002, "min_found": 1.0}
    said = str(development_stage(figures(YOUNG), year=2024, thresholds=asked).table["undefined"].iloc[0])
    known, wanted = (word for word in said.split() if word.endswith("%"))
    assert known != wanted
