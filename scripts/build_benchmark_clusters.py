"""Compile src/technopole/data/classifications/benchmark_clusters.csv: the cluster each NAICS industry belongs to.

Reads ../shared/data/us-benchmark-clusters (U.S. Cluster Mapping Project: Delgado, Porter and Stern's benchmark definitions) and keeps codes
that are official in NAICS 2012 or 2017; codes of a data vendor are left out. Same input, same bytes:

    python scripts/build_benchmark_clusters.py [FILE [OUT]]
"""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

from technopole.writing import write_text

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT.parent / "shared" / "data" / "us-benchmark-clusters" / "naics_to_cluster.csv"
CLASSIFICATIONS = ROOT / "src" / "technopole" / "data" / "classifications"
COLUMNS = ("naics", "traded", "cluster", "subcluster")


def official() -> set[str]:
    """Return the six-digit codes of NAICS 2012 and 2017."""
    with (CLASSIFICATIONS / "codes.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"] for row in csv.DictReader(file) if row["scheme"] in ("NAICS-2012", "NAICS-2017")}


def rows(path: Path) -> list[tuple[str, str, str, str]]:
    """Return code, 1 = traded or 0 = local, cluster, subcluster, by code."""
    known = official()
    with path.open(encoding="utf-8", newline="") as file:
        read = csv.DictReader(file)
        lacking = {"naics", "traded_local", "cluster", "subcluster"} - set(read.fieldnames or ())
        if lacking:
            sys.exit(f"{path.name} has no column {', '.join(sorted(lacking))}: is this naics_to_cluster.csv?")
        return sorted(
            (
                row["naics"],
                "1" if row["traded_local"] == "Traded" else "0",
                row["cluster"].strip(),
                row["subcluster"].strip(),
            )
            for row in read
            if row["naics"] in known and row["cluster"].strip()
        )


def main(arguments: list[str]) -> None:
    """Write the table."""
    if len(arguments) > 2:
        sys.exit(__doc__)
    source = Path(arguments[0]) if arguments else SOURCE
    target = Path(arguments[1]) if len(arguments) == 2 else CLASSIFICATIONS / "benchmark_clusters.csv"
    found = rows(source)
    text = io.StringIO()
    written = csv.writer(text, lineterminator="\n")
    written.writerows([COLUMNS, *found])
    write_text(target, text.getvalue())
    traded = len({row[2] for row in found if row[1] == "1"})
    print(f"{len(found)} industries, {traded} traded clusters -> {target.name}")


if __name__ == "__main__":
    main(sys.argv[1:])
