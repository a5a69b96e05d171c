"""Sites: establishments on distinct, counted locations, for every measure that works on distances."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from technopole.engine import Expr
from technopole.errors import UnknownName, WrongOption
from technopole.kernels.locations import Locations, on_plane, on_sphere
from technopole.spatial import site_rows
from technopole.tables import Activity, Establishments, Places, Sector

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
MOST = 200_000_000  # establishments; twice what there is in any country
HALF = 0.5  # a code belongs to a sector of whole establishments where at least half of it does


@dataclass(frozen=True, slots=True)
class Members:
    """The establishments of one industry on the distinct locations they stand at.

    Attributes
    ----------
    location : ndarray of int64, shape (m,)
        Indices into the locations, ascending.
    count, weight : ndarray of float64, shape (m,)
        Establishments there, and the sum of their weights (the count, where nothing is weighted).
    plants : callable
        Returns each establishment's location index (n,) and weight (n,), in an order that hangs on neither names nor rows.
    """

    name: str
    location: Indices
    count: Floats
    weight: Floats
    plants: Callable[[], tuple[Indices, Floats]]

    @property
    def size(self) -> int:
        """Number of establishments."""
        return int(self.count.sum())


@dataclass(frozen=True, slots=True)
class Sites:
    """All sites of an analysis.

    Attributes
    ----------
    locations : Locations
        Distinct points, ordered by their coordinates.
    points : DataFrame
        One row per location: east, north (degrees, or kilometres on a plane), place (its code, where points are places).
    universe, universe_weight : ndarray of float64, shape (L,)
        Establishments of the reference at each location, and their weight.
    industries : tuple of Members
        In the order asked for; "all" = by code.
    rows : ibis Table
        east, north, place, industry, count, weight: what was counted, for statistics per establishment.
    everyone : callable
        Returns the location index and the weight of each establishment of the reference, one by one.
    """

    locations: Locations
    points: pd.DataFrame
    universe: Floats
    universe_weight: Floats
    industries: tuple[Members, ...]
    rows: Expr
    year: int
    warnings: tuple[str, ...]
    everyone: Callable[[], tuple[Indices, Floats]]


def of_table(
    table: Establishments | Activity,
    *,
    places: Places | None = None,
    industry: str | Sequence[str] = "all",
    sector: Sector | None = None,
    reference: Establishments | Activity | None = None,
    weight: str | None = None,
    year: int | None = None,
) -> Sites:
    """Put the establishments of the chosen industries, and those of the reference, on distinct locations.

    Raises
    ------
    MissingColumn
        No coordinates, no industry, no weight, or an activity table without `establishments`.
    EmptyTable
        No establishment has coordinates.
    UnknownName
        An industry that doesn't occur.
    """
    found = site_rows.of_table(table, places=places, weight=weight, year=year)
    whole, warnings = found, [*found.warnings]
    if reference is not None:
        whole = site_rows.of_table(reference, places=places, weight=weight, year=None, like=found.year)
        warnings += [f"reference: {text}" for text in whole.warnings]
        site_rows.same_system(found, whole)
    codes, said = _chosen(found, industry, sector, table.source)
    cells = site_rows.by_industry(found.rows, [code for group in codes.values() for code in group])
    everywhere = site_rows.everywhere(whole.rows)
    spots, at = np.unique(np.concatenate([_complex(everywhere), _complex(cells)]), return_inverse=True)
    here, cells = at[: len(everywhere)], cells.assign(location=at[len(everywhere) :])
    universe = [_summed(here, everywhere[name], len(spots)) for name in ("count", "weight")]
    if (total := float(universe[0].sum())) > MOST:
        raise WrongOption(
            "more establishments than any country has",
            value=f"{total:,.0f}",
            where=(table if reference is None else reference).source,
            fix="see that the column establishments counts establishments",
        )
    by_code = dict(list(cells.groupby("industry", observed=True)))
    industries = tuple(
        _members(name, group, pd.concat([by_code[code] for code in group]), found, weight, spots)
        for name, group in codes.items()
    )
    lacking = _complete(universe, cells) if reference is not None else []
    return Sites(
        locations=_located(spots, found.kilometres),
        points=_points(spots, here, everywhere),
        universe=universe[0],
        universe_weight=universe[1],
        industries=industries,
        rows=found.rows,
        year=found.year,
        warnings=tuple(dict.fromkeys([*warnings, *said, *lacking])),
        everyone=lambda: _one_by_one(site_rows.single(whole.rows, whole.industries), spots),
    )


def _complex(frame: pd.DataFrame) -> npt.NDArray[np.complex128]:
    return frame["east"].to_numpy(float) + 1j * frame["north"].to_numpy(float)


def _summed(at: Indices, amount: pd.Series, length: int) -> Floats:
    return np.bincount(at, weights=amount.to_numpy(float), minlength=length).astype(np.float64)


def _located(spots: npt.NDArray[np.complex128], kilometres: float | None) -> Locations:
    if kilometres is None:
        return on_sphere(spots.real, spots.imag)
    return on_plane(spots.real * kilometres, spots.imag * kilometres)


def _points(spots: npt.NDArray[np.complex128], here: Indices, everywhere: pd.DataFrame) -> pd.DataFrame:
    place = np.full(len(spots), None, dtype=object)
    place[here] = everywhere["place"].to_numpy(object)
    return pd.DataFrame({"east": spots.real, "north": spots.imag, "place": place})


def _chosen(
    found: site_rows.SiteRows, industry: str | Sequence[str], sector: Sector | None, source: str
) -> tuple[dict[str, list[str]], list[str]]:
    """Return name -> codes of each industry asked for, and what a sector leaves out."""
    there = found.industries
    asked = [industry] if isinstance(industry, str) and industry != "all" else list(industry)
    if industry == "all":
        asked = [] if sector is not None else there
    for code in asked:
        if code not in there:
            raise UnknownName("no such industry in this table", value=code, where=source, exists=there)
    codes = {code: [code] for code in asked}
    if sector is None:
        return codes, []
    if sector.name in codes:
        raise WrongOption(
            "the sector has the name of an industry", value=sector.name, fix="rename the sector"
        )
    weights = sector.weights(there)
    codes[sector.name] = [code for code, share in weights.items() if share >= HALF]
    if not codes[sector.name]:
        raise UnknownName(
            f"no industry of the table belongs at least half to the sector {sector.name} ({sector.scheme})",
            value=", ".join(list(sector.codes)[:8]),
            exists=there,
            fix="choose the scheme your codes are in, or define the sector yourself",
        )
    less = [code for code, share in weights.items() if share < HALF]
    said = f"an establishment can't be in part in a sector: codes that belong less than half were left out ({', '.join(less)})"
    return codes, [said] if less else []


def _members(
    name: str,
    codes: Sequence[str],
    cells: pd.DataFrame,
    found: site_rows.SiteRows,
    weight: str | None,
    spots: npt.NDArray[np.complex128],
) -> Members:
    sums = cells.groupby("location")[["count", "weight"]].sum()
    location = sums.index.to_numpy(np.int64)
    count = sums["count"].to_numpy(float)

    def plants() -> tuple[Indices, Floats]:
        if weight is None:
            return np.repeat(location, count.astype(np.int64)), np.ones(int(count.sum()))
        return _one_by_one(site_rows.single(found.rows, codes), spots)

    return Members(name, location, count, sums["weight"].to_numpy(float), plants)


def _one_by_one(single: pd.DataFrame, spots: npt.NDArray[np.complex128]) -> tuple[Indices, Floats]:
    times = single["count"].to_numpy(np.int64)
    at = np.searchsorted(spots, _complex(single)).astype(np.int64)
    return np.repeat(at, times), np.repeat(single["weight"].to_numpy(float) / times, times)


def _complete(universe: list[Floats], cells: pd.DataFrame) -> list[str]:
    """Raise the universe to what all industries together have; a reference must contain the sites that are compared with it."""
    held = cells.groupby("location")[["count", "weight"]].sum()
    at, count = held.index.to_numpy(np.int64), held["count"].to_numpy(float)
    short = count > universe[0][at]
    added = float((count - universe[0][at])[short].sum())
    at = at[short]
    universe[0][at] = count[short]
    universe[1][at] = np.maximum(universe[1][at], held["weight"].to_numpy(float)[short])
    return (
        [f"the reference lacks {added:,.0f} sites of the industries; they were added to it"] if added else []
    )
