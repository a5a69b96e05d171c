"""What users' trade tables get wrong, and what each member says of it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import technopole as tp
from technopole.errors import EmptyTable, TechnopoleError, UnknownName, WrongOption

HAS = [("A", "9001", 5), ("A", "9002", 1), ("B", "9001", 1), ("B", "5201", 6), ("C", "9002", 4), ("C", "8541", 3), ("D", "5201", 3)]  # fmt: skip


def trade(*years: int, **more: Any) -> pd.DataFrame:
    """Exports of four countries; without years a table that names none."""
    rows = [(*cell, year) for cell in HAS for year in (years or (0,))]
    frame = pd.DataFrame(rows, columns=["exporter", "product", "value", "year"]).assign(**more)
    return frame if years else frame.drop(columns="year")


def exposure() -> Any:
    place = pd.DataFrame(
        {"place": list("ABCD"), "longitude": [10.0, 11, 12, 13], "latitude": [10.0, 11, 12, 13]}
    )
    park = pd.DataFrame({"park": ["P"], "longitude": [10.0], "latitude": [10.0], "opened": [2016]})
    return tp.competitiveness.park_exposure(park, places=place, decay_km=20)


def test_a_year_asked_of_a_table_that_names_none() -> None:
    growth = tp.competitiveness.constant_market_share
    with pytest.raises(UnknownName, match="names no years: 2015") as caught:
        growth(trade(), exporter="A", from_=2015, to=2016)
    assert "--column year=" in str(caught.value) and "there is" not in str(caught.value)
    with pytest.raises(UnknownName, match="names no years: 2015"):
        tp.competitiveness.market_share(trade(), year=2015)
    with pytest.raises(UnknownName, match=r"no year: 2016(.|\n)*there is: 2015"):
        growth(trade(2015), exporter="A", from_=2015, to=2016)


def test_one_year_where_two_are_needed() -> None:
    with pytest.raises(WrongOption, match=r"years before and after(.|\n)*2015"):
        tp.competitiveness.product_panel(trade(2015), exposure=exposure())
    with pytest.raises(TechnopoleError, match="one year, 2015"):
        tp.competitiveness.export_survival(trade(2015))


def test_quantities_that_are_all_zero() -> None:
    with pytest.raises(EmptyTable, match=r"quantity above 0(.|\n)*value per quantity"):
        tp.competitiveness.unit_values(trade(2015, quantity=0, unit="t"))


def test_one_exporter_has_nothing_to_gain() -> None:
    alone = trade(2015, 2016)
    found = tp.competitiveness.diversification(alone[alone["exporter"] == "A"], from_=2015, to=2016, draws=9)
    assert "nothing could be gained" in found.text and "nan" not in found.text


def test_a_dict_of_numbers_is_no_table() -> None:
    income: Any = {"A": 1000.0}
    with pytest.raises(WrongOption, match=r"isn't a table: 'dict'(.|\n)*dict of lists"):
        tp.competitiveness.export_sophistication(trade(2015), income=income)
