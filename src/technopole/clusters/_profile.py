"""What a cluster holds: establishments, jobs, its location quotient with an interval, its industries, its first year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from technopole.clusters._ground import COUNTS, Ground
from technopole.engine import sql
from technopole.kernels import location_quotient as kernel
from technopole.kernels import onset

SUMS = ("value", *COUNTS)
THRESHOLD, SUSTAINED = 1.25, 3  # as in emergence


@dataclass(frozen=True, slots=True)
class Profile:
    """`clusters`: one row per cluster; `industries`: one per cluster and industry; `sites`: one per cluster and site.

    `average` is the share of the industry or sector in all that is counted (null where there is nothing else).
    """

    clusters: pd.DataFrame
    industries: pd.DataFrame
    sites: pd.DataFrame
    average: float


def profile(ground: Ground, members: pd.DataFrame, *, level: float) -> Profile:
    """Count what is at the clusters' sites (`members`: cluster, site)."""
    inside, nation, sites = _counted(ground, members)
    now, everywhere = inside[inside["year"] == ground.year], nation[nation["year"] == ground.year]
    clusters = _figures(now, everywhere, ground, level)
    born = _born(inside, nation, ground, level)
    mine, whole, lone = _totals(everywhere)
    average = np.nan if lone or not whole else mine / whole
    return Profile(clusters.join(born), _industries(now, everywhere, level), sites, average)


def _counted(ground: Ground, members: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    cells = ground.cells.filter(ground.cells.year <= ground.year)
    rules = sql.memtable(pa.table({"code": list(ground.shares), "share": list(ground.shares.values())}))
    cells = cells.left_join(rules, cells.industry == rules.code).drop("code")
    cells = cells.mutate(share=sql.coalesce(cells.share, 0.0))
    total = {name: cells[name].sum() for name in SUMS}
    nation = cells.group_by(["industry", "year"]).agg(share=cells.share.max(), **total)
    chosen = sql.memtable(
        pa.table(
            {
                "cluster": pa.array(members["cluster"], pa.int64()),
                "at": pa.array(members["site"], pa.string()),
            }
        )
    )
    rows = cells.inner_join(chosen, cells.site == chosen.at)
    total = {name: rows[name].sum() for name in SUMS}
    inside = rows.group_by(["cluster", "industry", "year"]).agg(share=rows.share.max(), **total)
    here = rows.filter(rows.year == ground.year).order_by(["cluster", "site", "industry"])
    sites = here.group_by(["cluster", "site"]).agg(
        all=here.value.sum(), **{name: (here[name] * here.share).sum() for name in SUMS}
    )
    fetched = [
        expr.order_by(list(by)).to_pyarrow().to_pandas()
        for expr, by in (
            (inside, ("cluster", "year", "industry")),
            (nation, ("year", "industry")),
            (sites, ("cluster", "site")),
        )
    ]
    return fetched[0], fetched[1], fetched[2]


def _figures(inside: pd.DataFrame, nation: pd.DataFrame, ground: Ground, level: float) -> pd.DataFrame:
    """Per cluster: the industry's or sector's sums, and its location quotient with an interval."""
    rows = _mine(inside, "cluster", [*SUMS])
    rows["all"] = inside.groupby("cluster")["value"].sum()
    mine, whole, lone = _totals(nation)
    rows = rows.join(_quotients(rows["value"], rows["all"], mine, whole, level).set_axis(rows.index))
    rows["undefined"] = "the table holds nothing but this industry, so there is no quotient" if lone else ""
    rows.loc[
        :, ["location_quotient", "low", "high"] if lone else ([] if ground.counted else ["low", "high"])
    ] = np.nan
    return rows


def _totals(nation: pd.DataFrame) -> tuple[float, float, bool]:
    """The industry's or sector's total, that of everything, and whether there is nothing else."""
    return (
        float((nation["value"] * nation["share"]).sum()),
        float(nation["value"].sum()),
        bool((nation["share"] >= 1).all()),
    )


def _industries(inside: pd.DataFrame, nation: pd.DataFrame, level: float) -> pd.DataFrame:
    whole = nation.set_index("industry")["value"]
    rows = inside[inside["value"] > 0].reset_index(drop=True)
    place = rows["cluster"].map(inside.groupby("cluster")["value"].sum())
    industry = rows["industry"].map(whole)
    rows = rows.join(_quotients(rows["value"], place, industry, float(whole.sum()), level))
    rows = rows.rename(columns={"share": "in_sector"})
    rows = rows.sort_values(
        ["cluster", "value", "industry"], ascending=[True, False, True], ignore_index=True
    )
    return rows[
        [
            "cluster",
            "industry",
            "in_sector",
            "employment",
            "establishments",
            "value",
            "location_quotient",
            "low",
            "high",
        ]
    ]


def _quotients(
    x: pd.Series, place: pd.Series, industry: pd.Series | float, whole: float, level: float
) -> pd.DataFrame:
    """Location quotient with the Wilson interval of the share here, the nation's share being given."""
    arrays = [
        np.broadcast_to(np.asarray(part, dtype=np.float64), (len(x),)) for part in (x, place, industry, whole)
    ]
    counts = kernel.Counts.of_totals(*arrays)
    found = kernel.sampling("wilson", counts, counts, level)
    return pd.DataFrame(
        {"location_quotient": kernel.quotient(*arrays), "low": found.low, "high": found.high}, index=x.index
    )


def _born(inside: pd.DataFrame, nation: pd.DataFrame, ground: Ground, level: float) -> pd.DataFrame:
    """First year of `emergence` (its defaults): the cluster's places, taken together, are significantly above for years running."""
    clusters = pd.Index(sorted(inside["cluster"].unique()), name="cluster")
    years = ground.years
    mine = _mine(nation, "year", [*SUMS])
    jobs = ground.value == "employment"
    per_value = (mine["establishments"] if jobs else mine["value"]).div(mine["value"])
    why = ""
    if len(years) < SUSTAINED:
        why = f"{len(years)} {'year' if len(years) == 1 else 'years'} of data, {SUSTAINED} running are needed"
    elif not ground.counted:
        why = "what isn't a count can't be tested"
    elif per_value.isna().all():
        why = "jobs can be tested only where establishments are known"
    if why:
        return pd.DataFrame(
            {"born": pd.array([None] * len(clusters), "Int64"), "born_note": why}, index=clusters
        )
    above = pd.DataFrame(False, index=clusters, columns=list(years))
    for year in years:
        now = inside[inside["year"] == year]
        x, here = _mine(now, "cluster", ["value"])["value"].fillna(0.0), now.groupby("cluster")["value"].sum()
        cases = np.full(len(x), mine.loc[year, "value"] * per_value[year])
        share = (here / float(nation.loc[nation["year"] == year, "value"].sum())).to_numpy("float64")
        known = (cases > 0) & (share > 0) & (share * THRESHOLD < 1)
        units = (x * per_value[year]).to_numpy("float64")
        found = onset.yearly(units[known], cases[known], share[known], THRESHOLD, level)
        above.loc[x.index[known], year] = found.above
    start = onset.first_run(above.to_numpy(bool), SUSTAINED)
    never = f"in no {SUSTAINED} years running significantly above {THRESHOLD:g} times the average"
    note = np.select(
        [start < 0, start == 0], [never, f"{years[0]} or before: the data begin then"], default=""
    )
    first = [None if at < 0 else years[at] for at in start.tolist()]
    return pd.DataFrame({"born": pd.array(first, "Int64"), "born_note": note}, index=clusters)


def _mine(inside: pd.DataFrame, by: str, names: list[str]) -> pd.DataFrame:
    """Sums of the sector's share, null where nothing is known."""
    weighted = inside[names].astype("float64").mul(inside["share"], axis=0)
    return weighted.groupby(inside[by]).sum(min_count=1)
