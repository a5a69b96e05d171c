"""Fixed blocks: order kept, threads change nothing."""

from __future__ import annotations

import numpy as np

from technopole.kernels.blocks import in_blocks, ranges


def test_ranges_cover_everything_once() -> None:
    assert ranges(10, 4) == [(0, 4), (4, 8), (8, 10)]
    assert ranges(0, 4) == []


def test_any_number_of_threads_gives_the_same_bytes() -> None:
    numbers = np.random.default_rng(1).normal(size=10_000)

    def total(block: tuple[int, int]) -> float:
        return float(numbers[slice(*block)].sum())

    one = in_blocks(total, ranges(len(numbers), 333), threads=1)
    assert in_blocks(total, ranges(len(numbers), 333), threads=3) == one
    assert in_blocks(total, []) == []
