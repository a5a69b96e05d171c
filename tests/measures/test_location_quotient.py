"""Location quotient: hand-worked cases, published values, intervals against their definitions, bounds against brute force."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

import technopole as tp
from technopole.errors import EmptyTable, MissingColumn, UnknownName, WrongOption
from technopole.kernels import location_quotient as kernel
from technopole.kernels import proportion

lq = tp.measures.location_quotient


def cells(rows: dict[tuple[str, str], float], value: str = "employment") -> pd.DataFrame:
    """(place, industry) -> value."""
    return pd.DataFrame([{"place": p, "industry": i, value: v} for (p, i), v in rows.items()])


def at(result: tp.result.Result, place: str, industry: str) -> pd.Series:
    table = result.table
    return table[(table["place"] == place) & (table["industry"] == industry)].iloc[0]


TWO = cells({("A", "x"): 30, ("A", "y"): 10, ("B", "x"): 10, ("B", "y"): 30})


@pytest.mark.parametrize(
    ("place", "industry", "expected"),
    [("A", "x", (30 / 40) / (40 / 80)), ("A", "y", 0.5), ("B", "x", 0.5), ("B", "y", 1.5)],
)
def test_by_hand(place: str, industry: str, expected: float) -> None:
    assert at(lq(TWO), place, industry)["location_quotient"] == pytest.approx(expected, rel=1e-12)


def test_balassa_case_is_a_location_quotient() -> None:
    """Exports A = (60, 40), all others (40, 160): 1.8, the revealed comparative advantage of the project's oracle 11.3."""
    table = cells({("A", "1"): 60, ("A", "2"): 40, ("B", "1"): 40, ("B", "2"): 160}, "exports")
    assert at(lq(table, value="exports"), "A", "1")["location_quotient"] == pytest.approx(1.8, rel=1e-12)


def test_farhauer_and_kroell() -> None:
    """Farhauer & Kröll (2013), as documented with locq() of the R package REAT: 0.3847623."""
    e_ij, e_j, e_i, e = 1714, 79006, 879213, 15593224
    table = cells(
        {
            ("j", "i"): e_ij,
            ("j", "-"): e_j - e_ij,
            ("rest", "i"): e_i - e_ij,
            ("rest", "-"): e - e_j - e_i + e_ij,
        }
    )
    assert at(lq(table), "j", "i")["location_quotient"] == pytest.approx(0.3847623, abs=5e-8)


def test_years_are_separate_nations() -> None:
    both = pd.concat([TWO.assign(year=2018), TWO.assign(year=2019, employment=[10, 30, 10, 30])])
    table = lq(both).table.set_index(["year", "place", "industry"])["location_quotient"]
    assert table[2018, "A", "x"] == pytest.approx(1.5, rel=1e-12)
    assert table[2019, "A", "x"] == pytest.approx(1.0, rel=1e-12)


def test_wilson_interval_solves_its_equation() -> None:
    """The ends of Wilson's interval are the shares p with |x/n - p| = z sqrt(p (1 - p) / n)."""
    found = proportion.wilson(np.array([7.0]), np.array([50.0]), 0.95)
    for p in (found.low[0], found.high[0]):
        assert abs(0.14 - p) == pytest.approx(1.959963984540054 * math.sqrt(p * (1 - p) / 50), rel=1e-12)


def test_exact_interval_has_its_tails() -> None:
    """Clopper and Pearson: each end leaves exactly 2.5 % of the binomial beyond the count."""
    found = proportion.exact(np.array([7.0]), np.array([50.0]), 0.95)
    assert binom.sf(6, 50, found.low[0]) == pytest.approx(0.025, rel=1e-9)
    assert binom.cdf(7, 50, found.high[0]) == pytest.approx(0.025, rel=1e-9)


@pytest.mark.parametrize("method", ["wilson", "exact"])
def test_interval_is_the_share_s_over_the_nation_s_share(method: str) -> None:
    row = at(lq(TWO, interval=method), "A", "x")
    share = getattr(proportion, method)(np.array([30.0]), np.array([40.0]), 0.95)
    assert row["low"] == pytest.approx(share.low[0] / 0.5, rel=1e-12)
    assert row["high"] == pytest.approx(share.high[0] / 0.5, rel=1e-12)


def test_delta_interval_equals_numerical_gradient() -> None:
    """Brute force: the variance from a numerical gradient of the quotient in independent binomial counts of all places."""
    counts, sizes = np.array([12.0, 30.0, 5.0]), np.array([60.0, 90.0, 200.0])
    shares = counts / sizes

    def quotient(p: np.ndarray) -> float:
        return p[0] / ((p * sizes).sum() / sizes.sum())

    gradient = np.array([(quotient(shares + h) - quotient(shares - h)) / 2e-6 for h in 1e-6 * np.eye(3)])
    deviation = math.sqrt((gradient**2 * shares * (1 - shares) / sizes).sum())
    rows = {(f"p{i}", "x"): counts[i] for i in range(3)} | {
        (f"p{i}", "y"): sizes[i] - counts[i] for i in range(3)
    }
    row = at(lq(cells(rows), interval="delta"), "p0", "x")
    assert row["high"] - row["location_quotient"] == pytest.approx(1.959963984540054 * deviation, rel=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["wilson", "exact", "delta"])
def test_interval_covers_the_truth(method: str) -> None:
    """2,000 drawn nations of 60 places: Wilson and delta cover 93-97 %, exact at least 95 %."""
    random = np.random.default_rng(1)
    sizes = random.integers(200, 3000, 60).astype(float)
    truth = random.uniform(0.02, 0.3, 60)
    nation = (truth * sizes).sum() / sizes.sum()
    hits = []
    for _ in range(2000):
        x = random.binomial(sizes.astype(int), truth).astype(float)
        table = kernel.Counts.of_totals(x, sizes, np.full(60, x.sum()), np.full(60, sizes.sum()))
        if method == "delta":
            found = kernel.delta(table, np.full(60, (x - x * x / sizes).sum()), 0.95)
        else:
            found = kernel.sampling(method, table, table, 0.95)
        hits.append((found.low <= truth / nation) & (truth / nation <= found.high))
    covered = float(np.mean(hits))
    assert covered >= 0.95 if method == "exact" else 0.93 <= covered <= 0.97


def test_limits_are_sharp() -> None:
    """Brute force over a fine grid of all counts within the bounds."""
    low, high = (2.0, 5.0, 3.0, 40.0), (30.0, 9.0, 8.0, 60.0)

    def quotient(x: float, a: float, b: float, c: float) -> float:
        return x * (x + a + b + c) / ((x + a) * (x + b))

    grid = [
        np.linspace(lo, hi, 57 if k == 0 else 5) for k, (lo, hi) in enumerate(zip(low, high, strict=True))
    ]
    every = [quotient(*point) for point in itertools.product(*grid)]
    as_counts = [kernel.Counts(*(np.array([v]) for v in side)) for side in (low, high)]
    found = kernel.limits(*as_counts)
    assert found.low[0] == pytest.approx(min(every), rel=1e-12)
    assert found.high[0] >= max(every) * (1 - 1e-12)
    assert found.high[0] == pytest.approx(max(every), rel=1e-2)


WITHHELD = pd.DataFrame(
    {
        "place": ["A", "A", "B", "B"],
        "industry": ["x", "y", "x", "y"],
        "employment": [None, 60, 30, 70],
        "employment_low": [20, 60, 30, 70],
        "employment_high": [40, 60, 30, 70],
    }
)


def test_withheld_value_has_limits_and_no_quotient() -> None:
    """A's x lies in [20, 40]: the quotient in [(20/80)/(50/180), (40/100)/(70/200)]."""
    result = lq(WITHHELD)
    row = at(result, "A", "x")
    assert math.isnan(row["location_quotient"]) and row["undefined"] == "suppressed"
    assert row["low"] == pytest.approx(0.9, rel=1e-12)
    assert row["high"] == pytest.approx(0.4 / 0.35, rel=1e-12)
    assert list(result.table["undefined"]) == ["", "", "", "suppressed"]
    said = next(item for item in result.warnings if "1 of 4 cells (25.0%)" in item)
    assert "between 20 and 40, between 10.5% and 21.1% of the total" in said


def test_withheld_neighbours_widen_the_others() -> None:
    full = WITHHELD.assign(employment=[30, 60, 30, 70]).drop(columns=["employment_low", "employment_high"])
    with_bounds, without = at(lq(WITHHELD), "B", "x"), at(lq(full), "B", "x")
    assert with_bounds["location_quotient"] == pytest.approx(without["location_quotient"], rel=1e-12)
    assert with_bounds["low"] < without["low"] and with_bounds["high"] > without["high"]


def test_interval_none_keeps_only_limits() -> None:
    table = lq(WITHHELD, interval="none").table.set_index(["place", "industry"])
    assert table.loc[("B", "x"), "low"] == pytest.approx(0.3 / (70 / 200), rel=1e-12)
    assert table.loc[("B", "x"), "high"] == pytest.approx(0.3 / (50 / 180), rel=1e-12)
    assert lq(TWO, interval="none").table[["low", "high"]].isna().all().all()


def test_no_upper_bound_stays_unbounded() -> None:
    open_ended = WITHHELD[["place", "industry", "employment"]]
    result = lq(open_ended)
    row = at(result, "A", "x")
    assert row["low"] == 0 and row["high"] > 1 and row["undefined"] == "suppressed"
    assert any("no upper bound" in said for said in result.warnings)


def test_money_has_no_sampling_interval() -> None:
    result = lq(TWO.rename(columns={"employment": "output"}), value="output")
    assert result.table[["low", "high"]].isna().all().all()
    assert "output isn't a count" in result.warnings[-1]


def test_sector_counts_as_one_industry() -> None:
    table = cells({("A", "261"): 10, ("A", "262"): 20, ("A", "9"): 10, ("B", "261"): 5, ("B", "9"): 55})
    mine = tp.sector("mine", scheme="own", codes={"26": 1.0, "262": 0.5})
    result = lq(table, sector=mine)
    assert list(result.table["place"]) == ["A", "B"]
    assert at(result, "A", "mine")["value"] == 20
    assert at(result, "A", "mine")["location_quotient"] == pytest.approx((20 / 40) / (25 / 100), rel=1e-12)


def test_undefined_is_said() -> None:
    table = pd.concat([TWO, cells({("C", "x"): 0, ("A", "z"): 0})])
    said = lq(table).table.set_index(["place", "industry"])["undefined"]
    assert said["C", "x"] == "the place has no employment"
    assert said["A", "z"] == "no place has employment in this industry"
    assert "nothing but zeros" in lq(TWO.assign(employment=0)).summary()


def test_leading_cells_and_summary() -> None:
    result = lq(TWO)
    assert list(result.leading["label"]) == ["A · x", "B · y", "B · x", "A · y"]
    assert result.summary().startswith(
        "The highest location quotients are those of A · x (1.5, 95% interval "
    )


def test_bad_input() -> None:
    with pytest.raises(WrongOption, match="between 0 and 1"):
        lq(TWO, level=95)
    with pytest.raises(WrongOption, match="interval"):
        lq(TWO, interval="wald")
    with pytest.raises(MissingColumn, match="wages"):
        lq(TWO, value="wages")
    with pytest.raises(EmptyTable):
        lq(TWO.iloc[:0])
    with pytest.raises(UnknownName, match="photonics"):
        lq(TWO, sector=tp.sector("photonics", scheme="NAICS-2017"))


@pytest.mark.slow
def test_rochester_stands_out(shared_data) -> None:
    """County business patterns 2019: of counties with 1,000 photonics jobs, Monroe County NY is among the five most specialised."""
    frame = pd.read_parquet(
        shared_data / "us-county-business-patterns" / "cbp_county_naics6_2017_2021.parquet"
    )
    frame = frame[frame["year"] == 2019].rename(
        columns={"fips": "place", "naics": "industry", "emp": "employment"}
    )
    photonics = tp.sector("photonics", scheme="NAICS-2017")
    table = lq(frame[["place", "industry", "year", "employment"]], sector=photonics).table
    large = table[table["value"] >= 1000].sort_values("location_quotient", ascending=False)
    assert "36055" in set(large["place"].head(5))
    assert (large["low"].head(5) > 5).all()


@pytest.mark.slow
def test_limits_of_a_nation_against_enumeration() -> None:
    """Three cells withheld within small bounds: every nation they allow, enumerated; known cells have their range too."""
    known = np.array([[4, 9, 30], [12, 3, 8], [7, 25, 2]], float)
    ranges = {(0, 0): range(1, 9), (1, 2): range(2, 7), (2, 0): range(0, 5)}
    quotients = []
    for values in itertools.product(*ranges.values()):
        table = known.copy()
        for cell, v in zip(ranges, values, strict=True):
            table[cell] = v
        quotients.append(table / table.sum(1, keepdims=True) / (table.sum(0) / table.sum()))
    least, most = np.min(quotients, 0), np.max(quotients, 0)
    frame = pd.DataFrame(
        [
            {
                "place": f"p{p}",
                "industry": f"i{i}",
                "employment": None if (p, i) in ranges else known[p, i],
                "employment_low": min(ranges.get((p, i), [known[p, i]])),
                "employment_high": max(ranges.get((p, i), [known[p, i]])),
            }
            for p in range(3)
            for i in range(3)
        ]
    )
    for p, i in itertools.product(range(3), range(3)):
        row = at(lq(frame, interval="none"), f"p{p}", f"i{i}")
        assert row["low"] == pytest.approx(least[p, i], rel=1e-12)
        assert row["high"] == pytest.approx(most[p, i], rel=1e-12)


def test_a_minimum_keeps_small_cells_out_of_what_is_named_but_not_out_of_the_table() -> None:
    frame = pd.DataFrame(
        {
            "place": ["small", "small", "large", "large"],
            "industry": ["x", "y", "x", "y"],
            "employment": [9, 1, 500, 1500],
        }
    )
    sector = tp.sector("optics", scheme="mine", codes=["x"])
    result = tp.measures.location_quotient(frame, sector=sector, minimum=100)
    assert result.leading["place"].tolist() == ["large"]
    assert sorted(result.table["place"]) == ["large", "small"]
    assert "small" not in result.summary()
    assert "among places with 100 or more persons" in result.summary()
    assert "Jobs come in plants, so intervals on jobs are too narrow." in result.summary()
    bare = tp.measures.location_quotient(frame, sector=sector, interval="none").summary()
    assert "plants" not in bare
    nothing = tp.measures.location_quotient(frame, sector=sector, minimum=1000)
    assert "minimum of 1,000" in nothing.summary()


def test_quotients_named_by_their_lower_end_are_not_called_the_highest() -> None:
    frame = pd.DataFrame(
        {"place": list("AABBCC"), "industry": list("xyxyxy"), "employment": [2, 1, 3, 40, 400, 600]}
    )
    found = tp.measures.location_quotient(frame)
    highest = found.table["location_quotient"].nlargest(3).min()
    assert found.leading["location_quotient"].head(3).min() < highest
    assert found.summary().startswith("The location quotients with the highest lower ends are those of ")
