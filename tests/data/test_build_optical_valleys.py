"""The script that compiles the bundled study, against the public data folder."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

import technopole as tp

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "src" / "technopole" / "data" / "optical_valleys"
BY_HAND = {"study.toml"}


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def build(data: Path, out: Path) -> subprocess.CompletedProcess[str]:
    script = ROOT / "scripts" / "build_optical_valleys.py"
    return subprocess.run(
        [sys.executable, str(script), str(data), "--out", str(out)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_rebuilding_gives_the_committed_files(shared_data: Path, tmp_path: Path) -> None:
    done = build(shared_data, tmp_path)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in FOLDER.iterdir()} - BY_HAND
    for path in tmp_path.iterdir():
        if path.suffix == ".parquet":  # its bytes also say which version wrote it
            assert pq.read_table(path).equals(pq.read_table(FOLDER / path.name)), path.name
        else:
            assert path.read_bytes() == (FOLDER / path.name).read_bytes(), path.name


@pytest.mark.slow
def test_a_source_row_that_no_rule_knows_stops_the_build(shared_data: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for folder in shared_data.iterdir():
        (data / folder.name).symlink_to(folder)
    (data / "optical-valleys").unlink()
    (data / "optical-valleys").mkdir()
    for file in (shared_data / "optical-valleys").iterdir():
        text = file.read_text(encoding="utf-8")
        (data / "optical-valleys" / file.name).write_text(
            text.replace("Bavaria,Germany,optics_employees", "Bavaria,Germany,optics_dwarfs"),
            encoding="utf-8",
        )
    done = build(data, tmp_path / "out")
    assert done.returncode != 0
    assert "no rule in indicators.csv for Bavaria | optics_dwarfs" in done.stderr


def test_every_source_number_on_optics_arrives_unchanged(shared_data: Path) -> None:
    bundled = {(row["value"], row["year"], row["source"]) for row in read(FOLDER / "figures.csv")}
    source = read(shared_data / "optical-valleys" / "optical_valleys_figures.csv")
    assert len(source) == 237
    assert {(row["value"], row["year"], row["source_url"]) for row in source} <= bundled


@pytest.mark.parametrize(
    ("place", "source_indicator", "year", "indicator", "scope", "status"),
    [
        ("Changchun", "optics_information_output", "2024", "output", "optics, broad", "reported"),
        ("Changchun", "optoelectronics_output_narrow", "2024", "output", "optics, narrow", "reported"),
        (
            "Guangzhou (Guangzhou Optics Valley)",
            "optics_value_added_target",
            "2016",
            "value_added",
            "optics, broad",
            "target",
        ),
        (
            "Wuhan East Lake (Optics Valley of China)",
            "zone_revenue_jan_sep",
            "2014",
            "revenue",
            "whole zone",
            "part-year",
        ),
        (
            "Wuhan East Lake (Optics Valley of China)",
            "optics_industry_scale",
            "2023",
            "output",
            "optics, broad",
            "approximate",
        ),
        (
            "Tucson / Arizona (Optics Valley)",
            "optics_employees",
            "2006",
            "employees",
            "optics, state, broad",
            "reported",
        ),
        ("Berlin-Brandenburg", "optics_revenue", "2011", "revenue", "optics, manufacturers", "forecast"),
    ],
)
def test_spot_checks_against_the_source_file(
    shared_data: Path, place: str, source_indicator: str, year: str, indicator: str, scope: str, status: str
) -> None:
    source = next(
        row
        for row in read(shared_data / "optical-valleys" / "optical_valleys_figures.csv")
        if (row["place"], row["indicator"], row["year"]) == (place, source_indicator, year)
    )
    found = [
        row
        for row in read(FOLDER / "figures.csv")
        if (row["value"], row["year"], row["source"]) == (source["value"], year, source["source_url"])
        and (row["indicator"], row["scope"], row["status"]) == (indicator, scope, status)
    ]
    assert len(found) == 1


def test_no_note_repeats_a_quote(shared_data: Path) -> None:
    quotes = {row["quote"] for row in read(shared_data / "optical-valleys" / "optical_valleys_figures.csv")}
    for row in read(FOLDER / "figures.csv"):
        assert not any(
            len(quote) > 12 and (quote in row["note"] or row["note"] == quote) for quote in quotes
        ), row


def test_totals_and_quotients_of_places_equal_the_whole_file(shared_data: Path) -> None:
    # The extract keeps a few codes and adds up the rest; quotients must not notice.
    file = shared_data / "us-county-business-patterns" / "cbp_county_naics6_2017_2021.parquet"
    answer = duckdb.execute(
        """
        select sum(emp) filter (fips in ('36037', '36051', '36055', '36069', '36073', '36117') and naics = '333314'),
               sum(emp) filter (fips in ('36037', '36051', '36055', '36069', '36073', '36117')),
               sum(emp) filter (naics = '333314'), sum(emp)
        from read_parquet(?) where year = 2019
        """,
        [str(file)],
    ).fetchall()[0]
    assert answer is not None
    here, rochester, optics, total = answer
    expected = float(here) / float(rochester) / (float(optics) / float(total))
    sector = tp.sector("optical instruments", scheme="NAICS-2017", codes=["333314"])
    table = tp.measures.location_quotient(tp.read_activity(FOLDER / "us_photonics.csv"), sector=sector).table
    row = table[(table["place"] == "Rochester, NY (metro)") & (table["year"] == 2019)].iloc[0]
    assert row["location_quotient"] == pytest.approx(expected, rel=1e-12)
    assert row["location_quotient"] > 39


def test_every_code_of_photonics_is_kept_apart(shared_data: Path) -> None:
    photonics = tp.sector("photonics", scheme="NAICS-2017")
    kept = {row["industry"] for row in read(FOLDER / "us_photonics.csv")} - {"other"}
    file = shared_data / "us-county-business-patterns" / "cbp_county_naics6_2017_2021.parquet"
    there = duckdb.execute(
        "select distinct naics::varchar from read_parquet(?) where year in (2019, 2021)", [str(file)]
    )
    codes = {code for (code,) in there.fetchall()}
    assert set(photonics.weights(codes)) <= kept
    assert photonics.weight("other") == 0
