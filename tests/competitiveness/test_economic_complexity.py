"""Oracles: the triangle by hand, Stata's published output for ten countries, numpy's eigenvectors of 2017's trade, income per head."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import UnknownName, WrongOption

complexity = tp.competitiveness.economic_complexity
HAS = {"A": "wxyz", "B": "wxy", "C": "wx", "D": "w"}
TRIANGLE = pd.DataFrame(
    [(place, item, 1.0) for place, items in HAS.items() for item in items],
    columns=["exporter", "product", "value"],
)

# Growth Lab's test data: output of the Stata package ecomplexity for the ten countries and thirty products of 1995
# (github.com/cid-harvard/py-ecomplexity, tests/fixtures/stata_single_year_1995.csv).
STATA_ECI = {
    "aut": 1.073207217992253,
    "blx": -0.3159764634559932,
    "che": 1.06773721349865,
    "deu": 1.200861157616729,
    "dnk": -0.9777046345252988,
    "esp": 0.0180390442936879,
    "gbr": 0.5359206138129307,
    "ita": -0.421184002398617,
    "pol": -2.170709342895322,
    "svn": -0.0101908039390183,
}
STATA_DIVERSITY = [14, 16, 16, 15, 11, 16, 20, 9, 7, 14]
STATA_PCI = {
    "1704": (-1.470491886427003, 6),
    "1806": (0.9898334389413032, 3),
    "2105": (-3.323137535581785, 4),
    "3917": (2.794806326517154, 4),
    "4010": (0.9458555639215322, 6),
    "6810": (-3.047699996853477, 5),
    "7307": (1.865519843983964, 5),
    "8431": (2.140168306589086, 5),
    "8474": (-0.1620847904245116, 4),
    "9403": (-3.434600369331548, 4),
}


def sample(shared_data: Path) -> pd.DataFrame:
    path = shared_data / "trade-ecomplexity-sample" / "trade_sample_1995.csv"
    return pd.read_csv(path, dtype={"product": "str"}).rename(
        columns={"country": "exporter", "export_usd": "value"}
    )


def headings(shared_data: Path, year: int = 2017) -> pd.DataFrame:
    path = shared_data / "trade-country-product" / "trade_hs4_1962_1980_2017.parquet"
    frame = pd.read_parquet(path, filters=[("year", "=", year)])
    return frame.rename(columns={"country": "exporter", "export_usd": "value"})


def test_triangle_by_hand() -> None:
    result = complexity(TRIANGLE, presence="positive")
    assert list(result.table["eci"]) == pytest.approx(np.array([3, 1, -1, -3]) / np.sqrt(5), rel=1e-12)
    assert list(result.table["diversity"]) == [4, 3, 2, 1]
    assert list(result.products["ubiquity"]) == [4, 3, 2, 1]
    # the eigenvector's places are 2, 0, -2, -4, products four times the means of the places that have them: -4, 0, 4, 8
    means = (np.array([-4, 0, 4, 8]) + 1) / np.sqrt(5)
    assert list(result.products["pci"]) == pytest.approx(means, rel=1e-12, abs=1e-12)
    row = result.solution.iloc[0]
    assert (row["second_eigenvalue"], row["third_eigenvalue"]) == pytest.approx((1 / 4, 1 / 9), rel=1e-12)
    assert result.summary().startswith("Of 4 exporters, A (1.34), B (0.45), C (-0.45) have the highest")


def test_two_places() -> None:
    """A has x and y, B x alone: plus and minus one standard deviation; by Stata's, over 2 x 2 rows, the root of 3/4."""
    two = TRIANGLE[TRIANGLE["exporter"].isin(["C", "D"])]
    for convention, size in (("atlas", 1.0), ("stata", np.sqrt(3 / 4)), ("sample", np.sqrt(1 / 2))):
        found = complexity(two, presence="positive", convention=convention).table["eci"]
        assert list(found) == pytest.approx([size, -size], rel=1e-12)


def test_threshold_at_exactly_one() -> None:
    """All have the same mix, so every RCA is 1 but for rounding: everybody has everything at 1 or more, nobody above."""
    same = pd.DataFrame(
        [(c, p, k * s) for c, k in (("A", 0.1), ("B", 0.7), ("C", 3.3)) for p, s in (("x", 0.3), ("y", 1.7))],
        columns=["exporter", "product", "value"],
    )
    assert complexity(same).table["diversity"].tolist() == [2, 2, 2]
    assert complexity(same).table["undefined"].unique().tolist() == ["all places have the same items"]
    above = complexity(same, presence="above")
    assert above.table["diversity"].tolist() == [0, 0, 0]
    assert above.table["undefined"].iloc[0] == "the exporter has no comparative advantage in any product"


def test_stata_reproduced(shared_data: Path) -> None:
    result = complexity(sample(shared_data), convention="stata")
    table, products = result.table.set_index("exporter"), result.products.set_index("product")
    assert table["eci"].to_dict() == pytest.approx(STATA_ECI, abs=1e-11)
    assert table["diversity"].to_list() == STATA_DIVERSITY
    for code, (pci, ubiquity) in STATA_PCI.items():
        assert products.loc[code, "pci"] == pytest.approx(pci, abs=1e-11)
        assert products.loc[code, "ubiquity"] == ubiquity


def test_conventions_of_the_sample(shared_data: Path) -> None:
    """Stata's deviation is over 300 rows with 299 degrees of freedom; the Atlas's over ten countries."""
    frame = sample(shared_data)
    atlas, stata = (complexity(frame, convention=c).table["eci"].to_numpy() for c in ("atlas", "stata"))
    assert (atlas**2).sum() == pytest.approx(10, rel=1e-12)
    assert (stata**2).sum() == pytest.approx(10 * 299 / 300, rel=1e-12)


@pytest.mark.slow
def test_headings_of_2017_against_numpy(shared_data: Path) -> None:
    """224 countries x 1,222 headings: numpy's eigenvectors of the countries' matrix as it stands, not made symmetric."""
    frame = headings(shared_data)
    values = frame.pivot(index="exporter", columns="product", values="value").fillna(0.0)
    x = values.to_numpy()
    rca = (x / x.sum(axis=1, keepdims=True)) / (x.sum(axis=0) / x.sum())
    have = (rca >= 1).astype(float)
    roots, vectors = np.linalg.eig((have / have.sum(axis=1, keepdims=True)) @ (have / have.sum(axis=0)).T)
    second = np.argsort(np.real(roots))[-2]
    place = np.real(vectors[:, second])
    item = (have / have.sum(axis=0)).T @ place / np.real(roots[second])
    sign = np.sign(np.corrcoef(have.sum(axis=1), place)[0, 1])
    eci, pci = (sign * (side - place.mean()) / place.std() for side in (place, item))

    result = complexity(frame)
    table, products = result.table.set_index("exporter"), result.products.set_index("product")
    assert list(table.index) == list(values.index) and list(products.index) == list(values.columns)
    assert (table["diversity"] == have.sum(axis=1)).all() and (products["ubiquity"] == have.sum(axis=0)).all()
    assert np.corrcoef(table["eci"], eci)[0, 1] >= 0.99999
    assert table["eci"].to_numpy() == pytest.approx(eci, abs=1e-10)
    assert products["pci"].to_numpy() == pytest.approx(pci, abs=1e-10)


@pytest.mark.slow
def test_income_rises_with_complexity(shared_data: Path) -> None:
    """Tradeweave's re-estimate for 2022 is a correlation of 0.76 with the logarithm of income per head; here 2017."""
    people = pd.read_csv(shared_data / "trade-country-product" / "gdp_population_2017.csv.gz").set_index(
        "country"
    )
    frame = headings(shared_data)
    large = sorted(set(people.index[people["population_total"] > 1e6]) & set(frame["exporter"]))
    table = complexity(frame, exporters=large, minimum_total=1e9).table.set_index("exporter")
    joined = table[table["undefined"] == ""].join(people["gdp_pc_usd"]).dropna(subset=["gdp_pc_usd"])
    assert len(joined) > 120
    assert 0.7 <= np.corrcoef(joined["eci"], np.log(joined["gdp_pc_usd"]))[0, 1] <= 0.85


def test_reflections_and_fitness() -> None:
    rounds = complexity(TRIANGLE, presence="positive", method="reflections")
    assert list(rounds.table["eci"]) == pytest.approx(np.array([3, 1, -1, -3]) / np.sqrt(5), abs=1e-8)
    assert rounds.solution["change"].iloc[0] < 1e-10 and "rounds" in rounds.summary()
    once = complexity(TRIANGLE, presence="positive", method="reflections", iterations=2).table["eci"]
    k1 = np.array([10 / 4, 9 / 3, 7 / 2, 4.0])  # mean ubiquity, not used by the second reflection
    k2 = np.array(
        [np.mean([2.5, 3, 3.5, 4][:n]) for n in (4, 3, 2, 1)]
    )  # mean of the products' mean diversity
    assert k1[0] == 2.5 and list(once) == pytest.approx((k2 - k2.mean()) / k2.std(), rel=1e-12)
    fit = complexity(TRIANGLE, presence="positive", method="fitness", iterations=1)
    assert list(fit.table["fitness"]) == pytest.approx([1.6, 1.2, 0.8, 0.4], rel=1e-12)
    assert list(fit.products["complexity"]) == pytest.approx(np.array([3, 4, 6, 12]) / 25 * 4, rel=1e-12)
    assert "1 = the mean" in fit.summary()


def loose() -> pd.DataFrame:
    """Eight places whose complexity hardly goes with diversity; reflections from diversity end in minus the eigenvector."""
    have = np.random.default_rng(3).random((8, 10)) < 0.5
    place, item = np.nonzero(have)
    return pd.DataFrame(
        {"exporter": np.array(list("ABCDEFGH"))[place], "product": item.astype(str), "value": 1.0}
    )


def test_a_sign_that_hangs_on_little_is_said() -> None:
    vector = complexity(loose(), presence="positive")
    table, related = vector.table, vector.solution["diversity_correlation"].item()
    assert related == pytest.approx(np.corrcoef(table["eci"], table["diversity"])[0, 1], rel=1e-9)
    assert 0 < related < 0.3 and f"(correlation {related:.2f}" in vector.warnings[-1]
    still = complexity(loose(), presence="positive", method="reflections")
    assert still.table["eci"].to_numpy() == pytest.approx(table["eci"].to_numpy(), abs=1e-5)
    rounds = complexity(loose(), presence="positive", method="reflections", iterations=200)
    assert rounds.table["eci"].to_numpy() == pytest.approx(-table["eci"].to_numpy(), abs=1e-3)
    assert "hardly rises with diversity (correlation -" in rounds.warnings[-1]
    assert not complexity(TRIANGLE, presence="positive").warnings


@pytest.mark.slow
def test_ranks_over_thresholds(shared_data: Path) -> None:
    """Each place's best and worst rank over seven thresholds, each computed for itself."""
    frame = sample(shared_data)
    found = complexity(frame, stability="thresholds").table.set_index("exporter")
    apart = pd.DataFrame(
        {
            step: complexity(frame, threshold=0.5 * 4 ** (step / 6)).table.set_index("exporter")["eci"]
            for step in range(7)
        }
    ).rank(ascending=False)
    assert found["rank"].to_dict() == apart[3].to_dict()
    assert found["rank_low"].to_dict() == apart.min(axis=1).to_dict()
    assert found["rank_high"].to_dict() == apart.max(axis=1).to_dict()


def test_ranks_over_draws_of_products(shared_data: Path) -> None:
    frame = sample(shared_data)
    result = complexity(frame, stability="products", draws=20)
    found = result.table
    assert (found["rank_low"] <= found["rank_high"]).all() and (found["rank_low"] < found["rank_high"]).any()
    again = complexity(frame.iloc[::-1], stability="products", draws=20)
    assert (
        again.table.equals(found) and "Over draws of the products with replacement (95%" in result.summary()
    )
    with pytest.raises(WrongOption, match="no threshold"):
        complexity(TRIANGLE, presence="positive", stability="thresholds")
    for wrong in ({"draws": 0}, {"level": 95}):
        with pytest.raises(WrongOption):
            complexity(frame, stability="products", **wrong)


def test_fitness_that_does_not_settle_is_said() -> None:
    result = complexity(
        TRIANGLE[TRIANGLE["exporter"].isin(["C", "D"])], presence="positive", method="fitness"
    )
    assert "fitness still changed by" in result.warnings[-1]


def test_who_takes_part() -> None:
    """A small territory that alone has a product is left out, with the reason; the others are as without it."""
    island = pd.DataFrame({"exporter": ["Z", "Z"], "product": ["w", "zz"], "value": [0.1, 0.2]})
    result = complexity(pd.concat([TRIANGLE, island]), presence="positive", minimum_total=1.0)
    assert list(result.table["eci"].head(4)) == pytest.approx(
        np.array([3, 1, -1, -3]) / np.sqrt(5), rel=1e-12
    )
    last = result.table.iloc[-1]
    assert (
        last["exporter"] == "Z" and np.isnan(last["eci"]) and last["undefined"] == "its exports are below 1"
    )
    assert result.products.iloc[-1]["undefined"] == "the world has no exports of this product"
    assert "1 exporters lie below minimum_total" in result.warnings[0]
    some = complexity(TRIANGLE, presence="positive", exporters=["A", "B"]).table
    assert some["exporter"].tolist() == ["A", "B"]
    with pytest.raises(UnknownName, match="exporter"):
        complexity(TRIANGLE, exporters=["Atlantis"])


def test_an_island_is_said() -> None:
    island = pd.DataFrame({"exporter": ["Y", "Z"], "product": ["q", "q"], "value": [1.0, 1.0]})
    result = complexity(pd.concat([TRIANGLE, island]), presence="positive")
    assert (
        result.table["undefined"].tolist() == [""] * 4 + ["it shares no product with most of the places"] * 2
    )
    assert result.products["undefined"].iloc[-1] == "only places that are left out have it"


def test_years_stand_for_themselves() -> None:
    both = pd.concat([TRIANGLE.assign(year=2001), TRIANGLE.assign(year=2002, value=5.0)])
    table = complexity(both, presence="positive").table
    assert table["year"].tolist() == [2001] * 4 + [2002] * 4
    assert table["eci"].to_numpy()[:4] == pytest.approx(table["eci"].to_numpy()[4:], rel=1e-14)


def test_regions_against_the_world() -> None:
    """Against the world's shares a region that has more of x than the world has it, whatever the other regions have."""
    world = pd.DataFrame({"exporter": ["W"] * 3, "product": list("xyz"), "value": [10.0, 20.0, 70.0]})
    regions = pd.DataFrame(
        {"exporter": list("AABBC"), "product": list("xyxyx"), "value": [60.0, 40.0, 20.0, 80.0, 5.0]}
    )
    found = complexity(regions, reference=world).table.set_index("exporter")["diversity"]
    assert found.to_dict() == {"A": 2, "B": 2, "C": 1}
    alone = complexity(regions).table.set_index("exporter")["diversity"]
    assert alone.to_dict() == {"A": 1, "B": 1, "C": 1}


def test_activity_and_withheld_cells() -> None:
    frame = TRIANGLE.rename(columns={"exporter": "place", "product": "industry", "value": "employment"})
    frame["employment"] = frame["employment"].where(~((frame["place"] == "B") & (frame["industry"] == "y")))
    result = complexity(frame, presence="positive")
    assert result.table.columns[0] == "place" and result.products.columns[0] == "industry"
    assert result.table.set_index("place")["diversity"].to_dict() == {"A": 4, "B": 2, "C": 2, "D": 1}
    assert "1 withheld cells" in result.warnings[-1]


def test_bad_options() -> None:
    for wrong in (
        {"threshold": 0.0},
        {"iterations": 4},
        {"method": "reflections", "iterations": 3},
        {"convention": "r"},
    ):
        with pytest.raises(WrongOption):
            complexity(TRIANGLE, **wrong)
    with pytest.raises(UnknownName, match="year"):
        complexity(TRIANGLE, year=1999)
    with pytest.raises(UnknownName, match="year"):
        complexity(TRIANGLE.assign(year=2001), reference=TRIANGLE.assign(year=2002))


def test_zeros_and_one_exporter() -> None:
    zeros = complexity(TRIANGLE.assign(value=0.0))
    assert zeros.table["undefined"].unique().tolist() == ["the exporter has no exports"]
    one = complexity(TRIANGLE[TRIANGLE["exporter"] == "A"])
    assert one.table["undefined"].tolist() == ["there is one place only"] and "one place" in one.summary()
