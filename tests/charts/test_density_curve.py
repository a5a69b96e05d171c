"""Density curve: bands told by form as well as colour, panels by how far a curve leaves its bands, both widths, nothing to show."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
import vl_convert

from technopole import charts


def curve(name: str, lift: float, expected: bool = True) -> pd.DataFrame:
    distance = np.linspace(0, 180, 40)
    middle = 1e-3 * np.exp(-(((distance - 120) / 90) ** 2))
    bands = {"local_low": -1e-4, "local_high": 1e-4, "global_low": -2e-4, "global_high": 2e-4}
    table = pd.DataFrame({"industry": name, "distance_km": distance})
    table["density"] = middle + lift * np.exp(-(((distance - 20) / 10) ** 2))
    for column, off in bands.items():
        table[column] = middle + off
    return table.assign(expected=middle) if expected else table


MANY = pd.concat([curve(f"i{k}", k * 1e-4) for k in range(8)])


def svg(chart: Any) -> str:
    return vl_convert.vegalite_to_svg(chart.to_json())


@pytest.mark.slow
@pytest.mark.parametrize("width", [640, 320])
@pytest.mark.parametrize("table", [curve("optics", 5e-4), curve("武汉", 0.0, expected=False), MANY])
def test_drawn_at_both_widths_with_its_words(table: pd.DataFrame, width: int) -> None:
    drawn = svg(charts.density_curve(table, width=width))
    found = re.search(r'width="([\d.]+)"', drawn)
    assert found and float(found.group(1)) <= width + 1
    for words in ("band at each distance", "band over all distances at once", "distance, km", "density"):
        assert words in drawn
    assert "NaN" not in drawn and (table["industry"].iloc[-1] in drawn)


@pytest.mark.slow
def test_panels_are_those_farthest_outside_first() -> None:
    drawn = svg(charts.density_curve(MANY, top=3))
    places = [drawn.index(f">i{k}<") for k in (7, 6, 5)]
    assert places == sorted(places) and ">i4<" not in drawn


def layers(table: pd.DataFrame, **options: Any) -> list[dict[str, Any]]:
    return charts.density_curve(table, **options).to_dict()["layer"]


def test_bands_curve_and_reference_differ_in_form() -> None:
    drawn = layers(curve("optics", 5e-4), reference=0.0)
    marks = [layer["mark"] for layer in drawn]
    lines = [layer for layer in drawn if layer["mark"]["type"] == "line"]
    fields = {layer["encoding"]["y"]["field"]: layer["mark"] for layer in lines}
    assert sum(mark["type"] == "area" for mark in marks) == 1
    assert "strokeDash" in fields["global_high"] and "strokeDash" in fields["global_low"]
    assert "strokeDash" not in fields["value"]
    assert fields["value"]["strokeWidth"] > 1.5 * fields["global_high"]["strokeWidth"]
    assert any(mark["type"] == "rule" for mark in marks)
    assert not [
        layer for layer in layers(curve("optics", 5e-4), reference=None) if layer["mark"]["type"] == "rule"
    ]


def test_curve_is_named_where_it_is_highest() -> None:
    spec = charts.density_curve(curve("optics", 5e-3), label="K-density").to_dict()
    spot = next(rows for rows in spec["datasets"].values() if rows and "words" in rows[0])
    assert spot[0]["words"] == "K-density"
    assert spot[0]["distance"] == pytest.approx(18.46, abs=0.01)


@pytest.mark.slow
def test_small_densities_are_written_in_powers_of_ten_and_ratios_plainly() -> None:
    numbers = ["density", "local_low", "local_high", "global_low", "global_high", "expected"]
    low, ratio = curve("a", 0.0), curve("a", 0.0)
    low[numbers] /= 10
    ratio[numbers] += 1.0
    texts = [
        re.findall(r"<text[^>]*>([^<]*)</text>", svg(chart))
        for chart in (
            charts.density_curve(low),
            charts.density_curve(ratio, reference=1.0),
        )
    ]
    small, plain = (any(re.fullmatch(r"[−-]?[\d.]+e[−-]\d", word) for word in words) for words in texts)
    assert small and not plain


@pytest.mark.slow
def test_nothing_one_distance_and_missing_values_are_drawn_too() -> None:
    one = curve("a", 1e-4)
    for table in (one.head(0), one.head(1), one.assign(density=np.nan), one.assign(global_high=np.nan)):
        assert svg(charts.density_curve(table)).startswith("<svg")
