"""Gap and effect: two marks told apart by shape, zero always in sight, missing estimates said."""

from __future__ import annotations

import json

import pandas as pd
import pytest
import vl_convert as vlc

from technopole import charts
from technopole.charts.gap_and_effect import EFFECT, GAP

ROWS = pd.DataFrame(
    [
        ("patents", GAP, 0.8, 0.5, 1.1, "patents a year"),
        ("patents", EFFECT, 0.1, -0.1, 0.3, "patents a year"),
        ("log_sales", GAP, 42.0, 30.0, 55.0, "per cent"),
        ("log_sales", EFFECT, None, None, None, "per cent"),
    ],
    columns=["outcome", "what", "estimate", "low", "high", "unit"],
)


@pytest.mark.parametrize("width", [640, 320])
def test_renders_with_what_matters_in_it(width: int) -> None:
    chart = charts.gap_and_effect(ROWS, width=width)
    svg = vlc.vegalite_to_svg(chart.to_json())
    for text in ("patents", "log_sales", GAP, EFFECT, "no estimate", "per cent"):
        assert text in svg
    assert float(svg.partition('width="')[2].partition('"')[0]) <= width + 5


def test_shape_as_well_as_colour() -> None:
    said = json.dumps(charts.gap_and_effect(ROWS).to_dict())
    assert '"square"' in said and '"circle"' in said
