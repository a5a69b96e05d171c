"""The trade tables of the page, with countries by name, and the products it is about."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import technopole as tp
from technopole.tables import Sector, Trade

FOLDER = "trade-country-product"
NAMES = {
    "chn": "China",
    "deu": "Germany",
    "fra": "France",
    "jpn": "Japan",
    "kor": "South Korea",
    "usa": "United States",
}
TAIWAN = "Taiwan"
YEARS = (1962, 1980, 2017)
SEMICONDUCTORS = "8541"
PEOPLE, EXPORTS = 1e6, 1e9  # the Atlas leaves out countries with fewer people or smaller exports


def headings(folder: Path) -> Trade:
    """Exports by country and heading (HS, 4 digits) in three years; the six countries by name."""
    rows = pd.read_parquet(folder / FOLDER / "trade_hs4_1962_1980_2017.parquet")
    rows["country"] = rows["country"].replace(NAMES)
    return tp.read_trade(rows, columns={"exporter": "country", "value": "export_usd"})


def chapters() -> Trade:
    """Exports of seven economies and all others by chapter in 2024, as bundled with the package."""
    path = Path(tp.__file__).parent / "data" / "optical_valleys" / "exports.csv"
    return tp.read_trade(path)


def populous(folder: Path) -> set[str]:
    """Countries of more than a million people in 2017."""
    people = pd.read_csv(folder / FOLDER / "gdp_population_2017.csv.gz")
    found = people.loc[people["population_total"] > PEOPLE, "country"]
    return set(found.replace(NAMES))


def photonics() -> Sector:
    """The bundled list at four digits."""
    return tp.sector("photonics_products", scheme="HS-2017")


def optics() -> Sector:
    """The same without semiconductors: lenses, fibres, binoculars, microscopes, lasers and liquid-crystal devices."""
    whole = photonics()
    codes = {code: weight for code, weight in whole.codes.items() if not code.startswith(SEMICONDUCTORS)}
    return tp.sector("optical_products", scheme=whole.scheme, codes=codes, exclude=whole.exclude)
