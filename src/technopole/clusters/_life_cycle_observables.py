"""What speaks for a stage, read from yearly tables: levels, growth, entry, variety of technologies, rebound."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from technopole.clusters._life_cycle_scheme import Scheme
from technopole.clusters._panel import Members, panel
from technopole.engine import sql
from technopole.errors import MissingColumn
from technopole.kernels import entropy, proportion
from technopole.kernels.hidden_markov import Series
from technopole.tables import Activity, Patents, Sector

Floats = npt.NDArray[np.float64]
SIZES = ("establishments", "employment")
FLOWS = ("entries", "exits")


def yearly_counts(
    members: Members, activity: Activity, sector: Sector | None, industry: str | None, level: float
) -> pd.DataFrame:
    """Return one row per cluster and year with the counts there are, and the location quotient with its exact interval.

    Raises
    ------
    MissingColumn
        The table counts neither establishments nor employment.
    """
    there = [name for name in SIZES if name in activity.values]
    if not there:
        raise MissingColumn(
            "stages are read from establishments or employment", where=activity.source, exists=activity.values
        )
    first = panel(members, activity, there[0], sector, industry)
    table = first[["number", "cluster", "year"]].copy()
    table["location_quotient"], table["low"], table["high"] = _quotient(first, level, there[0] == SIZES[0])
    for name in (*there, *(flow for flow in FLOWS if flow in activity.values)):
        rows = first if name == there[0] else panel(members, activity, name, sector, industry)
        table[name], table[f"{name}_nation"] = rows["mine"], rows["nation"]
    for name in (*SIZES, *FLOWS):
        if name not in table:
            table[name] = table[f"{name}_nation"] = np.nan
    return table


def _quotient(rows: pd.DataFrame, level: float, tested: bool) -> tuple[Floats, Floats, Floats]:
    """Quotient, with an interval where establishments are counted: jobs come in plants and have none."""
    mine, nation = rows["mine"].to_numpy("float64"), rows["nation"].to_numpy("float64")
    with np.errstate(divide="ignore", invalid="ignore"):
        share = rows["here"].to_numpy("float64") / rows["all"].to_numpy("float64")
        known = (nation > 0) & (share > 0)
        found = proportion.exact(mine, nation, level)
        ends = [np.where(known & tested, end / share, np.nan) for end in (found.low, found.high)]
        return np.where(known, mine / nation / share, np.nan), ends[0], ends[1]


def technologies(members: Members, patents: Patents) -> pd.DataFrame:
    """Return the clusters' patents: number, technology, year, patents.

    Raises
    ------
    MissingColumn
        The table has no column `patents`.
    """
    patents.require("patents")
    rows = sql.memtable(pa.table({"number": members.places["number"], "place": members.places["place"]}))
    joined = rows.inner_join(
        patents.expr.select("place", "technology", "year", patents=patents.expr.patents.cast("float64")),
        "place",
    )
    held = joined.group_by(["number", "technology", "year"]).agg(patents=joined.patents.sum())
    return held.order_by(["number", "year", "technology"]).to_pyarrow().to_pandas()


def of_patents(
    held: pd.DataFrame, years: npt.NDArray[np.int64], classes: int, settings: Mapping[str, float]
) -> pd.DataFrame:
    """Return heterogeneity, its variance, its rise in standard errors and the share of new classes, one row per year."""
    window, least = int(settings["patent_window"]), settings["min_patents"]
    wide = held.pivot_table(
        index="year", columns="technology", values="patents", aggfunc="sum", fill_value=0.0
    )
    rows: list[dict[str, float]] = []
    for year in years:
        inside = (wide.index > year - window) & (wide.index <= year)
        now, before = (
            wide[inside].sum().to_numpy("float64"),
            wide[wide.index <= year - window].sum().to_numpy("float64"),
        )
        row: dict[str, float] = {"heterogeneity": np.nan, "variance": np.nan, "new_classes": np.nan}
        if now.sum() >= least:
            found = entropy.heterogeneity(now, classes)
            row |= {"heterogeneity": float(found.value), "variance": float(found.variance)}
            if before.sum() >= least:
                row["new_classes"] = 100 * float(entropy.new_share(now, before))
        rows.append(row)
    table = pd.DataFrame(rows, index=pd.Index(years, name="year"))
    back = [_back(years, t, window, settings["growth_span"]) for t in range(len(years))]
    het, noise = table["heterogeneity"].to_numpy(), table["variance"].to_numpy()
    table["heterogeneity_rise"] = [
        np.nan if s is None else (het[t] - het[s]) / np.sqrt(max(noise[t] + noise[s], 1e-12))
        for t, s in enumerate(back)
    ]
    return table


def _back(years: npt.NDArray[np.int64], t: int, least: float, most: float) -> int | None:
    """Return the position of the year furthest back, at least `least` and at most `most` years."""
    gaps = years[t] - years[:t]
    fit = np.flatnonzero((gaps >= least) & (gaps <= most))
    return int(fit[0]) if len(fit) else None


def _relative(own: pd.DataFrame, name: str) -> Floats:
    """Return the log of the cluster's share of the industry, in points (100 = a factor of e)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = 100 * np.log(own[name].to_numpy("float64") / own[f"{name}_nation"].to_numpy("float64"))
    return np.where(np.isfinite(share), share, np.nan)


def _growth(level: Floats, years: npt.NDArray[np.int64], settings: Mapping[str, float]) -> Floats:
    """Return growth a year over up to `growth_span` years, of a level in points."""
    found = np.full(len(years), np.nan)
    for t in range(len(years)):
        s = _back(years, t, settings["min_span"], settings["growth_span"])
        if s is not None:
            found[t] = (level[t] - level[s]) / (years[t] - years[s])
    return found


def readings(own: pd.DataFrame, patents: pd.DataFrame | None, settings: Mapping[str, float]) -> pd.DataFrame:
    """Return what the rules look at, one row per year of one cluster."""
    years = own["year"].to_numpy("int64")
    table = own[["year", "establishments", "employment", "location_quotient", "low", "high"]].copy()
    for name in SIZES:
        table[f"{name.removesuffix('s')}_growth"] = _growth(_relative(own, name), years, settings)
    main = "employment" if own["employment"].notna().any() else "establishments"
    pace = table[f"{main.removesuffix('s')}_growth"].to_numpy()
    table["years_slower"] = np.where(np.isnan(pace), np.nan, _running(pace < settings["slower"]))
    table["rebound"] = _rebound(_relative(own, main), settings["min_fall"])
    table["entry_rate"], table["net_entry"] = _flows(own, settings)
    for name in ("heterogeneity", "heterogeneity_rise", "new_classes"):
        table[name] = np.nan if patents is None else patents[name].to_numpy()
    return table


def _running(flags: npt.NDArray[np.bool_]) -> Floats:
    found, count = np.zeros(len(flags)), 0
    for t, flag in enumerate(flags):
        count = count + 1 if flag else 0
        found[t] = count
    return found


def _rebound(level: Floats, fall: float) -> Floats:
    """Return percent above the lowest since a fall of at least `fall` percent from an earlier peak; 0 without a fall."""
    found, peak, low = np.full(len(level), np.nan), -np.inf, np.inf
    least = -100 * np.log1p(-fall / 100)
    for t, value in enumerate(level):
        if np.isnan(value):
            continue
        peak = max(peak, value)
        if value <= peak - least:
            low = min(low, value)
        if t >= 3:
            found[t] = 0.0 if low == np.inf else 100 * np.expm1((value - low) / 100)
    return found


def _flows(own: pd.DataFrame, settings: Mapping[str, float]) -> tuple[Floats, Floats]:
    """Return entry rate and net entry, percent of establishments a year; without exits, net entry is growth of the number."""
    number, years = own["establishments"].to_numpy("float64"), own["year"].to_numpy("int64")
    entries, exits = (own[name].to_numpy("float64") for name in FLOWS)
    with np.errstate(divide="ignore", invalid="ignore"):
        base = np.where(number > 0, number, np.nan)
        growth = _growth(100 * np.log(base), years, settings)
        net = 100 * (entries - exits) / base
        return 100 * entries / base, np.where(np.isnan(net), growth, net)


def series(own: pd.DataFrame, patents: pd.DataFrame | None, scheme: Scheme) -> Series:
    """Return what the hidden Markov model looks at, year by year, and the variance that chance alone gives it."""
    said, years = scheme.settings, own["year"].to_numpy("float64")
    number, jobs = own["establishments"].to_numpy("float64"), own["employment"].to_numpy("float64")
    plants = np.where(np.isnan(number), jobs / said["plant_size"], number)
    gap = np.diff(years, prepend=np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.where(plants > 0, plants, np.nan)
        pairs = 2 / (1 / size + 1 / np.concatenate([[np.nan], size[:-1]]))
        chance = 1e4 * 2 * said["turnover"] / pairs / gap
        quotient = np.log(own["location_quotient"].to_numpy("float64"))
        columns = {
            "employment_change": (_step(_relative(own, "employment"), gap), said["lumpiness"] * chance),
            "establishment_change": (_step(_relative(own, "establishments"), gap), chance),
            "log_quotient": (np.where(np.isfinite(quotient), quotient, np.nan), 1 / size),
            "log_size": (np.log(size), np.zeros(len(years))),
            "entry_rate": (_flows(own, said)[0], 1e4 * said["turnover"] / size),
        }
    nothing = np.full(len(years), np.nan)
    het = nothing if patents is None else patents["heterogeneity"].to_numpy()
    noise = nothing if patents is None else patents["variance"].to_numpy()
    columns["heterogeneity"] = (het, noise)
    columns["heterogeneity_change"] = (
        _step(het, gap),
        (noise + np.concatenate([[np.nan], noise[:-1]])) / said["patent_window"] / gap**2,
    )
    value = np.column_stack([columns[name][0] for name in scheme.observables])
    spread = np.column_stack([columns[name][1] for name in scheme.observables])
    value = np.where(np.isnan(spread), np.nan, value)
    return Series(value, np.nan_to_num(spread))


def _step(level: Floats, gap: Floats) -> Floats:
    return np.diff(level, prepend=np.nan) / gap
