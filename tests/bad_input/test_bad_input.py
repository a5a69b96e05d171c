"""Every bad input ends in an error that names what, where, which value and a fix, or in a correct result."""

from __future__ import annotations

import time
from pathlib import Path

import bad_files
import bad_links
import bad_places
import bad_texts
import bad_trade
import pandas as pd
import pytest
from bad_case import Case

import technopole as tp
from technopole.errors import TechnopoleError
from technopole.sources import read_table

CASES = [*bad_texts.CASES, *bad_places.CASES, *bad_links.CASES, *bad_trade.CASES, *bad_files.CASES]


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=str)
def test_bad_input(case: Case, tmp_path: Path) -> None:
    source = case.make(tmp_path)
    started = time.monotonic()
    if case.error is None:
        table = read_table(case.table, source, **case.options)
        frame = table.to_pandas()
        for column, expected in case.cells.items():
            assert [None if pd.isna(cell) else cell for cell in frame[column]] == expected
        said = "\n".join(table.warnings)
    else:
        with pytest.raises(case.error) as caught:
            read_table(case.table, source, **case.options)
        assert isinstance(caught.value, TechnopoleError)
        said = str(caught.value)
    for words in case.says:
        assert words in said, said
    assert time.monotonic() - started < 30


@pytest.mark.slow
@pytest.mark.parametrize(
    "case", [case for case in CASES if case.error and case.table != "jobs"][::6], ids=str
)
def test_check_says_the_same_without_raising(case: Case, tmp_path: Path) -> None:
    problems = tp.check(case.make(tmp_path), as_=case.table, **case.options)
    assert len(problems) >= 1
    assert (problems["problem"] != "").all()


def test_there_are_enough() -> None:
    assert len(CASES) >= 100
    assert len({case.kind for case in CASES}) >= 15
    assert len({str(case) for case in CASES}) == len(CASES)
