"""Oracles: the triangle by hand, sums written out, Stata's published densities, and the world's proximity put in by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import UnknownName, WrongOption

density = tp.competitiveness.relatedness_density
proximity = tp.competitiveness.product_proximity
HAS = {"A": "wxyz", "B": "wxy", "C": "wx", "D": "w"}
TRIANGLE = pd.DataFrame(
    [(place, item, 1.0) for place, items in HAS.items() for item in items],
    columns=["exporter", "product", "value"],
)
NEAR = {"wx": 3 / 4, "wy": 1 / 2, "wz": 1 / 4, "xy": 2 / 3, "xz": 1 / 3, "yz": 1 / 2}
# Of Stata's ecomplexity for 1995, as in test_economic_complexity.
STATA = {
    ("aut", "1704"): 0.4624999999999999,
    ("aut", "1806"): 0.483619344773791,
    ("dnk", "9403"): 0.4682713347921225,
    ("gbr", "4905"): 0.8154657293497363,
    ("pol", "7307"): 0.14,
    ("svn", "9403"): 0.6039387308533917,
}


def by_hand(place: str, item: str, *, itself: bool) -> float:
    near = {q: 1.0 if q == item else NEAR["".join(sorted(item + q))] for q in "wxyz" if itself or q != item}
    return sum(phi for q, phi in near.items() if q in HAS[place]) / sum(near.values())


@pytest.mark.parametrize("diagonal", ["included", "excluded"])
def test_triangle_by_hand(diagonal: str) -> None:
    table = density(TRIANGLE, presence="positive", diagonal=diagonal).table
    assert len(table) == 16
    for row in table.itertuples():
        expected = by_hand(row.exporter, row.product, itself=diagonal == "included")
        assert row.density == pytest.approx(expected, rel=1e-12)
        assert row.present == (row.product in HAS[row.exporter])


def test_stata_leaves_the_product_itself_out(shared_data: Path) -> None:
    path = shared_data / "trade-ecomplexity-sample" / "trade_sample_1995.csv"
    frame = pd.read_csv(path, dtype={"product": "str"})
    frame = frame.rename(columns={"country": "exporter", "export_usd": "value"})
    table = density(frame, diagonal="excluded").table.set_index(["exporter", "product"])
    for key, expected in STATA.items():
        assert table.loc[key, "density"] == pytest.approx(expected, abs=1e-14)
    assert table.loc[("aut", "1704"), "rca"] == pytest.approx(0.5708342888507129, rel=1e-7)


WORLD = TRIANGLE.assign(value=[40, 30, 20, 10, 5, 5, 5, 9, 1, 7.0])
REGIONS = pd.DataFrame(
    {"exporter": ["r", "r", "s", "t"], "product": ["w", "y", "x", "v"], "value": [8.0, 2.0, 5.0, 1.0]}
)


def test_regions_with_the_worlds_proximity() -> None:
    """RCA against the world's totals (w 61, x 36, y 25, z 10 of 132); density over the world's proximity."""
    result = density(REGIONS, reference=WORLD, proximity=proximity(TRIANGLE, presence="positive"))
    table = result.table.set_index(["exporter", "product"])
    assert table.loc[("r", "w"), "rca"] == pytest.approx(0.8 / (61 / 132), rel=1e-12)
    assert table.loc[("r", "y"), "rca"] == pytest.approx(0.2 / (25 / 132), rel=1e-12)
    assert table.loc[("r", "x"), "rca"] == 0 and not table.loc[("r", "x"), "present"]
    assert table.loc[("r", "x"), "density"] == pytest.approx(
        (3 / 4 + 2 / 3) / (1 + 3 / 4 + 2 / 3 + 1 / 3), rel=1e-12
    )
    assert table.loc[("t", "x"), "density"] == 0
    strange = result.table[result.table["product"] == "v"]
    assert strange["undefined"].unique().tolist() == ["the proximities don't have it"]
    assert result.table["undefined"].tail(3).tolist() == strange["undefined"].tolist()


def test_the_reference_gives_the_proximity_too() -> None:
    one = density(REGIONS, reference=WORLD)
    two = density(REGIONS, reference=WORLD, proximity=proximity(WORLD))
    pd.testing.assert_frame_equal(one.table, two.table)
    of_one_year = density(REGIONS.assign(year=2020), reference=WORLD).table
    assert of_one_year["density"].equals(one.table["density"])


def test_a_loaded_proximity_serves_as_well(tmp_path: Path) -> None:
    saved = tp.load_result(proximity(WORLD).save(tmp_path / "near"))
    assert density(REGIONS, reference=WORLD, proximity=saved).table.equals(
        density(REGIONS, reference=WORLD).table
    )


def test_an_activity_with_the_worlds_industries() -> None:
    """Jobs by region and industry instead of exports: the same numbers under the table's own names."""
    as_jobs = {"exporter": "place", "product": "industry", "value": "employment"}
    one = density(REGIONS.rename(columns=as_jobs), reference=WORLD.rename(columns=as_jobs)).table
    two = density(REGIONS, reference=WORLD).table
    assert one.columns.tolist()[:2] == ["place", "industry"]
    assert one["density"].equals(two["density"])


def test_places_without_anything_and_withheld_cells() -> None:
    more = pd.concat([TRIANGLE, pd.DataFrame({"exporter": ["Z"], "product": ["w"], "value": [0.0]})])
    table = density(more, presence="positive").table
    assert table["undefined"].tail(4).unique().tolist() == ["the exporter has no exports"]
    assert table["density"].tail(4).isna().all()
    jobs = TRIANGLE.rename(columns={"exporter": "place", "product": "industry", "value": "employment"})
    jobs.loc[0, "employment"] = np.nan
    row = density(jobs, presence="positive").table.iloc[-1]
    assert (row["place"], row["industry"], row["undefined"]) == ("A", "w", "withheld")
    assert np.isnan(row["rca"]) and not row["present"] and row["density"] > 0


def test_rows_asked_for() -> None:
    every = density(TRIANGLE, presence="positive").table.set_index(["exporter", "product"])["density"]
    some = density(TRIANGLE, presence="positive", exporters=["C"], products=["y", "z"])
    assert some.table["density"].tolist() == [every["C", "y"], every["C", "z"]]
    assert "C · y" in some.summary()


def test_bad_input() -> None:
    with pytest.raises(WrongOption, match="product_proximity"):
        density(TRIANGLE, proximity=tp.competitiveness.economic_complexity(TRIANGLE))
    with pytest.raises(UnknownName, match="year"):
        both = pd.concat([WORLD.assign(year=2001), WORLD.assign(year=2002)])
        density(REGIONS.assign(year=2005), proximity=proximity(both))
    with pytest.raises(UnknownName, match="exporter"):
        density(TRIANGLE, exporters=["nobody"])


@pytest.mark.slow
def test_provinces_of_spain(shared_data: Path) -> None:
    """What places hold has a higher density than what they lack, in the world and in Spain's provinces with the world's proximity."""
    world = pd.read_csv(shared_data / "trade-country-product" / "trade_hs_sections_baci_2019_2021.csv.gz")
    spain = pd.read_csv(shared_data / "trade-regions-spain" / "spain_provinces_exports_sections_2022.csv.gz")
    world = world.rename(
        columns={"country": "exporter", "section_id": "product", "export_usd_2019_2021": "value"}
    )
    spain = spain.rename(columns={"province": "exporter", "section_id": "product", "export_usd": "value"})
    keep = ["exporter", "product", "value"]
    table = density(
        spain[keep].astype({"product": str}), reference=world[keep].astype({"product": str})
    ).table
    known = table[table["undefined"] == ""]
    assert set(table.loc[table["undefined"] != "", "product"]) == {
        "22"
    }  # unspecified, which the world's table lacks
    assert table["exporter"].nunique() == 53 and table["product"].nunique() == 22
    means = known.groupby("present")["density"].mean()
    assert means[True] > means[False] + 0.1
