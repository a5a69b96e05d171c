"""Invariants of every measure (N7): what must not change when the table is turned, renamed, scaled or padded."""

from __future__ import annotations

import inspect

import numpy as np
import pandas as pd
import pytest
from cases import arguments, once, run, table_parameters, twin

import technopole as tp
from technopole import rooms

pytestmark = pytest.mark.slow

# Columns that carry the size of the sample, and so change when the values are scaled.
SIZE = {"value", "low", "high", "z", "p_value", "q_value", "change", "national", "industry_mix", "regional"}
# A twin says which invariants don't hold for its measure, and why: exempt = {"scale": "a minimum number of jobs ..."}.
INVARIANTS = ("permute", "rename", "empty place", "scale", "merge", "split")


def stop_if_exempt(measure: str, invariant: str) -> None:
    said = getattr(twin(measure), "exempt", {})
    assert set(said) <= set(INVARIANTS), f"no such invariant: {set(said) - set(INVARIANTS)}"
    if invariant in said:
        pytest.skip(f"{invariant}: {said[invariant]}")


def table_of(measure: str) -> tuple[str, pd.DataFrame]:
    parameter = next(iter(table_parameters(measure)))
    return parameter, arguments(measure)[parameter].to_pandas()


def compare(
    measure: str, changed: pd.DataFrame, *, drop: set[str] = frozenset(), rename: dict[str, str] | None = None
) -> None:
    parameter, _ = table_of(measure)
    before = once(measure).table.copy()
    after = run(measure, **{parameter: changed}).table
    keys = [
        c
        for c in before.columns
        if c
        in (
            "establishment_id",
            "place",
            "industry",
            "industry_a",
            "industry_b",
            "group",
            "year",
            "force",
            "distance_km",
            "cluster",
        )
    ]
    if rename:
        for key in keys:
            before[key] = before[key].replace(rename)
        if {"industry_a", "industry_b"} <= set(keys):
            pair = before[["industry_a", "industry_b"]].apply(sorted, axis=1, result_type="expand")
            before[["industry_a", "industry_b"]] = pair.to_numpy()
    columns = keys + [
        c
        for c in before.columns
        if c not in drop and c not in keys and pd.api.types.is_numeric_dtype(before[c])
    ]
    merged = before[columns].sort_values(keys).reset_index(drop=True)
    kept = after[columns].merge(merged[keys], on=keys).sort_values(keys).reset_index(drop=True)
    assert len(kept) == len(merged)
    pd.testing.assert_frame_equal(kept, merged, check_dtype=False, rtol=1e-12, atol=1e-13)


def test_permuting_rows_changes_nothing(measure: str) -> None:
    stop_if_exempt(measure, "permute")
    _, frame = table_of(measure)
    compare(measure, frame.sample(frac=1, random_state=3))


def test_renaming_places_changes_nothing(measure: str) -> None:
    stop_if_exempt(measure, "rename")
    _, frame = table_of(measure)
    names = {place: f"z{99 - i:02d}" for i, place in enumerate(sorted(frame["place"].unique()))}
    compare(measure, frame.assign(place=frame["place"].replace(names)), rename=names)


def test_a_place_without_activity_changes_nothing(measure: str) -> None:
    stop_if_exempt(measure, "empty place")
    _, frame = table_of(measure)
    empty = frame[frame["place"] == frame["place"].iloc[0]].assign(place="zzz")
    numbers = [
        c
        for c in empty.columns
        if pd.api.types.is_numeric_dtype(empty[c]) and c not in ("year", "longitude", "latitude")
    ]
    empty[numbers] = 0
    if "establishment_id" in empty:
        empty["establishment_id"] = "z" + empty["establishment_id"]
    compare(measure, pd.concat([frame, empty], ignore_index=True))


def test_scaling_the_value_changes_nothing(measure: str) -> None:
    stop_if_exempt(measure, "scale")
    _, frame = table_of(measure)
    compare(measure, frame.assign(employment=frame["employment"] * 8), drop=SIZE)


def test_merging_the_codes_of_a_sector_changes_nothing(measure: str) -> None:
    """An industry given in two halves, under two codes of a sector, is the industry."""
    stop_if_exempt(measure, "merge")
    parameter, frame = table_of(measure)
    if "sector" not in inspect.signature(rooms.load(measure)).parameters or parameter != "activity":
        pytest.skip("takes no sector, or plants, which can't be cut in two")
    function, given = rooms.load(measure), arguments(measure)
    whole = frame.assign(employment=frame["employment"] * 2).drop(columns="establishments")
    first = whole["industry"].iloc[0]
    here = whole["industry"] == first
    halves = [whole[here].assign(industry=f"{first}{i}", employment=frame["employment"]) for i in "ab"]
    sector = tp.sector("merged", scheme="mine", codes=[first])
    one = function(**{**given, parameter: whole, "sector": sector}).table
    two = function(**{**given, parameter: pd.concat([whole[~here], *halves]), "sector": sector}).table
    pd.testing.assert_frame_equal(two, one, check_dtype=False, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("column", ["location_quotient", "krugman", "herfindahl", "related", "unrelated"])
def test_splitting_a_place_leaves_its_parts_as_they_were(measure: str, column: str) -> None:
    """Two halves with the mix of the whole have the whole's quotients and indices."""
    stop_if_exempt(measure, "split")
    parameter, frame = table_of(measure)
    before = once(measure).table
    if "place" not in before or column not in before:
        pytest.skip("says nothing of this kind about single places")
    chosen = frame["place"].iloc[0]
    doubled = frame.assign(employment=frame["employment"] * 2)
    here = doubled["place"] == chosen
    halves = [doubled[here].assign(place=f"{chosen}{i}", employment=frame["employment"]) for i in "ab"]
    after = run(measure, **{parameter: pd.concat([doubled[~here], *halves])}).table
    for part in "ab":
        left = after[after["place"] == f"{chosen}{part}"][column].to_numpy()
        np.testing.assert_allclose(left, before[before["place"] == chosen][column].to_numpy(), rtol=1e-12)
