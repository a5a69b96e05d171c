"""The bundled list of photonics products: both levels of the Harmonized System, parts that don't overlap, official codes."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

import technopole as tp
from technopole.errors import UnknownName
from technopole.tables import classification

EDITIONS = ("HS-1992", "HS-2007", "HS-2012", "HS-2017", "HS-2022")
PARTS = ("optical_fibre", "lasers", "lenses", "displays", "leds_and_solar", "photonic_instruments")
SINCE_2012 = {"845611", "845612", "853950"}
SINCE_2022 = {"8524", "853951", "853952", "854141", "854142", "854143", "854149"}


def six_digit(name: str, scheme: str) -> set[str]:
    """Six-digit codes of a sector, headings that are in it altogether as they are."""
    return {code for code, weight in tp.sector(name, scheme=scheme).codes.items() if weight == 1}


@pytest.mark.parametrize("scheme", EDITIONS)
def test_every_edition_has_the_six_parts_and_all_of_them_are_the_whole(scheme: str) -> None:
    parts = {name: six_digit(name, scheme) for name in PARTS}
    whole = set().union(*parts.values())
    assert sum(len(codes) for codes in parts.values()) == len(whole)
    assert six_digit("photonics_products", scheme) - {"9013"} == whole


@pytest.mark.parametrize(
    ("code", "weight"),
    [
        ("9001", 0.6),
        ("9002", 1),
        ("9005", 1),
        ("9011", 1),
        ("9013", 1),
        ("8541", 0.5),
        ("8544", 0),
        ("9031", 0),
    ],
)
def test_headings_count_by_the_share_that_is_photonic(code: str, weight: float) -> None:
    assert tp.sector("photonics_products", scheme="HS-2012").weight(code) == weight


@pytest.mark.parametrize(
    ("code", "weight"),
    [("900110", 1), ("900150", 0), ("854140", 1), ("854129", 0), ("901320", 1), ("854470", 1), ("854460", 0)],
)
def test_subheadings_are_in_or_out(code: str, weight: float) -> None:
    assert tp.sector("photonics_products", scheme="HS-2017").weight(code) == weight


def test_weights_below_one_are_of_headings_only() -> None:
    for name in (*PARTS, "photonics_products"):
        for scheme in EDITIONS:
            partly = {code for code, w in tp.sector(name, scheme=scheme).codes.items() if w < 1}
            assert all(len(code) == 4 for code in partly)


@pytest.mark.parametrize("name", ["optical_fibre", "lasers"])
def test_what_no_heading_holds_by_half_is_not_there_at_four_digits(name: str) -> None:
    headings = ["8456", "8544", "9001", "9013"]
    assert tp.sector(name, scheme="HS-2012").weights(headings) == {}


def test_displays_change_their_heading_in_2022() -> None:
    assert tp.sector("displays", scheme="HS-2017").weight("901380") == 1
    assert tp.sector("displays", scheme="HS-2022").weight("901380") == 0
    assert tp.sector("displays", scheme="HS-2022").weight("852411") == 1
    assert tp.sector("displays", scheme="HS-1992").weight("852411") == 0


@pytest.mark.parametrize(
    ("scheme", "table"), [("HS-1992", "hs1992_to_isic2"), ("HS-2007", "hs2007_to_isic3")]
)
def test_codes_are_those_of_the_official_edition(shared_data: Path, scheme: str, table: str) -> None:
    path = shared_data / "industry-product-concordances" / f"{table}.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        official = [row[0] for row in csv.reader(file)]
    sector = tp.sector("photonics_products", scheme=scheme)
    for code in [*sector.codes, *sector.exclude]:
        assert any(one.startswith(code) for one in official), code
    later = {code for code in six_digit("photonics_products", "HS-2022") if code in SINCE_2012 | SINCE_2022}
    assert later and not any(code in official for code in later - {"8524"})


@pytest.mark.parametrize("scheme", EDITIONS)
def test_titles_are_short_and_ours(scheme: str) -> None:
    assert classification.title(scheme, "9013") == "lasers, liquid-crystal devices"
    assert classification.title(scheme, "90") == "optics and instruments"
    titles = [row["title"] for row in classification.rows("codes.csv") if row["scheme"] == scheme]
    assert max(len(title) for title in titles) <= 41
    assert (
        sum(len(row["code"]) == 2 for row in classification.rows("codes.csv") if row["scheme"] == scheme)
        == 96
    )


def test_chapters_having_titles_makes_no_wrong_code_right() -> None:
    with pytest.raises(UnknownName, match="9099"):
        tp.sector("mine", scheme="HS-2017", codes=["9099"])
    with pytest.raises(UnknownName, match="999999"):
        tp.sector("mine", scheme="HS-2017", codes=["999999"])
