"""Entry and exit between two years, cell by cell, and what density at the start says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from technopole.competitiveness._presence import Presence
from technopole.kernels.concordance import pairs_in_order
from technopole.kernels.proportion import wilson
from technopole.kernels.threads import one_thread
from technopole.kernels.two_way_means import without_means
from technopole.libraries import heard, library

Array: TypeAlias = NDArray[np.float64]
Effects: TypeAlias = Literal["none", "places", "both"]
EVENTS = ("entry", "exit")
FEW = 15  # places from which resampling places says something
TENTHS = 10.0  # densities in tenths: a coefficient is that of 0.1
TINY = 1e-300


def cells(
    first: Presence, last: Presence, density: Array, *, below: float | None
) -> tuple[pd.DataFrame, list[str]]:
    """Return a row per place and item that both years have: event at risk of, density, whether it happened.

    `below`: only cells whose advantage is under it at the start can be entered.
    """
    places, rows, rows_last = np.intersect1d(first.places, last.places, return_indices=True)
    items, columns, columns_last = np.intersect1d(first.items, last.items, return_indices=True)
    at, to = np.ix_(rows, columns), np.ix_(rows_last, columns_last)
    empty = np.array(
        [
            _empty(a) or _empty(b)
            for a, b in zip(first.place_why[rows], last.place_why[rows_last], strict=True)
        ],
        dtype=bool,
    )
    had, has = first.there[at], last.there[to]
    known = ~first.withheld[at] & ~last.withheld[to] & np.isfinite(density[at]) & ~empty[:, None]
    started = np.ones_like(known) if below is None else first.advantage[at] < below
    counted = known & (had | started)
    row, column = np.nonzero(counted)
    table = pd.DataFrame(
        {
            "place": places[row],
            "item": items[column],
            "event": np.where(had[counted], EVENTS[1], EVENTS[0]),
            "density": density[at][counted],
            "happened": np.where(had[counted], ~has[counted], has[counted]),
        }
    )
    return table, _left_out(first, last, places, items, int((~known).sum()))


def _empty(why: str) -> bool:
    return why != "" and "no comparative advantage" not in why


def _left_out(first: Presence, last: Presence, places: Any, items: Any, unknown: int) -> list[str]:
    said: list[str] = []
    for kind, both, one, other in (
        ("places", places, first.places, last.places),
        ("items", items, first.items, last.items),
    ):
        gone, new = len(one) - len(both), len(other) - len(both)
        if gone or new:
            said.append(
                f"{gone:,} {kind} of {first.year} and {new:,} of {last.year} aren't in the other year, and are left out"
            )
    if unknown:
        said.append(
            f"{unknown:,} cells of both years are withheld, or of a place without anything, or of an item near nothing: left out"
        )
    return said


def rates(table: pd.DataFrame, *, bins: int, level: float) -> pd.DataFrame:
    """Return how often entry and exit happen in bins of density with equally many cells, with Wilson's intervals."""
    parts: list[pd.DataFrame] = []
    for event in EVENTS:
        part = table[table["event"] == event]
        if part.empty:
            continue
        edges = np.unique(np.quantile(part["density"], np.linspace(0, 1, bins + 1)))
        which = np.clip(np.searchsorted(edges, part["density"], side="right") - 1, 0, max(len(edges) - 2, 0))
        found = part.groupby(which).agg(
            density=("density", "mean"),
            density_low=("density", "min"),
            density_high=("density", "max"),
            cells=("happened", "size"),
            events=("happened", "sum"),
        )
        ends = wilson(found["events"].to_numpy(float), found["cells"].to_numpy(float), level)
        parts.append(
            found.assign(
                event=event,
                bin=np.arange(1, len(found) + 1),
                rate=found["events"] / found["cells"],
                low=ends.low,
                high=ends.high,
            )
        )
    columns = [
        "event",
        "bin",
        "density",
        "density_low",
        "density_high",
        "cells",
        "events",
        "rate",
        "low",
        "high",
    ]
    return pd.concat(parts, ignore_index=True)[columns].astype({"events": "int64"})


@dataclass(frozen=True, slots=True)
class Fit:
    """The coefficient of density in tenths; `undefined` says why there is none."""

    estimate: float = np.nan
    std_error: float = np.nan
    low: float = np.nan
    high: float = np.nan
    p_value: float = np.nan
    undefined: str = ""


def fit(
    part: pd.DataFrame, *, model: str, effects: Effects, two_way: bool, level: float, said: list[str]
) -> Fit:
    """Regress what happened on density, clustered by place, or by place and item."""
    place, places = pd.factorize(part["place"], sort=True)
    item, items = pd.factorize(part["item"], sort=True)
    happened, tenths = part["happened"].to_numpy(float), part["density"].to_numpy(float) * TENTHS
    if why := _untold(happened, tenths, len(places), len(items) if two_way else None):
        return Fit(undefined=why)
    groups = np.column_stack([place, item]) if two_way else place
    kwds: dict[str, Any] = {"cov_type": "cluster", "cov_kwds": {"groups": groups}, "use_t": True}
    api: Any = library("statsmodels.api")
    constant = np.column_stack([tenths, np.ones(len(tenths))])
    with heard(said), one_thread():
        if model == "logit":
            found: Any = api.Logit(happened, constant).fit(disp=0, **kwds)
            if not found.mle_retvals["converged"]:
                return Fit(undefined="the regression doesn't settle: density tells exactly what happens")
        elif effects == "none":
            found = api.OLS(happened, constant).fit(**kwds)
        else:
            codes = (place, item) if effects == "both" else (place,)
            left = without_means(np.column_stack([happened, tenths]), *codes)
            if float(np.abs(left[:, 1]).max()) < 1e-9:
                return Fit(undefined="density doesn't vary beyond the effects")
            found = api.OLS(left[:, 0], left[:, 1:]).fit(**kwds)
        ends = np.asarray(found.conf_int(alpha=1 - level))[0]
    if not float(found.bse[0]) > 0:
        return Fit(float(found.params[0]), undefined="clusters by place and item leave no positive variance")
    return Fit(
        float(found.params[0]),
        float(found.bse[0]),
        float(ends[0]),
        float(ends[1]),
        max(float(found.pvalues[0]), TINY),
    )


def _untold(happened: Array, tenths: Array, places: int, items: int | None) -> str:
    if not len(happened):
        return "there is no cell"
    if happened.min() == happened.max():
        return "it happens nowhere" if happened.max() == 0 else "it happens everywhere"
    if tenths.min() == tenths.max():
        return "density is the same everywhere"
    return "fewer than two clusters" if min(places, items or places) < 2 else ""


def order(part: pd.DataFrame, *, draws: int, level: float, random: np.random.Generator) -> dict[str, float]:
    """Return how often density has the right order: over all pairs, and over pairs of one place, with places resampled."""
    inside = np.array(
        [
            pairs_in_order(one["density"].to_numpy(float), one["happened"].to_numpy(bool))
            for _, one in part.groupby("place", sort=True)
        ]
    ).reshape(-1, 2)
    right, pairs = pairs_in_order(part["density"].to_numpy(float), part["happened"].to_numpy(bool))
    told = inside[inside[:, 1] > 0]
    found = {
        "auc": right / pairs if pairs else np.nan,
        "auc_within": told[:, 0].sum() / told[:, 1].sum() if len(told) else np.nan,
        "auc_within_low": np.nan,
        "auc_within_high": np.nan,
    }
    if len(told) >= FEW:
        weights = random.multinomial(len(told), np.full(len(told), 1 / len(told)), size=draws).astype(float)
        drawn = np.einsum("bg,g->b", weights, told[:, 0]) / np.einsum("bg,g->b", weights, told[:, 1])
        low, high = np.percentile(drawn, [50 * (1 - level), 50 * (1 + level)])
        found |= {"auc_within_low": float(low), "auc_within_high": float(high)}
    return found


def by_place(table: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    """Return how many items each place could enter and entered, had and lost."""
    groups = table.groupby(["place", "event"])["happened"]
    size, happened = (
        one.unstack("event", fill_value=0).reindex(EVENTS, axis=1, fill_value=0).astype("int64")
        for one in (groups.size(), groups.sum())
    )
    found = pd.DataFrame(
        {
            "from_year": years[0],
            "to_year": years[1],
            "could_enter": size["entry"],
            "entered": happened["entry"],
            "had": size["exit"],
            "lost": happened["exit"],
        }
    )
    for share, part, whole in (("entry_rate", "entered", "could_enter"), ("exit_rate", "lost", "had")):
        found[share] = found[part] / found[whole].where(found[whole] > 0)
    return found.reset_index()
