"""Maurel-Sedillot index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from technopole.kernels import plant_location
from technopole.measures import _concentration_of_plants
from technopole.member import member
from technopole.result import Result
from technopole.tables import Activity, Establishments, Sector


@member
def maurel_sedillot(
    table: Establishments | Activity,
    *,
    value: str = "employment",
    plants: str = "auto",
    size_classes: Mapping[str, Sequence[float]] | None = None,
    sector: Sector | None = None,
    level: float = 0.95,
) -> Result:
    """How much likelier two plants of an industry share a place than two drawn at random.

        gamma = (G - (1 - sum_p x[p]^2) H) / ((1 - sum_p x[p]^2) (1 - H))
        G     = sum_p s[p]^2 - sum_p x[p]^2    H = sum_j z[j]^2

    s = a place's share of the industry, x = its share of all activity, z = a plant's share of the industry. Equal to
    (P - sum x^2) / (1 - sum x^2), where P is the share of pairs of plants, weighted by size, that share a place. Unlike
    Ellison-Glaeser it gives weight to where the industry is: above 0 in the places that are large for everybody.
    `z` is the excess over random location in standard deviations under it (exact variance), `p_value` its normal
    approximation; `low` and `high` as for `ellison_glaeser`.

    Parameters
    ----------
    table : Establishments or Activity
        Establishments with a place give H exactly; an activity table by plant counts or size classes.
    value : str
        What is counted, and what a plant's size is.
    plants : str
        Activity only: the column with the number of plants; ``"auto"`` = ``establishments``.
    size_classes : mapping of str to sequence of float, optional
        Activity only: columns that count plants by size -> ``[smallest, largest]``, ``[smallest]`` for the open class.
    sector : Sector, optional
        Count these codes as one industry and return it alone.
    level : float
        Confidence level of the interval, in (0, 1).

    Returns
    -------
    Result
        industry, year, gamma, raw_concentration, herfindahl, z, p_value, low, high, n_plants, undefined; where values
        are withheld also `.bounds`: industry, year, cells, suppressed, unbounded, gamma_at_low, gamma_at_high.

    Raises
    ------
    MissingColumn
        The table has no such value, or no number of plants.
    EmptyTable
        The table has no rows.

    References
    ----------
    Maurel, F. & Sédillot, B. (1999). A measure of the geographic concentration in French manufacturing industries.
    Regional Science and Urban Economics 29(5), 575-604. https://doi.org/10.1016/S0166-0462(99)00020-0

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> plants = pd.DataFrame({
    ...     "establishment_id": [str(i) for i in range(20)], "employment": 10,
    ...     "industry": ["lasers"] * 10 + ["other"] * 10, "place": list("AAAAAAAABB" + "AABBBBBBBB")})
    >>> tp.measures.maurel_sedillot(plants).table["gamma"].round(6).tolist()
    [0.288889, 0.288889]
    """
    return _concentration_of_plants.result(
        plant_location.maurel_sedillot,
        table,
        name="The Maurel-Sedillot index",
        raw="sum of the industry's squared place shares less that of all activity",
        value=value,
        plants=plants,
        size_classes=size_classes,
        sector=sector,
        level=level,
    )
