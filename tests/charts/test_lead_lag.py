"""The picture of leads and lags: what stands in it, at both widths, and what is left out."""

from __future__ import annotations

import pandas as pd
import pytest
import vl_convert as vlc

from technopole import charts

COLUMNS = ["park", "name", "designated", "opened", "born", "born_low", "born_high", "open_low", "open_high", "verdict", "data_from", "data_to", "earliest_event"]  # fmt: skip


def timeline() -> pd.DataFrame:
    rows = [
        ("North", "c1", 1990, 1988, 1980, 1978, 1983, False, False, "cluster-led", 1975, 2020, 1953),
        ("South", "c2", None, 2000, 1975, None, 1975, True, False, "cannot tell", 1975, 2020, None),
        ("East", None, 1995, None, None, None, None, False, False, "neither", 1975, 2020, None),
        ("No year at all", None, None, None, None, None, None, False, False, "cannot tell", 1975, 2020, None),
    ]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.astype({name: "Int64" for name in COLUMNS if frame[name].dtype != "bool" and name not in ("park", "name", "verdict")})  # fmt: skip


@pytest.mark.parametrize("width", [640, 320])
def test_rows_verdicts_and_signs(width: int) -> None:
    svg = vlc.vegalite_to_svg(charts.lead_lag(timeline(), width=width).to_json())
    for words in ("North · c1: cluster-led", "South · c2: cannot tell", "East: neither", "shaded: years the data cover", "earliest dated event there"):  # fmt: skip
        assert words in svg
    assert "No year at all" not in svg, "a row without a year has nothing to draw"


def test_nothing_to_draw_is_said() -> None:
    svg = vlc.vegalite_to_svg(charts.lead_lag(timeline().tail(1)).to_json())
    assert "No park and no cluster has a year." in svg


def test_two_rows_of_one_name_stay_two() -> None:
    twice = pd.concat([timeline().head(1)] * 2)
    drawn = charts.lead_lag(twice).to_dict()
    names = {row["row"] for rows in drawn["datasets"].values() for row in rows if "row" in row}
    assert names == {"0000", "0001"}
