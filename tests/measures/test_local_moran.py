"""Local Moran: by hand, against esda, its null on noise and sparse maps, and everything that has no statistic."""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from libpysal.graph import Graph
from maps import dense, false_alarms, grid, jobs, sparse, tied
from scipy.stats import false_discovery_control

import technopole as tp
from technopole.errors import TechnopoleError, UnknownName, WrongOption
from technopole.measures import _place_values
from technopole.spatial import spatial_weights
from technopole.tables import Activity, Places

local_moran = tp.measures.local_moran
exempt = {
    "rename": "the places have to be renamed too: test_the_numbers_hang_on_neither_rows_nor_names_nor_threads"
}


def contract_case() -> dict[str, Any]:
    """The contract's twelve places on a spiral of distinct distances, and one of its industries."""
    turn = np.arange(12)
    points = pd.DataFrame(
        {
            "place": [f"{i:02d}" for i in turn],
            "longitude": 10 + 0.1 * turn * np.cos(turn),
            "latitude": 50 + 0.1 * turn * np.sin(turn),
        }
    )
    return {
        "places": Places.of(points),
        "sector": tp.sector("lasers", scheme="mine", codes=["3100"]),
        "weights": "knn3",
        "permutations": 199,
        "of": "location_quotient",
    }


def line(values: list[float], **options: Any) -> pd.DataFrame:
    places = Places.of(
        pd.DataFrame({"place": list("ABCDEFGH")[: len(values)], "x": np.arange(len(values)), "y": 0.0}),
        crs="planar-km",
    )
    table = pd.DataFrame(
        {"place": list("ABCDEFGH")[: len(values)], "industry": "lasers", "employment": values}
    )
    given = {"of": "value", "weights": "band1", "industry": "lasers", **options}
    return local_moran(table, places=places, **given).table


def test_by_hand() -> None:
    """Values 1, 2, 3, 6 in a row: mean 3, m2 = (4 + 1 + 0 + 9) / 4 = 3.5; B has the neighbours A and C."""
    found = line([1, 2, 3, 6]).set_index("place")
    assert found.loc["A", "local_moran"] == pytest.approx(-2 * -1 / 3.5, rel=1e-12)
    assert found.loc["B", "local_moran"] == pytest.approx(-1 * (-2 + 0) / 2 / 3.5, rel=1e-12)
    assert found.loc["C", "local_moran"] == 0
    assert found.loc["C", "p_value"] == 1
    assert found.loc["D", "local_moran"] == 0
    # A alone with one neighbour drawn from 2, 3, 6: mean 11/3, variance (4 + 9 + 36) / 3 - (11/3)^2 = 26/9
    assert found.loc["A", "z"] == pytest.approx((11 / 3 - 2) / math.sqrt(26 / 9), rel=1e-12)
    assert found["quadrant"].tolist() == ["low-low", "low-low", "low-high", "high-low"]


@pytest.mark.slow
@pytest.mark.parametrize("words", ["knn4", "band1.5", "kernel2.5"])
def test_statistic_and_moments_equal_esda(words: str) -> None:
    """esda's statistic is divided by n - 1, Anselin's (1995) by n; its conditional moments are those of the latter."""
    import esda

    from technopole.spatial import located_places, spatial_weights

    places, x = grid(9), dense(81, np.random.default_rng(3))
    found = local_moran(
        jobs(x), places=places, industry="lasers", of="value", weights=words, permutations=19
    ).table
    located = located_places.of(places)
    order = located.table["place"].str[1:].astype(int).to_numpy()
    other = esda.Moran_Local(
        x[order], Graph.from_sparse(spatial_weights.of_places(located, words).matrix()), permutations=0
    )
    found = found.set_index("place").loc[located.table["place"]]
    scale = 81 / 80
    np.testing.assert_allclose(found["local_moran"], other.Is * scale, rtol=1e-10, atol=1e-12)
    deviate = (other.Is * scale - other.EIc) / np.sqrt(other.VIc)
    np.testing.assert_allclose(found["z"], deviate, rtol=1e-9)
    names = {1: "high-high", 2: "low-high", 3: "low-low", 4: "high-low"}
    assert found["quadrant"].tolist() == [names[q] for q in other.q]


def test_q_is_benjamini_hochberg_over_the_places_that_have_a_p() -> None:
    x = dense(81, np.random.default_rng(5))
    found = local_moran(jobs(x), places=grid(9), industry="lasers", of="value", weights="knn4").table
    np.testing.assert_allclose(found["q_value"], false_discovery_control(found["p_value"]), rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("values", "least", "most"),
    [(dense, 0.04, 0.06), (tied, 0.0, 0.06)]
    + [(sparse(share), 0.0, 0.06) for share in (0.02, 0.05, 0.1, 0.3)],
)
def test_false_alarms(values: Any, least: float, most: float) -> None:
    """Bar N3 in small; `make calibrate` runs it in full."""
    share = false_alarms(local_moran, values, side=40, maps=5, weights="band1.5", permutations=499)
    assert least <= share <= most


def test_a_constant_map_has_no_statistic() -> None:
    found = line([0.1 + 0.2, 0.3, 0.3, 0.3])
    assert found["undefined"].tolist() == ["the map is constant"] * 4
    assert found[["local_moran", "p_value", "q_value"]].isna().all(axis=None)
    assert not found["significant"].any()


def test_islands_are_named_and_have_none() -> None:
    places = Places.of(
        pd.DataFrame({"place": list("ABCDE"), "x": [0, 1, 2, 3, 99], "y": 0.0, "name": list("abcde")}),
        crs="planar-km",
    )
    table = pd.DataFrame({"place": list("ABCDE"), "industry": "lasers", "employment": [1, 2, 3, 6, 5]})
    result = local_moran(table, places=places, industry="lasers", of="value", weights="band1")
    last = result.table.iloc[-1]
    assert (last["place"], last["undefined"]) == ("E", "island: no neighbour")
    assert any("1 place has no neighbour" in text and text.endswith(": e") for text in result.warnings)
    assert result.map.set_index("place").loc["E", "kind"] == "undefined"


def test_one_place_that_stands_out_is_no_cluster() -> None:
    """All others are equal: whatever is drawn, the neighbours are as they are."""
    found = line([0, 0, 0, 0, 9, 0, 0, 0]).set_index("place")
    assert found.loc["E", "p_value"] == 1
    assert found.loc["E", "z"] == 0


def test_withheld_values_are_not_zero() -> None:
    places = Places.of(pd.DataFrame({"place": list("ABCDEF"), "x": range(6), "y": 0.0}), crs="planar-km")
    table = pd.DataFrame(
        {
            "place": list("ABCDE"),
            "industry": "lasers",
            "employment": [1, 2, None, None, 6],
            "employment_low": [None, None, 10, 1, None],
            "employment_high": [None, None, 30, None, None],
        }
    )
    result = local_moran(table, places=places, industry="lasers", of="value", weights="band1")
    found = result.table.set_index("place")
    assert found.loc["C", "value"] == 20
    assert found.loc["D", "undefined"] == "withheld, without an upper bound"
    assert found.loc["F", "value"] == 0
    assert any("is withheld" in text for text in result.warnings)
    assert any("1 places have no row" in text for text in result.warnings)


def test_empirical_bayes_equals_esda() -> None:
    """esda.smoothing's assuncao_rate, where shares differ by more than chance; else by hand, with no variance between places."""
    from esda.smoothing import assuncao_rate

    random = np.random.default_rng(4)
    size = random.integers(50, 5000, 60).astype(float)
    events = random.binomial(size.astype(int), 0.02 * random.gamma(2, size=60)).astype(float)
    np.testing.assert_allclose(
        _place_values.standardised(events, size), assuncao_rate(events, size), rtol=1e-10
    )
    found = _place_values.standardised(np.array([1.0, 3.0]), np.array([100.0, 300.0]) / 2)
    np.testing.assert_allclose(found, 0, atol=1e-15)
    found = _place_values.standardised(np.array([1.0, 4.0]), np.array([100.0, 300.0]))
    np.testing.assert_allclose(
        found, [-0.0025 / 0.000125**0.5, (1 / 1200) / (0.0125 / 300) ** 0.5], rtol=1e-12
    )


@pytest.mark.slow
def test_the_numbers_hang_on_neither_rows_nor_names_nor_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    from technopole.kernels import blocks

    x = dense(400, np.random.default_rng(6))
    table, places = jobs(x).to_pandas(), grid(20).to_pandas()

    def run(table: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
        where = Places.of(places, crs="planar-km")
        return local_moran(
            table, places=where, industry="lasers", of="value", weights="knn5", permutations=99
        ).table

    first = run(table, places)
    turned = run(table.sample(frac=1, random_state=1), places.sample(frac=1, random_state=2))
    pd.testing.assert_frame_equal(turned, first)
    other = {name: f"q{99999 - i}" for i, name in enumerate(sorted(places["place"]))}
    renamed = run(table.replace({"place": other}), places.replace({"place": other}))
    renamed = renamed.sort_values("place", ascending=False, ignore_index=True)
    np.testing.assert_array_equal(renamed["p_value"], first["p_value"])
    monkeypatch.setattr(blocks, "available", lambda: 1)
    pd.testing.assert_frame_equal(run(table, places), first)


def test_weights_of_the_user() -> None:
    places = grid(4, outlines=True)
    names = [f"p{i:05d}" for i in range(16)]
    x = dense(16, np.random.default_rng(1))
    words = local_moran(jobs(x), places=places, industry="lasers", of="value", weights="rook").table
    graph = Graph.build_contiguity(tp.tables.places.Places.of(places).to_pandas().pipe(_outlines), rook=True)
    own = local_moran(jobs(x), places=places, industry="lasers", of="value", weights=graph).table
    pd.testing.assert_frame_equal(own, words)
    with pytest.raises(UnknownName, match="lack 1 of 16 places"):
        local_moran(jobs(x), places=places, industry="lasers", of="value", weights=graph.subgraph(names[1:]))


def _outlines(frame: pd.DataFrame) -> Any:
    """The squares with corners that agree to the last digit, which libpysal needs."""
    found = gpd.GeoSeries.from_wkb(frame["geometry"].to_numpy(), index=frame["place"].to_numpy())
    return found.set_precision(1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changed", "error", "words"),
    [
        ({"weights": "queen"}, WrongOption, "knn8"),
        ({"weights": "bishop"}, WrongOption, "kernel50"),
        ({"weights": "knn9"}, WrongOption, "fewer than 9 neighbours"),
        ({"industry": None, "of": "share"}, WrongOption, "industry="),
        ({"industry": "masers"}, UnknownName, "lasers"),
        ({"level": 95}, WrongOption, "between 0 and 1"),
        ({"permutations": 0}, WrongOption, "1 or more"),
        ({"year": 1999}, WrongOption, "this year"),
    ],
)
def test_what_cant_be_is_said(changed: dict[str, Any], error: type[TechnopoleError], words: str) -> None:
    given = {"industry": "lasers", "of": "value", "weights": "knn2", **changed}
    with pytest.raises(error) as said:
        local_moran(jobs(np.arange(9.0)), places=grid(3), **given)
    assert words in str(said.value)


@pytest.mark.slow
def test_alternatives() -> None:
    x = dense(81, np.random.default_rng(8))
    p = {
        side: local_moran(
            jobs(x), places=grid(9), industry="lasers", of="value", weights="knn4", alternative=side
        ).table["p_value"]
        for side in ("two-sided", "greater", "less", "directed")
    }
    np.testing.assert_array_equal(p["directed"], np.minimum(p["greater"], p["less"]))
    np.testing.assert_array_equal(p["two-sided"], np.minimum(1, 2 * p["directed"]))


def test_places_of_the_table_that_arent_places_are_counted() -> None:
    table = pd.concat([jobs(np.arange(9.0)).to_pandas().drop(columns="year"),
                       pd.DataFrame({"place": ["far"], "industry": "lasers", "employment": [4.0]})])  # fmt: skip
    result = local_moran(Activity.of(table), places=grid(3), industry="lasers", of="value", weights="knn2")
    assert any(
        text.startswith("1 places of the activity table aren't among the places") for text in result.warnings
    )
    assert "10.0% of the whole" in " ".join(result.warnings)


@pytest.mark.slow
@pytest.mark.parametrize("values", [dense, sparse(0.05), tied])
def test_exact_inference_is_what_draws_tend_to(values: Any) -> None:
    x = values(400, np.random.default_rng(2))
    given: dict[str, Any] = {"places": grid(20), "industry": "lasers", "of": "value", "weights": "knn5"}
    exact = local_moran(jobs(x), inference="exact", **given).table["p_value"].to_numpy()
    drawn = local_moran(jobs(x), permutations=20_000, **given).table["p_value"].to_numpy()
    assert np.abs((exact - drawn) / np.sqrt(np.maximum(exact, 1e-4) * 2 / 20_000)).max() < 5.5


@pytest.mark.parametrize("words", ["kernel2", "knn7"])
def test_exact_inference_says_what_it_doesnt_take(words: str) -> None:
    with pytest.raises(WrongOption, match=r"count alike|half of the places"):
        local_moran(
            jobs(np.arange(9.0)),
            places=grid(3),
            industry="lasers",
            of="value",
            weights=words,
            inference="exact",
        )


@pytest.mark.slow
@pytest.mark.parametrize("of", ["eb_rate", "share", "location_quotient"])
@pytest.mark.parametrize("nothing", [0.0, float("nan")])
def test_a_map_without_any_activity_is_undefined(of: str, nothing: float) -> None:
    found = line([nothing] * 5, of=of)
    assert found["local_moran"].isna().all()
    assert found["undefined"].ne("").all()


def test_differences_too_small_to_be_squared_are_none() -> None:
    found = line([1e-300, 2e-300, 3e-300, 9e-300, 4e-300])
    assert (found["undefined"] == "the map is constant").all()


@pytest.mark.parametrize(("words", "middle"), [("queen", "acd"), ("rook", "acd")])
def test_outlines_touch_without_common_corners(words: str, middle: str) -> None:
    """A long edge beside three short ones, and e at a corner of d; the middle one shares no corner with a."""
    boxes = [
        shapely.box(0, 0, 3, 3),
        *(shapely.box(3, i, 4, i + 1) for i in (1, 0, 2)),
        shapely.box(4, 3, 5, 4),
    ]
    places = Places.of(gpd.GeoDataFrame({"place": list("abcde")}, geometry=boxes, crs=4326))
    links = spatial_weights.of_places(places, words, order=list("abcde")).matrix().toarray()
    near = {one: "".join(np.array(list("abcde"))[row > 0]) for one, row in zip("abcde", links, strict=True)}
    assert near == {
        "a": "bcd",
        "b": middle,
        "c": "ab",
        "d": "abe" if words == "queen" else "ab",
        "e": "d" if words == "queen" else "",
    }
