"""Regression of yearly events with the complementary log-log link: rows in cells that share their levels, clusters, few columns of their own.

With u = exp(index), a row's log-likelihood is log(1 - exp(-u)) where the event happens and -u where it doesn't (Prentice & Gloeckler 1978).
What rows of a cell share enters by sums over the cell, so that no column per level is ever laid out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Integers = npt.NDArray[np.int64]
STEPS = 100
ENOUGH = (
    1e-11  # step of a coefficient, in standard deviations of its column; the one before was exact to rounding
)


@dataclass(frozen=True, slots=True)
class Design:
    """Columns of rows, in standard deviations from their means, and of cells, among whose combinations is the constant."""

    own: Array
    scale: Array
    cell: Integers
    levels: Array

    @classmethod
    def of(cls, own: Array, cell: Integers, levels: Array) -> Design:
        """Standardise; a column that doesn't vary becomes 0."""
        centred, scale = own - own.mean(axis=0), own.std(axis=0)
        flat = scale <= 1e-12 * np.abs(own).max(axis=0)
        return cls(np.where(flat, 0.0, centred) / np.where(flat, 1.0, scale), scale, cell, levels)

    def index(self, params: Array) -> Array:
        """Return the linear combination of own columns, then levels."""
        width = self.own.shape[1]
        return self.own @ params[:width] + (self.levels @ params[width:])[self.cell]

    def gram(self, weight: Array) -> Array:
        """Return X' W X, own columns first."""
        weighted = self.own * weight[:, None]
        across = np.stack([self._by_cell(column) for column in weighted.T]) @ self.levels
        levels = (self.levels * self._by_cell(weight)[:, None]).T @ self.levels
        return np.block([[weighted.T @ self.own, across], [across.T, levels]])

    def score(self, slope: Array) -> Array:
        """Return X' slope."""
        return np.concatenate([self.own.T @ slope, self._by_cell(slope) @ self.levels])

    def _by_cell(self, values: Array) -> Array:
        return np.bincount(self.cell, values, len(self.levels))


@dataclass(frozen=True, slots=True)
class Regression:
    """Coefficients of own columns, and their covariance, clustered; whether the likelihood has its maximum there."""

    params: Array
    covariance: Array
    converged: bool


def cloglog(event: Array, design: Design, clusters: Integers) -> Regression:
    """Fit by Newton's method (the log-likelihood is concave), with halved steps where the likelihood would fall.

    The covariance is the sandwich of the observed information and of scores summed by cluster (numbered from 0), times
    G / (G - 1) x (n - 1) / (n - k).
    """
    width, happened = design.own.shape[1], event > 0
    constant = np.full(len(design.levels), np.log(-np.log1p(-event.mean())))
    params = np.concatenate([np.zeros(width), np.linalg.lstsq(design.levels, constant, rcond=None)[0]])
    converged = False
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for _ in range(STEPS):
            slope, curvature = _derivatives(happened, design.index(params))
            try:
                step = np.linalg.solve(design.gram(curvature), design.score(slope))
            except np.linalg.LinAlgError:
                break
            params = _uphill(happened, design, params, step)
            converged = bool(np.abs(step[:width]).max() <= ENOUGH)
            if converged or not np.isfinite(params).all():
                break
        slope, curvature = _derivatives(happened, design.index(params))
    if not converged:
        return Regression(params[:width], np.full((width, width), np.nan), converged)
    covariance = _clustered(design, slope, np.linalg.inv(design.gram(curvature))[:width], clusters)
    return Regression(params[:width] / design.scale, covariance, converged)


def _derivatives(happened: npt.NDArray[np.bool_], index: Array) -> tuple[Array, Array]:
    """Return the first derivative of each row's log-likelihood by its index, and minus the second."""
    u = np.exp(index)
    g = u / np.expm1(u)
    return np.where(happened, g, -u), np.where(happened, np.maximum(g * (u + g - 1), 0.0), u)


def _uphill(happened: npt.NDArray[np.bool_], design: Design, params: Array, step: Array) -> Array:
    before, move, factor = design.index(params), design.index(step), 1.0
    floor = _likelihood(happened, before)
    floor -= 1e-12 * abs(floor)
    while factor > 1e-6 and not _likelihood(happened, before + factor * move) >= floor:
        factor /= 2
    return params + factor * step


def _likelihood(happened: npt.NDArray[np.bool_], index: Array) -> float:
    u = np.exp(index)
    return float(np.log(-np.expm1(-u[happened])).sum() - u[~happened].sum())


def _clustered(design: Design, slope: Array, bread: Array, clusters: Integers) -> Array:
    """Return the covariance of own columns in their own units; `bread` = their rows of the inverse information."""
    width, columns = bread.shape
    count, rows = int(clusters.max()) + 1, len(slope)
    moves = design.own @ bread[:, :width].T + (design.levels @ bread[:, width:].T)[design.cell]
    sums = np.stack([np.bincount(clusters, column * slope, count) for column in moves.T])
    factor = count / (count - 1) * (rows - 1) / (rows - columns)
    return factor * (sums @ sums.T) / np.outer(design.scale, design.scale)
