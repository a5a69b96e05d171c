"""Converted tables: nothing is lost unreported, withheld isn't zero, and what looks wrong with codes is said."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import EmptyTable, MissingColumn, UnknownName, WrongOption
from technopole.tables import Activity, Patents, Places, Trade
from technopole.tables.conversion import links


def trade(products: list[str], values: list[float], **more: Any) -> Trade:
    return Trade.of({"exporter": ["DEU"] * len(products), "product": products, "value": values, **more})


def rows(table: Any, *columns: str) -> list[list[Any]]:
    return table.to_pandas()[list(columns)].values.tolist()


def test_by_hand() -> None:
    """Of NACE 26.70 half goes to each of two industries; 27.31 (fibre optic cable) has one of its own."""
    jobs = Activity.of(
        {
            "place": ["A", "A", "B"],
            "industry": ["26.70", "27.31", "26.70"],
            "employment": [10, 4, 6],
            "region": ["x", "x", "y"],
        }
    )
    done = tp.convert(jobs, from_="NACE-2", to="NAICS-2017")
    assert rows(done.table, "place", "industry", "employment", "region") == [
        ["A", "333314", 5.0, "x"],
        ["A", "333316", 5.0, "x"],
        ["A", "335921", 4.0, "x"],
        ["B", "333314", 3.0, "y"],
        ["B", "333316", 3.0, "y"],
    ]
    assert done.report[["code", "targets", "outcome", "value", "mapped", "lost"]].values.tolist() == [
        ["26.70", 2, "split", 16.0, 16.0, 0.0],
        ["27.31", 1, "one", 4.0, 4.0, 0.0],
    ]
    assert (done.mapped, done.lost, done.split) == (1.0, 0.0, pytest.approx(16 / 20))
    assert isinstance(done.table, Activity) and done.table.warnings[-1] == done.text
    assert done.text == (
        "NACE-2 -> NAICS-2017 (weights: main): 100 % of employment is mapped, 80 % is in codes split over several targets, 0 % is lost."
    )


def test_unknown_codes_are_lost_with_their_value() -> None:
    done = tp.convert(
        trade(["901320", "10110", "852411", "77"], [90.0, 5.0, 4.0, 1.0]), from_="HS-2007", to="SITC-4"
    )
    report = done.report.set_index("code")
    assert report["lost"].to_dict() == {"10110": 5.0, "77": 1.0, "852411": 4.0, "901320": 0.0}
    assert "010110 is: pad= puts back" in report.at["10110", "note"]
    assert report.at["852411", "note"] == "not in HS-2007; in HS-2022"
    assert done.lost == pytest.approx(0.1) and "Lost most: 10110 (5 %), 852411 (4 %), 77 (1 %)" in done.text
    assert any("not in HS-2007: 3 of 4 codes" in said for said in done.warnings)
    assert rows(done.table, "product", "value") == [["87192", 90.0]]


def test_mixed_vintages_are_noticed() -> None:
    new = ["852411", "852412", "854911", "854912", "901320"]
    done = tp.convert(trade(new, [1.0] * 5), from_="HS-2007", to="SITC-4")
    assert any("HS-2022 has 100.0 % of the codes, HS-2007 20.0 %" in said for said in done.warnings)


def test_lost_zeros_are_said_and_not_repaired() -> None:
    done = tp.convert(
        Activity.of({"place": ["A"] * 3, "industry": ["141", "145", "2670"], "jobs": [1.0, 2.0, 3.0]}),
        from_="ISIC-4",
        to="NACE-2",
    )
    assert any(
        "2 codes look as if they had lost a zero in front (141, 145)" in said for said in done.warnings
    )


def test_totals_beside_their_parts_are_noticed() -> None:
    done = tp.convert(trade(["9013", "901320"], [10.0, 5.0]), from_="HS-2007", to="SITC-4")
    assert any("1 code stands beside finer ones (9013)" in said for said in done.warnings)
    assert done.report.set_index("code").at["9013", "note"] == "read as the sum of 4 finer codes"


def test_withheld_is_not_zero() -> None:
    cells = {
        "place": ["A", "A"],
        "industry": ["26.70", "26.51"],
        "jobs": [None, 100.0],
        "jobs_low": [20.0, None],
        "jobs_high": [49.0, None],
    }
    done = tp.convert(Activity.of(cells), from_="NACE-2", to="ISIC-4")
    made = done.table.to_pandas().set_index("industry")
    assert np.isnan(made.at["2670", "jobs"]) and (
        made.at["2670", "jobs_low"],
        made.at["2670", "jobs_high"],
    ) == (20.0, 49.0)
    assert tuple(made.loc["2651", ["jobs", "jobs_low", "jobs_high"]]) == (100.0, 100.0, 100.0)
    assert any("jobs is withheld in 1 row," in said for said in done.warnings)
    joined = tp.convert(
        Activity.of({"place": ["A", "A"], "industry": ["26.11", "26.12"], "jobs": [None, 7.0]}),
        from_="NACE-2",
        to="ISIC-4",
    )
    one = joined.table.to_pandas()
    assert np.isnan(one.at[0, "jobs"]) and one.at[0, "jobs_low"] == 7 and np.isnan(one.at[0, "jobs_high"])


def test_quantities_of_several_units_are_not_added_up() -> None:
    cells = trade(
        ["010110", "010190", "901320"], [1.0, 2.0, 3.0], quantity=[5.0, 6.0, 7.0], unit=["kg", "items", "kg"]
    )
    done = tp.convert(cells, from_="HS-2007", to="SITC-4").table.to_pandas()
    assert done["product"].tolist() == ["0015", "87192"] and done["value"].tolist() == [3.0, 3.0]
    assert np.isnan(done.at[0, "quantity"]) and pd.isna(done.at[0, "unit"])
    assert (done.at[1, "quantity"], done.at[1, "unit"]) == (7.0, "kg")


def test_keys_stay_apart() -> None:
    cells = {
        "exporter": ["DEU", "DEU", "CHN"], "importer": ["FRA", "USA", "FRA"], "product": ["901320"] * 3, "year": [2010, 2011, 2010], "value": [1.0, 2.0, 4.0],
    }  # fmt: skip
    done = tp.convert(Trade.of(cells), from_="HS-2007", to="SITC-4")
    assert rows(done.table, "exporter", "importer", "product", "year", "value") == [
        ["CHN", "FRA", "87192", 2010, 4.0],
        ["DEU", "FRA", "87192", 2010, 1.0],
        ["DEU", "USA", "87192", 2011, 2.0],
    ]


def test_patents_to_fields() -> None:
    cells = {
        "place": ["DE1"] * 4,
        "technology": ["G02B 6/00", "H01S 5/00", "H04B 10/25", "Y02E"],
        "patents": [3.0, 1.0, 2.0, 4.0],
    }
    done = tp.convert(Patents.of(cells), from_="CPC", to="WIPO-35")
    assert rows(done.table, "technology", "patents") == [["03", 2.0], ["09", 4.0]]
    assert done.lost == pytest.approx(0.4)


def test_a_round_trip_loses_nothing_unreported() -> None:
    codes = sorted(links.codes("NACE-2"))
    table = Activity.of(
        {"place": ["A"] * len(codes), "industry": codes, "output": [float(n) for n in range(len(codes))]}
    )
    there = tp.convert(table, from_="NACE-2", to="ISIC-4")
    back = tp.convert(there.table, from_="ISIC-4", to="NACE-2")
    assert there.lost == back.lost == 0 and there.split == 0 and back.split > 0
    assert float(back.table.to_pandas()["output"].sum()) == pytest.approx(614 * 615 / 2, rel=1e-12)


def test_row_order_changes_nothing() -> None:
    random.seed(3)
    codes = random.sample(sorted(links.codes("HS-2007")), 400)
    values = [random.random() for _ in codes]
    one = tp.convert(trade(codes, values), from_="HS-2007", to="NACE-2").table.to_pandas()
    mixed = random.sample(range(400), 400)
    other = trade([codes[i] for i in mixed], [values[i] for i in mixed])
    pd.testing.assert_frame_equal(
        one, tp.convert(other, from_="HS-2007", to="NACE-2").table.to_pandas(), check_exact=True
    )


def test_a_table_of_the_target_classification_divides() -> None:
    us = Activity.of({"place": ["US"] * 2, "industry": ["333314", "333316"], "employment": [30.0, 10.0]})
    jobs = Activity.of({"place": ["A"], "industry": ["26.70"], "employment": [8.0]})
    done = tp.convert(jobs, from_="NACE-2", to="NAICS-2017", weights=us)
    assert rows(done.table, "industry", "employment") == [["333314", 6.0], ["333316", 2.0]]
    assert done.weights == "value"
    assert done.table.digest != tp.convert(jobs, from_="NACE-2", to="NAICS-2017").table.digest


@pytest.mark.slow
@pytest.mark.parametrize(
    ("from_", "to", "options"),
    [
        ("HS-2007", "NAICS-2017", {"through": ["ISIC-4"]}),
        ("SITC-2", "NACE-2", {}),
        ("GB/T-4754-2017", "OKVED-2", {}),
        ("NAICS-2012", "HS-1992", {"weights": "equal"}),
        ("IPC", "WIPO-35", {}),
    ],
)
def test_round_trips_lose_nothing_unreported(from_: str, to: str, options: dict[str, Any]) -> None:
    """What goes in is what comes out and what is said to be lost, there and back."""
    random.seed(1)
    codes = random.sample(sorted(links.codes(from_)), min(150, len(links.codes(from_))))
    table: Any = Activity.of(
        {
            "place": ["A"] * len(codes),
            "industry": codes,
            "output": [random.lognormvariate(0, 3) for _ in codes],
        }
    )
    for there, back in ((from_, to), (to, from_)):
        before = float(table.to_pandas()["output"].sum())
        done = tp.convert(table, from_=there, to=back, **options)
        after, lost = float(done.table.to_pandas()["output"].sum()), float(done.report["lost"].sum())
        assert after + lost == pytest.approx(before, rel=1e-12) and after > 0
        assert float(done.report["mapped"].sum()) == pytest.approx(after, rel=1e-12)
        table = done.table


@pytest.mark.slow
def test_every_pair_loses_nothing_unreported() -> None:
    """Every pair by the links of 20 codes; every eighth by a converted table too."""
    random.seed(2)
    pairs = 0
    for from_ in links.schemes():
        codes = random.sample(sorted(links.codes(from_)), 20)
        output = [random.lognormvariate(0, 3) for _ in codes]
        table = Activity.of({"place": ["A"] * 20, "industry": codes, "output": output})
        for to in sorted(set(links.schemes()) - {from_}):
            try:
                found = tp.concordance(from_, to)
            except WrongOption as error:
                assert "no chain" in str(error)
                continue
            pairs += 1
            rows = found.of(codes)
            arrives = rows["weight"].fillna(0).groupby(rows["code"]).sum()
            assert arrives.max() <= 1 + 1e-12 and rows["weight"].min() >= 0
            if pairs % 8 == 0:
                done = tp.convert(table, from_=from_, to=to)
                after, said = float(done.table.to_pandas()["output"].sum()), done.report.set_index("code")
                total = float(said["value"].sum())
                assert total == pytest.approx(sum(output), rel=1e-12)
                assert after + float(said["lost"].sum()) == pytest.approx(total, rel=1e-12), (from_, to)
                np.testing.assert_allclose(
                    said["mapped_share"], arrives.reindex(said.index, fill_value=0), rtol=1e-12
                )
    assert pairs == 384


def test_what_can_not_be_converted() -> None:
    table = trade(["901320"], [1.0])
    with pytest.raises(UnknownName, match="no code of the table is in NACE-2") as caught:
        tp.convert(table, from_="NACE-2", to="ISIC-4")
    assert "HS-2007 (100 % of the codes)" in str(caught.value)
    places: Any = Places.of({"place": ["A"], "x": [1.0], "y": [2.0]}, crs="EPSG:4326")
    with pytest.raises(WrongOption, match="this kind of table can't be converted"):
        tp.convert(places, from_="NACE-2", to="ISIC-4")
    with pytest.raises(MissingColumn, match="has no value"):
        tp.convert(table, from_="HS-2007", to="ISIC-3", value="jobs")
    with pytest.raises(EmptyTable):
        tp.convert(trade([], []), from_="HS-2007", to="ISIC-3")
