"""Which published figures stand side by side: one year window per row, one figure per park, a reason for every blank."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import pandas as pd

from technopole.comparison._published import FACETS, GRADES, RESULTS, ROW, STATUSES, TARGETS

Record: TypeAlias = Mapping[Any, Any]  # one figure, column -> value
NO_INTERVAL = "as published; the source gives no interval"
_ANY = 10_000


@dataclass(frozen=True, slots=True)
class Window:
    """The reference year of a row and the first and last year a figure may have."""

    year: int
    first: int
    last: int


def window(years: Mapping[str, Sequence[int]], max_gap: int, year: int | None) -> Window:
    """Choose the window of `max_gap` years, and the year in it, that serve a row best.

    Of all windows [s, s + max_gap] (with `year` given: those that hold it), those in which most parks have a figure;
    of these the one whose figures lie nearest to one year; of these the latest.
    """
    every = sorted({one for own in years.values() for one in own})
    starts = every if year is None else [one for one in every if year - max_gap <= one < year] + [year]
    best: tuple[tuple[int, int, int, int], Window] | None = None
    for first in starts:
        last = first + max_gap
        inside = [[one for one in own if first <= one <= last] for own in years.values()]
        for middle in [one for one in every if first <= one <= last] if year is None else [year]:
            near = [min(abs(one - middle) for one in own) for own in inside if own]
            key = (-len(near), sum(near), -middle, -first)
            if best is None or key < best[0]:
                best = key, Window(middle, first, last)
    assert best is not None  # a row has at least one year
    return best[1]


def ordered(frame: pd.DataFrame) -> pd.DataFrame:
    """Sort by row, park, year and then by what is preferred: better grade, firmer status, address."""
    ranks = {
        "_facet": frame["facet"].map(_rank(FACETS, frame["facet"])),
        "_grade": frame["grade"].map(_rank(GRADES, frame["grade"])),
        "_status": frame["status"].map(_rank(STATUSES, frame["status"])),
    }
    keys = [
        "_facet",
        *ROW,
        "park",
        "year",
        "_grade",
        "_status",
        "source",
        "original_value",
        "original_unit",
        "note",
    ]
    return frame.assign(**ranks).sort_values(keys, kind="stable", ignore_index=True)


def _rank(order: Sequence[str], there: Iterable[str]) -> dict[str, int]:
    return {name: i for i, name in enumerate([*order, *sorted(set(there) - set(order))])}


def cells(figures: pd.DataFrame, parks: Sequence[str], max_gap: int, year: int | None) -> pd.DataFrame:
    """Return one row per row of the comparison and park, blank with a reason where nothing can stand there.

    `figures` is `ordered`; the column `figure` points back to the figure that was chosen.
    """
    facts = figures[~figures["status"].isin(TARGETS)]
    records: dict[str, list[Record]] = {}
    for record in figures.to_dict("records"):
        records.setdefault(record["indicator"], []).append(record)
    found: list[dict[str, Any]] = []
    for name, row in facts.groupby(ROW, sort=False):
        key = tuple(map(str, name))
        usable = row[row["status"].isin(RESULTS) & (row["problem"] == "")]
        if usable.empty:
            there = Window(0, 0, -1)
        else:
            gap = max_gap if key[3] != "year" else _ANY  # a founding year compares with any other
            there = window({str(park): list(own) for park, own in usable.groupby("park")["year"]}, gap, year)
        inside = usable[usable["year"].between(there.first, there.last)]
        picked = {park: _pick(own, there.year) for park, own in inside.groupby("park")}
        for park in parks:
            cell = dict(zip(ROW, key, strict=True)) | {"park": park, "base": row["base"].iloc[0]}
            cell |= {"reference_year": there.year if picked else None, "parks_with_figure": len(picked)}
            if park in picked:
                cell |= picked[park]
                cell["reason"] = (
                    "" if len(picked) > 1 else "not comparable: " + _alone(records[key[1]], key, park)
                )
            else:
                cell["reason"] = _blank([one for one in records[key[1]] if one["park"] == park], key, there)
            found.append(cell)
    frame = pd.DataFrame(
        found, columns=[*ROW, "park", "base", "reference_year", "parks_with_figure", *CELL, "reason"]
    )
    frame = frame.astype({"parks_with_figure": "int64", "original_value": "float64", "rate": "float64"})
    return frame.assign(comparable=frame["value"].notna() & (frame["parks_with_figure"] > 1))


CELL = [
    "value",
    "year",
    "low",
    "high",
    "uncertainty",
    "status",
    "grade",
    "source",
    "note",
    "original_value",
    "original_unit",
    "rate",
    "rate_year",
    "figure",
]


def _pick(own: pd.DataFrame, year: int) -> dict[str, Any]:
    """Return the park's figure nearest to `year` (the later of two), the preferred one where sources differ."""
    distance = (own["year"] - year).abs()
    latest = own.loc[distance == distance.min(), "year"].max()
    same = own[own["year"] == latest]
    cell = same.iloc[0].to_dict() | {"figure": int(same.index[0]), "uncertainty": NO_INTERVAL}
    if cell["status"] == "measured":
        said = "interval of the measure" if pd.notna(cell["low"]) else "none, see the measured result"
        return {name: cell[name] for name in CELL} | {"uncertainty": said}
    if same["value"].nunique() > 1:
        sources = f"range of {len(same)} published figures for this year; no source gives an interval"
        cell |= {"low": same["value"].min(), "high": same["value"].max(), "uncertainty": sources}
    return {name: cell[name] for name in CELL}


def _blank(own: list[Record], key: tuple[str, ...], there: Window) -> str:
    """Say why a park, with its figures of this indicator, has none in a row, the nearest reason first."""
    aims = [one for one in own if one["status"] in TARGETS]
    parts = [one for one in own if one["status"] == "part-year"]
    facts = [one for one in own if one["status"] in RESULTS]
    here = [one for one in facts if _in_row(one, key)]
    if far := [one for one in here if not one["problem"]]:
        return f"year too far: {_say(far)}; this row compares {there.first} to {there.last}"
    if here:
        return f"{here[0]['problem']}: {_say(here)}"
    for part, why in (
        (
            [one for one in parts if _in_row(one, key)],
            "only part of a year, which never stands beside full years",
        ),
        ([one for one in aims if one["scope"] == key[2]], "no result, only targets"),
        ([one for one in facts if one["scope"] == key[2]], "not comparable: only in another unit"),
        (facts, "not comparable: only with another scope"),
        (parts, "only part of a year and another scope"),
        (aims, "no result, only targets with another scope"),
    ):
        if part:
            return f"{why}: {_say(part, scope=part[0]['scope'] != key[2])}"
    return "no figure"


def _in_row(figure: Record, key: tuple[str, ...]) -> bool:
    return (figure["facet"], figure["scope"], figure["dimension"]) == (key[0], key[2], key[3])


def _alone(figures: list[Record], key: tuple[str, ...], park: str) -> str:
    """Say why a figure has nothing to be compared with."""
    others = [one for one in figures if one["park"] != park]
    results = [one for one in others if one["status"] not in TARGETS]
    if not results:
        return "no other park has a figure" + (", only targets" if others else "")
    same = [one for one in results if one["scope"] == key[2]]
    if not same:
        scopes = sorted({one["scope"] for one in results})
        return "the other parks' figures have another scope: " + ", ".join(f'"{scope}"' for scope in scopes)
    if all(one["dimension"] != key[3] for one in same):
        return "the other parks' figures are in another unit"
    return "the other parks' figures are of years too far, of part of a year, or can't be converted"


def _say(figures: list[Record], *, scope: bool = False) -> str:
    said = [
        f"{one['original_value']:g} {one['original_unit']}"
        f"{' (' + one['scope'] + ')' if scope and one['scope'] else ''} for {one['year']}"
        for one in figures[-2:]
    ]
    return ", ".join(said) + (f" and {len(figures) - 2} more" if len(figures) > 2 else "")


def conflicts(figures: pd.DataFrame, chosen: set[int]) -> pd.DataFrame:
    """Return the figures that differ for the same row, park and year, results and targets apart, and who was chosen why.

    Part-year figures are left aside: they may cover different months.
    """
    usable = figures[(figures["problem"] == "") & ~figures["status"].isin(["measured", "part-year"])]
    kind = usable["status"].map(lambda status: "target" if status in TARGETS else "result")
    groups = usable.assign(kind=kind).groupby([*ROW, "park", "year", "kind"], sort=False)
    rows: list[pd.DataFrame] = []
    for _, same in groups:
        if same["value"].nunique() < 2:
            continue
        taken = [index in chosen for index in same.index]
        why = _why(same) if any(taken) else "none is shown in the comparison"
        smallest = same["value"].min()
        ratio = same["value"] / smallest if smallest > 0 else float("nan")
        rows.append(same.assign(chosen=taken, ratio=ratio, rule=why))
    empty = usable.iloc[:0].assign(kind="", chosen=False, ratio=0.0, rule="")
    return pd.concat(rows) if rows else empty


def _why(same: pd.DataFrame) -> str:
    first = same.iloc[0]
    second = same[same["value"] != first["value"]].iloc[0]
    if first["grade"] != second["grade"]:
        return f"better source: {first['grade']} before {second['grade']}"
    if first["status"] != second["status"]:
        return f"firmer: {first['status']} before {second['status']}"
    return "same grade and status: the first by address, then by value; treat it as a range"
