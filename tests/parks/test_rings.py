"""Oracles: rings worked by hand; counts by a plain loop over units and parks; effects that are known by ring."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyproj import Geod

import technopole as tp
from technopole.errors import TechnopoleError, WrongOption
from technopole.kernels.locations import RADIUS_KM

rings: Any = tp.parks.rings  # takes frames too
KM = 360 / (2 * np.pi * RADIUS_KM)  # degrees of latitude in one kilometre
PARK = pd.DataFrame({"park": ["Valley"], "longitude": [8.0], "latitude": [50.0], "opened": [2012]})


def contract_case() -> dict[str, Any]:
    return {"edges": (20.0, 40.0, 60.0)}


def at(distances: list[float], years: range = range(2010, 2015)) -> pd.DataFrame:
    """A firm at each of these distances north of the park."""
    rows = [
        {"firm": f"f{i:02d}", "year": year, "longitude": 8.0, "latitude": 50.0 + km * KM}
        for i, km in enumerate(distances)
        for year in years
    ]
    return pd.DataFrame(rows)


def test_rings_by_hand() -> None:
    result = rings(at([0.5, 1.5, 1.99, 2.01, 6, 11]), parks=PARK, within_km=1)
    one = result.table.drop_duplicates("firm")
    assert one["ring"].tolist() == ["inside", "0-2 km", "0-2 km", "2-5 km", "5-10 km", "beyond"]
    assert one["ring_low_km"].tolist() == [0, 0, 0, 2, 5, 10]
    assert one["ring_high_km"].fillna(-1).tolist() == [0, 2, 2, 5, 10, -1]
    assert one["entered"].tolist() == [2012] * 5 + [0] and one["parks_near"].tolist() == [1] * 5 + [0]
    np.testing.assert_allclose(one["distance_km"], [0.5, 1.5, 1.99, 2.01, 6, 11], rtol=1e-9)
    counts = result.counts.set_index(["ring", "year"])
    assert counts.loc[("0-2 km", 2011)][["units", "exposed"]].tolist() == [2, 0]
    assert counts.loc[("0-2 km", 2012)][["units", "exposed"]].tolist() == [2, 2]
    assert "1 inside, 2 at 0-2 km, 1 at 2-5 km, 1 at 5-10 km, and 1 beyond" in result.summary()


def test_a_unit_that_moves_stays_in_its_first_ring() -> None:
    rows = at([1, 1, 30])
    rows.loc[(rows["firm"] == "f01") & (rows["year"] > 2012), "latitude"] = 51.0
    result = rings(rows, parks=PARK)
    assert (result.table.groupby("firm")["ring"].nunique() == 1).all()
    assert result.table["ring"].value_counts().to_dict() == {"0-2 km": 10, "beyond": 5}
    assert any("1 units move" in said for said in result.warnings)


@pytest.mark.slow
def test_several_parks_near_and_parks_without_a_date() -> None:
    random = np.random.default_rng(4)
    parks = pd.DataFrame(
        {
            "park": [f"p{i:02d}" for i in range(12)],
            "longitude": random.uniform(8, 8.4, 12),
            "latitude": random.uniform(50, 50.3, 12),
            "opened": [2000 + i for i in range(11)] + [None],
        }
    )
    units = pd.DataFrame({"firm": [f"f{i:03d}" for i in range(80)], "year": 2010,
                          "longitude": random.uniform(8, 8.4, 80), "latitude": random.uniform(50, 50.3, 80)})  # fmt: skip
    result = rings(units, parks=parks)
    sphere = Geod(a=RADIUS_KM * 1000, b=RADIUS_KM * 1000)
    early = 0
    for own in result.table.itertuples():
        km = [
            sphere.inv(own.longitude, own.latitude, p.longitude, p.latitude)[2] / 1000
            for p in parks.itertuples()
        ]
        nearest = int(np.argmin(km))
        assert own.nearest_park == f"p{nearest:02d}" and own.parks_near == sum(k <= 10 for k in km)
        near = [2000 + i for i, k in enumerate(km) if k <= 10 and i < 11]
        early += min(km) <= 10 and nearest < 11 and min(near) < 2000 + nearest
    assert any(f"for {early:,} of them another came earlier" in said for said in result.warnings)
    unknown = result.table[(result.table["nearest_park"] == "p11") & (result.table["ring"] != "beyond")]
    assert len(unknown) and unknown["entered"].isna().all()
    assert any("isn't never" in said for said in result.warnings)


@pytest.mark.slow
def test_effects_by_ring_are_found() -> None:
    """The park takes 0.3 from firms within 2 km, gives nothing beyond."""
    random = np.random.default_rng(8)
    rows = at(
        list(random.uniform(0.2, 2, 60)) + list(random.uniform(2.1, 5, 60)) + list(random.uniform(20, 40, 60))
    )
    hit = (rows["latitude"] < 50 + 2 * KM) & (rows["year"] >= 2012)
    table = rings(rows.assign(sales=-0.3 * hit + random.normal(0, 0.05, len(rows))), parks=PARK).table
    for ring, effect in (("0-2 km", -0.3), ("2-5 km", 0.0)):
        own = table[table["ring"].isin([ring, "beyond"])]
        assert tp.effects.group_time_effects(own, outcome="sales").estimate == pytest.approx(effect, abs=0.04)


@pytest.mark.slow
def test_bad_input() -> None:
    for wrong in ({"edges": (2, 2)}, {"edges": (0, 2)}, {"within_km": 3.0}, {"within_km": -1.0}):
        with pytest.raises(WrongOption):
            rings(at([1], range(2010, 2011)), parks=PARK, **wrong)


def test_a_firm_twice_in_a_year_is_said_of_firms_not_of_establishments() -> None:
    """The frame has more columns of an establishments table than of firms; what is wrong is the row."""
    twice = pd.DataFrame({"firm": ["a", "a"], "year": 2010, "longitude": 8.0, "latitude": 50.0})
    park = pd.DataFrame({"park": ["P"], "longitude": [8.0], "latitude": [50.0], "opened": [2005]})
    with pytest.raises(TechnopoleError, match="firms"):
        rings(twice, parks=park)


def test_points_of_firms_as_geometry_are_told_how() -> None:
    park = pd.DataFrame({"park": ["P"], "longitude": [8.0], "latitude": [50.0], "opened": [2005]})
    firms = pd.DataFrame({"firm": ["a"], "year": 2010, "geometry": [bytes(21)]})
    with pytest.raises(TechnopoleError, match="geometry of firms"):
        rings(firms, parks=park)
