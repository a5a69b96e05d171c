"""One value per place, from activity: a location quotient, a share, a plain value, or a share standardised for small places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from technopole.engine import sql
from technopole.errors import UnknownName, WrongOption
from technopole.measures import _suppression as suppression
from technopole.result import Field
from technopole.spatial import located_places, place_matching
from technopole.spatial.located_places import Located
from technopole.tables import Activity, Places, Sector

Floats = npt.NDArray[np.float64]
Of: TypeAlias = Literal["location_quotient", "share", "value", "eb_rate"]
SAID = {
    "location_quotient": "location quotient",
    "share": "share of the place",
    "value": "value",
    "eb_rate": "standardised share",
}


@dataclass(frozen=True, slots=True)
class PlaceValues:
    """The places of a map and their values.

    Attributes
    ----------
    located : Located
        Places that have a value, ordered by coordinates, then value: an order that hangs on neither names nor rows.
    values : ndarray, shape (n,)
    quotient : ndarray, shape (n,), or None
        Location quotients, where one industry is looked at.
    everywhere : Located
        All places that have coordinates.
    undefined : DataFrame
        place, name, undefined (the reason) of the others.
    what : str
        The value in words.
    field : Field
        Meaning and unit of the value.
    """

    located: Located
    values: Floats
    quotient: Floats | None
    everywhere: Located
    undefined: pd.DataFrame
    year: int
    of: Of
    what: str
    field: Field
    warnings: tuple[str, ...]


def of_activity(
    activity: Activity,
    places: Places,
    *,
    industry: str | None,
    sector: Sector | None,
    value: str,
    of: Of,
    year: int | None,
) -> PlaceValues:
    """Return the value of each place in one year (none named = the last).

    Raises
    ------
    WrongOption
        A share without an industry or a sector, both of them, or a year that isn't there.
    UnknownName
        No such industry.
    """
    name = _subject(industry, sector, of)
    sums, year, warnings = _sums(activity, name, sector, value, year)
    known = place_matching.stray(sums["place"].tolist(), places, activity.source)
    located = located_places.of(places)
    table = located.table.merge(sums, on="place", how="left", validate="one_to_one")
    x = _derived(table, sums, of)
    reasons = np.select(
        [table["open"].fillna(0).to_numpy(float) > 0, ~np.isfinite(x)],
        ["withheld, without an upper bound", f"the place has no {value}"],
        default="",
    )
    kept = np.flatnonzero(reasons == "")
    east, north = (table[side].to_numpy(float)[kept] for side in ("east", "north"))
    kept = kept[np.lexsort((x[kept], north, east))]
    names = [column for column in ("place", "name") if column in table]
    undefined = [
        table.loc[reasons != "", names].assign(undefined=reasons[reasons != ""]),
        located.nowhere.assign(undefined="no coordinates"),
    ]
    warnings += _unmatched(table, located.nowhere, sums, of, known)
    unit = activity.unit(value)
    return PlaceValues(
        located=located.take(kept),
        values=x[kept],
        quotient=_derived(table, sums, "location_quotient")[kept] if name else None,
        everywhere=located,
        undefined=pd.concat(undefined, ignore_index=True),
        year=year,
        of=of,
        what=f"{SAID[of] if of != 'value' else value}{f' of {name}' if name else ''}".replace("_", " "),
        field=_field(of, value, unit, name),
        warnings=tuple(dict.fromkeys([*activity.warnings, *places.warnings, *warnings])),
    )


def _subject(industry: str | None, sector: Sector | None, of: Of) -> str:
    if industry is not None and sector is not None:
        raise WrongOption("one map shows one industry or one sector", value=industry, fix="leave one out")
    if industry is None and sector is None and of != "value":
        raise WrongOption(
            f"a {SAID[of]} is that of an industry",
            value=of,
            fix="name one with industry= or sector=, or map the total with of='value'",
        )
    return sector.name if sector is not None else industry or ""


def _sums(
    activity: Activity, name: str, sector: Sector | None, value: str, year: int | None
) -> tuple[pd.DataFrame, int, list[str]]:
    """Return place, mine (of the industry), whole, open (withheld cells of the industry without an upper bound)."""
    cells = activity.cells(value, sector=sector)
    years = cells.select("year").distinct().order_by("year").to_pyarrow()["year"].to_pylist()
    if year is not None and year not in years:
        raise WrongOption("the table doesn't have this year", value=year, where=activity.source, exists=years)
    chosen = int(years[-1] if year is None else year)
    warnings = (
        [f"of {len(years)} years only the last, {chosen}, is used"] if len(years) > 1 and year is None else []
    )
    cells = cells.filter(cells.year == chosen)
    here = cells.industry == name if name else sql.literal(True)
    mine = cells.filter(here)
    if not mine.count().to_pyarrow().as_py():
        codes = cells.select("industry").distinct().order_by("industry").to_pyarrow()["industry"].to_pylist()
        raise UnknownName("no such industry in this table", value=name, where=activity.source, exists=codes)
    warnings += suppression.warnings(mine, value)
    rows = suppression.filled(cells)
    sums = rows.group_by("place").agg(
        mine=sql.ifelse(here, rows.amount, 0.0).sum(),
        whole=rows.amount.sum(),
        open=(here & rows.suppressed & rows.high.isnull()).sum(),
    )
    return sums.order_by("place").to_pyarrow().to_pandas(), chosen, warnings


def _derived(table: pd.DataFrame, sums: pd.DataFrame, of: Of) -> Floats:
    mine, whole = (table[name].to_numpy("float64", na_value=np.nan) for name in ("mine", "whole"))
    if of == "value":
        return np.nan_to_num(mine, nan=0.0)
    share = np.divide(mine, whole, out=np.full(len(mine), np.nan), where=whole > 0)
    if of == "share":
        return share
    if of == "location_quotient":
        nation = float(sums["mine"].sum()) / max(float(sums["whole"].sum()), np.finfo(float).tiny)
        return share / nation if nation > 0 else share
    known = np.isfinite(share)
    found = np.full(len(share), np.nan)
    if known.any():
        found[known] = standardised(mine[known], whole[known])
    return found


def standardised(events: Floats, exposure: Floats) -> Floats:
    """Empirical Bayes standardisation of Assuncao and Reis (1999), Statistics in Medicine 18(16), eq. 4 to 6."""
    rate, total = events / exposure, exposure.sum()
    mean = events.sum() / total
    between = (exposure * (rate - mean) ** 2).sum() / total - mean / (total / len(events))
    variance = max(between, 0.0) + mean / exposure
    return (rate - mean) / np.sqrt(np.where(variance > 0, variance, 1.0))


def _unmatched(
    table: pd.DataFrame, nowhere: pd.DataFrame, sums: pd.DataFrame, of: Of, lost: list[str]
) -> list[str]:
    said: list[str] = []
    stray = sums[~sums["place"].isin(table["place"]) & ~sums["place"].isin(nowhere["place"])]
    if len(stray):
        total = float(sums["mine"].sum())
        part = f", {float(stray['mine'].sum()) / total:.1%} of the whole" if total > 0 else ""
        said.append(
            f"{len(stray):,} places of the activity table aren't among the places{place_matching.said(lost)} and aren't on the map{part}"
        )
    absent = int(table["mine"].isna().sum())
    if absent and of == "value":
        said.append(
            f"{absent:,} places have no row in the activity table and count as 0: leave them out of the places if they aren't covered"
        )
    elif absent:
        said.append(f"{absent:,} places have no row in the activity table: undefined")
    if len(nowhere):
        said.append(f"{len(nowhere):,} places have no coordinates: undefined")
    return said


def _field(of: Of, value: str, unit: str, name: str) -> Field:
    if of == "location_quotient":
        return Field(f"location quotient of {name} by {value}", "1 = as everywhere", 2)
    if of == "share":
        return Field(f"share of {name} in the {value} of the place", "share", 4)
    if of == "eb_rate":
        return Field(f"share of {name} in the {value} of the place, standardised", "standard deviations", 2)
    return Field(f"{value} of {name}" if name else value, unit)
