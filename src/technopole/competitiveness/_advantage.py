"""The indices of comparative advantage as rows: one year's cells, the change from first to last year, the cells of the chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from technopole.competitiveness._matrix import Array, Matrix
from technopole.competitiveness._selection import label
from technopole.kernels import comparative_advantage as kernel
from technopole.tables import Sector

# The column of each index that is ranked, and its value where a place is as everywhere.
MAIN = {
    "balassa": "rca",
    "symmetric": "rsca",
    "log": "log_rca",
    "vollrath": "rta",
    "michaely": "michaely",
    "normalised": "nrca",
}
NEUTRAL = {name: 1.0 if name == "balassa" else 0.0 for name in MAIN}
SHOWN = 24  # rows of a chart
TINY = 1e-4  # share of the world's exports below which a place isn't named: about the billion dollars of the Atlas

Keys = tuple[str, str]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Part:
    """One year: exports, the index's columns, which cells are an advantage, and which aren't defined, by reason (the first counts)."""

    matrix: Matrix
    columns: Mapping[str, Array]
    advantage: Flags
    undefined: Mapping[str, Flags]


def of_exports(own: Matrix, world: Array, index: str, threshold: float) -> Part:
    """Balassa's index, or one that follows from the same totals."""
    rca = kernel.balassa(own.values, world)
    columns = {"rca": rca}
    why = _empty(own, world)
    if index == "symmetric":
        columns["rsca"] = kernel.symmetric(rca)
    elif index == "log":
        columns["log_rca"] = kernel.logarithm(rca)
        why["there is no logarithm of 0"] = rca == 0
    elif index == "normalised":
        columns["nrca"] = kernel.normalised(own.values, world)
    return Part(own, columns, kernel.present(rca, threshold), why)


def with_imports(own: Matrix, bought: Matrix, index: str, totals: str) -> Part:
    """Vollrath's indices, or Michaely's."""
    x, m = own.values, bought.values
    nothing = {
        "withheld": own.withheld | bought.withheld,
        "it exports nothing": _rows(x),
        "it imports nothing": _rows(m),
    }
    if index == "michaely":
        shares = kernel.shares(x), kernel.shares(m)
        columns = {"export_share": shares[0], "import_share": shares[1], "michaely": shares[0] - shares[1]}
        return Part(own, columns, kernel.present(columns["michaely"], 0.0), nothing)
    ratio = kernel.against_others if totals == "excluded" else kernel.balassa
    rxa, rma = ratio(x), ratio(m)
    rta, rc = rxa - rma, kernel.logarithm(rxa) - kernel.logarithm(rma)
    columns = {"rxa": rxa, "rma": rma, "rta": rta, "rc": rc}
    beside = " else" if totals == "excluded" else ""
    why = {
        **nothing,
        f"nobody{beside} exports it, or it exports nothing{beside}": np.isnan(rxa),
        f"nobody{beside} imports it, or it imports nothing{beside}": np.isnan(rma),
        "rc: there is no logarithm of 0": np.isnan(rc),
    }
    return Part(own, columns, kernel.present(rta, 0.0), why)


def _empty(own: Matrix, world: Array) -> dict[str, Flags]:
    nobody = np.broadcast_to(world <= 0, own.values.shape)
    return {"withheld": own.withheld, "the place has nothing": _rows(own.values), "nobody has it": nobody}


def _rows(values: Array) -> Flags:
    return np.broadcast_to(values.sum(axis=1, keepdims=True) <= 0, values.shape)


def rows(part: Part, places: Sequence[str], items: Sequence[str], keys: Keys) -> pd.DataFrame:
    """The year's rows of these places and items."""
    one = part.matrix
    wanted = np.ix_(np.isin(one.places, places), np.isin(one.items, items))
    shape = one.values[wanted].shape
    reasons = list(part.undefined)
    why = np.select([part.undefined[said][wanted].ravel() for said in reasons], reasons, default="")
    hidden = one.withheld[wanted].ravel()
    found = {
        keys[0]: np.repeat(one.places[wanted[0].ravel()], shape[1]),
        keys[1]: np.tile(one.items[wanted[1].ravel()], shape[0]),
        "year": np.full(why.size, one.year),
        "value": np.where(hidden, np.nan, one.values[wanted].ravel()),
        **{name: np.where(hidden, np.nan, column[wanted].ravel()) for name, column in part.columns.items()},
        "advantage": part.advantage[wanted].ravel() & ~hidden,
        "undefined": why,
    }
    return pd.DataFrame(found)


def sorted_last(table: pd.DataFrame, keys: Keys) -> pd.DataFrame:
    """By year, place and item; undefined rows last."""
    order = table.assign(last=table["undefined"] != "").sort_values(["last", "year", *keys], kind="stable")
    return order.drop(columns="last").reset_index(drop=True)


def change(table: pd.DataFrame, index: str, keys: Keys) -> pd.DataFrame:
    """What was gained and lost between the table's first and last year; empty where there is one only."""
    first, last = int(table["year"].min()), int(table["year"].max())
    columns = [*keys, "first_year", "last_year", "first", "last", "change", "status", "undefined"]
    if first == last:
        return pd.DataFrame(columns=columns)
    shown = [*keys, MAIN[index], "advantage", "value"]
    both = (
        table.loc[table["year"] == first, shown]
        .merge(table.loc[table["year"] == last, shown], on=list(keys), how="outer", suffixes=("_0", "_1"))
        .rename(columns={f"{MAIN[index]}_0": "first", f"{MAIN[index]}_1": "last"})
    )
    had, has = (both[f"advantage_{i}"].eq(True) for i in (0, 1))
    known = both["first"].notna(), both["last"].notna()
    why = np.select([~known[0], ~known[1]], [f"undefined in {first}", f"undefined in {last}"], default="")
    moved = [~known[0] & has, ~known[1] & had, has & ~had, had & ~has, had & has]
    both = both.assign(
        first_year=first,
        last_year=last,
        change=both["last"] - both["first"],
        status=np.select(moved, ["new", "gone", "gained", "lost", "kept"], default="none"),
        undefined=why,
        largest=both[["value_0", "value_1"]].max(axis=1),
    )
    order = both.assign(late=why != "").sort_values(["late", *keys], kind="stable")
    return order[[*columns, "largest"]].reset_index(drop=True)


def tiny(parts: Sequence[Part]) -> list[str]:
    """Places that never have as much as `TINY` of what all have, nor a tenth of an even share where places are many."""
    largest: dict[str, float] = {}
    for one in (part.matrix for part in parts):
        world = float(one.values.sum())
        for place, own in zip(one.places, one.values.sum(axis=1), strict=True):
            largest[place] = max(largest.get(place, 0.0), float(own) / world if world > 0 else 1.0)
    floor = min(TINY, 0.1 / max(len(largest), 1))
    return sorted(place for place, share in largest.items() if 0 < share < floor)


def leading(
    table: pd.DataFrame,
    changed: pd.DataFrame,
    index: str,
    keys: Keys,
    minimum: float,
    products: Sector | Sequence[str] | None,
    unnamed: Sequence[str] = (),
) -> pd.DataFrame:
    """The cells of the chart: highest in the first or the last year; some of each place where the places are few."""
    of = products if isinstance(products, Sector) else None
    if unnamed:
        table, changed = (rows[~rows[keys[0]].isin(list(unnamed))] for rows in (table, changed))
    if changed.empty:
        known = table[(table["undefined"] == "") & (table["value"] >= minimum) & (table["value"] > 0)]
        best = known.assign(score=known[MAIN[index]])
        kept, by = [*keys, "year", "value", MAIN[index]], MAIN[index]
    else:
        known = changed[changed["last"].notna() & (changed["largest"] >= minimum)]
        best = known[known["largest"] > 0].assign(score=known[["first", "last"]].max(axis=1))
        kept, by = (
            [*keys, "first_year", "last_year", "first", "last", "change", "status", "undefined"],
            "last",
        )
    many = best[keys[0]].nunique()
    best = best.sort_values(["score", *keys], ascending=[False, True, True], kind="stable")
    best = best.groupby(keys[0]).head(SHOWN // many) if 1 < many <= SHOWN // 3 else best.head(SHOWN)
    best = best.sort_values([by, *keys], ascending=[False, True, True], kind="stable")
    return best.assign(label=_labels(best, keys, of))[["label", *kept]].reset_index(drop=True)


def _labels(rows: pd.DataFrame, keys: Keys, of: Sector | None) -> list[str]:
    """The product with its title, before it the place where there are several; the place alone where there is one product."""
    place, item = keys
    if rows[item].nunique() == 1 and rows[place].nunique() > 1:
        return list(rows[place])
    titled = [label(code, of) for code in rows[item]]
    if rows[place].nunique() <= 1:
        return titled
    return [f"{where} · {said}" for where, said in zip(rows[place], titled, strict=True)]
