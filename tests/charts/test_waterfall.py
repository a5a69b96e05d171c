"""Waterfall: each bar starts where the one before ended; a step without a number is left out; orders show as lines."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from technopole.charts import waterfall

TABLE = pd.DataFrame(
    {
        "order": ["commodity first", "market first", "Shapley mean"],
        "world": [14e6, 14e6, 14e6],
        "commodity": [-1e6, 2e6, 0.5e6],
        "market": [3e6, 0.0, 1.5e6],
        "competitiveness": [-1e6, -1e6, -1e6],
        "total": [15e6, 15e6, 15e6],
    }
)


def data(chart: Any) -> pd.DataFrame:
    return chart.layer[0].data


def test_bars_lead_from_zero_to_the_whole() -> None:
    rows = data(waterfall(TABLE)).set_index("step")
    assert rows["start"].tolist() == [0, 14, 14.5, 16, 0]
    assert rows["end"].tolist() == [14, 14.5, 16, 15, 15]
    assert rows.loc["commodity", ["low", "high"]].tolist() == [13, 16]
    assert rows.loc["competitiveness", "said"] == "\u22121" and rows.loc["total", "said"] == "15"


def test_a_step_without_a_number_is_left_out_and_the_unit_is_named() -> None:
    chart = waterfall(TABLE.assign(market=None, competitiveness=[0.5e6] * 3), axis="change of exports")
    assert data(chart)["step"].tolist() == ["world", "commodity", "competitiveness", "total"]
    assert "change of exports (million)" in chart.to_json()


@pytest.mark.parametrize("width", [640, 320])
def test_nothing_known_still_draws(width: int) -> None:
    assert waterfall(TABLE.assign(**dict.fromkeys(TABLE.columns[1:], float("nan"))), width=width).to_json()
