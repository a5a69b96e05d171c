"""The chart's names: beside their points, none over another, the outstanding places first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from technopole import charts
from technopole.charts.labels import beside, text_width


def test_labels_stand_beside_their_points_or_not_at_all() -> None:
    points = [(50.0, 50.0, 3.0), (52.0, 51.0, 3.0), (150.0, 50.0, 3.0)]
    found = beside(["first", "second", "third"], points, 200, 100)
    assert [label.text for label in found][:1] == ["first"] and all(label.lead is None for label in found)
    boxes = [(label.x, label.y - 6.5, label.x + text_width(label.text), label.y + 6.5) for label in found]
    for i, a in enumerate(boxes):
        assert not any(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for b in boxes[:i])
    assert beside(["too long for so narrow a picture"], [(20.0, 20.0, 3.0)], 40, 40) == []


@pytest.mark.parametrize("width", [640, 320])
def test_outstanding_places_are_named(width: int) -> None:
    random = np.random.default_rng(1)
    table = pd.DataFrame(
        {
            "exporter": [f"c{i:03d}" for i in range(150)],
            "year": 2017,
            "diversity": random.integers(1, 300, 150),
        }
    )
    table["eci"] = random.normal(0, 1, 150)
    table.loc[7, ["diversity", "eci"]] = 310, 4.0
    drawn = charts.complexity_diversity(table, width=width).to_dict()
    written = {row["text"] for rows in drawn["datasets"].values() for row in rows if "text" in row}
    assert "c007" in written and 5 <= len(written) <= 34
    nothing = charts.complexity_diversity(table.assign(eci=np.nan), width=width).to_dict()
    assert "no place has a complexity" in str(nothing)
