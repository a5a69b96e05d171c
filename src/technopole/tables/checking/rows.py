"""Rows that are no data: totals, notes under the table, repeated headers; and rows that repeat a key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from technopole.tables.checking.reading import Reading, quoted
from technopole.tables.checking.texts import is_text, text
from technopole.tables.schema import Schema

TOTALS = (
    "total", "totals", "grand total", "sub-total", "subtotal", "sum", "all industries", "total, all industries", "all sectors",
    "合计", "总计", "小计", "總計", "合計", "总和", "итого", "всего", "итого:", "всего:", "jami", "jami:", "жами", "summe", "insgesamt",
    "gesamt", "gesamtsumme", "totaal", "totale", "total general", "ensemble", "toplam", "razem", "ogółem", "合计：", "합계", "総計",
)  # fmt: skip
NOTE = r"(?i)\s*(sources?\b|notes?\b|nb:|footnotes?|quelle|anmerkung|注[:：释]?|来源|资料来源|数据来源|說明|说明|источник|примечани|manba|izoh|©|\*\s).*"


def refuse_non_data(reading: Reading, schema: Schema, found: Mapping[str, str]) -> str:
    """Note totals, notes and repeated headers as problems; return the condition of the rows that are data ("" = all)."""
    named = [found[c.name] for c in schema.columns if c.name in found and c.kind in ("code", "text")]
    named = [cell for cell in named if is_text(reading.types[cell])]
    totals = [
        _totals(reading, name, found[name]) for name in schema.key if name in found and found[name] in named
    ]
    bad = [_notes(reading, schema, found), *totals, _headers(reading, schema, found)]
    conditions = [condition for condition in bad if condition]
    return f"NOT coalesce({' OR '.join(conditions)}, false)" if conditions else ""


def is_total(clean: str) -> str:
    """Return the SQL that tells words for a total."""
    return f"lower({clean}) IN ({', '.join(quoted(word) for word in TOTALS)})"


def _totals(reading: Reading, name: str, cell: str) -> str:
    condition = is_total(text(reading, cell))
    found = reading.refuse(
        condition,
        cell,
        "is a total, which would count everything twice",
        column=reading.called(name, cell),
        allowed="single places, industries, years",
        fix="delete the row",
    )
    return condition if found else ""


def _notes(reading: Reading, schema: Schema, found: Mapping[str, str]) -> str:
    required = [found[c.name] for c in schema.columns if c.required and c.name in found]
    first = "c0"
    if len(reading.types) < 2 or not is_text(reading.types.get(first, "")):
        return ""
    others = [cell for cell in reading.types if cell != first]
    alone = " AND ".join(
        f"coalesce({cell}, '') = ''" if reading.types[cell] == "VARCHAR" else f"{cell} IS NULL"
        for cell in others
    )
    if not any(cell != first for cell in required):
        alone = f"{alone} AND regexp_matches({first}, '^{NOTE}')"
    condition = f"({first} <> '' AND {alone})"
    refused = reading.refuse(
        condition,
        first,
        "is a note or a title, not data: the rest of the row is empty",
        column=reading.raw.names[0],
        allowed="rows of data only",
        fix="delete the row",
    )
    return condition if refused else ""


def _headers(reading: Reading, schema: Schema, found: Mapping[str, str]) -> str:
    cells = [found[c.name] for c in schema.columns if c.name in found]
    texts = [cell for cell in cells if is_text(reading.types[cell])]
    if len(texts) < 2:
        return ""
    condition = " AND ".join(f"{cell} = {quoted(reading.raw.names[int(cell[1:])])}" for cell in texts)
    refused = reading.refuse(
        f"({condition})",
        texts[0],
        "repeats the header",
        column=reading.raw.names[int(texts[0][1:])],
        allowed="one header row",
        fix="delete the row",
    )
    return f"({condition})" if refused else ""


def refuse_duplicates(reading: Reading, schema: Schema, outputs: Mapping[str, str]) -> None:
    """Note keys that occur more than once. Hashes first: a sort of 8 bytes a row, whatever the keys' length."""
    key = [name for name in schema.key if name in outputs]
    if not key or schema.key[0] not in outputs:
        return
    hashed = f"hash({', '.join(f'({outputs[name]})' for name in key)})"
    hashes = reading.con.execute(
        f"SELECT {hashed} AS h FROM {reading.cells} WHERE {reading.keep} AND {_filled(schema, outputs)}"
    ).fetchnumpy()["h"]
    hashes = np.sort(np.asarray(hashes))
    repeated = np.unique(hashes[1:][hashes[1:] == hashes[:-1]])
    if repeated.size:
        _say_duplicates(reading, schema, outputs, key, hashed, repeated)


def _filled(schema: Schema, outputs: Mapping[str, str]) -> str:
    """Keys with an empty cell are a problem of their own."""
    required = [name for name in schema.key if name in outputs and schema[name].required]
    return " AND ".join(f"({outputs[name]}) IS NOT NULL" for name in required) or "true"


def _say_duplicates(
    reading: Reading,
    schema: Schema,
    outputs: Mapping[str, str],
    key: Sequence[str],
    hashed: str,
    repeated: np.ndarray[tuple[int], np.dtype[np.uint64]],
) -> None:
    suspects = ", ".join(str(int(item)) for item in repeated[:1000])
    columns = ", ".join(f"({outputs[name]}) AS k{i}" for i, name in enumerate(key))
    keys = ", ".join(f"k{i}" for i in range(len(key)))
    found = reading.rows(
        f"SELECT min(position), max(position), count(*), {keys} FROM (SELECT position, {columns} FROM {reading.numbered} "
        f"WHERE {reading.keep} AND {_filled(schema, outputs)} AND {hashed} IN ({suspects})) GROUP BY {keys} HAVING count(*) > 1 ORDER BY 1 LIMIT 5"
    )
    for first, last, count, *values in found:
        reading.problem(
            f"the same {' + '.join(key)} stands in {count} rows (the last is row {reading.raw.row(last)})",
            column=", ".join(key),
            row=reading.raw.row(first),
            value=", ".join(str(value) for value in values),
            allowed="each key once",
            fix=_dimension(reading, schema, outputs, key) or "add the rows up, or delete the repeated ones",
            count=int(repeated.size) if first == found[0][0] else 1,
        )


def _dimension(reading: Reading, schema: Schema, outputs: Mapping[str, str], key: Sequence[str]) -> str:
    """Look for a further text column that would make the key whole."""
    total = reading.count("true")
    for name, cell in outputs.items():
        if name in schema or not cell.startswith(("nullif", "c")) or "_" in name[-5:]:
            continue
        columns = ", ".join(f"({outputs[item]})" for item in key)
        distinct = reading.rows(
            f"SELECT count(DISTINCT hash({columns}, ({cell}))) FROM {reading.cells} WHERE {reading.keep}"
        )[0][0]
        if distinct == total:
            return f"the rows differ by {name}: add up over {name}, or keep one of its values"
    return ""
