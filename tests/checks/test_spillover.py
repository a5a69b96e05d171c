"""Oracles: distances by the haversine formula, estimates on rows picked by hand; a world in which neighbours lose."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from worlds import drawn, effect, estimate

import technopole as tp
from technopole.checks._near_units import near_units
from technopole.errors import MissingColumn, TechnopoleError, WrongOption
from technopole.tables import Firms

spillover: Any = tp.checks.spillover
OF: dict[str, Any] = {"count": 600, "years": 8, "noise": 0.1}


def contract_case() -> dict[str, Any]:
    return {"effect": effect("effect", count=120), "table": drawn("effect", count=120)}


def haversine(a: Any, b: Any) -> Any:
    east, north = np.radians(a[:, None, 0] - b[None, :, 0]), np.radians(a[:, None, 1] - b[None, :, 1])
    part = (
        np.sin(north / 2) ** 2
        + np.cos(np.radians(a[:, None, 1])) * np.cos(np.radians(b[None, :, 1])) * np.sin(east / 2) ** 2
    )
    return 2 * 6371.0088 * np.arcsin(np.sqrt(part))


def test_distances_and_years_by_brute_force() -> None:
    frame = drawn("effect").to_pandas().drop_duplicates("firm").sort_values("firm")
    inside, never = frame[frame["entered"] > 0], frame[frame["entered"] == 0]
    away = haversine(
        never[["longitude", "latitude"]].to_numpy(), inside[["longitude", "latitude"]].to_numpy()
    )
    found = near_units(drawn("effect"), (2.0, 5.0))
    assert found.distance["distance_km"].to_numpy() == pytest.approx(away.min(axis=1), rel=1e-7)
    years = np.where(away < 5, inside["entered"].to_numpy()[None, :], 9999).min(axis=1)
    assert found.since[5.0].to_numpy().tolist() == np.where(years == 9999, 0, years).tolist()


@pytest.mark.slow
def test_equals_the_estimate_on_rings_picked_by_hand() -> None:
    table = drawn("displacement", **OF)
    found = spillover(effect("displacement", **OF), table)
    near, frame = near_units(table, (2.0, 5.0, 10.0)), table.to_pandas()
    away = frame["firm"].map(near.distance.set_index("firm")["distance_km"])
    far = frame[(away >= 10) | (frame["entered"] > 0)]
    row = found.table.set_index("compared").loc["without units nearer than 10 km"]
    assert row["estimate"] == pytest.approx(
        estimate(far, outcome="log_sales", base="universal").estimate, rel=1e-10
    )
    since = frame["firm"].map(near.distance.assign(since=near.since[5.0]).set_index("firm")["since"])
    ring = frame.assign(entered=np.where(away < 5, since, 0))[
        (frame["entered"] == 0) & ((away >= 10) | ((away >= 2) & (away < 5)))
    ]
    row = found.table[found.table["ring_high_km"] == 5].iloc[0]
    expected = estimate(ring, outcome="log_sales", base="universal")
    assert (row["estimate"], row["std_error"]) == pytest.approx(
        (expected.estimate, expected.std_error), rel=1e-10
    )


@pytest.mark.slow
def test_worlds() -> None:
    """Firms 2 to 5 km away lose half of the effect (0.1) in the one, nothing in the other."""
    lost = spillover(effect("displacement", **OF), drawn("displacement", **OF))
    ring = lost.table[lost.table["ring_high_km"] == 5].iloc[0]
    assert lost.passed is False
    assert ring["low"] < -0.1 < ring["high"]
    assert ring["p_value"] < 0.01
    assert spillover(effect("effect", **OF), drawn("effect", **OF)).passed is True


@pytest.mark.slow
def test_with_distances_to_parks() -> None:
    drawn_firms = tp.simulate_firms("displacement", firms=600, years=8, noise=0.1, seed=1)
    on_park: Any = tp.parks.on_park
    table = Firms.of(on_park(drawn_firms.firms, parks=drawn_firms.parks, within_km=1.2).table)
    found = spillover(estimate(table, outcome="log_sales"), table)
    assert found.passed is False and "from a park" in found.text


def test_nowhere_or_everywhere_near() -> None:
    where = spillover(effect("effect", **OF), drawn("effect", **OF), edges=(5000.0,))
    assert where.passed is None and "too few to compare with" in where.text
    assert spillover(effect("effect", **OF), drawn("effect", **OF), edges=(0.001,)).passed is None


def test_bad_requests() -> None:
    for edges in ((), (0.0, 2.0), (5.0, 2.0)):
        with pytest.raises(WrongOption):
            spillover(effect("effect"), drawn("effect"), edges=edges)
    with pytest.raises(TechnopoleError, match="needs the table"):
        spillover(effect("effect"))
    nowhere = Firms.of(drawn("effect").to_pandas().drop(columns=["longitude", "latitude"]))
    with pytest.raises(MissingColumn, match="on_park"):
        spillover(estimate(nowhere, outcome="log_sales"), nowhere)
