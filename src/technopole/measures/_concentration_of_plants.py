"""What the indices of Ellison-Glaeser and Maurel-Sedillot have in common: everything but the formula."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from technopole.errors import WrongOption
from technopole.kernels.plant_location import Concentration, Moments, quantile
from technopole.measures import _plants, _suppression
from technopole.result import Chart, Field, Result
from technopole.tables import Activity, Establishments, Sector

Kernel = Callable[[Moments], Concentration]
COLUMNS = ["industry", "year", "gamma", "raw_concentration", "herfindahl", "z", "p_value", "low", "high"]


def result(
    kernel: Kernel,
    table: Establishments | Activity,
    *,
    name: str,
    raw: str,
    value: str,
    plants: str,
    size_classes: Mapping[str, Sequence[float]] | None,
    sector: Sector | None,
    level: float,
) -> Result:
    """Compute an index of plant location for every industry and year."""
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)
    counted = _plants.of_table(table, value=value, plants=plants, sector=sector, size_classes=size_classes)

    def sums(fill: str) -> pd.DataFrame:
        found = _plants.sums(counted, fill=fill, sector=sector)
        if size_classes is None or not isinstance(table, Activity):
            return found
        return _plants.with_size_classes(found, table, size_classes, sector)

    middle = sums("middle")
    rows = _rows(kernel, middle, value, level)
    warnings = [*counted.warnings, *_approximation(counted.exact, size_classes, middle)]
    parts: dict[str, pd.DataFrame] = {}
    if middle["suppressed"].any():
        warnings += _suppression.warnings(counted.cells, value)
        parts["bounds"] = _at_bounds(kernel, middle, sums("low"), sums("high"))
    warnings += _undefined(rows)
    return Result.of(
        rows,
        text=_text(rows, name, level),
        fields=_fields(raw, value, level),
        chart=Chart("ranking", {"label": "industry", "value": "gamma", "reference": 0.0, "axis": "gamma"}),
        warnings=warnings,
        **parts,
    )


def _rows(kernel: Kernel, sums: pd.DataFrame, value: str, level: float) -> pd.DataFrame:
    found = kernel(_plants.moments(sums))
    reason = np.select(
        [
            ~(sums["value"] > 0),
            ~(sums["zz"] > 0),
            sums["zz"] >= 1,
            sums["xx"] >= 1,
        ],
        [
            f"the industry has no {value}",
            "the number of plants isn't known",
            "one plant: nothing to be close to",
            "all activity is in one place",
        ],
        default="",
    )
    defined = reason == ""
    gamma, error, z, p_value = (
        np.where(defined, array, np.nan) for array in (found.gamma, found.std_error, found.z, found.p_value)
    )
    half = quantile(level, found.herfindahl) * error
    kept = {
        "gamma": gamma,
        "raw_concentration": found.raw,
        "herfindahl": found.herfindahl,
        "z": z,
        "p_value": p_value,
        "low": gamma - half,
        "high": gamma + half,
    }
    rows = sums[["industry", "year"]].assign(**kept, n_plants=sums["n_plants"], undefined=reason)
    order = rows.assign(last=~defined).sort_values(["last", "year", "industry"], kind="stable").index
    return rows.loc[order, [*COLUMNS, "n_plants", "undefined"]].reset_index(drop=True)


def _at_bounds(kernel: Kernel, middle: pd.DataFrame, low: pd.DataFrame, high: pd.DataFrame) -> pd.DataFrame:
    bounds = middle[["industry", "year", "cells", "suppressed", "unbounded"]].copy()
    for name, filled in (("gamma_at_low", low), ("gamma_at_high", high)):
        gamma = kernel(_plants.moments(filled)).gamma
        bounds[name] = np.where(np.isfinite(gamma), gamma, np.nan)
    return bounds.sort_values(["year", "industry"], kind="stable")


def _approximation(
    exact: bool, size_classes: Mapping[str, Sequence[float]] | None, sums: pd.DataFrame
) -> list[str]:
    if exact:
        return []
    if size_classes is not None:
        return [
            "plant sizes are those of size classes (middle of the class; the open class has what the total leaves): "
            "differences within a class are ignored, so the plant Herfindahl is a little too low, gamma too high"
        ]
    said = [
        "the plants of a cell are taken as equal in size: the plant Herfindahl is a lower bound, so gamma is an "
        "upper bound and z too high; establishments or size classes give it exactly or nearly"
    ]
    guessed = int(sums["guessed"].sum())
    if guessed:
        said.append(
            f"{guessed} of {int(sums['cells'].sum())} cells have no number of plants and count as one plant"
        )
    return said


def _undefined(rows: pd.DataFrame) -> list[str]:
    count = rows.loc[rows["undefined"] != "", "undefined"].value_counts().sort_index()
    return [f"{number} of {len(rows)} rows are undefined: {reason}" for reason, number in count.items()]


def _text(rows: pd.DataFrame, name: str, level: float) -> str:
    defined = rows[rows["undefined"] == ""]
    if defined.empty:
        return f"{name} is undefined for every industry here; the column undefined says why."
    year = int(defined["year"].max())
    latest = defined[defined["year"] == year]
    when = f" in {year}" if year else ""
    beyond = int(((latest["p_value"] < 1 - level) & (latest["z"] > 0)).sum())
    strong = int((latest["gamma"] > 0.05).sum())
    top = latest.sort_values(["gamma", "industry"], ascending=[False, True]).iloc[0]
    return (
        f"Of {len(latest)} {'industry' if len(latest) == 1 else 'industries'}{when}, {beyond} {'is' if beyond == 1 else 'are'} more concentrated than chance and the size of their plants "
        f"explain (p below {1 - level:.2g}). {strong} {'has' if strong == 1 else 'have'} a gamma above 0.05, which the literature calls strong. "
        f"The most concentrated is {top['industry']}: gamma {top['gamma']:.3f} "
        f"({level:.0%} interval {top['low']:.3f} to {top['high']:.3f})."
    )


def _fields(raw: str, value: str, level: float) -> dict[str, Field]:
    return {
        "industry": Field("industry or sector"),
        "year": Field("year; 0 = one unnamed period"),
        "gamma": Field(
            "concentration beyond that of plant sizes", "0 = as by chance, 1 = all in one place", 3
        ),
        "raw_concentration": Field(raw, "", 4),
        "herfindahl": Field(f"sum of squared plant shares of the industry's {value}", "0 to 1", 4),
        "z": Field("excess over random location, in standard deviations under it", "", 2),
        "p_value": Field("two-sided normal p of z", "", 4),
        "low": Field(f"lower end of the {level:.0%} interval of gamma: the plants drawn again", "", 3),
        "high": Field(f"upper end of the {level:.0%} interval of gamma", "", 3),
        "n_plants": Field(f"plants with {value}", "plants", 0),
        "undefined": Field("why the row has no index; empty = it has one"),
        "cells": Field("cells of the industry", "cells", 0),
        "suppressed": Field("cells whose value is withheld", "cells", 0),
        "unbounded": Field("withheld cells without an upper bound, which stay at the lower one", "cells", 0),
        "gamma_at_low": Field("gamma with every withheld value at its lower bound", "", 3),
        "gamma_at_high": Field("gamma with every withheld value at its upper bound", "", 3),
    }
