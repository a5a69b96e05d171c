"""Spatial weights: who is whose neighbour, in words ("queen", "knn8", "band50", "kernel50") or as a libpysal Graph."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely
from scipy import sparse
from scipy.spatial import KDTree

from technopole.errors import UnknownName, WrongOption
from technopole.kernels.locations import Locations
from technopole.spatial import located_places
from technopole.spatial.located_places import Located
from technopole.tables import Places

if TYPE_CHECKING:
    from libpysal.graph import Graph

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
WORDS = (
    "queen (polygons that touch)",
    "rook (polygons that share an edge)",
    "knn8 (8 nearest, or another number)",
    "band50 (within 50 km)",
    "kernel50 (bisquare kernel of 50 km)",
    "a libpysal Graph",
)
MOST_LINKS = 50_000_000
TOUCH = 1e-7  # outlines this near touch: degrees (1 cm) or kilometres (0.1 mm)
BYTES_PER_LINK = 105  # while they are put in order, as measured


@dataclass(frozen=True, slots=True)
class Weights:
    """Links between places, compressed by rows: those of place i are `indices[indptr[i]:indptr[i + 1]]`, ascending.

    Attributes
    ----------
    data : ndarray of float64
        The weight of each link as defined (1, a kernel's value, or what the Graph says); no place is linked to itself.
    own : ndarray of float64
        The weight a place gives itself where a statistic counts it in.
    said : str
        What makes two places neighbours, in words.
    """

    indptr: Indices
    indices: Indices
    data: Floats
    own: Floats
    said: str

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @property
    def neighbours(self) -> Indices:
        """How many neighbours each place has."""
        return np.diff(self.indptr)

    @property
    def islands(self) -> npt.NDArray[np.bool_]:
        """Places without a neighbour."""
        return self.neighbours == 0

    def row_standardised(self) -> Weights:
        """Return weights that add up to 1 in each row (0 for islands)."""
        sums = self.matrix().sum(axis=1)
        scale = np.divide(1.0, sums, out=np.zeros(len(self)), where=sums != 0)
        return Weights(
            self.indptr,
            self.indices,
            self.data * np.repeat(scale, self.neighbours),
            self.own * scale,
            self.said,
        )

    def matrix(self) -> Any:
        """Return the weights as a scipy sparse array."""
        return sparse.csr_array((self.data, self.indices, self.indptr), shape=(len(self), len(self)))


def of_places(places: Places | Located, weights: str | Graph, order: Sequence[str] | None = None) -> Weights:
    """Link the places (all that have coordinates, by these; or those named, in their order).

    Raises
    ------
    WrongOption
        Words that name no weights, or contiguity of places that are points.
    UnknownName
        A Graph that lacks places; these are named.
    """
    located = places if isinstance(places, Located) else located_places.of(places)
    if order is not None:
        at = {place: row for row, place in enumerate(located.table["place"])}
        missing = [place for place in order if place not in at]
        if missing:
            raise UnknownName(
                "these places have no coordinates, or aren't known", value=", ".join(missing[:8])
            )
        located = located.take(np.array([at[place] for place in order], dtype=np.int64))
    if not isinstance(weights, str):
        return _of_graph(weights, list(located.table["place"]))
    if weights in ("queen", "rook"):
        return _contiguity(located, weights)
    found = re.fullmatch(r"(knn|band|kernel)(\d+(?:\.\d+)?)", weights)
    number = float(found[2]) if found else 0.0
    if not found or number <= 0 or (found[1] == "knn" and not number.is_integer()):
        raise WrongOption("no such spatial weights", value=weights, exists=WORDS)
    if found[1] == "knn":
        return _nearest(located.locations, int(number))
    return _within(located.locations, number, kernel=found[1] == "kernel")


def _contiguity(located: Located, kind: str) -> Weights:
    if located.shapes is None:
        raise WrongOption(
            "places that are points don't touch",
            value=kind,
            exists=WORDS[2:],
            fix="weights='knn8', or give the places' outlines as geometry",
        )
    shapes = np.array([_areas(shape) for shape in located.shapes], dtype=object)
    tree = shapely.STRtree(shapes)
    rows, columns = tree.query(shapes, predicate="dwithin", distance=TOUCH).astype(np.int64)
    if kind == "rook":
        pairs = np.flatnonzero(rows < columns)
        edge = np.array(
            [_common_edge(shapes[rows[pair]], shapes[columns[pair]]) for pair in pairs], dtype=bool
        )
        one, other = rows[pairs[edge]], columns[pairs[edge]]
        rows, columns = np.concatenate([one, other]), np.concatenate([other, one])
    said = f"{kind} contiguity ({'a common edge' if kind == 'rook' else 'touching outlines'})"
    return _of_pairs(rows, columns, np.ones(len(rows)), len(shapes), said)


def _common_edge(one: Any, other: Any) -> bool:
    """Whether more than a corner is shared, however the corners of the two outlines are set."""
    near = shapely.intersection(shapely.boundary(one), shapely.buffer(other, TOUCH, quad_segs=1))
    return float(shapely.length(near)) > 10 * TOUCH


def _areas(shape: Any) -> Any:
    """Keep the areas of an outline: mending one may leave lines beside them."""
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.multipolygons([part for part in parts if part.geom_type == "Polygon"])


def _nearest(points: Locations, k: int) -> Weights:
    n = len(points)
    if k >= n:
        raise WrongOption(f"{n} places have fewer than {k} neighbours each", value=f"knn{k}")
    _, found = KDTree(points.coordinates).query(points.coordinates, k=k + 1)
    others = np.asarray(found, dtype=np.int64) != np.arange(n)[:, None]
    others[others.all(axis=1), -1] = (
        False  # more than k places stand at one point, and the place itself isn't listed
    )
    columns = np.sort(np.asarray(found, dtype=np.int64)[others].reshape(n, k), axis=1).ravel()
    return _compressed(np.repeat(np.arange(n), k), columns, np.ones(n * k), n, f"the {k} nearest places")


def _within(points: Locations, km: float, *, kernel: bool) -> Weights:
    straight = float(points.to_straight(np.array([km]))[0])
    tree = KDTree(points.coordinates)
    # Counted around some places: counting all of them takes a minute where the answer is no.
    some = points.coordinates[np.unique(np.linspace(0, len(points) - 1, 256).astype(int))]
    each = float(np.mean(tree.query_ball_point(some, straight, return_length=True))) - 1
    if (count := each * len(points)) > MOST_LINKS:
        raise WrongOption(
            f"about {count:,.0f} links between places need {count * BYTES_PER_LINK / 2**30:,.0f} GiB",
            value=f"{km:g} km",
            fix="a smaller distance, or the nearest places (knn8)",
        )
    pairs = tree.query_pairs(straight, output_type="ndarray")
    one, other = (pairs[:, side].astype(np.int64) for side in (0, 1))
    said = f"places within {km:g} km"
    weight = np.ones(len(one))
    if kernel:
        gap = np.linalg.norm(points.coordinates[one] - points.coordinates[other], axis=1)
        weight = np.square(1 - np.square(np.minimum(points.to_km(gap) / km, 1.0)))
        inside = weight > 0
        one, other, weight = one[inside], other[inside], weight[inside]
        said += ", weighted (1 - (distance / bandwidth)^2)^2"
    rows, columns = np.concatenate([one, other]), np.concatenate([other, one])
    return _of_pairs(rows, columns, np.concatenate([weight, weight]), len(points), said)


def _of_graph(graph: Graph, places: list[str]) -> Weights:
    ids = np.asarray(graph.unique_ids.astype(str))
    row_of = {place: row for row, place in enumerate(places)}
    missing = sorted(set(places) - set(ids))
    if missing:
        raise UnknownName(
            f"the weights lack {len(missing)} of {len(places)} places",
            value=", ".join(missing[:8]),
            exists=sorted(ids),
            fix="a Graph whose index holds the codes of the places: frame.set_index('place') before building it",
        )
    adjacency = graph.adjacency
    at = np.array([row_of.get(name, -1) for name in ids], dtype=np.int64)
    code = dict(zip(graph.unique_ids, at, strict=True))
    rows, columns = (
        adjacency.index.get_level_values(level).map(code).to_numpy(np.int64)
        for level in ("focal", "neighbor")
    )
    weight = adjacency.to_numpy(np.float64)
    inside = (rows >= 0) & (columns >= 0) & (weight != 0)
    if not np.isfinite(weight).all() or (weight < 0).any():
        raise WrongOption("weights are numbers, 0 or more", value=float(weight.min()))
    found = _of_pairs(rows[inside], columns[inside], weight[inside], len(places), "the weights given")
    own, linked, itself = np.ones(len(places)), ~found.islands, inside & (rows == columns)
    if linked.any():  # a place without a link to itself counts as much as its heaviest neighbour
        own[linked] = np.maximum.reduceat(found.data, found.indptr[:-1][linked])
    own[rows[itself]] = weight[itself]
    return Weights(found.indptr, found.indices, found.data, own, found.said)


def _of_pairs(rows: Indices, columns: Indices, weight: Floats, n: int, said: str) -> Weights:
    keep = rows != columns
    rows, columns, weight = rows[keep], columns[keep], weight[keep]
    order = np.lexsort((columns, rows))
    return _compressed(rows[order], columns[order], weight[order], n, said)


def _compressed(rows: Indices, columns: Indices, weight: Floats, n: int, said: str) -> Weights:
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=n))]).astype(np.int64)
    return Weights(indptr, columns, weight, np.ones(n), said)


def none(n: int) -> Weights:
    """Return no link at all between n places."""
    empty = np.zeros(0, np.int64)
    return _compressed(empty, empty, np.zeros(0), n, "none")
