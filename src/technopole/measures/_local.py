"""What local Moran and Getis-Ord share: from tables to values and links, from tails to p and q, and the result's table."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import false_discovery_control

from technopole import progress
from technopole.errors import WrongOption
from technopole.kernels import conditional_distribution, conditional_permutation
from technopole.measures._place_values import PlaceValues
from technopole.result import Chart, Field, Result
from technopole.spatial import spatial_weights
from technopole.spatial.spatial_weights import Weights

if TYPE_CHECKING:
    from libpysal.graph import Graph

Floats = npt.NDArray[np.float64]
Alternative: TypeAlias = Literal["two-sided", "greater", "less", "directed"]
Inference: TypeAlias = Literal["permutation", "exact"]
CONSTANT = 1e-12  # values that differ by less, relative to the largest, are equal
FEWEST = 3


@dataclass(frozen=True, slots=True)
class LocalMap:
    """Values and links of the places that have a value, and why others have no statistic.

    Attributes
    ----------
    reason : ndarray of str
        Why a place with a value has no statistic: no neighbour, a constant map; empty = it has one.
    """

    places: PlaceValues
    weights: Weights
    reason: npt.NDArray[np.str_]
    warnings: tuple[str, ...]

    @property
    def x(self) -> Floats:
        """The values."""
        return self.places.values

    @property
    def defined(self) -> npt.NDArray[np.bool_]:
        """Places that have a statistic."""
        return self.reason == ""


def of_values(found: PlaceValues, weights: str | Graph) -> LocalMap:
    """Link the places that have a value."""
    x, n = found.values, len(found.values)
    if n < FEWEST:
        links = spatial_weights.none(n)
        return LocalMap(found, links, np.full(n, f"fewer than {FEWEST} places have a value"), found.warnings)
    links = spatial_weights.of_places(found.located, weights)
    spread = float(np.ptp(x))
    constant = spread <= CONSTANT * float(np.abs(x).max()) or spread**2 < np.finfo(float).tiny
    reason = np.where(links.islands, "island: no neighbour", "")
    if constant:
        reason = np.full(n, "the map is constant")
    return LocalMap(found, links, reason, (*found.warnings, *_said_islands(found, links)))


def _said_islands(found: PlaceValues, links: Weights) -> list[str]:
    table = found.located.table[links.islands]
    if table.empty:
        return []
    names = table["name"].fillna(table["place"]) if "name" in table else table["place"]
    shown = ", ".join(sorted(names.astype(str))[:8])
    return [
        f"{'1 place has' if len(table) == 1 else f'{len(table):,} places have'} no neighbour ({links.said}): {shown}{' …' if len(table) > 8 else ''}"
    ]


def significance(level: float) -> float:
    """Return 1 - level."""
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)
    return round(1 - level, 12)


def floor(permutations: int, inference: Inference, alternative: Alternative) -> float:
    """Return the smallest p there can be; 0 where there is no such limit."""
    sides = 2 if alternative == "two-sided" else 1
    return sides / (permutations + 1) if inference == "permutation" else 0.0


def p_values(low: Floats, high: Floats, alternative: Alternative) -> Floats:
    """Return p from the probabilities of a statistic at most, and at least, as large as observed."""
    one = np.minimum(low, high)
    chosen = {"two-sided": 2 * one, "greater": high, "less": low, "directed": one}[alternative]
    return np.clip(chosen, np.finfo(np.float64).tiny, 1.0)


def checked(permutations: int, seed: int) -> None:
    """Refuse a number of permutations below 1 and a negative seed."""
    if permutations < 1 or seed < 0:
        raise WrongOption("permutations are 1 or more, a seed is 0 or more", value=[permutations, seed])


def tails(case: LocalMap, *, permutations: int, inference: Inference, seed: int) -> tuple[Floats, Floats]:
    """Return the probabilities that a place's sum over its neighbours is at most, and at least, as large as it is."""
    checked(permutations, seed)
    links = case.weights.row_standardised()
    if not case.defined.any():
        return np.ones(len(case.x)), np.ones(len(case.x))
    if inference == "exact":
        _refuse_exact(links)
        return conditional_distribution.tails(case.x, links.indptr, links.indices)
    told = progress.counter("places", len(case.x))
    found = conditional_permutation.tails(
        case.x,
        links.indptr,
        links.indices,
        links.data,
        permutations=permutations,
        seed=seed,
        progress=told,
    )
    return found.p_low(), found.p_high()


def _refuse_exact(links: Weights) -> None:
    most, half = int(links.neighbours.max()), len(links) // 2
    fix = "inference='permutation'"
    if not conditional_permutation.equal_in_rows(links.indptr, links.data):
        raise WrongOption("the exact distribution takes links that count alike", value=links.said, fix=fix)
    if most > min(conditional_distribution.MOST, half):
        raise WrongOption(
            f"the exact distribution takes at most {conditional_distribution.MOST} neighbours, and half of the places",
            value=most,
            fix=fix,
        )


def table(
    case: LocalMap,
    statistic: dict[str, Floats],
    p: Floats,
    kind: npt.NDArray[np.str_],
    column: str,
    *,
    fdr: bool,
    alpha: float,
) -> pd.DataFrame:
    """Return a row per place: value, statistic, p, q, whether significant, and why undefined; undefined last."""
    on = case.defined
    q = np.full(len(p), np.nan)
    if on.any():
        q[on] = false_discovery_control(p[on])
    judged = q if fdr else p
    frame = case.places.located.table.drop(columns=["east", "north"]).assign(
        year=case.places.year,
        value=case.x,
        **_quotient(case),
        **{name: np.where(on, numbers, np.nan) for name, numbers in statistic.items()},
        **{column: np.where(on, kind, "")},
        p_value=np.where(on, p, np.nan),
        q_value=q,
        significant=on & (np.nan_to_num(judged, nan=1.0) <= alpha + 1e-12),
        undefined=case.reason,
    )
    rest = case.places.undefined.assign(year=case.places.year, significant=False, **{column: ""})
    whole = pd.concat([frame, rest], ignore_index=True) if len(rest) else frame
    whole = whole[list(frame.columns)].astype({"significant": bool, "undefined": str})
    return whole.iloc[np.lexsort((whole["place"].astype(str), whole["undefined"].ne("")))].reset_index(
        drop=True
    )


def _quotient(case: LocalMap) -> dict[str, Floats]:
    """The location quotient, where it isn't the value itself: it says in plain words what a value is worth."""
    quotient = case.places.quotient
    return (
        {} if quotient is None or case.places.of == "location_quotient" else {"location_quotient": quotient}
    )


def on_map(case: LocalMap, found: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return place, label, kind (of the significant), and where it lies."""
    names = found["name"].fillna(found["place"]) if "name" in found else found["place"]
    kind = found[column].where(found["significant"], "not significant")
    kind = kind.where(found["undefined"] == "", "undefined")
    kinds = pd.DataFrame({"place": found["place"], "label": names, "kind": kind})
    return case.places.everywhere.on_map().merge(kinds, on="place", how="left", validate="one_to_one")


def result(
    case: LocalMap,
    found: pd.DataFrame,
    *,
    statistic: dict[str, Field],
    kinds: tuple[str, ...],
    column: str,
    text: str,
    alpha: float,
    fdr: bool,
    floor: float,
) -> Result:
    """Put the parts together."""
    warnings = [*case.warnings]
    defined = found[found["undefined"] == ""]
    if fdr and len(defined) and floor > 0 and not found["significant"].any():
        needed = int(np.ceil(floor * len(defined) / alpha))
        if needed > 1:
            warnings.append(
                f"the smallest p these permutations can give is {floor:.2g}: with the false discovery rate held, {needed:,} places "
                "must reach it before one is significant; more permutations, or inference='exact', tell finer"
            )
    return Result.of(
        found,
        text=text,
        fields={
            "place": Field("place"),
            "name": Field("name of the place"),
            "year": Field("year; 0 = one unnamed period"),
            "value": case.places.field,
            "location_quotient": Field(
                "the place's share of the industry over the nation's", "1 = as everywhere", 2
            ),
            **statistic,
            "p_value": Field("probability of as unusual neighbours where values are placed at random", "", 4),
            "q_value": Field(
                "the same with the false discovery rate held (Benjamini-Hochberg over all places that have a p)",
                "",
                4,
            ),
            "significant": Field(f"whether {'q' if fdr else 'p'} is at most {alpha:g}"),
            "undefined": Field("why there is no statistic; empty = there is one"),
            "label": Field("name shown"),
            "kind": Field("what the place is on the map"),
            "geometry": Field("outline"),
            "longitude": Field("east positive", "degrees", 2),
            "latitude": Field("north positive", "degrees", 2),
            "x": Field("easting", "km", 1),
            "y": Field("northing", "km", 1),
        },
        chart=Chart("local_map", {"kinds": list(kinds), "what": case.places.what}, of="map"),
        warnings=warnings,
        map=on_map(case, found, column),
    )


def words(
    case: LocalMap, found: pd.DataFrame, kinds: tuple[str, ...], column: str, *, alpha: float, fdr: bool
) -> str:
    """Say how many places are of each kind, how sure, and which stand out."""
    defined = found[found["undefined"] == ""]
    if defined.empty:
        reasons = ", ".join(sorted(set(found["undefined"])))
        return f"No place has a statistic: {reasons or 'there are no places'}."
    sure = f"{'false discovery rate' if fdr else 'error'} {alpha:.3g}"
    shown = defined[defined["significant"]]
    head = f"Of {len(defined):,} places compared by {case.places.what}, {len(shown):,} {'has' if len(shown) == 1 else 'have'} neighbours too unusual for chance ({sure})"
    if shown.empty:
        return head + "."
    numbers = {kind: int((shown[column] == kind).sum()) for kind in kinds}
    counts = ", ".join(
        f"{number:,} {kind}{'s' if column == 'spot' and number != 1 else ''}"
        for kind, number in numbers.items()
    )
    first = shown[shown[column] == kinds[0]].sort_values(["value", "place"], ascending=[False, True]).head(3)
    named = [f"{row.get('name') or row['place']} ({_said(row)})" for row in first.to_dict("records")]
    return f"{head}: {counts}." + (f" The largest {kinds[0]}: {', '.join(named)}." if named else "")


def _said(row: dict[Hashable, Any]) -> str:
    if np.isfinite(row.get("location_quotient", np.nan)):
        return f"location quotient {row['location_quotient']:,.2f}"
    return f"{row['value']:,.3g}"
