"""Measures on County Business Patterns (NAICS 6-digit, 2019), reading included where it says so; against plain pandas and NumPy."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from harness import SHARED, measure, row

import technopole as tp
from technopole import measures
from technopole.kernels import coagglomeration as kernel

SOURCE = SHARED / "us-county-business-patterns" / "cbp_county_naics6_2017_2021.parquet"
READ = tp.read_activity  # loads the readers and the engine before the clock starts
tp.connect()
COLUMNS = {"place": "fips", "industry": "naics", "employment": "emp", "establishments": "est"}


def run(size: float = 1.0) -> list[dict[str, object]]:
    """`size` below 1 keeps that share of the counties."""
    if not SOURCE.is_file():
        print("measures: the county business patterns aren't in ../shared/data", file=sys.stderr)
        return []
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "cbp_2019.parquet")
        cells = pd.read_parquet(SOURCE, filters=[("year", "=", 2019)])
        counties = sorted(set(cells["fips"]))
        cells = cells[cells["fips"].isin(counties[: round(len(counties) * size)])]
        cells.to_parquet(path, index=False)
        shares = str(Path(folder) / "shares.npy")
        np.save(shares, _shares(500, round(3000 * size)))
        most = [str(code) for code in cells["naics"].value_counts().head(500).sort_index().index]
        part = str(Path(folder) / "cbp_500.parquet")
        cells[cells["naics"].isin(most)].to_parquet(part, index=False)
        return [*_quotients(path, cells), *_pairs(shares), *_table_pairs(part)]


def _quotients(path: str, cells: pd.DataFrame) -> list[dict[str, object]]:
    job = f"read Parquet, LQ with intervals and Ellison-Glaeser: {len(cells):,} cells, {cells['naics'].nunique()} industries"
    ours = measure(technopole_quotients, path=path)
    peer = measure(pandas_quotients, path=path)
    lq = np.nanmax(np.abs(ours.value["lq"] - peer.value["lq"]) / np.maximum(peer.value["lq"], 1))
    gamma = np.nanmax(np.abs(ours.value["gamma"] - peer.value["gamma"]))
    said = f"largest difference from pandas: LQ {lq:.0e} relative, gamma {gamma:.0e}"
    return [
        row(job, "technopole", ours, accuracy=said, goal="<= 5 s wall", met=ours.wall_s <= 5),
        row(job, f"pandas {pd.__version__}, no intervals, no z", peer),
    ]


def technopole_quotients(path: str) -> dict[str, Any]:
    activity = READ(path, columns=COLUMNS)
    lq = measures.location_quotient(activity).table.sort_values(["industry", "place"])
    gamma = measures.ellison_glaeser(activity).table.sort_values("industry")
    return {"lq": lq["location_quotient"].to_numpy(), "gamma": gamma["gamma"].to_numpy()}


def pandas_quotients(path: str) -> dict[str, Any]:
    cells = pd.read_parquet(path).rename(columns={theirs: ours for ours, theirs in COLUMNS.items()})
    by_place = cells.groupby("place")["employment"].transform("sum")
    by_industry = cells.groupby("industry")["employment"].transform("sum")
    total = cells["employment"].sum()
    cells["lq"] = (cells["employment"] / by_place) / (by_industry / total)
    x = cells.groupby("place")["employment"].sum() / total
    wide = cells.pivot(index="place", columns="industry", values="employment").fillna(0)
    g = (wide / wide.sum()).sub(x, axis=0).pow(2).sum()
    plants = cells[cells["employment"] > 0].astype({"employment": "float64"})
    h = (plants["employment"] ** 2 / plants["establishments"]).groupby(plants["industry"]).sum()
    h /= wide.sum() ** 2
    free = 1 - (x**2).sum()
    gamma = ((g - free * h) / (free * (1 - h))).where(h < 1)
    return {
        "lq": cells.sort_values(["industry", "place"])["lq"].to_numpy(),
        "gamma": gamma.sort_index().to_numpy(),
    }


def _pairs(shares: str) -> list[dict[str, object]]:
    places, industries = np.load(shares, mmap_mode="r").shape
    job = (
        f"coagglomeration of all pairs, from arrays: {industries} industries x {places:,} places (best of 3)"
    )
    ours = measure(technopole_pairs, repeat=3, shares=shares)
    peer = measure(numpy_pairs, shares=shares)
    worst = np.abs(ours.value - peer.value).max()
    return [
        row(
            job,
            "technopole",
            ours,
            accuracy=f"largest difference from the loop {worst:.0e}",
            goal="<= 1 s CPU",
            met=ours.cpu_s <= 1,
        ),
        row(job, f"NumPy {np.__version__}, loop over pairs", peer),
    ]


def technopole_pairs(shares: str) -> np.ndarray:
    s = np.load(shares)
    return kernel.pairwise(s, s.mean(axis=1)).index[np.triu_indices(s.shape[1], 1)]


def numpy_pairs(shares: str) -> np.ndarray:
    s = np.load(shares)
    x = s.mean(axis=1)
    free = 1 - (x**2).sum()
    n = s.shape[1]
    return np.array([((s[:, i] - x) * (s[:, j] - x)).sum() / free for i in range(n) for j in range(i + 1, n)])


def _table_pairs(path: str) -> list[dict[str, object]]:
    cells = pd.read_parquet(path)
    job = (
        f"read Parquet, coagglomeration of all pairs with intervals: {cells['naics'].nunique()} industries x "
        f"{cells['fips'].nunique():,} counties, {len(cells):,} cells (best of 3)"
    )
    ours = measure(technopole_table_pairs, repeat=3, path=path)
    peer = measure(pandas_pairs, path=path)
    worst = np.abs(ours.value - peer.value).max()
    return [
        row(
            job,
            "technopole",
            ours,
            accuracy=f"largest difference from the loop {worst:.0e}",
            goal="<= 1 s CPU",
            met=ours.cpu_s <= 1,
        ),
        row(job, f"pandas {pd.__version__} and a loop over pairs, no intervals", peer),
    ]


def technopole_table_pairs(path: str) -> np.ndarray:
    activity = READ(path, columns=COLUMNS)
    return measures.coagglomeration(activity).table["coagglomeration"].to_numpy()


def pandas_pairs(path: str) -> np.ndarray:
    wide = pd.read_parquet(path).pivot(index="fips", columns="naics", values="emp").fillna(0)
    s = (wide / wide.sum()).to_numpy()
    x = s.mean(axis=1)
    free = 1 - (x**2).sum()
    n = s.shape[1]
    return np.array([((s[:, i] - x) * (s[:, j] - x)).sum() / free for i in range(n) for j in range(i + 1, n)])


def _shares(industries: int, places: int) -> np.ndarray:
    shares = np.random.default_rng(1).gamma(0.2, size=(places, industries))
    return shares / shares.sum(axis=0)
