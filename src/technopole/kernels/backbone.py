"""The backbone of a network in which everything is linked with everything: its greatest spanning tree, and its strongest links."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import minimum_spanning_tree

Array = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Backbone:
    """Links between nodes `first` < `second`, in rising order, with their strength; `tree` = it is one of the spanning tree.

    `threshold` is the strength from which on every link is in; inf where only the tree is.
    """

    first: Indices
    second: Indices
    strength: Array
    tree: NDArray[np.bool_]
    threshold: float


def backbone(closeness: Array, *, threshold: float | None = None, degree: float = 4.0) -> Backbone:
    """Return the spanning tree with the greatest sum of closeness, and all links of `threshold` or more.

    Without a threshold it is the least with which nodes have `degree` links on average or fewer: ties are all in or all out. Nodes that
    nothing links stay alone (a forest). Of equally close links the tree takes those of the first nodes.
    """
    first, second = np.triu_indices(len(closeness), 1)
    strength = closeness[first, second]
    linked = strength > 0
    first, second, strength = first[linked], second[linked], strength[linked]
    order = np.argsort(-strength, kind="stable")
    tree = _tree(first, second, order, len(closeness))
    if threshold is None:
        threshold = _threshold(strength[order], tree[order], degree * len(closeness) / 2)
    kept = tree | (strength >= threshold)
    return Backbone(first[kept], second[kept], strength[kept], tree[kept], float(threshold))


def _tree(first: Indices, second: Indices, order: Indices, size: int) -> NDArray[np.bool_]:
    """Kruskal's tree by rank instead of strength: no two links tie, so there is one tree only."""
    rank = np.empty(len(order))
    rank[order] = np.arange(1.0, len(order) + 1)
    found = minimum_spanning_tree(csr_array((rank, (first, second)), shape=(size, size)))
    chosen: NDArray[np.bool_] = np.zeros(len(order), dtype=bool)
    chosen[order[found.data.astype(np.intp) - 1]] = True
    return chosen


def _threshold(strength: Array, tree: NDArray[np.bool_], most: float) -> float:
    """The least of the falling strengths with which the links, tree included, are no more than `most`."""
    links = tree.sum() + np.cumsum(~tree)
    last = np.append(strength[1:] < strength[:-1], True)  # the last of those that tie
    fits = np.flatnonzero(last & (links <= most))
    return float(strength[fits[-1]]) if len(fits) else np.inf
