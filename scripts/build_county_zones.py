"""Estimate what development zones did to Chinese counties, and write the page and its pictures. No network; the same input gives the same text.

Usage: python scripts/build_county_zones.py [DATA_FOLDER] [--out DOCS_FOLDER]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from county_zones import data, estimates, page, pictures

ROOT = Path(__file__).resolve().parents[1]


def build(folder: Path, docs: Path) -> None:
    """Write docs/methods/county_zones.md and its two pictures."""
    panel = data.counties(folder)
    compared = estimates.comparisons(panel)
    methods = docs / "methods"
    pictures.write_png(methods / "county_zones_years.png", pictures.years(estimates.by_year(panel)))
    pictures.write_png(methods / "county_zones_compared.png", pictures.comparisons(estimates.rows(compared)))
    text = page.text(
        panel,
        by_estimator=estimates.estimators(panel),
        outliers=estimates.outliers(panel),
        comparisons=compared,
        provinces=estimates.without_provinces(panel),
        waves=estimates.waves(panel),
        income=estimates.by_income(panel),
        rings=estimates.neighbours(panel),
        checks=estimates.checks(panel),
    )
    (methods / "county_zones.md").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description="Estimate what development zones did, and write the page on it."
    )
    parser.add_argument("data", nargs="?", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    options = parser.parse_args()
    build(options.data, options.out)
