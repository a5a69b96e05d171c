"""Simulated exports of regions with and without parks, in worlds whose truth is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from technopole.errors import WrongOption
from technopole.sources.synthetic import degrees, names
from technopole.sources.synthetic_ground import Ground, ground
from technopole.sources.synthetic_trade_worlds import (
    TRADE_WORLDS,
    Exports,
    Makers,
    TradeShocks,
    TradeWorld,
    gain,
    true_effects,
    with_parks,
    without_parks,
)
from technopole.sources.synthetic_truth import COLUMNS, true_value
from technopole.sources.synthetic_worlds import Matrix

REST = "rest of the world"


@dataclass(frozen=True, slots=True)
class SimulatedTrade:
    """What `simulate_trade` returns.

    Attributes
    ----------
    trade : DataFrame
        exporter (a region, or the rest of the world), product, year, value, quantity, unit; no row where nothing is exported.
    parks : DataFrame
        park, longitude, latitude, designated, opened.
    places : DataFrame
        place (region), country, longitude, latitude.
    composition : DataFrame
        place (park), industry, year (in which it opened), employment.
    activity : DataFrame
        place (region), industry, year (the first), employment.
    crosswalk : DataFrame
        code (product), industry, weight.
    truth : DataFrame
        outcome, estimand, of (years since the park, or cohort), value, n (products x years).
    """

    trade: pd.DataFrame
    parks: pd.DataFrame
    places: pd.DataFrame
    composition: pd.DataFrame
    activity: pd.DataFrame
    crosswalk: pd.DataFrame
    truth: pd.DataFrame

    def true(self, estimand: str = "overall", *, outcome: str = "log_exports", of: str | int = "") -> float:
        """Return one true value."""
        return true_value(self.truth, outcome, estimand, of)


def simulate_trade(
    world: TradeWorld = "parks_raise",
    *,
    regions: int = 48,
    products: int = 24,
    industries: int = 8,
    fields: int = 3,
    years: int = 10,
    cohorts: int = 3,
    first_year: int = 2010,
    effect: float = 0.3,
    selection: float | None = None,
    zeros: float = 0.05,
    world_share: float = 0.1,
    noise: float = 0.3,
    autocorrelation: float = 0.3,
    region_shocks: float = 0.05,
    product_shocks: float = 0.1,
    seed: int = 0,
) -> SimulatedTrade:
    """Simulate what regions export, with parks in half of them, and what the parks did.

        log exports = region + product + region x product + world demand for the product + region x year + effect after the park + noise

    Every second region has a park, which opens in the year of its cohort and is about some industries; regions lie 100 km apart. The truth is computed from
    potential outcomes in the very sample drawn: shares and advantages are formed twice, with parks and without, so that the truth of a relative measure counts in
    that totals move.

    Parameters
    ----------
    world : str
        "parks_raise": exports of the parks' industries rise by `effect` when the park opens. "parks_build_up": effects grow with time and are larger
        in early cohorts. "parks_upgrade": unit values rise by `effect`, quantities stay. "parks_follow": parks come to products that were already gaining, by a quarter of
        the effect a year, and do nothing. "parks_pick": parks come to products that already are strong, and do nothing. "nothing": neither.
    regions, products, industries, years, cohorts, first_year : int
        Size. Products are dealt out to industries in turn; cohorts open in equally spaced years.
    fields : int
        Industries a park is about.
    effect : float
        In log points.
    selection : float, optional
        How much more is exported of the products parks are about anyway, in log points; None = as the world has it.
    zeros : float
        Share of products of regions without exports in a year, whatever parks do.
    world_share : float
        Share of the regions in the world's exports; the rest of the world is one more exporter.
    noise, autocorrelation : float
        Standard deviation of yearly shocks to each product of each region, and their correlation from year to year.
    region_shocks, product_shocks : float
        Standard deviations of yearly shocks that all products of a region, or all exporters of a product, share.
    seed : int

    Returns
    -------
    SimulatedTrade

    Raises
    ------
    WrongOption
        A number out of range.

    Examples
    --------
    >>> import technopole as tp
    >>> drawn = tp.simulate_trade("parks_raise", seed=1)
    >>> round(drawn.true(), 3), drawn.true(outcome="log_rca") < drawn.true()
    (0.3, True)
    """
    if world not in TRADE_WORLDS:
        raise WrongOption("there is no such world", value=world, exists=TRADE_WORLDS)
    _check(regions, products, industries, fields, years, cohorts)
    for name, share in (("zeros", zeros), ("autocorrelation", autocorrelation)):
        if not 0 <= share < 1:
            raise WrongOption(f"{name} is from 0 to below 1", value=share)
    if not 0 < world_share < 1:
        raise WrongOption("world_share is between 0 and 1", value=world_share)
    rules = TRADE_WORLDS[world]
    seeds = np.random.SeedSequence(seed).spawn(3)
    land = ground(regions, years, cohorts)
    about = (
        np.argsort(np.random.default_rng(seeds[0]).random((regions, industries)), axis=1, kind="stable")
        < fields
    )
    makers = Makers(land, np.arange(products) % industries, about & (land.opened < years)[:, None], years)
    higher = rules.selection if selection is None else selection
    shocks = TradeShocks(higher, noise, autocorrelation, region_shocks, product_shocks)
    before = without_parks(rules, makers, effect, shocks, zeros, world_share, seeds[1])
    after = with_parks(rules, before, gain(rules, makers, effect))
    truth = list(true_effects(makers, before, after, first_year))
    jobs = np.random.default_rng(seeds[2]).integers(10, 500, (regions, industries))
    return SimulatedTrade(
        trade=_trade(after, first_year),
        parks=_parks(makers, first_year),
        places=_places(land),
        composition=_composition(makers, first_year),
        activity=_activity(jobs, first_year),
        crosswalk=_crosswalk(makers),
        truth=pd.DataFrame(truth, columns=COLUMNS),
    )


def _check(regions: int, products: int, industries: int, fields: int, years: int, cohorts: int) -> None:
    if not 1 <= cohorts < years:
        raise WrongOption("cohorts are 1 or more, and fewer than years", value=cohorts)
    if regions < 2 * cohorts:
        raise WrongOption("regions are at least two per cohort: one with a park, one without", value=regions)
    if not 1 <= fields <= industries:
        raise WrongOption("a park is about 1 industry or more, and at most all", value=fields)
    if products < industries:
        raise WrongOption("each industry makes a product at least", value=products)


def _trade(drawn: Exports, first_year: int) -> pd.DataFrame:
    values = drawn.values()
    exporter, product, year = np.nonzero(values > 0)
    regions, products, _ = drawn.exports.shape
    price = np.exp(
        np.concatenate([drawn.price, np.broadcast_to(drawn.price.mean(axis=0), (1, *drawn.price.shape[1:]))])
    )
    named = names("r", regions, np.where(exporter < regions, exporter, 0))
    value = values[exporter, product, year]
    return pd.DataFrame(
        {
            "exporter": named.where(exporter < regions, REST),
            "product": names("p", products, product),
            "year": first_year + year,
            "value": value,
            "quantity": value / price[exporter, product, year],
            "unit": "kg",
        }
    )


def _parks(makers: Makers, first_year: int) -> pd.DataFrame:
    land = makers.land
    there = np.flatnonzero(land.opened < makers.years)
    longitude, latitude = degrees(land.north_km, land.east_km)
    return pd.DataFrame(
        {
            "park": names("park ", len(land.opened), there),
            "longitude": longitude[there],
            "latitude": latitude[there],
            "designated": first_year + land.opened[there] - 1,
            "opened": first_year + land.opened[there],
        }
    )


def _places(land: Ground) -> pd.DataFrame:
    regions = len(land.opened)
    longitude, latitude = degrees(land.north_km, land.east_km)
    west = land.east_km < np.median(land.east_km)
    return pd.DataFrame(
        {
            "place": names("r", regions, np.arange(regions)),
            "country": pd.Series(np.where(west, "West", "East"), dtype="str"),
            "longitude": longitude,
            "latitude": latitude,
        }
    )


def _composition(makers: Makers, first_year: int) -> pd.DataFrame:
    park, industry = np.nonzero(makers.fields)
    return pd.DataFrame(
        {
            "place": names("park ", len(makers.fields), park),
            "industry": names("i", makers.fields.shape[1], industry),
            "year": first_year + makers.land.opened[park],
            "employment": 100,
        }
    )


def _activity(jobs: Matrix, year: int) -> pd.DataFrame:
    place, industry = np.divmod(np.arange(jobs.size), jobs.shape[1])
    return pd.DataFrame(
        {
            "place": names("r", len(jobs), place),
            "industry": names("i", jobs.shape[1], industry),
            "year": year,
            "employment": jobs.ravel(),
        }
    )


def _crosswalk(makers: Makers) -> pd.DataFrame:
    count = len(makers.industry)
    return pd.DataFrame(
        {
            "code": names("p", count, np.arange(count)),
            "industry": names("i", makers.fields.shape[1], makers.industry),
            "weight": 1.0,
        }
    )
