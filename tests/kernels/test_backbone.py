"""The backbone against Kruskal's algorithm as in the textbook, and the threshold by hand."""

from __future__ import annotations

import numpy as np
import pytest

from technopole.kernels.backbone import backbone


def symmetric(size: int, seed: int, steps: int) -> np.ndarray:
    """Closeness in few steps, so that many links tie."""
    random = np.random.default_rng(seed)
    upper = np.triu(random.integers(0, steps + 1, (size, size)) / steps, 1)
    return upper + upper.T


def kruskal(closeness: np.ndarray) -> set[tuple[int, int]]:
    """Links from the closest on, of ties those of the first nodes, unless they close a circle."""
    size = len(closeness)
    group = list(range(size))
    pairs = [(i, j) for i in range(size) for j in range(i + 1, size) if closeness[i, j] > 0]
    chosen = set()
    for i, j in sorted(pairs, key=lambda pair: (-closeness[pair], pair)):
        if group[i] != group[j]:
            old = group[j]
            group = [group[i] if one == old else one for one in group]
            chosen.add((i, j))
    return chosen


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("steps", [1, 3, 1000])
def test_the_tree_is_kruskal_s(seed: int, steps: int) -> None:
    closeness = symmetric(25, seed, steps)
    found = backbone(closeness, threshold=np.inf)
    assert found.tree.all()
    assert set(zip(found.first.tolist(), found.second.tolist(), strict=True)) == kruskal(closeness)


def test_nodes_that_nothing_links_stay_alone() -> None:
    closeness = np.zeros((5, 5))
    closeness[0, 1] = closeness[1, 0] = 0.4
    closeness[2, 3] = closeness[3, 2] = 0.2
    found = backbone(closeness)
    assert found.first.tolist() == [0, 2] and found.second.tolist() == [1, 3]
    assert found.tree.all() and found.strength.tolist() == [0.4, 0.2]


def test_threshold_by_hand() -> None:
    """Four nodes: the tree takes 0-1, 0-2, 0-3; beside it 1-2 and 1-3 tie at 0.5, 2-3 has 0.1."""
    closeness = np.array([[1, 0.9, 0.8, 0.7], [0.9, 1, 0.5, 0.5], [0.8, 0.5, 1, 0.1], [0.7, 0.5, 0.1, 1]])
    assert backbone(closeness, threshold=0.5).tree.tolist() == [True, True, True, False, False]
    two = backbone(closeness, degree=2)  # 4 links at most: both of the tie don't fit, so neither is in
    assert two.threshold == 0.7 and two.tree.tolist() == [True, True, True]
    more = backbone(closeness, degree=2.5)  # 5 links at most
    assert more.threshold == 0.5 and len(more.first) == 5
    assert backbone(closeness, degree=3).threshold == 0.1


@pytest.mark.parametrize("degree", [2.0, 4.0, 7.5])
def test_no_more_links_than_asked_for_and_all_from_the_threshold_on(degree: float) -> None:
    closeness = symmetric(60, 3, 20)
    found = backbone(closeness, degree=degree)
    assert len(found.first) <= 60 * degree / 2
    upper = np.triu(closeness, 1)
    assert (upper >= found.threshold).sum() == (found.strength >= found.threshold).sum()
    below = upper[(upper < found.threshold) & (upper > 0)].max()
    assert len(backbone(closeness, threshold=below).first) > 60 * degree / 2


def test_no_node_at_all() -> None:
    assert len(backbone(np.empty((0, 0))).first) == 0
    assert len(backbone(np.ones((1, 1))).first) == 0
