"""Event study: before and after entry differ in shape and colour; rows without interval are drawn, rows without estimate aren't."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest
import vl_convert as vlc

from technopole.charts import event_study

NAN = float("nan")


def rows(bands: bool = True) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "aggregation": ["simple", *["event"] * 5],
            "event_time": pd.array([None, -3, -2, 0, 1, -1], dtype="Int64"),
            "estimate": [0.2, NAN, 0.01, 0.2, 0.3, 0.0],
            "low": [0.1, NAN, -0.1, 0.1, 0.2, NAN],
            "high": [0.3, NAN, 0.1, 0.3, 0.4, NAN],
            "band_low": [NAN, NAN, -0.2, 0.0, 0.1, NAN],
            "band_high": [NAN, NAN, 0.2, 0.4, 0.5, NAN],
        }
    )
    return table if bands else table.assign(band_low=NAN, band_high=NAN)


def drawn(table: pd.DataFrame) -> list[dict[str, Any]]:
    spec = event_study(table, outcome="sales").to_dict()
    data = next(data for data in spec["datasets"].values() if "phase" in data[0])
    return json.loads(json.dumps(data))


def test_only_event_times_with_an_estimate_in_order() -> None:
    assert [row["event_time"] for row in drawn(rows())] == [-2, -1, 0, 1]
    assert [row["phase"] for row in drawn(rows())] == ["before entry"] * 2 + ["since entry"] * 2
    alone = rows().query("aggregation == 'event'").drop(columns="aggregation")
    assert [row["event_time"] for row in drawn(alone)] == [-2, -1, 0, 1]


def test_shape_and_colour_tell_before_from_after() -> None:
    points = next(
        layer for layer in event_study(rows()).to_dict()["layer"] if layer["mark"].get("type") == "point"
    )
    for channel in ("color", "shape"):
        ends = points["encoding"][channel]["scale"]["range"]
        assert len(ends) == len(set(ends)) == 2


@pytest.mark.slow
@pytest.mark.parametrize("width", [640, 320])
@pytest.mark.parametrize("bands", [True, False])
def test_renders(width: int, bands: bool) -> None:
    svg = vlc.vegalite_to_svg(event_study(rows(bands), outcome="sales", width=width).to_json())
    assert "effect on sales" in svg and "years since entry" in svg
    assert ("band over all years" in svg) == bands
