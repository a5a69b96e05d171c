"""Compile the bundled study's tables from the public data folder. No network; the same input gives the same bytes.

Usage: python scripts/build_optical_valleys.py [DATA_FOLDER] [--out FOLDER]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from optical_valleys import composition, figures, places, sources, trade, us, us_counties
from optical_valleys.tabular import write

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "src" / "technopole" / "data" / "optical_valleys"


def build(data: Path, out: Path) -> None:
    """Write every table of the study and its list of sources."""
    out.mkdir(parents=True, exist_ok=True)
    published = figures.compile_figures(data, us.compile_technology(data))
    photonics = us.compile_photonics(data)
    taiwan = composition.compile_taiwan(data)
    write(out / "figures.csv", figures.COLUMNS, published)
    write(out / "parks.csv", places.COLUMNS, places.compile_parks(data))
    segments = composition.compile_composition(published)
    write(out / "composition.csv", composition.COLUMNS, segments)
    write(out / "taiwan.csv", composition.TAIWAN_COLUMNS, composition.like_for_like(taiwan))
    write(out / "taiwan_periods.csv", composition.PERIOD_COLUMNS, taiwan)
    write(out / "us_photonics.csv", us.COLUMNS, photonics)
    write(out / "us_places.csv", us.PLACE_COLUMNS, us.compile_places(data, photonics))
    activity = us_counties.compile_activity(data)
    us_counties.write_activity(out / "us_county_photonics.parquet", activity)
    us_counties.write_places(out / "us_counties.parquet", us_counties.compile_places(data, activity))
    write(out / "exports.csv", trade.COLUMNS, trade.compile_exports(data))
    (out / "SOURCES.md").write_text(
        sources.compile_sources(published, segments), encoding="utf-8", newline="\n"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description="Compile the bundled study's tables from the public data folder."
    )
    parser.add_argument("data", nargs="?", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    build(options.data, options.out)
    print(f"written: {options.out}")
