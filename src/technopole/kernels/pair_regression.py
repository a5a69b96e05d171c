"""Regression over pairs of units: pairs that share a unit aren't independent. BLAS on one thread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

Array = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs (first[d], second[d]) of the units 0 .. units - 1, each pair once: `y`, and the columns of `x`, all of mean zero."""

    first: Index
    second: Index
    units: int
    y: Array
    x: Array


@dataclass(frozen=True, slots=True)
class Fit:
    """Least squares: coefficients, residuals, the inverse of x'x and the share of variance explained."""

    coefficient: Array
    residual: Array
    bread: Array
    r_squared: float


def fit(pairs: Pairs) -> Fit:
    """Ordinary least squares of y on x."""
    x, y = pairs.x, pairs.y
    with threadpool_limits(1):
        bread: Array = np.linalg.inv(x.T @ x).astype(np.float64)
        coefficient = bread @ (x.T @ y)
        residual = y - x @ coefficient
    return Fit(coefficient, residual, bread, 1 - float(residual @ residual) / float(y @ y))


def rank_deficient(x: Array) -> bool:
    """Whether a column is a combination of the others."""
    with threadpool_limits(1):
        return int(np.linalg.matrix_rank(x)) < x.shape[1]


def classical(pairs: Pairs, found: Fit) -> Array:
    """Standard errors for independent residuals of one variance."""
    freedom = len(pairs.y) - pairs.x.shape[1] - 1
    variance = float(found.residual @ found.residual) / freedom
    return np.sqrt(variance * np.diag(found.bread))


def robust(pairs: Pairs, found: Fit) -> Array:
    """Standard errors for independent residuals of any variance (White 1980; HC1)."""
    scores = pairs.x * found.residual[:, None]
    n, k = pairs.x.shape
    return _sandwich(found, scores.T @ scores * n / (n - k - 1))


def dyadic(pairs: Pairs, found: Fit) -> Array:
    """Standard errors where pairs that share a unit may be related (Aronow, Samii and Assenova 2015, Political Analysis 23(4)).

    The products of the scores of all pairs with a unit in common: those within each unit, less the pair with itself, which
    its two units count twice.
    """
    scores = pairs.x * found.residual[:, None]
    of_unit = _by_unit(pairs, scores)
    with threadpool_limits(1):
        return _sandwich(found, of_unit.T @ of_unit - scores.T @ scores)


def dyadic_jackknife(pairs: Pairs, found: Fit) -> Array:
    """The same from leaving out each unit, less leaving out each pair; never below what leaving out pairs alone gives.

    With few units the residuals of a fit are smaller than the errors, and `dyadic` is too small; leaving units out corrects
    that (MacKinnon, Nielsen and Webb 2024, for clusters in two ways), and the floor keeps a
    difference of two estimates from being negative.
    """
    x = np.column_stack([np.ones(len(pairs.y)), pairs.x])
    products, sums = x[:, :, None] * x[:, None, :], x * pairs.y[:, None]
    square, n = products.sum(axis=0), len(taking_part(pairs))
    with threadpool_limits(1):
        inverse = np.linalg.inv(square)
        whole = inverse @ sums.sum(axis=0)
        less = square - _by_unit(pairs, products)
        without = np.linalg.pinv(less, hermitian=True) @ (sums.sum(axis=0) - _by_unit(pairs, sums))[..., None]
        moved = (x @ inverse) * (found.residual / (1 - ((x @ inverse) * x).sum(axis=1)))[:, None]
    of_units = ((without[taking_part(pairs), :, 0] - whole) ** 2).sum(axis=0) * (n - 1) / n
    of_pairs = (moved**2).sum(axis=0)
    return np.sqrt(np.maximum(of_units - of_pairs, of_pairs))[1:]


def taking_part(pairs: Pairs) -> Index:
    """The units that have a pair."""
    return np.union1d(pairs.first, pairs.second)


def _by_unit(pairs: Pairs, values: Array) -> Array:
    """Add up the values of each unit's pairs."""
    sums = np.zeros((pairs.units, *values.shape[1:]))
    np.add.at(sums, pairs.first, values)
    np.add.at(sums, pairs.second, values)
    return sums


def _sandwich(found: Fit, meat: Array) -> Array:
    """Square roots of the diagonal; not a number where the meat isn't positive (few units)."""
    variance = np.diag(found.bread @ meat @ found.bread)
    return np.sqrt(np.where(variance > 0, variance, np.nan))
