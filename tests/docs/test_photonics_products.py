"""The page on photonics products is what its script writes from the data; some of its numbers by plain pandas."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from photonics_products import data, page  # noqa: E402
from photonics_products.findings import findings  # noqa: E402

PAGE = ROOT / "docs" / "methods" / "photonics_products.md"
OPTICAL = {"9001": 0.6, "9002": 1.0, "9005": 1.0, "9011": 1.0, "9013": 1.0}


@pytest.fixture(scope="module")
def text() -> str:
    return PAGE.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_page_is_what_the_script_writes(shared_data: Path, text: str) -> None:
    assert page.text(findings(shared_data)) == text


def test_its_pictures_are_there(text: str) -> None:
    named = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text)
    assert len(named) == 4 and all((PAGE.parent / name).is_file() for name in named)


def test_optical_products_are_photonics_without_semiconductors() -> None:
    headings = [*OPTICAL, "8541", "9004", "8542"]
    assert data.optics().weights(headings) == OPTICAL
    assert data.photonics().weights(headings) == {**OPTICAL, "8541": 0.5}


@pytest.mark.slow
def test_shares_and_advantages_by_plain_pandas(shared_data: Path, text: str) -> None:
    rows = pd.read_parquet(shared_data / data.FOLDER / "trade_hs4_1962_1980_2017.parquet")
    rows = rows[rows["year"] == 2017]
    ours = rows.assign(part=rows["export_usd"] * rows["product"].map(OPTICAL).fillna(0))
    world = ours[["export_usd", "part"]].sum()
    for code, name in data.NAMES.items():
        own = ours.loc[ours["country"] == code, ["export_usd", "part"]].sum()
        share = own["part"] / world["part"]
        rca = share / (own["export_usd"] / world["export_usd"])
        line = next(line for line in text.splitlines() if line.startswith(f"| {name} | "))
        cells = [cell.strip(" *") for cell in line.split("|")]
        assert cells[4] == f"{rca:.2f}" and cells[7] == f"{share:.1%}"
