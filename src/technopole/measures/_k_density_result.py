"""What K-densities say: the curves with their bands, a verdict per industry, and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from technopole.kernels import bands
from technopole.kernels.bands import Bands, Null
from technopole.kernels.pair_histogram import Floats
from technopole.measures._pair_distances import Observed
from technopole.measures._random_location import Case
from technopole.result import Chart, Field, Result

DENSITY = ("density", "expected", "local_low", "local_high", "global_low", "global_high")
FIELDS = {
    "industry": Field("industry"),
    "distance_km": Field("distance between two establishments", "km", 1),
    "density": Field(
        "K-density: kernel density of the distances between the industry's establishments", "1/km", 6
    ),
    "expected": Field("mean of the curve under random location", "1/km", 6),
    "local_low": Field("lower band at this distance alone", "1/km", 6),
    "local_high": Field("upper band at this distance alone", "1/km", 6),
    "global_low": Field("lower band over all distances at once", "1/km", 6),
    "global_high": Field("upper band over all distances at once", "1/km", 6),
    "n": Field("establishments of the industry", "establishments", 0),
    "locations": Field("distinct locations they stand at", "locations", 0),
    "bandwidth_km": Field("bandwidth of the kernel", "km", 2),
    "null": Field("how the null hypothesis was computed: exact moments or simulated"),
    "localization": Field("localisation index: share of pairs above the upper global band", "share", 4),
    "dispersion": Field("dispersion index: share of pairs missing below the lower global band", "share", 4),
    "first_km": Field("smallest distance at which the verdict holds", "km", 1),
    "strongest_km": Field("distance at which the curve is farthest outside the band", "km", 1),
    "verdict": Field("localised, dispersed or neither"),
    "p_localization": Field(
        "probability under random location of as high a curve anywhere in the range", "", 4
    ),
    "p_dispersion": Field("probability under random location of as low a curve anywhere in the range", "", 4),
    "p_value": Field("two-sided probability: twice the smaller of the two, at most 1", "", 4),
    "q_value": Field(
        "false discovery rate of the p-value over the industries (Benjamini and Hochberg)", "", 4
    ),
    "undefined": Field("why there is no curve"),
}
SUMMARY = [name for name in FIELDS if name not in (*DENSITY, "distance_km")]


def of(
    observed: Sequence[Observed],
    reasons: Mapping[str, str],
    cases: Sequence[Case],
    nulls: Sequence[Null],
    moments: Sequence[bool],
    grid: Floats,
    level: float,
    warnings: Sequence[str],
) -> Result:
    """Put the result together."""
    curves: list[pd.DataFrame] = []
    rows: list[dict[str, Any]] = []
    for case, null, exact in zip(cases, nulls, moments, strict=True):
        curve = case.smooth(case.own.share)
        drawn = bands.bands(null, curve, level)
        curves.append(_curve(case.own.name, grid, curve, null, drawn))
        rows.append(_row(case, "exact" if exact else "simulated", grid, curve, drawn, level))
    left = [own for own in observed if reasons[own.name]]
    rows += [
        {"industry": o.name, "n": o.n, "locations": o.locations, "undefined": reasons[o.name]} for o in left
    ]
    summary = pd.DataFrame(rows, columns=SUMMARY)
    tested = summary["p_value"].notna()
    if tested.any():
        summary.loc[tested, "q_value"] = false_discovery_control(
            summary.loc[tested, "p_value"].to_numpy(float)
        )
    summary = summary.astype(_types())
    table = pd.concat(curves) if curves else pd.DataFrame(columns=["industry", "distance_km", *DENSITY])
    said = [*warnings]
    if left:
        said.append(f"{len(left)} industries have no curve; `undefined` of the summary table says why")
    return Result.of(
        table.astype(dict.fromkeys(("distance_km", *DENSITY), "float64") | {"industry": "str"}),
        text=_text(summary, level),
        fields=FIELDS,
        chart=Chart("density_curve"),
        warnings=said,
        summary_table=summary,
    )


def _types() -> dict[str, str]:
    words = dict.fromkeys(("industry", "null", "verdict", "undefined"), "str")
    whole = {"n": "int64", "locations": "int64"}
    return {name: "float64" for name in SUMMARY if name not in words | whole} | words | whole


def _curve(name: str, grid: Floats, curve: Floats, null: Null, drawn: Bands) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "industry": name,
            "distance_km": grid,
            "density": curve,
            "expected": null.mean,
            "local_low": drawn.local_low,
            "local_high": drawn.local_high,
            "global_low": drawn.global_low,
            "global_high": drawn.global_high,
        }
    )


def _row(case: Case, null: str, grid: Floats, curve: Floats, drawn: Bands, level: float) -> dict[str, Any]:
    above, below = curve - drawn.global_high, drawn.global_low - curve
    localised = drawn.p_above <= 1 - level
    dispersed = not localised and drawn.p_below <= 1 - level
    outside = above if localised else below
    excess = np.maximum(outside, 0.0)
    size = float(np.trapezoid(excess, grid)) if localised or dispersed else 0.0
    found = bool(localised or dispersed) and bool(excess.any())
    return {
        "industry": case.own.name,
        "n": case.own.n,
        "locations": case.own.locations,
        "bandwidth_km": case.bandwidth,
        "null": null,
        "localization": size if localised else 0.0,
        "dispersion": size if dispersed else 0.0,
        "first_km": float(grid[np.argmax(excess > 0)]) if found else np.nan,
        "strongest_km": float(grid[np.argmax(excess)]) if found else np.nan,
        "verdict": "localised" if localised else "dispersed" if dispersed else "neither",
        "p_localization": drawn.p_above,
        "p_dispersion": drawn.p_below,
        "p_value": min(1.0, 2 * min(drawn.p_above, drawn.p_below)),
        "q_value": np.nan,
        "undefined": "",
    }


def _text(summary: pd.DataFrame, level: float) -> str:
    tested = summary[summary["undefined"] == ""]
    if tested.empty:
        return "No industry has a K-density: each has fewer than two establishments, or all sites of the reference."
    if len(tested) == 1:
        return _single(tested.iloc[0])
    share = (tested["verdict"] == "localised").mean()
    counts = {word: int((tested["verdict"] == word).sum()) for word in ("localised", "dispersed")}
    strongest = tested.sort_values(["localization", "industry"], ascending=[False, True]).iloc[0]
    most = (
        f" The most localised is {strongest['industry']}: {100 * strongest['localization']:.2g} % of its pairs of establishments "
        f"are in excess of what chance allows, most at about {strongest['strongest_km']:.0f} km."
        if counts["localised"]
        else ""
    )
    return (
        f"{counts['localised']} of {len(tested)} industries ({100 * share:.0f} %) are localised and {counts['dispersed']} dispersed; "
        f"by chance alone {100 * (1 - level):.0f} % would be found localised and as many dispersed.{most}"
    )


def _single(row: pd.Series) -> str:
    head = f"{row['industry']} ({row['n']:,} establishments) is "
    if row["verdict"] == "neither":
        return f"{head}neither localised nor dispersed: its distances are such as chance brings (p = {row['p_value']:.2g})."
    words = {
        "localised": (row["localization"], "more pairs of establishments than chance allows", "in excess"),
        "dispersed": (row["dispersion"], "fewer pairs of establishments than chance allows", "missing"),
    }
    size, what, missing = words[row["verdict"]]
    return (
        f"{head}{row['verdict']}: from {row['first_km']:.0f} km on there are {what}, most at about {row['strongest_km']:.0f} km "
        f"(p = {row['p_value']:.2g}). {100 * size:.2g} % of its pairs are {missing}."
    )
