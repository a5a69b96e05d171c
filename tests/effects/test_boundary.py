"""Oracles: noiseless rings by hand, group-time effects of one ring, local-linear regression written out, TVA counties (Kline & Moretti)."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cases import firms as standard_firms

import technopole as tp
from technopole.errors import EmptyTable, MissingColumn, TechnopoleError, WrongOption

boundary: Any = tp.effects.boundary  # takes frames too
RINGS = {0.0: 2.0, 1.0: -1.0, 4.0: 0.5, 8.0: 0.0, 30.0: 0.0}


def contract_case() -> dict[str, object]:
    table = standard_firms()
    number = table["firm"].str[1:].astype(int)
    table["distance_km"] = np.array([0.0, 1.5, 4.0, 30.0])[number % 4]
    table["entered"] = 2015
    return {"firms": tp.tables.Firms.of(table), "outcome": "log_sales", "edges": [2, 5]}


def around(noise: float = 0.0, each: int = 8, seed: int = 1) -> pd.DataFrame:
    """Firms at five distances; from 2004 on each ring changes by what RINGS says."""
    random = np.random.default_rng(seed)
    rows = [
        (f"{distance:g}-{i}", 2000 + t, distance, 2004, i + 0.3 * t + RINGS[distance] * (t >= 4) + random.normal(0, noise) * (noise > 0))
        for (distance, i), t in itertools.product(itertools.product(RINGS, range(each)), range(8))
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["firm", "year", "distance_km", "entered", "jobs"])


def border(count: int = 600, jump: float = 2.0, noise: float = 0.3, seed: int = 5) -> pd.DataFrame:
    """Firms left and right of a border; inside they rise by `jump` in 2003, and the rise falls with distance on both sides."""
    random = np.random.default_rng(seed)
    signed = random.uniform(-4, 4, count)
    level = 10 - 2 * signed
    rows = [
        (f"f{i:04d}", 2000 + t, signed[i], max(signed[i], 0.0), 2003,
         level[i] + (t >= 3) * (jump * (signed[i] <= 0) - 0.4 * signed[i]) + random.normal(0, noise))
        for i, t in itertools.product(range(count), range(6))
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["firm", "year", "signed_km", "distance_km", "entered", "jobs"])


def test_one_noiseless_ring_is_exact() -> None:
    found = boundary(around()[lambda t: t["distance_km"].isin([1, 30])], outcome="jobs", edges=[2])
    rows = found.table.set_index("ring")
    assert rows.loc["0-2 km", "estimate"] == pytest.approx(-1, abs=1e-12)
    assert math.isnan(rows.loc["inside", "estimate"]) and "no unit enters" in rows.loc["inside", "undefined"]


@pytest.mark.slow
def test_noiseless_rings_are_exact() -> None:
    found = boundary(around(), outcome="jobs")
    table = found.table.set_index("ring")
    assert list(table.index) == ["inside", "0-2 km", "2-5 km", "5-10 km"]
    assert table["estimate"].tolist() == pytest.approx([2, -1, 0.5, 0], abs=1e-12)
    assert table["n"].tolist() == [8] * 4 and table["controls"].tolist() == [8] * 4
    assert table["ring_high_km"].tolist() == [0, 2, 5, 10]
    assert found.estimate == pytest.approx(-1)  # the nearest ring outside
    assert found.sample["units"].tolist() == [40, 8, 8, 8, 8, 8]


@pytest.mark.slow
def test_each_ring_is_a_group_time_effect_against_the_outermost() -> None:
    table = around(0.5)
    found = boundary(table, outcome="jobs", level=0.9)
    one = table[table["distance_km"].isin([4.0, 30.0])].assign(
        entered=lambda t: np.where(t["distance_km"] == 4, 2004, 0)
    )
    alone: Any = tp.effects.group_time_effects
    own = alone(one, outcome="jobs", level=0.9)
    row = found.table.set_index("ring").loc["2-5 km"]
    assert [row["estimate"], row["std_error"], row["low"], row["high"]] == pytest.approx(
        [own.estimate, own.std_error, own.low, own.high], rel=1e-12
    )
    events = found.by_event[found.by_event["ring"] == "2-5 km"]
    assert events["estimate"].tolist() == pytest.approx(
        own.aggregate("event").table["estimate"].tolist(), rel=1e-12
    )


@pytest.mark.slow
def test_readings_follow_the_intervals() -> None:
    found = boundary(around(0.3, each=20), outcome="jobs")
    assert found.table["reading"].tolist() == ["effect", "displacement", "spillover", "no sign of either"]
    assert "Displacement in 0-2 km; spillover in 2-5 km" in found.text
    assert "Levels in 0-2 km differ by" in found.text
    quiet = boundary(
        around(0.3, each=20).assign(jobs=lambda t: np.random.default_rng(4).normal(0, 1, len(t))),
        outcome="jobs",
    )
    assert "no ring shows" in quiet.text.lower()


@pytest.mark.slow
def test_rings_of_the_table_and_one_year_for_all() -> None:
    table = around(0.2)
    edges = {
        0.0: ("inside", 0, 0),
        1.0: ("0-2 km", 0, 2),
        4.0: ("2-5 km", 2, 5),
        8.0: ("5-10 km", 5, 10),
        30.0: ("beyond", 10, None),
    }
    for place, name in enumerate(("ring", "ring_low_km", "ring_high_km")):
        table[name] = [edges[d][place] for d in table["distance_km"]]
    table.loc[table["ring"] == "beyond", "entered"] = 0
    given = boundary(table, outcome="jobs").table
    made = boundary(around(0.2), outcome="jobs", since=2004).table
    pd.testing.assert_frame_equal(given, made)


@pytest.mark.slow
def test_a_ring_without_firms_says_so_and_sorts_last() -> None:
    found = boundary(around(0.2), outcome="jobs", edges=[2, 3, 5])
    assert found.table["ring"].tolist() == ["inside", "0-2 km", "3-5 km", "2-3 km"]
    assert found.table["undefined"].iloc[-1]
    assert any(said.startswith("ring 2-3 km") for said in found.warnings)
    near = boundary(around(0.2), outcome="jobs", edges=[2, 5], outer_km=10)
    assert near.table["controls"].tolist() == [8, 8, 8]


@pytest.mark.slow
def test_jump_against_local_linear_regression() -> None:
    """The conventional estimate at a given bandwidth is the difference of two weighted regressions' intercepts, written out here."""
    table = border()
    found = boundary(table, outcome="jobs", design="boundary", bandwidth_km=1.5)
    firm = table.groupby("firm")
    change = firm.apply(
        lambda t: t.loc[t["year"] >= 2003, "jobs"].mean() - t.loc[t["year"] < 2003, "jobs"].mean()
    )
    distance = -firm["signed_km"].first()
    ends = []
    for inside in (True, False):
        x, y = distance[(distance >= 0) == inside].to_numpy(), change[(distance >= 0) == inside].to_numpy()
        weight = np.sqrt(np.maximum(1 - np.abs(x) / 1.5, 0))
        exog = np.column_stack([np.ones_like(x), x]) * weight[:, None]
        ends.append(np.linalg.lstsq(exog, y * weight, rcond=None)[0][0])
    row = found.table.iloc[0]
    assert row["conventional"] == pytest.approx(ends[0] - ends[1], rel=1e-8)
    assert row["n"] == ((distance >= 0) & (distance < 1.5)).sum()
    assert found.low < 2 < found.high
    assert found.estimate == pytest.approx(2, abs=0.3)
    assert found.density["p_value"].iloc[0] > 0.05
    assert found.bins["units"].sum() == 600 and len(found.bins) == 20


@pytest.mark.slow
def test_levels_show_older_differences_changes_do_not() -> None:
    table = border()
    table.loc[table["signed_km"] <= 0, "jobs"] += 5
    changes = boundary(table, outcome="jobs", design="boundary")
    levels = boundary(table, outcome="jobs", design="boundary", compare="levels")
    assert changes.estimate == pytest.approx(2, abs=0.3)
    assert levels.estimate == pytest.approx(7, abs=0.5)


@pytest.mark.slow
def test_crowding_at_the_border_is_said() -> None:
    table = border(1200)
    outside = (
        (table["signed_km"] > 0) & (table["signed_km"] < 1.5) & (table["firm"].str[1:].astype(int) % 4 > 0)
    )
    found = boundary(table[~outside], outcome="jobs", design="boundary")
    assert found.density["p_value"].iloc[0] < 0.05
    assert any("crowd on one side" in said for said in found.warnings)


@pytest.mark.slow
def test_row_order_changes_nothing() -> None:
    for table, design in ((around(0.2), "rings"), (border(200), "boundary")):
        one, other = (
            boundary(t, outcome="jobs", design=design) for t in (table, table.sample(frac=1, random_state=2))
        )
        for name, frame in one.frames.items():
            pd.testing.assert_frame_equal(frame, other.frames[name], check_exact=True)


@pytest.mark.parametrize(
    ("change", "options", "kind", "words"),
    [
        ({}, {"edges": [5, 2]}, WrongOption, "rising"),
        ({}, {"edges": []}, WrongOption, "rising"),
        ({}, {"outer_km": 5}, WrongOption, "beyond the last ring"),
        ({}, {"edges": [40]}, TechnopoleError, "every unit enters"),
        ({"entered": 0}, {}, TechnopoleError, "no unit enters"),
        ({}, {"since": "opened"}, MissingColumn, "opened"),
        ({}, {"design": "boundary"}, MissingColumn, "signed_km"),
        ({}, {"bandwidth_km": 2.0}, WrongOption, "doesn't belong"),
        ({}, {"design": "boundary", "edges": [2]}, WrongOption, "doesn't belong"),
        ({"signed_km": 3.0}, {"design": "boundary"}, EmptyTable, "inside the border"),
        ({"signed_km": np.nan}, {"design": "boundary"}, EmptyTable, "no outline"),
        ({"signed_km": 3.0}, {"design": "boundary", "bandwidth_km": -1.0}, WrongOption, "above 0"),
        ({}, {"level": 2.0}, WrongOption, "level"),
        ({}, {"outcome": "sales"}, MissingColumn, "sales"),
        ({"jobs": np.nan}, {}, TechnopoleError, "empty in every row"),
    ],
)  # fmt: skip
def test_bad_input(
    change: dict[str, Any], options: dict[str, Any], kind: type[TechnopoleError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        boundary(around().assign(**change), **{"outcome": "jobs", **options})


def test_bad_borders_and_movers() -> None:
    with pytest.raises(TechnopoleError, match="can't be estimated"):
        boundary(border(5), outcome="jobs", design="boundary")
    with pytest.raises(WrongOption, match="above 0"):
        boundary(border(50), outcome="jobs", design="boundary", bandwidth_km=0.0)
    moving = around()
    moving.loc[moving["year"] > 2004, "distance_km"] += 3
    with pytest.raises(TechnopoleError, match="more than one ring"):
        boundary(moving, outcome="jobs")
    with pytest.raises(MissingColumn, match="distance_km"):
        boundary(around().drop(columns="distance_km"), outcome="jobs")


def tva(shared_data: Path) -> pd.DataFrame:
    """Counties by decade, with the distance of their centres of population to the nearest county of the Tennessee Valley Authority."""
    folder = shared_data / "us-tva-counties"
    counties = pd.read_csv(folder / "counties.csv").dropna(subset=["latitude", "longitude"])
    jobs = pd.read_csv(folder / "county_jobs_1900_2000.csv.gz")
    lat, lon = np.radians(counties["latitude"].to_numpy()), np.radians(counties["longitude"].to_numpy())
    inside = counties["tva"].to_numpy() == 1
    h = (
        np.sin((lat[:, None] - lat[inside]) / 2) ** 2
        + np.cos(lat)[:, None] * np.cos(lat[inside]) * np.sin((lon[:, None] - lon[inside]) / 2) ** 2
    )
    counties["distance_km"] = np.where(inside, 0.0, 2 * 6371.0088 * np.arcsin(np.sqrt(h)).min(axis=1))
    table = jobs.merge(counties[["fips", "tva", "distance_km"]], on="fips")
    table = table[
        (table["manufacturing_jobs"] > 0) & table["year"].between(1900, 1960) & (table["distance_km"] <= 600)
    ]
    table["log_manufacturing"] = np.log(table["manufacturing_jobs"])
    return table.assign(firm=table["fips"].astype(str)).drop(columns="fips")


@pytest.mark.slow
def test_tennessee_valley(shared_data: Path) -> None:
    """Kline & Moretti (2014): the Authority raised manufacturing employment in its counties. Pattern: above 0 inside and more than in any ring
    outside; 1933 enters as 1940, the first census after it."""
    table = tva(shared_data)
    found = boundary(table, outcome="log_manufacturing", edges=[100, 200, 300], since=1940)
    rows = found.table.set_index("ring")
    assert rows.loc["inside", "n"] > 150
    assert rows.loc["inside", "low"] > 0
    assert rows.loc["inside", "estimate"] == rows["estimate"].max()
    assert math.isfinite(found.std_error)
