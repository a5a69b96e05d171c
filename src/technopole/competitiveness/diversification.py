"""Diversification: which products become an advantage, which are lost, and whether relatedness tells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from technopole.competitiveness._closeness import with_closeness
from technopole.competitiveness._matrix import names
from technopole.competitiveness._presence import Rule, presences, warnings_of
from technopole.competitiveness._selection import chosen
from technopole.competitiveness._transitions import EVENTS, Effects, Fit, by_place, cells, fit, order, rates
from technopole.errors import EmptyTable, WrongOption
from technopole.kernels.complexity import density
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Activity, Patents, Sector, Trade

MANY = 50  # clusters from which false positives are near the nominal rate: docs/methods/diversification.md


@member
def diversification(
    trade: Trade | Activity | Patents,
    *,
    from_: int,
    to: int,
    model: Literal["linear", "logit"] = "linear",
    effects: Effects = "both",
    cluster: Literal["places", "both"] = "places",
    presence: Rule = "advantage",
    threshold: float = 1.0,
    below: float | None = None,
    bins: int = 10,
    products: Sector | Sequence[str] | None = None,
    exporters: Sequence[str] | None = None,
    value: str | None = None,
    sector: Sector | None = None,
    reference: Trade | Activity | Patents | None = None,
    proximity: Result | None = None,
    draws: int = 999,
    level: float = 0.95,
    seed: int = 0,
) -> Result:
    """Whether places enter products near to what they have, and lose those far from it.

        entry: M[c, p] = 0 at the start, 1 at the end; exit: 1, then 0
        density[c, p] = sum_(q != p) M[c, q] phi[p, q] / sum_(q != p) phi[p, q], at the start
        linear: P(entry[c, p]) = b density[c, p] + place[c] + item[p];  logit: ln odds of entry = a + b density

    M = 1 where RCA is at the threshold or above. b is of a tenth of density (0.1). With effects of places and items, places are compared with
    themselves in products of other density, and products with themselves elsewhere. Errors are clustered by place, as a place's products hang
    together. Density goes with entry for many reasons; b is a regularity, not an effect of having neighbours.

    Parameters
    ----------
    trade : Trade, Activity or Patents
        Exporter x product (or place x industry, place x technology) x year.
    from_, to : int
        First and last year.
    model : {"linear", "logit"}
        Linear probability by least squares; or a logit, without effects.
    effects : {"none", "places", "both"}
        Effects of the linear model: none, of places, of places and items.
    cluster : {"places", "both"}
        Clusters by place; or by place and by item (Cameron, Gelbach and Miller 2011).
    presence : {"advantage", "above", "positive"}
        RCA >= threshold, RCA > threshold, or a value above 0.
    threshold : float
        RCA that counts as an advantage.
    below : float, optional
        Entry only from an RCA under this at the start: 0.5, with presence="above", is the rule of Hidalgo et al. (2007). None = all that lack it.
    bins : int
        Groups of equally many cells in the plain table of rates.
    products : Sector or sequence of str, optional
        Products whose cells are counted; density is to all.
    exporters : sequence of str, optional
        Places whose cells are counted; advantage and proximity are those of all.
    value : str, optional
        What is counted; none = exports, patents, or the activity table's first value.
    sector : Sector, optional
        Count these codes as one product.
    reference : Trade, Activity or Patents, optional
        The world: advantage is in terms of it, and its places give the proximity unless `proximity` does.
    proximity : Result, optional
        What `product_proximity` returned: the world's, for regions and parks.
    draws : int
        Resamples of places for the interval of `auc_within`.
    level : float
        Confidence level, in (0, 1).
    seed : int

    Returns
    -------
    Result
        event (entry, exit), from_year, to_year, estimate, std_error, low, high, p_value, odds_ratio (logit), cells, events, rate, auc (chance that what
        happens has the higher density than what doesn't: lower for exit), auc_within (within a place) with its interval, undefined. `.rates`: by bins of density.
        `.places`: exporter (or place), from_year, to_year, could_enter, entered, had, lost, entry_rate, exit_rate.

    Raises
    ------
    EmptyTable
        No place and item is in both years.
    UnknownName
        A year, place or product that isn't there.
    WrongOption
        `to` isn't after `from_`, a logit with effects, fewer than one bin or draw, a level outside (0, 1), a `below` above the threshold.

    References
    ----------
    Hidalgo, C. A., Klinger, B., Barabasi, A.-L. & Hausmann, R. (2007). The product space conditions the development of nations. Science
    317(5837), 482-487. https://doi.org/10.1126/science.1144581
    Boschma, R., Minondo, A. & Navarro, M. (2013). The emergence of new industries at the regional level in Spain. Economic Geography 89(1),
    29-51. https://doi.org/10.1111/j.1944-8287.2012.01170.x
    Cameron, A. C., Gelbach, J. B. & Miller, D. L. (2011). Robust inference with multiway clustering. Journal of Business & Economic
    Statistics 29(2), 238-249.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> early = [("A", "wxy"), ("B", "wxy"), ("C", "wx"), ("D", "w"), ("E", "z"), ("F", "zv")]
    >>> late = [("A", "wxy"), ("B", "wxy"), ("C", "wxy"), ("D", "wx"), ("E", "zv"), ("F", "zv")]
    >>> rows = [(c, p, year, 1.0) for year, has in ((2000, early), (2010, late)) for c, all_p in has for p in all_p]
    >>> exports = pd.DataFrame(rows, columns=["exporter", "product", "year", "value"])
    >>> found = tp.competitiveness.diversification(exports, from_=2000, to=2010, presence="positive", effects="none")
    >>> found.table[["event", "cells", "events", "auc"]].values.tolist()
    [['entry', 18, 3, 1.0], ['exit', 12, 0, nan]]
    """
    _refuse(from_, to, model, effects, bins, draws, level, below, threshold)
    keys = names(trade)
    first, last = (
        presences(
            trade,
            presence=presence,
            threshold=threshold,
            value=value,
            year=year,
            sector=sector,
            reference=reference,
        )
        for year in (from_, to)
    )
    start, near = with_closeness(
        first, proximity, reference, presence=presence, threshold=threshold, sector=sector
    )[0]
    every, left_out = cells(start, last[0], density(start.there, near, diagonal=False), below=below)
    if every.empty:
        raise EmptyTable(
            f"no {keys[0]} and {keys[1]} with a density at the start is in both years", where=trade.source
        )
    who = chosen(every["place"], exporters, keys[0], trade.source)
    what = chosen(every["item"], products, keys[1], trade.source)
    table = every[every["place"].isin(who) & every["item"].isin(what)]
    heard_of: list[str] = []
    random = np.random.default_rng(np.random.SeedSequence(seed))
    parts = {event: table[table["event"] == event] for event in EVENTS}
    fits = {
        event: fit(
            part,
            model=model,
            effects=effects if model == "linear" else "none",
            two_way=cluster == "both",
            level=level,
            said=heard_of,
        )
        for event, part in parts.items()
    }
    listed = [
        _row(event, parts[event], fits[event], model)
        | order(parts[event], draws=draws, level=level, random=random)
        for event in EVENTS
    ]
    found = _ordered(pd.DataFrame(listed).assign(from_year=from_, to_year=to))
    by_bin = rates(table, bins=bins, level=level)
    if 1 < table["place"].nunique() < MANY:
        heard_of.append(
            f"with fewer than {MANY} {keys[0]}s as clusters, intervals of the regression are somewhat too narrow"
        )
    return Result.of(
        found,
        text=_text(found, by_bin, model, effects, level, keys),
        fields=_fields(keys, model),
        chart=Chart("transition_rates", {}, of="rates"),
        warnings=[*warnings_of([*first, *last], keys), *left_out, *heard_of],
        rates=by_bin,
        places=by_place(table, (from_, to)).rename(columns={"place": keys[0]}),
    )


def _refuse(
    from_: int,
    to: int,
    model: str,
    effects: str,
    bins: int,
    draws: int,
    level: float,
    below: float | None,
    threshold: float,
) -> None:
    if to <= from_:
        raise WrongOption("to is a year after from_", value=f"{from_} to {to}")
    if model == "logit" and effects != "none":
        raise WrongOption(
            "a logit takes no effects of places and items: they would bias it",
            value=effects,
            fix='effects="none", or model="linear"',
        )
    if bins < 1 or draws < 1:
        raise WrongOption("bins and draws are whole numbers, 1 or more", value=min(bins, draws))
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)
    if below is not None and not 0 < below <= threshold:
        raise WrongOption("below is an RCA above 0, up to the threshold", value=below)


def _row(event: str, part: pd.DataFrame, found: Fit, model: str) -> dict[str, object]:
    n, happened = len(part), int(part["happened"].sum())
    return {
        "event": event,
        "estimate": found.estimate,
        "std_error": found.std_error,
        "low": found.low,
        "high": found.high,
        "p_value": found.p_value,
        "odds_ratio": np.exp(found.estimate) if model == "logit" else np.nan,
        "cells": n,
        "events": happened,
        "rate": happened / n if n else np.nan,
        "undefined": found.undefined,
    }


def _ordered(table: pd.DataFrame) -> pd.DataFrame:
    columns = [
        "event", "from_year", "to_year", "estimate", "std_error", "low", "high", "p_value", "odds_ratio", "cells", "events", "rate", "auc",
        "auc_within", "auc_within_low", "auc_within_high", "undefined",
    ]  # fmt: skip
    order_of = table.assign(last=table["undefined"] != "").sort_values(["last", "event"], kind="stable")
    return order_of[columns].reset_index(drop=True)


def _text(
    found: pd.DataFrame, by_bin: pd.DataFrame, model: str, effects: str, level: float, keys: tuple[str, str]
) -> str:
    entry = found[found["event"] == "entry"].iloc[0]
    said = f"Between {entry['from_year']} and {entry['to_year']}, "
    if entry["cells"]:
        said += f"{entry['events']:,} of the {entry['cells']:,} chances to gain a new advantage were taken ({entry['rate']:.1%})"
    else:
        said += f"nothing could be gained: no {keys[0]} lacks an advantage that it could enter"
    bins = by_bin[by_bin["event"] == "entry"]
    if len(bins) > 1:
        said += (
            f": {bins['rate'].iloc[-1]:.1%} in the group of cells nearest to what the {keys[0]} had already, {bins['rate'].iloc[0]:.1%} in the "
            "farthest"
        )
    said += ". "
    for event in EVENTS:
        row = found[found["event"] == event].iloc[0]
        if not row["undefined"]:
            said += _told(row, model, effects, level, keys)
    return said + "Nearness goes with other likenesses too, so this is a regularity, not an effect."


def _told(row: pd.Series, model: str, effects: str, level: float, keys: tuple[str, str]) -> str:
    what = "a new advantage" if row["event"] == "entry" else "losing one"
    if model == "logit":
        low, high = np.exp(row["low"]), np.exp(row["high"])
        return f"A density higher by 0.1 goes with {row['odds_ratio']:.2f} times the odds of {what} ({level:.0%} interval {low:.2f} to {high:.2f}). "
    same = {
        "both": f", for the same {keys[0]} and the same {keys[1]},",
        "places": f", for the same {keys[0]},",
    }.get(effects, "")
    return (
        f"A density higher by 0.1{same} goes with {row['estimate'] * 100:+.1f} percentage points in the chance of {what} ({level:.0%} interval "
        f"{row['low'] * 100:+.1f} to {row['high'] * 100:+.1f}). "
    )


def _fields(keys: tuple[str, str], model: str) -> dict[str, Field]:
    unit = "log odds" if model == "logit" else "probability"
    return {
        "event": Field("entry: an advantage at the end, none at the start; exit: the reverse"),
        "from_year": Field("first year"),
        "to_year": Field("last year"),
        "estimate": Field("what 0.1 more density goes with", unit, 4),
        "std_error": Field("its standard error, clustered", unit, 4),
        "low": Field("lower end of the interval: of the estimate, of a bin's rate", "", 4),
        "high": Field("upper end of the interval: of the estimate, of a bin's rate", "", 4),
        "p_value": Field("two-sided p-value against 0", "", 4),
        "odds_ratio": Field(
            "odds with 0.1 more density over odds without; empty for a linear model", "ratio", 2
        ),
        "cells": Field(f"pairs of {keys[0]} and {keys[1]} in which it could happen"),
        "events": Field("in how many it happened"),
        "rate": Field("in what share it happened", "share", 3),
        "auc": Field(
            "chance that a cell where it happens has the higher density than one where it doesn't",
            "0.5 = no better than a coin",
            3,
        ),
        "auc_within": Field(f"the same for two cells of one {keys[0]}", "0.5 = no better than a coin", 3),
        "auc_within_low": Field(f"lower end of its interval, {keys[0]}s resampled", "", 3),
        "auc_within_high": Field(f"upper end of its interval, {keys[0]}s resampled", "", 3),
        "undefined": Field("why there is no estimate; empty = there is one"),
        "bin": Field("group of cells by density, 1 = farthest from what is there"),
        "density": Field("mean density of the group at the start", "share", 3),
        "density_low": Field("least density of the group", "share", 3),
        "density_high": Field("greatest density of the group", "share", 3),
        keys[0]: Field(keys[0]),
        "could_enter": Field("without an advantage at the start"),
        "entered": Field("of them, with one at the end"),
        "had": Field("with an advantage at the start"),
        "lost": Field("of them, without one at the end"),
        "entry_rate": Field("entered, share of those that could be; empty where none could", "share", 3),
        "exit_rate": Field("lost, share of those it had; empty where it had none", "share", 3),
    }
