"""Adds up what goes to one target: weighted values, bounds of withheld ones, and texts that agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from technopole.tables.table import Table


def added(
    table: Table, frame: pd.DataFrame, code: str, values: Sequence[str], links: pd.DataFrame
) -> pd.DataFrame:
    """Return the rows of `frame` with `code` replaced by its targets, one row per key, in the order of the key.

    `links` has `code`, `to_code`, `weight`; rows of codes without a target are left out.
    """
    live = links[links["weight"] > 0]
    row, weight, target = _spread(frame[code], live)
    key = [name for name in table.schema.key if name in frame.columns]
    others = [name for name in key if name != code]
    rest = (
        frame.groupby(others, dropna=False, sort=True).ngroup().to_numpy()
        if others
        else np.zeros(len(frame), dtype=np.int64)
    )
    names, target_number = np.unique(target, return_inverse=True)
    _, first, cell = np.unique(
        rest[row] * max(len(names), 1) + target_number, return_index=True, return_inverse=True
    )
    made: dict[str, Any] = {
        name: frame[name].to_numpy()[row[first]] if name != code else names[target_number[first]]
        for name in key
    }
    bounded = {f"{name}_{side}" for name in values for side in ("low", "high")}
    for name in values:
        made |= _value(frame, name, row, weight, cell, len(first), bounds=table.schema.value_columns)
    for name in frame.columns:
        if name not in made and name not in bounded and not name.endswith("_flag"):
            made[name] = _agreed(frame[name], row, cell, first)
    if "quantity" in values and "unit" in frame.columns:
        mixed = pd.isna(made["unit"]) & ~np.isnan(made["quantity"])
        made["quantity"] = np.where(mixed, np.nan, made["quantity"])
    return pd.DataFrame(made).sort_values(key, ignore_index=True, kind="stable")


def _spread(codes: pd.Series, links: pd.DataFrame) -> tuple[Any, Any, Any]:
    """Row numbers repeated once per link of their code, with the links' weights and targets."""
    ordered = links.sort_values(["code", "to_code"], kind="stable")
    known, start, count = np.unique(
        ordered["code"].to_numpy(dtype=str), return_index=True, return_counts=True
    )
    if not len(known):
        return np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=str)
    text = codes.to_numpy(dtype=str)
    at = np.minimum(np.searchsorted(known, text), len(known) - 1)
    size = np.where(known[at] == text, count[at], 0)
    row = np.repeat(np.arange(len(text)), size)
    link = np.arange(len(row)) - np.repeat(np.cumsum(size) - size, size) + np.repeat(start[at], size)
    return row, ordered["weight"].to_numpy()[link], ordered["to_code"].to_numpy(dtype=str)[link]


def _value(
    frame: pd.DataFrame, name: str, row: Any, weight: Any, cell: Any, cells: int, *, bounds: bool
) -> dict[str, Any]:
    whole = frame[name].to_numpy(dtype=float, na_value=np.nan)

    def total(parts: Any) -> Any:
        missing = np.bincount(cell, weights=np.isnan(parts[row]), minlength=cells) > 0
        return np.where(
            missing, np.nan, np.bincount(cell, weights=np.nan_to_num(parts[row]) * weight, minlength=cells)
        )

    made = {name: total(whole)}
    given = [side for side in ("low", "high") if f"{name}_{side}" in frame.columns]
    if bounds and (given or np.isnan(made[name]).any()):
        for side, unknown in (("low", 0.0), ("high", np.nan)):
            bound = (
                frame[f"{name}_{side}"].to_numpy(dtype=float, na_value=np.nan)
                if side in given
                else np.full(len(frame), np.nan)
            )
            bound = np.where(np.isnan(bound), unknown, bound)
            made[f"{name}_{side}"] = total(np.where(np.isnan(whole), bound, whole))
    return made


def _agreed(column: pd.Series, row: Any, cell: Any, first: Any) -> Any:
    """What all rows of a cell say; nothing where they differ."""
    number, _ = pd.factorize(column, use_na_sentinel=True)
    differ = np.bincount(cell, weights=number[row] != number[row[first]][cell], minlength=len(first)) > 0
    return column.iloc[row[first]].mask(differ).to_numpy()
