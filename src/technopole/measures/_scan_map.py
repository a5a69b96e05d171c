"""What a spatial scan works on: cases and population on distinct locations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from technopole.engine import Expr, sql
from technopole.errors import EmptyTable, MissingColumn, UnknownName, WrongOption
from technopole.kernels.locations import Locations, on_plane, on_sphere
from technopole.measures import _suppression as suppression
from technopole.spatial import located_places, place_matching
from technopole.tables import Activity, Places, Sector

Floats = npt.NDArray[np.float64]
LARGEST = 10**9  # population that can be drawn from without replacement


@dataclass(frozen=True, slots=True)
class ScanMap:
    """Cases and population.

    Attributes
    ----------
    places : DataFrame
        place, name, cases, population, location (index into the arrays below).
    cases, population : ndarray of float64, shape (L,)
        Sums over the places of a location; every location has population.
    """

    name: str
    year: int
    places: pd.DataFrame
    locations: Locations
    cases: Floats
    population: Floats
    warnings: tuple[str, ...]

    def without(self, taken: npt.NDArray[np.bool_]) -> ScanMap:
        """Return the map without some locations."""
        keep = np.flatnonzero(~taken)
        index = np.full(len(taken), -1)
        index[keep] = np.arange(len(keep))
        places = self.places.assign(location=index[self.places["location"]])
        return ScanMap(
            self.name,
            self.year,
            places[places["location"] >= 0],
            Locations(self.locations.coordinates[keep]),
            self.cases[keep],
            self.population[keep],
            self.warnings,
        )


def of_tables(
    activity: Activity,
    places: Places,
    *,
    industry: str | None,
    sector: Sector | None,
    value: str,
    population: str | None,
    year: int | None,
    whole: bool,
) -> ScanMap:
    """Put cases and population on the points of the places; as whole numbers where asked."""
    if value in activity.values and not activity.counts(value):
        fix = "scan establishments, or another column of whole numbers"
        raise WrongOption("a scan is of things that are counted", value=value, where=activity.source, fix=fix)
    cells = activity.cells(value, sector=sector)
    name, year, said = _chosen(cells, industry, sector, year, activity.source)
    cells = cells.filter(cells.year == year)
    warnings = [*activity.warnings, *places.warnings, *said, *suppression.warnings(cells, value)]
    counted = _counted(cells, name)
    stray = place_matching.stray(counted["place"].tolist(), places, activity.source)
    located = located_places.of(places)
    table = located.table.merge(counted, on="place", how="left").fillna({"cases": 0.0, "everything": 0.0})
    if population is None:
        table = table.rename(columns={"everything": "population"})
    else:
        table = table.merge(_inhabitants(places, population), on="place", how="left")
        table["population"] = table["population"].fillna(0.0)
    lost = counted[~counted["place"].isin(table["place"])]
    if len(lost):
        cases = f"with {lost['cases'].sum():,.0f} {value} of {name}"
        why = f"aren't among the places{place_matching.said(stray)}" if stray else "have no coordinates"
        why += " or have no coordinates" if stray and len(stray) < len(lost) else ""
        warnings.append(f"{len(lost):,} places {cases} {why} and were left out")
    empty = table["population"] <= 0
    if (table["cases"][empty] > 0).any():
        warnings.append(
            f"{int((table['cases'][empty] > 0).sum()):,} places with {table['cases'][empty].sum():,.0f} {value} of {name} "
            f"have no {population or value} to compare with and were left out"
        )
    table = table[~empty]
    if table.empty:
        raise EmptyTable(
            f"no place has coordinates and {population or value}",
            where=places.source,
            fix="map longitude and latitude, x and y with crs=, or outlines, and see that they aren't blank",
        )
    if whole:
        table, said = _whole(table)
        warnings += said
    return _collapsed(table, located.geographic, name, year, warnings)


def _chosen(
    cells: Expr, industry: str | None, sector: Sector | None, year: int | None, source: str
) -> tuple[str, int, list[str]]:
    years = sorted(cells.select("year").distinct().to_pyarrow()["year"].to_pylist())
    if year is not None and year not in years:
        raise WrongOption("the table doesn't have this year", value=year, where=source, exists=years)
    said = []
    if year is None and len(years) > 1:
        said = [f"of {len(years)} years only the last, {years[-1]}, is used"]
    names = sorted(cells.select("industry").distinct().to_pyarrow()["industry"].to_pylist())
    if (industry is None) == (sector is None):
        raise WrongOption("name one industry or one sector", value=industry, where=source, exists=names)
    if industry is not None and industry not in names:
        raise UnknownName("no such industry in this table", value=industry, where=source, exists=names)
    return sector.name if sector else str(industry), int(years[-1] if year is None else year), said


def _counted(cells: Expr, name: str) -> pd.DataFrame:
    rows = cells.mutate(amount=sql.coalesce(suppression.middle(cells), 0.0))
    mine = sql.ifelse(rows.industry == name, rows.amount, 0.0)
    found = rows.group_by("place").agg(cases=mine.sum(), everything=rows.amount.sum())
    return found.order_by("place").to_pyarrow().to_pandas()


def _inhabitants(places: Places, column: str) -> pd.DataFrame:
    places.require(column)
    if not places.expr.schema()[column].is_numeric():
        numbers = [name for name, kind in places.expr.schema().items() if kind.is_numeric()]
        raise MissingColumn("population= names a column of numbers", value=column, exists=numbers)
    found = places.expr.select("place", population=places.expr[column].cast("float64"))
    return found.order_by("place").to_pyarrow().to_pandas()


def _whole(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    rounded = table.assign(cases=table["cases"].round(), population=table["population"].round())
    changed = (rounded[["cases", "population"]] != table[["cases", "population"]]).any(axis=1)
    over = rounded["cases"] > rounded["population"]
    if over.any():
        first = rounded[over].iloc[0]
        raise WrongOption(
            f"more cases than population in {int(over.sum())} places",
            value=f"{first['cases']:.0f} of {first['population']:.0f}",
            where=f"place {first['place']}",
            fix="cases are part of the population in the Bernoulli model; use model='poisson'",
        )
    if rounded["population"].sum() >= LARGEST:
        raise WrongOption(
            "the Bernoulli model takes populations below a thousand million",
            value=rounded["population"].sum(),
            fix="use model='poisson'",
        )
    rounded = rounded[rounded["population"] > 0]
    said = (
        f"the numbers of {int(changed.sum()):,} places aren't whole and were rounded for the Bernoulli model"
    )
    return rounded, [said] if changed.any() else []


def _collapsed(table: pd.DataFrame, geographic: bool, name: str, year: int, warnings: list[str]) -> ScanMap:
    points = table.groupby(["east", "north"], as_index=False)[["cases", "population"]].sum()
    at = table.groupby(["east", "north"]).ngroup().to_numpy(np.int64)
    if "name" not in table:
        table = table.assign(name=table["place"])
    table = table.assign(location=at, name=table["name"].fillna(table["place"]))
    kept = table[["place", "name", "cases", "population", "location"]].reset_index(drop=True)
    east, north, cases, population = (
        points[column].to_numpy(float) for column in ("east", "north", "cases", "population")
    )
    locations = on_sphere(east, north) if geographic else on_plane(east, north)
    return ScanMap(name, year, kept, locations, cases, population, tuple(warnings))
