"""Number columns that aren't values, and the columns a table keeps beyond its standard ones."""

from __future__ import annotations

from technopole.tables.checking.markers import IS_MARKER, IS_UNAVAILABLE
from technopole.tables.checking.numbers import Decimal, numbers, output_number, whole_or_fraction
from technopole.tables.checking.reading import Reading, counted
from technopole.tables.checking.texts import WHOLE, is_fraction, is_text, text
from technopole.tables.schema import Column


def plain_number(
    reading: Reading, column: Column, cell: str, *, decimal: Decimal | None, fraction: bool = False
) -> str:
    """Return the SQL of a number column whose "n/a" cells are empty cells."""
    found = numbers(reading, column.name, cell, decimal=decimal, marker=IS_UNAVAILABLE)
    if is_text(reading.types[cell]):
        count = reading.count(IS_UNAVAILABLE.replace("$", found.shown)) if found.bad != "false" else 0
        if count:
            _, value = reading.first(IS_UNAVAILABLE.replace("$", found.shown), found.shown)[0]
            reading.warn(f"{column.name}: {counted(count, 'cell')} such as {value!r} read as empty")
            if column.required:
                reading.refuse(
                    IS_UNAVAILABLE.replace("$", found.shown),
                    found.shown,
                    "isn't a number",
                    column=reading.called(column.name, cell),
                    allowed=column.allowed,
                    fix="delete the row, or find the number",
                )
    return output_number(reading, column, cell, found, fraction=fraction)


def may_be_value(reading: Reading, cell: str, decimal: Decimal | None) -> bool:
    """Say whether a text column holds numbers (and markers) only, and no codes with leading zeros."""
    clean = text(reading, cell)
    sample = f"(SELECT {clean} AS cell FROM {reading.cells} WHERE {reading.keep} AND {clean} IS NOT NULL LIMIT 1000)"
    likely, seen = reading.rows(
        f"SELECT count(*) FILTER (length(cell) < 12 OR NOT regexp_matches(cell, '\\pL')), count(*) FROM {sample}"
    )[0]
    if 2 * likely <= seen or reading.count(f"regexp_full_match({clean}, '0\\d+')"):
        return False
    quiet = Quiet(reading)
    found = numbers(quiet.reading, "", cell, decimal=decimal, marker=IS_MARKER)
    quiet.undo()
    return found.known > 0 and (found.bad == "false" or not reading.count(found.bad))


class Quiet:
    """Warnings of a trial reading, to be taken back."""

    def __init__(self, reading: Reading) -> None:
        self.reading, self.length = reading, len(reading.warnings)

    def undo(self) -> None:
        """Forget what was said since."""
        del self.reading.warnings[self.length :]


def plain_extra(reading: Reading, name: str, cell: str, decimal: Decimal | None) -> str:
    """Return the SQL of a further column: numbers as numbers, text as clean text, anything else as it is."""
    kind = reading.types[cell]
    if is_text(kind) and not (reading.raw.text and may_be_value(reading, cell, decimal)):
        return text(reading, cell)
    if is_text(kind) or is_fraction(kind) or kind in WHOLE:
        found = numbers(reading, name, cell, decimal=decimal, marker=IS_MARKER)
        return whole_or_fraction(found)
    return cell
