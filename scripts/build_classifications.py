"""Compile src/technopole/data/classifications/codes.csv and sectors.csv.

Reads ../shared/data/industry-product-concordances (tables of the U.S. Census Bureau, UNSD and WITS), the sector definitions beside
this script (scripts/sectors/*.csv) and the product list with our short titles (scripts/products/photonics.csv). Same input, same bytes:

    python scripts/build_classifications.py [DATA [OUT]]
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "src" / "technopole" / "data" / "classifications"
SECTORS = ROOT / "scripts" / "sectors"
PRODUCTS = ROOT / "scripts" / "products" / "photonics.csv"
EDITIONS = ("1992", "2007", "2012", "2017", "2022")

# NACE Rev. 2 classes (Regulation (EC) No 1893/2006, annex I): division, then the two digits of each class.
NACE = """
01 11 12 13 14 15 16 19 21 22 23 24 25 26 27 28 29 30 41 42 43 44 45 46 47 49 50 61 62 63 64 70
02 10 20 30 40
03 11 12 21 22
05 10 20
06 10 20
07 10 21 29
08 11 12 91 92 93 99
09 10 90
10 11 12 13 20 31 32 39 41 42 51 52 61 62 71 72 73 81 82 83 84 85 86 89 91 92
11 01 02 03 04 05 06 07
12 00
13 10 20 30 91 92 93 94 95 96 99
14 11 12 13 14 19 20 31 39
15 11 12 20
16 10 21 22 23 24 29
17 11 12 21 22 23 24 29
18 11 12 13 14 20
19 10 20
20 11 12 13 14 15 16 17 20 30 41 42 51 52 53 59 60
21 10 20
22 11 19 21 22 23 29
23 11 12 13 14 19 20 31 32 41 42 43 44 49 51 52 61 62 63 64 65 69 70 91 99
24 10 20 31 32 33 34 41 42 43 44 45 46 51 52 53 54
25 11 12 21 29 30 40 50 61 62 71 72 73 91 92 93 94 99
26 11 12 20 30 40 51 52 60 70 80
27 11 12 20 31 32 33 40 51 52 90
28 11 12 13 14 15 21 22 23 24 25 29 30 41 49 91 92 93 94 95 96 99
29 10 20 31 32
30 11 12 20 30 40 91 92 99
31 01 02 03 09
32 11 12 13 20 30 40 50 91 99
33 11 12 13 14 15 16 17 19 20
35 11 12 13 14 21 22 23 30
36 00
37 00
38 11 12 21 22 31 32
39 00
41 10 20
42 11 12 13 21 22 91 99
43 11 12 13 21 22 29 31 32 33 34 39 91 99
45 11 19 20 31 32 40
46 11 12 13 14 15 16 17 18 19 21 22 23 24 31 32 33 34 35 36 37 38 39 41 42 43 44 45 46 47 48 49 51 52 61 62 63 64 65 66 69 71 72 73 74 75 76 77 90
47 11 19 21 22 23 24 25 26 29 30 41 42 43 51 52 53 54 59 61 62 63 64 65 71 72 73 74 75 76 77 78 79 81 82 89 91 99
49 10 20 31 32 39 41 42 50
50 10 20 30 40
51 10 21 22
52 10 21 22 23 24 29
53 10 20
55 10 20 30 90
56 10 21 29 30
58 11 12 13 14 19 21 29
59 11 12 13 14 20
60 10 20
61 10 20 30 90
62 01 02 03 09
63 11 12 91 99
64 11 19 20 30 91 92 99
65 11 12 20 30
66 11 12 19 21 22 29 30
68 10 20 31 32
69 10 20
70 10 21 22
71 11 12 20
72 11 19 20
73 11 12 20
74 10 20 30 90
75 00
77 11 12 21 22 29 31 32 33 34 35 39 40
78 10 20 30
79 11 12 90
80 10 20 30
81 10 21 22 29 30
82 11 19 20 30 91 92 99
84 11 12 13 21 22 23 24 25 30
85 10 20 31 32 41 42 51 52 53 59 60
86 10 21 22 23 90
87 10 20 30 90
88 10 91 99
90 01 02 03 04
91 01 02 03 04
92 00
93 11 12 13 19 21 29
94 11 12 20 91 92 99
95 11 12 21 22 23 24 25 29
96 01 02 03 04 09
97 00
98 10 20
99 00
"""
# Headings that HS 2012 added to HS 2007; HS 2017 added none and neither edition took one away.
HS_HEADINGS_2012 = ("0308", "3826", "9619")
# The 35 fields of WIPO's IPC-technology concordance, in its order.
FIELDS = (
    "Electrical machinery, apparatus, energy", "Audio-visual technology", "Telecommunications", "Digital communication",
    "Basic communication processes", "Computer technology", "IT methods for management", "Semiconductors", "Optics", "Measurement",
    "Analysis of biological materials", "Control", "Medical technology", "Organic fine chemistry", "Biotechnology", "Pharmaceuticals",
    "Macromolecular chemistry, polymers", "Food chemistry", "Basic materials chemistry", "Materials, metallurgy",
    "Surface technology, coating", "Micro-structural and nano-technology", "Chemical engineering", "Environmental technology",
    "Handling", "Machine tools", "Engines, pumps, turbines", "Textile and paper machines", "Other special machines",
    "Thermal processes and apparatus", "Mechanical elements", "Transport", "Furniture, games", "Other consumer goods",
    "Civil engineering",
)  # fmt: skip
INTENSITY = ("high-tech", "medium-high-tech", "medium-low-tech", "low-tech")


def table(data: Path, name: str) -> list[list[str]]:
    """Rows of a concordance without its heading, cells stripped."""
    path = data / "industry-product-concordances" / name
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""))][1:]


def isic(code: str) -> str:
    """ISIC class with its leading zero."""
    return code.zfill(4)


def codes(data: Path, titles: dict[tuple[str, str], str]) -> list[tuple[str, str, str]]:
    """(scheme, code, title), sorted; `titles` are ours where the lists have none."""
    found: dict[tuple[str, str], str] = {}
    for row in table(data, "naics2012_to_isic4.csv.gz"):
        if len(row[0]) == 6:
            found["NAICS-2012", row[0]] = row[1]
        if row[2].isdigit():
            found["ISIC-4", isic(row[2])] = row[3]
    for row in table(data, "naics2017_to_isic4.csv.gz"):
        if len(row[1]) == 6:
            found["NAICS-2017", row[1]] = row[2]
    classes = {row[0] for row in table(data, "isic4_to_isic31.csv")}
    found = {key: title for key, title in found.items() if key[0] != "ISIC-4" or key[1] in classes}
    for code in classes:
        found.setdefault(("ISIC-4", code), "")
    headings = {row[0][:4] for row in table(data, "hs2007_to_isic3.csv.gz") if row[0].isdigit()}
    for scheme in ("HS-2012", "HS-2017"):
        found |= {(scheme, code): "" for code in headings | set(HS_HEADINGS_2012)}
    for line in NACE.strip().splitlines():
        division, *rest = line.split()
        found |= {("NACE-2", f"{division}.{item}"): "" for item in rest}
    found |= {("WIPO-35", f"{number:02}"): title for number, title in enumerate(FIELDS, start=1)}
    found |= titles
    return sorted((scheme, code, " ".join(title.split())) for (scheme, code), title in found.items())


def naics_of(data: Path, scheme: str) -> dict[str, set[str]]:
    """NAICS code -> every ISIC 4 class it has a part in."""
    name, at = (
        ("naics2012_to_isic4.csv.gz", (0, 2))
        if scheme == "NAICS-2012"
        else ("naics2017_to_isic4.csv.gz", (1, 4))
    )
    found: dict[str, set[str]] = defaultdict(set)
    for row in table(data, name):
        if len(row[at[0]]) == 6:
            found[row[at[0]]].add(isic(row[at[1]]))
    return found


def carried_over(data: Path, defined: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """Technology sectors in NAICS: the codes all of whose ISIC 4 classes lie in one sector."""
    mine = [
        row
        for row in defined
        if row["scheme"] == "ISIC-4" and row["sector"] in INTENSITY and row["weight"] != "0"
    ]
    prefixes = {row["code"]: row["sector"] for row in mine}

    def sector_of(code: str) -> str:
        fits = [prefix for prefix in prefixes if code.startswith(prefix)]
        return prefixes[max(fits, key=len)] if fits else ""

    made: list[dict[str, str]] = []
    for scheme in ("NAICS-2012", "NAICS-2017"):
        for code, classes in naics_of(data, scheme).items():
            homes = {sector_of(item) for item in classes}
            if len(homes) == 1 and "" not in homes:
                reason = f"all of it lies in ISIC {', '.join(sorted(classes))}"
                made.append(
                    {"sector": homes.pop(), "scheme": scheme, "code": code, "weight": "1", "reason": reason}
                )
    return made


def products() -> list[dict[str, str]]:
    """Rows of the product list, one per edition of the Harmonized System that has the code, with its `scheme`."""
    with PRODUCTS.open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    made: list[dict[str, str]] = []
    for row in listed:
        first, last = row["editions"].split("-")
        made += [row | {"scheme": f"HS-{edition}"} for edition in EDITIONS if first <= edition <= last]
    return made


def product_titles(found: Iterable[dict[str, str]]) -> dict[tuple[str, str], str]:
    """(scheme, code) -> our short title."""
    return {(row["scheme"], row["code"]): row["title"] for row in found if row["title"]}


def product_sectors(found: list[dict[str, str]]) -> list[dict[str, str]]:
    """The parts, and photonics_products: every whole code of a part, and its own weights of mixed headings."""
    mine = [row | {"sector": row["part"]} for row in found if row["part"]]
    whole = [row for row in mine if row["weight"] == "1" and row["part"] != "photonics_products"]
    return mine + [row | {"sector": "photonics_products"} for row in whole]


def write(path: Path, names: list[str], lines: Iterable[Iterable[str]]) -> None:
    """CSV with newline line ends."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(lines)


def main() -> None:
    """Compile both files."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "data"
    out = Path(sys.argv[2]) if len(sys.argv) > 2 else OUT
    listed = products()
    write(out / "codes.csv", ["scheme", "code", "title"], codes(data, product_titles(listed)))
    defined: list[dict[str, str]] = []
    for path in sorted(SECTORS.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            defined += list(csv.DictReader(file))
    names = ["sector", "scheme", "code", "weight", "reason"]
    defined += product_sectors(listed) + carried_over(data, defined)
    lines = sorted([row[name] for name in names] for row in defined)
    write(out / "sectors.csv", names, lines)
    print(f"{out}: {len(lines)} sector codes")


if __name__ == "__main__":
    main()
