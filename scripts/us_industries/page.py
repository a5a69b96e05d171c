"""The page: tables in Markdown, numbers in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

import technopole as tp
from technopole.result import Result
from us_industries import photonics

TEMPLATE = Path(__file__).with_name("page.md")
Clusters = Mapping[tuple[str, str], Result]


def text(**parts: object) -> str:
    """Return the page."""
    return TEMPLATE.read_text(encoding="utf-8").format(**parts)


def table(rows: Sequence[Sequence[object]], head: Sequence[str]) -> str:
    """Return a Markdown table; all columns but the first are to the right where they hold numbers."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def shares(frame: pd.DataFrame, first: str) -> str:
    """Return industries and shares of verdicts as a table."""
    rows = [
        [
            row[first],
            row["industries"],
            *(f"{row[name]:.0%}" for name in ("localised", "dispersed", "neither")),
        ]
        for _, row in frame.iterrows()
    ]
    return table(rows, [first, "industries", "localised", "dispersed", "neither"])


def ranked(frame: pd.DataFrame, index: str, count: int) -> str:
    """Return the industries with the largest index."""
    chosen = frame.sort_values([index, "industry"], ascending=[False, True]).head(count)
    rows = [
        [
            place,
            row["industry"],
            row["title"],
            f"{row['n']:,.0f}",
            f"{row[index]:.2%}",
            f"{row['strongest_km']:,.0f}",
        ]
        for place, (_, row) in enumerate(chosen.iterrows(), start=1)
    ]
    return table(rows, ["", "NAICS", "industry", "establishments", index, "strongest at km"])


def codes(frame: pd.DataFrame) -> str:
    """Return the verdicts on the five-digit codes photonics is part of."""
    sector = tp.sector("photonics", scheme="NAICS-2012")
    order = frame.sort_values(["localization", "industry"], ascending=[False, True])["industry"].tolist()
    rows = []
    for code in sorted({code[:5] for code in sector.codes}):
        row = frame[frame["industry"] == code].iloc[0]
        parts = "; ".join(f"{c}: {w:g}" for c, w in sorted(sector.codes.items()) if c.startswith(code))
        rows.append(
            [
                code,
                parts,
                f"{row['n']:,.0f}",
                row["verdict"],
                f"{row['localization']:.2%}",
                f"{order.index(code) + 1} of {len(order)}",
                f"{row['strongest_km']:,.0f}",
            ]
        )
    head = ["NAICS", "shares taken", "establishments", "verdict", "localization", "rank", "strongest at km"]
    return table(rows, head)


def clusters(results: Clusters) -> str:
    """Return the clusters the scan finds, for each definition of photonics."""
    parts = []
    for name in photonics.SECTORS:
        found = pd.DataFrame(results[name, "scan"].table)
        rows = [
            [
                place,
                row["name"],
                row["places"],
                f"{row['members']:,.4g}",
                f"{row['employment']:,.0f}",
                _interval(row),
                f"{row['p_value']:.4f}",
            ]
            for place, (_, row) in enumerate(found.iterrows(), start=1)
        ]
        head = ["", "cluster", "counties", "establishments", "jobs", "location quotient (95 %)", "p"]
        parts.append(f"{name[0].upper()}{name[1:]}:\n\n{table(rows, head)}")
    return "\n\n".join(parts)


def local(results: Clusters) -> str:
    """Return in words what local statistics find."""
    said = []
    for (name, method), result in results.items():
        if method != "scan":
            found = ", ".join(result.table["name"]) or "none"
            said.append(f"{method}, {name.split(' (')[0]}: {found}")
    known = photonics.famous(results)
    inside = known[(known["method"] != "scan") & (known["cluster"] != "")]["place"].unique()
    return (
        "; ".join(said) + f". Of the two famous counties, in one of these: {', '.join(inside) or 'neither'}"
    )


def famous(results: Clusters) -> str:
    """Return where the famous places stand among the clusters."""
    rows = []
    found = photonics.famous(results)
    for _, row in found[found["method"] == "scan"].iterrows():
        inside = row["cluster"] != ""
        rows.append(
            [
                row["place"],
                row["sector"],
                f"{row['rank']:.0f} of {row['clusters']}" if inside else f"in none of {row['clusters']}",
                f"{row['location_quotient']:.1f}" if inside else "",
                f"{row['p_value']:.4f}" if inside else "",
            ]
        )
    return table(rows, ["place", "sector", "cluster", "its location quotient", "p"])


def alone(frame: pd.DataFrame) -> str:
    """Return what the two counties have."""
    rows = [
        [
            photonics.FAMOUS[row["place"]],
            row["sector"],
            row["counted"],
            f"{row['value']:,.4g}",
            _interval(row),
        ]
        for _, row in frame.sort_values(
            ["place", "sector", "counted"], ascending=[False, True, True]
        ).iterrows()
    ]
    return table(rows, ["county", "sector", "counted", "number", "location quotient (95 %)"])


def zip_areas(frame: pd.DataFrame) -> str:
    """Return how many ZIP areas of the famous places stand out."""
    rows = [
        [
            row["area"],
            f"{row['significant']} of {row['zips']}",
            f"{row['standing_there']} of {row['establishments']}",
            row["strongest"],
            f"{row['index']:.1f}",
            f"{row['p_value']:.2g}",
            f"{row['q_value']:.2g}",
        ]
        for _, row in frame.iterrows()
    ]
    head = [
        "area",
        "ZIP areas that stand out",
        "establishments in them",
        "strongest ZIP",
        "its index",
        "p",
        "q",
    ]
    return table(rows, head)


def verdict(results: Clusters) -> str:
    """Return in words whether the famous places are in clusters the scan finds."""
    found = photonics.famous(results)
    scan = found[found["method"] == "scan"]
    said = []
    for place, rows in scan.groupby("place", sort=False):
        inside = rows[rows["cluster"] != ""]
        ranks = " and ".join(
            f"{row['rank']:.0f} of {row['clusters']} ({row['sector'].split(' (')[0]}, p = {row['p_value']:.4f})"
            for _, row in inside.iterrows()
        )
        said.append(
            f"**{place}** is found: number {ranks}."
            if len(inside)
            else f"**{place}** is in no significant cluster by either definition."
        )
    return " ".join(said)


def _interval(row: pd.Series) -> str:
    return f"{row['location_quotient']:.1f} ({row['low']:.1f} to {row['high']:.1f})"


def smallest(frame: pd.DataFrame) -> str:
    """Return the size of the smallest industry."""
    return f"{frame['n'].min():,.0f}"
