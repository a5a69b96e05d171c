"""Who belongs to which subgroup: by what a unit was before it entered, never by what it became."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from technopole.engine import Expr, sql
from technopole.errors import EmptyTable, WrongOption
from technopole.tables import Firms

FEW = 5  # a column of numbers with this many values or fewer isn't cut


def attributes(firms: Firms, by: Sequence[str], cluster: str | None, notes: list[str]) -> pd.DataFrame:
    """Return one row per firm: its first known value of each column before entry, and its first cluster."""
    expr = firms.expr
    entered = expr["entered"].fill_null(0)
    before = expr.filter((entered == 0) | (expr["year"] < entered))
    first = {name: before[name].argmin(before["year"], where=before[name].notnull()) for name in by}
    if cluster:
        first["_cluster"] = before[cluster].argmin(before["year"], where=before[cluster].notnull())
    units = before.group_by("firm").agg(**first).order_by("firm").to_pyarrow().to_pandas()
    if units.empty:
        raise EmptyTable("no firm is seen before it enters", where=firms.source)
    lost = int(expr["firm"].nunique().to_pyarrow().as_py()) - len(units)
    if lost:
        notes.append(f"{lost:,} firms aren't seen before they enter and belong to no subgroup")
    return units


def labelled(
    units: pd.DataFrame, name: str, cuts: Mapping[str, Sequence[float]], notes: list[str]
) -> tuple[pd.Series, list[str]]:
    """Return each firm's subgroup (none: unknown) and the subgroups in order."""
    values = units[name]
    known = values.notna()
    if not known.any():
        raise EmptyTable("no firm has a value of this column before it enters", value=name)
    if not known.all():
        notes.append(
            f"{int((~known).sum()):,} firms without {name} before entry belong to none of its subgroups"
        )
    if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        if name in cuts:
            raise WrongOption("only columns of numbers are cut", value=name)
        return values.astype("str").where(known), sorted(values[known].astype("str").unique())
    if name not in cuts and values.nunique() <= FEW:
        text = {value: f"{value:g}" for value in sorted(values[known].unique())}
        return values.map(text), list(text.values())
    edges = _edges(values[known], cuts.get(name), name)
    names = [
        f"below {edges[0]:g}",
        *(f"{a:g} to below {b:g}" for a, b in pairwise(edges)),
        f"{edges[-1]:g} or more",
    ]
    at = np.searchsorted(edges, values.to_numpy("float64"), side="right")
    return pd.Series([names[i] for i in at], index=values.index).where(known), names


def _edges(values: pd.Series, given: Sequence[float] | None, name: str) -> list[float]:
    if given is None:
        return sorted({float(f"{edge:.3g}") for edge in np.quantile(values, [1 / 3, 2 / 3])})
    edges = [float(edge) for edge in given]
    if not edges or not np.isfinite(edges).all() or edges != sorted(set(edges)):
        raise WrongOption(f"cuts of {name} are numbers in rising order", value=list(given))
    return edges


def only(firms: Firms, units: pd.Series) -> Firms:
    """Return the rows of some firms; the table keeps its name and digest."""
    chosen: Expr = sql.memtable(pa.table({"firm": pa.array(units.tolist(), pa.string())}))
    expr: Any = firms.expr.semi_join(chosen, "firm")
    return Firms(
        expr,
        source=firms.source,
        digest=firms.digest,
        rows=int(expr.count().to_pyarrow().as_py()),
        crs=firms.crs,
    )


def crossing(units: pd.DataFrame, labels: pd.Series) -> int:
    """Count the clusters that have firms in more than one subgroup."""
    if "_cluster" not in units:
        return 0
    return int((labels.groupby(units["_cluster"]).nunique() > 1).sum())
