"""Large amounts of money in a table: all in one size, named in the head; shares in percent."""

from __future__ import annotations

import pandas as pd

from technopole.report.grids import MONEY, grid
from technopole.report.references import References
from technopole.result import Field

FIELDS = {
    "sold": Field("exports", MONEY, 0),
    "bought": Field("imports", MONEY, 0),
    "first": Field("share then", "share", 4),
}


def shown(sold: list[float], bought: list[float]) -> tuple[list[str], list[list[str]]]:
    frame = pd.DataFrame({"who": list("ab"), "sold": sold, "bought": bought, "first": [0.1234, 0.5]})
    made = grid(frame, FIELDS, References(), as_is=True)
    cells = [[cell.lines[0] for cell in row] for row in made.sections[0][1]]
    return [column.unit for column in made.columns], cells


def test_billions_of_a_table_share_one_size() -> None:
    units, cells = shown([60_348_537_129.0, -77_424_391.0], [1e9, 0.0])
    assert units == ["", f"billion, {MONEY}", f"billion, {MONEY}", "percent"]
    assert cells == [["a", "60.3", "1", "12.34"], ["b", "\u22120.0774", "0", "50.00"]]


def test_small_amounts_stay() -> None:
    units, cells = shown([1234.0, 5.0], [999_999.0, 0.0])
    assert units[1] == MONEY and cells[0][1:3] == ["1\u202f234", "999\u202f999"]
