"""Axes of shares say percent where they are asked to, and plain numbers otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
import vl_convert

from technopole import charts

ROWS = pd.DataFrame(
    {"who": ["A", "B"], "share": [0.1, 0.3], "first": [0.1, 0.2], "last": [0.2, 0.3], "year": [2020, 2021]}
)


@pytest.mark.parametrize(
    "draw",
    [
        lambda **how: charts.ranking(ROWS.drop(columns="year"), label="who", value="share", **how),
        lambda **how: charts.advantage_change(ROWS, label="who", scale="linear", **how),
        lambda **how: charts.trend(ROWS.assign(who="A"), value="share", series="who", **how),
    ],
    ids=["ranking", "advantage_change", "trend"],
)
def test_shares_in_percent(draw: Callable[..., Any]) -> None:
    drawn = vl_convert.vegalite_to_svg(draw(percent=True).to_json())
    assert ">20%<" in drawn and ">20%<" not in vl_convert.vegalite_to_svg(draw().to_json())
