"""One year of activity as places x industries, and its coagglomeration as rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from technopole.kernels import coagglomeration as kernel
from technopole.kernels.plant_location import quantile
from technopole.measures import _plants

COLUMNS = ["place", "industry", "year", "amount", "zz", "guessed", "suppressed"]
NO_PAIR = "one of the industries has no activity this year, or all activity is in one place"
NO_GROUP = "fewer than two of its industries have activity this year, or all activity is in one place"


class PlaceMatrix:
    """Shares of places in industries.

    Attributes
    ----------
    named : array of str
        The industries that are named.
    names : Index
        Those that have activity, in order; the columns of `shares`.
    total : array
        Places' shares of all activity.
    herfindahl : array or None
        Sum of squared plant shares; None where plants aren't known.
    withheld : bool
        Whether values are withheld.
    """

    def __init__(self, cells: pa.Table) -> None:
        self.named, column = _codes(cells["industry"])
        places, row = _codes(cells["place"])
        amounts = np.zeros((len(places), len(self.named)))
        amounts[row, column] = cells["amount"].to_numpy()
        size = amounts.sum(axis=0)
        kept = size > 0
        self.names = pd.Index(self.named[kept])
        self.size = size[kept]
        self.shares = amounts[:, kept] / self.size
        self.total = amounts.sum(axis=1) / self.size.sum() if kept.any() else np.zeros(len(places))
        squares = np.bincount(column, weights=cells["zz"].to_numpy(), minlength=len(kept))[kept]
        guessed = bool(cells["guessed"].to_numpy().any())
        self.herfindahl = None if guessed else squares / self.size**2
        self.withheld = bool(cells["suppressed"].to_numpy().any())

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


def by_year(plants: _plants.Plants) -> dict[int, PlaceMatrix]:
    """Return the matrix of every year, in order."""
    cells = _plants.sized(plants).select(*COLUMNS).to_pyarrow()
    years = cells["year"].to_numpy()
    return {int(year): PlaceMatrix(cells.filter(pa.array(years == year))) for year in np.unique(years)}


def _codes(column: pa.ChunkedArray) -> tuple[Any, Any]:
    """Return the values in order, and each row's position among them."""
    encoded = column.combine_chunks().dictionary_encode()
    values = encoded.dictionary.to_numpy(zero_copy_only=False).astype(object)
    order = np.argsort(values)
    position = np.empty(len(order), dtype=np.int64)
    position[order] = np.arange(len(order))
    return values[order], position[encoded.indices.to_numpy()]
