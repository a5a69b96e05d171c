"""Exposure to parks: by hand, against a plain loop with pyproj's geodesic on the sphere, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyproj import Geod

import technopole as tp
from technopole.errors import EmptyTable, MissingColumn, TechnopoleError, WrongOption

exposure = tp.competitiveness.park_exposure
KM = np.pi / 180 * 6371.0088  # a degree of latitude on the sphere of mean radius


def places(rows: dict[str, tuple[float | None, float | None]] | None = None, **columns: Any) -> pd.DataFrame:
    found = rows or {"a": (10.0, 0.0), "b": (10.0, 1.0)}
    frame = pd.DataFrame(
        {
            "place": list(found),
            "longitude": [x for x, _ in found.values()],
            "latitude": [y for _, y in found.values()],
        }
    )
    return frame.assign(**columns)


def parks(*rows: tuple[str, float | None, float | None, int | None]) -> pd.DataFrame:
    frame = pd.DataFrame(
        rows or [("P", 10.0, 0.0, 2011)], columns=["park", "longitude", "latitude", "opened"]
    )
    return frame.astype({"opened": "Int64"})


def mix(**parts: dict[str, float]) -> pd.DataFrame:
    rows = [(park, code, 2011, jobs) for park, own in parts.items() for code, jobs in own.items()]
    return pd.DataFrame(rows, columns=["place", "industry", "year", "employment"])


def contract_case() -> dict[str, Any]:
    """What the contract suite calls the member with: standard parks, places near two of them."""
    lie = {"00": (8.0, 50.0), "01": (8.2, 50.1), "02": (9.0, 51.0), "03": (None, None)}
    return {
        "places": places(lie),
        "decay_km": 30.0,
        "composition": mix(North={"a": 1, "b": 3}, South={"b": 1}, 光谷={"a": 2}),
    }


def at(found: tp.result.Result, place: str, industry: str = "all", year: int = 2011) -> float:
    rows = found.table
    return float(
        rows[(rows["place"] == place) & (rows["industry"] == industry) & (rows["year"] == year)][
            "exposure"
        ].iloc[0]
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kernel", "far"),
    [
        ("exponential", np.exp(-KM / 50)),
        ("gaussian", np.exp(-0.5 * (KM / 50) ** 2)),
        ("inverse", 1 / (1 + KM / 50)),
        ("uniform", 0.0),
    ],
)
def test_kernels_by_hand(kernel: Any, far: float) -> None:
    found = exposure(parks(), places=places(), decay_km=50, kernel=kernel)
    assert at(found, "a") == 1.0 and at(found, "a", year=2010) == 0.0
    assert at(found, "b") == pytest.approx(far, rel=1e-12)


def test_shares_add_up_over_parks_and_a_park_counts_from_its_year() -> None:
    """Two parks at one spot, with a quarter and all of industry x: 1/4 in 2011, 5/4 from 2013."""
    two = parks(("P", 10.0, 0.0, 2011), ("Q", 10.0, 0.0, 2013))
    found = exposure(
        two, places=places(), decay_km=10, composition=mix(P={"x": 1, "y": 3}, Q={"x": 7}), threshold=0.5
    )
    seen = [at(found, "a", "x", year) for year in (2010, 2011, 2012, 2013)]
    np.testing.assert_allclose(seen, [0, 0.25, 0.25, 1.25], rtol=1e-12)
    first = found.table.drop_duplicates(["place", "industry"]).set_index(["place", "industry"])
    assert first["first_year"].to_dict() == {("a", "x"): 2013, ("a", "y"): 2011, ("b", "x"): 0, ("b", "y"): 0}
    assert first["exposed"].to_dict() == {
        ("a", "x"): "yes",
        ("a", "y"): "yes",
        ("b", "x"): "no",
        ("b", "y"): "no",
    }


@pytest.mark.slow
def test_the_first_year_of_a_composition_counts() -> None:
    later = pd.concat([mix(P={"x": 1}), mix(P={"y": 9}).assign(year=2015)])
    found = exposure(parks(), places=places(), decay_km=10, composition=later)
    assert (at(found, "a", "x"), at(found, "a", "y")) == (1.0, 0.0)


@pytest.mark.slow
def test_against_a_plain_loop_over_random_places() -> None:
    random = np.random.default_rng(3)
    spots = {f"r{k:02d}": (random.uniform(5, 12), random.uniform(45, 52)) for k in range(25)}
    listed = parks(
        *[(f"P{k}", random.uniform(5, 12), random.uniform(45, 52), int(2005 + k % 4)) for k in range(9)]
    )
    own = {
        f"P{k}": {
            code: float(random.integers(1, 9)) for code in random.choice(list("uvwxyz"), 3, replace=False)
        }
        for k in range(9)
    }
    found = exposure(listed, places=places(spots), decay_km=60, composition=mix(**own), max_km=300)
    sphere = Geod(a=6371008.8, f=0)
    for row in found.table.sample(60, random_state=1).to_dict("records"):
        expected = 0.0
        for park in listed.to_dict("records"):
            km = sphere.inv(*spots[row["place"]], park["longitude"], park["latitude"])[2] / 1000
            if park["opened"] <= row["year"] and km <= 300:
                parts = own[park["park"]]
                expected += parts.get(row["industry"], 0.0) / sum(parts.values()) * np.exp(-km / 60)
        assert row["exposure"] == pytest.approx(expected, rel=1e-10, abs=1e-14)


def test_countries_average_their_places_by_their_share_of_the_industry() -> None:
    """a is exposed by 1, b by exp(-KM/50): weights 30/40 and 10/40 for x, all of y in b."""
    jobs = mix(a={"x": 30}, b={"x": 10, "y": 5}).assign(year=2001)
    later = mix(a={"x": 1}, b={"x": 99, "y": 5})
    sector = tp.sector("all of it", scheme="mine", codes=["x", "y"])
    found = exposure(
        parks(),
        places=places(country="C"),
        decay_km=50,
        activity=pd.concat([jobs, later]),
        sector=sector,
        by="country",
    )
    assert at(found, "C", "x") == pytest.approx(0.75 + 0.25 * np.exp(-KM / 50), rel=1e-12)
    assert at(found, "C", "y") == pytest.approx(np.exp(-KM / 50), rel=1e-12)


@pytest.mark.slow
def test_a_country_without_an_industry_is_undefined() -> None:
    jobs = mix(a={"x": 30}, b={"x": 0, "y": 5})
    sector = tp.sector("both", scheme="mine", codes=["x", "y"])
    found = exposure(
        parks(), places=places(country=["C", "D"]), decay_km=50, activity=jobs, sector=sector, by="country"
    ).table
    lost = found[found["undefined"] != ""]
    assert (
        set(zip(lost["place"], lost["industry"], strict=True)) == {("C", "y"), ("D", "x")}
        and lost["exposure"].isna().all()
    )


@pytest.mark.slow
def test_outlines_count_from_their_edge() -> None:
    import geopandas as gpd
    from shapely.geometry import box

    outline = gpd.GeoDataFrame(
        {"park": ["P"], "opened": [2011]}, geometry=[box(9.5, -0.5, 10.5, 0.5)], crs="EPSG:4326"
    )
    found = exposure(outline, places=places(), decay_km=50)
    assert at(found, "a") == 1.0
    assert at(found, "b") == pytest.approx(np.exp(-KM / 2 / 50), rel=1e-3)


@pytest.mark.slow
def test_what_is_not_known_is_said() -> None:
    listed = parks(
        ("P", 10.0, 0.0, 2011),
        ("nowhere", None, None, 2011),
        ("undated", 10.0, 0.0, None),
        ("unknown", 10.0, 0.0, 2012),
    )
    spots = places({"a": (10.0, 0.0), "lost": (None, None)})
    found = exposure(listed, places=spots, decay_km=50, composition=mix(P={"x": 1}))
    said = " ".join(found.warnings)
    assert "nowhere" in said and "undated" in said and "unknown" in said
    last = found.table.iloc[-1]
    assert (
        last["place"] == "lost"
        and pd.isna(last["exposure"])
        and last["undefined"] == "the place has no position"
    )
    assert at(found, "a", "x") == 1.0


PLANE = tp.read_places(pd.DataFrame({"place": ["a"], "x": [0.0], "y": [0.0]}), crs="planar-km")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"decay_km": 0}, "decay_km"),
        ({"max_km": -1.0}, "max_km"),
        ({"threshold": 0.001}, "unexposed"),
        ({"kernel": "linear"}, "kernel"),
        ({"composition": mix(Z={"x": 1})}, "none of the parks"),
        ({"sector": tp.sector("s", scheme="mine", codes=["x"])}, "industries"),
        ({"by": "country"}, "needs what there is"),
        ({"activity": mix(z={"x": 1})}, "none of the 1 places"),
        ({"date": "designated"}, "no column"),
        ({"parks": parks(("P", None, None, 2011))}, "no park has a position"),
        ({"parks": parks(("P", 10.0, 0.0, None))}, "has a year"),
        ({"parks": pd.DataFrame({"park": ["P"], "opened": [2011]})}, "no position"),
        ({"places": pd.DataFrame({"place": ["a"]})}, "no coordinates"),
        ({"places": places({"a": (None, None)})}, "no place has a position"),
        ({"places": PLANE}, "different systems"),
    ],
)
def test_wrong_use(wrong: dict[str, Any], said: str) -> None:
    given: dict[str, Any] = {"parks": parks(), "places": places(), "decay_km": 50, **wrong}
    with pytest.raises(TechnopoleError, match=said) as error:
        exposure(given.pop("parks"), **given)
    assert isinstance(error.value, (WrongOption, EmptyTable, MissingColumn))


@pytest.mark.slow
def test_order_of_rows_changes_nothing() -> None:
    world = tp.simulate_trade(seed=3)
    one = exposure(world.parks, places=world.places, composition=world.composition, decay_km=20)
    two = exposure(
        world.parks.sample(frac=1, random_state=1), places=world.places.sample(frac=1, random_state=2),
        composition=world.composition.sample(frac=1, random_state=3), decay_km=20,
    )  # fmt: skip
    pd.testing.assert_frame_equal(one.table, two.table)
