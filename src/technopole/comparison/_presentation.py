"""How a comparison is shown: readable units, the wide table, words, warnings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from technopole.comparison._published import TARGETS
from technopole.result import Field

_KEY = ["facet", "indicator", "scope", "unit"]
_MULTIPLES = ((1e9, "billion "), (1e6, "million "))
_SOURCE = ["status", "grade", "source", "note", "original_value", "original_unit", "rate", "rate_year"]
_PER_PARK = {
    "value": "value",
    "year": "year the figure refers to",
    "status": "how firm the figure and its source are",
    "source": "where it was published",
    "reason": "why there is no figure, or why it stands alone",
}
_MEANINGS = {
    "facet": "aspect of the park",
    "indicator": "what is counted or measured",
    "scope": "what it covers",
    "unit": "unit of this row",
    "reference_year": "year the figures of the row lie nearest to",
    "parks_with_figure": "parks with a figure in the row",
    "years_apart": "years between the earliest and the latest figure of the row",
    "undefined": "why the row compares nothing; empty = it compares",
    "park": "park",
    "value": "the figure, in the row's unit",
    "year": "year the figure refers to",
    "low": "smallest figure published for this year, where sources differ",
    "high": "largest figure published for this year, where sources differ",
    "uncertainty": "what is known of the figure's uncertainty",
    "status": "how firm the figure is",
    "grade": "how far its source can be trusted",
    "source": "where it was published",
    "note": "what a reader must know",
    "comparable": "whether another park has a figure it can be compared with",
    "reason": "why it is blank, stands alone or isn't shown",
    "original_value": "the figure as published",
    "original_unit": "its unit as published",
    "rate": "exchange rate used: units of the shown currency per unit of the published one",
    "rate_year": "year whose average the rate is",
    "chosen": "whether the comparison shows this figure",
    "kind": "result or target",
    "ratio": "the figure over the smallest of them",
    "rule": "which rule decided",
}


def _readable(frame: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Give each row of a comparison one readable unit ('billion USD') and its values in it."""
    largest = frame["value"].abs().groupby([frame[name] for name in by]).transform("max")
    money = frame["dimension"].str.startswith("money")
    factor, prefix = pd.Series(1.0, index=frame.index), pd.Series("", index=frame.index)
    for multiple, word in reversed(_MULTIPLES):
        big = money & (largest >= multiple)
        factor, prefix = factor.mask(big, multiple), prefix.mask(big, word)
    scaled = {
        name: frame[name].astype("float64") / factor for name in ("value", "low", "high") if name in frame
    }
    return frame.assign(unit=prefix + frame["base"], **scaled)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    whole = [name for name in ("year", "reference_year", "rate_year") if name in frame]
    texts = [c for c in ("uncertainty", "status", "grade", "source", "note", "original_unit") if c in frame]
    frame = frame.assign(**{name: frame[name].astype("Int64") for name in whole})
    return frame.assign(**{name: frame[name].astype(object).where(frame[name].notna(), "") for name in texts})


def cells(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the tidy table: one row per row of the comparison and park."""
    names = ["reference_year", "parks_with_figure", "park", "value", "year", "low", "high", "uncertainty"]
    frame = _readable(frame, ["facet", "indicator", "scope", "dimension"])
    tail = ["comparable", "reason", *_SOURCE[4:]]
    return _typed(frame)[[*_KEY, *names, *_SOURCE[:4], *tail]].reset_index(drop=True)


def wide(tidy: pd.DataFrame, parks: Sequence[str]) -> pd.DataFrame:
    """Return the main table: a row per indicator, scope and unit, five columns per park; rows that compare come first."""
    said = tidy["status"] + tidy["grade"].map(
        {"weak": "; weak source", "not graded": "; source not graded"}
    ).fillna("")
    tidy = tidy.assign(
        status=said.where(tidy["value"].notna(), ""), year=tidy["year"].where(tidy["value"].notna())
    )
    head = ["reference_year", "parks_with_figure"]
    grouped = tidy.groupby(_KEY, sort=False)
    apart = grouped["year"].max() - grouped["year"].min()
    rows = grouped[head].first().assign(years_apart=apart).reset_index()
    for park in parks:
        own = tidy.loc[tidy["park"] == park, [*_KEY, *_PER_PARK]]
        rows = rows.merge(
            own.rename(columns={name: f"{park}: {name}" for name in _PER_PARK}), on=_KEY, how="left"
        )
    compares = rows["parks_with_figure"] > 1
    why = rows.apply(lambda row: _undefined(row, parks), axis=1) if len(rows) else pd.Series(dtype=object)
    rows = rows.assign(undefined=why.where(~compares, ""), _last=~compares)
    return rows.sort_values("_last", kind="stable", ignore_index=True).drop(columns="_last")


def _undefined(row: pd.Series[Any], parks: Sequence[str]) -> str:
    reasons = [str(row[f"{park}: reason"]) for park in parks if pd.notna(row[f"{park}: value"])]
    return (
        reasons[0] if reasons else "not comparable: no park has a full-year result here that can be converted"
    )


def conflicts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the figures that differ between sources, those of one row, park and year together."""
    frame = _readable(frame, ["facet", "indicator", "scope", "dimension", "park", "year"])
    names = [
        "facet",
        "indicator",
        "scope",
        "park",
        "year",
        "kind",
        "value",
        "unit",
        *_SOURCE,
        "chosen",
        "ratio",
        "rule",
    ]
    return _typed(frame)[names].reset_index(drop=True)


def targets(frame: pd.DataFrame) -> pd.DataFrame:
    """Return targets, plans and forecasts; without a rate for their year they stay in their own currency."""
    frame = _readable(frame, ["facet", "indicator", "scope", "dimension", "park"])
    names = ["facet", "indicator", "scope", "park", "value", "unit", "year", *_SOURCE, "reason"]
    return _typed(frame.assign(reason=frame["problem"]))[names].reset_index(drop=True)


def left_out(frame: pd.DataFrame, taken: set[int], *, tables_of: pd.DataFrame) -> pd.DataFrame:
    """Return the results the comparison doesn't show, each with the reason."""
    shown = tables_of.dropna(subset=["figure"]).set_index("figure")
    years = {
        (*map(str, row[:4]), row[4]): row[5] for row in shown[[*_ROW, "park", "year"]].itertuples(index=False)
    }
    frame = frame[~frame.index.isin(taken)]
    reasons = [
        _why_not(status, problem, year, years.get((facet, indicator, scope, dimension, park)))
        for facet, indicator, scope, dimension, park, year, status, problem in frame[
            [*_ROW, "park", "year", "status", "problem"]
        ].itertuples(index=False)
    ]
    frame = _readable(
        frame.assign(reason=pd.Series(reasons, index=frame.index, dtype=object)), [*_ROW, "park"]
    )
    names = ["facet", "indicator", "scope", "park", "value", "unit", "year", *_SOURCE, "reason"]
    return _typed(frame)[names].reset_index(drop=True)


_ROW = ["facet", "indicator", "scope", "dimension"]


def _why_not(status: str, problem: str, year: int, shown: Any) -> str:
    if problem:
        return problem
    if status == "part-year":
        return "only part of a year"
    if shown is None:
        return "year too far from the other parks' figures"
    if int(shown) == year:
        return "another figure was chosen for this year, by grade, status and address"
    return f"the figure for {int(shown)} lies nearer to the row's year, or in its window"


def text(main: pd.DataFrame, tables: Mapping[str, pd.DataFrame], parks: Sequence[str]) -> str:
    """Say how much can be compared, what is doubtful, and who has only targets."""
    compared = int(main["undefined"].eq("").sum())
    shown = tables["cells"].dropna(subset=["value"])
    weak = int(shown["grade"].eq("weak").sum())
    disputed = tables["conflicts"].groupby(["facet", "indicator", "scope", "park", "year", "kind"]).ngroups
    first = (
        f"Of {len(main)} indicators published for these {len(parks)} parks, each with its scope, {compared} can be compared "
        "between at least two of them; the others stand alone or differ in scope, unit or year."
    )
    cases = f"{disputed} case" if disputed == 1 else f"{disputed} cases"
    second = f"{weak} of the {len(shown)} figures shown come from weak sources; sources contradict each other in {cases}."
    return " ".join([first, second, *_only_targets(tables, parks)])


def _only_targets(tables: Mapping[str, pd.DataFrame], parks: Sequence[str]) -> list[str]:
    """Say who has a target (plan, forecast) but no result with the same indicator and scope."""
    results = pd.concat([tables["cells"].dropna(subset=["value"]), tables["left_out"]])
    key = ["park", "indicator", "scope"]
    there = set(results[key].itertuples(index=False, name=None))
    aims = tables["targets"][key].itertuples(index=False, name=None)
    missing = sorted(
        {(park, indicator) for park, indicator, scope in aims if (park, indicator, scope) not in there}
    )
    said = [
        f"{park} ({', '.join(indicator.replace('_', ' ') for own, indicator in missing if own == park)})"
        for park in parks
        if park in {own for own, _ in missing}
    ]
    return [f"Targets or plans without a result of the same scope: {'; '.join(said)}."] if said else []


def warnings(
    tables: Mapping[str, pd.DataFrame], every: pd.DataFrame, parks: Sequence[str], currency: str
) -> list[str]:
    """Say what was converted, left out and missing."""
    out = tables["left_out"]
    counts = [
        (
            int(tables["cells"]["rate"].notna().sum()),
            f"amounts are nominal, in {currency} at the average rate of their year",
        ),
        (
            int(out["reason"].eq("only part of a year").sum()),
            "figures cover part of a year and are not compared",
        ),
        (
            int(out["reason"].str.startswith("not comparable").sum()),
            "figures have no exchange rate or an unreadable unit",
        ),
        (
            int(every["status"].isin(TARGETS).sum()),
            "targets, plans and forecasts are kept apart from results",
        ),
    ]
    said = [f"{count} {words}" for count, words in counts if count]
    return said + [f"no published figure of {park}" for park in parks if park not in set(every["park"])]


def fields(parks: Sequence[str], currency: str) -> dict[str, Field]:
    """Return what every column of every table means."""
    digits = {"value": 2, "low": 2, "high": 2, "ratio": 2, "rate": 4}
    common = {name: Field(meaning, "", digits.get(name)) for name, meaning in _MEANINGS.items()}
    common["rate"] = Field(_MEANINGS["rate"], f"{currency} per unit of the published currency", 4)
    own = {
        f"{park}: {name}": Field(
            f"{park}: {meaning}", "as in the column unit" if name == "value" else "", digits.get(name)
        )
        for park in parks
        for name, meaning in _PER_PARK.items()
    }
    return common | own
