"""Sums of nearness, 1 / distance, from focal sites to others, and of its powers; in double precision and fixed order."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from technopole.kernels.blocks import in_blocks, ranges
from technopole.kernels.compiling import compiled

Floats = npt.NDArray[np.float64]
ROWS = 256


def nearness(
    focal: Floats,
    sources: Floats,
    weight: Floats,
    nearest: float,
    *,
    powers: int = 1,
    threads: int | None = None,
) -> Floats:
    """Return (focal sites, powers): sums over sources of weight f, weight f^2 ... with f = nearest / max(d, nearest).

    Coordinates are (L, 2) or (L, 3); a site that is focal and a source adds its own weight, at distance 0 (f = 1).
    """
    at, others, held = _columns(focal), _columns(sources), np.array(weight)

    def block(rows: tuple[int, int]) -> Floats:
        return _sums(at[:, slice(*rows)].copy(), others, held, nearest, powers)

    found = in_blocks(block, ranges(len(focal), ROWS), threads=threads)
    return np.concatenate(found) if found else np.empty((0, powers))


def _columns(coordinates: Floats) -> Floats:
    columns = np.zeros((3, len(coordinates)))
    columns[: coordinates.shape[1]] = coordinates.T
    return columns


@compiled
def _sums(focal: Floats, sources: Floats, weight: Floats, nearest: float, powers: int) -> Floats:
    out = np.zeros((focal.shape[1], powers))
    near = np.empty(sources.shape[1])
    for i in range(focal.shape[1]):
        for j in range(near.size):
            dx = focal[0, i] - sources[0, j]
            dy = focal[1, i] - sources[1, j]
            dz = focal[2, i] - sources[2, j]
            apart = math.sqrt(dx * dx + dy * dy + dz * dz)
            near[j] = nearest / (apart if apart > nearest else nearest)
        for j in range(near.size):
            term = weight[j]
            for p in range(powers):
                term *= near[j]
                out[i, p] += term
    return out
