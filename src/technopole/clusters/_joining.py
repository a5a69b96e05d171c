"""Joining significant sites into clusters: over a graph of neighbours, or by distance."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from technopole.errors import WrongOption
from technopole.kernels.locations import Locations

Indices = npt.NDArray[np.int64]
MOST_PAIRS = 50_000_000


def over_graph(indptr: Indices, indices: Indices, chosen: npt.NDArray[np.bool_]) -> Indices:
    """Return each chosen site's cluster (from 0; -1 = not chosen): sites linked in either direction belong together."""
    links = csr_array((np.ones(len(indices)), indices, indptr), shape=(len(chosen), len(chosen)))
    at = np.flatnonzero(chosen)
    found = np.full(len(chosen), -1, dtype=np.int64)
    if at.size:
        found[at] = connected_components(links[at][:, at], directed=True, connection="weak")[1]
    return found


def by_distance(places: Locations, radius_km: float) -> Indices:
    """Return each location's cluster: single linkage, locations within the radius belong together.

    Raises
    ------
    WrongOption
        So many pairs lie within the radius that memory would run out.
    """
    points, where = np.unique(places.coordinates, axis=0, return_inverse=True)
    if not len(points):
        return np.empty(0, dtype=np.int64)
    tree = KDTree(points)
    reach = float(places.to_straight(np.array([radius_km]))[0])
    pairs = int(tree.count_neighbors(tree, reach))
    if pairs > MOST_PAIRS:
        raise WrongOption(
            f"{pairs:,} pairs of locations lie within the radius, too many to join",
            value=radius_km,
            fix="choose a smaller radius_km",
        )
    near = tree.query_pairs(reach, output_type="ndarray")
    links = csr_array((np.ones(len(near)), (near[:, 0], near[:, 1])), shape=(len(points), len(points)))
    return connected_components(links, directed=False)[1].astype(np.int64)[where.ravel()]
