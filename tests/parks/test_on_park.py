"""Oracles: entries worked by hand; great circles of pyproj's Geod on the same sphere; outlines against points strewn densely on them."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod, Transformer

import technopole as tp
from technopole.errors import EmptyTable, MissingColumn, TechnopoleError, WrongOption
from technopole.kernels.locations import RADIUS_KM
from technopole.spatial.outlines import Sites, pairs
from technopole.tables import Parks

on_park: Any = tp.parks.on_park  # takes frames too
SPHERE = Geod(a=RADIUS_KM * 1000, b=RADIUS_KM * 1000)
PARK = pd.DataFrame(
    {"park": ["Valley"], "longitude": [8.0], "latitude": [50.0], "designated": [2012], "opened": [2011]}
)


def contract_case() -> dict[str, Any]:
    return {"within_km": 40.0}


def firm(places: list[str], first: int = 2010, name: str = "a") -> pd.DataFrame:
    """A firm that is inside ("i"), outside ("o") or nowhere (" ") year by year."""
    east = {"i": 8.0, "o": 9.0, " ": np.nan}
    return pd.DataFrame(
        {
            "firm": name,
            "year": [first + t for t in range(len(places))],
            "longitude": [east[p] for p in places],
            "latitude": [np.nan if p == " " else 50.0 for p in places],
        }
    )


def test_entry_exit_and_graduates_by_hand() -> None:
    yes, no = True, False
    worked = {
        "oooo": (0, 0, [no] * 4, [no] * 4),
        "iiii": (2011, 0, [no, yes, yes, yes], [no] * 4),  # not before the park opened
        "ooio": (2012, 2013, [no, no, yes, no], [no, no, no, yes]),
        "oioi": (2011, 2012, [no, yes, no, yes], [no, no, yes, no]),  # back again: left is the first time
        "iooo": (0, 0, [no] * 4, [no] * 4),  # gone before the park came
    }
    every = pd.concat([firm(list(path), name=path) for path in worked])
    result = on_park(every, parks=PARK, within_km=1)
    for path, (entered, left, inside, graduate) in worked.items():
        rows = result.table[result.table["firm"] == path]
        assert (rows["entered"] == entered).all() and (rows["left"] == left).all(), path
        assert rows["park"].notna().tolist() == inside and rows["graduate"].tolist() == graduate, path
    assert result.yearly["in_park"].tolist() == [0, 2, 2, 2] and result.yearly["graduates"].tolist() == [
        0,
        0,
        1,
        1,
    ]
    designated = on_park(every, parks=PARK, within_km=1, date="designated").table
    assert designated.loc[designated["firm"] == "iiii", "entered"].unique().tolist() == [2012]


def test_no_gap_in_position_is_taken_for_an_exit() -> None:
    result = on_park(firm(list("i i i")), parks=PARK, within_km=1)
    assert (result.table["left"] == 0).all() and len(result.table) == 5
    assert any("2 rows without coordinates take those" in said for said in result.warnings)
    result = on_park(firm(list("i io")), parks=PARK, within_km=1)
    assert len(result.table) == 3, "it moved, so where it was in between isn't known"
    assert result.sample["observations"].tolist() == [4, 3]


def test_moving_between_parks_and_overlaps() -> None:
    two = pd.concat([PARK, PARK.assign(park="Later", longitude=9.0, opened=2013, designated=2013)])
    result = on_park(firm(list("ooiio")), parks=two, within_km=1)
    assert result.table["park"].fillna("").tolist() == ["", "", "Valley", "Valley", "Later"]
    assert (result.table["entered"] == 2012).all() and any(
        "more than one park" in said for said in result.warnings
    )
    over = pd.concat([PARK, PARK.assign(park="A over it", opened=2013, designated=2013)])
    result = on_park(firm(list("iiiii")), parks=over, within_km=1)
    assert result.table["park"].dropna().unique().tolist() == ["Valley"], "the one that came first"
    assert any("lie in more than one park" in said for said in result.warnings)


def test_a_park_without_a_date_counts_always_and_is_said() -> None:
    result = on_park(firm(list("oii")), parks=PARK.assign(opened=pd.NA, designated=pd.NA), within_km=1)
    assert (result.table["entered"] == 2011).all()
    assert any("without a date" in said for said in result.warnings)


def test_establishments_of_one_period_enter_when_both_are_there() -> None:
    plants = pd.DataFrame(
        {
            "establishment_id": ["old", "new", "out", "unknown"],
            "firm": ["x", "x", "y", "z"],
            "industry": "26",
            "longitude": [8.0, 8.0, 9.0, 8.0],
            "latitude": 50.0,
            "opened": [1990, 2015, 2000, None],
        }
    )
    result = on_park(plants, parks=PARK, within_km=1)
    found = result.table.set_index("firm")
    assert (
        found.loc["old", "entered"] == 2011
        and found.loc["new", "entered"] == 2015
        and found.loc["out", "entered"] == 0
    )
    assert pd.isna(found.loc["unknown", "entered"]) and found.loc["unknown", "park"] == "Valley"
    assert any("isn't known" in said for said in result.warnings) and found.loc["old", "owner"] == "x"
    assert result.plot() is None


@pytest.mark.slow
def test_distances_are_great_circles() -> None:
    random = np.random.default_rng(1)
    spots = np.column_stack([random.uniform(-180, 180, 200), random.uniform(-80, 80, 200)])
    homes = np.column_stack([random.uniform(-180, 180, 20), random.uniform(-80, 80, 20)])
    sites = Sites([str(i) for i in range(20)], shapely.points(homes), True)
    near = pairs(spots, sites).drop_duplicates("point")
    every = np.array([[SPHERE.inv(*a, *b)[2] / 1000 for b in homes] for a in spots])
    np.testing.assert_allclose(near["distance_km"], every.min(axis=1), rtol=1e-9)
    assert near["site"].tolist() == every.argmin(axis=1).tolist()
    wide = pairs(spots, sites, within_km=3000)
    assert len(wide[wide["distance_km"] <= 3000]) == (every <= 3000).sum()


def outline() -> Any:
    """A zone of 20 km with a bay and a hole."""
    ring = shapely.Point(8.0, 50.0).buffer(0.15, quad_segs=8)
    return ring.difference(shapely.box(8.02, 49.98, 8.3, 50.03)).difference(
        shapely.Point(7.95, 50.05).buffer(0.02)
    )


@pytest.mark.slow
def test_distance_to_an_outline_against_points_strewn_on_it() -> None:
    random = np.random.default_rng(2)
    spots = np.column_stack([random.uniform(7.5, 8.5, 150), random.uniform(49.5, 50.5, 150)])
    found = pairs(spots, Sites(["zone"], np.array([outline()], dtype=object), True))
    dense = shapely.get_coordinates(shapely.segmentize(outline().boundary, 2e-4))
    closest = (
        np.array(
            [
                SPHERE.inv(*[np.full(len(dense), v) for v in spot], dense[:, 0], dense[:, 1])[2].min()
                for spot in spots
            ]
        )
        / 1000
    )
    np.testing.assert_allclose(found["signed_km"].abs(), closest, atol=0.02)
    within = shapely.contains_xy(outline(), spots[:, 0], spots[:, 1])
    assert found["inside"].tolist() == within.tolist() and (found["signed_km"].lt(0) == within).all()


def test_distance_to_an_outline_against_a_projection() -> None:
    """UTM 32 has scale errors under 0.1 % here; the sphere differs from the ellipsoid by up to 0.6 %."""
    turn = Transformer.from_crs("EPSG:4326", "EPSG:32632", always_xy=True)
    spots = np.column_stack([np.linspace(8.3, 9.5, 20), np.linspace(49.6, 50.6, 20)])
    flat = shapely.transform(outline(), turn.transform, interleaved=False)
    expected = shapely.distance(flat, shapely.points(np.column_stack(turn.transform(*spots.T)))) / 1000
    found = pairs(spots, Sites(["zone"], np.array([outline()], dtype=object), True))
    np.testing.assert_allclose(found["distance_km"], expected, rtol=0.006)


@pytest.mark.slow
def test_outlines_in_any_system_and_across_the_date_line() -> None:
    frame = gpd.GeoDataFrame(PARK.drop(columns=["longitude", "latitude"]), geometry=[outline()], crs=4326)
    spots = firm(list("io")).assign(longitude=[8.1, 8.4], latitude=[50.06, 50.1])
    one = on_park(spots, parks=frame).table
    two = on_park(spots, parks=frame.to_crs(3035)).table
    np.testing.assert_allclose(one["signed_km"], two["signed_km"], atol=0.02)
    assert one["signed_km"].iloc[0] < 0 < one["signed_km"].iloc[1] and one["ring"].tolist() == [
        "inside",
        "beyond",
    ]
    dateline = Sites(["Fiji"], np.array([shapely.Point(179.99, -17.0).buffer(0.001)], dtype=object), True)
    found = pairs(np.array([[-179.99, -17.0]]), dateline)
    assert found["distance_km"][0] == pytest.approx(
        SPHERE.inv(179.991, -17.0, -179.99, -17.0)[2] / 1000, rel=1e-3
    )


def test_on_a_plane() -> None:
    parks = Parks.of(
        pd.DataFrame({"park": ["P"], "geometry": ["POLYGON((0 0, 4 0, 4 4, 0 4, 0 0))"], "opened": [2000]}),
        crs="planar-km",
    )
    units = tp.read_firms(
        pd.DataFrame({"firm": ["a", "b"], "year": 2001, "x": [1.0, 7.0], "y": [1.0, 8.0]}), crs="planar-km"
    )
    found = on_park(units, parks=parks).table
    assert found["signed_km"].tolist() == pytest.approx([-1.0, 5.0], rel=1e-12)
    with pytest.raises(TechnopoleError, match="degrees"):
        on_park(units, parks=PARK, within_km=1)


@pytest.mark.slow
def test_order_of_rows_changes_nothing() -> None:
    random = np.random.default_rng(5)
    rows = pd.concat([firm(list(random.choice(["i", "o", " "], 8)), name=f"f{i}") for i in range(30)])
    one = on_park(rows, parks=PARK, within_km=1).table
    two = on_park(rows.sample(frac=1, random_state=1), parks=PARK, within_km=1).table
    pd.testing.assert_frame_equal(one, two)


@pytest.mark.slow
def test_goes_straight_into_an_estimator() -> None:
    """Firms whose sales rise by 0.5 when their place becomes a park."""
    random = np.random.default_rng(6)
    rows = pd.concat([firm(list("iiiiii" if i % 2 else "oooooo"), 2008, f"f{i:02d}") for i in range(60)])
    inside = (rows["longitude"] == 8.0) & (rows["year"] >= 2011)
    table = rows.assign(sales=0.5 * inside + random.normal(0, 0.05, len(rows)), park="said before")
    found = on_park(table, parks=PARK, within_km=1).table
    assert (found["park_given"] == "said before").all()
    effect = tp.effects.group_time_effects(found, outcome="sales")
    assert effect.estimate == pytest.approx(0.5, abs=0.06)


@pytest.mark.slow
def test_bad_input() -> None:
    for wrong in (
        {},
        {"within_km": 0.0},
        {"within_km": 1.0, "edges": (5, 2)},
        {"within_km": 1.0, "edges": ()},
    ):
        with pytest.raises(WrongOption):
            on_park(firm(list("io")), parks=PARK, **wrong)
    with pytest.raises(MissingColumn, match="coordinates"):
        on_park(firm(list("io")).drop(columns=["longitude", "latitude"]), parks=PARK, within_km=1)
    with pytest.raises(MissingColumn, match="position"):
        on_park(firm(list("io")), parks=PARK.drop(columns=["longitude", "latitude"]), within_km=1)
    with pytest.raises(EmptyTable, match="coordinates"):
        on_park(firm(list("  ")), parks=PARK, within_km=1)
    with pytest.raises(TechnopoleError, match="degrees"):
        on_park(firm(list("io")).assign(latitude=5000.0), parks=PARK, within_km=1)
    with pytest.raises(MissingColumn, match="designated"):
        on_park(firm(list("io")), parks=PARK.drop(columns="designated"), within_km=1, date="designated")


def test_parks_with_swapped_coordinates_are_suspected() -> None:
    swapped = PARK.rename(columns={"longitude": "latitude", "latitude": "longitude"})
    result = on_park(firm(["i", "o"]), parks=swapped, within_km=2)
    assert result.text.startswith("None of 1 units is in a park between 2010 and 2011.")
    assert any("longitude and latitude swapped" in said for said in result.warnings)
    right = on_park(firm(["i", "o"]), parks=PARK, within_km=2)
    assert not any("swapped" in said for said in right.warnings)
