"""Simulated firms in and out of parks, in worlds whose truth is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from technopole.errors import WrongOption
from technopole.sources.synthetic_ground import Ground, births, ground, population
from technopole.sources.synthetic_truth import COLUMNS, true_value, true_values
from technopole.sources.synthetic_worlds import (
    WORLDS,
    Matrix,
    Population,
    Shocks,
    World,
    added_by_parks,
    without_parks,
)

KM_PER_DEGREE = 111.19492664455873


@dataclass(frozen=True, slots=True)
class SimulatedFirms:
    """What `simulate_firms` returns.

    Attributes
    ----------
    firms : DataFrame
        firm, year, park (the firm is in; none = outside), entered, left (0 = never), born, closed (last year; 0 = still there), own_rd,
        log_size, log_age, log_sales, patents, rd, region, longitude, latitude; sorted by firm and year.
    parks : DataFrame
        park, longitude, latitude, designated, opened.
    places : DataFrame
        place, year, entered (year its park opened; 0 = no park), births.
    truth : DataFrame
        outcome, estimand, of (which event time, cohort, subgroup or ring), value, n (firm-years).
    """

    firms: pd.DataFrame
    parks: pd.DataFrame
    places: pd.DataFrame
    truth: pd.DataFrame

    def true(self, estimand: str = "overall", *, outcome: str = "log_sales", of: str | int = "") -> float:
        """Return one true value."""
        return true_value(self.truth, outcome, estimand, of)


def simulate_firms(
    world: World = "effect",
    *,
    firms: int = 1000,
    years: int = 10,
    cohorts: int = 3,
    first_year: int = 2010,
    treated_share: float = 0.3,
    effect: float = 0.2,
    selection: float | None = None,
    spillover: float | None = None,
    exit_rate: float = 0.0,
    death_rate: float | None = None,
    noise: float = 0.3,
    autocorrelation: float = 0.0,
    cluster_effects: float = 0.0,
    regions: int = 24,
    seed: int = 0,
) -> SimulatedFirms:
    """Simulate a panel of firms in and out of parks, with the true effects.

        log_sales = level + 0.8 log_size + trend year + selection treated + effect inside + noise

    Every second region has a park, which opens in the year its cohort enters. Firms that enter lie within 1 km of it, the others 2 to
    20 km from the centre of their region. The truth is computed from potential outcomes in the very sample drawn.

    Parameters
    ----------
    world : str
        "effect": parks raise log sales by `effect`, patents and R&D by as many per cent. "null": nothing. "selection": those who
        enter are better in levels and gain nothing (as Liberati et al. 2014 found). "innovation": patents and R&D rise, sales don't (Lamperti
        et al. 2017). "own_rd": only firms with own R&D gain (Vasquez-Urriago et al. 2016). "displacement": firms 2 to 5 km away lose
        half of what those inside gain. "entry": more firms are born, incumbents gain nothing. "heterogeneous": effects grow with time and
        are larger in early cohorts. "pre_trend": entrants were already growing faster, by a quarter of the effect a year.
        "anticipation": half of the effect comes a year early. "covariate_trend": large firms grow faster and enter more often.
        "survival": the hazard of closing is exp(-2 effect) times as high inside.
    firms, years, cohorts, first_year : int
        Size of the panel. Cohorts enter in equally spaced years, the first after at least one year.
    treated_share : float
        Share of firms that enter a park, in (0, 1).
    effect : float
        In log points.
    selection : float, optional
        How much higher entrants' levels are anyway, in log points; None = as the world has it.
    spillover : float, optional
        Effect of a park on log sales of firms outside, 2 to 5 km away; None = as the world has it.
    exit_rate : float
        Share of firms in a park that leave it each year; they gain nothing any more.
    death_rate : float, optional
        Hazard of closing per year; None = 0, or 0.1 in "survival".
    noise, autocorrelation : float
        Standard deviation of yearly shocks and their correlation from year to year.
    cluster_effects : float
        Standard deviation of shocks that all firms of a region share in a year.
    regions : int
    seed : int

    Returns
    -------
    SimulatedFirms

    Raises
    ------
    WrongOption
        A number out of range.

    Examples
    --------
    >>> import technopole as tp
    >>> drawn = tp.simulate_firms("selection", firms=200, seed=1)
    >>> round(drawn.true("overall"), 3), round(drawn.true("selection"), 1) > 0
    (0.0, True)
    """
    if world not in WORLDS:
        raise WrongOption("there is no such world", value=world, exists=WORLDS)
    rules = WORLDS[world]
    deaths = rules.deaths if death_rate is None else death_rate
    _check_size(firms, years, cohorts, regions)
    _check_shares(
        treated_share=treated_share, exit_rate=exit_rate, death_rate=deaths, autocorrelation=autocorrelation
    )
    seeds = np.random.SeedSequence(seed).spawn(5)
    land = ground(regions, years, cohorts)
    born = births(rules, land, firms, years, np.random.default_rng(seeds[0]))
    people = population(rules, land, born, firms, treated_share, exit_rate, seeds[1])
    higher = rules.selection if selection is None else selection
    without = without_parks(
        rules, people, effect, Shocks(higher, noise, autocorrelation, cluster_effects), seeds[2]
    )
    beside = rules.spillover * effect if spillover is None else spillover
    added = added_by_parks(rules, people, effect, beside, without)
    ratio = float(np.exp(rules.log_hazard * effect))
    closed = _closing(people, deaths, ratio, np.random.default_rng(seeds[3]))
    seen = (people.time >= people.start[:, None]) & (people.time <= closed[:, None])
    places = _places(land, born, first_year)
    more = rules.births * rules.more_births * firms / regions
    rows = [
        *true_values(people, seen, without, added, first_year),
        (
            "births",
            "overall",
            "",
            more,
            int(places["year"].ge(places["entered"])[places["entered"] > 0].sum()),
        ),
        ("closing", "hazard_ratio", "", ratio, int(seen.sum())),
    ]
    return SimulatedFirms(
        firms=_firms(people, land, seen, closed, without, added, first_year, np.random.default_rng(seeds[4])),
        parks=_parks(land, years, first_year),
        places=places,
        truth=pd.DataFrame(rows, columns=COLUMNS),
    )


def _check_size(firms: int, years: int, cohorts: int, regions: int) -> None:
    if firms < 10:
        raise WrongOption("firms are 10 or more", value=firms)
    if not 1 <= cohorts < years:
        raise WrongOption("cohorts are 1 or more, and fewer than years", value=cohorts)
    if regions < 2 * cohorts:
        raise WrongOption("regions are at least two per cohort: one with a park, one without", value=regions)


def _check_shares(**shares: float) -> None:
    for name, share in shares.items():
        if not 0 <= share < 1:
            raise WrongOption(f"{name} is from 0 to below 1", value=share)


def _closing(people: Population, hazard: float, ratio: float, random: np.random.Generator) -> Matrix:
    """Return the year (position) in which each firm closes; the number of years = it lives on."""
    if not hazard:
        return np.full(len(people.entered), people.years)
    yearly = hazard * np.where(people.inside, ratio, 1.0) * (people.time >= people.start[:, None])
    dead = np.cumsum(yearly, axis=1) > random.standard_exponential(len(yearly))[:, None]
    return np.where(dead.any(axis=1), dead.argmax(axis=1), people.years)


def _firms(
    people: Population,
    land: Ground,
    seen: Matrix,
    closed: Matrix,
    without: dict[str, Matrix],
    added: dict[str, Matrix],
    first_year: int,
    random: np.random.Generator,
) -> pd.DataFrame:
    unit, time = np.nonzero(seen)
    founded = np.where(people.start > 0, people.start, -random.geometric(0.1, len(people.start)))
    angle = random.uniform(0, 2 * np.pi, len(people.km))
    north = land.north_km[people.region] + people.km * np.sin(angle)
    east = land.east_km[people.region] + people.km * np.cos(angle)
    longitude, latitude = degrees(north, east)
    years = first_year + np.arange(people.years + 1)

    def dated(position: Matrix) -> Matrix:
        return np.where(position < people.years, years[position], 0)[unit]

    park = np.where(people.inside[seen], people.region[unit], -1)
    outcomes = {name: (without[name] + added[name])[seen] for name in without}
    outcomes["patents"] = random.poisson(outcomes["patents"])
    return pd.DataFrame(
        {
            "firm": names("f", len(people.start), unit),
            "year": years[time],
            "park": names("park ", len(land.opened), park),
            "entered": dated(people.entered),
            "left": dated(people.left),
            "born": (first_year + founded)[unit],
            "closed": dated(closed),
            "own_rd": people.own_rd[unit],
            "log_size": people.log_size[unit],
            "log_age": np.log1p(time - founded[unit]),
            **outcomes,
            "region": names("r", len(land.opened), people.region[unit]),
            "longitude": longitude[unit],
            "latitude": latitude[unit],
        }
    )


def _parks(land: Ground, years: int, first_year: int) -> pd.DataFrame:
    there = np.flatnonzero(land.opened < years)
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


def _places(land: Ground, born: tuple[Matrix, Matrix], first_year: int) -> pd.DataFrame:
    regions, years = born[0].shape
    place = np.repeat(np.arange(regions), years)
    return pd.DataFrame(
        {
            "place": names("r", regions, place),
            "year": np.tile(first_year + np.arange(years), regions),
            "entered": np.where(land.opened < years, first_year + land.opened, 0)[place],
            "births": (born[0] + born[1]).ravel(),
        }
    )


def degrees(north: Matrix, east: Matrix) -> tuple[Matrix, Matrix]:
    """Place kilometres from a corner at 45 degrees north, 5 degrees east."""
    latitude = 45 + north / KM_PER_DEGREE
    return 5 + east / (KM_PER_DEGREE * np.cos(np.radians(latitude))), latitude


def names(prefix: str, count: int, chosen: Matrix) -> pd.Series:
    """Return the names of the numbers chosen; none for those below 0."""
    width = len(str(count - 1))
    names = pa.array([f"{prefix}{number:0{width}d}" for number in range(count)])
    taken = names.take(pa.array(np.maximum(chosen, 0), mask=chosen < 0))
    return pd.Series(taken.to_pandas(), dtype="str")
