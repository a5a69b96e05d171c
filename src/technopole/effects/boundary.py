"""Ring and border designs: what a park does to its neighbours, and at its border."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from technopole.effects._border import Compare, border_effect
from technopole.effects._ring_effects import ring_effects
from technopole.errors import WrongOption
from technopole.member import member
from technopole.result import EffectResult
from technopole.tables import Firms

Design = Literal["rings", "boundary"]


@member
def boundary(
    firms: Firms,
    *,
    outcome: str,
    design: Design = "rings",
    edges: Sequence[float] | None = None,
    outer_km: float | None = None,
    since: str | int | None = None,
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    compare: Compare = "changes",
    bandwidth_km: float | None = None,
    level: float = 0.95,
) -> EffectResult:
    """What changes around a park when it comes, ring by ring (displacement, spillover), or what jumps at its border.

        rings:    effect[r] = group-time effect of the year the park came, firms of ring r against the outermost ring
        boundary: jump = lim E[y | d -> 0 inside] - lim E[y | d -> 0 outside],  y = mean after - mean before

    d is the distance to the outline of the nearest park. A ring that loses has been drawn from (displacement), one that gains shares in the
    park (spillover). The jump is estimated by local-linear regression on each side, with the bandwidth of Calonico, Cattaneo and Titiunik and
    their robust bias-corrected interval.

    Parameters
    ----------
    firms : Firms
        One row per firm (or place) and year with distance_km or ring, ring_low_km, ring_high_km, and `entered` = the year the nearest park came: the
        table of `parks.rings`. For the border also signed_km, negative inside.
    outcome : str
        Column of the outcome.
    design : {"rings", "boundary"}
        Rings around parks, or the two sides of their border.
    edges : list of float, optional
        Outer edges of the rings in km. None: the rings of the table, or 2, 5 and 10 km.
    outer_km : float, optional
        Firms farther away than this aren't compared with.
    since : str or int, optional
        Year the park came: a column, or one year for all. None: `entered`.
    covariates : list of str
        Held equal between rings (doubly robust), or taken out at the border.
    cluster : str, optional
        Rings: column of clusters within which firms depend on each other.
    compare : {"changes", "levels"}
        Border: the change from before to after the park came, or the mean after it. Levels may differ for older reasons.
    bandwidth_km : float, optional
        Border: firms within this distance are used. None: chosen from the data.
    level : float
        Confidence level, in (0, 1).

    Returns
    -------
    EffectResult
        Rings: ring, ring_low_km, ring_high_km, estimate, std_error, low, high, p_value, n, controls, reading, undefined; further table `by_event`
        (ring, event_time, estimate, std_error, low, high, n, undefined); `overall` is the nearest ring outside. Border: estimate, std_error, low, high,
        p_value, conventional, bandwidth_km, n, controls, undefined; further tables `density` (density_inside, density_outside,
        statistic, p_value, undefined) and `bins` (signed_km, mean, units). Both: `overall`, `sample`.

    Raises
    ------
    MissingColumn
        No distance, outcome or covariate.
    WrongOption
        An option out of range, or one of the other design.
    TechnopoleError
        Nobody lies beyond the rings, firms in more than one ring, or too few firms near the border.
    EmptyTable
        Nothing is left on one side.

    References
    ----------
    Butts, K. (2021). Difference-in-differences estimation with spatial spillovers. arXiv:2105.03737.
    Callaway, B. & Sant'Anna, P. H. C. (2021). Difference-in-differences with multiple time periods. Journal of Econometrics 225(2),
    200-230.
    Calonico, S., Cattaneo, M. D. & Titiunik, R. (2014). Robust nonparametric confidence intervals for regression-discontinuity designs.
    Econometrica 82(6), 2295-2326.
    Cattaneo, M. D., Jansson, M. & Ma, X. (2020). Simple local polynomial density estimators. Journal of the American Statistical
    Association 115(531), 1449-1455.
    Grembi, V., Nannicini, T. & Troiano, U. (2016). Do fiscal rules matter? American Economic Journal: Applied Economics 8(3), 1-30.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> gain = {0.0: 3.0, 1.0: -1.0, 4.0: 0.0, 20.0: 0.0}
    >>> rows = [(f"{d}-{i}", y, d, 2003, i + 0.1 * (i * y % 3) + y - 2000 + gain[d] * (y >= 2003))
    ...     for d in gain for i in range(6) for y in range(2001, 2006)]
    >>> table = pd.DataFrame(rows, columns=["firm", "year", "distance_km", "entered", "jobs"])
    >>> found = tp.effects.boundary(table, outcome="jobs", edges=[2, 5])
    >>> found.table[["ring", "reading"]].values.tolist()
    [['inside', 'effect'], ['0-2 km', 'displacement'], ['2-5 km', 'no sign of either']]
    """
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)
    _one_design(
        design,
        {"edges": edges, "outer_km": outer_km, "cluster": cluster},
        {"bandwidth_km": bandwidth_km, "compare": None if compare == "changes" else compare},
    )
    if design == "rings":
        return ring_effects(
            firms,
            outcome=outcome,
            edges=edges,
            outer_km=outer_km,
            since=since,
            covariates=covariates,
            cluster=cluster,
            level=level,
        )
    return border_effect(
        firms,
        outcome=outcome,
        since=since,
        covariates=covariates,
        compare=compare,
        bandwidth_km=bandwidth_km,
        level=level,
    )


def _one_design(design: Design, of_rings: dict[str, object], of_border: dict[str, object]) -> None:
    for name, value in (of_border if design == "rings" else of_rings).items():
        if value is not None:
            raise WrongOption(f"{name}= doesn't belong to design={design!r}", value=value, fix="leave it out")
