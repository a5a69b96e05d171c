"""The panel of products: by hand, zeros said, and effects on it that are those of simulated worlds."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import EmptyTable, MissingColumn, TechnopoleError, WrongOption
from technopole.result import Result

panel_of = tp.competitiveness.product_panel


@cache
def exposure(**given: Any) -> Result:
    """One park at place A, about industry x (3/4) and y (1/4), from 2001; B and C lie far away."""
    parks = pd.DataFrame({"park": ["P"], "longitude": [10.0], "latitude": [0.0], "opened": [2001]})
    places = pd.DataFrame(
        {"place": ["A", "B", "C"], "longitude": [10.0, 50.0, 90.0], "latitude": [0.0, 0.0, 0.0]}
    )
    mix = pd.DataFrame({"place": "P", "industry": ["x", "y"], "year": 2001, "employment": [3, 1]})
    return tp.competitiveness.park_exposure(
        parks, **{"places": places, "decay_km": 50, "composition": mix, **given}
    )


def trade() -> pd.DataFrame:
    """Domain card 11.3 in 2000; next year A has nothing of product 2."""
    rows = [
        ("A", "1", 2000, 60.0, 30.0), ("A", "2", 2000, 40.0, 10.0), ("B", "1", 2000, 40.0, 40.0), ("B", "2", 2000, 160.0, 20.0),
        ("A", "1", 2001, 90.0, 30.0), ("B", "1", 2001, 40.0, 40.0), ("B", "2", 2001, 160.0, 80.0),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["exporter", "product", "year", "value", "quantity"])


CODES = tp.read_crosswalk(pd.DataFrame({"code": ["1", "2"], "industry": ["x", "z"]}))


def contract_case() -> dict[str, Any]:
    """What the contract suite calls the member with: parks near two of the standard exporters."""
    parks = pd.DataFrame({"park": ["P"], "longitude": [10.0], "latitude": [0.0], "opened": [2016]})
    places = pd.DataFrame(
        {"place": [f"C{i}" for i in range(8)], "longitude": [10.0 + i for i in range(8)], "latitude": 0.0}
    )
    found = tp.competitiveness.park_exposure(parks, places=places, decay_km=20)
    return {
        "exposure": found,
        "outcomes": ["log_rca", "log_unit_value", "log_relative_price", "exported", "symmetric_rca"],
    }


def test_every_number_by_hand() -> None:
    every = ["log_exports", "log_rca", "log_market_share", "log_unit_value", "log_relative_price", "symmetric_rca", "market_share",
             "asinh_exports", "exported", "advantage"]  # fmt: skip
    found = panel_of(trade(), exposure=exposure(), crosswalk=CODES, outcomes=every, comparison="all",
                     covariates=["log_exporter_total", "log_product_total"])  # fmt: skip
    rows = found.table.set_index(["firm", "year"])
    one = rows.loc[("A|1", 2000)]
    assert one["log_rca"] == pytest.approx(np.log(1.8), rel=1e-12)
    assert one["symmetric_rca"] == pytest.approx(0.2857142857142857, rel=1e-12)
    assert one["log_exports"] == pytest.approx(np.log(60), rel=1e-12)
    assert one["log_market_share"] == pytest.approx(np.log(0.6), rel=1e-12) and one[
        "market_share"
    ] == pytest.approx(60, rel=1e-12)
    assert one["log_unit_value"] == pytest.approx(np.log(2), rel=1e-12)
    assert one["log_relative_price"] == pytest.approx(np.log(2), rel=1e-12)
    assert one["asinh_exports"] == pytest.approx(np.arcsinh(60), rel=1e-12)
    assert one["log_exporter_total"] == pytest.approx(np.log(100), rel=1e-12) == one["log_product_total"]
    assert (one["exported"], one["advantage"], one["entered"], one["exposure"]) == (1, 1, 2001, 0)
    assert rows.loc[("A|1", 2001), "exposure"] == pytest.approx(0.75)
    assert rows.loc[("A|2", 2000), "entered"] == 0 and rows.loc[("A|2", 2000), "advantage"] == 0
    gone = rows.loc[("A|2", 2001)]
    assert np.isnan(
        gone[["log_exports", "log_rca", "log_market_share", "log_unit_value"]].astype(float)
    ).all()
    assert (gone["exported"], gone["symmetric_rca"], gone["market_share"], gone["asinh_exports"]) == (
        0,
        -1,
        0,
        0,
    )
    zeros = found.zeros.set_index("outcome")
    assert zeros.loc["log_rca", ["known", "none", "unknown"]].tolist() == [7, 1, 0]
    assert any("no exports in 1 of 8 rows" in text for text in found.warnings)


def test_prices_are_in_terms_of_all_other_exporters() -> None:
    """Whichever exporters the panel is of: A's product 1 costs 2, B's 1. And what exposed products are of the world's: 60 + 90 of 230."""
    found = panel_of(
        trade(),
        exposure=exposure(),
        crosswalk=CODES,
        exporters=["A"],
        outcomes=["log_relative_price", "log_rca"],
    )
    rows = found.table.set_index(["firm", "year"])["log_relative_price"]
    assert rows[("A|1", 2000)] == pytest.approx(np.log(2), rel=1e-12)
    assert rows[("A|1", 2001)] == pytest.approx(np.log(3), rel=1e-12)
    assert any(
        f"exposed products are {100 * 150 / 230:.3g} % of the world's" in said for said in found.warnings
    )


def test_own_products_without_exposure_are_no_comparison() -> None:
    found = panel_of(trade(), exposure=exposure(), crosswalk=CODES)
    assert set(found.table["firm"]) == {"A|1", "B|1", "B|2"}
    assert found.sample["reason"].iloc[-1].startswith("unexposed products of exporters with exposed ones")


@pytest.mark.slow
def test_a_missing_row_may_be_unknown_instead_of_zero() -> None:
    found = panel_of(
        trade(),
        exposure=exposure(),
        crosswalk=CODES,
        comparison="all",
        absent="missing",
        outcomes=["exported"],
    ).table
    assert set(found["exported"]) == {1} and len(found) == 7


def test_products_of_several_industries_have_their_weighted_mean() -> None:
    links = pd.DataFrame(
        {"code": ["1", "1", "1", "2"], "industry": ["x", "y", "z", "z"], "weight": [2.0, 1.0, 1.0, 5.0]}
    )
    found = panel_of(trade(), exposure=exposure(), crosswalk=links, comparison="all").table
    rows = found.set_index(["firm", "year"])["exposure"]
    assert rows[("A|1", 2001)] == pytest.approx((2 * 0.75 + 0.25) / 4, rel=1e-12) and rows[("A|2", 2001)] == 0


@pytest.mark.slow
def test_industries_of_an_activity_table_need_no_crosswalk() -> None:
    rows = (
        trade()
        .rename(columns={"exporter": "place", "product": "industry", "value": "employment"})
        .replace({"1": "x", "2": "y"})
    )
    jobs = rows.drop(columns="quantity")
    given: dict[str, Any] = {"exposure": exposure(), "comparison": "all", "outcomes": ["log_rca"]}
    found = panel_of(jobs, **given).table
    patents = panel_of(jobs.rename(columns={"industry": "technology", "employment": "patents"}), **given)
    pd.testing.assert_frame_equal(patents.table, found)
    assert found.groupby("firm")["entered"].first().to_dict() == {
        "A|x": 2001,
        "A|y": 2001,
        "B|x": 0,
        "B|y": 0,
    }


@pytest.mark.slow
def test_a_field_of_products_where_parks_are_not_told_apart_by_industry() -> None:
    near = exposure(composition=None)
    field = tp.sector("first", scheme="mine", codes=["1"])
    found = panel_of(trade(), exposure=near, field=field, comparison="all").table
    assert found.groupby("firm")["entered"].first().to_dict() == {"A|1": 2001, "A|2": 0, "B|1": 0, "B|2": 0}
    assert set(panel_of(trade(), exposure=near).table["firm"]) == {"A|1", "A|2", "B|1", "B|2"}


@pytest.mark.slow
def test_units_exposed_a_little_are_on_neither_side() -> None:
    some = exposure(threshold=0.5, unexposed=0.1)
    links = pd.DataFrame({"code": ["1", "2"], "industry": ["x", "y"]})
    dropped = panel_of(trade(), exposure=some, crosswalk=links, comparison="all")
    assert set(dropped.table["firm"]) == {"A|1", "B|1", "B|2"}
    kept = panel_of(trade(), exposure=some, crosswalk=links, comparison="all", partly="keep")
    assert kept.table.set_index("firm").loc["A|2", "entered"].eq(0).all()


@pytest.mark.slow
def test_exporters_that_are_no_places() -> None:
    more = pd.concat([trade(), trade().query("exporter == 'B'").assign(exporter="W")])
    left_out = panel_of(more, exposure=exposure(), crosswalk=CODES)
    assert "W" not in set(left_out.table["exporter"]) and any("1 (W)" in text for text in left_out.warnings)
    counted = panel_of(more, exposure=exposure(), crosswalk=CODES, unmatched="unexposed").table
    assert "W" in set(counted["exporter"])
    row = counted.set_index(["firm", "year"]).loc[("A|1", 2000)]
    assert row["log_market_share"] == pytest.approx(np.log(60 / 140), rel=1e-12)


@pytest.mark.slow
def test_the_world_may_come_from_another_table() -> None:
    world = pd.DataFrame(
        {
            "exporter": "W",
            "product": ["1", "2", "3"] * 2,
            "year": [2000] * 3 + [2001] * 3,
            "value": [300.0, 600.0, 900.0] * 2,
        }
    )
    row = (
        panel_of(trade(), exposure=exposure(), crosswalk=CODES, reference=world)
        .table.set_index(["firm", "year"])
        .loc[("A|1", 2000)]
    )
    assert row["log_market_share"] == pytest.approx(np.log(60 / 300), rel=1e-12)
    assert row["log_rca"] == pytest.approx(np.log((60 / 100) / (300 / 1800)), rel=1e-12)


@pytest.mark.slow
def test_density_is_that_of_the_other_products() -> None:
    world = tp.simulate_trade(seed=2, regions=8, products=10, years=3, cohorts=1, zeros=0)
    near = tp.competitiveness.park_exposure(world.parks, places=world.places, decay_km=20)
    found = panel_of(world.trade, exposure=near, covariates=["density"], comparison="all").table
    year = world.trade[world.trade["year"] == 2011].pivot(index="exporter", columns="product", values="value")
    have = (year.div(year.sum(axis=1), axis=0) / (year.sum() / year.to_numpy().sum()) >= 1).to_numpy(float)
    count = have.sum(axis=0)
    phi = have.T @ have / np.maximum(count[:, None], count[None, :])
    np.fill_diagonal(phi, 0)
    expected = pd.DataFrame(have @ phi / phi.sum(axis=0), index=year.index, columns=year.columns)
    for row in found[found["year"] == 2011].to_dict("records"):
        assert row["density"] == pytest.approx(expected.loc[row["exporter"], row["product"]], rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("wrong", "kind", "said"),
    [
        ({"outcomes": ["rca"]}, WrongOption, "no such outcome"),
        ({"outcomes": []}, WrongOption, "needs an outcome"),
        ({"outcomes": ["log_rca", "log_rca"]}, WrongOption, "twice"),
        ({"covariates": ["size"]}, WrongOption, "no such covariate"),
        ({"crosswalk": None}, MissingColumn, "crosswalk"),
        (
            {"crosswalk": pd.DataFrame({"code": ["1"], "industry": ["q"]})},
            TechnopoleError,
            "leads from the products",
        ),
        ({"field": tp.sector("f", scheme="mine", codes=["1"])}, WrongOption, "said twice"),
        ({"trade": trade().replace({"A": "X", "B": "Y"})}, EmptyTable, "no exporter is a place"),
        (
            {"trade": trade().drop(columns="quantity"), "outcomes": ["log_unit_value"]},
            MissingColumn,
            "quantities",
        ),
        ({"exporters": ["Z"]}, TechnopoleError, "no exporter"),
        ({"reference": trade().query("year == 2000")}, TechnopoleError, "no year"),
    ],
)
def test_wrong_use(wrong: dict[str, Any], kind: type[TechnopoleError], said: str) -> None:
    given: dict[str, Any] = {"trade": trade(), "exposure": exposure(), "crosswalk": CODES, **wrong}
    with pytest.raises(kind, match=said):
        panel_of(given.pop("trade"), **given)


@pytest.mark.slow
def test_exposure_is_that_of_park_exposure() -> None:
    other = tp.measures.location_quotient(
        pd.DataFrame({"place": ["a", "b"], "industry": "x", "employment": [1, 2]})
    )
    with pytest.raises(WrongOption, match="park_exposure"):
        panel_of(trade(), exposure=other)


@pytest.mark.slow
def test_years_before_the_first_park_only_are_no_treatment() -> None:
    """Trade that ends before the park: nobody enters within the panel, and the estimator says so."""
    early = trade().assign(year=lambda rows: rows["year"] - 10)
    found = panel_of(early, exposure=exposure(), crosswalk=CODES)
    with pytest.raises(TechnopoleError, match="no unit enters"):
        tp.effects.group_time_effects(found, outcome="log_exports")


def made(world: str, **given: Any) -> tuple[Any, Result]:
    drawn = tp.simulate_trade(world, **given)
    near = tp.competitiveness.park_exposure(
        drawn.parks, places=drawn.places, composition=drawn.composition, decay_km=20, date="opened"
    )
    return drawn, panel_of(
        drawn.trade,
        exposure=near,
        crosswalk=drawn.crosswalk,
        outcomes=["log_rca", "log_market_share", "log_exports"],
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("world", "finding", "reason"),
    [
        ("parks_raise", "positive effect", ""),
        ("parks_follow", "cannot tell", "already gaining"),
        ("parks_pick", "selection, not treatment", ""),
        ("nothing", "cannot tell", "power"),
    ],
)
def test_simulated_worlds_end_in_what_is_true_of_them(world: str, finding: str, reason: str) -> None:
    told = tp.parks.evaluation(made(world, seed=1)[1], competitiveness=["log_rca", "log_market_share"])
    assert told.finding == finding and reason in told.conclusion["reason"][0]
    assert "products" in told.conclusion["meaning"][0]


@pytest.mark.slow
def test_mean_estimates_are_the_truth_and_own_products_as_comparison_are_not() -> None:
    """8 worlds: the mean of estimates lies within three standard errors of the mean truth; compared with the exporter's own products RCA misses it."""
    gaps: dict[str, list[float]] = {"log_rca": [], "log_exports": [], "own": []}
    for seed in range(8):
        drawn, panel = made("parks_raise", seed=seed, regions=24, products=16, years=4, cohorts=1)
        for name in ("log_rca", "log_exports"):
            gaps[name].append(
                tp.effects.group_time_effects(panel, outcome=name, cluster="exporter").estimate
                - drawn.true(outcome=name)
            )
        near = tp.competitiveness.park_exposure(
            drawn.parks, places=drawn.places, composition=drawn.composition, decay_km=20, date="opened"
        )
        own = panel_of(
            drawn.trade, exposure=near, crosswalk=drawn.crosswalk, outcomes=["log_rca"], comparison="all"
        ).table
        own = own[own["exporter"].isin(own.loc[own["entered"] > 0, "exporter"])]
        gaps["own"].append(
            tp.effects.group_time_effects(own, outcome="log_rca").estimate - drawn.true(outcome="log_rca")
        )
    miss = {name: (np.mean(part), np.std(part, ddof=1) / np.sqrt(8)) for name, part in gaps.items()}
    assert all(abs(mean) < 3 * error for mean, error in (miss["log_rca"], miss["log_exports"]))
    assert miss["own"][0] > 0.05
