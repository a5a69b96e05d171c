"""Advantage change: what is drawn where, an unknown first year, the edge of the logarithmic axis, gaps between groups."""

from __future__ import annotations

import pandas as pd
import pytest

from technopole.charts import advantage_change

TABLE = pd.DataFrame(
    {
        "label": ["A · x", "B · x", "A · y", "B · y"],
        "exporter": ["A", "B", "A", "B"],
        "first_year": 2000,
        "last_year": 2010,
        "first": [0.0, 2.0, None, 1.0],
        "last": [3.0, 0.5, 1.5, None],
    }
)


def points(chart: object) -> pd.DataFrame:
    return chart.layer[2].data.set_index(["label", "sign"])["at"]  # type: ignore[attr-defined]


def test_signs_say_what_rose_and_what_fell() -> None:
    assert points(advantage_change(TABLE)).to_dict() == {
        ("A · x", "2000"): 0.02,
        ("A · x", "2010, higher"): 3.0,
        ("B · x", "2000"): 2.0,
        ("B · x", "2010, lower"): 0.5,
        ("A · y", "2010 (2000 unknown or equal)"): 1.5,
    }


def test_a_linear_axis_keeps_zero_and_less() -> None:
    rows = points(advantage_change(TABLE.assign(first=-0.5), scale="linear", reference=0))
    assert rows["A · x", "2000"] == -0.5


def test_groups_stand_together_with_a_gap() -> None:
    said = advantage_change(TABLE, group="exporter").to_dict()
    order = said["layer"][1]["encoding"]["y"]["scale"]["domain"]
    assert order == ["A · x", "A · y", " ", "B · x"]


@pytest.mark.parametrize("width", [640, 320])
def test_nothing_known_still_draws(width: int) -> None:
    assert advantage_change(TABLE.assign(last=None), group="exporter", width=width).to_json()
