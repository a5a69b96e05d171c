"""Run the simulation studies and write docs/methods/calibration.md and calibration_effects.md: `python scripts/calibrate.py [--only effects]`.

`--size 0.1` draws fewer worlds; only the full size writes the pages, unless told where to (`--out FILE`, with `--only`).
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from calibration.tally import Rate, pivot, pooled

from calibration import coverage, distances, finding, local, scanning

HERE = Path(__file__).resolve().parent
METHODS = HERE.parent / "docs" / "methods"
PAGES = {"false_alarms": METHODS / "calibration.md", "effects": METHODS / "calibration_effects.md"}
DATA_SETS = 1000
SIDE, WHOLE_SIDE, PERMUTATIONS, SIMULATIONS = 50, 25, 999, 199


def calibrate(size: float) -> str:
    """Run every study; return the page."""
    start = time.process_time()
    maps, wholes, scans, delineations, births = (max(3, round(n * size)) for n in (15, 200, 150, 60, 400))
    marked, found = local.study(SIDE, maps, PERMUTATIONS)
    whole = local.whole_maps(WHOLE_SIDE, wholes, PERMUTATIONS)
    curves = distances.study(size)
    circles = scanning.study(scans, SIMULATIONS)
    some, many = finding.delineated(delineations, PERMUTATIONS)
    born = finding.born(births)
    page = (HERE / "calibration" / "page.md").read_text(encoding="utf-8")
    return page.format(
        size=size,
        seconds=time.process_time() - start,
        bars=_bars(marked),
        marked=pivot(marked),
        discovered=pooled(found),
        constant=local.constant_marked_by_esda(SIDE),
        whole=pivot(whole),
        wholes=wholes,
        whole_side=WHOLE_SIDE,
        distances=pivot(curves),
        scanned=pivot(circles),
        some=pivot(some),
        many=pivot(many),
        born=pivot(born),
        maps=maps,
        permutations=PERMUTATIONS,
        side=SIDE,
        sites=distances.SITES,
        scans=scans,
        simulations=SIMULATIONS,
        delineations=delineations,
        births=births,
    )


def calibrate_effects(size: float) -> str:
    """Draw firms and estimate; return the page."""
    start = time.process_time()
    data_sets = max(2, round(DATA_SETS * size))
    rows: list[coverage.Coverage] = []
    for row in coverage.study(data_sets):
        rows.append(row)
        spent = time.process_time() - start
        print(
            f"{spent:6.0f} CPU s: {row.name}, {100 * row.rate:.1f} % of {len(row.held)}",
            file=sys.stderr,
            flush=True,
        )
    page = (HERE / "calibration" / "coverage_page.md").read_text(encoding="utf-8")
    return page.format(
        size=size, data_sets=data_sets, seconds=time.process_time() - start, table=coverage.table(rows)
    )


def _bars(marked: list[Rate]) -> str:
    ours = [rate for rate in marked if not rate.test.startswith("esda")]
    dense = [rate.mean for rate in ours if local.is_dense(rate.case)]
    others = [rate.mean for rate in ours if not local.is_dense(rate.case)]
    return "\n".join(
        [
            f"| false alarms on dense maps | 4 to 6 % | {min(dense):.1%} to {max(dense):.1%} |",
            f"| false alarms on sparse maps and ties | never above 6 % | {min(others):.1%} to {max(others):.1%} |",
        ]
    )


def main() -> None:
    """Read the arguments, run, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=float, default=1.0, help="share of the worlds to draw")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--only", choices=PAGES)
    asked = parser.parse_args()
    if asked.out and not asked.only:
        parser.error("--out needs --only: there are two pages")
    studies = {"false_alarms": calibrate, "effects": calibrate_effects}
    for name in [asked.only] if asked.only else list(studies):
        text = studies[name](asked.size)
        target = asked.out or (PAGES[name] if asked.size == 1.0 else None)
        if target:
            target.write_text(text, encoding="utf-8", newline="\n")
        print(text, flush=True)


if __name__ == "__main__":
    main()
