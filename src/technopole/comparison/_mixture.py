"""The arithmetic of compositions: amounts by park and segment, shares, overlap, with a reason for what is undefined."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from technopole.errors import EmptyTable, TechnopoleError, WrongOption
from technopole.tables import Activity
from technopole.tables.units import exchange_rate, parse_unit

MOST = 200
_CURRENCY = "currency of the source"
NO_INTERVAL = "none: published amounts are full counts, not a sample, and their sources give no error"


def amounts(activity: Activity, *, value: str, parks: Sequence[str] | None, year: int | None) -> pd.DataFrame:
    """Return one row per park, segment and year with the amount, its unit, and what stands in the way of a share.

    Of a park's years those with any amount are kept (with `year`: only it); a park with none has one row with the reason.
    """
    cells, unit = activity.cells(value), _unit_column(activity, value)
    if unit:
        units = activity.expr.select("place", "industry", "year", unit=activity.expr[unit].cast("string"))
        cells = cells.left_join(units, ["place", "industry", "year"]).select(*cells.columns, "unit")
    frame = cells.order_by(["place", "year", "industry"]).to_pyarrow().to_pandas()
    frame = frame.rename(columns={"place": "park", "industry": "segment"}).astype({"year": "int64"})
    known = activity.unit(value)
    if not unit:
        frame["unit"] = "" if known == _CURRENCY else known
    frame["unit"] = frame["unit"].astype(object).where(frame["unit"].notna(), "")
    chosen = sorted(set(frame["park"])) if parks is None else list(dict.fromkeys(parks))
    if not chosen:
        raise EmptyTable("no park was asked for", fix="leave parks= out for all places")
    if len(chosen) > MOST:
        fix = "name the parks to compare: parks="
        raise WrongOption(f"composition compares at most {MOST} parks; there are", value=len(chosen), fix=fix)
    other = _other_bases(activity, value)
    listed = pd.concat([_of_park(frame, other, park, value, year) for park in chosen], ignore_index=True)
    return listed.astype({"year": "Int64"})


def _unit_column(activity: Activity, value: str) -> str:
    """Return the column with the value's unit: its own, or `unit` where the value is money or the only one."""
    if f"{value}_unit" in activity.columns:
        return f"{value}_unit"
    money = activity.unit(value) == _CURRENCY or activity.values == (value,)
    return "unit" if money and "unit" in activity.columns else ""


def _other_bases(activity: Activity, value: str) -> dict[str, list[str]]:
    """Return for each place the other values there are, with their years."""
    every = activity.to_pandas()
    found: dict[str, list[str]] = {str(place): [] for place in every["place"]}
    for name in activity.values:
        known = every[every[name].notna()]
        for place, years in known.groupby("place")["year"] if name != value else ():
            said = ", ".join(str(year) for year in sorted(set(years)))
            found[str(place)].append(f"{name.replace('_', ' ')} ({said})")
    return found


def _of_park(
    frame: pd.DataFrame, other: dict[str, list[str]], park: str, value: str, year: int | None
) -> pd.DataFrame:
    own = frame[frame["park"] == park]
    years = sorted(set(own.loc[own["value"].notna(), "year"]))
    kept = [one for one in years if year in (None, one)]
    if not kept:
        return _blank(park, _why_blank(other.get(park), value, year, years))
    listed = own[own["year"] == kept[-1]]
    return listed.assign(undefined=_problem(listed))[
        ["park", "segment", "year", "value", "unit", "undefined"]
    ]


def _blank(park: str, reason: str) -> pd.DataFrame:
    row = {
        "park": [park],
        "segment": [""],
        "year": [pd.NA],
        "value": [np.nan],
        "unit": [""],
        "undefined": [reason],
    }
    return pd.DataFrame(row)


def _why_blank(other: list[str] | None, value: str, year: int | None, years: Sequence[int]) -> str:
    basis = value.replace("_", " ")
    if other is None:
        return "no composition was found"
    if years:
        return f"no composition by {basis} for {year}; there is {', '.join(map(str, years))}"
    return f"no composition by {basis}" + (
        f", only by {', '.join(other)}, which doesn't compare" if other else ""
    )


def _problem(listed: pd.DataFrame) -> str:
    """Say why a park's shares can't be computed, or nothing."""
    missing = sorted(listed.loc[listed["value"].isna(), "segment"])
    if missing:
        return f"no amount is known for {', '.join(missing)}, so no share is (0 says there is none)"
    if (listed["value"] < 0).any():
        return "an amount is negative, so shares mean nothing"
    if listed["value"].sum() <= 0:
        return "all amounts are zero"
    if listed["unit"].nunique() > 1:
        return f"amounts in different units: {', '.join(sorted(set(listed['unit'])))}"
    return ""


def shares(listed: pd.DataFrame) -> pd.DataFrame:
    """Return the matrix (park, year) x segment of shares; a segment that isn't listed is 0; undefined ones are left out."""
    known = listed[listed["undefined"] == ""]
    matrix = known.pivot_table(
        index=["park", "year"], columns="segment", values="value", aggfunc="sum", fill_value=0.0
    )
    return matrix.div(matrix.sum(axis=1), axis=0).sort_index().sort_index(axis=1)


def latest(listed: pd.DataFrame) -> pd.DataFrame:
    """Return each park's latest year whose shares are defined, or else its latest."""
    order = listed.assign(_known=listed["undefined"] == "").sort_values(["_known", "year"], kind="stable")
    chosen = order.groupby("park")["year"].last()
    return listed[listed["year"].fillna(0) == listed["park"].map(chosen).fillna(0)].reset_index(drop=True)


def segment_table(listed: pd.DataFrame, matrix: pd.DataFrame, basis: str) -> pd.DataFrame:
    """Return the main table: share and location quotient of each listed segment; undefined rows last."""
    long = matrix.rename_axis(columns=None).reset_index()
    long = long.melt(id_vars=["park", "year"], var_name="segment", value_name="share")
    share = listed.merge(long, on=["park", "year", "segment"], how="left")["share"].to_numpy(dtype="float64")
    table = listed.assign(share=share, basis=basis, uncertainty=NO_INTERVAL)
    quotient, problem = _location_quotients(table)
    table = table.assign(
        location_quotient=quotient, undefined=table["undefined"].where(table["undefined"] != "", problem)
    )
    columns = [
        "park",
        "segment",
        "year",
        "value",
        "unit",
        "share",
        "location_quotient",
        "basis",
        "uncertainty",
        "undefined",
    ]
    table = table.assign(_last=table["undefined"] != "", _park=_positions(table["park"]))
    return table.sort_values(["_last", "_park", "segment"], kind="stable", ignore_index=True)[columns]


def _positions(parks: pd.Series) -> pd.Series:
    """Return each park's position in the order in which the parks were asked for."""
    return parks.map({park: i for i, park in enumerate(dict.fromkeys(parks))})


def _location_quotients(table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Set each share against that in all parks together, money converted with the rate of its year."""
    units = {unit: None if unit == "" else _parsed(unit) for unit in set(table["unit"])}
    common: list[float] = []
    problems: list[str] = []
    kinds: list[str] = []
    for amount, unit, year in zip(table["value"], table["unit"], table["year"], strict=True):
        said = units[unit]
        rate = 1.0 if said is None or not said.currency else exchange_rate(said.currency, "USD", int(year))
        kinds.append("" if said is None else said.dimension)
        common.append(np.nan if rate is None else amount * rate * (1.0 if said is None else said.multiplier))
        why = "" if rate is not None or said is None else f"no exchange rate for {said.currency} in {year}"
        problems.append(f"no location quotient: {why}" if why else "")
    values = pd.Series(common, index=table.index).where(table["undefined"] == "")
    problem = pd.Series(problems, index=table.index, dtype=object).where(table["undefined"] == "", "")
    defined = pd.Series(kinds, index=table.index)[values.notna()]
    if defined.nunique() > 1:
        words = "no location quotient: the parks' amounts are in different units"
        return pd.Series(np.nan, index=table.index), problem.where(table["undefined"] != "", words)
    pooled = values.groupby(table["segment"]).transform("sum") / values.sum()
    return (table["share"] / pooled).where(values.notna() & (pooled > 0)), problem


def _parsed(unit: str):
    try:
        return parse_unit(unit)
    except TechnopoleError:
        return None


def park_table(table: pd.DataFrame, basis: str) -> pd.DataFrame:
    """Return one row per park: size, concentration and largest segment; parks without composition last."""
    rows = []
    for park, own in table.groupby("park", sort=False):
        known = own["share"].notna().any()
        top = own.sort_values(["share", "segment"], ascending=[False, True]).iloc[0]
        rows.append(
            {
                "park": park,
                "year": own["year"].iloc[0],
                "basis": basis,
                "segments": int((own["share"] > 0).sum()),
                "total": own["value"].sum() if known else np.nan,
                "unit": own["unit"].iloc[0],
                "herfindahl": (own["share"] ** 2).sum() if known else np.nan,
                "largest_segment": str(top["segment"]) if known else "",
                "largest_share": top["share"],
                "location_quotient": top["location_quotient"],
                "uncertainty": NO_INTERVAL,
                "undefined": str(own["undefined"].iloc[0]),
            }
        )
    frame = pd.DataFrame(rows)
    return (
        frame.assign(_last=frame["undefined"] != "")
        .sort_values("_last", kind="stable", ignore_index=True)
        .drop(columns="_last")
    )


def text(summary: pd.DataFrame, overlap: pd.DataFrame, basis: str, duplicating: float) -> str:
    """Say what the parks have most of and who duplicates whom."""
    known = summary[summary["largest_share"].notna()]
    words = basis.replace("_", " ")
    said = [f"The composition by {words} is known for {len(known)} of {len(summary)} parks."]
    if len(known):
        tops = [
            f"{park}: {segment} ({share:.0%})"
            for park, segment, share in known[["park", "largest_segment", "largest_share"]]
            .head(3)
            .itertuples(index=False)
        ]
        said.append(
            f"Largest segments: {'; '.join(tops)}{f', and {len(known) - 3} more' if len(known) > 3 else ''}."
        )
    pairs = overlap[(overlap["park_a"] < overlap["park_b"]) & overlap["overlap"].notna()]
    if len(pairs):
        best = pairs.sort_values(["overlap", "park_a", "park_b"], ascending=[False, True, True]).iloc[0]
        count = int(pairs["duplicating"].sum())
        two = f"{best['park_a']} and {best['park_b']}"
        many = f"{count} of {len(pairs)} pairs overlap" if count else f"None of {len(pairs)} pairs overlaps"
        said.append(
            f"{many} by more than {duplicating:.0%}; the closest are {two} with {best['overlap']:.0%}."
            if len(pairs) > 1
            else f"{two} overlap by {best['overlap']:.0%}."
        )
    return " ".join(said)


def warnings(summary: pd.DataFrame, overlap: pd.DataFrame) -> list[str]:
    """Say which parks and pairs are blank, and which years stand beside each other."""
    said = [
        f"{park}: {why}"
        for park, why in summary.loc[summary["undefined"] != "", ["park", "undefined"]].itertuples(
            index=False
        )
    ]
    far = overlap[
        (overlap["park_a"] < overlap["park_b"]) & overlap["undefined"].str.startswith("years too far")
    ]
    if len(far):
        said.append(f"{len(far)} pairs have no overlap because their years lie too far apart")
    years = sorted(set(summary.loc[summary["largest_share"].notna(), "year"]))
    return said + (
        [f"compositions are of different years: {', '.join(map(str, years))}"] if len(years) > 1 else []
    )
