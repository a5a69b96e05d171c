"""Oracles: the triangle worked by hand, sums written out, numpy's eigenvectors of the whole matrix, and degenerate tables."""

from __future__ import annotations

import numpy as np
import pytest

from technopole.kernels import complexity as kernel

Presence = np.ndarray
TRIANGLE = np.array([[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]], dtype=bool)


def drawn(places: int, items: int, seed: int) -> Presence:
    """A table in which diverse places have rare items too."""
    random = np.random.default_rng(seed)
    reach, rarity = random.uniform(0, 1, places), random.uniform(0, 1, items)
    found = random.uniform(0, 1, (places, items)) < 1 / (1 + np.exp(6 * (rarity[None, :] - reach[:, None])))
    found[0], found[:, 0] = True, True
    return found


def whole_eigenvector(presence: Presence) -> tuple[np.ndarray, np.ndarray]:
    """Second eigenvector of the items' averaging matrix, and the places' means of it, standardised."""
    have = presence.astype(float)
    averaging = (have / have.sum(0)).T @ (have / have.sum(1, keepdims=True))
    values, vectors = np.linalg.eig(averaging)
    item = np.real(vectors[:, np.argsort(np.real(values))[-2]])
    place = have @ item / have.sum(1)
    sign = np.sign(np.corrcoef(have.sum(1), place)[0, 1])
    return sign * (place - place.mean()) / place.std(), sign * (item - place.mean()) / place.std()


def test_triangle() -> None:
    """Eigenvalues 1, 1/4, 1/9, 1/16; complexity 3, 1, -1, -3 over the root of 5."""
    found = kernel.eigenvector(TRIANGLE)
    assert (found.second, found.third) == pytest.approx((1 / 4, 1 / 9), rel=1e-12)
    eci, _ = kernel.standardised(found, "atlas")
    assert eci == pytest.approx(np.array([3, 1, -1, -3]) / np.sqrt(5), rel=1e-12)
    near = kernel.proximity(TRIANGLE)
    assert near[np.triu_indices(4, 1)] == pytest.approx([3 / 4, 1 / 2, 1 / 4, 2 / 3, 1 / 3, 1 / 2], rel=1e-15)
    assert (np.diag(near) == 1).all() and (near == near.T).all()


@pytest.mark.parametrize(("places", "items"), [(12, 30), (30, 12), (9, 9)])
def test_against_all_eigenvectors(places: int, items: int) -> None:
    presence = drawn(places, items, places)
    eci, pci = kernel.standardised(kernel.eigenvector(presence), "atlas")
    expected = whole_eigenvector(presence)
    assert eci == pytest.approx(expected[0], abs=1e-11)
    assert pci == pytest.approx(expected[1], abs=1e-11)
    means = np.array([pci[row].mean() for row in presence])
    assert eci == pytest.approx(means, abs=1e-11)


def test_scales() -> None:
    found = kernel.eigenvector(drawn(7, 11, 3))
    atlas, stata, book, sample = (
        kernel.standardised(found, name) for name in ("atlas", "stata", "book", "sample")
    )
    assert stata[0] == pytest.approx(atlas[0] * np.sqrt(76 / 77), rel=1e-12)
    assert stata[1] == pytest.approx(atlas[1] * np.sqrt(76 / 77), rel=1e-12)
    assert book[0] == pytest.approx(atlas[0], rel=1e-12)
    assert (book[1].mean(), book[1].std()) == pytest.approx((0, 1), abs=1e-12)
    assert sample[0] == pytest.approx(book[0] * np.sqrt(6 / 7), rel=1e-12)
    assert sample[1] == pytest.approx(book[1] * np.sqrt(10 / 11), rel=1e-12)


@pytest.mark.parametrize("diagonal", [True, False])
def test_density_is_the_sum(diagonal: bool) -> None:
    presence = drawn(6, 8, 5)
    near = kernel.proximity(presence)
    found = kernel.density(presence, near, diagonal=diagonal)
    for c in range(6):
        for p in range(8):
            others = [q for q in range(8) if diagonal or q != p]
            share = sum(near[p, q] * presence[c, q] for q in others) / sum(near[p, q] for q in others)
            assert found[c, p] == pytest.approx(share, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize(("diagonal", "own"), [(True, False), (False, False), (True, True)])
def test_outlook_is_the_sum(diagonal: bool, own: bool) -> None:
    presence, item = drawn(6, 8, 6), np.random.default_rng(6).normal(size=8)
    item[3] = np.nan
    near = kernel.proximity(presence)
    density = kernel.density(presence, near, diagonal=diagonal)
    if not diagonal:
        near = near - np.eye(8)
    coi, cog = kernel.outlook(presence, kernel.proximity(presence), item, diagonal=diagonal, own=own)
    known = [q for q in range(8) if q != 3]
    for c in range(6):
        lacks = [q for q in known if not presence[c, q]]
        assert coi[c] == pytest.approx(sum(density[c, q] * item[q] for q in lacks), abs=1e-12)
        for p in known:
            gain = sum(near[q, p] * item[q] / near[q].sum() for q in lacks)
            gain -= density[c, p] * item[p] if own else 0
            assert np.isnan(cog[c, p]) if presence[c, p] else cog[c, p] == pytest.approx(gain, abs=1e-12)
        assert np.isnan(cog[c, 3])


def test_an_item_that_nobody_has() -> None:
    presence = np.c_[TRIANGLE, np.zeros(4, bool)]
    near = kernel.proximity(presence)
    assert (near[4] == 0).all()
    density = kernel.density(presence, near)
    assert np.isnan(density[:, 4]).all() and np.isfinite(density[:, :4]).all()
    found = kernel.eigenvector(presence)
    assert np.isnan(found.item[4]) and list(found.joined_items) == [True] * 4 + [False]


def test_an_island_is_left_out() -> None:
    """Two places that share an item with nobody else would be the second eigenvector, whatever the others have."""
    presence = np.zeros((6, 5), bool)
    presence[:4, :4], presence[4:, 4] = TRIANGLE, True
    found = kernel.eigenvector(presence)
    assert list(found.joined) == [True] * 4 + [False] * 2
    eci, _ = kernel.standardised(found, "atlas")
    assert eci[:4] == pytest.approx(np.array([3, 1, -1, -3]) / np.sqrt(5), rel=1e-12)
    assert np.isnan(eci[4:]).all()


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (np.zeros((3, 3)), kernel.NOTHING),
        (np.ones((1, 3)), kernel.ONE_PLACE),
        (np.ones((3, 3)), kernel.SAME),
        (np.ones((3, 1)), kernel.SAME),
        (np.eye(3), kernel.APART),
        (np.kron(np.eye(2), np.ones((2, 2))), kernel.APART),
        (1 - np.eye(4), kernel.TWIN),
        (np.array([[1, 1, 0], [0, 1, 1]]), kernel.NO_SIGN),
    ],
)
def test_degenerate_tables_say_so(rows: np.ndarray, reason: str) -> None:
    found = kernel.eigenvector(rows.astype(bool))
    assert found.reason == reason
    assert np.isnan(found.place).all() and np.isnan(found.item).all()
    eci, pci = kernel.standardised(found, "stata")
    assert np.isnan(eci).all() and np.isnan(pci).all()


def test_counts_are_exact_and_blocks_join() -> None:
    """More items than a block has rows: the same as one sum over places."""
    presence = np.random.default_rng(8).random((50, 2 * kernel.BLOCK + 3)) < 0.2
    presence[0] = True
    both = presence.astype(int).T @ presence.astype(int)
    count = presence.sum(0)
    assert (kernel.proximity(presence) == both / np.maximum.outer(count, count)).all()
