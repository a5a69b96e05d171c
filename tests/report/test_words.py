"""Numbers, marks and enumerations in words; tables laid out."""

from __future__ import annotations

import pandas as pd
import pytest

from technopole.report import grids
from technopole.report.references import References
from technopole.report.words import brief, marks_of, number, prose, said, sentences
from technopole.result import Field


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (1234567.0, 0, "1\u202f234\u202f567"),
        (-3.14159, 2, "\u22123.14"),
        (0.000123, 2, "0.0001"),
        (1e-9, 2, "1.0e\u22129"),
        (0.0, 2, "0.00"),
        (0.12345, None, "0.123"),
        (98765.4, None, "98\u202f765"),
        (7, None, "7"),
        (float("inf"), 2, "∞"),
    ],
)
def test_numbers(value: float, digits: int | None, shown: str) -> None:
    assert number(value, digits) == shown


def test_published_numbers_get_no_decimals_they_did_not_have() -> None:
    assert number(2100.0, 2, published=True) == "2\u202f100"
    assert number(64.5, 2, published=True) == "64.5"


def test_cells_in_words() -> None:
    assert said(None) == said(float("nan")) == said("") == said(pd.NA) == "–"
    assert said(2019, year=True) == "2019"
    assert said(True) == "yes"
    assert said("rd_intensity") == "rd intensity"


def test_marks() -> None:
    assert marks_of("approximate; weak source") == ("≈", "†")
    assert marks_of("reported", "official", None) == ()


def test_enumerations_split_outside_brackets_only() -> None:
    text = "the first of the reasons (2019; a page); the second of the reasons; the third"
    assert sentences(text) == [
        "the first of the reasons (2019; a page)",
        "the second of the reasons",
        "the third",
    ]
    assert sentences("short; text") == ["short; text"]
    assert (
        brief("labs 8 (2025, optics; a page, weak), more (2 of 3)") == "labs 8 (2025, optics), more (2 of 3)"
    )
    assert prose("by optical_instruments here") == "by optical instruments here"


def test_sources_are_numbered_once_and_only_web_addresses_are_links() -> None:
    references = References()
    first = references.of("https://a.org/x; https://b.org/y")
    assert [r.number for r in first] == [1, 2]
    assert [r.number for r in references.of("https://b.org/y")] == [2]
    assert references.of("javascript:alert(1)")[0].href == ""
    assert references.of(None) == []


FIELDS = {"value": Field("the figure", "", 2), "share": Field("its share", "share", 3)}


def test_a_figure_is_one_cell_with_unit_year_and_source() -> None:
    frame = pd.DataFrame(
        {
            "park": ["A"],
            "value": [10.0],
            "unit": ["firms"],
            "year": [2019],
            "status": ["target"],
            "source": ["https://a.org"],
        }
    )
    made = grids.grid(frame, FIELDS, References())
    cell = made.sections[0][1][0][1]
    assert (cell.lines, cell.small, cell.marks) == (("10 firms",), "2019", ("◇",))
    assert [r.text for r in cell.references] == ["https://a.org"]


def test_columns_of_parks_come_together_and_blanks_keep_their_reason() -> None:
    frame = pd.DataFrame(
        {
            "indicator": ["output"] * 2,
            "A: value": [5.0, None],
            "A: year": [2019, None],
            "A: status": ["reported", ""],
            "A: source": ["https://a.org", ""],
            "A: reason": ["", "no figure: only targets"],
        }
    )
    made = grids.grid(frame, {}, References())
    assert [column.name for column in made.columns] == ["indicator", "A"]
    first, second = (row[1] for row in made.sections[0][1])
    assert first.lines == ("5",) and first.small == "2019"
    assert second.kind == "blank" and second.small == "no figure: only targets"


def test_intervals_shares_and_what_all_rows_share() -> None:
    frame = pd.DataFrame(
        {
            "place": list("abc"),
            "year": 2019,
            "share": [0.25, 0.5, None],
            "low": [0.1, 0.2, None],
            "high": [0.3, 0.6, None],
        }
    )
    made = grids.grid(frame, FIELDS, References())
    assert made.shared == ("year: 2019",)
    assert [(c.name, c.unit) for c in made.columns] == [("place", ""), ("share", "percent"), ("interval", "")]
    assert [[cell.lines[0] for cell in row] for row in made.sections[0][1]] == [
        ["a", "25.0", "0.100 – 0.300"],
        ["b", "50.0", "0.200 – 0.600"],
        ["c", "–", "–"],
    ]


def test_few_rows_with_many_columns_are_read_downwards() -> None:
    frame = pd.DataFrame({"park": ["A", "B"], **{f"c{i}": [i, i + 1] for i in range(8)}})
    made = grids.grid(frame, {}, References())
    assert made.turned and [column.name for column in made.columns] == ["park", "A", "B"]
    assert len(made.sections[0][1]) == 8


def test_runs_of_the_first_column_become_sections() -> None:
    frame = pd.DataFrame(
        {"facet": ["size", "size", "stage", "stage"], "b": list("wxyz"), "c": list("1234"), "d": list("5678")}
    )
    made = grids.grid(frame, {}, References())
    assert [title for title, _ in made.sections] == ["size", "stage"]
    assert grids.head(made, 3).shown == 3


def test_long_tables_stop_and_say_so() -> None:
    made = grids.grid(pd.DataFrame({"a": range(1000), "b": range(1000)}), {}, References(), most=300)
    assert (made.shown, made.rows, made.left_out) == (300, 1000, 700)


def test_an_empty_table_has_no_rows() -> None:
    assert grids.grid(pd.DataFrame({"a": []}), {}, References()).rows == 0


def test_what_a_row_of_a_comparison_is_about_stands_in_its_head() -> None:
    frame = pd.DataFrame(
        {
            "facet": ["size"],
            "indicator": ["planned_area"],
            "scope": ["whole zone"],
            "unit": ["km2"],
            "A: value": [224.0],
            "A: source": ["https://a.org"],
        }
    )
    made = grids.grid(frame, {}, References())
    head = made.sections[0][1][0][0]
    assert [column.name for column in made.columns] == ["indicator", "A"]
    assert (head.lines, head.small) == (("planned area",), "whole zone · km2 · size")


def test_years_have_no_gap_between_thousands() -> None:
    frame = pd.DataFrame({"group": [2013] * 3, "time": [2013, 2014, 2015], "entered": 2012, "event_time": -1})
    cells = grids.grid(frame, {}, References(), as_is=True).sections[0][1][0]
    assert [cell.lines[0] for cell in cells] == ["2013", "2013", "2012", "\N{MINUS SIGN}1"]
