"""Survival of exports: how long spells of comparative advantage, or of exporting at all, last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from technopole.competitiveness._matrix import names
from technopole.competitiveness._presence import Rule, presences, warnings_of
from technopole.competitiveness._selection import chosen
from technopole.competitiveness._spells import Curve, Interval, RightCensored, curve, rows_of
from technopole.errors import EmptyTable, WrongOption
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Activity, Patents, Sector, Trade

SHOWN = 5  # curves in a chart


@member
def export_survival(
    trade: Trade | Activity | Patents,
    *,
    presence: Rule = "advantage",
    threshold: float = 1.0,
    gap: int = 0,
    left_censored: Literal["drop", "keep"] = "drop",
    right_censored: RightCensored = "unseen",
    spells: Literal["all", "first"] = "all",
    by: Literal["nothing", "places", "products"] = "nothing",
    products: Sector | Sequence[str] | None = None,
    exporters: Sequence[str] | None = None,
    value: str | None = None,
    sector: Sector | None = None,
    reference: Trade | Activity | Patents | None = None,
    interval: Interval = "places",
    draws: int = 999,
    level: float = 0.95,
    seed: int = 0,
) -> Result:
    """How long countries keep an advantage in a product, or keep exporting it.

        S(t) = prod_(s <= t) (1 - d[s] / n[s])

    S(t) is the share of spells that last longer than t years (Kaplan-Meier): d[s] end after s years, n[s] lasted s years and their next year
    is seen. A spell is a run of years with RCA at the threshold or above, or with any exports, of one exporter and product. Spells that
    run already in the first year have an unknown start, and are dropped or kept as if they began then; spells that run on in the last year
    are counted as far as they are seen. A year in which an exporter has no row at all isn't seen, and is no end.

    Parameters
    ----------
    trade : Trade, Activity or Patents
        Exporter x product (or place x industry, place x technology) x year, every year.
    presence : {"advantage", "above", "positive"}
        RCA >= threshold, RCA > threshold, or a value above 0.
    threshold : float
        RCA that counts as an advantage.
    gap : int
        Interruptions of so many years or fewer don't end a spell; 1 is the correction of Besedes and Prusa.
    left_censored : {"drop", "keep"}
        What happens to spells that run already when the exporter is first seen.
    right_censored : {"unseen", "survived"}
        Whether a spell that runs on in the last year is at risk of ending after it: not, as the next year isn't seen; or at risk, and
        survived, as usual software (Stata's stset, R's survival) has it that gets lengths and a mark of censoring: for comparison, as it
        makes spells look longer.
    spells : {"all", "first"}
        All spells of an exporter and product, or the first one seen only.
    by : {"nothing", "places", "products"}
        One curve; one of each exporter; or one of the chosen `products` and one of all others.
    products : Sector or sequence of str, optional
        Products whose spells are counted; with by="products", that are compared with the others.
    exporters : sequence of str, optional
        Exporters whose spells are counted; advantage is still in terms of all.
    value : str, optional
        What is counted; none = exports, patents, or the activity table's first value.
    sector : Sector, optional
        Count these codes as one product.
    reference : Trade, Activity or Patents, optional
        The world that advantage is in terms of; none = the table's own.
    interval : {"places", "greenwood", "none"}
        Resample exporters, whose spells hang together; Greenwood's formula, as if spells were independent (taken for fewer than 15
        exporters); none.
    draws : int
        Number of resamples.
    level : float
        Confidence level, in (0, 1).
    seed : int

    Returns
    -------
    Result
        group, lived (years), survival, low, high, n (at risk), ended. `.groups`: group, spells, places, ended, dropped, first_year,
        fifth_year, median, median_low, median_high, undefined. `.spells`: exporter (or place), product, start, end, years, ended, begun, number, group.

    Raises
    ------
    TechnopoleError
        The years aren't consecutive: hazards need yearly data.
    EmptyTable
        There is no spell whose start is seen.
    WrongOption
        by="products" without products, a level outside (0, 1), a negative gap, no draws.

    References
    ----------
    Besedes, T. & Prusa, T. J. (2006). Ins, outs, and the duration of trade. Canadian Journal of Economics 39(1), 266-295.
    Kaplan, E. L. & Meier, P. (1958). Nonparametric estimation from incomplete observations. Journal of the American Statistical Association
    53(282), 457-481.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> rows = {"exporter": list("AAABBBB"), "product": list("xxyxyyy"), "year": [2001, 2002, 2000, 2001, 2000, 2001, 2002]}
    >>> exports = pd.DataFrame(rows).assign(value=1)
    >>> found = tp.competitiveness.export_survival(exports, presence="positive")
    >>> found.table[["lived", "survival", "n"]].values.tolist()
    [[0.0, 1.0, 2.0], [1.0, 0.5, 2.0]]
    """
    _refuse(level, gap, draws, by, products)
    keys = names(trade)
    years = presences(
        trade, presence=presence, threshold=threshold, value=value, sector=sector, reference=reference
    )
    every = _grouped(
        rows_of(years, gap=gap, keys=keys),
        keys,
        by,
        products,
        exporters,
        trade.source,
        presence != "positive",
    )
    if spells == "first":
        every = every[every["number"] == 1]
    counted = every if left_censored == "keep" else every[every["begun"]]
    if counted.empty:
        raise EmptyTable(
            "there is no spell whose start is seen", where=trade.source, fix='left_censored="keep" takes all'
        )
    random = np.random.default_rng(np.random.SeedSequence(seed))
    curves = {
        str(group): curve(
            part,
            keys[0],
            interval=interval,
            draws=draws,
            level=level,
            random=random,
            right_censored=right_censored,
        )
        for group, part in counted.groupby("group", sort=True)
    }
    table = pd.concat([found.rows.assign(group=group) for group, found in curves.items()], ignore_index=True)
    table = table[["group", "lived", "survival", "low", "high", "n", "ended"]]
    groups = _groups(every, counted, curves, keys[0])
    largest = groups.nlargest(SHOWN, "spells", keep="first")["group"]
    said = sorted({said for found in curves.values() for said in found.warnings})
    if left_censored == "keep":
        said.append(
            "spells that run already in the first year are counted as if they began then: they last longer than it seems"
        )
    if right_censored == "survived":
        said.append(
            "spells that run on in the last year count as surviving it, though the next year isn't seen: shares are too high"
        )
    return Result.of(
        table,
        text=_text(groups, presence, interval, level, by, left_censored),
        fields=_fields(keys),
        chart=Chart(
            "survival_curves",
            {"by": "group", "axis": "years", "share": "spells that last longer"},
            of="largest",
        ),
        warnings=[*warnings_of(years, keys), *said],
        groups=groups,
        spells=every.reset_index(drop=True),
        largest=table[table["group"].isin(largest)],
    )


def _refuse(level: float, gap: int, draws: int, by: str, products: object) -> None:
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)
    if gap < 0:
        raise WrongOption("gap is a number of years, 0 or more", value=gap)
    if draws < 1:
        raise WrongOption("draws is a number of resamples, 1 or more", value=draws)
    if by == "products" and products is None:
        raise WrongOption('by="products" compares products with the others', fix="name them with products=")


def _grouped(
    rows: pd.DataFrame,
    keys: tuple[str, str],
    by: str,
    products: Sector | Sequence[str] | None,
    exporters: Sequence[str] | None,
    source: str,
    advantage: bool,
) -> pd.DataFrame:
    """Keep the spells asked for, and say which curve each belongs to."""
    place, item = keys
    if rows.empty:
        raise EmptyTable("there is no spell at all", where=source)
    rows = rows[rows[place].isin(chosen(rows[place], exporters, place, source))]
    mine = rows[item].isin(chosen(rows[item], products, item, source))
    if by == "products":
        name = products.name if isinstance(products, Sector) else f"the {item} chosen"
        return rows.assign(group=np.where(mine, name, "all others"))
    rows = rows[mine]
    everything = "spells of advantage" if advantage else "spells of exporting"
    return rows.assign(group=rows[place] if by == "places" else everything)


def _groups(every: pd.DataFrame, counted: pd.DataFrame, curves: dict[str, Curve], place: str) -> pd.DataFrame:
    listed: list[dict[str, object]] = []
    for group, part in every.groupby("group", sort=True):
        kept, found = counted[counted["group"] == group], curves.get(str(group))
        after = found.rows.set_index("lived")["survival"] if found else pd.Series(dtype=float)
        listed.append(
            {
                "group": group,
                "spells": len(kept),
                "places": kept[place].nunique(),
                "ended": int(kept["ended"].sum()),
                "dropped": len(part) - len(kept),
                "first_year": after.get(1, np.nan),
                "fifth_year": after.get(5, np.nan),
                "median": found.median if found else np.nan,
                "median_low": found.median_low if found else np.nan,
                "median_high": found.median_high if found else np.nan,
                "undefined": "" if found else "no spell whose start is seen",
            }
        )
    groups = pd.DataFrame(listed)
    return groups.assign(last=groups["undefined"] != "").sort_values(["last", "group"]).drop(columns="last")


def _text(
    groups: pd.DataFrame, presence: str, interval: str, level: float, by: str, left_censored: str
) -> str:
    known = groups[groups["undefined"] == ""]
    top = known.nlargest(1, "spells", keep="first").iloc[0]
    what = "exports" if presence == "positive" else "advantage"
    half = (
        f"half have ended after {_years(top['median'])}{_span(top, interval, level)}"
        if np.isfinite(top["median"])
        else "fewer than half are seen to end"
    )
    later = f" and {top['fifth_year']:.0%} their fifth" if np.isfinite(top["fifth_year"]) else ""
    whose = "" if by == "nothing" else f" of {top['group']}"
    whose += " whose start is seen" if left_censored == "drop" else ""
    said = (
        f"Of {top['spells']:,} spells of {what}{whose}, {top['first_year']:.0%} outlast their first year{later}; {half}. "
        if np.isfinite(top["first_year"])
        else f"Of {top['spells']:,} spells of {what}{whose}, none is seen long enough to tell how long they last. "
    )
    if len(known) > 1:
        best = known.dropna(subset="first_year").sort_values(["first_year", "group"], ascending=[False, True])
        if len(best) > 1:
            said += (
                f"The first year is outlasted most often in {best['group'].iloc[0]} ({best['first_year'].iloc[0]:.0%}), least in "
                f"{best['group'].iloc[-1]} ({best['first_year'].iloc[-1]:.0%}). "
            )
    if not top["dropped"]:
        return said.rstrip()
    return (
        said + f"{top['dropped']:,} spells that ran already when first seen are left out, long ones mostly."
    )


def _years(value: float) -> str:
    return f"{value:.0f} year{'' if value == 1 else 's'}"


def _span(row: pd.Series, interval: str, level: float) -> str:
    if interval == "none" or not np.isfinite(row["median_low"]):
        return ""
    high = f"{row['median_high']:.0f}" if np.isfinite(row["median_high"]) else "no upper end"
    return f" ({level:.0%} interval {row['median_low']:.0f} to {high})"


def _fields(keys: tuple[str, str]) -> dict[str, Field]:
    return {
        "group": Field("whose spells"),
        "lived": Field("years since the spell began", "years"),
        "survival": Field("share of spells that last longer than that (Kaplan-Meier)", "share", 3),
        "low": Field("lower end of the interval", "share", 3),
        "high": Field("upper end of the interval", "share", 3),
        "n": Field("spells that lasted so long and whose next year is seen", "spells"),
        "ended": Field("ended after that year; of one spell: whether it was seen to end", "spells"),
        "spells": Field("spells counted"),
        "places": Field("exporters they are of"),
        "dropped": Field("spells not counted, as they ran already when first seen"),
        "first_year": Field("share that outlast their first year", "share", 3),
        "fifth_year": Field("share that outlast their fifth year", "share", 3),
        "median": Field("years after which half have ended; empty = half are never seen to", "years"),
        "median_low": Field("lower end of its interval", "years"),
        "median_high": Field("upper end of its interval; empty = none", "years"),
        "undefined": Field("why there is no curve; empty = there is one"),
        keys[0]: Field(keys[0]),
        keys[1]: Field(keys[1]),
        "start": Field("first year of the spell"),
        "end": Field("last year of the spell, or last year seen"),
        "years": Field("years it lasts, as far as seen", "years"),
        "begun": Field("whether it was seen to begin"),
        "number": Field("first, second ... spell of this exporter and product"),
    }
