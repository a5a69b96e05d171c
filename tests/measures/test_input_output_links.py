"""Oracles: two accounts worked by hand, sums in loops over the real tables, and the published totals of the U.S. accounts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from technopole.errors import EmptyTable, UnknownName, WrongOption
from technopole.measures import input_output_links
from technopole.tables import Crosswalk, InputOutput

exempt = {
    "scale": "has money, no jobs",
    "rename": "has no places",
    "empty place": "has no places",
}

# Industry A makes 90 of commodity 1 and B 10 of it; B makes 100 of commodity 2.
MAKE = pd.DataFrame({"row": list("ABB"), "column": list("112"), "value": [90, 10, 100]})
USE = pd.DataFrame(
    {
        "row": ["1", "1", "1", "2", "2", "V00100", "T006"],
        "column": ["A", "B", "F01000", "A", "F01000", "A", "A"],
        "value": [20, 40, 40, 30, 70, 500, 550],
    }
)


def test_worked_case_with_make() -> None:
    row = input_output_links(USE, make=MAKE).table.iloc[0]
    # Of commodity 1, 90 % is A's: A sells 36 to B, B sells 4 + 30 = 2 + 30 = 32 to A (10 % of 20, all of 30).
    assert (row["industry_a"], row["industry_b"]) == ("A", "B")
    assert row["input_a_from_b"] == pytest.approx(32 / 50, rel=1e-12)
    assert row["input_b_from_a"] == pytest.approx(36 / 40, rel=1e-12)
    assert row["output_a_to_b"] == pytest.approx(36 / 90, rel=1e-12)
    assert row["output_b_to_a"] == pytest.approx(32 / 110, rel=1e-12)
    assert row["input_output"] == pytest.approx(0.9, rel=1e-12)


def test_worked_case_without_make() -> None:
    use = pd.DataFrame(
        {"row": list("aabb"), "column": ["b", "F01000", "a", "F01000"], "value": [30, 70, 10, -5]}
    )
    row = input_output_links(use).table.iloc[0]
    # A negative final use (imports) is in no sum: b sells 10, all of it to a.
    assert row[["input_a_from_b", "input_b_from_a", "output_a_to_b", "output_b_to_a"]].tolist() == [
        1,
        1,
        0.3,
        1,
    ]


def test_crosswalk_adds_up_and_parts() -> None:
    use = pd.DataFrame({"row": list("aabbcc"), "column": list("bcacab"), "value": [10, 20, 30, 40, 50, 60]})
    # a and b are industry X; c is half Y, half Z. X sells 60 to c and 40 within; c sells 110 to X.
    way = pd.DataFrame({"code": list("abccd"), "industry": ["X1", "X1", "Y1", "Z1", "Q1"]})
    found = input_output_links(use, crosswalk=way)
    table = found.table.set_index(["industry_a", "industry_b"])
    assert list(table.index) == [("X1", "Y1"), ("X1", "Z1"), ("Y1", "Z1")]
    assert table.loc[("X1", "Y1"), "input_a_from_b"] == pytest.approx(55 / 150, rel=1e-12)
    assert table.loc[("X1", "Y1"), "input_b_from_a"] == pytest.approx(30 / 30, rel=1e-12)
    assert table.loc[("Y1", "Z1"), "input_output"] == 0
    assert "parted" in found.warnings[-1]
    weighted = input_output_links(use, crosswalk=way.assign(weight=[1, 1, 3, 1, 1])).table
    assert weighted["input_a_from_b"].iloc[0] == pytest.approx(110 * 0.75 / 150, rel=1e-12)


def test_industries_without_flows_are_undefined_and_last() -> None:
    use = pd.DataFrame({"row": list("abcd"), "column": list("badc"), "value": [5, 5, 0, 0]})
    table = input_output_links(use).table
    assert table["undefined"].ne("").tolist() == [False] * 5 + [True]
    assert table["input_output"].isna().tolist() == [False] * 5 + [True]


def test_what_it_refuses() -> None:
    with pytest.raises(UnknownName, match="leads to an industry"):
        input_output_links(USE, make=MAKE, crosswalk=pd.DataFrame({"code": ["x"], "industry": ["y"]}))
    with pytest.raises(UnknownName, match="no such year"):
        input_output_links(USE, make=MAKE, year=2017)
    with pytest.raises(EmptyTable, match="both a seller and a buyer"):
        input_output_links(USE)
    way = pd.DataFrame({"code": ["A", "B"], "industry": ["y", "z"], "weight": [0.0, 1.0]})
    with pytest.raises(WrongOption, match="add up to more than 0"):
        input_output_links(USE, make=MAKE, crosswalk=way)


def us_links(shared_data: Path, **options: object) -> pd.DataFrame:
    folder = shared_data / "us-bea-input-output"
    rows = pd.read_csv(folder / "MasterCrosswalk2017.csv.gz", dtype=str)
    way = {"code": "BEA_2017_Detail_Code", "industry": "NAICS_2017_Code"}
    use, make = (
        InputOutput.of(pd.read_parquet(folder / f"{part}_detail_2017.parquet")) for part in ("use", "make")
    )
    crosswalk = Crosswalk.of(rows, columns=way)
    return input_output_links(use, make=make, crosswalk=crosswalk, digits=4, **options).table


def test_us_accounts(shared_data: Path) -> None:
    table = us_links(shared_data).set_index(["industry_a", "industry_b"])
    four = table[["input_a_from_b", "input_b_from_a", "output_a_to_b", "output_b_to_a"]]
    assert ((four.dropna() >= 0) & (four.dropna() <= 1)).all(axis=None)
    # Motor vehicles (3361) buy most of their inputs from makers of parts (3363).
    assert table.loc[("3361", "3363"), "input_output"] == pytest.approx(0.5531, abs=5e-5)
    # Iron mills (3311) sell to steel products (3312): by hand from the cells of the tables.
    folder = shared_data / "us-bea-input-output"
    use, make = (pd.read_parquet(folder / f"{part}_detail_2017.parquet") for part in ("use", "make"))
    kept = use[~use["row"].str.startswith(("T0", "V0"))]
    supply = make[~make["row"].str.startswith("T0") & ~make["column"].str.startswith("T0")]
    part = (
        supply[supply["row"] == "331110"].set_index("column")["value"]
        / supply.groupby("column")["value"].sum()
    )
    mine = kept[kept["column"] == "331200"]
    bought = float((mine["value"] * mine["row"].map(part).fillna(0)).sum())
    assert table.loc[("3311", "3312"), "input_b_from_a"] == pytest.approx(
        bought / mine["value"].sum(), rel=1e-10
    )
    assert np.isfinite(table["input_output"]).mean() > 0.98
