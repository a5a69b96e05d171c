"""Words for comparative advantage: sentences, warnings, and what the columns mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from technopole.competitiveness._advantage import MAIN, NEUTRAL, Keys, Part
from technopole.competitiveness._matrix import Source, counted
from technopole.result import Field
from technopole.tables import Activity, Patents

AXIS = {
    "balassa": "RCA: times as much as everywhere",
    "symmetric": "symmetric RCA",
    "log": "ln RCA",
    "vollrath": "relative trade advantage",
    "michaely": "Michaely index: share of exports less share of imports",
    "normalised": "normalised RCA",
}
SHORT = {
    "balassa": "RCA",
    "symmetric": "RSCA",
    "log": "ln RCA",
    "vollrath": "RTA",
    "michaely": "Michaely index",
    "normalised": "NRCA",
}
FEW = 3


@dataclass(frozen=True, slots=True)
class Said:
    """What the sentences need to know of the call."""

    table: Source
    index: str
    threshold: float
    keys: Keys

    @property
    def what(self) -> str:
        """What is told of: comparative advantage; of patents technological, of activity specialisation."""
        if isinstance(self.table, Patents):
            return "technological advantage"
        return "specialisation" if isinstance(self.table, Activity) else "comparative advantage"

    @property
    def rule(self) -> str:
        """From where on there is one."""
        if self.index in ("vollrath", "michaely"):
            return f"{SHORT[self.index]} above 0"
        return f"RCA of {self.threshold:g} or more"


def text(table: pd.DataFrame, change: pd.DataFrame, leading: pd.DataFrame, said: Said) -> str:
    """Up to three sentences."""
    known = table[table["undefined"] == ""]
    if known.empty:
        return f"No {said.what} is defined: the table holds nothing but zeros or withheld values."
    parts = [_counts(table, change, said)]
    level = "last" if "last" in leading else MAIN[said.index]
    top = leading[leading[level] > NEUTRAL[said.index]].head(3)
    if len(top):
        parts.append(_highest(top, said))
    parts.append(
        "It says what a place is specialised in, not how cheap, good or profitable its products are."
    )
    return " ".join(parts)


def _counts(table: pd.DataFrame, change: pd.DataFrame, said: Said) -> str:
    place, item = said.keys
    last = table[table["year"] == table["year"].max()]
    when = f"In {int(last['year'].iloc[0])}: " if change.shape[0] else ""
    few = sorted(last[place].unique())
    if len(few) > FEW or last[item].nunique() == 1:
        cells = "places" if last[item].nunique() == 1 else f"pairs of {place} and {item}"
        have = f"{int(last['advantage'].sum()):,} of {len(last):,} {cells} have a {said.what} ({said.rule})"
        return f"{when}{have}{_moves(change)}."
    counts = [
        f"{name} has a {said.what} in {int(own['advantage'].sum()):,} of {len(own):,}"
        + _moves(change[change[place] == name])
        for name, own in ((name, last[last[place] == name]) for name in few)
    ]
    return f"{when}{'; '.join(counts)} ({item}s with {said.rule})."


def _moves(change: pd.DataFrame) -> str:
    if change.empty:
        return ""
    gained, lost = (int((change["status"] == status).sum()) for status in ("gained", "lost"))
    return f", {gained:,} gained and {lost:,} lost since {int(change['first_year'].iloc[0])}"


def _highest(top: pd.DataFrame, said: Said) -> str:
    if "last" in top:
        since = int(top["first_year"].iloc[0])
        named = []
        for name, first, last, unknown in top[["label", "first", "last", "undefined"]].itertuples(
            index=False
        ):
            before = "" if unknown else f", in {since} {_number(float(first))}"
            named.append(f"{name} ({_number(float(last))}{before})")
    else:
        levels = zip(top["label"], top[MAIN[said.index]], strict=True)
        named = [f"{name} ({_number(level)})" for name, level in levels]
    return f"Highest by {SHORT[said.index]}: {'; '.join(named)}."


def _number(value: float) -> str:
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:.2g}" if abs(value) < 0.1 else f"{value:.2f}"


def warnings(parts: Sequence[Part], said: Said, *, alone: bool) -> list[str]:
    """What was withheld, and a table that has no one to be compared with."""
    found: list[str] = []
    hidden = sum(int(part.matrix.withheld.sum()) for part in parts)
    if hidden:
        found.append(
            f"{hidden:,} values are withheld: they have no index, and count in totals as the middle of their bounds, or 0 without bounds"
        )
    single = [str(part.matrix.year) for part in parts if len(part.matrix.places) == 1]
    if single and alone:
        when = f" in {', '.join(single)}" if len(single) < len(parts) else ""
        found.append(
            f"there is one {said.keys[0]} only{when}, so it is its own world and the index says nothing: give reference= a table of the world"
        )
    return found


def fields(said: Said, value: str | None) -> dict[str, Field]:
    """Meaning and unit of every column."""
    place, item = said.keys
    main = MAIN[said.index]
    named = counted(said.table, value)
    unit = said.table.unit(named) if isinstance(said.table, Activity) else said.table.schema[named].unit
    as_is = {
        "rca": Field(f"share of the {item} in the place over its share in the world", "1 = as everywhere", 2),
        "rsca": Field("(RCA - 1) / (RCA + 1)", "0 = as everywhere, -1 to 1", 3),
        "log_rca": Field("natural logarithm of RCA", "0 = as everywhere", 3),
        "rxa": Field("relative export advantage", "1 = as elsewhere", 3),
        "rma": Field("relative import advantage", "1 = as elsewhere", 3),
        "rta": Field("relative trade advantage, RXA - RMA", "above 0 = advantage", 3),
        "rc": Field("revealed competitiveness, ln RXA - ln RMA", "above 0 = advantage", 3),
        "export_share": Field(f"share of the {item} in the exports", "share", 4),
        "import_share": Field(f"share of the {item} in the imports", "share", 4),
        "michaely": Field("share of exports less share of imports", "-1 to 1", 4),
        "nrca": Field(
            "exports over what the place's size would give, as a share of the world's", "0 = as everywhere", 9
        ),
    }
    return {
        place: Field(place),
        item: Field(item),
        "year": Field("year; 0 = one unnamed period"),
        "value": Field(named, unit),
        **as_is,
        "advantage": Field(f"whether there is a {said.what}: {said.rule}"),
        "undefined": Field("why there is no number"),
        "label": Field(f"{item} with the start of its title, {place} where there are several"),
        "first_year": Field("first year of the table"),
        "last_year": Field("last year of the table"),
        "first": Field(f"{main} in the first year", as_is[main].unit, as_is[main].digits),
        "last": Field(f"{main} in the last year", as_is[main].unit, as_is[main].digits),
        "change": Field("last less first", as_is[main].unit, as_is[main].digits),
        "status": Field(
            "advantage gained, lost or kept between first and last year, or none in either; new, gone: there was no such product to compare"
        ),
        "largest": Field("the larger of the values in both years", unit),
    }
