"""`technopole convert` writes the table whole or not at all, and says what became of its codes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

ROWS = "exporter,hs,year,value\nDEU,901320,2010,30\nDEU,900190,2010,65\nCHN,010110,2010,3\nCHN,10110,2010,2\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "exports.csv"
    path.write_text(ROWS)
    return path


def test_table_report_and_words(technopole: Callable[..., Any], file: Path, tmp_path: Path) -> None:
    out, report = tmp_path / "naics.csv", tmp_path / "report.parquet"
    answer = technopole(
        "convert", file, "--as", "trade", "--column", "product=hs", "--from", "HS-2007", "--to", "NAICS-2017", "--out", out, "--report", report
    )  # fmt: skip
    assert answer.exit_code == 0, answer.output
    for words in (
        "HS-2007 -> HS-2017 -> NAICS-2017",
        "98 % of value is mapped",
        "2 % is lost",
        "source: HS-2017 - NAICS-2017: U.S. Census",
        "3 rows",
    ):
        assert words in answer.output
    made = pd.read_csv(out, dtype={"product": str})
    assert made["product"].tolist() == ["112920", "333314", "335999"] and made["value"].sum() == 98
    assert pd.read_parquet(report)["lost"].sum() == 2


def test_wrong_requests_write_nothing(technopole: Callable[..., Any], file: Path, tmp_path: Path) -> None:
    asked = ("convert", file, "--as", "trade", "--column", "product=hs", "--from", "HS-2007")
    for more, status, words in [
        (("--to", "NAICS-2017", "--out", tmp_path / "o.xlsx"), 2, "ends in .csv or .parquet"),
        (("--to", "NAICS", "--out", tmp_path / "o.csv"), 1, "NAICS-2017"),
        (("--to", "WIPO-35", "--out", tmp_path / "o.csv"), 1, "no chain of concordances"),
        (("--to", "NACE-2", "--digits", "0", "--out", tmp_path / "o.csv"), 2, "digits"),
    ]:
        answer = technopole(*asked, *more)
        assert answer.exit_code == status and words in answer.output, answer.output
        assert "Traceback" not in answer.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["exports.csv"]


def test_report_as_data(technopole: Callable[..., Any], file: Path) -> None:
    answer = technopole(
        "convert",
        file,
        "--as",
        "trade",
        "--column",
        "product=hs",
        "--from",
        "HS-2007",
        "--to",
        "SITC-4",
        "--format",
        "csv",
    )
    assert (
        answer.exit_code == 0
        and answer.stdout.startswith("code,targets,outcome")
        and "note:" in answer.stderr
    )
