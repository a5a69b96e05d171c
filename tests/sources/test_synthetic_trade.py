"""Simulated trade: the truth is what the same world without parks says, measured by other means; samples are what worlds promise."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import UnknownName, WrongOption
from technopole.sources.synthetic_trade import SimulatedTrade
from technopole.sources.synthetic_trade_worlds import TRADE_WORLDS, TradeWorld

SMALL: dict[str, Any] = {
    "regions": 12,
    "products": 12,
    "industries": 4,
    "fields": 2,
    "years": 5,
    "cohorts": 2,
}


def measured(drawn: SimulatedTrade) -> pd.DataFrame:
    """Logarithms of exports, RCA, share and unit value of every row, by pandas."""
    rows = drawn.trade
    of_year = rows.groupby("year")["value"].transform("sum")
    of_exporter = rows.groupby(["exporter", "year"])["value"].transform("sum")
    of_product = rows.groupby(["product", "year"])["value"].transform("sum")
    return rows.assign(
        log_exports=np.log(rows["value"]),
        log_rca=np.log(rows["value"] / of_exporter / (of_product / of_year)),
        log_market_share=np.log(rows["value"] / of_product),
        log_unit_value=np.log(rows["value"] / rows["quantity"]),
    ).set_index(["exporter", "product", "year"])


def exposed(drawn: SimulatedTrade) -> pd.Series:
    """Row -> the year the region's park opened, for products of its industries; 0 = none."""
    opened = drawn.parks.set_index(drawn.parks["park"].str.replace("park ", "r"))["opened"]
    links = drawn.crosswalk.set_index("industry")["code"]
    about = {
        (row["place"].replace("park ", "r"), code)
        for row in drawn.composition.to_dict("records")
        for code in links[[row["industry"]]]
    }
    rows = drawn.trade
    found = [
        int(opened.get(c, 0)) if (c, p) in about else 0
        for c, p in zip(rows["exporter"], rows["product"], strict=True)
    ]
    return pd.Series(found, index=pd.MultiIndex.from_frame(rows[["exporter", "product", "year"]]))


def test_every_world_that_can_be_named_has_rules() -> None:
    assert set(get_args(TradeWorld)) == set(TRADE_WORLDS)


@pytest.mark.parametrize("world", ["parks_raise", "parks_build_up", "parks_upgrade"])
def test_truth_is_the_difference_of_the_same_world_with_and_without_parks(world: TradeWorld) -> None:
    drawn = tp.simulate_trade(world, seed=4, **SMALL)
    after, before = measured(drawn), measured(tp.simulate_trade(world, effect=0.0, seed=4, **SMALL))
    opened, year = exposed(drawn), after.index.get_level_values("year")
    inside = (opened > 0).to_numpy() & (year >= opened.to_numpy())
    since = year.to_numpy() - opened.to_numpy()
    for outcome in ("log_exports", "log_rca", "log_market_share", "log_unit_value"):
        gained = (after[outcome] - before[outcome]).to_numpy()
        assert drawn.true(outcome=outcome) == pytest.approx(gained[inside].mean(), rel=1e-9, abs=1e-12)
        assert drawn.true("event_time", outcome=outcome, of=0) == pytest.approx(
            gained[inside & (since == 0)].mean(), rel=1e-9, abs=1e-12
        )
        for cohort in sorted(set(opened[opened > 0])):
            part = gained[inside & (opened == cohort).to_numpy()].mean()
            assert drawn.true("cohort", outcome=outcome, of=cohort) == pytest.approx(
                part, rel=1e-9, abs=1e-12
            )


def test_worlds_do_what_their_names_say() -> None:
    drawn = {world: tp.simulate_trade(world, effect=0.2, seed=2, **SMALL) for world in TRADE_WORLDS}
    true = {world: one.true() for world, one in drawn.items()}
    assert true["parks_raise"] == pytest.approx(0.2) == true["parks_upgrade"] and true["parks_build_up"] > 0
    assert true["parks_follow"] == true["parks_pick"] == true["nothing"] == 0
    assert drawn["parks_upgrade"].true(outcome="log_unit_value") == pytest.approx(0.2)
    assert drawn["parks_raise"].true(outcome="log_unit_value") == 0
    assert 0 < drawn["parks_raise"].true(outcome="log_rca") < 0.2
    nothing = measured(drawn["nothing"])["log_exports"]
    gap = (measured(drawn["parks_pick"])["log_exports"] - nothing).to_numpy()
    assert set(np.unique(gap.round(9))) == {0.0, 0.5}
    drift = measured(drawn["parks_follow"])["log_exports"] - nothing
    yearly = drift[(exposed(drawn["parks_follow"]) > 0).to_numpy()].groupby("year").mean()
    np.testing.assert_allclose(np.diff(yearly), 0.05, rtol=1e-9)


@pytest.mark.slow
def test_tables_read_as_what_they_are_and_are_the_same_again() -> None:
    drawn, again = (tp.simulate_trade("parks_raise", seed=5, **SMALL) for _ in range(2))
    for name in ("trade", "parks", "places", "composition", "activity", "crosswalk"):
        noun = "activity" if name == "composition" else name
        frame = getattr(drawn, name)
        assert getattr(tp, f"read_{noun}")(frame).rows == len(frame) > 0
        pd.testing.assert_frame_equal(frame, getattr(again, name))
    shares = (
        drawn.trade.assign(own=drawn.trade["exporter"] != "rest of the world").groupby("own")["value"].sum()
    )
    assert 0.05 < shares[True] / shares.sum() < 0.2
    assert drawn.trade["exporter"].nunique() == 13 and drawn.trade["value"].gt(0).all()
    none = 1 - len(drawn.trade[drawn.trade["exporter"] != "rest of the world"]) / (12 * 12 * 5)
    assert 0.02 < none < 0.09


@pytest.mark.parametrize(
    "wrong",
    [
        {"world": "parks_fall"}, {"regions": 3}, {"cohorts": 0}, {"cohorts": 10}, {"fields": 0}, {"fields": 9}, {"products": 3},
        {"zeros": 1.0}, {"autocorrelation": -0.1}, {"world_share": 0.0},
    ],
)  # fmt: skip
def test_sizes_that_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(WrongOption):
        tp.simulate_trade(**wrong)


def test_a_truth_that_is_not_there() -> None:
    with pytest.raises(UnknownName, match="no such truth"):
        tp.simulate_trade(seed=1, **SMALL).true("ring")
