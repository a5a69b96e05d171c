"""Ellison-Glaeser index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from technopole.kernels import plant_location
from technopole.measures import _concentration_of_plants
from technopole.member import member
from technopole.result import Result
from technopole.tables import Activity, Establishments, Sector


@member
def ellison_glaeser(
    table: Establishments | Activity,
    *,
    value: str = "employment",
    plants: str = "auto",
    size_classes: Mapping[str, Sequence[float]] | None = None,
    sector: Sector | None = None,
    level: float = 0.95,
) -> Result:
    """How much more an industry is concentrated in places than the lumpiness of its plants explains.

        gamma = (G - (1 - sum_p x[p]^2) H) / ((1 - sum_p x[p]^2) (1 - H))
        G     = sum_p (s[p] - x[p])^2          H = sum_j z[j]^2

    s = a place's share of the industry, x = its share of all activity, z = a plant's share of the industry.
    0 = as if plants chose places at random (in proportion to x); 1 = all in one place; negative = spread out.
    z[G] = (G - E[G]) / sd[G] with the exact variance under random location given in the paper; `p_value` is its
    normal approximation. `low` and `high` are a Student interval (1 / H - 1 degrees of freedom) for drawing the places
    of the same plants again by the industry's shares: a bootstrap of plant locations in closed form, with one more
    plant of average size placed at random, so that a few plants in one place aren't taken for certain.

    Parameters
    ----------
    table : Establishments or Activity
        Establishments with a place give H exactly. An activity table has no plant sizes: they come from the number of
        plants in each cell, taken as equal (H is then a lower bound and gamma an upper bound), or from `size_classes`.
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
    Ellison, G. & Glaeser, E. L. (1997). Geographic concentration in U.S. manufacturing industries: a dartboard
    approach. Journal of Political Economy 105(5), 889-927. https://doi.org/10.1086/262098

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> plants = pd.DataFrame({
    ...     "establishment_id": [str(i) for i in range(20)], "employment": 10,
    ...     "industry": ["lasers"] * 10 + ["other"] * 10, "place": list("AAAAAAAABB" + "AABBBBBBBB")})
    >>> tp.measures.ellison_glaeser(plants).table["gamma"].round(6).tolist()
    [0.288889, 0.288889]
    """
    return _concentration_of_plants.result(
        plant_location.ellison_glaeser,
        table,
        name="The Ellison-Glaeser index",
        raw="G: sum over places of the squared difference between the industry's and all activity's shares",
        value=value,
        plants=plants,
        size_classes=size_classes,
        sector=sector,
        level=level,
    )
