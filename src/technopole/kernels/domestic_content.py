"""How much of what a country exports is value added at home, from its input-output accounts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from technopole.kernels.threads import one_thread

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Content:
    """Per unit of each industry's exports: value added at home and imported inputs, in all rounds; and what its exports take from each.

    `origin[i]` is the output that industry i makes for all exports.
    """

    domestic: Array
    imported: Array
    origin: Array


def domestic_share(output: Array, exports: Array, imports: Array) -> Array:
    """Return the share of each product's use at home that is made at home: imports aren't exported again, and go to all users alike.

    The proportionality of Hummels, Ishii and Yi (2001). Where more is imported than used, nothing used is made at home; where nothing is
    used, all.
    """
    used = output + imports - exports
    with np.errstate(divide="ignore", invalid="ignore"):
        share = 1 - imports / used
    return np.clip(np.where(used > 0, share, np.where(imports > 0, 0.0, 1.0)), 0.0, 1.0)


def content(domestic: Array, imported: Array, value_added: Array, exports: Array) -> Content:
    """Return v' (I - A)^-1, m' (I - A)^-1 and (I - A)^-1 e; A and m are domestic and imported inputs per unit of output.

    Raises
    ------
    numpy.linalg.LinAlgError
        The economy needs more of its own goods than it makes.
    """
    left = np.eye(len(domestic)) - domestic
    with one_thread():
        backward = np.linalg.solve(left.T, np.column_stack([value_added, imported]))
        forward = np.linalg.solve(left, np.column_stack([exports, np.ones(len(domestic))]))
    if not np.isfinite(forward).all() or (forward[:, 1] < 0).any():
        raise np.linalg.LinAlgError
    return Content(*(np.asarray(one, dtype=np.float64) for one in (*backward.T, forward[:, 0])))
