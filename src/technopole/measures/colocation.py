"""Colocation of two industries, by distance."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, permutations
from typing import Literal

import numpy as np

from technopole import progress
from technopole.errors import UnknownName, WrongOption
from technopole.kernels import k_density
from technopole.kernels.extreme_ranks import envelope
from technopole.kernels.neighbour_counts import within
from technopole.kernels.pair_histogram import Floats
from technopole.measures import (
    _colocation_result,
    _cross_distances,
    _pair_distances,
    _relative,
    _relative_result,
)
from technopole.measures._colocation_result import Found
from technopole.measures._relative import Ground, Marks, Pair, Scheme
from technopole.member import member
from technopole.result import Result
from technopole.spatial import site_table
from technopole.tables import Activity, Establishments, Places, Sector

Null = Literal["random_location", "population_independence", "random_labelling"]


@member
def colocation(
    table: Establishments | Activity,
    *,
    industry: str | Sequence[str] = "all",
    sector: Sector | None = None,
    places: Places | None = None,
    reference: Establishments | Activity | None = None,
    weight: Literal["employment"] | None = None,
    distances: Sequence[float] | None = None,
    pairs: Literal["all"] | Sequence[Sequence[str]] = "all",
    statistic: Literal["k_density", "m"] = "k_density",
    null: Null = "random_location",
    bandwidth: Literal["silverman"] | float = "silverman",
    simulations: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Result:
    """At which distances do two industries seek, or avoid, each other's establishments?

        K(d) = sum_{i in a} sum_{j in b} w[i] w[j] f((d - d[ij]) / h) / (h W[a] W[b])

        M(r) = sum_{i in a} (sum_{j in b} w[j] 1(d[ij] <= r) / sum_{j != i} w[j] 1(d[ij] <= r))
               / sum_{i in a} (W[b] / (W - w[i]))

    d[ij] = distance in kilometres, f = Gaussian kernel reflected at 0, h = bandwidth, w = 1 or employment, W = sums of w. K is
    the same for a and b in either order; M asks for b around a, and is given in both orders. Three nulls: *random
    location* puts both industries on random sites of all establishments (are they together more than the whole economy?);
    *population independence* leaves a where it is and puts b on random sites; *random labelling* leaves all sites of the
    two where they are and draws which belong to a (are they together more than each with its own kind?). The global
    band is left anywhere by 1 - `level` of the curves drawn. A pair that leaves it is *colocalised* if it does so above
    at the shortest distance where it does so at all (`first_km`), and *codispersed* if below.

    Parameters
    ----------
    table : Establishments or Activity
        Establishments with coordinates, or an activity table that counts `establishments` in `places`.
    industry : str or sequence of str
        Industries whose pairs are compared; ``"all"``.
    sector : Sector, optional
        Take the establishments of these codes as one more industry.
    places : Places, optional
        Where the places of the table lie.
    reference : Establishments or Activity, optional
        The sites an industry could have taken; none = those of the whole table.
    weight : {"employment"}, optional
        Weigh establishments; none = each counts once.
    distances : sequence of float, optional
        Kilometres, ascending; none = as in `k_density` or `m_function`.
    pairs : "all" or sequence of (str, str)
        Which pairs of these industries.
    statistic : {"k_density", "m"}
        Density of the distances between the two, or the share of one among the neighbours of the other up to a distance.
    null : {"random_location", "population_independence", "random_labelling"}
        What chance means.
    bandwidth : {"silverman"} or float
        Of K, over the pairs of one establishment of each; a number = kilometres. It is kept for the null curves.
    simulations : int
        Number of simulations.
    level : float
        Share of the null curves within the global band, in (0, 1).
    seed : int
        Of the simulations.

    Returns
    -------
    Result
        industry_a, industry_b, distance_km, density (or m), expected, local_low, local_high, global_low, global_high, undefined;
        `.summary_table`: industry_a, industry_b, n_a, n_b, localization, dispersion, first_km, strongest_km, verdict, p_value, q_value,
        undefined; `.strongest`: the curves of the six pairs farthest outside their bands. `p_value` is two-sided, over all
        distances; `q_value` its false discovery rate over the pairs (Benjamini and Hochberg).

    Raises
    ------
    UnknownName
        An industry that doesn't occur.
    WrongOption
        Fewer than two industries, a pair of one industry, too few simulations, or distances that can't be used.

    References
    ----------
    Duranton, G. & Overman, H. G. (2008). Exploring the detailed location patterns of U.K. manufacturing industries using
    microgeographic data. Journal of Regional Science 48(1), 213-243.
    Marcon, E. & Puech, F. (2010). Measures of the geographic concentration of industries: improving distance-based
    methods. Journal of Economic Geography 10(5), 745-762. https://doi.org/10.1093/jeg/lbp056
    Goreaud, F. & Pelissier, R. (2003). Avoiding misinterpretation of biotic interactions with the intertype K12-function:
    population independence vs. random labelling hypotheses. Journal of Vegetation Science 14(5), 681-692.
    Myllymäki, M. et al. (2017). Global envelope tests for spatial processes. Journal of the Royal Statistical Society
    B 79(2), 381-404 (the band).

    Examples
    --------
    >>> import numpy as np, pandas as pd, technopole as tp
    >>> random = np.random.default_rng(0)
    >>> x, y = random.uniform(0, 100, (2, 300))
    >>> x[:80], y[:80] = 30 + random.normal(0, 4, (2, 80))
    >>> plants = tp.read_establishments(pd.DataFrame({
    ...     "industry": ["glass"] * 40 + ["lasers"] * 40 + ["other"] * 220, "x": x, "y": y}), crs="planar-km")
    >>> found = tp.measures.colocation(plants, industry=["glass", "lasers"], simulations=99).summary_table
    >>> found[["industry_a", "industry_b", "verdict"]].values.tolist()
    [['glass', 'lasers', 'colocalised']]
    """
    _check(level, simulations, bandwidth)
    _apart(industry, sector)
    sites = site_table.of_table(
        table, places=places, industry=industry, sector=sector, reference=reference, weight=weight
    )
    ground = Ground(sites, weight is not None)
    chosen = _pairs([members.name for members in sites.industries], pairs, statistic)
    if statistic == "m":
        km, found = _by_m(ground, chosen, distances, null, simulations, level, seed)
    else:
        km, found = _by_density(ground, chosen, distances, bandwidth, null, simulations, level, seed)
    value = "m" if statistic == "m" else "density"
    return _colocation_result.of(found, km, value=value, null=null, level=level, warnings=sites.warnings)


def _by_density(
    ground: Ground,
    chosen: Sequence[tuple[str, str]],
    distances: Sequence[float] | None,
    rule: str | float,
    null: Null,
    simulations: int,
    level: float,
    seed: int,
) -> tuple[Floats, list[Found]]:
    space = _pair_distances.measured(ground.sites, None if isinstance(rule, str) else float(rule))
    everything = space.of_reference()
    km = _pair_distances.grid(distances, k_density.quantile(space.scale, everything, 0.5))
    found: list[Found] = []
    for names in progress.steps(chosen, "pairs of industries"):
        pair = _marks(ground, names)
        cross = _cross_distances.measure(space, pair)
        plain = cross if not ground.weighted else _cross_distances.measure(space, _counted(ground, names))
        wide = _cross_distances.bandwidth(space, plain, everything) if isinstance(rule, str) else float(rule)
        smooth = k_density.smoother(space.scale, km, wide)
        place = _places(ground, pair, null)
        drawn = _cross_distances.simulated(space, place, smooth, simulations, seed)
        found.append(_compared(names, pair, smooth(cross.share), drawn, level))
    return km, found


def _by_m(
    ground: Ground,
    chosen: Sequence[tuple[str, str]],
    distances: Sequence[float] | None,
    null: Null,
    simulations: int,
    level: float,
    seed: int,
) -> tuple[Floats, list[Found]]:
    km = _relative_result.distances_km(distances, ground, _relative_result.STEPS / 800)
    scheme = Scheme(within(ground.sites.locations.to_straight(km), ground.extent), np.ones(len(km)))
    table = None if ground.weighted else ground.denominators(scheme)
    found: list[Found] = []
    for names in progress.steps(chosen, "pairs of industries"):
        pair = _marks(ground, names)
        curve = _relative.observed(ground, scheme, pair).value
        drawn = _relative.simulated(
            ground,
            scheme,
            pair,
            fixed=null == "population_independence",
            relabelled=null == "random_labelling",
            table=table,
            simulations=simulations,
            seed=seed,
        )
        found.append(_compared(names, pair, curve, drawn, level))
    return km, found


def _compared(names: tuple[str, str], pair: Pair, curve: Floats, drawn: Floats, level: float) -> Found:
    known = np.isfinite(drawn)
    expected = np.divide(
        np.where(known, drawn, 0.0).sum(axis=0),
        known.sum(axis=0),
        out=np.full(len(curve), np.nan),
        where=known.any(axis=0),
    )
    return Found(*names, pair.focal.size, pair.around.size, curve, expected, envelope(curve, drawn, level))


def _places(ground: Ground, pair: Pair, null: Null) -> _cross_distances.Place:
    if null == "random_labelling":
        return _relative.labels(ground, pair)
    return _relative.places(ground, pair, null == "population_independence")


def _marks(ground: Ground, names: tuple[str, str]) -> Pair:
    a, b = _relative.chosen(ground.sites, names)
    return Pair(ground.marks(a), ground.marks(b))


def _counted(ground: Ground, names: tuple[str, str]) -> Pair:
    """Return the two industries with every establishment once: bandwidths are of distances, which have no weight."""
    kinds = _relative.chosen(ground.sites, names)
    first, second = (Marks(kind.location, np.ones(len(kind.location)), kind.count) for kind in kinds)
    return Pair(first, second)


def _pairs(
    names: Sequence[str], pairs: Literal["all"] | Sequence[Sequence[str]], statistic: str
) -> list[tuple[str, str]]:
    """Return the pairs in order: each once for K, in both directions for M where all are asked for."""
    if len(names) < 2:
        raise WrongOption(
            "colocation takes two industries or more", value=list(names), fix="name them with industry="
        )
    if isinstance(pairs, str):
        return list((permutations if statistic == "m" else combinations)(sorted(names), 2))
    for pair in pairs:
        if isinstance(pair, str) or len(pair) != 2 or pair[0] == pair[1]:
            raise WrongOption(
                "a pair is two different industries", value=pair, fix='pairs=[("3333", "3341"), ...]'
            )
        for name in pair:
            if name not in names:
                raise UnknownName("the pair's industry isn't among those chosen", value=name, exists=names)
    return sorted({(pair[0], pair[1]) for pair in pairs})


def _apart(industry: str | Sequence[str], sector: Sector | None) -> None:
    """Refuse a sector that shares codes with an industry: an establishment would be on both sides."""
    if sector is None or industry == "all":
        return
    named = [industry] if isinstance(industry, str) else list(industry)
    both = sorted(sector.weights(named))
    if both:
        raise WrongOption(
            f"the sector {sector.name} holds industries it would be compared with",
            value=", ".join(both),
            fix="leave them out of industry=, or out of the sector",
        )


def _check(level: float, simulations: int, bandwidth: str | float) -> None:
    if not 0 < level < 1:
        raise WrongOption("level lies between 0 and 1", value=level, fix="level=0.95")
    if simulations + 1 < (least := 1 / (1 - level) * (1 - 1e-9)):
        raise WrongOption(
            f"bands at {level:g} need more simulations",
            value=simulations,
            fix=f"at least {max(int(np.ceil(least)) - 1, 1)}",
        )
    if not isinstance(bandwidth, str) and not bandwidth > 0:
        raise WrongOption("a bandwidth is more than 0 km", value=bandwidth)
