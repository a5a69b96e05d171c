"""Runs every bench_*.py and writes RESULTS.md: `python benchmarks/run.py [--only measures] [--size 0.1]`."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIBRARIES = ("numpy", "pandas", "duckdb", "ibis-framework", "pyarrow", "diff-diff", "statsmodels")


def main() -> int:
    """Run the benches; write RESULTS.md where all ran at full size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="the room to run, such as measures")
    parser.add_argument(
        "--size", type=float, default=1.0, help="scale of the input; 1 = as the goals are stated"
    )
    asked = parser.parse_args()
    sys.path.insert(0, str(HERE))
    names = [f"bench_{asked.only}"] if asked.only else sorted(path.stem for path in HERE.glob("bench_*.py"))
    parts: list[str] = []
    for name in names:
        bench = importlib.import_module(name)
        rows = bench.run(asked.size)
        parts.append(f"## {name.removeprefix('bench_')}\n{(bench.__doc__ or '').strip()}\n\n{_table(rows)}")
        print(parts[-1], flush=True)
    if not asked.only and asked.size == 1.0:
        from technopole import writing

        writing.write_text(HERE / "RESULTS.md", "\n\n".join([_head(), *parts]) + "\n")
    return 0


def _head() -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        "# Benchmark results\n\nWritten by `make bench`; the protocol is in README.md. "
        "CPU seconds count all threads and child processes; memory is the process's high-water mark. "
        "Contestants of a job ran one after another in the same call on the same input.\n\n"
        f"Machine: {_processor()}, {os.cpu_count()} logical cores, {_memory()}; {platform.system()} "
        f"{platform.machine()}; Python {platform.python_version()}; {libraries}."
    )


def _table(rows: list[dict[str, object]]) -> str:
    if not rows:
        return "Nothing ran: the data or the peer isn't here."
    lines = ["| job | who | CPU s | wall s | peak MB | accuracy | goal |", "|---|---|---:|---:|---:|---|---|"]
    for item in rows:
        verdict = {True: " (met)", False: " (missed)"}.get(item["met"], "")  # type: ignore[call-overload]
        lines.append(
            f"| {item['job']} | {item['who']} | {item['cpu_s']:.2f} | {item['wall_s']:.2f} "
            f"| {item['peak_mb']:.0f} | {item['accuracy']} | {item['goal']}{verdict} |"
        )
    return "\n".join(lines)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or "unknown processor"


def _memory() -> str:
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return "memory unknown"
    return f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB memory"


if __name__ == "__main__":
    sys.exit(main())
