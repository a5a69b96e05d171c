"""Shared charts: drawn at both widths, from nothing, one row and missing values, with their names in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
import vl_convert

from technopole import charts

RANKED = pd.DataFrame(
    {
        "place": ["Monroe, New York", "Pima, Arizona", "nowhere", "武汉"],
        "lq": [9.0, 4.0, None, 0.5],
        "low": [8.0, 0.5, None, 0.2],
        "high": [11.0, 5.0, None, 1.0],
    }
)
YEARS = pd.DataFrame(
    [
        ("Hsinchu", 2016, 10.0),
        ("Hsinchu", 2017, 12.0),
        ("Hsinchu", 2019, 14.0),
        ("南科", 2016, 3.0),
        ("南科", 2019, None),
    ],
    columns=["park", "year", "revenue"],
)
PLACES = RANKED.assign(
    longitude=[-77.6, -111.0, None, 114.3], latitude=[43.2, 32.2, None, 30.6], role=["a", "b", "a", None]
)

DRAWN: list[tuple[Callable[..., Any], pd.DataFrame, dict[str, Any], tuple[str, ...]]] = [
    (
        charts.ranking,
        RANKED,
        {"label": "place", "value": "lq", "reference": 1.0},
        ("Monroe, New York", "武汉"),
    ),
    (
        charts.trend,
        YEARS,
        {"value": "revenue", "series": "park", "axis": "billion"},
        ("Hsinchu", "南科", "billion"),
    ),
    (charts.trend, YEARS.head(3), {"value": "revenue"}, ("revenue",)),
    (
        charts.forest,
        RANKED.assign(kind=["study", "study", "study", "pooled"], share=[0.6, 0.4, None, None]),
        {
            "label": "place",
            "estimate": "lq",
            "weight": "share",
            "kind": "kind",
            "bound": 0.5,
            "axis": "effect",
        },
        ("Monroe, New York", "武汉", "effect"),
    ),
    (charts.forest, RANKED, {"label": "place", "estimate": "lq", "group": "place"}, ("武汉: 武汉",)),
    (charts.place_map, PLACES, {"value": "lq"}, ("Monroe, New York", "hollow: not surely above 1")),
    (charts.place_map, PLACES, {"group": "role"}, ("Pima, Arizona", "武汉")),
]


def svg(chart: Any) -> str:
    return vl_convert.vegalite_to_svg(chart.to_json())


@pytest.mark.slow
@pytest.mark.parametrize("width", [640, 320])
@pytest.mark.parametrize(("draw", "table", "options", "words"), DRAWN)
def test_drawn_at_both_widths_with_its_words(draw, table, options, words, width: int) -> None:
    drawn = svg(draw(table, width=width, **options))
    found = re.search(r'width="([\d.]+)"', drawn)
    assert found and float(found.group(1)) == pytest.approx(width, abs=1)
    assert all(word in drawn for word in words)
    assert "NaN" not in drawn


@pytest.mark.slow
@pytest.mark.parametrize(("draw", "table", "options", "words"), DRAWN)
def test_nothing_one_row_and_only_missing_values_are_drawn_too(draw, table, options, words) -> None:
    value = options.get("value", "longitude")
    for rows in (table.head(0), table.head(1), table.assign(**{value: None})):
        assert svg(draw(rows, **options)).startswith("<svg")


LONG = "Технопарк имени академика, с очень длинным названием " * 6


@pytest.mark.slow
@pytest.mark.parametrize(
    "draw",
    [
        lambda width: charts.ranking(RANKED.replace("武汉", LONG), label="place", value="lq", width=width),
        lambda width: charts.trend(
            YEARS.replace("Hsinchu", LONG), value="revenue", series="park", width=width
        ),
    ],
)
@pytest.mark.parametrize("width", [640, 320])
def test_a_very_long_name_leaves_room_for_the_marks(draw, width: int) -> None:
    plot = re.search(r'class="background"[^>]*d="M[\d.]+,[\d.]+h([\d.]+)', svg(draw(width)))
    assert plot and float(plot.group(1)) > width / 2


def test_ranking_has_the_largest_first_and_no_more_than_asked() -> None:
    drawn = svg(charts.ranking(RANKED, label="place", value="lq", top=2))
    assert drawn.index("Monroe, New York") < drawn.index("Pima, Arizona")
    assert "武汉" not in drawn


def test_trend_breaks_the_line_where_a_year_is_missing() -> None:
    spec = charts.trend(YEARS, value="revenue", series="park").to_dict()
    rows = next(rows for rows in spec["datasets"].values() if "stretch" in rows[0])
    assert [row["stretch"] for row in rows if row["series"] == "Hsinchu"] == [0, 0, 1]
