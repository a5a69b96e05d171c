"""Where simulated firms and parks lie, who enters when, who leaves and who closes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from technopole.sources.synthetic_worlds import Matrix, Population, Rules

SPACING_KM, INSIDE_KM, OUTSIDE_KM = 100.0, 1.0, (2.0, 20.0)


@dataclass(frozen=True, slots=True)
class Ground:
    """Regions 100 km apart on a square grid. Every second one gets a park; `opened` = number of years where there is none."""

    opened: Matrix
    earliness: Matrix
    north_km: Matrix
    east_km: Matrix

    @property
    def parks(self) -> Matrix:
        """Regions with a park."""
        return np.flatnonzero(self.earliness >= 0)


def ground(regions: int, years: int, cohorts: int) -> Ground:
    """Lay out regions and their parks; cohorts take turns."""
    numbers = np.arange(regions)
    first = max(1, min(years // 3, years - cohorts))
    last = max(years - 2, first + cohorts - 1)
    opening = np.rint(np.linspace(first, last, cohorts)).astype("int64")
    park, cohort = numbers % 2 == 0, numbers // 2 % cohorts
    side = int(np.ceil(np.sqrt(regions)))
    return Ground(
        opened=np.where(park, opening[cohort], years),
        earliness=np.where(park, 1 - cohort / max(cohorts - 1, 1), -1.0),
        north_km=SPACING_KM * (numbers // side),
        east_km=SPACING_KM * (numbers % side),
    )


def births(
    rules: Rules, land: Ground, firms: int, years: int, random: np.random.Generator
) -> tuple[Matrix, Matrix]:
    """Draw births per region and year: outside parks, and those that only an open park brings, inside it."""
    rate = rules.births * firms / len(land.opened)
    open_there = np.arange(years) >= land.opened[:, None]
    usual = random.poisson(rate, open_there.shape)
    return usual, random.poisson(rate * rules.more_births * open_there)


def population(
    rules: Rules,
    land: Ground,
    born: tuple[Matrix, Matrix],
    firms: int,
    treated_share: float,
    exit_rate: float,
    seed: np.random.SeedSequence,
) -> Population:
    """Draw incumbents, of whom a share enters, and add the firms born during the panel."""
    random = [np.random.default_rng(stream) for stream in seed.spawn(6)]
    years = born[0].shape[1]
    log_size = random[0].standard_normal(firms)
    taste = random[1].gumbel(size=firms) + (log_size if rules.covariate_trend else 0.0)
    enters = np.zeros(firms, bool)
    enters[np.argsort(-taste, kind="stable")[: round(treated_share * firms)]] = True
    region = np.where(
        enters, random[2].choice(land.parks, firms), random[2].integers(0, len(land.opened), firms)
    )
    late = [np.repeat(np.array(np.nonzero(part)), part[np.nonzero(part)], axis=1) for part in born]
    region = np.concatenate([region, late[0][0], late[1][0]])
    start = np.concatenate([np.zeros(firms, "int64"), late[0][1], late[1][1]])
    enters = np.concatenate([enters, np.zeros(late[0].shape[1], bool), np.ones(late[1].shape[1], bool)])
    count = len(region)
    drawn = random[5].random(count)
    log_size = np.concatenate([log_size, random[0].standard_normal(count - firms) - 1])
    entered = np.where(enters, np.maximum(land.opened[region], start), years)
    stay = random[3].geometric(exit_rate, count) if exit_rate else np.full(count, years)
    return Population(
        years=years,
        start=start,
        entered=entered,
        left=np.where(enters, np.minimum(entered + stay, years), years),
        opened=land.opened[region],
        earliness=np.where(enters, land.earliness[region], 0.0),
        own_rd=(random[4].random(count) < 0.5).astype("int64"),
        log_size=log_size,
        region=region,
        km=np.where(enters, INSIDE_KM * drawn, OUTSIDE_KM[0] + (OUTSIDE_KM[1] - OUTSIDE_KM[0]) * drawn),
    )
