"""Tables that would fill the memory with zeros are refused before any array is made."""

from __future__ import annotations

import pandas as pd
import pytest

import technopole as tp
from technopole.competitiveness import _matrix
from technopole.errors import WrongOption

LONG = pd.DataFrame(
    {"place": [f"p{i}" for i in range(20_000)], "technology": [f"t{i}" for i in range(20_000)]}
)


@pytest.mark.slow
def test_years_x_places_x_items_have_a_limit() -> None:
    """20,000 rows, each a place and a technology of its own: 400,000,000 cells."""
    table = tp.tables.Patents.of(LONG.assign(year=2010, patents=1))
    with pytest.raises(WrongOption, match="too large to be held") as refused:
        _matrix.matrices(table)
    for said in ("400,000,000", "1 years x up to 20,000 places x 20,000", "coarser codes", "one year"):
        assert said in str(refused.value)
    with pytest.raises(WrongOption, match="400,000,000"):
        tp.competitiveness.technological_advantage(table)


def test_years_together_and_pairs_have_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    few = LONG.head(12).assign(year=[2000 + i % 3 for i in range(12)], patents=1)
    monkeypatch.setattr(_matrix, "MOST_CELLS", 3 * 12 * 12 - 1)
    with pytest.raises(WrongOption, match="3 years x 12 places x 12 technologies"):
        tp.competitiveness.patent_stock(few)
    monkeypatch.setattr(_matrix, "MOST_CELLS", 3 * 12 * 12)
    assert len(tp.competitiveness.patent_stock(few).table)
    monkeypatch.setattr(_matrix, "MOST_CELLS", 12 * 12 - 1)
    flat = tp.tables.Patents.of(few.assign(year=2000).head(3))
    assert len(tp.competitiveness.product_proximity(flat).table) == 3
    wide = pd.DataFrame({"place": list("aabb"), "technology": ["1", "2", "3", "4"], "patents": [3, 1, 2, 2]})
    monkeypatch.setattr(_matrix, "MOST_CELLS", 15)
    for member in (
        tp.competitiveness.product_proximity,
        tp.competitiveness.relatedness_density,
        tp.competitiveness.complexity_outlook,
    ):
        with pytest.raises(WrongOption, match="4 x 4 products or technologies"):
            member(wide)
