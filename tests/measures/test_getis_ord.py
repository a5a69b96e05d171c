"""Getis-Ord: by hand, against esda, false alarms, and what it refuses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
import test_local_moran as twin
from libpysal.graph import Graph
from maps import dense, false_alarms, grid, jobs, sparse

import technopole as tp
from technopole.errors import WrongOption
from technopole.spatial import located_places, spatial_weights
from technopole.tables import Places

getis_ord = tp.measures.getis_ord
contract_case = twin.contract_case
exempt = {
    "rename": "the places have to be renamed too; the draws are those of local Moran, where that is tested"
}


def line(values: list[float], **options: Any) -> pd.DataFrame:
    names = list("ABCDEFGH")[: len(values)]
    places = Places.of(pd.DataFrame({"place": names, "x": np.arange(len(values)), "y": 0.0}), crs="planar-km")
    table = pd.DataFrame({"place": names, "industry": "lasers", "employment": values})
    given = {"of": "value", "weights": "band1", "industry": "lasers", **options}
    return getis_ord(table, places=places, **given).table.set_index("place")


def test_by_hand() -> None:
    """Values 1, 2, 3, 6 in a row: B has the neighbours A and C; of the others' 10, these have 4; with B itself 6 of 12."""
    plain, star = line([1, 2, 3, 6], star=False), line([1, 2, 3, 6])
    assert plain.loc["B", "g"] == pytest.approx(4 / 10, rel=1e-12)
    assert star.loc["B", "g"] == pytest.approx(6 / 12, rel=1e-12)
    # others of B: 1, 3, 6, mean 10/3, variance 46/3 - 100/9 = 38/9; two of three drawn: 38/9 * 2 * (3 - 2) / 2
    assert plain.loc["B", "z"] == pytest.approx((4 - 20 / 3) / math.sqrt(38 / 9), rel=1e-12)
    # all four: mean 3, variance 3.5; three of four drawn: 3.5 * 3 * (4 - 3) / 3
    assert star.loc["B", "z"] == pytest.approx((6 - 9) / math.sqrt(3.5), rel=1e-12)
    np.testing.assert_array_equal(plain["p_value"], star["p_value"])
    assert plain.loc["A", "spot"] == "cold spot"


@pytest.mark.parametrize("star", [False, True])
def test_equals_esda(star: bool) -> None:
    import esda

    places, x = grid(9), dense(81, np.random.default_rng(3))
    located = located_places.of(places)
    order = located.table["place"].str[1:].astype(int).to_numpy()
    graph = Graph.from_sparse(spatial_weights.of_places(located, "band1.5").matrix())
    other = esda.G_Local(x[order], graph.to_W(), transform="B", permutations=0, star=star)
    found = getis_ord(
        jobs(x), places=places, industry="lasers", of="value", weights="band1.5", star=star, permutations=19
    ).table
    found = found.set_index("place").loc[located.table["place"]]
    np.testing.assert_allclose(found["g"], other.Gs, rtol=1e-10)
    np.testing.assert_allclose(found["z"], other.Zs, rtol=1e-10)


def test_own_weight_of_a_graph() -> None:
    """A Graph's link of a place to itself counts in G*, and in it alone."""
    places, x = grid(3), np.arange(1.0, 10)
    names = [f"p{i:05d}" for i in range(9)]
    square = np.ones((9, 9)) - np.eye(9) * 0.5
    graph = Graph.from_sparse(__import__("scipy.sparse").sparse.coo_array(square), ids=names)
    given: dict[str, Any] = {"places": places, "industry": "lasers", "of": "value", "weights": graph}
    star = getis_ord(jobs(x), **given).table
    np.testing.assert_allclose(star["g"], (45 - 0.5 * x) / 45, rtol=1e-12)
    np.testing.assert_allclose(getis_ord(jobs(x), star=False, **given).table["g"], 1, rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(("values", "least", "most"), [(dense, 0.04, 0.06), (sparse(0.05), 0.0, 0.06)])
def test_false_alarms(values: Any, least: float, most: float) -> None:
    share = false_alarms(getis_ord, values, side=40, maps=5, weights="band1.5", permutations=499)
    assert least <= share <= most


def test_a_constant_map_has_no_statistic() -> None:
    assert set(line([0, 0, 0, 0])["undefined"]) == {"the map is constant"}


def test_negative_values_are_refused() -> None:
    table = pd.DataFrame({"place": list("ABCD"), "industry": "lasers", "growth": [1.0, -2, 3, 4]})
    places = Places.of(pd.DataFrame({"place": list("ABCD"), "x": range(4), "y": 0.0}), crs="planar-km")
    with pytest.raises(WrongOption, match="0 or more"):
        getis_ord(table, places=places, industry="lasers", value="growth", of="value", weights="knn2")
