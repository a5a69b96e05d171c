"""Oracles: quotients and intervals by hand, Wilson's by scipy, scipy's single linkage, planted clusters and noise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from cases import activity
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.stats import binomtest

import technopole as tp
from technopole.clusters import _joining, _outlines
from technopole.clusters._description import COLUMNS
from technopole.errors import TechnopoleError, WrongOption
from technopole.kernels.locations import on_plane, on_sphere
from technopole.tables import Activity, Places

SIDE = 6
NAMES = [f"{i:02d}" for i in range(SIDE * SIDE)]
PLANTED = ("07", "08", "13")
delineate: Any = tp.clusters.delineate  # takes frames too


def contract_case() -> dict[str, Any]:
    names = [f"{place:02d}" for place in range(12)]
    frame = pd.DataFrame(
        {
            "place": names,
            "longitude": [8 + i % 4 / 5 for i in range(12)],
            "latitude": [50 + i // 4 / 5 for i in range(12)],
        }
    )
    return {
        "table": Activity.of(activity()),
        "places": Places.of(frame),
        "industry": "3100",
        "value": "employment",
        "permutations": 99,
    }


def points(side: int = SIDE, step: float = 10.0) -> Places:
    names = [f"{i:02d}" for i in range(side * side)]
    frame = pd.DataFrame({"place": names, "x": [step * (i % side) for i in range(side**2)], "y": [step * (i // side) for i in range(side**2)]})  # fmt: skip
    return Places.of(frame, crs="planar-km")


def squares(names: list[str] | None = None) -> Places:
    shapes = [shapely.box(8 + i % SIDE / 10, 50 + i // SIDE / 10, 8.1 + i % SIDE / 10, 50.1 + i // SIDE / 10) for i in range(SIDE**2)]  # fmt: skip
    frame = gpd.GeoDataFrame(
        {"place": NAMES, "name": names or [f"town {n}" for n in NAMES]}, geometry=shapes, crs=4326
    )
    return Places.of(frame)


def plants(**more: Any) -> pd.DataFrame:
    own = [30 if name in PLANTED else 1 for name in NAMES]
    return pd.DataFrame(
        {
            "place": NAMES * 2,
            "industry": ["lasers"] * 36 + ["other"] * 36,
            "establishments": own + [100] * 36,
            **more,
        }
    )


def test_figures_of_a_cluster_by_hand() -> None:
    found = delineate(plants(), places=points(), industry="lasers")
    (row,) = found.table.to_dict("records")
    assert set(found.members["place"]) == {"01", "06", "07", "08", "13"}  # the circle of 10 km about 07
    x, here, k, all_ = 92, 592, 123, 3723
    assert (row["members"], row["places"]) == (x, 5)
    assert row["location_quotient"] == pytest.approx((x / here) / (k / all_), rel=1e-12)
    share = binomtest(x, here).proportion_ci(0.95, method="wilson")
    assert row["low"] == pytest.approx(share.low / (k / all_), rel=1e-12)
    assert row["high"] == pytest.approx(share.high / (k / all_), rel=1e-12)
    assert row["p_value"] == 0.001  # 999 simulations, none as extreme
    own = found.members.set_index("place")
    assert own.loc["07", "location_quotient"] == pytest.approx((30 / 130) / (k / all_), rel=1e-12)
    assert own.loc["01", "value"] == 1
    inside = found.industries.set_index("industry")
    assert inside.loc["other", ["establishments", "in_sector"]].tolist() == [500, 0]
    assert inside.loc["other", "location_quotient"] == pytest.approx((500 / 592) / (3600 / 3723), rel=1e-12)


def test_outline_is_the_union_of_its_places() -> None:
    found = delineate(plants(), places=squares(), industry="lasers")
    members = found.members["place"]
    frame = squares().to_pandas().set_index("place")
    want = shapely.union_all(shapely.from_wkb(frame.loc[members, "geometry"].to_numpy()))
    got = found.table.geometry.iloc[0]
    assert shapely.area(shapely.symmetric_difference(got, want)) < 1e-9
    assert found.table.crs.to_epsg() == 4326
    square = (
        gpd.GeoSeries([want], crs=4326).to_crs("+proj=cea +units=km").area.iloc[0]
    )  # another equal-area projection
    assert found.table["area_km2"].iloc[0] == pytest.approx(square, rel=1e-4)


@pytest.mark.slow
def test_hull_of_points_has_half_the_spacing_as_buffer() -> None:
    assert (
        _outlines.spacing_km(on_plane(np.array([0.0, 3, 3, 50]), np.zeros(4))) == 3.0
    )  # nearest others: 3, 3 and 47
    own = [40 if name == "35" else 1 for name in NAMES]
    found = delineate(
        plants().assign(establishments=own + [100] * 36), places=points(), industry="lasers", max_km=5
    )
    assert found.members["place"].tolist() == ["35"]
    assert found.table["area_km2"].iloc[0] == pytest.approx(np.pi * 5**2, rel=0.01)
    assert "5 km" in found.fields["geometry"].meaning
    wider = delineate(
        plants().assign(establishments=own + [100] * 36),
        places=points(),
        industry="lasers",
        max_km=5,
        buffer_km=10,
    )
    assert wider.table["area_km2"].iloc[0] == pytest.approx(4 * found.table["area_km2"].iloc[0], rel=1e-6)


def test_a_hull_is_drawn_alike_on_the_sphere_and_on_the_plane() -> None:
    random = np.random.default_rng(5)
    x, y = random.uniform(0, 20, 30), random.uniform(0, 20, 30)
    flat = _outlines.hull(x, y, planar=True, buffer_km=2.0)
    degree = 6371.0088 * np.pi / 180
    east, north = 10 + x / degree / np.cos(np.radians(0.1)), y / degree
    round_ = _outlines.hull(east, north, planar=False, buffer_km=2.0)
    assert _outlines.area_km2(round_, planar=False) == pytest.approx(shapely.area(flat), rel=0.02)


def test_joining_by_distance_is_single_linkage() -> None:
    random = np.random.default_rng(2)
    points_ = random.uniform(0, 30, (120, 2))
    points_[100:] = points_[:20]  # shared locations
    got = _joining.by_distance(on_plane(points_[:, 0], points_[:, 1]), 2.0)
    want = fcluster(linkage(points_, "single"), 2.0, "distance")
    assert len(set(zip(got, want, strict=True))) == len(set(got)) == len(set(want)) > 3
    degrees = _joining.by_distance(on_sphere(np.array([0.0, 0.0, 0.0]), np.array([0.0, 0.1, 0.3])), 12.0)
    assert degrees[0] == degrees[1] != degrees[2]  # 0.1 degrees = 11.1 km, 0.2 = 22.2 km


def test_joining_over_a_graph_follows_links_either_way() -> None:
    indptr, indices = np.array([0, 1, 1, 2, 3, 3]), np.array([1, 1, 4])  # 0 -> 1, 2 -> 1, 3 -> 4
    assert _joining.over_graph(indptr, indices, np.array([True] * 5)).tolist() == [0, 0, 0, 1, 1]
    assert _joining.over_graph(indptr, indices, np.array([True, False, True, True, False])).tolist() == [
        0,
        -1,
        1,
        2,
        -1,
    ]


@pytest.mark.slow
def test_no_cluster_in_a_flat_map_is_a_finding(tmp_path: Path) -> None:
    flat = plants().assign(establishments=[3] * 36 + [100] * 36)
    for method in ("scan", "local"):
        found = delineate(flat, places=points(), industry="lasers", method=method)
        assert found.table.empty and tuple(found.table.columns) == COLUMNS
        assert found.members.empty and found.industries.empty
        assert "No cluster of lasers is found" in found.text
        assert tp.load_result(found.save(tmp_path / method)).digest == found.digest
    on_earth = delineate(flat, places=squares(), industry="lasers")
    assert on_earth.table.crs.to_epsg() == 4326 and on_earth.plot(width=320) is not None


def of_years(series: list[int], first: int = 2010) -> pd.DataFrame:
    """The planted places with so many establishments in these years."""
    frames = [
        plants(year=first + t).assign(
            establishments=[x if name in PLANTED else 1 for name in NAMES] + [100] * 36
        )
        for t, x in enumerate(series)
    ]
    return pd.concat(frames, ignore_index=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("series", "born", "note"),
    [
        ([30, 1, 30, 30, 30], 2012, ""),
        ([30, 30, 30, 1, 30], 2010, "2010 or before"),
        ([30, 30, 1, 30, 30], None, "no 3 years running"),
        ([30, 30], None, "2 years of data"),
        ([30], None, "1 year of data"),
    ],
)
def test_birth_is_that_of_emergence(series: list[int], born: int | None, note: str) -> None:
    frame = of_years(series)
    found = delineate(frame, places=points(), industry="lasers")
    (row,) = found.table.to_dict("records")
    assert (None if pd.isna(row["born"]) else row["born"]) == born and note in row["born_note"]
    assert (f"born {born}" in found.text) is (born is not None)
    dated = tp.clusters.emergence(found, activity=frame, industry="lasers", simulations=99).table
    assert dated["born"].isna().tolist() == [born is None] and dated["born"].dropna().tolist() == [born] * (
        born is not None
    )


@pytest.mark.slow
def test_jobs_are_dated_by_plants_or_not_at_all() -> None:
    both = of_years([30] * 3).assign(employment=lambda f: 10 * f["establishments"])
    call: dict[str, Any] = {"places": points(), "industry": "lasers", "value": "employment"}
    assert delineate(both, **call).table["born"].tolist() == [2010]
    few = both.assign(establishments=lambda f: f["establishments"].where(f["industry"] == "other", 0.05))
    assert delineate(few, **call).table["born"].isna().all()  # 1.8 plants can't show it
    jobs = delineate(both.drop(columns="establishments"), **call).table
    assert jobs["born"].isna().all() and "establishments are known" in jobs["born_note"].iloc[0]


@pytest.mark.slow
def test_names_are_unique_and_from_the_largest_places() -> None:
    both = [30 if name in (*PLANTED, "34", "35", "29") else 1 for name in NAMES]
    frame = plants().assign(establishments=both + [100] * 36)
    places = squares(["Springfield"] * 36)
    found = delineate(frame, places=places, industry="lasers").table
    assert found["name"].tolist() == ["Springfield (1)", "Springfield (2)"]
    named = delineate(frame, places=squares([f"{'Big' if n in ('08', '34') else 'Small'} {n if n != '34' else '08'}" for n in NAMES]), industry="lasers").table  # fmt: skip
    assert named["name"].is_unique


@pytest.mark.slow
def test_renaming_places_changes_names_only() -> None:
    new = {name: f"p{99 - int(name)}" for name in NAMES}
    one = delineate(plants(), places=squares(), industry="lasers")
    turned = squares().to_pandas().assign(place=lambda f: f["place"].map(new)).sample(frac=1, random_state=1)
    frame = plants().assign(place=lambda f: f["place"].map(new)).sample(frac=1, random_state=2)
    two = delineate(frame, places=Places.of(turned, crs="EPSG:4326"), industry="lasers")
    pd.testing.assert_frame_equal(
        pd.DataFrame(two.table).drop(columns="geometry"), pd.DataFrame(one.table).drop(columns="geometry")
    )
    assert two.table.geometry.iloc[0].equals(one.table.geometry.iloc[0])
    assert set(two.members["place"]) == {new[place] for place in one.members["place"]}


def test_establishments_with_a_place_and_points_alone() -> None:
    rows = plants()
    spread = rows.loc[rows.index.repeat(rows["establishments"]), ["place", "industry"]].reset_index(drop=True)
    at = points().to_pandas().set_index("place")
    spread = spread.assign(
        longitude=8 + spread["place"].map(at["x"]) / 100, latitude=50 + spread["place"].map(at["y"]) / 100
    )
    spread = spread.assign(employment=[i % 7 for i in range(len(spread))])
    found = delineate(spread, industry="lasers")
    (row,) = found.table.to_dict("records")
    jobs = spread[spread["place"].isin(found.members["place"]) & (spread["industry"] == "lasers")]
    assert (row["members"], row["employment"]) == (len(jobs), jobs["employment"].sum())
    assert {"07", "08", "13"} <= set(found.members["place"])


def test_a_sector_counts_its_codes_by_their_weights() -> None:
    rows = plants()
    half = rows[rows["industry"] == "lasers"].assign(industry="lenses")
    sector = tp.sector("optics", scheme="mine", codes={"lasers": 1.0, "lenses": 0.5})
    found = delineate(pd.concat([rows, half]), places=points(), sector=sector)
    (row,) = found.table.to_dict("records")
    places = found.members["place"].nunique()
    assert row["sector"] == "optics"
    assert row["members"] == pytest.approx(1.5 * (90 + places - 3))
    assert found.industries.set_index("industry")["in_sector"].to_dict() == {
        "lasers": 1.0,
        "lenses": 0.5,
        "other": 0.0,
    }


@pytest.mark.slow
def test_local_finds_a_broad_specialised_region_and_only_that() -> None:
    side = 14
    inside = {f"{i:02d}" for i in range(side**2) if 3 <= i % side <= 7 and 4 <= i // side <= 8}
    names = [f"{i:02d}" for i in range(side**2)]
    own = np.random.default_rng(4).poisson([12 if name in inside else 2 for name in names])
    frame = pd.DataFrame({"place": names * 2, "industry": ["lasers"] * len(names) + ["other"] * len(names), "establishments": [*own, *[200] * len(names)]})  # fmt: skip
    for statistic in ("local_moran", "getis_ord"):
        found = delineate(frame, places=points(side), industry="lasers", method="local", statistic=statistic)
        assert len(found.table) == 1
        core = found.members[found.members["significant"]]
        assert set(core["place"]) <= inside and len(core) > 12
        assert found.table["p_value"].iloc[0] == core["q_value"].min() <= 0.05
        assert (found.members["location_quotient"] > 1).all()


def plants_in_two_towns() -> pd.DataFrame:
    random = np.random.default_rng(1)
    count = 500
    east, north = random.uniform(8, 10, count), random.uniform(50, 51, count)
    for town, (x, y) in enumerate([(8.5, 50.5), (9.5, 50.3)]):
        east[town * 20 : town * 20 + 20] = random.normal(x, 0.01, 20)
        north[town * 20 : town * 20 + 20] = random.normal(y, 0.01, 20)
    return pd.DataFrame({"establishment_id": [f"e{i:03d}" for i in range(count)], "industry": ["lasers"] * 50 + ["other"] * (count - 50), "longitude": east, "latitude": north, "employment": 5})  # fmt: skip


def test_single_establishments_are_joined_into_towns() -> None:
    frame = plants_in_two_towns()
    found = delineate(frame, industry="lasers", method="cluster_index", permutations=199)
    assert len(found.table) == 2
    for town in (frame[:20], frame[20:40]):
        inside = [
            shapely.contains_xy(one, town["longitude"], town["latitude"]) for one in found.table.geometry
        ]
        assert any(all_.all() for all_ in inside)
    for row in found.table.to_dict("records"):
        inside = frame[shapely.contains_xy(row["geometry"], frame["longitude"], frame["latitude"])]
        own = (inside["industry"] == "lasers").sum()
        assert row["members"] == own and row["employment"] == 5 * own
        assert row["location_quotient"] == pytest.approx((own / len(inside)) / (50 / 500), rel=1e-12)
        assert row["places"] == own and "° N" in row["name"]


@pytest.mark.slow
def test_points_of_an_activity_table_are_joined_alike() -> None:
    frame = plants_in_two_towns()
    cells = (
        frame[["establishment_id", "industry"]]
        .rename(columns={"establishment_id": "place"})
        .assign(establishments=1)
    )
    places = frame.rename(columns={"establishment_id": "place"})[["place", "longitude", "latitude"]]
    single = delineate(frame, industry="lasers", method="cluster_index", permutations=199)
    counted = delineate(cells, places=places, industry="lasers", method="cluster_index", permutations=199)
    assert counted.table["members"].tolist() == single.table["members"].tolist()
    assert counted.table["location_quotient"].tolist() == single.table["location_quotient"].tolist()
    own = counted.members[counted.members["value"] > 0]
    assert own.groupby("cluster")["value"].sum().tolist() == single.members["value"].tolist()


@pytest.mark.slow
def test_no_row_of_a_single_establishment_is_kept() -> None:
    frame = plants_in_two_towns()
    frame["place"] = np.where(frame["longitude"] < 9, "west", "east")
    call: dict[str, Any] = {"industry": "lasers", "method": "cluster_index", "permutations": 199}
    bare = delineate(frame.drop(columns="place"), **call)
    found = delineate(frame, **call)
    assert found.members["place"].tolist() == found.members["name"].tolist() == [
        "west",
        "east",
    ] or found.members["place"].tolist() == ["east", "west"]
    assert bare.members["place"].isna().all() and len(bare.members) == 2
    for one in (found, bare):
        assert one.members["establishments"].tolist() == one.table["members"].tolist()
        assert one.members["employment"].tolist() == one.table["employment"].tolist()
        assert one.members["q_value"].tolist() == one.table["p_value"].tolist()
        assert one.members["significant"].all()
        for table in one.frames.values():
            text = pd.DataFrame(table).drop(columns="geometry", errors="ignore").to_csv()
            assert not any(name in text for name in frame["establishment_id"])


def test_the_ground_of_the_map_is_named() -> None:
    found = delineate(plants(), places=squares(), industry="lasers", base="us_states")
    assert found.chart.options["base"] == "us_states" and found.plot(width=320) is not None


def test_industries_shuffled_over_the_same_sites_make_no_cluster() -> None:
    frame = plants_in_two_towns()
    frame["industry"] = np.random.default_rng(8).permutation(frame["industry"])
    found = delineate(frame, industry="lasers", method="cluster_index", permutations=199)
    assert found.table.empty and "No cluster" in found.text


def test_small_clusters_are_left_out_and_counted() -> None:
    found = delineate(plants(), places=points(), industry="lasers", minimum=93)
    assert found.table.empty and any("fewer than 93" in said for said in found.warnings)


def test_a_table_of_one_industry_has_no_quotient() -> None:
    alone = plants().query("industry == 'lasers'")
    found = delineate(alone, places=points(), industry="lasers")
    assert found.table.empty or found.table["location_quotient"].isna().all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"industry": None}, "industry= or sector="),
        ({"places": None}, "where the places lie"),
        ({"industry": "laser"}, "no industry"),
        ({"year": 1999}, "no such year"),
        ({"value": "wages"}, "no value"),
        ({"alpha": 1.0}, "between 0 and 1"),
        ({"radius_km": 0}, "more than 0 km"),
        ({"buffer_km": -2.0}, "more than 0 km"),
    ],
)
def test_wrong_calls_say_what_to_do(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(TechnopoleError, match=words):
        delineate(plants(), **{"places": points(), "industry": "lasers", **changed})
    with pytest.raises(WrongOption):
        delineate(plants(), places=points(), industry="lasers", method="kmeans")


def economy(
    seed: int, planted: tuple[int, ...], side: int = 16, total: int = 320
) -> tuple[pd.DataFrame, Places]:
    """Places of very different size; `planted` are the corners of blocks of 2 x 2 places with six times the rate."""
    random = np.random.default_rng(seed)
    size = np.maximum(np.exp(random.normal(0, 1, side**2)) * 200, 5).round()
    rate = np.ones(side**2)
    for corner in planted:
        rate[[corner, corner + 1, corner + side, corner + side + 1]] = 6
    own = random.multinomial(total, size * rate / (size * rate).sum())
    names = points(side).to_pandas()["place"].tolist()
    frame = pd.DataFrame({"place": names * 2, "industry": ["lasers"] * len(names) + ["other"] * len(names), "establishments": [*own, *size.astype(int)]})  # fmt: skip
    return frame, points(side, 20.0)


@pytest.mark.slow
def test_noise_holds_a_cluster_in_at_most_the_nominal_share_of_maps() -> None:
    """Of 60 maps of pure noise at alpha 5 %: a binomial count, at most 7 with probability 0.99."""
    with_cluster = 0
    for seed in range(60):
        frame, places = economy(seed, ())
        found = delineate(frame, places=places, industry="lasers", permutations=99, minimum=1, seed=seed)
        with_cluster += not found.table.empty
    assert with_cluster <= 7


@pytest.mark.slow
def test_planted_clusters_are_found() -> None:
    side, corners = 16, (2 * 16 + 2, 8 * 16 + 8, 12 * 16 + 3)
    found, false = 0, 0
    for seed in range(12):
        frame, places = economy(seed, corners, side)
        members = delineate(
            frame, places=places, industry="lasers", permutations=99, minimum=1, seed=seed
        ).members
        names = points(side).to_pandas()["place"].to_numpy()
        blocks = [set(names[[c, c + 1, c + side, c + side + 1]]) for c in corners]
        found += sum(bool(block & set(members["place"])) for block in blocks)
        false += sum(not (set(own["place"]) & set().union(*blocks)) for _, own in members.groupby("cluster"))
    assert found >= 0.7 * 36
    assert false <= 3  # of 12 maps; one in twenty is nominal


def test_a_map_of_nothing_has_no_cluster() -> None:
    place = [f"p{i}" for i in range(16)]
    points = pd.DataFrame({"place": place, "longitude": np.linspace(8, 9, 16), "latitude": 50.0})
    rows = pd.DataFrame({"place": place * 2, "industry": ["a"] * 16 + ["b"] * 16, "establishments": 0.0})
    found = tp.clusters.delineate(rows, places=points, industry="a", method="local")
    assert found.table["cluster"].isna().all() or found.table.empty
    assert "No cluster of a is found" in found.summary()
