"""Which products and exporters are named: lists, sectors, what isn't there."""

from __future__ import annotations

import pytest

import technopole as tp
from technopole.competitiveness._matrix import matrices
from technopole.competitiveness._selection import chosen, chosen_items, chosen_places, label
from technopole.errors import UnknownName, WrongOption
from technopole.tables import Trade

TRADE = Trade.of(
    {
        "exporter": ["chn", "chn", "deu", "deu", "deu"],
        "product": ["0901", "9001", "9001", "9013", "8703"],
        "year": [2016, 2016, 2016, 2017, 2017],
        "value": [1, 2, 3, 4, 5],
    }
)


def test_of_all_years_sorted_and_once() -> None:
    years = matrices(TRADE)
    assert chosen_items(years, None, TRADE) == ["0901", "8703", "9001", "9013"]
    assert chosen_items(years, ["9013", "9001", "9013"], TRADE) == ["9001", "9013"]
    assert chosen_places(years, ["deu"], TRADE) == ["deu"]


def test_a_sector_names_its_codes() -> None:
    optics = tp.sector("optics", scheme="HS-2012", codes=["90"], exclude=["9013"])
    assert chosen_items(matrices(TRADE), optics, TRADE) == ["9001"]


def test_unknown_ones_are_errors_with_near_names() -> None:
    years = matrices(TRADE)
    with pytest.raises(UnknownName) as caught:
        chosen_items(years, ["901"], TRADE)
    assert caught.value.exists[:2] == ("0901", "9013")
    with pytest.raises(UnknownName) as caught:
        chosen_places(years, ["DEU"], TRADE)
    assert caught.value.exists[0] == "deu" and "exporter" in str(caught.value)
    with pytest.raises(UnknownName, match="ships"):
        chosen_items(years, tp.sector("ships", scheme="HS-2012", codes=["8901"]), TRADE)
    with pytest.raises(WrongOption):
        chosen(["a"], [], "product")


def test_label_has_the_title_of_a_known_scheme() -> None:
    assert label("2670", "ISIC-4") == "2670 Manufacture of optical instruments and…"
    assert label("2670", tp.sector("mine", scheme="own", codes=["2670"])) == "2670"
    assert label("9001") == "9001"
