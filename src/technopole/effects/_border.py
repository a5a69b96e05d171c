"""Border designs: firms just inside against just outside the outline of a park."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from technopole.effects._gap import gap
from technopole.effects._overall import TINY, overall, text
from technopole.effects._panel import Panel, panel
from technopole.effects._ring_rows import since_of
from technopole.errors import EmptyTable, TechnopoleError, WrongOption
from technopole.libraries import heard, library
from technopole.result import EffectResult, Field, effect
from technopole.tables import Firms

Compare = Literal["changes", "levels"]
COLUMNS = [
    "estimate",
    "std_error",
    "low",
    "high",
    "p_value",
    "conventional",
    "bandwidth_km",
    "n",
    "controls",
    "undefined",
]
BIN = 10  # bins a side of the picture's table
FIELDS = {
    **effect.FIELDS,
    "estimate": Field("jump at the border, inside minus outside, bias-corrected", "unit of the outcome", 4),
    "conventional": Field("the same without bias correction", "unit of the outcome", 4),
    "bandwidth_km": Field("firms within this distance of the border are used", "km", 2),
    "n": Field("units inside, within the bandwidth", "units"),
    "controls": Field("units outside, within the bandwidth", "units"),
    "density_inside": Field("density of units at the border, inside", "share of units per km", 4),
    "density_outside": Field("density of units at the border, outside", "share of units per km", 4),
    "statistic": Field("t of their difference, bias-corrected", "", 3),
    "signed_km": Field("mean distance to the outline, negative inside", "km", 2),
    "mean": Field("mean of what is compared", "unit of the outcome", 4),
    "units": Field("units", "units"),
}


def border_effect(
    firms: Firms,
    *,
    outcome: str,
    since: str | int | None,
    covariates: Sequence[str],
    compare: Compare,
    bandwidth_km: float | None,
    level: float,
) -> EffectResult:
    """Estimate the jump at the border by local-linear regression with robust bias-corrected inference.

    Raises
    ------
    MissingColumn
        No signed distance.
    EmptyTable
        No unit on one side.
    TechnopoleError
        Too few units near the border.
    """
    firms.require("signed_km")
    if bandwidth_km is not None and not bandwidth_km > 0:
        raise WrongOption("bandwidth_km is a distance above 0", value=bandwidth_km)
    if not int(firms.expr["signed_km"].count().to_pyarrow().as_py()):
        raise EmptyTable(
            "signed_km is empty: the nearest parks have no outline, so there is no border",
            where=firms.source,
            fix="give parks with outlines to tp.parks.rings, or compare rings: design='rings'",
        )
    year = since_of(firms, since)
    changed = Firms(
        firms.expr.mutate(entered=year, border=-firms.expr["signed_km"]).drop(*({"left"} & set(firms.columns))),
        source=firms.source, digest=firms.digest, rows=firms.rows, warnings=firms.warnings,
    )  # fmt: skip
    rows = panel(changed, outcome=outcome, covariates=["border", *covariates], always_treated="keep")
    units = _units(rows, covariates, compare)
    fit, warnings = _fit(units, covariates, bandwidth_km, level)
    density = _density(units, warnings)
    row = overall(
        rows,
        gap(rows, level=level, treated=rows.rows["border"] >= 0),
        estimand=f"jump of {'the change in ' if compare == 'changes' else ''}{outcome} at the border, inside minus outside",
        estimate=float(fit.att),
        std_error=float(fit.se),
        level=level,
        interval=tuple(float(end) for end in fit.conf_int),  # type: ignore[arg-type]
        p_value=max(float(fit.p_value), TINY),
        units=len(units),
        treated=int((units["border"] >= 0).sum()),
        controls=int((units["border"] < 0).sum()),
        undefined="" if fit.se > 0 else "std_error: outcomes don't vary near the border",
    )
    cell = {
        name: row[name].iloc[0] for name in ("estimate", "std_error", "low", "high", "p_value", "undefined")
    }
    cell |= {
        "conventional": float(fit.att_conventional),
        "bandwidth_km": float(fit.h_left),
        "n": int(fit.n_h_right),
        "controls": int(fit.n_h_left),
    }
    return EffectResult.of(
        pd.DataFrame([cell])[COLUMNS],
        text=text(
            row,
            cause="lying inside the park's border",
            whom=f"for firms at the border ({fit.h_left:.2g} km to each side are used)",
        ),
        fields=FIELDS,
        warnings=[*rows.warnings, *warnings, *_sorted(density)],
        density=density,
        bins=_bins(units),
        overall=row,
        sample=rows.sample,
    )


def _units(rows: Panel, covariates: Sequence[str], compare: Compare) -> pd.DataFrame:
    """One row per unit: distance to the border (positive inside), what is compared, covariates before."""
    table = rows.rows
    after = table["year"] >= table["entered"]
    if compare == "changes":
        rows.keep(table["entered"] > 0, step="park dated", reason="no year in which the nearest park came")
        table = rows.rows
        after = table["year"] >= table["entered"]
        later, earlier = (table[side].groupby("unit")["outcome"].mean() for side in (after, ~after))
        value = (later - earlier).dropna()
        rows.keep(
            table["unit"].isin(value.index),
            step="before and after",
            reason="not seen both before and after the park came",
        )
    else:
        value = table[after].groupby("unit")["outcome"].mean()
        rows.keep(after, step="after", reason="before the park came")
    means = rows.rows.groupby("unit")[["border", *covariates]].mean()
    units = means.assign(value=value).reset_index()
    for side, there in (("inside", (units["border"] >= 0).any()), ("outside", (units["border"] < 0).any())):
        if not there:
            raise EmptyTable(
                f"no unit {side} the border is left to compare",
                fix="signed_km is negative inside: tp.parks.rings makes it",
            )
    return units


def _fit(
    units: pd.DataFrame, covariates: Sequence[str], bandwidth_km: float | None, level: float
) -> tuple[Any, list[str]]:
    said: list[str] = []
    model = library("diff_diff").RegressionDiscontinuity(h=bandwidth_km, alpha=1 - level)
    try:
        with heard(said), np.errstate(all="ignore"):
            fit = model.fit(units, outcome="value", running="border", covariates=list(covariates) or None)
    except (ValueError, np.linalg.LinAlgError, ZeroDivisionError) as error:
        raise TechnopoleError(
            "the jump at the border can't be estimated from these units",
            value=str(error).split(".")[0],
            fix="more units near the border, or a wider bandwidth_km",
        ) from error
    if not math.isfinite(float(fit.att)):
        raise TechnopoleError(
            "the jump at the border can't be estimated from these units", fix="more units near the border"
        )
    return fit, said


def _density(units: pd.DataFrame, warnings: list[str]) -> pd.DataFrame:
    """Test whether units crowd on one side of the border."""
    try:
        with heard(warnings), np.errstate(all="ignore"):
            found = library("diff_diff").RDDensityTest().fit(units, running="border")
    except (ValueError, np.linalg.LinAlgError) as error:
        numbers = dict.fromkeys(("density_inside", "density_outside", "statistic", "p_value"), math.nan)
        return pd.DataFrame([{**numbers, "undefined": str(error).split(".")[0]}])
    known = math.isfinite(found.p_value)
    row = {
        "density_inside": float(found.f_right),
        "density_outside": float(found.f_left),
        "statistic": float(found.t_stat),
        "p_value": max(float(found.p_value), TINY) if known else math.nan,
        "undefined": "" if known else "too few units near the border",
    }
    return pd.DataFrame([row])


def _sorted(density: pd.DataFrame) -> list[str]:
    row = density.iloc[0]
    if not row["p_value"] < 0.05:
        return []
    return [
        f"units crowd on one side of the border (density inside {row['density_inside']:.3g}, outside {row['density_outside']:.3g}, "
        f"p = {row['p_value']:.2g}): those inside may have chosen it, as firms in parks do"
    ]


def _bins(units: pd.DataFrame) -> pd.DataFrame:
    """Means in ten bins of equal numbers on each side."""
    parts: list[pd.DataFrame] = []
    for inside in (True, False):
        own = units[(units["border"] >= 0) == inside]
        position = (own["border"].rank(method="first") - 1) * min(BIN, len(own)) // max(len(own), 1)
        parts.append(
            own.groupby(position).agg(
                signed_km=("border", "mean"), mean=("value", "mean"), units=("value", "size")
            )
        )
    table = pd.concat(parts, ignore_index=True)
    table["signed_km"] = -table["signed_km"]
    return table.sort_values("signed_km", ignore_index=True)
