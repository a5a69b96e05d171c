"""Global Moran: by hand, against esda, and its permutation p against the normal deviate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import test_local_moran as twin
from libpysal.graph import Graph
from maps import dense, grid, jobs

import technopole as tp
from technopole.errors import WrongOption
from technopole.spatial import located_places, spatial_weights
from technopole.tables import Places

moran = tp.measures.moran
contract_case = twin.contract_case
exempt = {
    "rename": "the places have to be renamed too; one number for the whole map can't hang on names, as the order is by coordinates"
}


def one(values: list[float], **options: Any) -> pd.Series:
    names = list("ABCDEFGH")[: len(values)]
    places = Places.of(pd.DataFrame({"place": names, "x": np.arange(len(values)), "y": 0.0}), crs="planar-km")
    table = pd.DataFrame({"place": names, "industry": "lasers", "employment": values})
    given = {"of": "value", "weights": "band1", "industry": "lasers", **options}
    return moran(table, places=places, **given).table.iloc[0]


def test_by_hand() -> None:
    """z = -2, -1, 0, 3; lags -1, -1, 1, 0; sum of products 2 + 1 + 0 + 0 over 14, S0 = n = 4."""
    found = one([1, 2, 3, 6])
    assert found["moran"] == pytest.approx(3 / 14, rel=1e-12)
    assert found["expected"] == pytest.approx(-1 / 3, rel=1e-12)


@pytest.mark.slow
def test_moments_by_enumeration() -> None:
    """Mean and variance under randomisation, and p, over all 720 orders of six values."""
    from itertools import permutations

    values = [1.0, 2, 3, 6, 6, 9]
    found = one(values, permutations=20_000)
    z = np.array(values) - 4.5
    orders = np.array(list(permutations(z)))
    lag = np.zeros_like(orders)
    lag[:, 0], lag[:, -1] = orders[:, 1], orders[:, -2]
    lag[:, 1:-1] = (orders[:, :-2] + orders[:, 2:]) / 2
    every = (orders * lag).sum(axis=1) / (z**2).sum()
    assert found["expected"] == pytest.approx(every.mean(), rel=1e-10)
    assert found["variance"] == pytest.approx(every.var(), rel=1e-10)
    exact = 2 * (every >= found["moran"] - 1e-9).mean()
    assert found["p_value"] == pytest.approx(exact, abs=4 * (exact / 20_000) ** 0.5 * 2)


@pytest.mark.slow
@pytest.mark.parametrize("words", ["knn4", "band1.5", "kernel2.5"])
def test_equals_esda(words: str) -> None:
    import esda

    places, x = grid(9), dense(81, np.random.default_rng(3))
    located = located_places.of(places)
    order = located.table["place"].str[1:].astype(int).to_numpy()
    graph = Graph.from_sparse(spatial_weights.of_places(located, words).matrix())
    other = esda.Moran(x[order], graph.to_W(), transformation="r", permutations=0)
    found = moran(jobs(x), places=places, industry="lasers", of="value", weights=words).table.iloc[0]
    for name, value in {
        "moran": other.I,
        "expected": other.EI,
        "variance_normality": other.VI_norm,
        "z_normality": other.z_norm,
        "p_normality": other.p_norm,
        "variance": other.VI_rand,
        "z": other.z_rand,
        "p_randomisation": other.p_rand,
    }.items():
        assert found[name] == pytest.approx(value, rel=1e-10), name


@pytest.mark.parametrize(
    ("values", "words", "reason"),
    [
        ([2, 2, 2, 2], "band1", "the map is constant"),
        ([1, 2, 3, 4], "band0.5", "no place has a neighbour"),
        ([1, 2, 3], "band1", "fewer than 4 places have a value"),
    ],
)
def test_undefined_is_said(values: list[float], words: str, reason: str) -> None:
    found = one(values, weights=words)
    assert found["undefined"] == reason
    assert np.isnan(found["moran"]) and np.isnan(found["p_value"])


def test_links_beyond_memory_are_refused_before_they_are_made() -> None:
    frame = pd.DataFrame({"place": [f"{i:05d}" for i in range(20_000)], "x": np.arange(20_000.0), "y": 0.0})
    with pytest.raises(WrongOption, match=r"about 399,\d{3},\d{3} links between places need 39 GiB"):
        spatial_weights.of_places(Places.of(frame, crs="planar-km"), "band1000000")
