"""Unit values by hand: units apart, missing quantities stated, ladders, Aiginger's segments; and South Africa's real ones."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import EmptyTable, MissingColumn, UnknownName, WrongOption
from technopole.result import Result

uv = tp.competitiveness.unit_values
COLUMNS = ["exporter", "importer", "product", "value", "quantity", "unit"]
ROWS = pd.DataFrame(
    [
        ("A", "B", "lens", 30, 10, "t"),
        ("A", "C", "lens", 30, 5, "t"),
        ("B", "A", "lens", 12, 6, "t"),
        ("C", "A", "lens", 20, 20, "t"),
        ("A", "B", "lamp", 8, 2, "pieces"),
        ("A", "C", "lamp", 9, 3, "t"),
        ("B", "A", "lamp", 40, 10, "pieces"),
        ("A", "C", "tube", 7, np.nan, "t"),
        ("A", "D", "lens", 15, 0, "t"),
    ],
    columns=COLUMNS,
)


@cache
def rows() -> Result:
    return uv(ROWS)


def row(found: Result, exporter: str, product: str, unit: str = "t", part: str = "table") -> pd.Series:
    table = getattr(found, part)
    keep = (table["exporter"] == exporter) & (table["product"] == product) & (table["unit"] == unit)
    return table[keep].squeeze()


def test_by_hand() -> None:
    """Lenses: A 60/15 = 4, B 2, C 1, all 92/41; A's lenses without quantity are 15 of 75."""
    found = rows()
    a = row(found, "A", "lens")
    assert a[["value", "quantity", "unit_value", "exports", "without_quantity"]].tolist() == [
        60,
        15,
        4,
        75,
        0.2,
    ]
    assert a["reference_unit_value"] == pytest.approx(92 / 41, rel=1e-12)
    assert a["relative_price"] == pytest.approx(4 * 41 / 92, rel=1e-12)
    assert row(found, "B", "lens")["position"] == pytest.approx(math.log(2) / math.log(4), rel=1e-12)
    ladder = found.ladders[found.ladders["product"] == "lens"].squeeze()
    assert ladder["ladder"] == pytest.approx(math.log(4), rel=1e-12)
    assert ladder[["exporters", "lowest", "highest"]].tolist() == [3, "C", "A"]
    assert ladder["ladder_10_90"] == pytest.approx(0.8 * math.log(4), rel=1e-12)


def test_units_are_never_mixed() -> None:
    found = rows()
    assert (
        row(found, "A", "lamp", "pieces")["unit_value"] == 4
        and row(found, "A", "lamp", "t")["unit_value"] == 3
    )
    assert row(found, "A", "lamp", "pieces")["reference_unit_value"] == 4
    assert row(found, "A", "lamp", "t")["reference_unit_value"] == 3
    assert any("1 exports of a product come in several units" in said for said in found.warnings)


def test_missing_quantities_are_said() -> None:
    found = rows()
    last = found.table.iloc[-1]
    assert last[["exporter", "product", "undefined"]].tolist() == ["A", "tube", "no quantity"]
    assert last["exports"] == 7 and np.isnan(last["value"]) and np.isnan(last["unit_value"])
    lost = 22 / (75 + 12 + 20 + 17 + 40 + 7)
    assert any(f"{lost:.2%} of the value, in 2 exports" in said for said in found.warnings)


def test_the_warning_is_on_every_result() -> None:
    found = rows()
    assert any("not a measure of quality" in said for said in found.warnings)
    assert found.summary().endswith("isn't proof of higher quality.")


def test_price_levels() -> None:
    """A: lenses 60 at 4 x 41/92, lamps at 1: geometric mean by value 60, 8 and 9; all of A's exports are 99."""
    level = rows().levels.set_index("exporter").loc["A"]
    assert level["price_level"] == pytest.approx((4 * 41 / 92) ** (60 / 77), rel=1e-12)
    assert level["covered"] == pytest.approx(77 / 99, rel=1e-12)


@pytest.mark.slow
def test_imports_by_importer_are_those_without_one() -> None:
    """A table of who imports, with the column importer, or with the importer in the place of the exporter."""
    plain = pd.DataFrame({"exporter": ["A"], "product": ["lens"], "value": [9], "quantity": [3], "unit": "t"})
    named = plain.rename(columns={"exporter": "importer"}).assign(exporter="Z")
    assert uv(ROWS, imports=named).segments.equals(uv(ROWS, imports=plain).segments)


@pytest.mark.slow
def test_a_reference_group_and_without_ones_own() -> None:
    group = uv(ROWS, group=["B", "C"])
    assert row(group, "A", "lens")["reference_unit_value"] == pytest.approx(32 / 26, rel=1e-12)
    without = uv(ROWS, own="excluded")
    assert row(without, "A", "lens")["reference_unit_value"] == pytest.approx(32 / 26, rel=1e-12)
    assert row(without, "B", "lens")["reference_unit_value"] == pytest.approx(80 / 35, rel=1e-12)
    alone = row(without, "A", "lamp", "t")
    assert np.isnan(alone["relative_price"]) and "nobody in the reference" in alone["undefined"]
    assert without.ladders.iloc[-1]["undefined"] == "one exporter only"


def test_segments_from_the_tables_own_importers() -> None:
    """A sells lenses at 4 and buys at 32/26, but buys 26 and sells 15; B sells lamps at 4, buys at 4."""
    found = rows()
    a = row(found, "A", "lens", part="segments")
    assert a[["export_unit_value", "quantity_balance", "segment"]].tolist() == [
        4,
        -11,
        "unsuccessful price competition",
    ]
    assert a["import_unit_value"] == pytest.approx(32 / 26, rel=1e-12)
    assert row(found, "B", "lamp", "pieces", part="segments")["undefined"] == "prices are equal"
    share = found.shares.query("exporter == 'A'").set_index("segment")["share"]
    assert share.sum() == pytest.approx(1, rel=1e-12)
    assert share["unsuccessful price competition"] == pytest.approx(60 / 84, rel=1e-12)


def test_the_four_segments_with_imports_in_a_table_of_their_own() -> None:
    cases = [
        ((40, 10), (10, 5), "successful quality competition"),
        ((10, 10), (10, 5), "successful price competition"),
        ((20, 5), (10, 10), "unsuccessful price competition"),
        ((5, 5), (20, 10), "structural problem"),
    ]
    own, others = (
        pd.DataFrame(
            [("A", f"p{i}", *case[side], "t") for i, case in enumerate(cases)],
            columns=["exporter", "product", "value", "quantity", "unit"],
        )
        for side in (0, 1)
    )
    found = uv(own, imports=others)
    assert found.segments["segment"].tolist() == [case[2] for case in cases]
    shares = found.shares.set_index("segment")["share"]
    assert [shares[case[2]] for case in cases] == pytest.approx(
        [40 / 75, 10 / 75, 20 / 75, 5 / 75], rel=1e-12
    )


@pytest.mark.slow
def test_the_order_of_rows_changes_no_digit() -> None:
    """Two hundred flows of sizes far apart: added up as they come, sums differ in the last digit."""
    random = np.random.default_rng(3)
    flows = pd.DataFrame(
        [(e, f"m{i}", "p", *random.lognormal(0, 3, 2), "t") for e in "AB" for i in range(200)],
        columns=COLUMNS,
    )
    first, last = uv(flows), uv(flows.sample(frac=1, random_state=1))
    assert all(first.frames[name].equals(last.frames[name]) for name in first.frames)


@pytest.mark.slow
def test_outliers_are_flagged_and_stay() -> None:
    """Flows at 1, 1.1, 1.2, 1.3 and 100: the last lies outside three interquartile ranges of the logs."""
    five = pd.DataFrame(
        [("A", f"m{i}", "p", price, 1.0, "t") for i, price in enumerate([1, 1.1, 1.2, 1.3, 100])],
        columns=COLUMNS,
    )
    found = uv(five)
    assert found.table["flagged"].tolist() == pytest.approx([100 / 104.6], rel=1e-12)
    assert found.table["unit_value"].tolist() == pytest.approx([104.6 / 5], rel=1e-12)
    assert any("flagged, not removed" in said for said in found.warnings)
    assert uv(five.iloc[1:]).table["flagged"].tolist() == [0]


@pytest.mark.slow
def test_selection_and_no_importers() -> None:
    found = uv(ROWS, products=["lens"], exporters=["B"])
    assert found.table[["exporter", "product"]].values.tolist() == [["B", "lens"]]
    assert found.table["reference_unit_value"].tolist() == pytest.approx([92 / 41], rel=1e-12)
    world = uv(pd.DataFrame({"exporter": ["A"], "product": ["p"], "value": [3], "quantity": [2]}))
    assert world.segments.empty and any("in which unit" in said for said in world.warnings)


def test_bad_input() -> None:
    with pytest.raises(MissingColumn, match="quantity"):
        uv(ROWS.drop(columns="quantity"))
    with pytest.raises(EmptyTable, match="both a value and a quantity"):
        uv(ROWS.assign(quantity=0))
    with pytest.raises(EmptyTable):
        uv(ROWS.iloc[:0])
    with pytest.raises(UnknownName, match="1999"):
        uv(ROWS, year=1999)
    with pytest.raises(UnknownName, match="Z"):
        uv(ROWS, group=["Z"])
    with pytest.raises(WrongOption, match="fence"):
        uv(ROWS, fence=-1)


@pytest.mark.slow
def test_south_africa_in_baci(shared_data) -> None:
    """71,192 bilateral flows of Afghanistan and South Africa, 2021, against pandas written out."""
    frame = pd.read_parquet(
        shared_data / "trade-country-product" / "trade_bilateral_hs6_value_quantity_2021_afg_zaf.parquet"
    ).rename(
        columns={
            "exporter_m49": "exporter",
            "importer_m49": "importer",
            "hs6": "product",
            "value_kusd": "value",
            "quantity_t": "quantity",
        }
    )
    frame = frame.astype({"exporter": str, "importer": str}).assign(unit="t")
    found = uv(frame)
    known = frame[frame["quantity"] > 0].groupby(["exporter", "product"])[["value", "quantity"]].sum()
    ours = (
        found.table.dropna(subset="unit_value").set_index(["exporter", "product"])["unit_value"].sort_index()
    )
    np.testing.assert_allclose(ours, known["value"] / known["quantity"], rtol=1e-10)
    lost = 1 - known["value"].sum() / frame["value"].sum()
    assert any(f"{lost:.2%} of the value" in said for said in found.warnings)
    platinum = (
        found.table.query("exporter == '710' and product == '711011'")["unit_value"].item() / 1000
    )  # USD a gram
    assert 25 < platinum < 45  # 2021: 1,000 to 1,300 USD per ounce of 31.1 g
