"""Standard tables for every noun, and how a member is called with them. A member that needs more says so in its twin."""

from __future__ import annotations

import importlib.util
import inspect
import itertools
import typing
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from technopole import rooms, tables
from technopole.member import choices
from technopole.result import Result

TESTS = Path(__file__).resolve().parents[1]


def activity(places: int = 12, industries: int = 6, years: tuple[int, ...] = (2018, 2019)) -> pd.DataFrame:
    """A small economy with zeros, specialised places and establishments."""
    random = np.random.default_rng(7)
    rows = [
        {
            "place": f"{place:02d}",
            "industry": f"{31 + industry}0{industry}",
            "year": year,
            "employment": int(random.integers(0, 400) * (3 if place == industry else 1)),
            "establishments": int(random.integers(1, 12)),
        }
        for year in years
        for place in range(places)
        for industry in range(industries)
    ]
    return pd.DataFrame(rows)


def establishments(count: int = 200) -> pd.DataFrame:
    """Plants of four industries in six places."""
    random = np.random.default_rng(11)
    return pd.DataFrame(
        {
            "establishment_id": [f"e{i:04d}" for i in range(count)],
            "industry": random.choice(["26.70", "27.31", "10.10", "62.01"], count),
            "place": random.choice(list("ABCDEF"), count),
            "employment": random.integers(1, 200, count),
            "longitude": random.uniform(8, 12, count),
            "latitude": random.uniform(48, 52, count),
        }
    )


def parks() -> pd.DataFrame:
    """Three parks, one with a name in another script."""
    return pd.DataFrame(
        {
            "park": ["North", "South", "光谷"],
            "country": ["A", "B", "China"],
            "longitude": [8.0, 9.0, 114.4],
            "latitude": [50.0, 51.0, 30.5],
            "designated": [1990, 2000, 1991],
            "opened": [1991, 2001, 1988],
        }
    )


def figures() -> pd.DataFrame:
    """Published numbers about the three parks, with a target and an approximate value among them."""
    rows = [
        ("North", "size", "revenue", 10.0, "billion EUR", 2017, "optics", "reported", "official"),
        ("North", "size", "firms", 120, "firms", 2017, "optics", "reported", "official"),
        ("South", "size", "revenue", 3.0, "billion USD", 2018, "optics", "approximate", "press"),
        ("South", "technology", "rd_intensity", 4.5, "percent", 2018, "optics", "reported", "institute"),
        ("光谷", "size", "revenue", 500.0, "billion CNY", 2017, "optics", "reported", "weak"),
        ("光谷", "size", "revenue", 800.0, "billion CNY", 2020, "optics", "target", "press"),
        ("光谷", "technology", "universities", 42, "institutions", 2019, "whole zone", "reported", "press"),
    ]
    names = ["place", "facet", "indicator", "value", "unit", "year", "scope", "status", "grade"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(source=[f"https://example.org/{i}" for i in range(len(frame))])


def links() -> pd.DataFrame:
    """Three links between the industries of the standard economy."""
    random = np.random.default_rng(13)
    codes = sorted(activity()["industry"].unique())
    pairs = pd.DataFrame(itertools.combinations(codes, 2), columns=["industry_a", "industry_b"])
    forces = ("input_output", "labour", "knowledge")
    return pairs.assign(**{force: random.uniform(0, 1, len(pairs)) for force in forces})


def input_output() -> pd.DataFrame:
    """What six industries sell to one another and to final buyers, with value added and totals."""
    random = np.random.default_rng(17)
    codes = [*sorted(activity()["industry"].unique()), "F01000"]
    cells = pd.DataFrame(itertools.product([*codes[:-1], "V00100"], codes), columns=["row", "column"])
    return cells.assign(value=random.integers(0, 50, len(cells)))


def firms(count: int = 60, years: range = range(2012, 2020)) -> pd.DataFrame:
    """Firms of which half never enter a park, the others in 2015 or 2017; sales rise by 0.3 log points on entry."""
    random = np.random.default_rng(19)
    entered = np.repeat([0, 0, 2015, 2017], count // 4)
    own_rd, size = random.integers(0, 2, count), random.lognormal(3, 1, count).round()
    longitude, latitude = random.uniform(8, 9, count), random.uniform(50, 51, count)
    rows = pd.DataFrame(itertools.product(range(count), years), columns=["unit", "year"])
    unit, inside = (
        rows["unit"].to_numpy(),
        (entered[rows["unit"]] > 0) & (rows["year"] >= entered[rows["unit"]]),
    )
    level = random.normal(2, 0.5, count)[unit] + 0.02 * (rows["year"] - 2012)
    return pd.DataFrame(
        {
            "firm": [f"f{i:03d}" for i in unit],
            "year": rows["year"],
            "park": np.where(inside, "North", None),
            "entered": entered[unit],
            "left": 0,
            "log_sales": level + 0.3 * inside + random.normal(0, 0.1, len(rows)),
            "patents": random.poisson(0.4 + 0.6 * inside),
            "employment": size[unit] + random.integers(0, 5, len(rows)),
            "own_rd": own_rd[unit],
            "log_size": np.log(size)[unit],
            "region": [f"r{i % 6}" for i in unit],
            "longitude": longitude[unit],
            "latitude": latitude[unit],
        }
    )


def studies(count: int = 14) -> pd.DataFrame:
    """Studies of one outcome, the larger ones the more precise."""
    random = np.random.default_rng(23)
    n = (20 * 1.5 ** np.arange(count)).round()
    return pd.DataFrame(
        {
            "study": [f"Study {i:02d}" for i in range(count)],
            "estimate": random.normal(0.1, 0.1, count) + random.normal(0, 2, count) / np.sqrt(n),
            "std_error": 2 / np.sqrt(n),
            "n": n,
            "outcome": "sales growth",
        }
    )


def trade(years: tuple[int, ...] = (2015, 2016)) -> pd.DataFrame:
    """Eight exporters and twelve products: who has much exports rare products too; four of the exporters import."""
    random = np.random.default_rng(29)
    exporters, importers = [f"C{i}" for i in range(8)], ["C0", "C1", "C2", "C3"]
    products = [f"90{i:02d}" for i in range(12)]
    cells = pd.DataFrame(
        itertools.product(exporters, importers, products, years),
        columns=["exporter", "importer", "product", "year"],
    )
    rank, rarity = cells["exporter"].str[1:].astype(int), cells["product"].str[2:].astype(int)
    scale = np.exp(1.5 * (8 - rank) / 8 * np.where(rarity > 12 - 1.5 * rank, -1, 1))
    cells["value"] = (random.lognormal(3, 1, len(cells)) * scale).round(2)
    cells["quantity"] = (cells["value"] / random.lognormal(1, 0.3, len(cells))).round(3)
    cells["unit"] = "t"
    there = (cells["exporter"] != cells["importer"]) & (random.uniform(size=len(cells)) < 0.8)
    return cells[there].reset_index(drop=True)


def patents(years: range = range(2005, 2011)) -> pd.DataFrame:
    """Patents of ten places in six fields of technology, some with none."""
    random = np.random.default_rng(31)
    cells = pd.DataFrame(
        itertools.product(
            [f"P{i}" for i in range(10)],
            ["Optics", "Computers", "Semiconductors", "Materials", "Engines", "Telecoms"],
            years,
        ),
        columns=["place", "technology", "year"],
    )
    cells["patents"] = random.poisson(np.exp(random.normal(1.5, 1, len(cells))))
    return cells


STANDARD: dict[str, Any] = {
    "activity": activity,
    "establishments": establishments,
    "parks": parks,
    "firms": firms,
    "figures": figures,
    "links": links,
    "input_output": input_output,
    "studies": studies,
    "trade": trade,
    "patents": patents,
}


@cache
def standard(kind: type[tables.Table]) -> tables.Table:
    """The standard table of a noun, checked."""
    return kind.of(STANDARD[kind.schema.name]())


@cache
def twin(name: str) -> Any:
    """The member's twin in tests/, imported from its file."""
    room, member = name.split(".")
    path = TESTS / room / f"test_{member}.py"
    spec = importlib.util.spec_from_file_location(f"twin_{room}_{member}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def table_parameters(name: str) -> dict[str, type[tables.Table]]:
    """Parameters of a member that take a table -> the first kind they take."""
    function = rooms.load(name)
    hints = typing.get_type_hints(function)
    found = {}
    for parameter in inspect.signature(function).parameters:
        kinds = [k for k in choices(hints[parameter]) if isinstance(k, type) and issubclass(k, tables.Table)]
        if kinds:
            found[parameter] = kinds[0]
    return found


@cache
def _arguments(name: str) -> dict[str, Any]:
    extra = getattr(twin(name), "contract_case", dict)()
    needed = {
        parameter: standard(kind)
        for parameter, kind in table_parameters(name).items()
        if parameter not in extra
        and inspect.signature(rooms.load(name)).parameters[parameter].default is inspect.Parameter.empty
    }
    return {**needed, **extra}


def arguments(name: str) -> dict[str, Any]:
    """What the contract calls a member with: standard tables, and whatever `contract_case()` of the twin adds."""
    return dict(_arguments(name))


def run(name: str, **changed: Any) -> Result:
    """The member's result of its case, with some arguments changed."""
    return rooms.load(name)(**{**arguments(name), **changed})


@cache
def once(name: str) -> Result:
    """The member's result of its case, computed once a process."""
    return run(name)
