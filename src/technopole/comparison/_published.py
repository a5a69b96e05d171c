"""Published figures of the chosen parks, brought to common units; nothing is left out, problems are said in words."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import pandas as pd

from technopole.errors import EmptyTable, TechnopoleError, UnknownName, WrongOption
from technopole.result import Result
from technopole.tables import Figures, Parks
from technopole.tables.units import exchange_rate, parse_unit

ROW = ["facet", "indicator", "scope", "dimension"]
FACETS = ("size", "stage", "technology", "composition", "market", "policy", "measured")
GRADES = ("measured", "official", "institute", "press", "weak", "not graded")
STATUSES = ("measured", "reported", "approximate", "part-year", "target", "plan", "forecast")
RESULTS = frozenset(STATUSES[:3])
TARGETS = frozenset(STATUSES[4:])
_TEXTS = {"facet": "", "scope": "", "note": "", "status": "reported", "grade": "not graded"}
MOST = 12


def chosen_parks(parks: Parks, names: Sequence[str] | None) -> list[str]:
    """Return the 2 to 12 parks asked for, by the names of the parks table.

    A name is taken in any script, whatever its case and width, and also from the column `name_local`.
    """
    if parks.rows == 0:
        raise EmptyTable("the parks table has no rows", where=parks.source)
    frame = parks.to_pandas()
    known = {_plain(park): str(park) for park in frame["park"]}
    if "name_local" in frame:
        local = frame.dropna(subset=["name_local"])
        known = {_plain(a): str(b) for a, b in zip(local["name_local"], local["park"], strict=True)} | known
    chosen: list[str] = []
    for name in frame["park"] if names is None else [names] if isinstance(names, str) else names:
        if _plain(name) not in known:
            near = get_close_matches(_plain(name), known, n=5, cutoff=0.5)
            raise UnknownName(
                "no park has this name",
                value=name,
                where=parks.source,
                exists=[known[key] for key in near] or sorted(set(known.values())),
            )
        if known[_plain(name)] not in chosen:
            chosen.append(known[_plain(name)])
    if not 2 <= len(chosen) <= MOST:
        raise WrongOption(
            f"side by side needs 2 to {MOST} different parks; asked for",
            value=len(chosen),
            exists=sorted(set(known.values())),
            fix="name the parks to compare",
        )
    return chosen


def _plain(name: object) -> str:
    return " ".join(unicodedata.normalize("NFKC", str(name)).casefold().split())


def published(
    figures: Figures, parks: Sequence[str], *, facets: Sequence[str] | None, currency: str
) -> pd.DataFrame:
    """Return one row per figure of these parks: its value in the base unit of its dimension, or why it has none."""
    if figures.rows == 0:
        raise EmptyTable("the figures table has no rows", where=figures.source)
    frame = figures.to_pandas()
    for name, default in _TEXTS.items():
        column = frame[name] if name in frame else pd.Series(default, index=frame.index)
        frame[name] = column.astype(object).where(column.notna() & (column != ""), default).map(_spaced)
    if facets is not None:
        frame = frame[frame["facet"].isin(_existing(facets, frame["facet"], figures.source))]
    frame = frame[frame["place"].isin(list(parks)) & frame["value"].notna()]
    converted = [
        _converted(float(value), str(unit), int(year), currency)
        for value, unit, year in zip(frame["value"], frame["unit"], frame["year"], strict=True)
    ]
    columns = ["dimension", "base", "value", "rate", "problem"]
    numbers = pd.DataFrame(converted, columns=columns, index=frame.index)
    numbers = numbers.astype({"value": "float64", "rate": "float64"})
    texts = frame[["facet", "indicator", "scope", "status", "grade", "source", "note"]].astype(object)
    return texts.assign(
        park=frame["place"].astype(object),
        year=frame["year"].astype("int64"),
        original_value=frame["value"].astype("float64"),
        original_unit=frame["unit"].astype(object),
        rate_year=frame["year"].astype("float64").where(numbers["rate"].notna()),
        low=float("nan"),
        high=float("nan"),
        **{name: numbers[name] for name in columns},
    )


def measured(results: Sequence[Result], parks: Sequence[str]) -> pd.DataFrame:
    """Return the statistics of measured results (a column named as the member, by `place`) as rows beside the figures."""
    return pd.concat([_measured(result, parks) for result in results], ignore_index=True)


def _measured(result: Result, parks: Sequence[str]) -> pd.DataFrame:
    function = result.provenance.function if result.provenance else ""
    name, table = function.rpartition(".")[2], result.table
    if name not in table or "place" not in table:
        raise WrongOption(
            "this result can't be set beside figures: it has no column 'place', or none named as its statistic",
            value=function or "an unsigned result",
            exists=table.columns,
            fix="give results of measures by place, such as measures.location_quotient",
        )
    table = table[table["place"].isin(list(parks)) & table[name].notna()].reset_index(drop=True)
    unit = result.fields[name].unit or "index"
    blank = pd.Series(float("nan"), index=table.index)
    return pd.DataFrame(
        {
            "facet": "measured",
            "indicator": name,
            "scope": table["industry"].astype(str) if "industry" in table else "",
            "status": "measured",
            "grade": "measured",
            "source": function,
            "note": "",
            "park": table["place"].astype(str),
            "year": table["year"].astype("int64") if "year" in table else 0,
            "original_value": table[name].astype("float64"),
            "original_unit": unit,
            "rate_year": blank,
            "low": table.get("low", blank).astype("float64"),
            "high": table.get("high", blank).astype("float64"),
            "dimension": unit,
            "base": unit,
            "value": table[name].astype("float64"),
            "rate": blank,
            "problem": "",
        }
    )


def _converted(
    value: float, unit: str, year: int, currency: str
) -> tuple[str, str, float | None, float | None, str]:
    """Return dimension, base unit, value in it, exchange rate, and what stands in the way."""
    try:
        said = parse_unit(unit)
    except TechnopoleError as error:
        return unit, unit, None, None, f"not comparable: {error.what}: {unit!r}"
    if not said.currency:
        return said.dimension, said.base, value * said.multiplier, None, ""
    rate = exchange_rate(said.currency, currency, year)
    base = said.base.replace(said.currency, currency, 1)
    if rate is None:
        why = f"not comparable: no exchange rate for {said.currency} to {currency} in {year or 'an unnamed year'}"
        return said.dimension, base, None, None, why
    return said.dimension, base, value * said.multiplier * rate, rate, ""


def _spaced(text: Any) -> str:
    return " ".join(str(text).split())


def _existing(facets: Sequence[str], there: pd.Series[Any], where: str) -> list[str]:
    wanted = [facets] if isinstance(facets, str) else list(facets)
    unknown = [facet for facet in wanted if facet not in set(there)]
    if unknown or not wanted:
        raise UnknownName(
            "no figure has this facet", value=", ".join(unknown), where=where, exists=sorted(set(there))
        )
    return wanted
