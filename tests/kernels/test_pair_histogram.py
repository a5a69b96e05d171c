"""Pair-distance histograms against a plain NumPy count of all pairs."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from technopole.kernels import pair_histogram
from technopole.kernels.pair_histogram import Bins

Floats = NDArray[np.float64]
RNG = np.random.default_rng(5)
# Multiples of 1/8 km and bins of 1/4 km off the lattice: every distance is exact or far from an edge.
PLANE = np.unique(RNG.integers(-400, 400, (1500, 2)) / 8, axis=0)
SPHERE = np.cross(RNG.normal(size=(900, 3)), RNG.normal(size=(900, 3)))
SPHERE *= 6371.0088 / np.linalg.norm(SPHERE, axis=1, keepdims=True)


def reference(a: Floats, b: Floats, bins: Bins, product: Floats) -> Floats:
    """Count float64 distances, all pairs at once."""
    distance = np.sqrt(((a[:, None] - b[None]) ** 2).sum(axis=2))
    index = np.minimum(distance / bins.width, bins.count).astype(int)
    return np.bincount(index.ravel(), product.ravel(), bins.count + 1).astype(np.float64)


def misplaced(found: Floats, wanted: Floats) -> float:
    """Share of the weight that stands in another bin."""
    return float(np.abs(found - wanted).sum() / 2 / wanted.sum())


@pytest.mark.parametrize(("xyz", "bins"), [(PLANE, Bins(512, 0.1713)), (SPHERE, Bins(700, 11.3))])
@pytest.mark.parametrize("weighted", [False, True])
def test_within_and_between(xyz: Floats, bins: Bins, weighted: bool) -> None:
    at, w = pair_histogram.points(xyz), RNG.integers(1, 50, len(xyz)).astype(float)
    product = np.outer(w, w) if weighted else np.ones((len(xyz), len(xyz)))
    given = w if weighted else None
    found = pair_histogram.within(at, bins, given)
    wanted = reference(xyz, xyz, bins, np.triu(product, 1))
    assert found.sum() == wanted.sum()
    assert misplaced(found, wanted) < 2e-4
    a, b = slice(0, 301), slice(301, None)
    found = pair_histogram.between(
        at[:, a], at[:, b], bins, None if given is None else w[a], None if given is None else w[b]
    )
    wanted = reference(xyz[a], xyz[b], bins, product[a, b])
    assert found.sum() == wanted.sum()
    assert misplaced(found, wanted) < 2e-4


def test_hand_worked() -> None:
    at = pair_histogram.points(np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 1.5]]))
    # distances 5, 1.5 and sqrt(9 + 6.25) = 3.905; bins of 1 up to 4, then beyond
    assert pair_histogram.within(at, Bins(4, 1.0)).tolist() == [0, 1, 0, 1, 1]
    assert pair_histogram.within(at, Bins(4, 1.0), np.array([2.0, 3, 5])).tolist() == [0, 10, 0, 15, 6]
    assert pair_histogram.colocated(np.array([3.0, 1.0]), np.array([3.0, 1.0])) == 3


@pytest.mark.parametrize("ordered", [False, True])
def test_degrees_leave_the_point_itself_out(ordered: bool) -> None:
    xyz, bins = RNG.uniform(0, 900, (2500, 2)), Bins(64, 1.37)
    w = RNG.integers(1, 9, len(xyz)).astype(float)
    at = pair_histogram.points(xyz)
    if ordered:
        order = pair_histogram.curve_order(at)
        assert sorted(order) == list(range(len(xyz)))
        at, xyz, w = np.ascontiguousarray(at[:, order]), xyz[order], w[order]
    rows = np.array([0, 7, 2499])
    found = pair_histogram.degrees(at, rows, bins, w)
    for row, i in enumerate(rows):
        others = np.arange(len(xyz)) != i
        wanted = reference(xyz[[i]], xyz[others], bins, w[None, others])[:-1]
        np.testing.assert_array_equal(found[row], wanted)


def test_threads_and_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    at, bins, w = pair_histogram.points(PLANE), Bins(256, 0.3), RNG.uniform(0, 9, len(PLANE))
    whole = pair_histogram.within(at, bins)
    monkeypatch.setattr(pair_histogram, "PAIRS_IN_BLOCK", 10_000)
    assert pair_histogram.within(at, bins, threads=3).tolist() == whole.tolist()
    one = pair_histogram.within(at, bins, w, threads=1)
    assert pair_histogram.within(at, bins, w, threads=3).tolist() == one.tolist()


def test_blocks_of_rows_cover_all_pairs() -> None:
    for a, b, same in ((100_000, 100_000, True), (3, 7, False), (50_000, 30_000, False), (1, 1, True)):
        blocks = pair_histogram.row_blocks(a, b, same=same)
        assert [i for i, _ in blocks] == [0, *(j for _, j in blocks[:-1])] and blocks[-1][1] == a
        sizes = [(j - i) * (a - (i + j) / 2 if same else b) for i, j in blocks]
        assert max(sizes) < 1.2 * pair_histogram.PAIRS_IN_BLOCK


def test_parts_taken_by_index_need_no_kernel_of_their_own() -> None:
    """``at[:, index]`` lies point by point in memory: compiled for that as well, kernels run three times slower."""
    at = pair_histogram.points(PLANE)
    part, bins = at[:, np.arange(0, 100, 2)], Bins(16, 1.0)
    compiled: list[tuple[int, int]] = []
    for chosen in (np.ascontiguousarray(part), part):
        counted = pair_histogram.within(chosen, bins)
        assert counted.sum() == 50 * 49 / 2
        np.testing.assert_array_equal(pair_histogram.within(chosen, bins, np.ones(50)), counted)
        kernels = pair_histogram.count_pairs, pair_histogram.sum_pairs
        compiled.append((len(kernels[0].signatures), len(kernels[1].signatures)))
    assert compiled[0] == compiled[1]
