"""Plant sizes from counts by size class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from technopole.errors import WrongOption
from technopole.tables import Activity, Sector


def class_sums(
    activity: Activity,
    size_classes: Mapping[str, Sequence[float]],
    totals: pd.DataFrame,
    sector: Sector | None,
) -> pd.DataFrame:
    """Return per industry and year the number of plants and the sums of their shares' powers.

    A plant of a closed class has the class's middle size. A plant of the open class has what the industry's total
    leaves for it, at least the class's lower limit. Sizes are then scaled to shares that add up to one.
    """
    bounds = _limits(size_classes)
    counts = totals[["industry", "year", "value"]]
    for name in bounds:
        cells = activity.cells(name, sector=sector)
        summed = (
            cells.group_by(["industry", "year"]).agg(**{name: cells.value.sum()}).to_pyarrow().to_pandas()
        )
        counts = counts.merge(summed, on=["industry", "year"], how="left")
    n = counts[list(bounds)].to_numpy(dtype="float64", na_value=0.0)
    size = np.array([[(low + high) / 2 if np.isfinite(high) else 0.0 for low, high in bounds.values()]])
    size = np.repeat(size, len(n), axis=0)
    for k, (low, high) in enumerate(bounds.values()):
        if not np.isfinite(high):
            left = counts["value"].to_numpy(dtype="float64") - (n * size).sum(axis=1)
            size[:, k] = np.maximum(left / np.where(n[:, k] > 0, n[:, k], 1.0), low)
    total = (n * size).sum(axis=1)
    share = size / np.where(total > 0, total, np.nan)[:, None]
    powers = {name: (n * share**power).sum(axis=1) for power, name in enumerate(("zz", "zzz", "zzzz"), 2)}
    return counts[["industry", "year"]].assign(n_plants=n.sum(axis=1), **powers)


def _limits(size_classes: Mapping[str, Sequence[float]]) -> dict[str, tuple[float, float]]:
    found: dict[str, tuple[float, float]] = {}
    for name, limits in size_classes.items():
        low, high = (*limits, np.inf)[:2] if len(limits) in (1, 2) else (0.0, 0.0)
        if not 0 < low <= high:
            raise WrongOption(
                f"the size class {name} needs its limits, [smallest, largest], or [smallest] for the open one",
                value=list(limits),
                fix='for example {"n1_4": [1, 4], "n5_9": [5, 9], "n1000": [1000]}',
            )
        found[name] = (float(low), float(high))
    if sum(not np.isfinite(high) for _, high in found.values()) > 1:
        raise WrongOption("only one size class can be open", value=list(size_classes))
    return found
