"""Oracles: sums written out on the triangle, and Stata's published outlook and gains for ten countries."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import WrongOption

outlook = tp.competitiveness.complexity_outlook
HAS = {"A": "wxyz", "B": "wxy", "C": "wx", "D": "w"}
TRIANGLE = pd.DataFrame(
    [(place, item, 1.0) for place, items in HAS.items() for item in items],
    columns=["exporter", "product", "value"],
)
NEAR = np.array(
    [[1, 3 / 4, 1 / 2, 1 / 4], [3 / 4, 1, 2 / 3, 1 / 3], [1 / 2, 2 / 3, 1, 1 / 2], [1 / 4, 1 / 3, 1 / 2, 1]]
)
# The triangle's eigenvector: places 2, 0, -2, -4 (their deviation is the root of 5), products four times the means of who has them.
PRODUCTS = np.array([-4.0, 0.0, 4.0, 8.0])
# Of Stata's ecomplexity for 1995, as in test_economic_complexity.
STATA_COI = {
    "aut": -0.9940121728867501,
    "blx": 1.073851078082253,
    "che": -1.489194423334662,
    "deu": -1.382249032555092,
    "dnk": 1.155769407885882,
    "esp": 0.4207036089900156,
    "gbr": -0.8461268439107059,
    "ita": 0.6531998940796336,
    "pol": 0.8628190011104738,
    "svn": 0.5452394825389525,
}
STATA_COG = {
    ("aut", "1704"): -0.6248181469470029,
    ("aut", "9403"): -0.6309372503165401,
    ("blx", "3917"): 0.5761814670034898,
    ("dnk", "8431"): 0.661493166305128,
    ("gbr", "6810"): -0.5419179064316618,
    ("pol", "7307"): 0.7908226214742526,
    ("svn", "7307"): 0.3425540839786309,
}


def worked(convention: str) -> tuple[np.ndarray, np.ndarray]:
    """COI and COG of the triangle, term by term."""
    have = np.array([[item in HAS[place] for item in "wxyz"] for place in "ABCD"])
    near = NEAR - np.eye(4) if convention == "stata" else NEAR
    worth = PRODUCTS if convention != "book" else (PRODUCTS - 2) / np.sqrt(20)
    deviation = {"atlas": np.sqrt(5), "stata": np.sqrt(5 * 16 / 15), "book": 1.0}[convention]
    coi, cog = np.zeros(4), np.full((4, 4), np.nan)
    for c in range(4):
        density = [sum(near[p, q] for q in range(4) if have[c, q]) / near[p].sum() for p in range(4)]
        lacks = [p for p in range(4) if not have[c, p]]
        coi[c] = sum(density[p] * worth[p] for p in lacks)
        for p in lacks:
            cog[c, p] = sum(near[p, q] / near[q].sum() * worth[q] for q in lacks)
            cog[c, p] -= density[p] * worth[p] if convention == "book" else 0
    if convention != "book":
        coi = (coi - coi.mean()) / coi.std() / (np.sqrt(16 / 15) if convention == "stata" else 1)
    return coi, cog / deviation


@pytest.mark.parametrize("convention", ["atlas", "stata", "book"])
def test_triangle_term_by_term(convention: str) -> None:
    result = outlook(TRIANGLE, presence="positive", convention=convention)
    coi, cog = worked(convention)
    assert list(result.table["coi"]) == pytest.approx(coi, abs=1e-12)
    assert list(result.gains["cog"]) == pytest.approx(cog[np.isfinite(cog)], abs=1e-12)
    assert [*result.gains["exporter"]] == list("BCCDDD") and [*result.gains["product"]] == list("zyzxyz")


def test_stata_reproduced(shared_data: Path) -> None:
    path = shared_data / "trade-ecomplexity-sample" / "trade_sample_1995.csv"
    frame = pd.read_csv(path, dtype={"product": "str"})
    result = outlook(frame.rename(columns={"country": "exporter", "export_usd": "value"}), convention="stata")
    assert result.table.set_index("exporter")["coi"].to_dict() == pytest.approx(STATA_COI, abs=1e-11)
    gains = result.gains.set_index(["exporter", "product"])["cog"]
    for key, expected in STATA_COG.items():
        assert gains[key] == pytest.approx(expected, abs=1e-11)
    assert len(gains) == 300 - 138


def test_regions_take_the_worlds_complexity() -> None:
    """One region with w alone is D of the triangle; what the others lack is told from the world."""
    region = pd.DataFrame({"exporter": ["r", "s"], "product": ["w", "x"], "value": [1.0, 1.0]})
    world = outlook(TRIANGLE, presence="positive", convention="book")
    of_d = world.gains[world.gains["exporter"] == "D"]["cog"].tolist()
    found = outlook(region, reference=TRIANGLE, presence="positive", convention="book")
    assert found.gains[found.gains["exporter"] == "r"]["cog"].tolist() == pytest.approx(of_d, rel=1e-12)
    assert found.table["coi"].iloc[0] == pytest.approx(world.table["coi"].iloc[3], rel=1e-12)
    given = outlook(
        region,
        proximity=tp.competitiveness.product_proximity(TRIANGLE, presence="positive"),
        complexity=tp.competitiveness.economic_complexity(TRIANGLE, presence="positive", convention="book"),
        presence="positive",
        convention="book",
    )
    assert given.gains["cog"].tolist() == pytest.approx(found.gains["cog"].tolist(), rel=1e-12)


def test_undefined_is_said() -> None:
    more = pd.concat([TRIANGLE, pd.DataFrame({"exporter": ["0"], "product": ["w"], "value": [0.0]})])
    result = outlook(more, presence="positive")
    assert result.table["exporter"].tolist() == ["A", "B", "C", "D", "0"]
    assert result.table["undefined"].tolist() == [""] * 4 + ["the exporter has no exports"]
    same = outlook(TRIANGLE[TRIANGLE["exporter"] == "A"])
    assert same.table["undefined"].tolist() == ["there is one place only"]
    assert "no exporter has a complexity outlook" in same.summary()


def test_rows_asked_for() -> None:
    result = outlook(TRIANGLE, presence="positive", exporters=["C", "D"], products=["z"])
    assert result.table["exporter"].tolist() == ["C", "D"] and result.gains["product"].tolist() == ["z", "z"]
    every = outlook(TRIANGLE, presence="positive").table
    assert result.table["coi"].tolist() == every["coi"].tolist()[2:]


def test_bad_input() -> None:
    near = tp.competitiveness.product_proximity(TRIANGLE, presence="positive")
    with pytest.raises(WrongOption, match="economic_complexity"):
        outlook(TRIANGLE, complexity=near)
    with pytest.raises(WrongOption, match="convention"):
        outlook(TRIANGLE, convention="sample")
