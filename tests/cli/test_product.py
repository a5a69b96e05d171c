"""`technopole product`: sectors and codes as products; `technopole check` names the classification of codes."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

ROWS = "exporter,product,year,value\nA,900110,2019,5\nA,520100,2019,5\nB,900110,2019,1\nB,520100,2019,9\nB,901320,2019,2\n"


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    (tmp_path / "exports.csv").write_text(ROWS, encoding="utf-8")
    return tmp_path / "exports.csv"


@pytest.mark.slow
def test_products_are_a_sector_or_codes(technopole: Callable[..., Any], exports: Path) -> None:
    share = ("product", "market-share", exports, "--format", "csv")
    sector = technopole(*share, "--products", "photonics_products", "--scheme", "HS-2012")
    codes = ("--products", "900110", "--products", "901320")
    assert sector.exit_code == 0 and sector.stdout.count("\n") == 5
    assert technopole(*share, *codes).stdout == sector.stdout
    assert technopole(*share, *codes, "--scheme", "HS-2012").stdout == sector.stdout
    own = technopole(*share, "--products", "fibre", "--scheme", "HS-2012", "--code", "900110")
    assert own.stdout.count("900110") == 2 and "901320" not in own.stdout


def test_a_sector_without_its_scheme_says_which_there_are(
    technopole: Callable[..., Any], exports: Path
) -> None:
    answer = technopole("product", "market-share", exports, "--products", "photonics_products")
    assert answer.exit_code == 2
    assert "HS-2012" in answer.stderr and "--scheme" in answer.stderr


@pytest.mark.slow
def test_the_product_space_takes_one_scheme_for_titles_and_sector(
    technopole: Callable[..., Any], exports: Path
) -> None:
    space = ("product", "product-space", exports, "--place", "A", "--highlight", "photonics_products")
    answer = technopole(*space, "--scheme", "HS-2012", "--format", "csv")
    assert answer.exit_code == 0, answer.output
    rows = pd.read_csv(io.StringIO(answer.stdout), dtype={"product": str})
    lit = set(rows.loc[rows["highlighted"], "product"])
    assert lit == {"900110", "901320"}


@pytest.mark.slow
def test_check_names_the_classification_of_codes(technopole: Callable[..., Any], exports: Path) -> None:
    said = technopole("check", exports, "--as", "trade").stdout
    assert "product codes: 3 of 3 fit" in said and "HS-2012" in said
    exports.write_text(ROWS + "B,852411,2019,1\nB,770100,2019,1\n", encoding="utf-8")
    said = technopole("check", exports, "--as", "trade").stdout
    assert "4 of 5 fit HS-2022; 1 doesn't" in said and "Next best: HS-" in said and "(60.0%)" in said
