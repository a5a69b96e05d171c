"""Spells worked by hand, curves against statsmodels, and what isn't seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.api import SurvfuncRight

import technopole as tp
from technopole.errors import EmptyTable, TechnopoleError, UnknownName, WrongOption

survival = tp.competitiveness.export_survival
YEARS = range(2000, 2006)


def table(**cells: str) -> pd.DataFrame:
    """A country's products as rows of 0 and 1 over six years; product `all` is always exported, so every year is seen."""
    rows = [
        {"exporter": name.split("_")[0], "product": name.split("_")[1], "year": year, "value": float(digit)}
        for name, digits in cells.items()
        for year, digit in zip(YEARS, digits, strict=False)
        if digit in "01"
    ]
    return pd.DataFrame(rows)


# Known starts: A_p 2 years, ended; A_q 1 ended, 2 unended; B_p 3 ended; B_q 1 ended. Unknown start: A_r 2, B_r all six years.
HAND = table(A_p="011000", A_q="010011", A_r="110000", B_p="001110", B_q="000010", B_r="111111")


def contract_case() -> dict[str, object]:
    return {"presence": "positive", "gap": 0, "draws": 50, "left_censored": "keep"}


def test_by_hand() -> None:
    """At risk of ending after 1, 2, 3 years: 5, 3 (the unended one isn't seen in its second), 1: 3/5, 3/5 x 1/2, 0."""
    found = survival(HAND, presence="positive")
    curve = found.table
    assert curve["lived"].tolist() == [0, 1, 2, 3]
    assert curve["n"].tolist() == [5, 5, 2, 1]
    assert curve["survival"].tolist() == pytest.approx([1, 3 / 5, 3 / 10, 0], rel=1e-12, abs=1e-15)
    group = found.groups.iloc[0]
    assert group[["spells", "ended", "dropped", "median"]].tolist() == [5, 4, 2, 2]
    assert found.spells["years"].tolist() == [2, 1, 2, 2, 3, 1, 6]
    assert (
        "2 spells that ran already" in found.summary() and "60% outlast their first year" in found.summary()
    )


def test_running_spells_at_risk_as_usual_software_has_it() -> None:
    """Lengths 2, 1, 2+, 3, 1: at risk 5, 3, 1, so 3/5, 3/5 x 2/3, 0; the same curve from statsmodels' own arrays."""
    found = survival(HAND, presence="positive", right_censored="survived")
    assert found.table["n"].tolist() == [5, 5, 3, 1]
    assert found.table["survival"].tolist() == pytest.approx([1, 3 / 5, 2 / 5, 0], rel=1e-12, abs=1e-15)
    usual = SurvfuncRight([2, 1, 2, 3, 1], [1, 1, 0, 1, 1])
    assert list(usual.surv_prob) == pytest.approx([3 / 5, 2 / 5, 0], rel=1e-12, abs=1e-15)
    assert any("shares are too high" in said for said in found.warnings)


def test_left_censored_kept_and_first_spells_only() -> None:
    kept = survival(HAND, presence="positive", left_censored="keep")
    assert kept.groups["spells"].item() == 7 and kept.table["n"].max() == 7
    assert any("as if they began then" in said for said in kept.warnings)
    assert "start is seen" not in kept.summary()
    assert survival(HAND, presence="positive", spells="first").groups["spells"].item() == 4


@pytest.mark.slow
def test_a_gap_of_one_year_is_no_end() -> None:
    rows = table(A_all="111111", A_p="010110", A_q="010010")
    assert survival(rows, presence="positive", gap=0).groups["spells"].item() == 4
    merged = survival(rows, presence="positive", gap=1)
    assert merged.groups["spells"].item() == 3
    assert merged.spells.query("product == 'p'")["years"].tolist() == [4]


def test_years_in_which_an_exporter_has_no_row_are_no_end() -> None:
    """A has no row in 2003: its spell of p isn't seen to end, and what is there in 2004 isn't seen to begin."""
    rows = pd.concat([table(A_p="0110", A_all="111"), table(B_all="111111")]).query(
        "year != 2003 or exporter == 'B'"
    )
    rows = pd.concat(
        [rows, pd.DataFrame({"exporter": "A", "product": ["p", "all"], "year": 2004, "value": 1.0})]
    )
    spells = survival(rows, presence="positive").spells.query("exporter == 'A' and product == 'p'")
    assert spells[["start", "end", "ended", "begun"]].values.tolist() == [
        [2001, 2002, False, True],
        [2004, 2004, False, False],
    ]


def world(seed: int = 4, places: int = 30) -> pd.DataFrame:
    """Exporters with hazards of their own, 12 years."""
    random = np.random.default_rng(seed)
    hazard = 1 / (1 + np.exp(0.7 - 0.6 * random.normal(size=(places, 1))))
    there, rows = random.uniform(size=(places, 20)) < 0.2, []
    for year in range(2000, 2012):
        place, item = np.nonzero(there)
        rows.append(pd.DataFrame({"exporter": place, "product": item, "year": year}))
        rows.append(pd.DataFrame({"exporter": range(places), "product": 99, "year": year}))
        chance = random.uniform(size=there.shape)
        there = np.where(there, chance > hazard, chance < 0.1)
    frame = pd.concat(rows)
    return frame.assign(
        exporter=frame["exporter"].map("c{:02d}".format), product=frame["product"].astype(str), value=1.0
    )


def test_greenwood_is_that_of_statsmodels() -> None:
    found = survival(world(), presence="positive", interval="greenwood")
    spells = found.spells.query("begun")
    estimate = SurvfuncRight(
        np.where(spells["ended"], spells["years"], spells["years"] - 0.5), spells["ended"].astype(int)
    )
    curve = found.table.set_index("lived").loc[[int(time) for time in estimate.surv_times]]
    np.testing.assert_allclose(curve["survival"], estimate.surv_prob, rtol=1e-12)
    s, error = np.asarray(estimate.surv_prob), np.asarray(estimate.surv_prob_se)
    low = np.exp(-np.exp(np.log(-np.log(s)) + 1.959963984540054 * error / np.abs(s * np.log(s))))
    inner = (s > 0) & np.isfinite(low)
    np.testing.assert_allclose(curve["low"][inner], low[inner], rtol=1e-9)


@pytest.mark.slow
def test_exporters_are_resampled_where_there_are_enough() -> None:
    wide = survival(world(), presence="positive", draws=300)
    narrow = survival(world(), presence="positive", interval="greenwood")
    first = [found.table.query("lived == 1").iloc[0] for found in (wide, narrow)]
    assert first[0]["survival"] == first[1]["survival"]
    assert first[0]["high"] - first[0]["low"] > 1.3 * (first[1]["high"] - first[1]["low"])
    assert first[0]["low"] < first[0]["survival"] < first[0]["high"]
    few = survival(world(places=6), presence="positive")
    assert any("too few to resample" in said for said in few.warnings)
    assert survival(world(), presence="positive", interval="none").table["low"].isna().all()


@pytest.mark.slow
def test_groups() -> None:
    by_product = survival(HAND, presence="positive", by="products", products=["p"])
    assert by_product.groups[["group", "spells"]].values.tolist() == [
        ["all others", 3],
        ["the product chosen", 2],
    ]
    only = survival(HAND, presence="positive", products=["r"], exporters=["B"], left_censored="keep")
    assert only.spells["years"].tolist() == [6]
    by_place = survival(HAND, presence="positive", by="places")
    assert by_place.groups["group"].tolist() == ["A", "B"]
    none = survival(pd.concat([HAND, table(C_x="111111")]), presence="positive", by="places")
    assert none.groups.iloc[-1][["group", "undefined"]].tolist() == ["C", "no spell whose start is seen"]


def test_advantage_over_and_at_the_threshold() -> None:
    """A and B alike: RCA is 1 everywhere, which counts by default and not above it."""
    rows = pd.DataFrame(
        [(e, p, y, 1.0) for e in "AB" for p in "xy" for y in (2000, 2001)],
        columns=["exporter", "product", "year", "value"],
    )
    assert len(survival(rows, left_censored="keep").spells) == 4
    with pytest.raises(EmptyTable, match="no spell at all"):
        survival(rows, presence="above", left_censored="keep")


def test_bad_input() -> None:
    gapped = HAND[HAND["year"] != 2003]
    with pytest.raises(TechnopoleError, match="year") as error:
        survival(gapped, presence="positive")
    assert "2003" in str(error.value) and "diversification" in str(error.value)
    with pytest.raises(TechnopoleError, match="one year, 2000"):
        survival(HAND[HAND["year"] == 2000], presence="positive")
    with pytest.raises(EmptyTable, match="start is seen"):
        survival(table(A_x="111111"), presence="positive")
    with pytest.raises(WrongOption, match="gap"):
        survival(HAND, gap=-1)
    with pytest.raises(WrongOption, match="name them"):
        survival(HAND, by="products")
    with pytest.raises(WrongOption, match="level"):
        survival(HAND, level=95)
    with pytest.raises(UnknownName, match="zz"):
        survival(HAND, presence="positive", products=["zz"])


@pytest.mark.slow
def test_years_far_apart_are_refused(shared_data) -> None:
    path = shared_data / "trade-country-product" / "trade_hs4_1962_1980_2017.parquet"
    rows = pd.read_parquet(path).rename(columns={"country": "exporter", "export_usd": "value"})
    with pytest.raises(TechnopoleError, match=r"1963, 1964"):
        survival(rows)
