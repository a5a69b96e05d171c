"""K-density: how often establishments of an industry are a given distance apart, against chance."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal

import numpy as np

from technopole.errors import WrongOption
from technopole.kernels import k_density as kernel
from technopole.kernels.k_density import Scale
from technopole.kernels.pair_histogram import Floats
from technopole.measures import _k_density_result, _pair_distances, _random_location
from technopole.measures._pair_distances import Distances, Observed, fitted, measured, observe
from technopole.measures._pair_distances import bandwidth as width_of
from technopole.measures._random_location import Case
from technopole.member import member
from technopole.result import Result
from technopole.spatial import site_table
from technopole.tables import Activity, Establishments, Places, Sector


@member
def k_density(
    table: Establishments | Activity,
    *,
    industry: str | Sequence[str] = "all",
    sector: Sector | None = None,
    places: Places | None = None,
    reference: Establishments | Activity | None = None,
    weight: Literal["employment"] | None = None,
    distances: Sequence[float] | None = None,
    bandwidth: Literal["silverman", "dbmss"] | float = "silverman",
    refit: bool = False,
    null: Literal["auto", "exact", "simulated"] = "auto",
    simulations: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Result:
    """At which distances are the establishments of an industry closer together than chance would place them?

        K(d) = sum_{i<j} w[i] w[j] f((d - d[ij]) / h) / (h sum_{i<j} w[i] w[j])

    d[ij] = the distance of two establishments of the industry in kilometres, f = the Gaussian kernel reflected at 0, h = the
    bandwidth, w = 1 or the establishments' employment. Under the null hypothesis the industry's establishments stand at sites
    drawn without replacement from those of all establishments (random location), each with its own weight.

    A curve that leaves the upper global band anywhere is *localised* at that distance; one that only leaves the lower band
    is *dispersed*. Each band is left somewhere by 1 - `level` of the curves drawn under the null, as in the paper;
    each local band is left by 1 - `level` at each distance.
    The localisation index is the integral over the range of what exceeds the upper global band: the share of pairs in excess; the
    dispersion index that of what falls short of the lower band, for an industry that isn't localised.

    Parameters
    ----------
    table : Establishments or Activity
        Establishments with coordinates, or an activity table that counts `establishments` in `places`.
    industry : str or sequence of str
        One code, several, or ``"all"``.
    sector : Sector, optional
        Take the establishments of these codes as one industry.
    places : Places, optional
        Where the places of the table lie.
    reference : Establishments or Activity, optional
        The sites an industry could have taken; none = those of the whole table.
    weight : {"employment"}, optional
        Weigh establishments; none = each counts once.
    distances : sequence of float, optional
        Kilometres, ascending; none = 100 from 0 to the median distance between all sites.
    bandwidth : {"silverman", "dbmss"} or float
        ``"silverman"`` = 0.9 min(sd, IQR / 1.34) m^(-1/5) over the m pair distances of the industry (Silverman 1986, eq. 3.31),
        as in the paper; ``"dbmss"`` = the same over pairs up to twice the largest of `distances`, as the R package has it;
        a number = kilometres. The industry's own bandwidth smooths its null curves too.
    refit : bool
        Take the bandwidth of each simulated curve from that curve's own distances, as the R package dbmss does; the null is then
        simulated.
    null : {"auto", "exact", "simulated"}
        ``"exact"`` = exact mean and covariance of the curve, skewness by Hoeffding's decomposition (estimated on 1,500
        sites where there are more), and 10,000 normal curves with that covariance for the global bands; ``"simulated"`` =
        `simulations` draws of sites; ``"auto"`` simulates industries of fewer than 100 establishments, and larger ones where that
        costs less.
    simulations : int
        Number of simulations, where a null is simulated.
    level : float
        In (0.5, 1): each band, upper and lower, is left by 1 - level.
    seed : int
        Of the random draws.

    Returns
    -------
    Result
        industry, distance_km, density, expected, local_low, local_high, global_low, global_high (densities per kilometre), and
        `.summary_table`: industry, n, locations, bandwidth_km, null, localization, dispersion, first_km, strongest_km, verdict,
        p_localization, p_dispersion, p_value, q_value, undefined. The verdict is *localised* where p_localization, of the
        curve's largest deviation over the range, is at most 1 - level, else *dispersed* where p_dispersion is; `p_value` is
        two-sided (twice the smaller), `q_value` its false discovery rate over the industries (Benjamini and Hochberg).

    Raises
    ------
    MissingColumn
        No coordinates, no industry, or an activity table without `establishments`.
    EmptyTable
        All establishments stand at one point.
    WrongOption
        A bandwidth, level, number of simulations or list of distances that can't be used.

    References
    ----------
    Duranton, G. & Overman, H. G. (2005). Testing for localization using micro-geographic data. Review of Economic Studies 72(4),
    1077-1106. https://doi.org/10.1111/0034-6527.00362

    Examples
    --------
    >>> import numpy as np, pandas as pd, technopole as tp
    >>> random = np.random.default_rng(0)
    >>> x, y = random.uniform(0, 100, (2, 400))
    >>> x[:60], y[:60] = 30 + random.normal(0, 4, (2, 60))
    >>> plants = tp.read_establishments(pd.DataFrame({
    ...     "industry": ["lasers"] * 60 + ["other"] * 340, "x": x, "y": y}), crs="planar-km")
    >>> found = tp.measures.k_density(plants, simulations=200).summary_table
    >>> found[["industry", "n", "verdict"]].values.tolist()
    [['lasers', 60, 'localised'], ['other', 340, 'dispersed']]
    """
    _check(level, simulations, bandwidth)
    if refit:
        _refuse_refit(bandwidth, null)
    sites = site_table.of_table(
        table, places=places, industry=industry, sector=sector, reference=reference, weight=weight
    )
    space = measured(sites, None if isinstance(bandwidth, str) else float(bandwidth))
    everything = space.of_reference()
    grid = _pair_distances.grid(distances, kernel.quantile(space.scale, everything, 0.5))
    observed = observe(space, sites.industries, weight is not None)
    reasons = {own.name: _undefined(own, sites.universe.sum()) for own in observed}
    cases = [_case(space, own, bandwidth, grid, everything) for own in observed if not reasons[own.name]]
    moments = _random_location.by_moments(space, cases, "simulated" if refit else null, simulations)
    seeds = np.random.SeedSequence(seed).spawn(2)
    exact = _random_location.exact(
        space, [c for c, m in zip(cases, moments, strict=True) if m], grid, seeds[0]
    )
    left = [c for c, m in zip(cases, moments, strict=True) if not m]
    refitted = partial(_refitted, rule=str(bandwidth), farthest=float(grid[-1])) if refit else None
    drawn = _random_location.simulated(space, left, grid, simulations, seeds[1], refitted)
    nulls = [exact.pop(0) if m else drawn.pop(0) for m in moments]
    return _k_density_result.of(observed, reasons, cases, nulls, moments, grid, level, sites.warnings)


def _case(space: Distances, own: Observed, rule: str | float, grid: Floats, everything: Floats) -> Case:
    width = width_of(space, own, rule, float(grid[-1]), everything)
    return Case(own, width, kernel.smoother(space.scale, grid, width))


def _refitted(scale: Scale, share: Floats, case: Case, *, rule: str, farthest: float) -> float:
    return fitted(scale, share, case.own.pairs, rule, farthest) or case.bandwidth


def _undefined(own: Observed, sites: float) -> str:
    if own.n < 2:
        return "fewer than two establishments"
    if own.n >= sites:
        return "the industry has all sites of the reference"
    if own.share.sum() <= 0:
        return "no weight"
    return ""


def _refuse_refit(bandwidth: str | float, null: str) -> None:
    if not isinstance(bandwidth, str):
        raise WrongOption(
            "a bandwidth in kilometres is the same for every curve",
            value=bandwidth,
            fix='leave out refit=, or take a rule: bandwidth="silverman"',
        )
    if null == "exact":
        raise WrongOption(
            "exact moments hold for one bandwidth; a bandwidth per curve takes simulations",
            value=null,
            fix='null="simulated", or leave out refit=',
        )


def _check(level: float, simulations: int, bandwidth: str | float) -> None:
    if not 0.5 < level < 1:
        raise WrongOption("level is above 0.5 and below 1", value=level, fix="level=0.95")
    if simulations + 1 < 1 / (1 - level) - 1e-9:
        raise WrongOption(
            f"too few simulations for bands at {level}",
            value=simulations,
            fix=f"at least {round(1 / (1 - level)) - 1}",
        )
    if not isinstance(bandwidth, str) and not bandwidth > 0:
        raise WrongOption("a bandwidth is more than 0 km", value=bandwidth)
