"""The one row that sums up an effect, and the sentences every estimator says it with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from technopole.effects._gap import Gap
from technopole.effects._panel import Panel
from technopole.result import effect

Array = npt.NDArray[np.float64]
TINY = float(np.finfo(float).tiny)  # a p-value is never 0
LOGS = ("log_", "ln_")


def intervals(
    estimate: npt.ArrayLike, std_error: npt.ArrayLike, *, level: float, freedom: float = math.inf
) -> pd.DataFrame:
    """Return low, high and p_value of estimates: normal, or Student's with `freedom`; all nan where the standard error isn't positive."""
    at, error = np.asarray(estimate, float), np.asarray(std_error, float)
    known = np.isfinite(at) & np.isfinite(error) & (error > 0)
    error = np.where(known, error, np.nan)
    reach = float(stats.t.ppf((1 + level) / 2, freedom))
    p_value = np.maximum(2 * stats.t.sf(np.abs(at) / error, freedom), TINY)
    return pd.DataFrame({"low": at - reach * error, "high": at + reach * error, "p_value": p_value})


def overall(
    panel: Panel,
    gap: Gap,
    *,
    estimand: str,
    estimate: float,
    std_error: float,
    level: float,
    freedom: float = math.inf,
    interval: tuple[float, float] | None = None,
    p_value: float | None = None,
    undefined: str | Sequence[str] = "",
    **counts: int,
) -> pd.DataFrame:
    """Return the row: estimate with its interval, the gap in levels, the sample.

    The interval is normal, or Student's with `freedom`, unless `interval` and `p_value` are given (from placebos, a bootstrap).
    `counts` replaces units, treated, controls or observations where the estimator uses fewer than the panel has.
    """
    wald = intervals([estimate], [std_error], level=level, freedom=freedom).iloc[0]
    low, high = interval or (wald["low"], wald["high"])
    why = [undefined] if isinstance(undefined, str) else list(undefined)
    units = panel.units
    row: dict[str, Any] = {
        "outcome": panel.outcome,
        "estimand": estimand,
        "estimate": estimate,
        "std_error": std_error if std_error > 0 else math.nan,
        "low": low,
        "high": high,
        "p_value": wald["p_value"] if p_value is None else max(p_value, TINY),
        "level": level,
        "level_gap": gap.estimate,
        "level_gap_low": gap.low,
        "level_gap_high": gap.high,
        "units": len(units),
        "treated": int((units["entered"] > 0).sum()),
        "controls": int((units["entered"] == 0).sum()),
        "observations": len(panel.rows),
        "undefined": "; ".join(dict.fromkeys(text for text in (*why, gap.undefined) if text)),
    }
    return pd.DataFrame([{**row, **counts}])[list(effect.OVERALL)]


def number(value: float) -> str:
    """Write a number with three significant digits."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def percent(value: float) -> str:
    """Write a difference of logarithms as a change in per cent: exp(b) - 1."""
    change = 100 * math.expm1(min(value, 700.0))
    return f"{change:+,.3g} %" if abs(change) < 1000 else f"{change:+,.0f} %"


def is_log(outcome: str) -> bool:
    """Whether the outcome's name says that it is a logarithm."""
    return outcome.startswith(LOGS)


def span(low: float, high: float) -> str:
    """Write an interval."""
    return f"{number(low)} to {number(high)}"


def with_interval(row: pd.Series) -> str:
    """Write an estimate with its interval, and in per cent where the outcome is a logarithm."""
    share = f"{100 * float(row['level']):.3g} % interval"
    if math.isnan(row["low"]):
        said = f"{number(row['estimate'])} (no interval)"
    else:
        said = f"{number(row['estimate'])} ({share} {span(row['low'], row['high'])})"
    if not is_log(str(row["outcome"])):
        return said
    ends = "" if math.isnan(row["low"]) else f" ({percent(row['low'])} to {percent(row['high'])})"
    return f"{said}, in per cent {percent(row['estimate'])}{ends}"


def effect_sentence(table: pd.DataFrame, *, cause: str = "entering a park", whom: str = "") -> str:
    """Say the effect of the one row: size, uncertainty, for whom; or why there is none."""
    row = table.iloc[0]
    if math.isnan(row["estimate"]):
        return f"The effect of {cause} on {row['outcome']} can't be estimated: {row['undefined']}."
    tail = f", {whom}" if whom else ""
    sure = ""
    if not math.isnan(row["low"]) and row["low"] <= 0 <= row["high"]:
        sure = "; an effect of zero isn't ruled out"
    return f"Estimated effect of {cause} on {row['outcome']}{tail}: {with_interval(row)}{sure}."


def gap_sentence(table: pd.DataFrame) -> str:
    """Say the difference in levels, and that it isn't an effect; nothing where there is none."""
    row = table.iloc[0]
    if math.isnan(row["level_gap"]):
        return ""
    ends = (
        "" if math.isnan(row["level_gap_low"]) else f" ({span(row['level_gap_low'], row['level_gap_high'])})"
    )
    return f"Levels of those inside differ from the others' by {number(row['level_gap'])}{ends} in the same year, which is a difference, not an effect."


def sample_sentence(table: pd.DataFrame) -> str:
    """Say what it rests on, and so for whom it holds."""
    row = table.iloc[0]
    units = f"{int(row['treated']):,} treated and {int(row['controls']):,} comparison units"
    if not row["controls"]:
        units = f"{int(row['treated']):,} treated units, compared with those among them that enter later"
    return f"It rests on {units}, {int(row['observations']):,} observations, and holds for the treated among them."


def text(table: pd.DataFrame, *, cause: str = "entering a park", whom: str = "") -> str:
    """Return the three sentences: effect, gap in levels, sample."""
    said = (effect_sentence(table, cause=cause, whom=whom), gap_sentence(table), sample_sentence(table))
    return " ".join(filter(None, said))
