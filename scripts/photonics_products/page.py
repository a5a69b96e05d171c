"""The page: tables in Markdown, numbers in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from photonics_products.data import SEMICONDUCTORS, TAIWAN, YEARS, optics, photonics
from photonics_products.findings import SHOWN, Findings
from technopole.competitiveness._selection import label
from technopole.result import Result

TEMPLATE = Path(__file__).with_name("page.md")
FIRST, MIDDLE, LAST = YEARS
SHORT = {
    "China": "china",
    "Germany": "germany",
    "South Korea": "korea",
    "Japan": "japan",
    "United States": "usa",
    "France": "france",
}


def text(found: Findings) -> str:
    """Return the page."""
    said = {
        **_data(found),
        **_headlines(found),
        **_change(found),
        **_complexity(found),
        "advantage": _advantage(found),
        "headings": _by_heading(found.by_heading),
        "gained": _gained(found.by_heading),
        "china_text": found.china.text,
        "germany_text": found.germany.text,
        "nearness": _nearness(found),
        "taiwan": _taiwan(found.chapters),
    }
    return TEMPLATE.read_text(encoding="utf-8").format(**said)


def table(rows: Sequence[Sequence[object]], head: Sequence[str]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def _cell(result: Result, column: str, place: str, year: int, product: str = "") -> float:
    rows = result.frames["table"]
    rows = rows[(rows["exporter"] == place) & (rows["year"] == year)]
    rows = rows[rows["product"] == product] if product else rows
    return float(rows[column].iloc[0]) if len(rows) else float("nan")


def _rca(value: float) -> str:
    if pd.isna(value):
        return "-"
    shown = f"{value:.2f}"
    return f"**{shown}**" if value >= 1 else shown


def _share(value: float) -> str:
    return "-" if pd.isna(value) else f"{value:.1%}" if value >= 0.001 else f"{value:.2%}"


def _data(found: Findings) -> dict[str, str]:
    rows = found.trade.to_pandas()
    reporters = rows.groupby("year")["exporter"].nunique()
    world = rows.groupby("year")["value"].sum() / 1e9
    weights = photonics().weights(rows["product"].unique())
    some = rows[(rows["exporter"] == "hkg") & (rows["year"] == LAST)]
    through = (some["value"] * some["product"].map(weights).fillna(0)).sum() / 1e9
    return {
        "years": f"{FIRST}, {MIDDLE} and {LAST}",
        "reporters": _listed([f"{reporters[year]:,}" for year in YEARS]),
        "world": _listed([f"{world[year]:,.0f}" for year in YEARS]) + " billion dollars",
        "hongkong": f"{through:.0f} billion dollars",
    }


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _headlines(found: Findings) -> dict[str, str]:
    said: dict[str, str] = {}
    for name, short in SHORT.items():
        for year in (MIDDLE, LAST):
            said[f"{short}_rca_{year}"] = f"{_cell(found.optical, 'rca', name, year):.2f}"
            said[f"{short}_share_{year}"] = _share(_cell(found.optical_shares, "share", name, year))
    rows = found.by_heading.frames["table"]
    rows = rows[(rows["year"] == LAST) & (rows["product"] != SEMICONDUCTORS)]
    china = rows[rows["exporter"] == "China"].set_index("product")["value"]
    weighted = china * china.index.map(optics().weights(china.index))
    kept = rows[(rows["exporter"] == "Germany") & rows["advantage"]]
    return said | {
        "china_9013": f"{weighted['9013'] / weighted.sum():.0%}",
        "germany_kept": f"{len(kept)}",
        "germany_named": _listed([_named(code) for code in kept["product"]]),
    }


def _named(code: str) -> str:
    return label(code, photonics().scheme)


def _advantage(found: Findings) -> str:
    rows = []
    for name in SHOWN:
        optical = [_rca(_cell(found.optical, "rca", name, year)) for year in YEARS]
        shares = [_share(_cell(found.optical_shares, "share", name, year)) for year in YEARS]
        wide = [_rca(_cell(found.advantage, "rca", name, year)) for year in YEARS[1:]]
        wide_share = _share(_cell(found.shares, "share", name, LAST))
        rows.append([name, *optical, *shares, *wide, wide_share])
    head = ["", *(f"optical, RCA {year}" for year in YEARS), *(f"share {year}" for year in YEARS)]
    return table(rows, [*head, *(f"photonics, RCA {year}" for year in YEARS[1:]), f"share {LAST}"])


def _by_heading(result: Result) -> str:
    codes = sorted(result.frames["table"]["product"].unique())
    rows = [
        [
            _named(code),
            *(
                f"{_rca(_cell(result, 'rca', name, LAST, code))} ({_plain(_cell(result, 'rca', name, MIDDLE, code))})"
                for name in SHOWN
            ),
        ]
        for code in codes
    ]
    return table(rows, ["", *SHOWN])


def _plain(value: float) -> str:
    return "-" if pd.isna(value) else f"{value:.2f}"


def _gained(result: Result) -> str:
    rows = result.frames["table"]
    held = {year: _held(rows, year) for year in (MIDDLE, LAST)}
    won = sorted(held[LAST] - held[MIDDLE])
    lost = sorted(held[MIDDLE] - held[LAST])
    return f"Among headings that exist in both years, advantages were won by {_pairs(won)}; and lost by {_pairs(lost)}."


def _held(rows: pd.DataFrame, year: int) -> set[tuple[str, str]]:
    both = set(rows.loc[(rows["year"] == MIDDLE) & rows["rca"].notna(), "product"])
    here = rows[(rows["year"] == year) & rows["advantage"] & rows["product"].isin(both)]
    return set(zip(here["exporter"], here["product"], strict=True))


def _pairs(pairs: Sequence[tuple[str, str]]) -> str:
    by_place: dict[str, list[str]] = {}
    for place, code in pairs:
        by_place.setdefault(place, []).append(code)
    return (
        _listed([f"{place} ({', '.join(codes)})" for place, codes in by_place.items()])
        if by_place
        else "nobody"
    )


def _change(found: Findings) -> dict[str, str]:
    first = found.change.frames["table"].iloc[-1]
    rows = [
        _parts(f"{row['order']}, weights of {MIDDLE}", row)
        for row in found.change.frames["table"].to_dict("records")
    ]
    bases = found.change.frames["bases"].set_index("base")
    rows += [_parts(f"weights of {LAST}", bases.loc["last"]), _parts("mean of both", bases.loc["mean"])]
    return {
        "cms": table(rows, ["", "world", "products", "shares won (markets included)", "whole change"]),
        "start": f"{first['start'] / 1e6:,.1f}",
        "end": f"{first['end'] / 1e6:,.0f}",
        "together": _won(found.together.frames["table"].iloc[-1]),
        "together_last": _won(found.together.frames["bases"].set_index("base").loc["last"]),
    }


def _won(row: Any) -> str:
    return f"{row['competitiveness'] / row['total']:.1%}"


def _parts(name: str, row: Any) -> list[str]:
    return [
        name,
        *(
            f"{row[part] / 1e9:+,.2f} ({row[part] / row['total']:.1%})"
            for part in ("world", "commodity", "competitiveness")
        ),
        f"{row['total'] / 1e9:,.2f} bn",
    ]


def _complexity(found: Findings) -> dict[str, str]:
    products = found.complexity.frames["products"]
    products = products.assign(rank=products["pci"].rank(ascending=False, method="min")).set_index("product")
    ours = products.loc[sorted(photonics().weights(products.index))].sort_values("pci", ascending=False)
    assert (ours["pci"] > products["pci"].median()).all(), "the page says that all lie above the middle"
    rows = [
        [_named(code), f"{row['pci']:.2f}", f"{row['rank']:.0f}", f"{row['ubiquity']:.0f}"]
        for code, row in ours.iterrows()
    ]
    places = found.complexity.frames["table"]
    places = places[places["undefined"] == ""]
    places = places.assign(rank=places["eci"].rank(ascending=False, method="min"))
    shown = places[places["exporter"].isin(SHOWN)].sort_values("rank")
    told = [f"{row.exporter} is number {row.rank:.0f} ({row.eci:.2f})" for row in shown.itertuples()]
    return {
        "complexity": table(rows, ["", "PCI", "rank", "places"]),
        "fewest": f"{ours['ubiquity'].min():.0f}",
        "most": f"{ours['ubiquity'].max():.0f}",
        "most_complex": _named(str(ours.index[0])),
        "products": f"{int(products['pci'].notna().sum()):,}",
        "countries": f"{len(places):,}",
        "eci": _listed(told),
        "china_diversity": f"{places.set_index('exporter').loc['China', 'diversity']:,.0f}",
    }


def _nearness(found: Findings) -> str:
    rows = []
    spaces = {"China": found.china, "Germany": found.germany}
    for code in sorted(photonics().weights(found.china.frames["table"]["product"])):
        cells: list[str] = []
        for space in spaces.values():
            row = space.frames["table"].set_index("product").loc[code]
            missing = int(space.frames["table"]["rank"].notna().sum())
            cells += [f"{row['density']:.2f}", "has it" if row["present"] else f"{row['rank']} of {missing}"]
        rows.append([_named(code), *cells, _closest(found.china, code)])
    head = [f"{place}, {what}" for place in spaces for what in ("density", "rank")]
    return table(rows, ["", *head, "closest"])


def _closest(space: Result, code: str) -> str:
    edges = space.frames["edges"]
    ours = edges[(edges["product_a"] == code) | (edges["product_b"] == code)]
    row = ours.sort_values(["proximity", "product_a"], ascending=[False, True]).iloc[0]
    other = row["product_b"] if row["product_a"] == code else row["product_a"]
    titles = space.frames["table"].set_index("product")["label"]
    return f"{titles[other]} ({row['proximity']:.2f})"


def _taiwan(result: Result) -> str:
    rows = [
        [name, *(_rca(_cell(result, "rca", name, 2024, code)) for code in ("85", "90"))]
        for name in sorted([*SHOWN, TAIWAN])
    ]
    return table(rows, ["", "85", "90"])
