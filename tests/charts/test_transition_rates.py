"""The chart of transition rates: drawn at both widths, from nothing, with one event or two."""

from __future__ import annotations

import pandas as pd
import pytest
import vl_convert

from technopole import charts

RATES = pd.DataFrame(
    [("entry", 0.1, 0.05, 0.03, 0.08), ("entry", 0.3, 0.2, 0.15, 0.25), ("exit", 0.2, 0.6, 0.5, 0.7)],
    columns=["event", "density", "rate", "low", "high"],
)


@pytest.mark.parametrize("width", [640, 320])
@pytest.mark.parametrize(("rows", "said"), [(3, ("gained", "lost")), (2, ("gained",)), (0, ())])
def test_events_are_named(width: int, rows: int, said: tuple[str, ...]) -> None:
    drawn = vl_convert.vegalite_to_svg(charts.transition_rates(RATES.head(rows), width=width).to_json())
    assert drawn.startswith("<svg") and all(f">{word}<" in drawn for word in said)
    assert ("lost" in said) == (">lost<" in drawn)
