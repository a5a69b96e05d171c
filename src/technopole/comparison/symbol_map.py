"""Proportional symbol map."""

from __future__ import annotations

import pandas as pd

from technopole.errors import EmptyTable, MissingColumn, WrongOption
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Parks, Places

_NONE = "There is no place to show."


@member
def symbol_map(
    places: Parks | Places,
    *,
    result: Result | None = None,
    value: str = "",
    group: str = "",
    reference: float = 1.0,
    top: int = 25,
    base: str = "land",
) -> Result:
    """Where the places lie, and how large a measured value is at each.

        area of a symbol[p] = constant * value[p]

    Areas, not radii, grow with the value. A symbol is hollow where the result's interval (`low`) reaches down to
    `reference`; where the value shown isn't what the interval is about (jobs, with the interval of their quotient), the
    table has both. The projection keeps areas: Equal Earth for the world, Lambert's azimuthal for a region.

    Parameters
    ----------
    places : Parks or Places
        Where the places lie: longitude and latitude.
    result : Result, optional
        A measured result with a column `place` or `park`, shown at the places; of several years the last.
    value : str
        The result's column that is shown; none = only where the places lie.
    group : str
        A text column of the places that tells kinds apart by shape and colour.
    reference : float
        The value that means nothing special (location quotients: 1).
    top : int
        Show so many of the largest values.
    base : str
        ``"land"``, ``"us_states"``, or the path of a GeoJSON with polygons in longitude and latitude.

    Returns
    -------
    Result
        place (its name), code where it has one, longitude, latitude, then group, value, year, low, high where there are such; undefined.

    Raises
    ------
    MissingColumn
        The places have no coordinates or no such group, or the result has no such column.
    EmptyTable
        There is no place.

    References
    ----------
    Robinson, A. H. et al. (1995). Elements of Cartography, 6th ed. Wiley, New York. Savric, B., Patterson, T. & Jenny,
    B. (2019). The Equal Earth map projection. International Journal of Geographical Information Science 33(3), 454-465.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> parks = pd.DataFrame({"park": ["A", "B"], "longitude": [8.0, 9.0], "latitude": [50.0, 51.0]})
    >>> tp.comparison.symbol_map(parks).table["place"].tolist()
    ['A', 'B']
    """
    if top < 1:
        raise WrongOption("top is a number of places, 1 or more", value=top)
    if not places.rows:
        raise EmptyTable("there is no place to show", where=places.source)
    table = _located(places, group)
    if result is not None:
        table = _joined(table, result, value)
        table = table.sort_values([value, "place"], ascending=[False, True], ignore_index=True)
    if (table["code"] == table["place"]).all():
        table = table.drop(columns="code")
    without = table["longitude"].isna() | table["latitude"].isna()
    table["undefined"] = without.map({True: "no coordinates", False: ""})
    table = table.sort_values("undefined", kind="stable", ignore_index=True)
    unit = result.fields[value] if result is not None and value in result.fields else Field(value)
    return Result.of(
        table,
        text=_text(table, group, value, unit, top),
        fields={**_fields(group, value, unit), **_of_estimate(result, value)},
        chart=Chart(
            "place_map",
            {
                "value": value,
                "group": group,
                "reference": reference,
                "base": base,
                "top": top,
                "axis": unit.meaning,
                "about": _about(result, value),
            },
        ),
        warnings=[
            *places.warnings,
            *(
                [f"{int(without.sum())} places have no coordinates and aren't on the map"]
                if without.any()
                else []
            ),
        ],
    )


def _located(places: Parks | Places, group: str) -> pd.DataFrame:
    frame = places.to_pandas()
    needed = ["longitude", "latitude", *([group] if group else [])]
    missing = [name for name in needed if name not in frame]
    if missing:
        raise MissingColumn(
            "a map needs the column", value=missing[0], where=places.source, exists=frame.columns
        )
    key = "park" if isinstance(places, Parks) else "place"
    frame = frame.rename(columns={key: "place"})
    names = frame["name"] if key == "place" and "name" in frame else frame["place"]
    frame = frame.assign(code=frame["place"], place=names.fillna(frame["place"]))
    frame = frame[["place", "code", *needed]].sort_values(["place", "code"])
    if group:  # the rarest kind first: the map is about it, and its names are placed first
        frame = frame.sort_values(group, key=lambda kinds: kinds.map(kinds.value_counts()), kind="stable")
    return frame.reset_index(drop=True)


def _joined(table: pd.DataFrame, result: Result, value: str) -> pd.DataFrame:
    rows = result.table
    key = next((name for name in ("place", "park") if name in rows), None)
    if key is None or value not in rows:
        raise MissingColumn(
            "the result has no such column",
            value=value if key else "place",
            exists=rows.columns,
            fix="name it in value=",
        )
    if "year" in rows:
        rows = rows[rows["year"] == rows["year"].max()]
    kept = [name for name in dict.fromkeys([value, "year", _estimate(result), "low", "high"]) if name in rows]
    rows = rows.loc[rows[value].notna(), [key, *kept]].rename(columns={key: "code"})
    return table.merge(rows.drop_duplicates("code"), on="code", how="inner")


def _estimate(result: Result) -> str:
    """The column an interval is about: the one that stands before `low`."""
    names = [str(name) for name in result.table]
    return names[names.index("low") - 1] if "low" in names[1:] else ""


def _about(result: Result | None, value: str) -> str:
    name = _estimate(result) if result is not None else ""
    return "" if name == value else name.replace("_", " ")


def _text(table: pd.DataFrame, group: str, value: str, unit: Field, top: int) -> str:
    if not value or table.empty:
        kinds = (
            [f"{kind} {count}" for kind, count in table[group].value_counts(sort=False).items()]
            if group
            else []
        )
        return (
            f"{len(table)} places are shown{f', by {group}: ' if kinds else ''}{', '.join(kinds)}."
            if len(table)
            else _NONE
        )
    first = table.iloc[0]
    whole = float(first[value]).is_integer()
    digits = (0 if whole else 2) if unit.digits is None else unit.digits
    return (
        f"Of {len(table):,} places with a value, {first['place']} has the largest: {first[value]:,.{digits}f} "
        f"({unit.meaning}). The map shows the {min(top, len(table))} largest."
    )


def _of_estimate(result: Result | None, value: str) -> dict[str, Field]:
    name = _estimate(result) if result is not None else ""
    if result is None or not name or name == value:
        return {}
    said = result.fields.get(name, Field(name.replace("_", " ")))
    ends = {end: Field(f"{side} end of the interval of {name.replace('_', ' ')}", said.unit, said.digits)
            for end, side in (("low", "lower"), ("high", "upper"))}  # fmt: skip
    return {name: said, **ends}


def _fields(group: str, value: str, unit: Field) -> dict[str, Field]:
    return {
        "code": Field("code of the place"),
        "place": Field("place"),
        "longitude": Field("east positive", "degrees", 2),
        "latitude": Field("north positive", "degrees", 2),
        **({group: Field(group.replace("_", " "))} if group else {}),
        **({value: unit} if value else {}),
        "year": Field("year"),
        "low": Field("lower end of the interval", "", unit.digits),
        "high": Field("upper end of the interval", "", unit.digits),
        "undefined": Field("why the place isn't on the map; empty = it is"),
    }
