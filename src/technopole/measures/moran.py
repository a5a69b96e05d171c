"""Global Moran's I."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.stats import norm

from technopole.kernels.global_moran import GlobalMoran, global_moran
from technopole.measures import _local, _place_values
from technopole.measures._local import LocalMap
from technopole.measures._place_values import Of
from technopole.member import member
from technopole.result import Field, Result
from technopole.tables import Activity, Places, Sector

NUMBERS = (
    "moran",
    "expected",
    "variance_normality",
    "z_normality",
    "p_normality",
    "variance",
    "z",
    "p_randomisation",
    "p_value",
)
FEWEST = 4


@member
def moran(
    activity: Activity,
    *,
    places: Places,
    industry: str | None = None,
    sector: Sector | None = None,
    value: str = "employment",
    of: Of = "eb_rate",
    year: int | None = None,
    weights: str | Any = "queen",
    permutations: int = 999,
    alternative: Literal["two-sided", "greater", "less"] = "two-sided",
    level: float = 0.95,
    seed: int = 0,
) -> Result:
    """How far neighbouring places are alike, over the whole map.

        I = n / S0 * sum_ij w[i, j] z[i] z[j] / sum_i z[i]^2          S0 = sum_ij w[i, j]

    z = a place's value less the mean, w = weights that add up to 1 over the neighbours. -1 / (n - 1) is expected by chance;
    positive = neighbours are alike. p compares it with maps on which all values are put down at random; beside it stand the
    analytic deviates under randomisation (the values given) and normality.

    Parameters
    ----------
    activity : Activity
        Place x industry x year.
    places : Places
        Where the places lie: outlines (geometry), longitude and latitude, or x and y.
    industry : str, optional
        The industry that is mapped.
    sector : Sector, optional
        Or these codes, counted as one industry.
    value : str
        What is counted.
    of : {"eb_rate", "location_quotient", "share", "value"}
        What a place's number is: the industry's share in the place, standardised for small places by empirical Bayes (Assuncao and
        Reis 1999); the quotient of its share and the nation's; its share (the same test); or the plain value.
    year : int, optional
        None = the last.
    weights : str or libpysal Graph
        ``"queen"``, ``"rook"`` (outlines), ``"knn8"`` (so many nearest), ``"band50"`` (within so many km), ``"kernel50"`` (bisquare kernel
        of so many km), or a Graph whose index holds the codes of the places.
    permutations : int
        How many maps at random.
    alternative : {"two-sided", "greater", "less"}
        Twice the smaller tail; likeness; unlikeness.
    level : float
        1 - level is the error up to which the text speaks of more than chance.
    seed : int
        Of the random maps.

    Returns
    -------
    Result
        year, places, moran, expected, variance_normality, z_normality, p_normality, variance, z, p_randomisation (under randomisation),
        p_value (permutations), undefined. An interval has no meaning here: the statistic is that of the map, not of a sample.

    Raises
    ------
    WrongOption
        No industry for a quotient or share, unknown weights, or contiguity of points.
    UnknownName
        No such industry, or a Graph that lacks places.
    MissingColumn
        The places have no coordinates.

    References
    ----------
    Moran, P. A. P. (1950). Notes on continuous stochastic phenomena. Biometrika 37(1/2), 17-23.
    Cliff, A. D. & Ord, J. K. (1981). Spatial Processes: Models and Applications. Pion, London.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> row = pd.DataFrame({"place": list("ABCDEFGH"), "longitude": range(8, 16), "latitude": 50.0})
    >>> jobs = pd.DataFrame({"place": list("ABCDEFGH"), "industry": "lasers", "employment": [9, 8, 9, 1, 1, 2, 1, 1]})
    >>> found = tp.measures.moran(jobs, places=row, industry="lasers", of="value", weights="knn2")
    >>> found.table["moran"].round(6).tolist()
    [0.665094]
    """
    alpha = _local.significance(level)
    found = _place_values.of_activity(
        activity, places, industry=industry, sector=sector, value=value, of=of, year=year
    )
    _local.checked(permutations, seed)
    case = _local.of_values(found, weights)
    reason = _reason(case)
    row: dict[str, Any] = {"year": found.year, "places": len(case.x), **dict.fromkeys(NUMBERS, np.nan)}
    if not reason:
        statistic = global_moran(
            case.x, case.weights.row_standardised().matrix(), permutations=permutations, seed=seed
        )
        row |= _row(statistic, alternative)
    return Result.of(
        pd.DataFrame([{**row, "undefined": reason}]),
        text=_text(case, row, reason, alpha),
        fields={
            "year": Field("year; 0 = one unnamed period"),
            "places": Field("places that have a value"),
            "moran": Field("Moran's I", "positive = neighbours are alike", 3),
            "expected": Field("its mean by chance", "", 4),
            "variance_normality": Field("its variance if the values are normal", "", 6),
            "z_normality": Field("its deviate if the values are normal", "standard deviations", 2),
            "p_normality": Field("p of that deviate", "", 4),
            "variance": Field("its variance with the values given, placed at random", "", 6),
            "z": Field("its deviate with the values given, placed at random", "standard deviations", 2),
            "p_randomisation": Field("p of that deviate", "", 4),
            "p_value": Field("p by permutation", "", 4),
            "undefined": Field("why there is no statistic; empty = there is one"),
        },
        warnings=case.warnings,
    )


def _reason(case: LocalMap) -> str:
    if len(case.x) < FEWEST:
        return f"fewer than {FEWEST} places have a value"
    if case.defined.any():
        return ""
    return "no place has a neighbour" if case.weights.islands.all() else "the map is constant"


def _row(found: GlobalMoran, alternative: Literal["two-sided", "greater", "less"]) -> dict[str, float]:
    said: dict[str, float] = {"moran": found.moran, "expected": found.expected}
    for name, variance, z, p in (
        ("normality", "variance_normality", "z_normality", "p_normality"),
        ("randomisation", "variance", "z", "p_randomisation"),
    ):
        spread = getattr(found, f"variance_{name}")
        deviate = (found.moran - found.expected) / np.sqrt(spread) if spread > 0 else 0.0
        low, high = np.array(norm.cdf(deviate)), np.array(norm.sf(deviate))
        said |= {variance: spread, z: deviate, p: float(_local.p_values(low, high, alternative))}
    low, high = ((1 + count) / (1 + found.permutations) for count in (found.at_most, found.at_least))
    return said | {"p_value": float(_local.p_values(np.array(low), np.array(high), alternative))}


def _text(case: LocalMap, row: dict[str, Any], reason: str, alpha: float) -> str:
    if reason:
        return f"Moran's I isn't defined: {reason}."
    sure = row["p_value"] <= alpha + 1e-12
    alike = "alike" if row["moran"] > row["expected"] else "unlike each other"
    verdict = f"more {alike} than chance gives" if sure else "no more alike or unlike than chance gives"
    return (
        f"Neighbouring places are {verdict} in {case.places.what}: Moran's I is {row['moran']:.3f} over {row['places']:,} places "
        f"(by chance {row['expected']:.3f}; p = {row['p_value']:.3g})."
    )
