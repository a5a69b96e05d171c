"""Sectors: prefixes, weights, exclusions; bundled sectors against the official lists; near codes in errors."""

from __future__ import annotations

import csv
import gzip
import subprocess
import sys
from pathlib import Path

import pytest

import technopole as tp
from technopole.errors import UnknownName, WrongOption
from technopole.tables import classification, sectors
from technopole.tables.classification import normal

INTENSITY = ("high-tech", "medium-high-tech", "medium-low-tech", "low-tech")


def listed(scheme: str) -> list[str]:
    return [row["code"] for row in classification.rows("codes.csv") if row["scheme"] == scheme]


def test_longest_prefix_decides() -> None:
    mine = tp.sector("mine", scheme="NACE-2", codes={"26": 0.1, "26.7": 1.0}, exclude=["26.1"])
    assert [mine.weight(code) for code in ("26.70Z", "2670", "26.51", "26.11", "27.31")] == [1, 1, 0.1, 0, 0]


def test_weights_lists_only_what_belongs() -> None:
    mine = tp.sector("mine", scheme="NACE-2", codes=["26.7"])
    assert mine.weights(["26.70A", "26.70A", "10.11"]) == {"26.70A": 1.0}


def test_one_code_or_exclusion_as_text() -> None:
    mine = tp.sector("mine", scheme="NACE-2", codes="26", exclude="26.1")
    assert (mine.weight("26.70"), mine.weight("26.11"), mine.weight("20.11")) == (1, 0, 0)


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("G02B 6/00", "G02B0006"),
        ("g02b6/122", "G02B0006122"),
        ("G02B   6/122", "G02B0006122"),
        ("H04B 10", "H04B0010"),
        ("H01S", "H01S"),
        ("H", "H"),
    ],
)
def test_patent_symbols(code: str, written: str) -> None:
    assert normal(code, "CPC") == written


def test_patent_main_groups_are_not_prefixes_of_others() -> None:
    radio = tp.sector("radio", scheme="IPC", codes=["H04B 1/00"])
    assert radio.weight("H04B 1/16") == 1 and radio.weight("H04B 10/25") == 0


def test_photonics_is_bundled_for_eight_schemes_with_reasons() -> None:
    assert {scheme for name, scheme in sectors() if name == "photonics"} == set(classification.SCHEMES)
    for scheme in classification.SCHEMES:
        photonics = tp.sector("photonics", scheme=scheme)
        assert photonics.reasons is not None and set(photonics.reasons) >= set(photonics.codes)
        assert all(photonics.reasons.values())


@pytest.mark.parametrize(
    ("scheme", "code", "weight"),
    [
        ("NAICS-2017", "333314", 1),
        ("NAICS-2012", "335921", 1),
        ("NACE-2", "26.70Z", 1),
        ("ISIC-4", "2731", 1),
        ("HS-2012", "845610", 1),
        ("HS-2017", "901320", 1),
        ("HS-2017", "900140", 0.3),
        ("IPC", "H01S 5/00", 1),
        ("CPC", "G02B 6/12004", 1),
        ("NAICS-2017", "311811", 0),
    ],
)
def test_photonics_codes(scheme: str, code: str, weight: float) -> None:
    assert tp.sector("photonics", scheme=scheme).weight(code) == weight


@pytest.mark.parametrize(("name", "scheme"), sectors())
def test_every_bundled_code_exists(name: str, scheme: str) -> None:
    bundled = tp.sector(name, scheme=scheme)
    classification.check(scheme, [*bundled.codes, *bundled.exclude])
    assert all(0 < weight <= 1 for weight in bundled.codes.values())


@pytest.mark.parametrize("scheme", ["NACE-2", "ISIC-4"])
def test_intensity_sectors_part_manufacturing(scheme: str) -> None:
    """Every class of divisions 10 to 33 lies in exactly one of the four, every other class in none."""
    four = [tp.sector(name, scheme=scheme) for name in INTENSITY]
    for code in listed(scheme):
        belongs = sum(one.weight(code) > 0 for one in four)
        assert belongs == (1 if "10" <= code[:2] <= "33" else 0), code


@pytest.mark.parametrize(
    ("code", "home"),
    [
        ("26.70", "high-tech"),
        ("30.30", "high-tech"),
        ("30.11", "medium-low-tech"),
        ("25.40", "medium-high-tech"),
        ("32.50", "medium-high-tech"),
        ("18.20", "medium-low-tech"),
        ("13.10", "low-tech"),
    ],
)
def test_three_digit_intensity_list(code: str, home: str) -> None:
    """The exceptions of Eurostat's three-digit list."""
    assert [name for name in INTENSITY if tp.sector(name, scheme="NACE-2").weight(code) > 0] == [home]


def test_naics_follows_the_official_concordance(shared_data: Path) -> None:
    """A NAICS code is in an intensity sector only if every ISIC class it has a part in is."""
    path = shared_data / "industry-product-concordances" / "naics2017_to_isic4.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        links = [(row[1], row[4].strip().zfill(4)) for row in list(csv.reader(file))[1:] if len(row[1]) == 6]
    for name in INTENSITY:
        naics, isic = tp.sector(name, scheme="NAICS-2017"), tp.sector(name, scheme="ISIC-4")
        inside = {code for code, _ in links} - {code for code, target in links if isic.weight(target) == 0}
        assert set(naics.codes) == inside


def test_code_lists_have_their_official_sizes() -> None:
    """1,065 NAICS 2012 and 1,057 NAICS 2017 industries, 419 ISIC 4 classes, 615 classes in 272 groups and 88 divisions of NACE 2."""
    assert [len(listed(scheme)) for scheme in ("NAICS-2012", "NAICS-2017", "ISIC-4", "NACE-2")] == [
        1065,
        1057,
        419,
        615,
    ]
    assert len({code[:4] for code in listed("NACE-2")}) == 272
    assert len({code[:2] for code in listed("NACE-2")}) == 88
    assert classification.title("NAICS-2017", "333314") == "Optical Instrument and Lens Manufacturing"


def test_script_rebuilds_the_same_bytes(shared_data: Path, tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    command = [
        sys.executable,
        str(root / "scripts" / "build_classifications.py"),
        str(shared_data),
        str(tmp_path),
    ]
    subprocess.run(command, check=True, capture_output=True)
    for name in ("codes.csv", "sectors.csv"):
        bundled = root / "src" / "technopole" / "data" / "classifications" / name
        assert (tmp_path / name).read_bytes() == bundled.read_bytes()


@pytest.mark.parametrize(
    ("scheme", "code", "near"),
    [
        ("NAICS-2017", "333341", "333314 Optical Instrument and Lens Manufacturing"),
        ("NAICS-2017", "3333144", "333314 Optical"),
        ("NAICS-2017", "optical lens", "333314 Optical"),
        ("NACE-2", "26.71", "26.70"),
        ("ISIC-4", "2679", "2670 Manufacture of optical instruments"),
        ("HS-2017", "9099", "9001"),
        ("IPC", "Q02B", "G02B"),
        ("NAICS-2017", "", ""),
    ],
)
def test_unknown_code_lists_near_ones(scheme: str, code: str, near: str) -> None:
    with pytest.raises(UnknownName) as caught:
        tp.sector("mine", scheme=scheme, codes=[code])
    assert f"{scheme} has no code: {code!r}" in str(caught.value)
    assert near in str(caught.value)


def test_finer_national_codes_are_taken_where_the_scheme_has_them() -> None:
    assert tp.sector("mine", scheme="NACE-2", codes=["26.70Z"]).weight("2670Z") == 1
    assert tp.sector("mine", scheme="HS-2017", codes=["90013000"]).weight("9001300010") == 1


def test_scheme_written_otherwise_or_own() -> None:
    with pytest.raises(UnknownName, match="written otherwise"):
        tp.sector("mine", scheme="naics2017", codes=["333314"])
    assert tp.sector("mine", scheme="segments", codes=["laser"]).weight("lasers") == 1


def test_wrong_sectors() -> None:
    with pytest.raises(UnknownName, match="no bundled sector"):
        tp.sector("fotonics", scheme="NACE-2")
    with pytest.raises(UnknownName, match="isn't bundled for this scheme"):
        tp.sector("high-tech", scheme="HS-2017")
    with pytest.raises(WrongOption, match="outside"):
        tp.sector("mine", scheme="NACE-2", codes={"26.70": 1.5})
    with pytest.raises(WrongOption, match="at least one code"):
        tp.sector("mine", scheme="NACE-2", codes=[])


def test_digest_is_the_content() -> None:
    one = tp.sector("mine", scheme="NACE-2", codes=["26.70", "27.31"])
    same = tp.sector("mine", scheme="NACE-2", codes={"27.31": 1.0, "26.70": 1.0})
    other = tp.sector("mine", scheme="NACE-2", codes={"27.31": 0.5, "26.70": 1.0})
    assert one.digest == same.digest != other.digest
