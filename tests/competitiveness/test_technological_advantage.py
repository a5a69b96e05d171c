"""Technological advantage: cases by hand, another member's arithmetic, windows, intervals, and what registers do to counts."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import BadInput, EmptyTable, MissingColumn, UnknownName, WrongOption
from technopole.kernels import proportion

advantage = tp.competitiveness.technological_advantage


def contract_case() -> dict[str, object]:
    return {"window": 3, "interval": "exact"}


def patents(rows: dict[tuple[str, str], float], **more: object) -> pd.DataFrame:
    """(place, technology) -> patents."""
    return pd.DataFrame([{"place": p, "technology": t, "patents": v} for (p, t), v in rows.items()]).assign(
        **more
    )


TWO = patents({("A", "Optics"): 60, ("A", "Engines"): 40, ("B", "Optics"): 40, ("B", "Engines"): 160})


def at(result: tp.result.Result, place: str, technology: str) -> pd.Series:
    table = result.table
    return table[(table["place"] == place) & (table["technology"] == technology)].iloc[0]


def test_by_hand() -> None:
    """The counts of oracle 11.3: 1.8, symmetric .285714."""
    result = advantage(TWO)
    row = at(result, "A", "Optics")
    assert row["rta"] == pytest.approx(1.8, rel=1e-12)
    assert row["symmetric"] == pytest.approx(0.8 / 2.8, rel=1e-12)
    assert at(result, "B", "Optics")["rta"] == pytest.approx((40 / 200) / (100 / 300), rel=1e-12)
    assert at(result, "B", "Engines")["rta"] == pytest.approx(1.2, rel=1e-12)


@pytest.mark.parametrize("method", ["wilson", "exact"])
def test_interval_is_the_share_s_over_the_world_s(method: str) -> None:
    row = at(advantage(TWO, interval=method), "A", "Optics")
    share = getattr(proportion, method)(np.array([60.0]), np.array([100.0]), 0.95)
    assert row["low"] == pytest.approx(share.low[0] * 3, rel=1e-12)
    assert row["high"] == pytest.approx(share.high[0] * 3, rel=1e-12)


@pytest.mark.slow
def test_equals_the_location_quotient_of_the_same_counts() -> None:
    """Another member of another room, written in another dialect: quotient and interval to 1e-12."""
    random = np.random.default_rng(1)
    frame = patents({(f"p{i}", f"t{j}"): int(random.poisson(3)) for i in range(9) for j in range(5)})
    jobs = frame.rename(columns={"technology": "industry", "patents": "employment"})
    keys = ["place", "technology"]
    mine = advantage(frame).table.set_index(keys).sort_index()
    theirs = tp.measures.location_quotient(jobs).table.rename(columns={"industry": "technology"})
    theirs = theirs.set_index(keys).sort_index()
    np.testing.assert_allclose(mine["rta"], theirs["location_quotient"], rtol=1e-12)
    np.testing.assert_allclose(mine[["low", "high"]], theirs[["low", "high"]], rtol=1e-12)


def test_a_window_adds_its_years_up() -> None:
    years = pd.concat(
        [TWO.assign(year=2000), TWO.assign(year=2001, patents=[0, 8, 20, 4]), TWO.assign(year=2002)]
    )
    result = advantage(years, window=2)
    assert sorted(set(result.table["year"])) == [2001, 2002]
    row = at(result, "A", "Optics")
    assert (row["first_year"], row["year"], row["patents"]) == (2000, 2001, 60)
    assert row["rta"] == pytest.approx((60 / 108) / (120 / 332), rel=1e-12)
    only = advantage(years, window=3, year=2002).table
    assert set(only["year"]) == {2002} and set(only["first_year"]) == {2000}


def test_a_place_without_a_row_has_a_zero_with_an_upper_end() -> None:
    row = at(advantage(pd.concat([TWO, patents({("C", "Engines"): 12})])), "C", "Optics")
    assert row["rta"] == 0 and row["low"] == 0 and row["symmetric"] == -1
    assert row["high"] > 0.5


@pytest.mark.slow
def test_totals_are_of_all_when_few_are_named() -> None:
    result = advantage(TWO, technologies=["Optics"], places=["A"])
    assert len(result.table) == 1
    assert result.table["rta"].iloc[0] == pytest.approx(1.8, rel=1e-12)
    codes = TWO.replace({"Optics": "G02B", "Engines": "F02B"})
    optics = tp.sector("optics", scheme="IPC", codes=["G02B"])
    assert set(advantage(codes, technologies=optics).table["technology"]) == {"G02B"}
    assert "optics" in set(advantage(codes, sector=optics).table["technology"])


def test_undefined_is_said_and_sorts_last() -> None:
    frame = pd.concat([patents({("A", "None"): 0, ("Z", "Optics"): 0}), TWO])
    table = advantage(frame).table
    said = table.set_index(["place", "technology"])["undefined"]
    assert said["Z", "Optics"] == "the place has no patents in these years"
    assert said["A", "None"] == "nobody has patents in this technology"
    assert (table["undefined"] != "").to_numpy()[-5:].all()
    hidden = advantage(
        TWO.assign(patents=[None, 40, 40, 160], patents_low=[1, 40, 40, 160], patents_high=[3, 40, 40, 160])
    )
    row = at(hidden, "A", "Optics")
    assert row["undefined"] == "withheld" and math.isnan(row["rta"]) and math.isnan(row["patents"])
    assert any("1 cells is withheld" in said for said in hidden.warnings)


def test_citations_get_no_interval() -> None:
    result = advantage(TWO.assign(citations=[5, 5, 10, 0]), value="citations")
    assert result.table[["low", "high"]].isna().all().all()
    assert at(result, "A", "Optics")["rta"] == pytest.approx(0.5 / (15 / 20), rel=1e-12)
    assert any("bunches" in said for said in result.warnings)


@pytest.mark.slow
def test_the_text_names_cells_and_their_years() -> None:
    two = pd.concat([TWO.assign(year=2000), TWO.assign(year=2001)])
    assert (
        advantage(two)
        .summary()
        .startswith(
            "In 2001 the strongest technological advantages are those of A · Optics (1.8, 95% interval 1.5 to 2.1)"
        )
    )
    assert advantage(two).summary().endswith("A · Optics had 1.8 in 2000.")
    assert advantage(two, minimum=150).leading["place"].tolist() == ["B", "B"]
    assert "No place with 999 patents or more" in advantage(TWO, minimum=999).summary()
    assert advantage(two, technologies=["Optics"]).chart.name == "trend"
    assert advantage(TWO, technologies=["Optics"]).chart.name == "ranking"


def test_technologies_written_in_two_ways_are_refused() -> None:
    frame = pd.concat([TWO, patents({("A", "optics"): 3})])
    with pytest.raises(BadInput, match="also there: 'Optics'"):
        advantage(frame)


@pytest.mark.slow
def test_two_systems_and_two_levels_of_codes_are_said() -> None:
    mixed = advantage(pd.concat([TWO, patents({("A", "G02B"): 3})])).warnings
    assert any("'G02B' is a symbol of IPC or CPC, 'Engines' isn't" in said for said in mixed)
    levels = advantage(patents({("A", "G02B"): 3, ("A", "G02B 6/00"): 2, ("B", "H01S"): 1})).warnings
    assert any("'G02B 6/00' and 'G02B' stand side by side" in said for said in levels)


@pytest.mark.slow
def test_breaks_gaps_and_a_late_end_are_said() -> None:
    """A register that starts late, a year without rows, a last year that is incomplete; fractions."""
    totals = {2000: 50, 2001: 900, 2003: 900, 2004: 900, 2005: 100}
    years = pd.concat([TWO.assign(year=year, patents=TWO["patents"] * n / 100) for year, n in totals.items()])
    said = advantage(years).warnings
    assert any("no rows for 1 years between its first and last: 2002" in item for item in said)
    assert any("2005 has 11% of the mean of the three years before" in item for item in said)
    assert any("A 50 in 2000, 900 in 2001" in item and "1 more such step" in item for item in said)
    assert not any("2005" in item for item in advantage(years, year=2004).warnings)
    assert any("fractions" in item for item in advantage(TWO.assign(patents=[0.5, 1, 2, 3])).warnings)
    assert advantage(TWO).warnings == ()


@pytest.mark.slow
def test_bad_input() -> None:
    two = pd.concat([TWO.assign(year=2000), TWO.assign(year=2001)])
    with pytest.raises(BadInput, match="negative"):
        advantage(TWO.assign(patents=[-1, 1, 1, 1]))
    with pytest.raises(BadInput, match="stands in 2 rows"):
        advantage(pd.concat([TWO, TWO]))
    with pytest.raises(WrongOption, match="window"):
        advantage(two, window=3)
    with pytest.raises(WrongOption, match="behind the table's first year"):
        advantage(two, window=2, year=2000)
    with pytest.raises(UnknownName, match="no year"):
        advantage(two, year=1999)
    with pytest.raises(UnknownName, match="Optcs"):
        advantage(TWO, technologies=["Optcs"])
    with pytest.raises(MissingColumn, match="citations"):
        advantage(TWO, value="citations")
    with pytest.raises(WrongOption, match="between 0 and 1"):
        advantage(TWO, level=95)
    with pytest.raises(EmptyTable):
        advantage(TWO.iloc[:0])
