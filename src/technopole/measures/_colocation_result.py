"""What colocation says: the curves of pairs with their bands, a verdict per pair, and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from technopole.kernels.extreme_ranks import Envelope
from technopole.kernels.pair_histogram import Floats
from technopole.result import Chart, Field, Result

ALONE = "no establishment of the first industry has a neighbour at this distance"
BANDS = ("local_low", "local_high", "global_low", "global_high")
NULLS = {
    "random_location": "both industries on random sites of all establishments",
    "population_independence": "the first industry where it is, the second on random sites",
    "random_labelling": "the sites of both as they are, dealt out between them at random",
}
SHOWN = 6


@dataclass(frozen=True, slots=True)
class Found:
    """One pair: sizes, curve, mean of the null curves, and bands."""

    a: str
    b: str
    n_a: int
    n_b: int
    curve: Floats
    expected: Floats
    bands: Envelope


def of(
    found: Sequence[Found], km: Floats, *, value: str, null: str, level: float, warnings: Sequence[str]
) -> Result:
    """Put the result together; `value` is ``"density"`` or ``"m"``."""
    table = pd.concat([_curve(one, km, value) for one in found], ignore_index=True)
    table = _last(table, ["industry_a", "industry_b", "distance_km"])
    summary = pd.DataFrame([_row(one, km, value, level) for one in found])
    tested = summary["undefined"] == ""
    q = np.full(len(summary), np.nan)
    if tested.any():
        q[tested.to_numpy()] = false_discovery_control(summary.loc[tested, "p_value"].to_numpy(float))
    summary.insert(summary.columns.get_loc("undefined"), "q_value", q)  # pyright: ignore[reportArgumentType]
    summary = _last(summary, ["industry_a", "industry_b"])
    density = value == "density"
    options = {"value": value, "series": "pair", "reference": 0.0 if density else 1.0}
    axis = {} if density else {"axis": "share among neighbours, relative to the whole area"}
    return Result.of(
        table,
        text=_text(summary, null, level),
        fields=_fields(value, null, level),
        chart=Chart("density_curve", {**options, **axis}, of="strongest"),
        warnings=warnings,
        summary_table=summary,
        strongest=_strongest(table, summary, value),
    )


def _curve(one: Found, km: Floats, value: str) -> pd.DataFrame:
    columns: dict[str, Any] = {"industry_a": one.a, "industry_b": one.b, "distance_km": km}
    columns |= {value: one.curve, "expected": one.expected}
    columns |= {name: getattr(one.bands, name) for name in BANDS}
    table = pd.DataFrame(columns)
    return table.assign(undefined=np.where(table[value].isna(), ALONE, ""))


def _row(one: Found, km: Floats, value: str, level: float) -> dict[str, Any]:
    row: dict[str, Any] = {"industry_a": one.a, "industry_b": one.b, "n_a": one.n_a, "n_b": one.n_b}
    curve, bands = one.curve, one.bands
    if not np.isfinite(curve).any():
        nothing = dict.fromkeys(("localization", "dispersion", "first_km", "strongest_km"), np.nan)
        return {**row, **nothing, "verdict": "", "p_value": np.nan, "undefined": ALONE}
    above = np.fmax(np.nan_to_num(curve - bands.global_high), 0.0)
    below = np.fmax(np.nan_to_num(bands.global_low - curve), 0.0)
    outside = bands.p_value <= (1 - level) * (1 + 1e-12)
    first = int(np.argmax((above > 0) | (below > 0)))
    verdict = "neither" if not outside else "colocalised" if above[first] > 0 else "codispersed"
    part = {"colocalised": above, "codispersed": below}.get(verdict, np.zeros(len(km)))
    size = float(np.trapezoid(part, km)) / (1.0 if value == "density" else float(np.ptp(km)) or 1.0)
    return {
        **row,
        "localization": size if verdict == "colocalised" else 0.0,
        "dispersion": size if verdict == "codispersed" else 0.0,
        "first_km": float(km[first]) if part.any() else np.nan,
        "strongest_km": float(km[np.argmax(part)]) if part.any() else np.nan,
        "verdict": verdict,
        "p_value": bands.p_value,
        "undefined": "",
    }


def _last(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    order = rows.assign(last=rows["undefined"] != "").sort_values(["last", *keys], kind="stable")
    return order.drop(columns="last").reset_index(drop=True)


def _strongest(table: pd.DataFrame, summary: pd.DataFrame, value: str) -> pd.DataFrame:
    """Return the curves of the pairs farthest outside their bands, named as pairs."""
    size = summary[["localization", "dispersion"]].max(axis=1)
    top = summary.assign(size=size)[summary["undefined"] == ""].nlargest(SHOWN, "size", keep="first")
    rows = top[["industry_a", "industry_b"]].merge(table, on=["industry_a", "industry_b"])
    pair = rows["industry_a"].astype(str) + " + " + rows["industry_b"].astype(str)
    return rows.assign(pair=pair)[["pair", "distance_km", value, "expected", *BANDS]].dropna(subset=value)


def _text(summary: pd.DataFrame, null: str, level: float) -> str:
    tested = summary[summary["undefined"] == ""]
    if tested.empty:
        return "No pair of industries has neighbours at these distances."
    against = f"against chance ({NULLS[null]})"
    if len(tested) == 1:
        row = tested.iloc[0]
        where = "" if row["verdict"] == "neither" else f", from {row['first_km']:.3g} km on"
        return (
            f"{row['industry_a']} ({row['n_a']:,} establishments) and {row['industry_b']} ({row['n_b']:,}) are "
            f"{_words(str(row['verdict']))} {against}{where} (p = {row['p_value']:.2g})."
        )
    counts = {word: int((tested["verdict"] == word).sum()) for word in ("colocalised", "codispersed")}
    head = (
        f"Of {len(tested)} pairs of industries, {counts['colocalised']} are colocalised and {counts['codispersed']} codispersed "
        f"{against}; by chance alone {100 * (1 - level):.3g} % of pairs would be either."
    )
    best = tested[tested["verdict"] == "colocalised"].nlargest(1, "localization", keep="first")
    if best.empty:
        return head
    top = best.iloc[0]
    return f"{head} Most so {top['industry_a']} and {top['industry_b']}, from {top['first_km']:.3g} km on."


def _words(verdict: str) -> str:
    return "neither colocalised nor codispersed" if verdict == "neither" else verdict


def _fields(value: str, null: str, level: float) -> Mapping[str, Field]:
    density = value == "density"
    unit, digits = ("1/km", 6) if density else ("ratio", 3)
    share = f"{100 * level:g} %"
    excess = "share of the pairs of one establishment of each" if density else "mean over the distances of M"
    return {
        "industry_a": Field(
            "first industry" if density else "industry around whose establishments neighbours are counted"
        ),
        "industry_b": Field("second industry" if density else "industry of the neighbours"),
        "pair": Field("the two industries"),
        "distance_km": Field("distance", "km", 2),
        value: Field(
            "kernel density of the distances between establishments of the two"
            if density
            else "M: share of the second industry among neighbours within the distance, relative to the whole area",
            unit,
            digits,
        ),
        "expected": Field(f"mean of the simulated curves: {NULLS[null]}", unit, digits),
        "local_low": Field(f"lower end of the {share} band at this distance alone", unit, digits),
        "local_high": Field(f"upper end of the {share} band at this distance alone", unit, digits),
        "global_low": Field(f"lower end of the {share} band over all distances at once", unit, digits),
        "global_high": Field(f"upper end of the {share} band over all distances at once", unit, digits),
        "n_a": Field("establishments of the first industry", "establishments", 0),
        "n_b": Field("establishments of the second industry", "establishments", 0),
        "localization": Field(f"{excess} above the global band", "share" if density else "ratio", 4),
        "dispersion": Field(f"{excess} missing below the global band", "share" if density else "ratio", 4),
        "first_km": Field("shortest distance at which the curve is outside the global band", "km", 2),
        "strongest_km": Field("distance at which the curve is farthest outside the global band", "km", 2),
        "verdict": Field(f"colocalised, codispersed or neither, by the global {share} band"),
        "p_value": Field("share of simulations at least as extreme at some distance, two-sided", "", 4),
        "q_value": Field("false discovery rate over the pairs (Benjamini and Hochberg)", "", 4),
        "undefined": Field("why there is no value; empty = there is one"),
    }
