"""Oracles: shares and distances worked by hand; the binomial distribution, which random placement of independent parks must follow."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.stats import binom, binomtest

import technopole as tp
from technopole.errors import MissingColumn, UnknownName, WrongOption
from technopole.result import Result

overlay: Any = tp.parks.overlay  # takes frames too


def found(shapes: list[Any]) -> Result:
    """What clusters.delineate returns, as far as the map goes."""
    table = gpd.GeoDataFrame(
        {"cluster": range(1, len(shapes) + 1), "name": [f"c{i}" for i in range(1, len(shapes) + 1)]},
        geometry=shapes,
        crs=4326,
    )
    return Result.of(table, text="", fields={})


CLUSTERS = found([shapely.box(8, 50, 9, 51), shapely.box(12, 50, 12.2, 50.2)])
PLACES = pd.DataFrame(
    {
        "place": [f"{i:02d}" for i in range(20)],
        "longitude": [8.5, 8.6] + [float(x) for x in range(13, 31)],
        "latitude": 50.5,
        "population": [1.0] * 10 + [2.0] * 10,
    }
)
PARKS = pd.DataFrame(
    {"park": ["a", "b", "c"], "longitude": [8.5, 12.3, 20.0], "latitude": [50.5, 50.1, 50.5], "country": "X"}
)


def contract_case() -> dict[str, Any]:
    return {"clusters": CLUSTERS, "simulations": 99}


def test_table_and_shares_by_hand() -> None:
    result = overlay(PARKS, clusters=CLUSTERS, places=PLACES)
    table = result.table.set_index("park")
    assert table["name"].to_dict() == {"a": "c1", "b": "c2", "c": "c2"}
    assert table["inside"].tolist() == [True, False, False] and table["clusters_near"].tolist() == [1, 1, 0]
    assert table.loc["a", "distance_km"] == 0 and table.loc["b", "distance_km"] == pytest.approx(
        7.13, abs=0.02
    )
    rows = result.enrichment.set_index("statistic")
    assert rows["observed"].tolist() == pytest.approx([1 / 3, 2 / 3, 0.0])
    interval = binomtest(2, 3).proportion_ci(0.95, "exact")
    assert rows.loc["parks near a cluster", ["low", "high"]].tolist() == pytest.approx(
        [interval.low, interval.high], rel=1e-9
    )
    by = result.clusters.set_index("name")
    assert by["nearest_park"].to_dict() == {"c1": "a", "c2": "b"}
    assert by["parks_inside"].tolist() == [1, 0] and by["parks_near"].tolist() == [1, 1]
    assert "1 of 3 parks lie on a cluster and 2 within 25 km" in result.summary()


@pytest.mark.slow
def test_random_placement_is_binomial() -> None:
    """Two of 20 places lie in a cluster; by population they have 2 of 30 parts."""
    for weight, chance in (("equal", 2 / 20), ("population", 2 / 30)):
        rows = overlay(PARKS, clusters=CLUSTERS, places=PLACES, weight=weight, simulations=9999).enrichment
        on = rows.set_index("statistic").loc["parks on a cluster"]
        assert on["expected"] == pytest.approx(chance, abs=4 * np.sqrt(chance / 3 / 9999))
        assert on["enrichment"] == pytest.approx((1 / 3) / chance, rel=0.1)
        expected = min(1.0, 2 * binom.sf(0, 3, chance))
        assert on["p_value"] == pytest.approx(expected, abs=0.03)


def test_activity_weighs_places() -> None:
    activity = pd.DataFrame(
        {"place": PLACES["place"], "industry": "all", "year": 2020, "employment": [900.0, 0.0] + [10.0] * 18}
    )
    result = overlay(PARKS, clusters=CLUSTERS, places=PLACES, activity=activity, simulations=999)
    on = result.enrichment.set_index("statistic").loc["parks on a cluster"]
    assert on["expected"] == pytest.approx(900 / 1080, abs=0.03) and on["p_value"] > 0.05
    assert "weighted by their employment of 2020" in result.summary()


@pytest.mark.slow
def test_without_places_the_null_is_the_hull_and_is_said() -> None:
    result = overlay(PARKS, clusters=CLUSTERS)
    assert any("where nobody lives" in said for said in result.warnings) and "convex hull" in result.summary()
    on = result.enrichment.set_index("statistic").loc["parks on a cluster"]
    hull = shapely.convex_hull(
        shapely.union_all([*CLUSTERS.table.geometry, *shapely.points(PARKS[["longitude", "latitude"]])])
    )
    flat = gpd.GeoSeries([hull, *CLUSTERS.table.geometry], crs=4326).to_crs("+proj=cea +R=6371008.8").area
    assert on["expected"] == pytest.approx(flat[1:].sum() / flat[0], abs=0.03)


@pytest.mark.slow
def test_parks_elsewhere_are_left_out_and_said() -> None:
    world = pd.concat([PARKS, PARKS.iloc[:1].assign(park="far", longitude=-100.0, country="Y")])
    result = overlay(world, clusters=CLUSTERS, places=PLACES)
    assert any("1 parks lie more than 100 km" in said and "far" in said for said in result.warnings)
    assert result.enrichment["cases"].tolist() == [3, 3, 2]
    assert overlay(world, clusters=CLUSTERS, places=PLACES, country="X").table["park"].tolist() == [
        "a",
        "b",
        "c",
    ]
    with pytest.raises(UnknownName, match="country"):
        overlay(world, clusters=CLUSTERS, places=PLACES, country="Z")


def test_points_no_clusters_and_parks_nowhere() -> None:
    points = Result.of(
        pd.DataFrame({"cluster": [7], "longitude": [8.0], "latitude": [50.0]}), text="", fields={}
    )
    lost = pd.concat([PARKS, pd.DataFrame({"park": ["z"], "country": ["X"]})])
    result = overlay(lost, clusters=points, places=PLACES)
    table = result.table
    assert "the clusters are points, which nothing lies in" in set(result.enrichment["undefined"])
    assert (
        result.summary().startswith("0 of 3 parks lie within 25 km of a cluster; 1 of 1")
        and table["inside"].isna().all()
    )
    assert table["undefined"].tolist() == [""] * 3 + ["the park has no position"]
    none = overlay(PARKS, clusters=found([]), places=PLACES)
    assert (
        none.summary() == "There is no cluster to lay parks over." and (none.table["undefined"] != "").all()
    )


@pytest.mark.slow
def test_a_saved_result_does_as_well(tmp_path) -> None:
    again = tp.load_result(CLUSTERS.save(tmp_path / "clusters"))
    assert (
        overlay(PARKS, clusters=again, places=PLACES).digest
        == overlay(PARKS, clusters=CLUSTERS, places=PLACES).digest
    )


@pytest.mark.slow
def test_bad_input() -> None:
    for wrong in ({"within_km": 0.0}, {"simulations": 9}, {"level": 1.0}, {"weight": "activity"}):
        with pytest.raises(WrongOption):
            overlay(PARKS, clusters=CLUSTERS, places=PLACES, **wrong)
    with pytest.raises(MissingColumn, match="area_km2"):
        overlay(PARKS, clusters=CLUSTERS, places=PLACES, weight="area")
    with pytest.raises(MissingColumn, match="lie"):
        overlay(PARKS, clusters=Result.of(pd.DataFrame({"cluster": [1]}), text="", fields={}))
    with pytest.raises(MissingColumn, match="no clusters"):
        overlay(PARKS, clusters=Result.of(pd.DataFrame({"x": [1]}), text="", fields={}))


@pytest.mark.slow
def test_united_kingdom_parks_lie_in_their_regions(shared_data) -> None:
    """Coordinates of postcode districts; one park of the list stands at 0, 0, which the reader refuses and we empty."""
    frame = pd.read_csv(shared_data / "uk-science-parks" / "uk_science_parks.csv")
    parks = frame.rename(
        columns={"name": "park", "outcode_longitude": "longitude", "outcode_latitude": "latitude"}
    )
    nowhere = (parks["longitude"] == 0) & (parks["latitude"] == 0)
    parks.loc[nowhere, ["longitude", "latitude"]] = np.nan
    city = Result.of(
        pd.DataFrame({"cluster": ["Cambridge"], "longitude": [0.12], "latitude": [52.2]}), text="", fields={}
    )
    table = overlay(parks[["park", "longitude", "latitude"]], clusters=city).table.set_index("park")
    assert table.loc["Cambridge Science Park", "distance_km"] < 10
    assert len(table) == 111 and (table["undefined"] != "").sum() == nowhere.sum() == 1
