"""figures.csv: published numbers under comparable names, each with status, grade and source."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from urllib.parse import urlparse

from optical_valleys.tabular import Row, read, rules, said

COLUMNS = (
    "place",
    "country",
    "facet",
    "indicator",
    "value",
    "unit",
    "year",
    "scope",
    "status",
    "note",
    "grade",
    "source",
)
FACETS = ("size", "stage", "technology", "composition", "market", "policy")
NOT_AN_AMOUNT = {"target", "plan", "forecast", "part-year"}


class Unmapped(Exception):
    """A source row that no rule takes in or leaves out, or a rule that no row uses."""


def compile_figures(data: Path, extra: list[Row]) -> list[Row]:
    """Return every figure of the study, in a fixed order, without repeated rows."""
    _facts_decided(data / "optical-valleys" / "optical_valleys_facts.csv")
    rows = [
        *_valleys(data / "optical-valleys" / "optical_valleys_figures.csv"),
        *_taiwan(data / "taiwan-science-parks" / "headline.csv"),
        *_adlershof(data / "park-figures" / "park_figures.csv"),
        *_designations(data / "china-hitech-zones" / "zones.csv"),
        *rules("additions"),
        *extra,
    ]
    order = {row["park"]: position for position, row in enumerate(rules("parks"))}
    country = {row["park"]: row["country"] for row in rules("parks")}
    grades = {row["host"]: row["grade"] for row in rules("hosts")}
    figures = [
        {name: row.get(name, "") for name in COLUMNS}
        | {"country": country[row["place"]], "grade": grades[urlparse(row["source"]).netloc]}
        for row in rows
    ]
    figures.sort(
        key=lambda row: (
            order[row["place"]],
            FACETS.index(row["facet"]),
            row["indicator"],
            row["scope"],
            int(row["year"]),
            float(row["value"]),
            row["source"],
        )
    )
    return list({tuple(row.values()): row for row in figures}.values())


def _facts_decided(path: Path) -> None:
    """Check that every written fact is used or left out with a reason."""
    known = {(row["place"], row["topic"], row["year"]): row for row in rules("facts")}
    for row in read(path):
        decided = known.pop((row["place"], row["topic"], row["year"]), None)
        if decided is None or not (decided["used_in"] or decided["why"]):
            raise Unmapped(f"facts.csv doesn't decide on {row['place']} | {row['topic']} | {row['year']}")
    if known:
        raise Unmapped(f"facts.csv decides on rows that aren't there: {sorted(known)}")


def _valleys(path: Path) -> list[Row]:
    book = _Rules("indicators")
    parks = {row["source_place"]: row["park"] for row in rules("places")}
    found: list[Row] = []
    for row in read(path):
        rule = book.rule(row["place"], row["indicator"], row["year"])
        if rule["left_out"]:
            continue
        found.append(
            {
                "place": parks[row["place"]],
                "facet": rule["facet"],
                "indicator": rule["indicator"],
                "value": row["value"],
                "year": row["year"],
                "scope": rule["scope"],
                "source": row["source_url"],
            }
            | _firmness(row["unit"], row["status"], rule["note"])
        )
    book.all_used()
    return found


def _firmness(source_unit: str, source_status: str, note: str) -> Row:
    """Return unit, status and note: a rounded amount is approximate, unless it is a target or the like.

    The source's unit says that it is rounded, or the rule's note, which then begins with "about".
    """
    unit = next(row for row in rules("units") if row["source_unit"] == source_unit)
    status = next(row for row in rules("statuses") if row["source_status"] == source_status)
    about = unit["approximate"] or note.split(";")[0] == "about"
    rounded = about and status["status"] not in NOT_AN_AMOUNT
    return {
        "unit": unit["unit"],
        "status": "approximate" if rounded else status["status"],
        "note": said(unit["note"], status["note"], note),
    }


def _taiwan(path: Path) -> list[Row]:
    book = _Rules("headline")
    parks = {row["source_place"]: row["park"] for row in rules("places")}
    found: list[Row] = []
    for row in read(path):
        rule = book.rule(row["park"], row["indicator"], row["reference_period"])
        if rule["left_out"]:
            continue
        found.append(
            {
                "place": parks[row["park"]],
                "facet": rule["facet"],
                "indicator": rule["indicator"],
                "value": row["value"],
                "unit": row["unit"],
                "year": row["reference_period"][:4],
                "scope": "whole zone",
                "status": rule["status"],
                "note": said(rule["note"], row["note"]),
                "source": row["source_url"],
            }
        )
    book.all_used()
    return found


def _adlershof(path: Path) -> list[Row]:
    book = _Rules("park_figures")
    found: list[Row] = []
    for row in read(path):
        if row["place"] != "Berlin Adlershof":
            continue
        rule = book.rule("Berlin Adlershof", row["indicator"], row["year"])
        found.append(
            {
                "place": "Berlin Adlershof",
                "facet": rule["facet"],
                "indicator": rule["indicator"],
                "value": row["value"],
                "year": row["year"],
                "scope": rule["scope"],
                "source": row["source_url"],
            }
            | _firmness(row["unit"], row["status"], rule["note"])
        )
    book.all_used()
    return found


def _designations(path: Path) -> list[Row]:
    """Return the year of national designation of the high-tech zones that no other figure dates."""
    zones = {row["zone_name_zh"]: row for row in read(path)}
    dated = {"Wuhan East Lake", "Changchun"}
    return [
        {
            "place": row["park"],
            "facet": "stage",
            "indicator": "designated",
            "value": zones[row["zone_name_zh"]]["designation_year"],
            "unit": "year",
            "year": zones[row["zone_name_zh"]]["designation_year"],
            "scope": "whole zone",
            "status": "reported",
            "note": "national high-tech zone; derived from the list of the 53 zones",
            "source": zones[row["zone_name_zh"]]["source_url"],
        }
        for row in rules("parks")
        if row["zone_name_zh"] and row["park"] not in dated
    ]


class _Rules:
    """One reviewed table of rules; the rule with the year goes before the one without."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rules = {(row["place"], row["source_indicator"], row["year"]): row for row in rules(name)}
        self.used: Counter[tuple[str, str, str]] = Counter()

    def rule(self, place: str, indicator: str, period: str) -> Row:
        for key in (
            (place, indicator, period),
            (place, indicator, ""),
            ("", indicator, period),
            ("", indicator, ""),
        ):
            if key in self.rules:
                self.used[key] += 1
                return self.rules[key]
        raise Unmapped(f"no rule in {self.name}.csv for {place} | {indicator} | {period}")

    def all_used(self) -> None:
        idle = [key for key in self.rules if not self.used[key]]
        if idle:
            raise Unmapped(f"rules in {self.name}.csv that no row uses: {idle}")
