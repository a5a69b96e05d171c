"""Concordances: hand-read links of the official tables, chains, levels, and what they promise of every pair."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

import technopole as tp
from technopole.errors import UnknownName, WrongOption
from technopole.tables import recognise
from technopole.tables.classification import title
from technopole.tables.conversion import links
from technopole.tables.conversion.levels import Listed, bare


def targets(from_: str, to: str, code: str, **options: object) -> dict[str, float]:
    found = tp.concordance(from_, to, **options).of([code])  # type: ignore[arg-type]
    return {row.to_code: row.weight for row in found.itertuples() if row.weight > 0}


@pytest.mark.parametrize(
    ("from_", "to", "code", "linked"),
    [
        # United Nations: lasers other than laser diodes, optical fibre, asses, flat panel modules.
        ("HS-2007", "SITC-4", "901320", {"87192"}),
        ("HS-2017", "SITC-3", "900110", {"88419"}),
        ("HS-2012", "HS-2007", "010130", {"010190"}),
        ("HS-2022", "HS-2017", "852411", {"851712"}),  # as the United Nations convert flat panel modules
        ("HS-1996", "HS-1992", "010120", {"010120"}),
        # World Bank: optical instruments, photographic equipment.
        ("HS-2007", "ISIC-3", "901320", {"3320"}),
        ("HS-1992", "ISIC-2", "900110", {"3852"}),
        # United Nations, ISIC: optical instruments.
        ("ISIC-4", "ISIC-3.1", "2670", {"3230", "3312", "3320"}),
        ("ISIC-3.1", "ISIC-3", "3320", {"3320"}),
        ("ISIC-3", "ISIC-2", "3320", {"3620", "3852"}),
        # U.S. Census Bureau: optical lenses, lasers.
        ("NAICS-2017", "ISIC-4", "333314", {"2670"}),
        ("NAICS-2017", "NAICS-2012", "333314", {"333314"}),
        ("HS-2017", "NAICS-2017", "901320", {"335999"}),
        ("HS-2017", "NAICS-2017", "900190", {"333314"}),
        # Eurostat.
        ("NACE-2", "NAICS-2017", "26.70", {"333314", "333316"}),
        # Regulation (EC) No 1893/2006; OK 029-2014: casinos are one of six classes of NACE 92.00.
        ("NACE-2", "ISIC-4", "27.31", {"2731"}),
        ("NACE-2", "ISIC-4", "26.12", {"2610"}),
        ("NACE-2", "ISIC-4", "46.43", {"4649"}),
        ("OKVED-2", "NACE-2", "26.70", {"26.70"}),
        ("OKVED-2", "NACE-2", "92.11", {"92.00"}),
        ("GB/T-4754-2017", "ISIC-4", "404", {"2670"}),
        ("GB/T-4754-2017", "ISIC-4", "3976", {"2610"}),
    ],
)
def test_links_read_off_the_official_tables(from_: str, to: str, code: str, linked: set[str]) -> None:
    assert set(targets(from_, to, code)) == linked


@pytest.mark.parametrize(
    ("symbol", "field"),
    [
        ("G02B", "Optics"),
        ("H01S 5/00", "Optics"),
        ("H01L 33/00", "Semiconductors"),
        ("H10K 50/11", "Semiconductors"),
        ("H04B 10/25", "Telecommunications"),
        ("H04L 12/28", "Digital communication"),
        ("H04N 1/00", "Telecommunications"),
        ("H04N 21/43", "Digital communication"),
        ("H04N 5/225", "Audio-visual technology"),
        ("H04N 23/10", "Audio-visual technology"),
        ("G01N 21/64", "Measurement"),
        ("G01N 33/50", "Analysis of biological materials"),
        ("A61K 8/02", "Organic fine chemistry"),
        ("A61K 31/00", "Pharmaceuticals"),
        ("B01D 53/04", "Environmental technology"),
        ("B01D 1/00", "Chemical engineering"),
        ("E01F 8/00", "Environmental technology"),
        ("C13B 5/00", "Other special machines"),
        ("F21V 8/00", "Electrical machinery, apparatus, energy"),
    ],
)
@pytest.mark.parametrize("scheme", ["IPC", "CPC"])
def test_symbols_go_to_one_of_35_fields(scheme: str, symbol: str, field: str) -> None:
    """The group-level exceptions of WIPO's table included."""
    found = targets(scheme, "WIPO-35", symbol)
    assert {title("WIPO-35", code): weight for code, weight in found.items()} == {field: 1.0}


@pytest.mark.slow
def test_hs_2007_to_naics_through_isic_says_what_arrives() -> None:
    found = tp.concordance("HS-2007", "NAICS-2017", through=["ISIC-4"])
    assert found.chain == ("HS-2007", "ISIC-3", "ISIC-3.1", "ISIC-4", "NAICS-2017")
    coverage = found.coverage
    assert len(coverage) == 5053  # 5,052 subheadings and "not specified"
    assert coverage["mapped"].mean() == pytest.approx(0.985, abs=5e-4)
    assert (coverage["targets"] == 0).sum() == 76
    with pytest.raises(WrongOption, match="no chain"):
        tp.concordance("HS-2007", "WIPO-35", through=["ISIC-4"])
    direct = tp.concordance("HS-2007", "NAICS-2017")
    assert direct.chain == ("HS-2007", "HS-2017", "NAICS-2017")
    assert direct.coverage["mapped"].mean() > 0.98


@pytest.mark.parametrize(
    ("from_", "to", "chain"),
    [
        ("HS-1992", "HS-2022", ("HS-1992", "HS-2022")),
        ("NACE-2", "NAICS-2012", ("NACE-2", "NAICS-2017", "NAICS-2012")),
        ("OKVED-2", "ISIC-4", ("OKVED-2", "NACE-2", "ISIC-4")),
        ("ISIC-2", "ISIC-4", ("ISIC-2", "ISIC-3", "ISIC-3.1", "ISIC-4")),
        ("HS-2017", "HS-2017", ("HS-2017",)),
    ],
)
def test_chain_is_the_shortest_and_shown(from_: str, to: str, chain: tuple[str, ...]) -> None:
    found = tp.concordance(from_, to)
    assert found.chain == chain and " -> ".join(chain) in found.text
    assert len(found.sources) == len(chain) - 1
    assert len(tp.concordance(to, from_).chain) == len(chain)


def test_no_chain_is_shorter_than_those_found() -> None:
    """Against a plain breadth-first search over the bundled tables."""
    joined = {frozenset((table.a, table.b)) for table in links.tables()}
    from technopole.tables.conversion.chain import shortest

    for start in links.schemes():
        reached, edge, steps = {start}, {start}, 0
        while edge:
            for end in edge:
                assert len(shortest(start, end)) == steps + 1
            passed = edge - {"WIPO-35"} if steps else edge
            edge = {other for here in passed for pair in joined if here in pair for other in pair} - reached
            reached, steps = reached | edge, steps + 1


def test_main_targets_are_those_of_the_conversion_table() -> None:
    """Waste of electrical goods (8549), new in 2022, takes part of most of chapter 84; computers don't become waste."""
    assert targets("HS-2017", "HS-2022", "847130") == {"847130": 1.0}
    spread = targets("HS-2017", "HS-2022", "847130", weights="equal")
    assert len(spread) > 1 and any(code.startswith("8549") for code in spread)


def test_values_of_the_targets_divide_a_code() -> None:
    even = targets("NACE-2", "NAICS-2017", "26.70")
    assert even == {"333314": 0.5, "333316": 0.5}
    divided = targets("NACE-2", "NAICS-2017", "26.70", weights={"333314": 60.0, "3333": 60.0})
    assert divided == {
        "333314": pytest.approx(80 / 100),
        "333316": pytest.approx(20 / 100),
    }  # 3333 has three industries
    assert targets("NACE-2", "NAICS-2017", "26.70", weights={"111110": 1.0}) == even


def test_coarser_codes_are_the_sum_of_finer_ones() -> None:
    whole = tp.concordance("HS-2007", "ISIC-3")
    heading = targets("HS-2007", "ISIC-3", "9013")
    codes = [code for code in links.codes("HS-2007") if code.startswith("9013")]
    by_hand = whole.of(codes).groupby("to_code")["weight"].sum() / len(codes)
    assert heading == {code: pytest.approx(weight, rel=1e-12) for code, weight in by_hand.items()}
    assert sum(targets("NAICS-2017", "ISIC-4", "31-33").values()) == pytest.approx(1, rel=1e-12)
    assert sum(targets("NACE-2", "ISIC-4", "C").values()) == pytest.approx(1, rel=1e-12)


def test_finer_codes_fall_under_official_ones() -> None:
    assert targets("NACE-2", "ISIC-4", "26.70Z") == {"2670": 1.0}
    assert targets("NACE-2", "ISIC-4", "C26.70") == {"2670": 1.0}
    assert targets("HS-2007", "ISIC-3", "90132000") == {"3320": 1.0}
    assert targets("HS-2007", "ISIC-3", "9013.20") == {"3320": 1.0}
    for scheme, to, code in [
        ("HS-2007", "ISIC-3", "9013200"),
        ("NAICS-2017", "ISIC-4", "3333140"),
        ("HS-2007", "ISIC-3", "10110"),
    ]:
        assert targets(scheme, to, code) == {}


def test_a_part_without_a_link_is_lost_from_the_sum() -> None:
    """Of NAICS manufacturing not every industry has a product; of services none has."""
    found = tp.concordance("NAICS-2017", "HS-2017").of(["31-33", "51"]).groupby("code")["weight"].sum()
    assert 0.8 < found["31-33"] < 1 and found["51"] == 0


def test_target_codes_are_cut() -> None:
    assert targets("HS-2007", "HS-2017", "9013", digits=4) == {"9013": pytest.approx(1)}
    assert set(targets("HS-2007", "NACE-2", "901320", digits=2)) == {"27"}


def test_leading_zeros_survive() -> None:
    assert set(targets("HS-2007", "HS-2012", "010110")) == {"010121"}
    assert all(len(code) == 6 for code in tp.concordance("HS-1992", "HS-2022").links["to_code"])


@pytest.mark.parametrize(
    ("file", "a", "b", "at"),
    [
        ("hs2007_to_isic3.csv.gz", "HS-2007", "ISIC-3", (0, 2)),
        ("hs2007_to_sitc4.csv.gz", "HS-2007", "SITC-4", (0, 2)),
        ("hs1992_to_isic2.csv.gz", "HS-1992", "ISIC-2", (0, 2)),
        ("naics2017_to_naics2012.csv.gz", "NAICS-2017", "NAICS-2012", (0, 2)),
        ("isic4_to_isic31.csv", "ISIC-4", "ISIC-3.1", (0, 2)),
    ],
)
def test_bundled_links_are_those_of_the_public_tables(
    shared_data: Path, file: str, a: str, b: str, at: tuple[int, int]
) -> None:
    """Files that came another way than those the links were compiled from."""
    path = shared_data / "industry-product-concordances" / file
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()
    rows = list(csv.reader(text.splitlines()))[1:]
    public = {
        (row[at[0]].strip(), row[at[1]].strip())
        for row in rows
        if row[at[0]].strip()[:1].isdigit() and row[at[1]].strip()
    }
    bundled = links.read(a, b)
    assert set(zip(bundled["a"], bundled["b"], strict=True)) == public


@pytest.mark.parametrize(
    ("file", "a", "b"),
    [
        ("nace2_isic4.csv", "NACE-2", "ISIC-4"),
        ("okved2_nace2.csv", "OKVED-2", "NACE-2"),
        ("gbt4754_isic4.csv", "GB/T-4754-2017", "ISIC-4"),
    ],
)
def test_own_tables_are_bundled_and_whole(file: str, a: str, b: str) -> None:
    path = Path(__file__).resolve().parents[2] / "scripts" / "concordances" / file
    rows = list(csv.DictReader(path.read_text().splitlines()))
    own = {(row["a"].replace(".", ""), row["b"].replace(".", ""), row["main"] == "1") for row in rows}
    bundled = links.read(a, b)
    assert set(zip(bundled["a"], bundled["b"], bundled["main"], strict=True)) == own
    assert tp.concordance(a, b).coverage["mapped"].min() == 1
    lost = tp.concordance(b, a).coverage.query("mapped < 1")["code"].tolist()
    # households' own use, educational support: neither classification has a like class
    assert lost == {"GB/T-4754-2017": ["9810", "9820"], "OKVED-2": ["85.60"]}.get(a, [])


def test_which_classification_codes_are_from() -> None:
    assert next(iter(recognise(["333314", "334413", "511210"]))) in ("NAICS-2012", "NAICS-2017")
    assert next(iter(recognise(["26.11Z", "26.12Z", "10.82Z"]))) in ("NACE-2", "OKVED-2")
    only = recognise(["852411", "854911", "854912"])
    assert next(iter(only.items())) == ("HS-2022", 1.0) and "HS-2017" not in only
    assert recognise(["lasers"]) == {}


def test_wrong_requests() -> None:
    with pytest.raises(UnknownName, match="no concordance has this classification") as caught:
        tp.concordance("HS2007", "NACE-2")
    assert "HS-2007" in str(caught.value)
    with pytest.raises(WrongOption, match="no chain of concordances leads from NACE-2 to IPC") as caught:
        tp.concordance("NACE-2", "IPC")
    assert "ISIC-4" in str(caught.value)
    with pytest.raises(WrongOption, match="no such rule for weights"):
        tp.concordance("NACE-2", "ISIC-4", weights="value")  # type: ignore[arg-type]
    with pytest.raises(WrongOption, match="can't be a weight"):
        tp.concordance("NACE-2", "ISIC-4", weights={"2670": float("nan")})
    with pytest.raises(WrongOption, match="digits"):
        tp.concordance("NACE-2", "ISIC-4", digits=0)


def test_codes_as_written() -> None:
    assert [bare(code, "NACE-2") for code in ("26.70", "C26.7", "2670z", "C")] == [
        "2670",
        "267",
        "2670Z",
        "C",
    ]
    assert Listed("HS-2017", ["901320"]).place("9013").how == "coarser"
    assert Listed("HS-2017", ["901320"]).place("901").how == "unknown"


def test_a_sector_in_another_classification() -> None:
    nace = tp.sector("optics", scheme="NACE-2", codes={"26.70": 1.0, "26.11": 0.1})
    isic = nace.in_scheme("ISIC-4")
    assert dict(isic.codes) == {
        "2610": pytest.approx(0.05),
        "2670": 1.0,
    }  # 26.11 is one of the two classes of 2610
    assert isic.reasons is not None and "ISIC-4 -> NACE-2" in isic.reasons["2670"]
    assert tp.sector("photonics", scheme="NACE-2").in_scheme("OKVED-2").weight("26.70.1") == 1
    with pytest.raises(WrongOption, match="links into the sector"):
        tp.sector("shops", scheme="NACE-2", codes=["47"]).in_scheme("HS-2017")
