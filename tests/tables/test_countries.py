"""Countries by name: known codes, codes of no country, two codes of one country, and the same key columns after."""

from __future__ import annotations

import pytest

import technopole as tp
from technopole.errors import MissingColumn
from technopole.tables.countries import named, names

ROWS = {
    "exporter": ["chn", "KOR", "S19", "rom", "ROU", "csk"],
    "product": ["01"] * 6,
    "year": [2017] * 6,
    "value": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
}


def test_codes_become_names_and_the_rest_stays() -> None:
    table = tp.read_trade(ROWS)
    said = named(table, ["exporter"])
    found = said.to_pandas().set_index("exporter")["value"].to_dict()
    assert found == {
        "China": 1.0,
        "South Korea": 2.0,
        "S19": 3.0,
        "rom": 4.0,
        "ROU": 5.0,
        "Czechoslovakia": 6.0,
    }
    assert said.rows == 6 and said.columns == table.columns and said.digest != table.digest


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(MissingColumn, match="importer"):
        named(tp.read_trade(ROWS), ["importer"])


def test_the_list_has_no_two_codes_of_a_kind() -> None:
    assert len(names()) > 250 and all(
        len(code) == 3 and code.isupper() and name for code, name in names().items()
    )
    assert {code for code, name in names().items() if list(names().values()).count(name) > 1} == {
        "ROM",
        "ROU",
    }
