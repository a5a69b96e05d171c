"""Compute how competitive the photonics products of seven economies are, and write the page and its pictures. No network; the same input gives the same text.

Usage: python scripts/build_photonics_products.py [DATA_FOLDER] [--out DOCS_FOLDER]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from photonics_products import page
from photonics_products.findings import findings
from photonics_products.pictures import pictures, write_png

ROOT = Path(__file__).resolve().parents[1]


def build(folder: Path, docs: Path) -> None:
    """Write docs/methods/photonics_products.md and its pictures."""
    found, methods = findings(folder), docs / "methods"
    for name, chart in pictures(found).items():
        write_png(methods / name, chart)
    (methods / "photonics_products.md").write_text(page.text(found), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Compute the page on photonics products.")
    parser.add_argument("data", nargs="?", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    options = parser.parse_args()
    build(options.data, options.out)
