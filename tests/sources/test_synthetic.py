"""Simulated worlds: the truth is what the potential outcomes say, the sample is what the world promises."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from typing import get_args

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import UnknownName, WrongOption
from technopole.sources.synthetic_worlds import WORLDS, World

NAMES = list(WORLDS)


def inside(firms: pd.DataFrame) -> pd.Series:
    entered, left = firms["entered"], firms["left"].replace(0, 9999)
    return (entered > 0) & (firms["year"] >= entered) & (firms["year"] < left)


def digest(frame: pd.DataFrame) -> str:
    return hashlib.sha256(frame.to_csv(index=False).encode()).hexdigest()


def test_every_world_that_can_be_named_has_rules() -> None:
    assert set(get_args(World)) == set(WORLDS)


@pytest.mark.parametrize("world", ["effect", "heterogeneous", "own_rd", "displacement", "anticipation"])
def test_truth_is_the_plain_difference_of_the_same_world_with_and_without_an_effect(world: World) -> None:
    """The draws don't depend on the effect, so the second world is what would have been without parks."""
    given = {"firms": 300, "exit_rate": 0.1, "death_rate": 0.05, "seed": 4}
    with_parks = tp.simulate_firms(world, effect=0.25, **given)
    without = tp.simulate_firms(world, effect=0.0, **given).firms
    firms = with_parks.firms
    pd.testing.assert_frame_equal(firms[["firm", "year", "park"]], without[["firm", "year", "park"]])
    for outcome in ("log_sales", "rd"):
        gain = firms[outcome] - without[outcome]
        here = inside(firms)
        since = firms["year"] - firms["entered"]
        assert with_parks.true(outcome=outcome) == pytest.approx(gain[here].mean(), rel=1e-9)
        for k in (0, 2):
            plain = gain[here & (since == k)].mean()
            assert with_parks.true("event_time", outcome=outcome, of=k) == pytest.approx(plain, rel=1e-9)
        cohorts = gain[here].groupby(firms["entered"]).mean()
        for year, plain in cohorts.items():
            assert with_parks.true("cohort", outcome=outcome, of=year) == pytest.approx(plain, rel=1e-9)
        sizes = firms[here].groupby("entered")["firm"].nunique()
        plain = float(np.average(cohorts, weights=sizes))
        assert with_parks.true("overall_group", outcome=outcome) == pytest.approx(plain, rel=1e-9)
        gap = (
            firms[outcome][here] - firms["year"].map(firms[outcome][~here].groupby(firms["year"]).mean())
        ).mean()
        assert with_parks.true("level_gap", outcome=outcome) == pytest.approx(gap, rel=1e-9)
    own = firms["own_rd"] == 1
    gain = firms["log_sales"] - without["log_sales"]
    assert with_parks.true("own_rd", of=1) == pytest.approx(gain[inside(firms) & own].mean(), rel=1e-9)


def test_worlds_do_what_their_names_say() -> None:
    drawn = {world: tp.simulate_firms(world, firms=400, effect=0.2, seed=2) for world in NAMES}
    true = {world: one.true() for world, one in drawn.items()}
    nothing = {"null", "selection", "innovation", "entry", "survival"}
    assert all((true[world] == 0) == (world in nothing) for world in NAMES)
    assert true["effect"] == pytest.approx(0.2) and true["displacement"] == pytest.approx(0.2)
    assert drawn["displacement"].true("ring", of="2-5") == pytest.approx(-0.1)
    assert drawn["innovation"].true(outcome="patents") > 0 and drawn["innovation"].true(outcome="rd") > 0
    assert drawn["own_rd"].true("own_rd", of=0) == 0
    assert drawn["own_rd"].true("own_rd", of=1) == pytest.approx(0.2)
    grows = [drawn["heterogeneous"].true("event_time", of=k) for k in (0, 2, 4)]
    assert grows == sorted(grows) and grows[0] < grows[-1]
    assert drawn["entry"].true(outcome="births") > 0 and drawn["null"].true(outcome="births") == 0
    assert drawn["survival"].true("hazard_ratio", outcome="closing") == pytest.approx(np.exp(-0.4))
    assert drawn["survival"].firms["closed"].gt(0).any() and drawn["null"].firms["closed"].eq(0).all()


def test_selection_raises_levels_but_isn_t_an_effect() -> None:
    drawn = tp.simulate_firms("selection", firms=20_000, years=4, cohorts=1, selection=0.5, seed=1)
    assert drawn.true() == 0
    # 0.8 log_size and the own draw differ between groups by chance only: 4 standard errors
    assert drawn.true("level_gap") == pytest.approx(0.5, abs=4 * 0.95 / np.sqrt(20_000 * 0.21))


def test_hazard_of_closing_is_as_said() -> None:
    drawn = tp.simulate_firms(
        "survival", firms=30_000, years=6, cohorts=1, death_rate=0.1, effect=0.35, seed=3
    )
    firms = drawn.firms
    dies, here = firms["year"] == firms["closed"], inside(firms)
    for part, hazard in ((~here, 0.1), (here, 0.1 * np.exp(-0.7))):
        share, number = dies[part].mean(), int(part.sum())
        true = 1 - np.exp(-hazard)
        assert share == pytest.approx(true, abs=4 * np.sqrt(true * (1 - true) / number))


def test_shape_of_the_panel() -> None:
    drawn = tp.simulate_firms("entry", firms=200, years=8, cohorts=2, exit_rate=0.1, death_rate=0.05, seed=5)
    firms = drawn.firms
    assert not firms.duplicated(["firm", "year"]).any()
    assert firms.equals(firms.sort_values(["firm", "year"]))
    assert (firms["park"].notna() == inside(firms)).all()
    assert (firms.loc[firms["closed"] > 0, "closed"] >= firms.loc[firms["closed"] > 0, "year"]).all()
    assert tp.read_firms(firms).rows == len(firms)
    assert tp.read_parks(drawn.parks).rows == len(drawn.parks)
    years = drawn.parks.set_index("park")["opened"]
    there = firms[firms["park"].notna()]
    assert (there["entered"] >= there["park"].map(years)).all()


def test_firms_lie_where_the_design_says() -> None:
    drawn = tp.simulate_firms("displacement", firms=500, seed=6)
    parks, firms = drawn.parks, drawn.firms.drop_duplicates("firm")
    lon, lat = (np.radians(firms[c].to_numpy()[:, None]) for c in ("longitude", "latitude"))
    plon, plat = (np.radians(parks[c].to_numpy()[None, :]) for c in ("longitude", "latitude"))
    haversine = np.sin((lat - plat) / 2) ** 2 + np.cos(lat) * np.cos(plat) * np.sin((lon - plon) / 2) ** 2
    km = (2 * 6371.0 * np.arcsin(np.sqrt(haversine))).min(axis=1)
    enters = firms["entered"].to_numpy() > 0
    assert km[enters].max() < 1.01 and km[~enters].min() > 1.98


@pytest.mark.slow
def test_same_seed_same_bytes_in_another_process_and_another_seed_other_bytes() -> None:
    code = (
        "import hashlib, technopole as tp; d = tp.simulate_firms('effect', firms=50, death_rate=.1, seed=9);"
        "print(hashlib.sha256(d.firms.to_csv(index=False).encode()).hexdigest())"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    here = [tp.simulate_firms("effect", firms=50, death_rate=0.1, seed=seed).firms for seed in (9, 10)]
    assert other.stdout.strip() == digest(here[0]) != digest(here[1])


def test_wrong_requests_are_refused_in_words() -> None:
    for given in (
        {"cohorts": 10},
        {"treated_share": 1.0},
        {"firms": 3},
        {"death_rate": -0.1},
        {"regions": 4},
    ):
        with pytest.raises(WrongOption):
            tp.simulate_firms("effect", **given)
    with pytest.raises(WrongOption, match="no such world"):
        tp.simulate_firms("utopia")  # type: ignore[arg-type]
    with pytest.raises(UnknownName, match="no such truth"):
        tp.simulate_firms(firms=20).true("beauty")
