"""Economic complexity, proximity and density of 224 countries and 1,222 headings of 2017, from arrays and from a checked table, against ecomplexity.

ecomplexity is no dependency: `pip install --no-deps --target FOLDER ecomplexity`, then `PYTHONPATH=FOLDER python benchmarks/run.py --only competitiveness`.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import sys
import tempfile
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from harness import SHARED, Measurement, measure, row
from threadpoolctl import threadpool_limits

import technopole as tp
from technopole import competitiveness
from technopole.kernels import complexity as kernel
from technopole.kernels.comparative_advantage import balassa, present

SOURCE = SHARED / "trade-country-product" / "trade_hs4_1962_1980_2017.parquet"
COLUMNS = {"exporter": "country", "product": "product", "value": "export_usd"}
tp.connect()
_checked: dict[str, Any] = {}


def run(size: float = 1.0) -> list[dict[str, object]]:
    """`size` scales the number of years and of drawn products."""
    rows = _proximity(round(5000 * size))
    if not SOURCE.is_file():
        print("competitiveness: the headings of 2017 aren't in ../shared/data", file=sys.stderr)
        return rows
    with tempfile.TemporaryDirectory() as folder:
        frame = pd.read_parquet(SOURCE, filters=[("year", "=", 2017)])
        wide = frame.pivot(index="country", columns="product", values="export_usd").fillna(0.0)
        arrays = str(Path(folder) / "values.npy")
        np.save(arrays, wide.to_numpy())
        return [*_one_year(arrays, wide), *_years(arrays, round(60 * size)), *rows]


def _one_year(arrays: str, wide: pd.DataFrame) -> list[dict[str, object]]:
    job = f"ECI, PCI, proximity and density of one year, {wide.shape[0]} countries x {wide.shape[1]:,} headings (best of 3)"
    ours = measure(of_arrays, repeat=3, before=_warm, path=arrays)
    members = measure(of_members, repeat=3, before=_check)
    rows = [
        row(job, "technopole, from arrays", ours, goal="<= 0.15 s CPU", met=ours.cpu_s <= 0.15),
        row(
            job,
            "technopole, three members from a checked table to tables and sentences",
            members,
            accuracy=f"largest difference from the arrays {_gap(members, ours):.0e}",
            goal="<= 0.15 s CPU",
            met=members.cpu_s <= 0.15,
        ),
    ]
    if importlib.util.find_spec("ecomplexity") is None:
        print("competitiveness: the peer ecomplexity isn't installed", file=sys.stderr)
        return rows
    peer = measure(ecomplexity, before=_peer)
    rows[0]["accuracy"] = f"largest difference from the peer {_gap(ours, peer):.0e}"
    alone = measure(ecomplexity_on_one_thread, before=_peer)
    name = f"ecomplexity {version('ecomplexity')}, with outlook"
    return [*rows, row(job, f"{name}, BLAS on one thread", alone), row(job, f"{name}, BLAS on all", peer)]


def _gap(one: Measurement, other: Measurement) -> float:
    return max(float(np.abs(one.value[name] - other.value[name]).max()) for name in ("eci", "pci", "density"))


def _warm() -> None:
    _of_values(np.random.default_rng(1).random((20, 30)))


def _of_values(values: np.ndarray) -> dict[str, np.ndarray]:
    there = present(balassa(values))
    eci, pci = kernel.standardised(kernel.eigenvector(there), "atlas")
    return {"eci": eci, "pci": pci, "density": kernel.density(there, kernel.proximity(there))}


def of_arrays(path: str) -> dict[str, np.ndarray]:
    return _of_values(np.load(path))


def _check() -> None:
    """The table is checked, and the members are loaded, before the clock starts."""
    frame = pd.read_parquet(SOURCE, filters=[("year", "=", 2017)])
    _checked["trade"] = tp.tables.Trade.of(frame, columns=COLUMNS)
    small = tp.tables.Trade.of(frame.head(500), columns=COLUMNS)
    for name in ("economic_complexity", "product_proximity", "relatedness_density"):
        getattr(competitiveness, name)(small)


def of_members() -> dict[str, np.ndarray]:
    trade = _checked["trade"]
    complexity = competitiveness.economic_complexity(trade)
    competitiveness.product_proximity(trade)
    density = competitiveness.relatedness_density(trade).table["density"].to_numpy()
    eci, pci = complexity.table["eci"].to_numpy(), complexity.products["pci"].to_numpy()
    return {"eci": eci, "pci": pci, "density": density.reshape(len(eci), len(pci))}


def _peer() -> None:
    import ecomplexity  # noqa: F401  # pyright: ignore[reportMissingImports]

    _checked["frame"] = pd.read_parquet(SOURCE, filters=[("year", "=", 2017)])


def ecomplexity() -> dict[str, np.ndarray]:
    from ecomplexity import ecomplexity as complexity  # pyright: ignore[reportMissingImports]

    columns = {"time": "year", "loc": "country", "prod": "product", "val": "export_usd"}
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        found = complexity(_checked["frame"][list(columns.values())], columns, verbose=False)
    wide = found.pivot(index="country", columns="product", values="density")
    return {
        "eci": found.groupby("country")["eci"].first().to_numpy(),
        "pci": found.groupby("product")["pci"].first().to_numpy(),
        "density": wide.to_numpy(),
    }


def ecomplexity_on_one_thread() -> dict[str, np.ndarray]:
    """As fast in CPU time as it gets: BLAS threads that wait for each other burn time too."""
    with threadpool_limits(1):
        return ecomplexity()


def _years(arrays: str, years: int) -> list[dict[str, object]]:
    shape = np.load(arrays, mmap_mode="r").shape
    job = f"the same for {years} years, from arrays, {shape[0]} x {shape[1]:,} each"
    ours = measure(of_years, before=_warm, path=arrays, years=years)
    return [row(job, "technopole", ours, goal="<= 8 s CPU", met=ours.cpu_s <= 8)]


def of_years(path: str, years: int) -> int:
    """Each year is 2017 with noise of its own, so that none is like another."""
    values, random = np.load(path), np.random.default_rng(1)
    for _ in range(years):
        _of_values(values * random.lognormal(0, 0.3, values.shape[1]))
    return years


def _proximity(products: int) -> list[dict[str, object]]:
    job = f"proximity of {products:,} products, 224 places, from arrays (best of 3)"
    ours = measure(of_many, repeat=3, before=_warm, products=products)
    peer = measure(numpy_of_many, products=products)
    said = f"largest difference from NumPy {abs(ours.value - peer.value):.0e} of the sum"
    return [
        row(job, "technopole", ours, accuracy=said, goal="<= 2 s CPU", met=ours.cpu_s <= 2),
        row(job, f"NumPy {np.__version__}, in float64", peer),
    ]


def _drawn(products: int) -> np.ndarray:
    return np.random.default_rng(2).random((224, products)) < 0.15


def of_many(products: int) -> float:
    return float(kernel.proximity(_drawn(products)).sum())


def numpy_of_many(products: int) -> float:
    have = _drawn(products).astype(float)
    count = have.sum(axis=0)
    return float(((have.T @ have) / np.maximum(np.maximum.outer(count, count), 1)).sum())
