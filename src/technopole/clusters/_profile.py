"""What a cluster holds: establishments, jobs, its location quotient with an interval, its industries, its first year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from technopole.clusters._ground import COUNTS, Ground
from technopole.engine import sql
from technopole.kernels import location_quotient as kernel

SUMS = ("value", *COUNTS)


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
    average = np.nan if lone else mine / whole
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
    """First year from which on the cluster's places, taken together, have an interval above 1 in every year."""
    clusters = pd.Index(sorted(inside["cluster"].unique()), name="cluster")
    if len(ground.years) == 1:
        return pd.DataFrame(
            {"born": pd.array([None] * len(clusters), "Int64"), "born_note": "one year of data"},
            index=clusters,
        )
    above = pd.DataFrame(False, index=clusters, columns=list(ground.years))
    for year in ground.years:
        now, everywhere = inside[inside["year"] == year], nation[nation["year"] == year]
        if len(now) and float((everywhere["value"] * everywhere["share"]).sum()) > 0:
            low = _figures(now, everywhere, ground, level)["low"]
            above.loc[low.index, year] = low > 1
    sustained = above.iloc[:, ::-1].cumprod(axis=1).sum(axis=1).to_numpy(int)
    first = [ground.years[-count] if count else None for count in sustained]
    note = np.select(
        [sustained == 0, sustained == len(ground.years)],
        [
            f"its places together aren't surely above the average in {ground.year}",
            f"{ground.years[0]} or before: the data begin then",
        ],
        default="",
    )
    return pd.DataFrame({"born": pd.array(first, "Int64"), "born_note": note}, index=clusters)


def _mine(inside: pd.DataFrame, by: str, names: list[str]) -> pd.DataFrame:
    """Sums of the sector's share, null where nothing is known."""
    weighted = inside[names].astype("float64").mul(inside["share"], axis=0)
    return weighted.groupby(inside[by]).sum(min_count=1)
