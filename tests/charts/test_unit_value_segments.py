"""The chart of unit-value segments: drawn at both widths, from nothing, and with its names and shares in it."""

from __future__ import annotations

import pandas as pd
import pytest
import vl_convert

from technopole import charts

SHARES = pd.DataFrame(
    [
        ("DEU", 2021, "successful quality competition", 60.0, 0.6),
        ("DEU", 2021, "structural problem", 40.0, 0.4),
        ("光谷", 2021, "successful quality competition", 5.0, 0.25),
        ("光谷", 2021, "structural problem", 15.0, 0.75),
        ("DEU", 2020, "structural problem", 1.0, 1.0),
    ],
    columns=["exporter", "year", "segment", "exports", "share"],
)


@pytest.mark.parametrize("width", [640, 320])
def test_names_and_shares_are_written(width: int) -> None:
    drawn = vl_convert.vegalite_to_svg(charts.unit_value_segments(SHARES, width=width).to_json())
    for text in ("DEU", "光谷", "structural problem", "60%", "75%", "2021"):
        assert text in drawn


def test_only_the_largest_exporters() -> None:
    assert "光谷" not in charts.unit_value_segments(SHARES, top=1).to_json(ensure_ascii=False)


def test_nothing() -> None:
    assert vl_convert.vegalite_to_svg(charts.unit_value_segments(SHARES.head(0)).to_json()).startswith("<svg")
