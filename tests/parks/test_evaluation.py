"""A whole evaluation: simulated worlds end in the finding that is true of them."""

from __future__ import annotations

from typing import Any

import pytest

import technopole as tp
from technopole.errors import MissingColumn, WrongOption


def contract_case() -> dict[str, Any]:
    """What the contract suite calls the evaluation with."""
    return {"growth": ["log_sales"], "innovation": ["patents"]}


WORLDS = {
    "effect": "growth only",  # patents hardly move there
    "selection": "selection, not treatment",
    "innovation": "innovation only",
    "own_rd": "only for firms with own R&D",
}


@pytest.mark.slow
@pytest.mark.parametrize(("world", "finding"), WORLDS.items())
def test_simulated_worlds_end_in_what_is_true_of_them(world: str, finding: str) -> None:
    simulated = tp.simulate_firms(world=world, firms=1500, years=10, seed=5)
    own = "own_rd" if world == "own_rd" else None
    told = tp.parks.evaluation(
        simulated.firms, innovation=["patents"], growth=["log_sales"], own_rd=own, smallest={"patents": 0.2}
    )
    assert told.finding == finding


@pytest.mark.slow
def test_a_small_world_without_effect_can_not_be_told() -> None:
    simulated = tp.simulate_firms(world="null", firms=60, years=8, seed=5)
    told = tp.parks.evaluation(simulated.firms, growth=["log_sales"])
    assert (told.finding, told.conclusion["reason"][0]) == ("cannot tell", "power")


@pytest.mark.slow
def test_everything_it_rests_on_is_there() -> None:
    world = tp.simulate_firms(world="effect", firms=400, years=10, seed=5).firms
    told = tp.parks.evaluation(world, growth=["log_sales"], second="imputation", by=["own_rd"])
    assert set(told.effects["estimator"]) == {"group_time_effects", "imputation"}
    assert {"pre_trends", "minimum_detectable_effect"} <= set(told.checks["check"])
    assert set(told.subgroups["subgroup_of"]) == {"own_rd"}
    effect, gap = told.gaps.sort_values("what", ascending=False)["estimate"], told.effects["level_gap"]
    assert len(effect) == 2 and gap.notna().any()
    alone = tp.effects.group_time_effects(world, outcome="log_sales")
    assert told.effects["estimate"][0] == alone.estimate


@pytest.mark.slow
def test_products_are_clustered_by_exporter() -> None:
    world = tp.simulate_trade("parks_raise", regions=24, products=8, years=5, cohorts=1, seed=5)
    near = {"places": world.places, "composition": world.composition, "decay_km": 20, "date": "opened"}
    exposure = tp.competitiveness.park_exposure(world.parks, **near)
    panel = tp.competitiveness.product_panel(world.trade, exposure=exposure, crosswalk=world.crosswalk)
    told = tp.parks.evaluation(panel, competitiveness=["log_market_share"])
    clustered = tp.effects.group_time_effects(
        panel, outcome="log_market_share", base="universal", cluster="exporter"
    )
    assert told.effects["std_error"][0] == clustered.std_error
    alone = tp.parks.evaluation(panel, competitiveness=["log_market_share"], cluster="firm")
    assert alone.effects["std_error"][0] != clustered.std_error


def test_wrong_use() -> None:
    world = tp.simulate_firms(world="effect", firms=60, years=6, seed=5).firms
    with pytest.raises(WrongOption, match="no outcome"):
        tp.parks.evaluation(world)
    with pytest.raises(WrongOption, match="two kinds"):
        tp.parks.evaluation(world, growth=["log_sales"], innovation=["log_sales"])
    with pytest.raises(MissingColumn):
        tp.parks.evaluation(world, growth=["turnover"])
