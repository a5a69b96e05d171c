"""Patent stocks: cases by hand, conventions of the first year, weights, gaps, intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

import technopole as tp
from technopole.errors import BadInput, EmptyTable, MissingColumn, UnknownName, WrongOption

stock = tp.competitiveness.patent_stock


def contract_case() -> dict[str, object]:
    return {"initial": "growth"}


def patents(counts: dict[int, float], place: str = "A", technology: str = "Optics") -> pd.DataFrame:
    """year -> patents."""
    return pd.DataFrame(
        {"place": place, "technology": technology, "year": list(counts), "patents": list(counts.values())}
    )


FIVE = patents({2001: 100, 2002: 50, 2003: 0})


def test_by_hand() -> None:
    table = stock(FIVE).table
    assert table["stock"].tolist() == pytest.approx([100, 135, 114.75], rel=1e-12)
    assert table["patents"].tolist() == [100, 50, 0]
    assert stock(FIVE, depreciation=0).table["stock"].tolist() == [100, 150, 150]
    assert stock(FIVE, depreciation=1).table["stock"].tolist() == [100, 50, 0]


def test_initial_stock_from_growth() -> None:
    """100 patents in the first year, growth 5 %, depreciation 15 %: 500 before it."""
    table = stock(FIVE, initial="growth", growth=0.05).table
    assert table["stock"].tolist() == pytest.approx([525, 496.25, 421.8125], rel=1e-12)
    assert table["initial_share"].tolist() == pytest.approx(
        [425 / 525, 361.25 / 496.25, 307.0625 / 421.8125], rel=1e-12
    )


def test_what_the_first_year_matters_is_said_under_either_convention() -> None:
    zero, grown = stock(FIVE), stock(FIVE, initial="growth")
    assert zero.table["initial_share"].tolist() == grown.table["initial_share"].tolist()
    assert "Nothing is taken over from before the first year" in zero.summary()
    assert "grown by 8% a year" in grown.summary()


def test_late_comers_start_from_nothing() -> None:
    """A place whose first patents come after the table's first year had none before: no initial stock."""
    frame = pd.concat([FIVE, patents({2003: 10}, "B")])
    table = stock(frame, initial="growth").table
    late = table[table["place"] == "B"]
    assert late["stock"].tolist() == [0, 0, 10] and (late["initial_share"] == 0).all()


def test_places_together_and_one_technology() -> None:
    frame = pd.concat([FIVE, patents({2001: 10, 2003: 6}, "A", "Engines")])
    result = stock(frame, technologies=["Optics"])
    assert set(result.table["technology"]) == {"Optics"}
    assert result.places["stock"].tolist() == pytest.approx([110, 143.5, 127.975], rel=1e-12)


def test_one_year_rests_on_all_before() -> None:
    table = stock(FIVE, year=2002).table
    assert table["year"].tolist() == [2002]
    assert table["stock"].tolist() == pytest.approx([135], rel=1e-12)


@pytest.mark.slow
def test_weights() -> None:
    cited = FIVE.assign(citations=[300, 10, 0])
    assert stock(cited, weighting="citations").table["stock"].tolist() == pytest.approx(
        [300, 265, 225.25], rel=1e-12
    )
    linear = stock(cited, weighting="linear")
    assert linear.table["stock"].tolist() == pytest.approx([400, 400, 340], rel=1e-12)
    assert linear.table[["low", "high"]].isna().all().all()
    assert any("recent years have few" in said for said in linear.warnings)


def test_interval() -> None:
    """First year: the exact interval of a count of 100; a stock of nothing still has an upper end."""
    table = stock(FIVE).table
    assert table["low"].iloc[0] == pytest.approx(chi2.ppf(0.025, 200) / 2, rel=1e-10)
    assert table["high"].iloc[0] == pytest.approx(chi2.ppf(0.975, 202) / 2, rel=1e-10)
    assert ((table["low"] < table["stock"]) & (table["stock"] < table["high"])).all()
    nothing = stock(patents({2001: 0, 2002: 0})).table
    assert nothing["low"].tolist() == [0, 0] and (nothing["high"] > 3).all()
    assert "no place has a stock" in stock(patents({2001: 0, 2002: 0})).summary()


def test_a_year_without_rows_is_bridged_and_said() -> None:
    result = stock(patents({2000: 100, 2002: 50}))
    assert result.table["year"].tolist() == [2000, 2002]
    assert result.table["stock"].tolist() == pytest.approx([100, 50 + 0.85 * (75 + 85)], rel=1e-12)
    assert any("no rows for 1 years" in said and "2001" in said for said in result.warnings)


def test_withheld_years_have_no_number() -> None:
    frame = FIVE.assign(patents=[100, None, 0], patents_low=[100, 20, 0], patents_high=[100, 40, 0])
    result = stock(frame)
    table = result.table.set_index("year")
    assert result.table["year"].tolist() == [2001, 2003, 2002]
    assert table.loc[2002, "undefined"] == "withheld" and np.isnan(table.loc[2002, "stock"])
    assert table.loc[2003, "stock"] == pytest.approx(0.85 * (0.85 * 100 + 30), rel=1e-12)
    assert any("middle of their bounds" in said for said in result.warnings)


@pytest.mark.slow
def test_an_incomplete_end_is_said() -> None:
    frame = patents({2001: 400, 2002: 400, 2003: 400, 2004: 40})
    assert any("2004 has 10%" in said for said in stock(frame).warnings)
    assert not any("2004" in said for said in stock(frame, year=2003).warnings)


def test_text() -> None:
    frame = pd.concat([FIVE, patents({2003: 10}, "B")])
    assert (
        stock(frame)
        .summary()
        .startswith(
            "At the end of 2003 the largest patent stocks in Optics are those of A (115 patents, 95% interval "
        )
    )
    assert stock(frame, year=2003).chart.name == "ranking"


@pytest.mark.slow
def test_bad_input() -> None:
    with pytest.raises(WrongOption, match="names none"):
        stock(FIVE.drop(columns="year").iloc[:1])
    with pytest.raises(WrongOption, match="depreciation"):
        stock(FIVE, depreciation=15)
    with pytest.raises(WrongOption, match="no end"):
        stock(FIVE, initial="growth", growth=-0.15)
    with pytest.raises(WrongOption, match="between 0 and 1"):
        stock(FIVE, level=95)
    with pytest.raises(MissingColumn, match="citations"):
        stock(FIVE, weighting="citations")
    with pytest.raises(UnknownName, match="no year"):
        stock(FIVE, year=2010)
    with pytest.raises(BadInput, match="negative"):
        stock(FIVE.assign(patents=[-1, 0, 0]))
    with pytest.raises(EmptyTable):
        stock(FIVE.iloc[:0])
