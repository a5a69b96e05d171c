"""Firms by ring around the nearest park: which ring, since when, and who lies beyond."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from technopole.engine import Expr, sql
from technopole.errors import TechnopoleError, WrongOption
from technopole.tables import Firms

INSIDE = "inside"
USUAL = (2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Ring:
    """One ring: its name, its edges in km (the outermost has no outer one), and a condition on rows."""

    name: str
    low_km: float
    high_km: float
    holds: Expr


def rings(firms: Firms, edges: Sequence[float] | None, outer_km: float | None) -> list[Ring]:
    """Return the rings from the inside out; the last one is compared with.

    Those of the table (columns ring, ring_low_km, ring_high_km, as `parks.rings` makes them), unless `edges` are given.

    Raises
    ------
    MissingColumn
        No distance.
    WrongOption
        Edges that don't rise, or an outer limit within them.
    TechnopoleError
        A firm in more than one ring.
    """
    known = {"ring", "ring_low_km", "ring_high_km"} <= set(firms.columns)
    found = (
        _of_table(firms)
        if edges is None and known
        else _of_distance(firms, USUAL if edges is None else edges)
    )
    found = [*found[:-1], _limited(firms, found[-1], outer_km)]
    expr = firms.expr
    number = sql.cases(*((ring.holds, place) for place, ring in enumerate(found)), else_=-1)
    moving = expr.group_by("firm").agg(rings=number.nunique()).filter(lambda t: t["rings"] > 1)
    several = int(moving.count().to_pyarrow().as_py())
    if several:
        raise TechnopoleError(
            f"{several:,} firms lie in more than one ring over the years",
            where=firms.source,
            fix="tp.parks.rings gives each firm the ring of its first position",
        )
    return found


def _of_table(firms: Firms) -> list[Ring]:
    expr = firms.expr
    seen = expr.filter(expr["ring"].notnull()).select("ring", "ring_low_km", "ring_high_km").distinct()
    rows = seen.order_by(["ring_low_km", "ring_high_km", "ring"]).to_pyarrow().to_pylist()
    found = [
        Ring(
            str(row["ring"]),
            float(row["ring_low_km"] or 0.0),
            float("nan") if row["ring_high_km"] is None else float(row["ring_high_km"]),
            expr["ring"] == row["ring"],
        )
        for row in rows
    ]
    return sorted(found, key=lambda ring: (ring.low_km, ring.name != INSIDE, ring.high_km))


def _of_distance(firms: Firms, edges: Sequence[float]) -> list[Ring]:
    firms.require("distance_km")
    outer = [float(edge) for edge in edges]
    if not outer or outer[0] <= 0 or not np.isfinite(outer).all() or (np.diff(outer) <= 0).any():
        raise WrongOption(
            "edges are rising distances in km, from above 0", value=list(edges), fix="edges=[2, 5, 10]"
        )
    distance = firms.expr["distance_km"]
    found = [Ring(INSIDE, 0.0, 0.0, distance <= 0)]
    for low, high in zip([0.0, *outer[:-1]], outer, strict=True):
        found.append(Ring(f"{low:g}-{high:g} km", low, high, (distance > low) & (distance <= high)))
    return [*found, Ring("beyond", outer[-1], float("nan"), distance > outer[-1])]


def _limited(firms: Firms, last: Ring, outer_km: float | None) -> Ring:
    if outer_km is None:
        return last
    if outer_km <= last.low_km:
        raise WrongOption(
            "outer_km lies beyond the last ring", value=outer_km, exists=[f"more than {last.low_km:g}"]
        )
    firms.require("distance_km")
    return Ring(last.name, last.low_km, float(outer_km), last.holds & (firms.expr["distance_km"] <= outer_km))


def since_of(firms: Firms, since: str | int | None) -> Expr:
    """Return the year the park came, for each row; 0 where there was none."""
    if isinstance(since, int):
        return sql.literal(since, "int64")
    firms.require(since or "entered")
    column = firms.expr[since or "entered"]
    if not column.type().is_numeric():
        raise WrongOption("since is a year, or a column of years", value=since, where=firms.source)
    return column.fill_null(0).cast("int64")


def exposed(firms: Firms, ring: Ring, control: Ring, since: Expr) -> Firms:
    """Return the rows of a ring and of the outermost one, as a table in which the ring enters when the park comes."""
    year = sql.ifelse(control.holds, sql.literal(0, "int64"), since)
    rows = firms.expr.mutate(entered=year).filter(ring.holds | control.holds)
    rows = rows.drop("left") if "left" in rows.columns else rows
    number = int(rows.count().to_pyarrow().as_py())
    digest = hashlib.sha256(f"{firms.digest}, {ring.name}".encode()).hexdigest()
    return Firms(rows, source=firms.source, digest=digest, rows=number, crs=firms.crs)
