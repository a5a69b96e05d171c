"""Reads, validates and aggregates establishments from CSV (10 million rows at size 1), against plain DuckDB and pandas, which check nothing."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from harness import measure, row

ROWS = 10_000_000
PLACES, INDUSTRIES = 3_100, 700
COLUMNS = "establishment_id, firm, name, industry, employment, longitude, latitude, place, opened, year"


def run(size: float = 1.0) -> list[dict[str, object]]:
    """`size` is the share of 10^7 rows."""
    rows = round(ROWS * size)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "establishments.csv")
        write_establishments(path, rows)
        megabytes = Path(path).stat().st_size / 1e6
        job = f"read, validate, aggregate by place and industry: {rows:,} establishments ({megabytes:,.0f} MB CSV)"
        ours = measure(technopole_jobs, path=path)
        floor = measure(duckdb_jobs, path=path)
        peer = measure(pandas_jobs, path=path)
    same = all(np.array_equal(ours.value[name], floor.value[name]) for name in ("place", "industry", "jobs"))
    said = "same sums as DuckDB" if same else "sums DIFFER from DuckDB"
    met = ours.wall_s <= 60 and ours.peak_mb <= 1024
    return [
        row(job, "technopole", ours, accuracy=said, goal="<= 60 s wall, <= 1 GiB", met=met),
        row(job, f"DuckDB {duckdb.__version__}, no checks", floor),
        row(job, f"pandas {pd.__version__}, no checks", peer),
    ]


def write_establishments(path: str, rows: int) -> None:
    """Write a register: ids and codes with leading zeros, names with commas, degrees, years."""
    with duckdb.connect() as con:
        con.execute(
            f"""COPY (
              SELECT 'E' || lpad(i::VARCHAR, 9, '0') AS establishment_id, 'F' || lpad((i // 3)::VARCHAR, 8, '0') AS firm,
                'Works ' || (i * 7919 % 100000) || ', Ltd' AS name,
                lpad((i * 7919 % {INDUSTRIES})::VARCHAR, 4, '0') AS industry, i * 31 % 250 AS employment,
                round((i * 97 % 3600000) / 10000.0 - 179.99995, 5) AS longitude,
                round((i * 89 % 1600000) / 10000.0 - 79.99995, 5) AS latitude,
                lpad((i * 13 % {PLACES})::VARCHAR, 5, '0') AS place, 1980 + i % 40 AS opened, 2019 AS year
              FROM range({rows}) AS t(i)) TO '{path}' (HEADER)"""
        )


def technopole_jobs(path: str) -> dict[str, np.ndarray]:
    """Everything a user gets: every cell checked, keys unique, coordinates possible."""
    import technopole as tp

    table = tp.read_establishments(path).expr
    sums = table.group_by(["place", "industry"]).agg(jobs=table.employment.sum())
    return _plain(sums.order_by(["place", "industry"]).to_pandas())


def duckdb_jobs(path: str) -> dict[str, np.ndarray]:
    """The floor: DuckDB reads the columns it needs, as text or numbers, and adds up."""
    with duckdb.connect() as con:
        scan = f"read_csv('{path}', types = {{'place': 'VARCHAR', 'industry': 'VARCHAR'}})"
        return _plain(
            con.execute(
                f"SELECT place, industry, sum(employment)::BIGINT AS jobs FROM {scan} GROUP BY ALL ORDER BY ALL"
            ).df()
        )


def pandas_jobs(path: str) -> dict[str, np.ndarray]:
    """What people do today."""
    frame = pd.read_csv(path, dtype={"place": str, "industry": str})
    sums = frame.groupby(["place", "industry"], as_index=False)["employment"].sum()
    return _plain(sums.rename(columns={"employment": "jobs"}).sort_values(["place", "industry"]))


def _plain(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    return {
        "place": frame["place"].to_numpy(dtype="U5"),
        "industry": frame["industry"].to_numpy(dtype="U4"),
        "jobs": frame["jobs"].to_numpy(dtype=np.int64),
    }
