"""Revealed comparative advantage: the project's oracle 11.3, Stata's and py-ecomplexity's sample, what is undefined."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import EmptyTable, MissingColumn, UnknownName, WrongOption
from technopole.tables import Activity, Patents, Trade

rca = tp.competitiveness.revealed_comparative_advantage


def flows(values: dict[tuple[str, str], float], **more: Any) -> pd.DataFrame:
    """(exporter, product) -> value."""
    return pd.DataFrame([{"exporter": e, "product": p, "value": v, **more} for (e, p), v in values.items()])


EXPORTS = flows({("A", "1"): 60, ("A", "2"): 40, ("B", "1"): 40, ("B", "2"): 160})
IMPORTS = flows({("A", "1"): 20, ("A", "2"): 80, ("B", "1"): 80, ("B", "2"): 120})

CHECKED, CHECKED_IMPORTS = Trade.of(EXPORTS), Trade.of(IMPORTS)


def first(result: Any, column: str) -> float:
    return float(result.table[column].iloc[0])


@pytest.mark.parametrize(
    ("index", "column", "expected"),
    [
        ("balassa", "rca", 1.8),
        ("symmetric", "rsca", 2 / 7),
        ("log", "log_rca", np.log(1.8)),
        ("normalised", "nrca", 4 / 45),
        ("vollrath", "rxa", 6.0),
        ("vollrath", "rma", 0.375),
        ("vollrath", "rta", 5.625),
        ("vollrath", "rc", np.log(16)),
        ("michaely", "michaely", 0.4),
    ],
)
def test_oracle(index: str, column: str, expected: float) -> None:
    """Oracle 11.3 of country A's product 1."""
    given = {"imports": CHECKED_IMPORTS} if index in ("vollrath", "michaely") else {}
    assert first(rca(CHECKED, index=index, **given), column) == pytest.approx(expected, rel=1e-12)


def test_vollrath_with_own_country_and_product_is_balassa() -> None:
    result = rca(EXPORTS, index="vollrath", own="included", imports=IMPORTS)
    assert first(result, "rxa") == pytest.approx(1.8, rel=1e-12)
    assert first(result, "rma") == pytest.approx((20 / 100) / (100 / 300), rel=1e-12)


@pytest.mark.slow
def test_imports_are_the_rows_by_importer() -> None:
    """Rows with importers, as a table of their own or of the same, and imports told by who imports: one answer."""
    both = pd.DataFrame(
        [
            (e, i, p, 1.0 + ord(e) * ord(p) % 7 + ord(i) % 5)
            for e, i, p in itertools.product("ABC", "ABC", "xyz")
            if e != i
        ],
        columns=["exporter", "importer", "product", "value"],
    )
    told = (
        both.groupby(["importer", "product"], as_index=False)["value"]
        .sum()
        .rename(columns={"importer": "exporter"})
    )
    one = rca(both, index="vollrath").table
    pd.testing.assert_frame_equal(rca(both, index="vollrath", imports=both).table, one)
    pd.testing.assert_frame_equal(rca(both, index="vollrath", imports=told).table, one)
    with pytest.raises(MissingColumn, match="imports"):
        rca(EXPORTS, index="michaely")


# RCA of 1995 as Stata's ecomplexity gives it (cid-harvard/py-ecomplexity, tests/fixtures/stata_single_year_1995.csv).
STATA = {
    ("aut", "1704"): 0.5708342888307129,
    ("aut", "6804"): 3.526584277017775,
    ("aut", "9403"): 0.7089217787489412,
    ("blx", "2105"): 2.147728581864913,
    ("blx", "7307"): 0.359141288279738,
    ("che", "3922"): 3.144188179903519,
    ("che", "2105"): 0.117600553232716,
    ("deu", "8431"): 1.251240761240518,
    ("deu", "9403"): 0.7259307493691508,
    ("dnk", "1704"): 1.782909953293546,
}


@pytest.mark.slow
def test_sample_of_py_ecomplexity(shared_data: Path) -> None:
    """By brute force to 1e-10; Stata's values to the 1e-6 that its 4-byte exports carry."""
    raw = pd.read_csv(
        shared_data / "trade-ecomplexity-sample" / "trade_sample_1995.csv", dtype={"product": str}
    )
    table = raw.rename(columns={"country": "exporter", "export_usd": "value"})
    found = rca(table).table.set_index(["exporter", "product"])["rca"]
    matrix = raw.pivot_table(
        index="country", columns="product", values="export_usd", aggfunc="sum", fill_value=0.0
    )
    for country, product in itertools.product(matrix.index, matrix.columns):
        own = matrix.loc[country, product] / sum(matrix.loc[country])
        world = sum(matrix[product]) / sum(sum(matrix[other]) for other in matrix.columns)
        assert found[country, product] == pytest.approx(own / world, rel=1e-10)
    for key, expected in STATA.items():
        assert found[key] == pytest.approx(expected, rel=1e-6)


def test_regions_against_the_world() -> None:
    """A region in a world that also makes a product nobody in the table has."""
    world = flows({("W", "1"): 10, ("W", "2"): 20, ("W", "3"): 10})
    table = rca(flows({("R", "1"): 3, ("R", "2"): 1}), reference=world).table
    assert table["rca"].tolist() == pytest.approx([3.0, 0.5, 0.0], rel=1e-12)
    unknown = rca(flows({("R", "1"): 3, ("R", "9"): 1}), reference=world).table.set_index("product")
    assert unknown.loc["9", "undefined"] == "nobody has it" and np.isnan(unknown.loc["9", "rca"])
    with pytest.raises(UnknownName, match="year"):
        rca(flows({("R", "1"): 3}, year=2010), reference=flows({("W", "1"): 3}, year=2011))
    with pytest.raises(WrongOption):
        rca(EXPORTS, index="vollrath", imports=IMPORTS, reference=world)


@pytest.mark.slow
def test_undefined_is_said_and_sorts_last() -> None:
    table = rca(pd.concat([EXPORTS, flows({("Z", "1"): 0, ("A", "3"): 0})])).table
    gone = table[table["undefined"] != ""]
    assert list(table.index[-len(gone) :]) == list(gone.index)
    assert set(gone["undefined"]) == {"the place has nothing", "nobody has it"} and gone["rca"].isna().all()
    log = rca(flows({("A", "1"): 1, ("B", "2"): 2}), index="log").table
    assert log["undefined"].tolist() == ["", "", *["there is no logarithm of 0"] * 2]
    withheld = rca(Activity.of({"place": list("aabb"), "industry": list("xyxy"), "jobs": [1, None, 2, 2]}))
    assert withheld.table.iloc[-1]["undefined"] == "withheld" and "withheld" in withheld.warnings[-1]


def test_one_exporter_is_its_own_world() -> None:
    result = rca(EXPORTS[EXPORTS["exporter"] == "A"])
    assert result.table["rca"].tolist() == [1.0, 1.0]
    assert "one exporter only" in result.warnings[0]


def test_gained_lost_and_new() -> None:
    before = flows({("A", "1"): 60, ("A", "2"): 40, ("B", "1"): 40, ("B", "2"): 160}, year=2000)
    after = flows({("A", "1"): 10, ("A", "2"): 90, ("B", "1"): 90, ("B", "2"): 60, ("B", "3"): 50}, year=2010)
    result = rca(pd.concat([before, after]))
    change = result.change.set_index(["exporter", "product"])
    assert change["status"].to_dict() == {
        ("A", "1"): "lost",
        ("A", "2"): "gained",
        ("B", "1"): "gained",
        ("B", "2"): "lost",
        ("A", "3"): "none",
        ("B", "3"): "new",
    }
    assert change.loc[("A", "1"), "change"] == pytest.approx(0.1 / (100 / 300) - 1.8, rel=1e-12)
    assert change.loc[("B", "3"), "undefined"] == "undefined in 2000"
    assert "change" not in rca(before).frames and "gained" in result.text


def test_products_and_exporters_choose_rows_but_not_totals() -> None:
    result = rca(EXPORTS, products=["1"], exporters=["A"])
    assert result.table[["exporter", "product"]].to_numpy().tolist() == [["A", "1"]]
    assert first(result, "rca") == pytest.approx(1.8, rel=1e-12)
    sector = tp.sector("both", scheme="mine", codes=["1", "2"])
    assert rca(EXPORTS, sector=sector).table["rca"].tolist() == [1.0, 1.0]
    with pytest.raises(UnknownName, match="product"):
        rca(EXPORTS, products=["7"])


def test_technologies_of_places_have_their_words() -> None:
    patents = {"place": list("aabb"), "technology": list("xyxy"), "patents": [3, 1, 1, 3]}
    result = rca(Patents.of(patents))
    assert (
        list(result.table.columns[:2]) == ["place", "technology"] and "technological advantage" in result.text
    )


def test_refused_in_words() -> None:
    with pytest.raises(WrongOption, match="threshold"):
        rca(EXPORTS, threshold=0)
    with pytest.raises(EmptyTable):
        rca(EXPORTS.iloc[:0])
    nothing = rca(EXPORTS.assign(value=0))
    assert nothing.table["rca"].isna().all() and nothing.text.startswith("No comparative advantage")


def test_an_exporter_of_next_to_nothing_is_in_the_table_but_not_named() -> None:
    cells = {
        "exporter": ["A", "A", "B", "B", "I"],
        "product": list("xyxyx"),
        "value": [60e6, 40e6, 40e6, 160e6, 900.0],
    }
    found = rca(pd.DataFrame(cells))
    island = found.table[found.table["exporter"] == "I"]
    assert island["rca"].max() == pytest.approx(300_000_900 / 100_000_900, rel=1e-12)
    assert "I" not in set(found.leading["exporter"]) and "Highest by RCA: A · x" in found.text
    assert any("1 exporter with less than 0.01%" in said and "(I)" in said for said in found.warnings)
    named = rca(pd.DataFrame(cells), minimum=0)
    assert named.leading["exporter"].iloc[0] == "I" and named.warnings == ()
    assert "I" in set(rca(pd.DataFrame(cells), exporters=["I"]).leading["exporter"])
