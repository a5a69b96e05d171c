"""SOURCES.md: where every table of the study comes from."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlparse

from optical_valleys.tabular import RULES, Row, rules


def compile_sources(figures: list[Row], composition: list[Row]) -> str:
    """Return the text written by hand, then the table of hosts with grade, reason and number of figures."""
    counts = Counter(urlparse(row["source"]).netloc for row in figures)
    used = counts.keys() | {urlparse(row["source"]).netloc for row in composition}
    hosts = [
        f"| {row['host']} | {row['grade']} | {row['reason']} | {counts[row['host']]} |"
        for row in rules("hosts")
        if row["host"] in used
    ]
    head = (RULES / "sources.md").read_text(encoding="utf-8").rstrip()
    return "\n".join([head, "", "| host | grade | why | figures |", "|---|---|---|---|", *hosts, ""])
