"""Effects and checks written down by hand, for tests of what reads them."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pandas as pd
from scipy import stats

from technopole.result import CheckResult, EffectResult, Input, Provenance
from technopole.result import effect as columns

ERROR = 0.02


def signed(result: Any, function: str, *inputs: Input) -> Any:
    return result.with_provenance(Provenance("0", function, {}, inputs, None), "Nobody (2000).")


def effect(
    outcome: str,
    estimate: float,
    *,
    error: float = ERROR,
    gap: float = 0.0,
    design: str = "effects.group_time_effects",
    table: pd.DataFrame | None = None,
    **parts: pd.DataFrame,
) -> EffectResult:
    """An estimate with a standard error and a gap in levels of the same precision."""
    half = 1.959963984540054 * error
    row: dict[str, Any] = {
        "outcome": outcome,
        "estimand": "made up",
        "estimate": estimate,
        "std_error": error,
        "low": estimate - half,
        "high": estimate + half,
        "p_value": 2 * stats.norm.sf(abs(estimate) / error),
        "level": 0.95,
        "level_gap": gap,
        "level_gap_low": gap - half,
        "level_gap_high": gap + half,
        "units": 100,
        "treated": 40,
        "controls": 60,
        "observations": 800,
        "undefined": "",
    }
    overall = pd.DataFrame([row])[list(columns.OVERALL)]
    cells = overall[["estimate", "std_error", "low", "high", "undefined"]] if table is None else table
    made = EffectResult.of(cells, text="Made up.", fields=columns.FIELDS, overall=overall, **parts)
    return signed(made, design)


def check(name: str, passed: Any, of: EffectResult, **numbers: float) -> CheckResult:
    """A check of one effect."""
    made = CheckResult.finding_of(name, passed, table=pd.DataFrame(), text=f"{name}.", fields={}, **numbers)
    return signed(made, f"checks.{name}", Input("effect", of.design, 1, of.digest))


def subgroups(outcome: str, of: str, estimates: dict[str, float], *, p_value: float) -> EffectResult:
    """Effects by subgroup with the test of their difference."""
    half = 1.96 * ERROR
    rows = [
        {"subgroup_of": of, "subgroup": name, "estimate": value, "low": value - half, "high": value + half}
        for name, value in estimates.items()
    ]
    contrast = pd.DataFrame(
        [
            {
                "subgroup_of": of,
                "subgroup_a": a,
                "subgroup_b": b,
                "difference": estimates[a] - estimates[b],
                "p_value": p_value,
            }
            for a, b in combinations(estimates, 2)
        ]
    )
    return effect(outcome, 0.1, design="effects.heterogeneity", table=pd.DataFrame(rows), contrast=contrast)


def rings(outcome: str, estimates: dict[tuple[float, float], float]) -> EffectResult:
    """Effects by distance ring."""
    half = 1.96 * ERROR
    rows = [
        {
            "ring": f"{low:g}-{high:g}",
            "ring_low_km": low,
            "ring_high_km": high,
            "estimate": value,
            "low": value - half,
            "high": value + half,
            "p_value": 2 * stats.norm.sf(abs(value) / ERROR),
        }
        for (low, high), value in estimates.items()
    ]
    return effect(outcome, 0.1, design="effects.boundary", table=pd.DataFrame(rows))
