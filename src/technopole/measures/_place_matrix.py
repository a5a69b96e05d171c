"""One year of activity as places x industries, and its coagglomeration as rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from technopole.kernels import coagglomeration as kernel
from technopole.kernels.plant_location import quantile

NO_PAIR = "one of the industries has no activity this year, or all activity is in one place"
NO_GROUP = "fewer than two of its industries have activity this year, or all activity is in one place"


class PlaceMatrix:
    """Shares of places in industries.

    Attributes
    ----------
    names : Index
        The industries that have activity, in order; the columns of `shares`.
    total : array
        Places' shares of all activity.
    herfindahl : array or None
        Sum of squared plant shares; None where plants aren't known.
    """

    def __init__(self, cells: pd.DataFrame, sums: pd.DataFrame) -> None:
        kept = sums[sums["value"] > 0].sort_values("industry")
        self.names = pd.Index(kept["industry"].to_numpy(dtype=object))
        places, row = np.unique(cells["place"].to_numpy(dtype=object), return_inverse=True)
        column = self.names.get_indexer(cells["industry"].to_numpy(dtype=object))
        there = column >= 0
        amounts = np.zeros((len(places), len(self.names)))
        amounts[row[there], column[there]] = cells["amount"].to_numpy(dtype="float64")[there]
        self.size = amounts.sum(axis=0)
        self.shares = amounts / self.size
        self.total = amounts.sum(axis=1) / self.size.sum() if len(self.names) else np.zeros(len(places))
        known = not sums["guessed"].any()
        self.herfindahl = kept["zz"].to_numpy(dtype="float64") if known else None

    def all_pairs(self) -> tuple[Any, Any]:
        """Return every pair of industries, each once."""
        first, second = np.triu_indices(len(self.names), 1)
        names = self.names.to_numpy()
        return names[first], names[second]

    def pairs(self, first: Any, second: Any, aggregate: str, level: float) -> pd.DataFrame:
        """Return one row per pair."""
        x = self.shares.mean(axis=1) if aggregate == "mean" and len(self.names) else self.total
        i, j = self.names.get_indexer(first), self.names.get_indexer(second)
        index = error = np.full(len(i), np.nan)
        there = (i >= 0) & (j >= 0)
        if there.any() and float((x**2).sum()) < 1:
            found = kernel.pairwise(self.shares, x, self.herfindahl)
            index = np.where(there, found.index[i, j], np.nan)
            if found.std_error is not None and self.herfindahl is not None:
                wide = quantile(level, self.herfindahl)
                error = np.where(there, found.std_error[i, j] * np.maximum(wide[i], wide[j]), np.nan)
        columns = {"coagglomeration": index, "low": index - error, "high": index + error}
        said = np.where(np.isnan(index), NO_PAIR, "")
        return pd.DataFrame({"industry_a": first, "industry_b": second, **columns, "undefined": said})

    def group(self, name: str, codes: tuple[str, ...], level: float) -> dict[str, object]:
        """Return the row of one group."""
        keep = np.flatnonzero(self.names.isin(codes))
        index = error = np.nan
        defined = len(keep) > 1 and float((self.total**2).sum()) < 1
        if defined:
            weights = self.size[keep] / self.size[keep].sum()
            h = None if self.herfindahl is None else self.herfindahl[keep]
            found = kernel.group(self.shares[:, keep], weights, self.total, h)
            index = found.index
            if h is not None and found.std_error is not None:
                error = found.std_error * float(quantile(level, h).max())
        return {
            "group": name,
            "coagglomeration": index,
            "low": index - error,
            "high": index + error,
            "industries": len(keep),
            "undefined": "" if defined else NO_GROUP,
        }
