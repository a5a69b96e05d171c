"""Test every US industry and write the table, the pictures and the page. No network; the same input gives the same text.

Usage: python scripts/build_us_industries.py [DATA_FOLDER] [--out DOCS_FOLDER]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import vl_convert
from us_industries import data, national, page, photonics, pictures

ROOT = Path(__file__).resolve().parents[1]
ON_THE_MAP = {
    "31411": "31411: carpet and rug mills",
    "33331": "33331: optical instruments, cameras and copiers, commercial machinery",
}
WIDE = "photonics, wide (14 codes, weighted)"


def build(folder: Path, docs: Path) -> None:
    """Write docs/data/us_industries_2016.csv, docs/methods/us_industries.md and its pictures."""
    activity, places = data.establishments_by_zip(folder), data.zip_points(folder)
    start = time.perf_counter()
    table, curves = national.tested(activity, places)
    print(f"{len(table)} industries tested in {time.perf_counter() - start:.0f} s")
    national.write(table, docs / "data" / "us_industries_2016.csv")
    compared = national.comparison(activity, places, table)
    results = photonics.found()
    index = photonics.by_zip(activity, places).table
    maps = [pictures.dots(activity, places, code, title) for code, title in ON_THE_MAP.items()]
    pictures.write_png(docs / "methods" / "us_industries.png", maps)
    drawn = results[WIDE, "scan"].plot(width=640).to_dict()
    (docs / "methods" / "us_photonics_clusters.png").write_bytes(vl_convert.vegalite_to_png(drawn, scale=1.3))
    localised = table[table["verdict"] == "localised"]
    everyone = int(activity.expr.establishments.sum().to_pyarrow().as_py())
    text = page.text(
        establishments=f"{everyone:,}",
        industries=len(table),
        range_km=curves["distance_km"].max(),
        comparison=page.shares(compared, "universe"),
        significant=int((table["q_value"] <= 0.05).sum()),
        sizes=page.shares(national.by_size(table), "establishments"),
        median_index=localised["localization"].median(),
        above_one=(table["localization"] > 0.01).mean(),
        above_five=(table["localization"] > 0.05).mean(),
        lost=f"{everyone - int(table['n'].sum()):,}",
        smallest=page.smallest(table),
        top=page.ranked(localised, "localization", 20),
        bottom=page.ranked(table[table["verdict"] == "dispersed"], "dispersion", 10),
        picture="; ".join(ON_THE_MAP.values()),
        codes=page.codes(table),
        year=photonics.YEAR,
        region_km=photonics.REGION_KM,
        simulations=photonics.SIMULATIONS,
        clusters=page.clusters(results),
        local=page.local(results),
        famous=page.famous(results),
        alone=page.alone(photonics.alone()),
        zip_areas=page.zip_areas(photonics.zip_areas(index)),
        zips=f"{int(index['significant'].sum())} of {len(index):,}",
        verdict=page.verdict(results),
    )
    (docs / "methods" / "us_industries.md").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Test every US industry and write the page on it.")
    parser.add_argument("data", nargs="?", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    options = parser.parse_args()
    build(options.data, options.out)
