"""`tp.check`: everything that is wrong with a table, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from technopole.errors import BadInput, Problem, TechnopoleError
from technopole.sources.readers import arrived
from technopole.sources.request import Request
from technopole.tables import noun
from technopole.tables.checking.validation import Options, problems

COLUMNS = [field.name for field in fields(Problem)]


def check(
    source: Any,
    *,
    as_: str,
    columns: Mapping[str, str] | None = None,
    crs: str | None = None,
    year: int | None = None,
    sheet: str | int | None = None,
    layer: str | None = None,
    encoding: str | None = None,
    pad: Mapping[str, int] | None = None,
    decimal: Literal[".", ","] | None = None,
    header: int | None = None,
) -> pd.DataFrame:
    """Say everything that is wrong with a file or frame as a table of one kind; an empty table means: fit to read.

    Parameters
    ----------
    source : path or frame
        As for the readers.
    as_ : str
        The kind of table: "activity", "establishments", "parks", ...

    Returns
    -------
    DataFrame
        file, sheet, row, column, value, problem, allowed, fix, count.

    Raises
    ------
    UnknownName
        There is no such kind of table.

    Examples
    --------
    >>> import technopole as tp
    >>> jobs = {"place": ["A", "B"], "industry": ["x", "x"], "employment": ["12", "many"]}
    >>> tp.check(jobs, as_="activity")[["row", "column", "value", "problem"]].values.tolist()
    [[2, 'employment', 'many', "isn't a number"]]
    """
    kind = noun(as_)
    options = Options(columns=columns or {}, crs=crs, year=year, pad=pad or {}, decimal=decimal)
    request = Request(sheet=sheet, layer=layer, encoding=encoding, header=header)
    try:
        raw, options = arrived(kind.schema, source, options, request)
        found = problems(kind, raw, options)
    except BadInput as error:
        found = error.problems
    except TechnopoleError as error:
        found = (_as_problem(source, error),)
    frame = pd.DataFrame([_printable(problem) for problem in found], columns=COLUMNS)
    return frame.astype({"row": "Int64", "count": "int64"})


def _printable(problem: Problem) -> dict[str, Any]:
    return {
        key: value.encode(errors="replace").decode() if isinstance(value, str) else value
        for key, value in asdict(problem).items()
    }


def _as_problem(source: Any, error: TechnopoleError) -> Problem:
    file = (Path(source).name or str(source)) if isinstance(source, (str, Path)) else "frame"
    value = "" if error.value is None else str(error.value)
    what = error.what
    if value == file:
        value = ""
    if error.where and error.where != file and not Path(error.where).is_dir():
        what = f"{what} ({error.where.removeprefix(f'{file}, ')})"
    return Problem(file, "", None, "", value, what, ", ".join(error.exists[:20]), error.fix)
