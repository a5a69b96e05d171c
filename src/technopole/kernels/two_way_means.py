"""What is left of numbers when the means of two groupings are taken out together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.intp]
ENOUGH = 1e-13  # largest mean left, in terms of the largest number
ROUNDS = 10_000


def without_means(values: Array, *groupings: Codes) -> Array:
    """Take the means within each grouping out of each column, by turns, until none is left (Frisch, Waugh and Lovell; Gaure 2013).

    Raises
    ------
    ArithmeticError
        The turns don't settle.
    """
    left = np.array(values, dtype=np.float64)
    sizes = [np.maximum(np.bincount(codes), 1) for codes in groupings]
    for column in left.T:
        scale = max(float(np.abs(column).max(initial=0.0)), 1e-300)
        for _ in range(ROUNDS):
            largest = 0.0
            for codes, size in zip(groupings, sizes, strict=True):
                mean = np.bincount(codes, weights=column) / size
                column -= mean[codes]
                largest = max(largest, float(np.abs(mean).max()))
            if largest <= ENOUGH * scale:
                break
        else:
            raise ArithmeticError
    return left
