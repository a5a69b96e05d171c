"""Market share: by hand, what adds up, concentration in closed form, China's optics against sums of the raw file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import EmptyTable, UnknownName
from technopole.tables import Activity

share = tp.competitiveness.market_share

FIRST = pd.DataFrame(
    {"exporter": list("AABB"), "product": list("xyxy"), "year": 2000, "value": [60, 40, 40, 160]}
)
LAST = FIRST.assign(year=2010, value=[30, 50, 90, 50])
BOTH = pd.concat([FIRST, LAST])


def test_by_hand() -> None:
    table = share(FIRST).table.set_index(["exporter", "product"])["share"]
    assert table.to_dict() == pytest.approx(
        {("A", "x"): 0.6, ("A", "y"): 0.2, ("B", "x"): 0.4, ("B", "y"): 0.8}
    )


def test_change_in_percentage_points() -> None:
    change = share(BOTH).change.set_index(["exporter", "product"])
    assert change.loc[("A", "x"), ["first", "last", "change"]].tolist() == pytest.approx(
        [0.6, 0.25, -35.0], rel=1e-12
    )
    total = share(BOTH).total.set_index(["exporter", "year"])
    assert total.loc[("A", 2010), "share"] == pytest.approx(80 / 220, rel=1e-12)
    assert total.loc[("A", 2010), "change"] == pytest.approx(100 * (80 / 220 - 100 / 300), rel=1e-12)
    assert "change" not in share(FIRST).frames


def test_concentration() -> None:
    """Shares .6 and .4: 0.52; four equal exporters: 1/4, and equivalent to four; one alone: 1."""
    found = share(FIRST).concentration.set_index("product")
    assert found.loc["x", "herfindahl"] == pytest.approx(0.52, rel=1e-12)
    assert (found.loc["y", "largest"], found.loc["y", "largest_share"]) == ("B", 0.8)
    equal = pd.DataFrame({"exporter": list("ABCD"), "product": "x", "value": 7})
    assert share(equal).concentration[["herfindahl", "equivalent", "exporters"]].iloc[0].tolist() == [
        0.25,
        4.0,
        4,
    ]
    assert share(equal.head(1)).concentration["herfindahl"].tolist() == [1.0]


def test_shares_of_a_product_add_up_to_one() -> None:
    random = np.random.default_rng(3)
    table = pd.DataFrame([(e, p) for e in "ABCDE" for p in "xyz"], columns=["exporter", "product"])
    table["value"] = random.lognormal(3, 2, len(table))
    assert share(table).table.groupby("product")["share"].sum().tolist() == pytest.approx(
        [1.0] * 3, rel=1e-12
    )


@pytest.mark.slow
def test_rows_chosen_don_t_change_the_world() -> None:
    found = share(FIRST, exporters=["A"], products=["y"])
    assert found.table["share"].tolist() == [0.2] and found.total["share"].tolist() == [0.2]
    half = share(FIRST, products=tp.sector("mine", scheme="own", codes={"x": 0.5, "y": 1})).total
    assert half["share"].tolist() == pytest.approx([70 / 250, 180 / 250], rel=1e-12)
    assert share(FIRST, sector=tp.sector("all", scheme="own", codes=["x", "y"])).table["share"].tolist() == [
        1 / 3,
        2 / 3,
    ]
    with pytest.raises(UnknownName):
        share(FIRST, exporters=["Q"])


@pytest.mark.slow
def test_undefined_is_said_and_sorts_last() -> None:
    new = pd.DataFrame(
        {"exporter": ["A", "C"], "product": ["z", "x"], "year": [2000, 2010], "value": [0, 10]}
    )
    result = share(pd.concat([BOTH, new]))
    assert result.table.iloc[-1]["undefined"] == "nobody has any" and np.isnan(result.table.iloc[-1]["share"])
    assert result.total.iloc[-1][["exporter", "undefined"]].tolist() == [
        "C",
        "not in the table in the first year",
    ]
    assert pd.isna(result.concentration.iloc[-1]["largest"])
    hidden = share(Activity.of({"place": list("aabb"), "industry": list("xyxy"), "jobs": [1, None, 2, 2]}))
    assert hidden.table.iloc[-1]["undefined"] == "withheld" and hidden.warnings
    assert share(FIRST.assign(value=0)).text.startswith("No share is defined")
    with pytest.raises(EmptyTable):
        share(FIRST.iloc[:0])


@pytest.mark.slow
def test_china_s_optics(shared_data: Path) -> None:
    """Liquid crystal devices and lasers: 43.6 % of the world's exports in 2017."""
    raw = pd.read_parquet(shared_data / "trade-country-product" / "trade_hs4_1962_1980_2017.parquet")
    table = raw.rename(columns={"country": "exporter", "export_usd": "value"})
    found = share(table, products=["9013"], exporters=["chn"]).table.set_index("year")["share"]
    here = raw[raw["product"] == "9013"].groupby(["year", "country"])["export_usd"].sum()
    assert found[2017] == pytest.approx(here[2017, "chn"] / here[2017].sum(), rel=1e-12)
    assert found[2017] == pytest.approx(0.4357, abs=5e-5)
