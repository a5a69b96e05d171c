"""Excel and OpenDocument workbooks (in the child process)."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from technopole.sources.broken_cells import broken_cells, errors_in_ods
from technopole.sources.headers import find_header, is_merged, plain
from technopole.sources.refused import Refused

REDO = "export the sheet again as .xlsx or CSV"


def prepare() -> None:
    """Load the library before memory is capped."""
    import python_calamine  # noqa: F401


def read(order: dict[str, Any]) -> tuple[pa.Table, dict[str, Any]]:
    """Read one sheet: header found, blank rows left out, every column numbers or text."""
    sheet, rows, above = _cells(order)
    if not rows:
        raise Refused(
            error=f"the sheet {sheet} is empty",
            fix="name another sheet with sheet=" if len(order["sheets"]) > 1 else "export it again",
            exists=order["sheets"] if len(order["sheets"]) > 1 else [],
        )
    grid = [[_shown(cell) for cell in row] for row in rows[:60]]
    asked = order.get("header")
    at = asked - 1 - above if asked else find_header(grid, order["wanted"])
    if not 0 <= at < len(rows):
        raise Refused(
            error=f"header= names row {asked}, but the sheet {sheet} fills rows {above + 1} to {above + len(rows)}",
            fix="name a row that is there",
        )
    names = [_shown(cell).strip() for cell in rows[at]]
    below = next((row for row in grid[at + 1 :] if any(row)), [])
    if not asked and is_merged(names, below):
        row = above + at + 1
        raise Refused(
            error=f"the header stands in more than one row: row {row} has merged or blank cells above words in the next row",
            where=f"sheet {sheet}, row {row}: {' | '.join(names)[:80]}",
            fix="write one header row with a name in every cell, or name the row with header=",
        )
    said = _put_back(order, names, rows, at, above)
    table, answer = _table(order, sheet, names, rows[at + 1 :], above + at + 1)
    return table, answer | {"warnings": answer["warnings"] + said}


def _table(
    order: dict[str, Any], sheet: str, names: list[str], body: Sequence[Sequence[Any]], header: int
) -> tuple[pa.Table, dict[str, Any]]:
    width = max(len(names), max((len(row) for row in body), default=0))
    filled = [any(cell not in ("", None) for cell in row) for row in body]
    last = max((i for i, full in enumerate(filled) if full), default=-1)
    blanks = [header + 1 + i for i, full in enumerate(filled[: last + 1]) if not full]
    kept = [row for row, full in zip(body, filled, strict=True) if full]
    columns = [_column([row[i] if i < len(row) else None for row in kept]) for i in range(width)]
    answer = {
        "names": names + [""] * (width - len(names)),
        "sheet": sheet,
        "first_row": header + 1,
        "blanks": blanks,
        "sheets": order["sheets"],
        "warnings": _warnings(order, sheet, header),
    }
    return pa.Table.from_arrays(columns, names=[f"c{i}" for i in range(width)]), answer


def _warnings(order: dict[str, Any], sheet: str, header: int) -> list[str]:
    said: list[str] = []
    others = [name for name in order["sheets"] if name != sheet]
    if order.get("sheet") is None and others:
        said.append(f"the sheet {sheet!r} was read; there are also {', '.join(map(repr, others[:8]))}")
    if header > 1 and not order.get("header"):
        said.append(f"the header was taken from row {header}; the rows above it were skipped")
    errors = errors_in_ods(order["path"], sheet)
    if errors:
        said.append(
            f"{errors} {'cell holds' if errors == 1 else 'cells hold'} a spreadsheet error (#DIV/0!, #REF! ...); "
            "it was read as empty: correct the formulas"
        )
    return said


def _cells(order: dict[str, Any]) -> tuple[str, list[list[Any]], int]:
    """Return the sheet's name, its filled rows, and how many empty rows stand above them."""
    from python_calamine import CalamineError, PasswordError, SheetVisibleEnum, load_workbook

    try:
        book = load_workbook(order["path"])
        order["sheets"] = list(book.sheet_names)
        visible = [item.name for item in book.sheets_metadata if item.visible == SheetVisibleEnum.Visible]
        name = _sheet(book.sheet_names, visible, order.get("sheet"))
        sheet = book.get_sheet_by_name(name)
        rows = sheet.to_python(skip_empty_area=True)
        above, left = sheet.start or (0, 0)
        order["broken"] = [(r - above, c - left, text) for r, c, text in broken_cells(order["path"], name)]
        return name, rows, above
    except PasswordError as error:
        raise Refused(error="the workbook is protected by a password", fix="save it without") from error
    except (CalamineError, OSError, ValueError) as error:
        why = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
        raise Refused(error="the workbook is damaged or isn't a workbook", where=why, fix=REDO) from error


def _put_back(
    order: dict[str, Any], names: Sequence[str], rows: list[list[Any]], at: int, above: int
) -> list[str]:
    """Put errors back where a column is asked for, so that they are seen; elsewhere they stay empty, with a warning."""
    wanted = {plain(name) for name in order["wanted"]}
    broken: list[tuple[int, int, str]] = order["broken"]
    said: dict[int, str] = {}
    for row, column, text in broken:
        if not (at < row < len(rows) and 0 <= column < len(rows[row])):
            continue
        if column < len(names) and plain(names[column]) in wanted:
            rows[row][column] = text
        else:
            name = names[column] if column < len(names) else ""
            said.setdefault(
                column, f"column {name!r}: {text} (row {above + row + 1} first) was read as empty"
            )
    return list(said.values())


def _sheet(names: Sequence[str], visible: Sequence[str], asked: str | int | None) -> str:
    if not names:
        raise Refused(error="the workbook has no sheet", fix=REDO)
    if asked is None:
        return (visible or names)[0]
    if str(asked) in names:
        return str(asked)
    if str(asked).isdecimal() and 1 <= int(asked) <= len(names):
        return names[int(asked) - 1]
    raise Refused(
        unknown="the workbook has no such sheet",
        value=asked,
        exists=list(names),
        fix="name one of these with sheet=",
    )


def _column(cells: list[Any]) -> pa.Array:
    """Numbers where every filled cell is one; else text, whole numbers without .0, dates as ISO."""
    filled = [cell for cell in cells if cell not in ("", None)]
    if filled and all(isinstance(cell, (int, float)) and not isinstance(cell, bool) for cell in filled):
        numbers = [None if cell in ("", None) else cell for cell in cells]
        if all(float(cell).is_integer() and abs(cell) < 2**53 for cell in filled):
            return pa.array([None if cell is None else int(cell) for cell in numbers], pa.int64())
        return pa.array([None if cell is None else float(cell) for cell in numbers], pa.float64())
    if filled and all(isinstance(cell, bool) for cell in filled):
        return pa.array([None if cell in ("", None) else cell for cell in cells], pa.bool_())
    return pa.array([_shown(cell) or None for cell in cells], pa.string())


def _shown(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat(sep=" ")
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    said: str = str(cell)
    return said
