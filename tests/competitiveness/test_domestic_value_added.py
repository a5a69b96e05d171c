"""Value added at home in exports: worked by hand, Miller and Blair's example, China's and the USA's accounts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import EmptyTable, TechnopoleError, UnknownName, WrongOption

dva = tp.competitiveness.domestic_value_added


def long(cells: dict[str, list[float]], rows: list[str]) -> pd.DataFrame:
    return pd.DataFrame(cells, index=rows).rename_axis("row").reset_index().melt("row", var_name="column")


# b uses 20 of a, a uses 40 of ... : columns buy from rows; b's own use at home is 100 + 25 - 30 = 95, of which 25 are imported.
TWO = long({"a": [0, 20, 80], "b": [40, 0, 60], "EX": [20, 30, 0], "IM": [0, -25, 0]}, ["a", "b", "VA"])


def contract_case() -> dict[str, object]:
    return {"exports": "F01000", "value_added": "V00100"}


def test_two_industries_by_hand() -> None:
    """A_d = [[0, .4], [.2 x 70/95, 0]], v = (.8, .6): the share of a is (.8 + .6 k) / (1 - .4 k) with k = 14/95."""
    found = dva(TWO, exports="EX", value_added="VA", imports="IM")
    k = 0.2 * 70 / 95
    share = np.array([(0.8 + 0.6 * k) / (1 - 0.4 * k), (0.6 + 0.8 * 0.4) / (1 - 0.4 * k)])
    table = found.table
    assert table["share"].tolist() == pytest.approx(share, rel=1e-12)
    assert table["domestic_value_added"].tolist() == pytest.approx(share * [20, 30], rel=1e-12)
    assert table["direct"].tolist() == pytest.approx([16, 18], rel=1e-12)
    made = np.array([(20 + 0.4 * 30) / (1 - 0.4 * k), (30 + k * 20) / (1 - 0.4 * k)])
    assert table["value_added_by_industry"].tolist() == pytest.approx(made * [0.8, 0.6], rel=1e-12)
    total = found.total.iloc[0]
    assert total["value_added_by_industry"] == pytest.approx(total["domestic_value_added"], rel=1e-12)
    assert total["domestic_value_added"] + total["imported_content"] == pytest.approx(50, rel=1e-12)
    assert "too favourable" in found.summary() and found.summary().startswith("96.4% of the value of exports")


def test_imported_inputs_as_a_table_of_their_own() -> None:
    """Of b's 20 sold to a, 12 are imported: k = .08."""
    imported = pd.DataFrame({"row": ["b"], "column": ["a"], "value": [12]})
    found = dva(TWO, exports="EX", value_added="VA", imported=imported)
    k = 0.08
    assert found.table["share"].tolist() == pytest.approx(
        [(0.8 + 0.6 * k) / (1 - 0.4 * k), 0.92 / (1 - 0.4 * k)], rel=1e-12
    )
    assert "favourable" not in found.summary()
    over = dva(TWO, exports="EX", value_added="VA", imported=imported.assign(value=30))
    assert over.table["share"].tolist() == pytest.approx([0.8, 0.92], rel=1e-12)
    assert any("1 goods or flows" in said for said in over.warnings)
    with pytest.raises(WrongOption, match="either as columns or as a table"):
        dva(TWO, exports="EX", value_added="VA", imports="IM", imported=imported)


def test_miller_and_blair() -> None:
    """Their table 2.3: Z = [[150, 500], [200, 100]], x = (1000, 2000); the demand (600, 1500) needs x = (1247.5, 1841.6)."""
    cells = long({"1": [150, 200, 650], "2": [500, 100, 1400], "EX": [600, 1500, 0]}, ["1", "2", "W"])
    found = dva(cells, exports="EX", value_added="W")
    per_output = np.array([0.65, 0.70])
    assert (found.table["value_added_by_industry"] / per_output).round(1).tolist() == [1247.5, 1841.6]
    assert found.table["share"].tolist() == pytest.approx([1, 1], rel=1e-12)
    assert any("no imports are named" in said for said in found.warnings)


@pytest.mark.slow
def test_goods_and_their_makers() -> None:
    """Industry a makes three quarters of good x; b the rest and all of y. Everything but value added is bought at home."""
    use = long({"a": [10, 20, 70], "b": [30, 0, 70], "EX": [40, 30, 0]}, ["x", "y", "VA"])
    make = pd.DataFrame({"row": ["a", "b", "b"], "column": ["x", "x", "y"], "value": [90, 30, 70]})
    found = dva(use, exports="EX", value_added="VA", make=make)
    assert found.table["exports"].tolist() == pytest.approx([30, 40], rel=1e-12)
    assert found.total["share"].tolist() == pytest.approx([1.0], rel=1e-12)
    half = dva(use.query("row != 'y'"), exports="EX", value_added="VA", make=make.query("column == 'x'"))
    assert half.table["exports"].tolist() == pytest.approx([30, 10], rel=1e-12)


@pytest.mark.slow
def test_exports_of_a_good_that_nobody_makes_are_said() -> None:
    use = long({"a": [10, 90, 0], "EX": [40, 0, 5], "IM": [0, 0, -5]}, ["x", "VA", "scrap"])
    make = pd.DataFrame({"row": ["a"], "column": ["x"], "value": [100]})
    found = dva(use, exports="EX", value_added="VA", imports="IM", make=make)
    assert any("exports of 5 are of goods that no industry makes" in said for said in found.warnings)


@pytest.mark.slow
def test_an_industry_without_output_is_stated() -> None:
    more = long({"a": [0, 0, 90], "b": [0, 0, 0], "EX": [20, 3, 0]}, ["a", "b", "VA"])
    found = dva(more, exports="EX", value_added="VA")
    assert found.table.iloc[-1][["industry", "undefined"]].tolist() == ["b", "the industry has no output"]
    assert np.isnan(found.table.iloc[-1]["share"])
    nothing = long({"a": [0, 90], "EX": [0, 0]}, ["a", "VA"])
    assert dva(nothing, exports="EX", value_added="VA").summary() == "The accounts have no exports."


def test_bad_input() -> None:
    with pytest.raises(UnknownName, match="EXPO"):
        dva(TWO, exports="EXPO", value_added="VA")
    with pytest.raises(UnknownName, match="GVA"):
        dva(TWO, exports="EX", value_added="GVA")
    with pytest.raises(UnknownName, match="1999"):
        dva(TWO, exports="EX", value_added="VA", year=1999)
    with pytest.raises(EmptyTable, match="seller and a buyer"):
        dva(long({"a": [5], "EX": [3]}, ["VA"]), exports="EX", value_added="VA")
    with pytest.raises(EmptyTable):
        dva(TWO.iloc[:0], exports="EX", value_added="VA")
    greedy = long({"a": [0, 200, -100], "b": [200, 0, -100], "EX": [1, 1, 0]}, ["a", "b", "VA"])
    with pytest.raises(TechnopoleError, match="no solution"):
        dva(greedy, exports="EX", value_added="VA")


def test_taxes_on_inputs_are_neither_value_added_nor_imports() -> None:
    """Of 100 of output, 10 are inputs of its own, 5 taxes on them, 85 value added; all is made at home: share 85/90."""
    cells = long({"a": [10, 5, 85], "EX": [50, 0, 0]}, ["a", "tax", "VA"])
    total = dva(cells, exports="EX", value_added="VA", taxes="tax").total.iloc[0]
    assert total["share"] == pytest.approx(85 / 90, rel=1e-12)
    assert total["other"] == pytest.approx(50 * 5 / 90, rel=1e-12)


def test_imports_of_the_other_sign_are_not_imports() -> None:
    """Freight on imported goods, +5 beside imports of -25: as if there were none of it, in either sign of the table."""

    def table(freight: float, sign: int) -> pd.DataFrame:
        cells = {"a": [0, 20, 80], "b": [40, 0, 60], "EX": [20, 30, 0], "IM": [sign * freight, -sign * 25, 0]}
        wide = pd.DataFrame(cells, index=["a", "b", "VA"]).rename_axis("row").reset_index()
        return wide.melt("row", var_name="column")

    without = dva(table(0, 1), exports="EX", value_added="VA", imports="IM")
    for sign in (1, -1):
        found = dva(table(5, sign), exports="EX", value_added="VA", imports="IM")
        assert found.table.equals(without.table)
        assert any("1 goods have imports of the sign opposite" in said for said in found.warnings)
    assert not any("opposite" in said for said in without.warnings)


@pytest.mark.slow
@pytest.mark.parametrize("year", [1995, 2005, 2018])
def test_china_in_the_oecd_tables(shared_data, year: int) -> None:
    """Against the formula written out. OECD (2022, TiVA country note): 17.2 % of China's exports of 2018 were foreign value added."""
    wide = pd.read_csv(
        shared_data / "cn-input-output" / f"oecd2021_chn_{year}.csv.gz", dtype={"Code": str}
    ).drop(columns=["Description", "Unnamed: 0"])
    cells = wide.melt("Code", var_name="column").rename(columns={"Code": "row"}).dropna()
    abroad = ["EXPO", "CONS_NONRES"]
    found = dva(cells, exports=abroad, value_added="VALU", taxes="TXS_INT_FNL", imports="IMPO")
    table = wide.set_index("Code")
    codes = [f"{i:02d}" for i in range(1, 45)]  # 45, households as employers, has no output
    z, x = table.loc[codes, codes].to_numpy(float), table.loc["OUTPUT", codes].to_numpy(float)
    e, m = table.loc[codes, abroad].sum(axis=1).to_numpy(), -table.loc[codes, "IMPO"].to_numpy()
    home = np.clip(1 - m / (x + m - e), 0, 1)[:, None] * z / x
    share = (table.loc["VALU", codes].to_numpy(float) / x) @ np.linalg.inv(np.eye(44) - home)
    assert found.table["output"].head(44).to_numpy() == pytest.approx(x, rel=1e-3)
    assert found.table["share"].head(44).to_numpy() == pytest.approx(share, rel=2e-3)
    if year == 2018:
        total = found.total.iloc[0]
        assert total["imported_content"] / total["exports"] == pytest.approx(0.172, abs=0.02)


@pytest.mark.slow
def test_the_usa_in_use_and_make(shared_data) -> None:
    """402 industries of 2017; petroleum refineries, which import their crude, add less at home than makers of aircraft."""
    folder = shared_data / "us-bea-input-output"
    use, make = (pd.read_parquet(folder / f"{name}_detail_2017.parquet") for name in ("use", "make"))
    found = dva(
        use, make=make, exports="F04000", imports="F05000", value_added=["V00100", "V00200", "V00300"]
    )
    share = found.table.set_index("industry")["share"]
    assert share["324110"] < share["336411"] < share["541511"]
    total = found.total.iloc[0]
    assert 0.8 < total["share"] < 0.92
    assert total["domestic_value_added"] + total["imported_content"] + total["other"] == pytest.approx(
        total["exports"], rel=1e-12
    )
