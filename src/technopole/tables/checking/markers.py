"""Cells of a value column that publishers left without a number: suppressed, not available, or given as a range."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from technopole.tables.checking.explanations import SUPPRESSED
from technopole.tables.checking.numbers import Decimal, Numbers, numbers, output_number
from technopole.tables.checking.reading import Reading, counted, quoted
from technopole.tables.checking.texts import is_text, text
from technopole.tables.schema import Column, Schema

UNAVAILABLE = (
    ":", "..", "...", "…", "-", "–", "—", "--", "---", ".", "?", "n/a", "na", "n.a.", "n.a", "#n/a", "nan", "none", "null", "nd", "n.d.",
    "not available", "missing", "unknown", "нет данных", "н/д", "н.д.", "无", "无数据", "不详", "mavjud emas",
)  # fmt: skip
FROM_TO = r"(\d[\d,]*)\s*(?:-|–|—|to|до|至|~)\s*(\d[\d,]*)"
BELOW = r"(?:<|＜|less than|under|fewer than|менее)\s*(\d[\d,]*)"
AT_MOST = r"(?:<=|≤|up to)\s*(\d[\d,]*)"
AT_LEAST = r"(?:>=|≥|from)\s*(\d[\d,]*)|(\d[\d,]*)\s*(?:\+|or more|and over|и более)"
ABOVE = r"(?:>|＞|more than|over|более)\s*(\d[\d,]*)"
SIDES = ("low", "high", "flag")


def _in(words: tuple[str, ...]) -> str:
    return f"lower($) IN ({', '.join(quoted(word) for word in words)})"


def _full(pattern: str) -> str:
    return f"regexp_full_match($, '(?i){pattern}')"


IS_UNAVAILABLE = f"coalesce({_in(UNAVAILABLE)}, false)"
IS_RANGE = f"coalesce({' OR '.join(map(_full, (FROM_TO, BELOW, AT_MOST, AT_LEAST, ABOVE)))}, false)"
IS_SUPPRESSED = f"coalesce({_in(SUPPRESSED)}, false)"
IS_MARKER = f"({IS_SUPPRESSED} OR {IS_UNAVAILABLE} OR {IS_RANGE})"


@dataclass(frozen=True, slots=True)
class Value:
    """The output columns of one value: itself, and `<value>_low`, `_high`, `_flag` where cells have no number."""

    name: str
    outputs: dict[str, str]


def value(
    reading: Reading,
    schema: Schema,
    name: str,
    cell: str,
    sides: dict[str, str],
    decimal: Decimal | None,
) -> Value:
    """Return the SQL of a value column, and of its bounds and flag where a cell is without a number."""
    column = schema[name] if name in schema else Column(name, "number", "a value")
    found = numbers(reading, name, cell, decimal=decimal, marker=IS_MARKER, grouped=True)
    amount = output_number(reading, column, cell, found)
    marker = _marker(reading, cell, found)
    given = {side: _side(reading, name, side, theirs, decimal) for side, theirs in sides.items()}
    amount, hidden = _zero_is_not_zero(reading, name, amount, given.get("flag"))
    if marker is None and not given:
        empty = reading.count(f"({amount}) IS NULL")
        if empty:
            reading.warn(f"{name}: {counted(empty, 'empty cell')}; {found.known:,} with a number")
        return Value(name, {name: amount})
    floor = "0" if column.low == 0 or (found.least is not None and found.least >= 0) else "NULL"
    low, high, flag = marker(floor) if marker else ("NULL", "NULL", "NULL")
    low = f"CASE WHEN {hidden} THEN {floor} ELSE {low} END"
    known = f"({amount}) IS NOT NULL"
    bounds = {"low": low, "high": high}
    outputs = {name: amount}
    for side, own in bounds.items():
        theirs = given.get(side)
        bound = f"coalesce({theirs}, {own})" if theirs else own
        outputs[f"{name}_{side}"] = f"CAST(coalesce({bound}, CASE WHEN {known} THEN {amount} END) AS DOUBLE)"
    reason = f"CASE WHEN {known} THEN '' ELSE coalesce({flag}, 'missing') END"
    outputs[f"{name}_flag"] = f"coalesce({given['flag']}, {reason})" if "flag" in given else reason
    _bounds_in_order(reading, name, outputs)
    _count(reading, name, found, outputs)
    return Value(name, outputs)


Bounds = Callable[[str], tuple[str, str, str]]


def _marker(reading: Reading, cell: str, found: Numbers) -> Bounds | None:
    kind, shown = reading.types[cell], found.shown
    if not is_text(kind):
        return None
    if found.bad == "false" or not reading.count(IS_MARKER.replace("$", shown)):
        return None
    tests = {
        name: test.replace("$", shown)
        for name, test in (
            ("hidden", IS_SUPPRESSED),
            ("absent", IS_UNAVAILABLE),
            ("from_to", _full(FROM_TO)),
            ("below", f"({_full(BELOW)} OR {_full(AT_MOST)})"),
            ("above", f"({_full(AT_LEAST)} OR {_full(ABOVE)})"),
        )
    }
    digits = f"TRY_CAST(replace(regexp_extract({shown}, '\\d[\\d,]*'), ',', '') AS DOUBLE)"
    upper = f"TRY_CAST(replace(regexp_extract({shown}, '(?i)^{FROM_TO}$', 2), ',', '') AS DOUBLE)"
    known = f"({found.number}) IS NOT NULL"

    def bounds(floor: str) -> tuple[str, str, str]:
        low = (
            f"CASE WHEN {known} THEN NULL WHEN {tests['from_to']} OR {tests['above']} THEN {digits} "
            f"WHEN {tests['hidden']} OR {tests['below']} OR {tests['absent']} THEN {floor} END"
        )
        high = f"CASE WHEN {known} THEN NULL WHEN {tests['from_to']} THEN {upper} WHEN {tests['below']} THEN {digits} END"
        flag = (
            f"CASE WHEN {known} THEN NULL WHEN {tests['hidden']} THEN 'suppressed: ' || {shown} "
            f"WHEN {tests['absent']} THEN 'not available: ' || {shown} "
            f"WHEN {shown} IS NOT NULL THEN 'range: ' || {shown} END"
        )
        return low, high, flag

    return bounds


def _side(reading: Reading, name: str, side: str, cell: str, decimal: Decimal | None) -> str:
    if side == "flag":
        return text(reading, cell)
    column = Column(f"{name}_{side}", "number", f"bound of {name}")
    found = numbers(reading, column.name, cell, decimal=decimal, marker=IS_UNAVAILABLE)
    return f"CAST({output_number(reading, column, cell, found)} AS DOUBLE)"


def _zero_is_not_zero(reading: Reading, name: str, amount: str, flag: str | None) -> tuple[str, str]:
    """A zero whose flag says "suppressed" (as in old business patterns) is no number. Return it, and where it is hidden."""
    if flag is None:
        return amount, "false"
    flagged = IS_SUPPRESSED.replace("$", f"({flag})")
    hidden = f"({flagged} AND coalesce(({amount}) = 0, true))"
    zeros = reading.count(f"({amount}) = 0 AND {flagged}")
    if not zeros:
        return amount, hidden
    reading.warn(f"{name}: {counted(zeros, 'zero')} flagged as suppressed: read as suppressed, not as zero")
    return f"CASE WHEN NOT {hidden} THEN {amount} END", hidden


def _bounds_in_order(reading: Reading, name: str, outputs: dict[str, str]) -> None:
    low, high = (f"({outputs[f'{name}_{side}']})" for side in ("low", "high"))
    amount = f"({outputs[name]})"
    reading.refuse(
        f"{low} > {high} OR {amount} < {low} OR {amount} > {high}",
        f"concat_ws(' … ', {low}, {amount}, {high})",
        "the bounds don't enclose the value",
        column=f"{name}_low, {name}, {name}_high",
        allowed="low <= value <= high",
        fix="correct the bounds",
    )


def _count(reading: Reading, name: str, found: Numbers, outputs: dict[str, str]) -> None:
    amount, flag = outputs[name], outputs[f"{name}_flag"]
    hidden, absent, ranges, missing = reading.one(
        *(
            f"count(*) FILTER (({amount}) IS NULL AND {test})"
            for test in (
                f"NOT starts_with({flag}, 'not available') AND NOT starts_with({flag}, 'range') AND {flag} <> 'missing'",
                f"starts_with({flag}, 'not available')",
                f"starts_with({flag}, 'range')",
                f"{flag} = 'missing'",
            )
        )
    )
    parts = [
        f"{count:,} {word}"
        for count, word in (
            (hidden, "suppressed (kept with bounds, never as zero)"),
            (ranges, "given as ranges (kept as bounds)"),
            (absent, "marked as not available"),
            (missing, "empty"),
        )
        if count
    ]
    if parts:
        reading.warn(f"{name}: of the cells without a number, {', '.join(parts)}; {found.known:,} have one")


def bound_columns(found: dict[str, str], values: list[str]) -> dict[str, dict[str, str]]:
    """Return value -> its own bound and flag columns among those found."""
    return {
        name: {side: found[f"{name}_{side}"] for side in SIDES if f"{name}_{side}" in found}
        for name in values
    }
