"""The bundled study's tables: allowed words, sources, sums the sources print, names that agree between files."""

from __future__ import annotations

import csv
import re
import tomllib
from collections import defaultdict
from importlib import resources
from pathlib import Path
from urllib.parse import urlparse

import pytest

import technopole as tp
from technopole.tables.figures import GRADES, STATUSES

FOLDER = Path(str(resources.files("technopole") / "data" / "optical_valleys"))
VALLEYS = ["Wuhan East Lake", "Changchun", "Guangzhou"]
FACETS = {"size", "stage", "technology", "composition", "market", "policy"}


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def figure(**wanted: str) -> dict[str, str]:
    """Return the one figure that fits."""
    found = [row for row in rows("figures.csv") if all(row[key] == value for key, value in wanted.items())]
    assert len(found) == 1, found
    return found[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("figures.csv", tp.read_figures),
        ("parks.csv", tp.read_parks),
        ("composition.csv", tp.read_activity),
        ("taiwan.csv", tp.read_activity),
        ("us_photonics.csv", tp.read_activity),
        ("us_places.csv", tp.read_places),
    ],
)
def test_the_readers_take_every_table_whole(name, read) -> None:
    assert read(FOLDER / name).rows == len(rows(name))


def test_figures_use_the_agreed_words_and_carry_their_source() -> None:
    for row in rows("figures.csv"):
        assert row["status"] in STATUSES, row
        assert row["grade"] in GRADES, row
        assert row["facet"] in FACETS, row
        assert row["scope"], row
        assert urlparse(row["source"]).scheme in ("http", "https") and urlparse(row["source"]).netloc, row
        assert 1840 <= int(row["year"]) <= 2026, row
        assert float(row["value"]) > 0, row
        assert "(" not in row["unit"], row
        assert row["indicator"].replace("_", "").isalnum() and row["indicator"] == row["indicator"].lower(), (
            row
        )
        assert "target" not in row["indicator"] and "jan_" not in row["indicator"], row
        if row["unit"] == "percent":
            assert float(row["value"]) <= 100, row


def test_part_years_say_their_months_and_targets_when_they_were_stated() -> None:
    for row in rows("figures.csv"):
        if row["status"] == "part-year":
            assert "January to" in row["note"], row
        if row["status"] == "target":
            assert "stated in" in row["note"], row


def test_nothing_is_quoted() -> None:
    assert [name for name in rows("figures.csv")[0] if "quote" in name] == []
    for row in rows("figures.csv"):
        assert row["note"].isascii() and len(row["note"].split()) <= 20, row


def test_the_only_figures_that_contradict_each_other_are_the_known_ones() -> None:
    keys = ("place", "indicator", "scope", "year", "unit", "status")
    values: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for row in rows("figures.csv"):
        values[tuple(row[key] for key in keys)].append(row["value"])
    differing = {key: said for key, said in values.items() if len(set(said)) > 1}
    assert differing == {
        ("Guangzhou", "output", "optics, broad", "2016", "billion CNY", "target"): ["300", "360"]
    }
    whole = [tuple(row.values()) for row in rows("figures.csv")]
    assert len(set(whole)) == len(whole)


def test_conflicts_of_different_years_stay_visible() -> None:
    shares = {
        (row["year"], row["indicator"]): float(row["value"])
        for row in rows("figures.csv")
        if row["scope"] == "fibre and cable"
    }
    assert shares == {
        ("2012", "market_share_domestic"): 55,
        ("2012", "market_share_world"): 25,
        ("2017", "market_share_domestic"): 50,
        ("2017", "market_share_world"): 12,
    }


def test_wuhans_parts_add_up_to_the_printed_totals() -> None:
    # The sums are printed by the sources themselves: 143 firms and 5.2 billion CNY in 1999, 500.6 billion CNY in 2012.
    parts = [row for row in rows("composition.csv") if row["year"] == "1999"]
    firms = figure(place="Wuhan East Lake", indicator="firms", year="1999", scope="optics, broad")
    output = figure(place="Wuhan East Lake", indicator="output", year="1999", scope="optics, broad")
    assert sum(int(row["firms"]) for row in parts) == int(firms["value"]) == 143
    assert sum(float(row["output"] or 0) for row in parts) == pytest.approx(float(output["value"]), abs=0.05)
    before, after = (
        float(figure(place="Wuhan East Lake", indicator="revenue", year=year, scope="whole zone")["value"])
        for year in ("2011", "2012")
    )
    assert before + 119.6 == pytest.approx(after)  # the increase printed by the same page
    growth = figure(place="Wuhan East Lake", indicator="revenue_growth", year="2012")
    assert 100 * (after / before - 1) == pytest.approx(float(growth["value"]), abs=0.02)


def test_guangzhou_has_targets_but_no_realised_output_of_optics() -> None:
    output = [
        row for row in rows("figures.csv") if row["place"] == "Guangzhou" and row["indicator"] == "output"
    ]
    targets = [row for row in output if row["scope"].startswith("optics")]
    assert {(row["status"], float(row["value"])) for row in targets} == {("target", 300), ("target", 360)}
    assert {row["scope"] for row in output} == {"optics, broad", "display and ultra-high-definition video"}


def test_places_agree_between_the_tables() -> None:
    parks = rows("parks.csv")
    names = [row["park"] for row in parks]
    assert [row["park"] for row in parks if row["role"] == "valley"] == VALLEYS
    assert {row["role"] for row in parks} == {"valley", "domestic", "foreign"}
    assert {row["place"] for row in rows("figures.csv")} == set(names)
    assert {row["country"] for row in parks} == {row["country"] for row in rows("figures.csv")}
    assert {row["place"] for name in ("composition.csv", "taiwan.csv") for row in rows(name)} <= set(names)
    assert {row["place"] for row in rows("us_photonics.csv")} == {
        row["place"] for row in rows("us_places.csv")
    }
    for row in parks:
        assert row["coordinate_basis"] and row["longitude"] and row["latitude"], row


def test_the_parks_dates_are_those_of_the_figures() -> None:
    for park in rows("parks.csv"):
        for column, indicator in (("designated", "designated"), ("opened", "founded")):
            if park[column]:
                dates = {
                    row["value"]
                    for row in rows("figures.csv")
                    if row["place"] == park["park"]
                    and row["indicator"] == indicator
                    and row["scope"] in ("whole zone", "optics")
                }
                assert park[column] in dates, (park["park"], column)


def test_named_fields_are_on_the_taxonomy_and_have_one_basis() -> None:
    named = [row for row in rows("composition.csv") if row["named_fields"]]
    segments = {
        "information optoelectronics",
        "energy optoelectronics (lasers)",
        "materials and components",
        "software",
        "display",
        "LED and lighting",
        "imaging and instruments",
        "space and remote sensing",
        "photovoltaics",
    }
    assert {row["industry"] for row in rows("composition.csv")} <= segments
    assert set(VALLEYS) <= {row["place"] for row in named}
    for row in named:
        assert "not output" in row["basis"] and not row["output"] and not row["firms"], row


def test_taiwans_industries_add_up_to_the_parks_totals() -> None:
    # Totals as printed in the tables of the source; Hsinchu 2016 is its misprint (text 844.557, industries 847.557).
    printed = {
        (row["place"], row["year"]): float(row["value"])
        for row in rows("figures.csv")
        if row["note"] == "January to October" and row["unit"] == "billion TWD"
    }
    sums: defaultdict[tuple[str, str], float] = defaultdict(float)
    for row in rows("taiwan.csv"):
        sums[row["place"], row["year"]] += float(row["output"])
    assert len(sums) == 12
    assert sums.keys() == printed.keys()
    off = {key: round(sums[key] - printed[key], 3) for key in sums if abs(sums[key] - printed[key]) > 0.06}
    assert off == {("Hsinchu", "2016"): 3.0}
    noted = {(row["place"], row["year"]) for row in rows("taiwan.csv") if "847.557" in row["note"]}
    assert noted == {("Hsinchu", "2016")}


def test_rochester_makes_most_optical_instruments_of_the_united_states() -> None:
    cells = [row for row in rows("us_photonics.csv") if row["industry"] == "333314" and row["year"] == "2021"]
    largest = max(cells, key=lambda row: int(row["employment"]))
    assert largest["place"] == "Rochester, NY (metro)"
    counties = {row["place"]: row["counties"].split() for row in rows("us_places.csv")}
    # Genesee, Livingston, Monroe, Ontario, Orleans and Wayne: the metropolitan area of 1993.
    assert counties["Rochester, NY (metro)"] == ["36037", "36051", "36055", "36069", "36073", "36117"]
    each = [county for held in counties.values() for county in held]
    assert len(set(each)) == len(each) and len(counties) == len(rows("us_places.csv"))


def test_the_study_uses_every_bundled_table() -> None:
    study = tomllib.loads((FOLDER / "study.toml").read_text(encoding="utf-8"))
    used = {table["path"].rpartition("/")[2] for table in study["tables"].values() if "optional" not in table}
    there = {path.name for path in FOLDER.iterdir() if path.suffix in (".csv", ".parquet")}
    assert used == there - {"taiwan_periods.csv"}


def test_sources_list_every_host() -> None:
    text = (FOLDER / "SOURCES.md").read_text(encoding="utf-8")
    for host in {urlparse(row["source"]).netloc for row in rows("figures.csv")}:
        assert f"| {host} |" in text, host


def test_the_whole_study_stays_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 1_000_000


def test_the_page_on_the_data_counts_the_rows_there_are() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "data" / "optical-valleys.md").read_text(
        encoding="utf-8"
    )
    said = dict(re.findall(r"\| `(\w+\.csv)` \| ([\d,]+) \|", page))
    assert len(said) == 8
    for name, count in said.items():
        assert int(count.replace(",", "")) == len(rows(name)), name


def test_a_count_of_unknown_year_is_never_read_as_growth_and_about_is_approximate() -> None:
    every = rows("figures.csv")
    counts = [row for row in every if (row["indicator"], row["scope"]) == ("registered_firms", "whole zone")]
    assert not [row for row in counts if "older" in row["note"]]
    told = [row for row in every if "about" in row["note"].split("; ") and row["status"] == "reported"]
    assert told == []
