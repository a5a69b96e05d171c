"""Side by side: only like beside like; every rule by a case worked by hand; nothing is lost."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import technopole as tp
from technopole.comparison._alignment import window
from technopole.errors import EmptyTable, UnknownName, WrongOption
from technopole.result import Result

PARKS = pd.DataFrame({"park": ["Wuhan", "Jena", "Guangzhou"], "name_local": ["武汉光谷", "Jena", "广州光谷"]})
COLUMNS = ["place", "indicator", "value", "unit", "year", "scope", "status", "grade", "source"]


def figures(*rows: tuple[Any, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS).assign(facet="size", note="")


def figure(
    place: str, value: float, year: int = 2017, unit: str = "billion USD", **other: str
) -> tuple[Any, ...]:
    said = {
        "indicator": "revenue",
        "scope": "optics",
        "status": "reported",
        "grade": "press",
        "source": "a",
    } | other
    return (
        place,
        said["indicator"],
        value,
        unit,
        year,
        said["scope"],
        said["status"],
        said["grade"],
        said["source"],
    )


def compare(*rows: tuple[Any, ...], **options: Any) -> Result:
    return tp.comparison.side_by_side(PARKS, figures=figures(*rows), **options)


def cell(result: Result, park: str, scope: str = "optics") -> pd.Series:
    cells = result.cells
    found = cells[(cells["park"] == park) & (cells["scope"] == scope)]
    assert len(found) == 1
    return found.iloc[0]


def test_money_is_converted_with_the_rate_of_the_figures_own_year() -> None:
    result = compare(figure("Wuhan", 67.569, 2017, "billion CNY"), figure("Jena", 3.1, 2016, "billion EUR"))
    wuhan, jena = cell(result, "Wuhan"), cell(result, "Jena")
    assert wuhan["value"] == pytest.approx(67.569 / 6.7569, rel=1e-12)
    assert jena["value"] == pytest.approx(3.1 / 0.9032, rel=1e-12)
    assert wuhan["unit"] == jena["unit"] == "billion USD"
    assert (wuhan["rate_year"], jena["rate_year"]) == (2017, 2016)
    assert wuhan["rate"] == pytest.approx(1 / 6.7569, rel=1e-12)
    assert (wuhan["original_value"], wuhan["original_unit"]) == (67.569, "billion CNY")
    assert wuhan["comparable"] and jena["comparable"]


def test_units_of_one_dimension_are_brought_together() -> None:
    rows = (
        figure("Wuhan", 51800, unit="ha", indicator="area"),
        figure("Jena", 2, unit="km2", indicator="area"),
    )
    result = compare(*rows)
    assert cell(result, "Wuhan")["value"] == pytest.approx(518, rel=1e-12)
    assert cell(result, "Wuhan")["unit"] == "km2"


def test_another_scope_is_not_comparable_and_both_stay_visible() -> None:
    wide = figure("Wuhan", 586.14, 2019, "billion CNY", scope="light-chip-screen-terminal-network")
    result = compare(wide, figure("Jena", 3.1, 2017, "billion EUR"))
    assert not result.cells["comparable"].any()
    assert result.table["undefined"].str.startswith("not comparable").all()
    shown = cell(result, "Wuhan", "light-chip-screen-terminal-network")
    assert shown["value"] == pytest.approx(586.14 / 6.9081, rel=1e-12)
    assert "another scope" in shown["reason"]
    blank = cell(result, "Jena", "light-chip-screen-terminal-network")
    assert pd.isna(blank["value"]) and "3.1 billion EUR (optics) for 2017" in blank["reason"]


def test_targets_never_stand_among_results() -> None:
    result = compare(
        figure("Guangzhou", 360, 2016, "billion CNY", status="target"),
        figure("Guangzhou", 500, 2031, "billion CNY", status="forecast"),
        figure("Jena", 3.1, 2016, "billion EUR"),
        figure("Wuhan", 9, 2016),
    )
    assert pd.isna(cell(result, "Guangzhou")["value"])
    assert cell(result, "Guangzhou")["reason"].startswith("no result, only targets: 360 billion CNY for 2016")
    targets = result.targets.set_index("year")
    assert targets.loc[2016, "value"] == pytest.approx(360 / 6.64, rel=1e-12)
    assert pd.isna(targets.loc[2031, "value"]) and "no exchange rate" in targets.loc[2031, "reason"]
    assert targets.loc[2031, "original_value"] == 500
    assert "Guangzhou (revenue)" in result.summary()


def test_a_result_of_another_scope_does_not_make_up_for_a_target() -> None:
    target = figure("Guangzhou", 300, 2016, "billion CNY", status="target", scope="optics, broad")
    display = figure("Guangzhou", 200, 2022, "billion CNY", scope="display")
    result = compare(target, display, figure("Jena", 3, 2016, scope="optics, broad"))
    assert "without a result of the same scope: Guangzhou (revenue)" in result.summary()
    assert cell(result, "Guangzhou", "optics, broad")["reason"].startswith(
        "no result, only targets: 300 billion CNY"
    )


def test_part_of_a_year_never_stands_beside_full_years() -> None:
    result = compare(figure("Wuhan", 5, status="part-year"), figure("Jena", 3), figure("Guangzhou", 2))
    assert cell(result, "Wuhan")["reason"].startswith("only part of a year")
    assert pd.isna(cell(result, "Wuhan")["value"])
    assert result.left_out["reason"].tolist() == ["only part of a year"]


def test_conflicting_sources_are_both_shown_and_the_better_one_chosen() -> None:
    result = compare(
        figure("Wuhan", 50, grade="weak", source="z"),
        figure("Wuhan", 55, grade="official", status="approximate", source="y"),
        figure("Jena", 3),
    )
    wuhan = cell(result, "Wuhan")
    assert (wuhan["value"], wuhan["low"], wuhan["high"]) == (55, 50, 55)
    assert "range of 2 published figures" in wuhan["uncertainty"]
    conflicts = result.conflicts
    assert sorted(conflicts["value"]) == [50, 55]
    assert conflicts.loc[conflicts["chosen"], "source"].tolist() == ["y"]
    assert set(conflicts["rule"]) == {"better source: official before weak"}
    assert conflicts["ratio"].max() == pytest.approx(1.1, rel=1e-12)
    assert pd.isna(cell(result, "Jena")["low"]) and "no interval" in cell(result, "Jena")["uncertainty"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("one", "other", "chosen", "rule"),
    [
        ({"status": "approximate", "source": "a"}, {"status": "reported", "source": "b"}, 2, "firmer"),
        ({"source": "b"}, {"source": "a"}, 2, "same grade and status"),
        ({"grade": "press"}, {"grade": "institute"}, 2, "better source"),
        ({"grade": "institute"}, {"grade": "weak"}, 1, "better source"),
    ],
)
def test_order_of_preference(one: dict[str, str], other: dict[str, str], chosen: float, rule: str) -> None:
    result = compare(figure("Wuhan", 1, **one), figure("Wuhan", 2, **other), figure("Jena", 3))
    assert cell(result, "Wuhan")["value"] == chosen
    assert result.conflicts["rule"].str.startswith(rule).all()


def test_equal_figures_of_two_sources_are_no_conflict() -> None:
    result = compare(
        figure("Wuhan", 5, source="a"),
        figure("Wuhan", 5000, unit="million USD", source="b"),
        figure("Jena", 3),
    )
    assert result.conflicts.empty and len(result.left_out) == 1


def test_contradicting_targets_are_shown_and_none_is_chosen() -> None:
    result = compare(
        figure("Guangzhou", 360, 2016, "billion CNY", status="target", source="a"),
        figure("Guangzhou", 300, 2016, "billion CNY", status="target", source="b"),
        figure("Jena", 3),
    )
    assert result.conflicts["kind"].tolist() == ["target", "target"] and not result.conflicts["chosen"].any()
    assert result.conflicts["ratio"].max() == pytest.approx(1.2, rel=1e-12)


def test_weak_sources_are_marked_in_the_main_table() -> None:
    result = compare(figure("Wuhan", 5, grade="weak"), figure("Jena", 3))
    assert result.table.loc[0, "Wuhan: status"] == "reported; weak source"
    assert result.table.loc[0, "Jena: status"] == "reported"


def test_years_too_far_apart_are_blank_with_the_window_said() -> None:
    result = compare(figure("Wuhan", 5, 2002), figure("Jena", 3, 2017), figure("Guangzhou", 2, 2015))
    assert "year too far" in cell(result, "Wuhan")["reason"]
    assert "2002" in cell(result, "Wuhan")["reason"] and "2015 to 2020" in cell(result, "Wuhan")["reason"]
    assert result.table.loc[0, "years_apart"] == 2
    wide = compare(figure("Wuhan", 5, 2002), figure("Jena", 3, 2017), max_gap=15)
    assert wide.cells["comparable"].sum() == 2


def test_the_window_covers_most_parks_before_it_is_recent() -> None:
    rows = (
        figure("Wuhan", 1, 2010),
        figure("Jena", 1, 2011),
        figure("Guangzhou", 1, 2012),
        figure("Wuhan", 2, 2024),
    )
    result = compare(*rows, figure("Jena", 2, 2024))
    assert result.table["parks_with_figure"].tolist() == [3]
    assert result.cells["year"].tolist() == [2010, 2011, 2012]
    fixed = compare(*rows, figure("Jena", 2, 2024), year=2023)
    assert fixed.cells.dropna(subset=["value"])["year"].tolist() == [2024, 2024]


def test_dates_compare_whatever_their_year() -> None:
    rows = [figure(p, y, y, "year", indicator="founded") for p, y in (("Wuhan", 1988), ("Jena", 1846))]
    assert compare(*rows).cells["comparable"].sum() == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("unit", "reason"),
    [
        ("billion UZS", "no exchange rate for UZS to USD in 2017"),
        ("billion $", "ambiguous"),
        ("???", "can't be read"),
    ],
)
def test_what_cannot_be_converted_says_so_and_keeps_the_original(unit: str, reason: str) -> None:
    result = compare(figure("Wuhan", 5, unit=unit), figure("Jena", 3), figure("Guangzhou", 2))
    out = result.left_out
    assert reason in out.loc[0, "reason"] and out.loc[0, "original_unit"] == unit
    assert pd.isna(out.loc[0, "value"])
    assert any("no exchange rate or an unreadable unit" in warning for warning in result.warnings)


def test_different_things_counted_are_different_rows() -> None:
    result = compare(figure("Wuhan", 5, unit="firms"), figure("Jena", 3, unit="organisations"))
    assert not result.cells["comparable"].any()
    assert "in another unit" in result.cells.loc[result.cells["value"].notna(), "reason"].iloc[0]


def test_a_park_without_any_figure_is_a_warning_and_blank() -> None:
    result = compare(figure("Wuhan", 5), figure("Jena", 3))
    assert cell(result, "Guangzhou")["reason"] == "no figure"
    assert "no published figure of Guangzhou" in result.warnings


def test_no_common_indicator_is_said_row_by_row() -> None:
    result = compare(figure("Wuhan", 5), figure("Jena", 3, unit="firms", indicator="firms"))
    assert result.table["undefined"].ne("").all() and "scope, 0 can be compared" in result.summary()


def test_names_in_any_script_and_their_order() -> None:
    rows = (figure("Wuhan", 5), figure("Guangzhou", 3))
    result = compare(*rows, names=["广州光谷", "wuhan "])
    assert list(dict.fromkeys(result.cells["park"])) == ["Guangzhou", "Wuhan"]


def test_an_unknown_park_lists_near_names() -> None:
    with pytest.raises(UnknownName) as error:
        compare(figure("Wuhan", 5), names=["Wuhan", "Guangzho"])
    assert error.value.exists == ("Guangzhou",)
    with pytest.raises(UnknownName) as error:
        compare(figure("Wuhan", 5), names=["Wuhan", "Ташкент"])
    assert "Jena" in error.value.exists


@pytest.mark.parametrize("names", [["Wuhan"], ["Wuhan", "武汉光谷"], "Wuhan"])
def test_one_park_is_refused(names: Any) -> None:
    with pytest.raises(WrongOption, match=r"2 to 12|takes a list"):
        compare(figure("Wuhan", 5), names=names)


def test_thirteen_parks_are_refused_and_twelve_compared() -> None:
    parks = pd.DataFrame({"park": [f"P{i:02d}" for i in range(13)]})
    rows = figures(*[figure(f"P{i:02d}", i + 1.0) for i in range(13)])
    with pytest.raises(WrongOption, match="2 to 12"):
        tp.comparison.side_by_side(parks, figures=rows)
    twelve = tp.comparison.side_by_side(parks.iloc[:12], figures=rows)
    assert twelve.table.loc[0, "parks_with_figure"] == 12


def test_bad_arguments_list_what_exists() -> None:
    with pytest.raises(UnknownName) as error:
        compare(figure("Wuhan", 5), facets=["sise"])
    assert error.value.exists == ("size",)
    with pytest.raises(WrongOption) as option:
        compare(figure("Wuhan", 5, unit="billion CNY"), currency="BTC")
    assert "EUR" in option.value.exists
    with pytest.raises(WrongOption):
        compare(figure("Wuhan", 5), max_gap=-1)
    with pytest.raises(UnknownName, match="no figure of any"):
        compare(figure("Elsewhere", 5))
    with pytest.raises(EmptyTable):
        compare()


def test_measured_results_stand_beside_figures() -> None:
    jobs = pd.DataFrame(
        {
            "place": ["Wuhan", "Wuhan", "Jena", "Jena"],
            "industry": ["x", "y"] * 2,
            "year": 2017,
            "employment": [30, 10, 10, 30],
        }
    )
    measured = tp.measures.location_quotient(jobs)
    result = compare(figure("Wuhan", 5), figure("Jena", 3), results=[measured])
    rows = result.cells[(result.cells["indicator"] == "location_quotient") & (result.cells["scope"] == "x")]
    assert dict(zip(rows["park"], rows["value"], strict=True)) | {"Guangzhou": None} == {
        "Wuhan": 1.5,
        "Jena": 0.5,
        "Guangzhou": None,
    }
    assert rows["source"].iloc[0] == "measures.location_quotient"
    with pytest.raises(WrongOption, match="can't be set beside"):
        compare(figure("Wuhan", 5), figure("Jena", 3), results=[result])


MANY = [
    figure(park, value, year, unit, scope=scope, status=status, grade=grade, source=f"s{i}")
    for i, (park, value, year, unit, scope, status, grade) in enumerate(
        [
            ("Wuhan", 5, 2017, "billion USD", "optics", "reported", "press"),
            ("Wuhan", 6, 2017, "billion USD", "optics", "reported", "weak"),
            ("Wuhan", 40, 2019, "billion CNY", "optics", "approximate", "press"),
            ("Wuhan", 50, 2019, "billion CNY", "zone", "part-year", "official"),
            ("Wuhan", 60, 2030, "billion CNY", "zone", "target", "official"),
            ("Jena", 3, 2016, "billion EUR", "optics", "reported", "official"),
            ("Jena", 2, 1995, "billion EUR", "optics", "reported", "official"),
            ("Jena", 100, 2016, "firms", "optics", "reported", "official"),
            ("Guangzhou", 360, 2016, "billion CNY", "optics", "target", "press"),
        ]
    )
]


def test_every_figure_is_shown_or_its_absence_explained() -> None:
    result = compare(*MANY)
    shown = result.cells.dropna(subset=["value"])
    assert len(shown) + len(result.left_out) + len(result.targets) == len(MANY)
    sources = [*shown["source"], *result.left_out["source"], *result.targets["source"]]
    assert sorted(sources) == sorted(f"s{i}" for i in range(len(MANY)))
    assert result.left_out["reason"].ne("").all()
    blank = result.cells[result.cells["value"].isna()]
    assert blank["reason"].ne("").all() and (shown["reason"].ne("") == ~shown["comparable"]).all()


def test_the_order_of_rows_changes_nothing() -> None:
    one, other = compare(*MANY), compare(*reversed(MANY))
    for name in ("table", "cells", "conflicts", "targets", "left_out"):
        pd.testing.assert_frame_equal(one.frames[name], other.frames[name])


def test_the_unit_a_source_chose_changes_nothing() -> None:
    in_millions = [
        (*row[:2], row[2] * 1000, row[3].replace("billion", "million"), *row[4:])
        if "billion" in row[3]
        else row
        for row in MANY
    ]
    one, other = compare(*MANY).cells, compare(*in_millions).cells
    pd.testing.assert_series_equal(one["value"], other["value"], rtol=1e-12)


years = st.dictionaries(
    st.sampled_from("ABCDE"),
    st.lists(st.integers(1990, 2025), min_size=1, max_size=5),
    min_size=1,
    max_size=5,
)


@settings(deadline=None, max_examples=150)
@given(years, st.integers(0, 12))
def test_the_window_against_brute_force(own: dict[str, list[int]], gap: int) -> None:
    found = window(own, gap, None)
    assert found.first <= found.year <= found.last == found.first + gap
    covered = [sum(any(s <= y <= s + gap for y in ys) for ys in own.values()) for s in range(1980, 2030)]
    assert sum(any(found.first <= y <= found.last for y in ys) for ys in own.values()) == max(covered)
