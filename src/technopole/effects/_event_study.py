"""What event studies by one regression share: who is seen when, reasons, intervals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from technopole.effects import _staggered as staggered
from technopole.effects._overall import intervals
from technopole.effects._panel import Panel
from technopole.result import effect

Made = tuple[pd.DataFrame, list[staggered.Average], dict[str, pd.DataFrame], list[str]]


def seen_units(rows: Panel) -> pd.DataFrame:
    """Count treated units by cohort and year."""
    inside = rows.rows[rows.rows["entered"] > 0]
    seen = inside.groupby(["entered", "year"], sort=True)["unit"].nunique().reset_index(name="n")
    seen.columns = pd.Index(["group", "time", "n"])
    seen.insert(2, "event_time", seen["time"] - seen["group"])
    return seen


def treated_units(cells: pd.DataFrame) -> int:
    return int(cells.groupby("group")["n"].max().sum())


def why_not(error: float, cells: pd.DataFrame, inference: staggered.Inference, estimate: float) -> str:
    if math.isnan(estimate):
        return "no cohort has a year after entry with units to compare with"
    return staggered.reason(error, cells["n"].to_numpy("int64"), np.zeros(len(cells), bool), inference.scale)


def with_ends(table: pd.DataFrame, error: Any, inference: staggered.Inference) -> pd.DataFrame:
    table["std_error"] = np.where(table["undefined"] == "", error, np.nan)
    ends = intervals(table["estimate"], table["std_error"], level=inference.level, freedom=inference.freedom)
    table = table.assign(low=ends["low"], high=ends["high"])
    return table[[name for name in effect.CELL if name in table]]
