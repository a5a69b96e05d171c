"""The product space and economic complexity: from who has what (places x items, True or False) to proximity, density and complexity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from technopole.kernels.threads import one_thread

Array = NDArray[np.float64]
Presence = NDArray[np.bool_]

BLOCK = 512  # rows of a proximity matrix at a time
ALIKE = 1e-9  # two eigenvalues closer than this share their eigenvectors
NOTHING = "no place has any item with a comparative advantage"
ONE_PLACE = "there is one place only"
SAME = "all places have the same items"
APART = "the places fall into groups of one size that have no item in common"
TWIN = "the second eigenvalue isn't single, so no one eigenvector belongs to it"
NO_SIGN = "complexity and diversity are unrelated, so complexity has no sign"


@dataclass(frozen=True, slots=True, eq=False)
class Complexity:
    """Complexity of places and items, not yet standardised: a place's is the mean of its items'. nan where undefined.

    Only the largest group of places and items that hang together is judged: `joined` and `joined_items`. `reason` says why nothing is
    defined, where nothing is. `second` and `third` are eigenvalues; `iterations` and `change` (the last one's largest) are 0 for an
    eigenvector. `related` is the correlation of places' complexity with their diversity.
    """

    place: Array
    item: Array
    joined: Presence
    joined_items: Presence
    reason: str = ""
    second: float = np.nan
    third: float = np.nan
    iterations: int = 0
    change: float = 0.0
    related: float = np.nan


def proximity(presence: Presence) -> Array:
    """Return items x items `#(places with both) / max(#(places with p), #(with q))`: 1 on the diagonal, 0 for an item nobody has.

    Counts are exact in float32 below 2^24 places. Memory: 12 bytes per pair.
    """
    have = presence.astype(np.float32)
    with one_thread():
        both = have.T @ have
    count = np.maximum(np.diag(both), 1).astype(np.float64)
    found = np.empty(both.shape)
    for start in range(0, len(count), BLOCK):
        rows = slice(start, start + BLOCK)
        np.maximum(count[rows, None], count[None, :], out=found[rows])
        np.divide(both[rows], found[rows], out=found[rows])
    return found


def density(presence: Presence, closeness: Array, *, diagonal: bool = True) -> Array:
    """Return places x items `sum_q M[c, q] phi[p, q] / sum_q phi[p, q]`; nan where an item is near nothing.

    `diagonal` = an item counts among those near to itself.
    """
    if not diagonal:
        closeness = closeness.copy()
        np.fill_diagonal(closeness, 0.0)
    weight = closeness.sum(axis=1)
    with one_thread():
        found: Array = presence.astype(np.float64) @ closeness.T
    with np.errstate(divide="ignore", invalid="ignore"):
        found /= weight
    found[:, weight <= 0] = np.nan
    return found


def eigenvector(presence: Presence) -> Complexity:
    """Return the second eigenvector: `k[c] = mean of k[p] over c's items`, `lambda k[p] = mean of k[c] over the places with p`."""
    joined, joined_items, reason = together(presence)
    if reason:
        return undefined(presence.shape, reason)
    have = presence[np.ix_(joined, joined_items)].astype(np.float64)
    if have.shape[1] == 1:
        return undefined(presence.shape, SAME)
    transposed = have.shape[0] > have.shape[1]
    values, vector = _second(have.T if transposed else have)
    second, third = float(values[-2]), float(values[-3]) if len(values) > 2 else 0.0
    if second < ALIKE:
        return undefined(presence.shape, SAME)
    if second - third < ALIKE:
        return undefined(presence.shape, TWIN)
    if transposed:
        item = vector
        place = have @ item / have.sum(axis=1)
    else:
        place = vector
        item = place @ have / have.sum(axis=0) / second
    with_diversity = related(have, place)
    if abs(with_diversity) < ALIKE:
        return undefined(presence.shape, NO_SIGN)
    sign = np.sign(with_diversity)
    return Complexity(
        filled(sign * place, joined),
        filled(sign * item, joined_items),
        joined,
        joined_items,
        "",
        second,
        third,
        related=abs(with_diversity),
    )


def _second(have: Array) -> tuple[Array, Array]:
    """The greatest eigenvalues of `D^-1 M U^-1 M'` in rising order, and the eigenvector of the second greatest."""
    root = np.sqrt(have.sum(axis=1))
    scaled = have / np.sqrt(have.sum(axis=0)) / root[:, None]
    size = len(root)
    with one_thread():
        values, vectors = eigh(scaled @ scaled.T, subset_by_index=[max(0, size - 3), size - 1])
    return values, vectors[:, -2] / root


def together(presence: Presence) -> tuple[Presence, Presence, str]:
    """The largest group of places and items that hang together, and why there is none to judge."""
    places: Presence = np.asarray(presence.any(axis=1))
    items: Presence = np.asarray(presence.any(axis=0))
    if not places.any():
        return places, items, NOTHING
    rows, columns = np.nonzero(presence)
    shape = (sum(presence.shape),) * 2
    links = csr_array((np.ones(len(rows), dtype=np.int8), (rows, columns + len(places))), shape=shape)
    _, group = connected_components(links, directed=False)
    sizes = np.bincount(group[: len(places)][places])
    if sizes.max() == 1:
        return places, items, ONE_PLACE if (sizes > 0).sum() == 1 else APART
    if (sizes == sizes.max()).sum() > 1:
        return places, items, APART
    largest = sizes.argmax()
    return places & (group[: len(places)] == largest), items & (group[len(places) :] == largest), ""


def related(have: Array, place: Array) -> float:
    """Correlation of places' complexity with their diversity; 0 where one of them is the same everywhere."""
    diversity = have.sum(axis=1)
    own, other = diversity - diversity.mean(), place - place.mean()
    size = np.sqrt((own @ own) * (other @ other))
    return float(own @ other / size) if size > 0 else 0.0


def filled(values: Array, where: Presence) -> Array:
    """The values where they belong, nan elsewhere."""
    found = np.full(len(where), np.nan)
    found[where] = values
    return found


def undefined(shape: tuple[int, int], reason: str) -> Complexity:
    """No complexity at all, and why."""
    places, items = (np.full(size, np.nan) for size in shape)
    nobody, nothing = (np.zeros(size, dtype=bool) for size in shape)
    return Complexity(places, items, nobody, nothing, reason)


def standardised(found: Complexity, convention: str) -> tuple[Array, Array]:
    """Return places and items in the scale of a convention.

    - atlas: both by the places' mean and population standard deviation, so that a place's is still the mean of its items';
    - stata: the same, but the deviation is that of the rows of a places x items table, with one degree of freedom less;
    - book: each side by its own mean and population standard deviation;
    - sample: each side by its own mean and sample standard deviation.
    """
    place, item = found.place[found.joined], found.item[found.joined_items]
    if not len(place):
        return found.place, found.item
    cells = len(place) * len(item)
    if convention in ("atlas", "stata"):
        ddof = cells / (cells - 1) if convention == "stata" else 1.0
        mean, deviation = place.mean(), np.sqrt(place.var() * ddof)
        return (found.place - mean) / deviation, (found.item - mean) / deviation
    ddof = 1 if convention == "sample" else 0
    return _own_scale(found.place, place, ddof), _own_scale(found.item, item, ddof)


def _own_scale(values: Array, known: Array, ddof: int) -> Array:
    deviation = known.std(ddof=ddof)
    return (values - known.mean()) / deviation if deviation > 0 else np.full(len(values), np.nan)


def outlook(
    presence: Presence, closeness: Array, item: Array, *, diagonal: bool, own: bool
) -> tuple[Array, Array]:
    """Return complexity outlook of places, and gain of places x items (nan where the place has the item, or the item no complexity).

        outlook[c] = sum_p density[c, p] (1 - M[c, p]) item[p]
        gain[c, p] = (1 - M[c, p]) (sum_q phi[p, q] / (sum_r phi[q, r]) (1 - M[c, q]) item[q]  - density[c, p] item[p])

    The last term, what the item itself no longer promises once the place has it, only where `own`. Items without complexity are left out.
    """
    known = np.isfinite(item)
    near = density(presence, closeness, diagonal=diagonal)
    if not diagonal:
        closeness = closeness.copy()
        np.fill_diagonal(closeness, 0.0)
    worth = np.where(known, item, 0.0)
    weight = closeness.sum(axis=1)
    lacking = ~presence
    promised = np.where(lacking & known, near * worth, 0.0)
    share = np.divide(worth, weight, out=np.zeros_like(worth), where=weight > 0)
    with one_thread():
        gain = (lacking * share) @ closeness
    if own:
        gain -= promised
    gain[presence] = np.nan
    gain[:, ~known] = np.nan
    return np.nansum(promised, axis=1), gain
