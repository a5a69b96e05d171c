"""Related and unrelated variety: hand-worked cases, brute force, and the identity of the decomposition."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import UnknownName, WrongOption

PARTS = ["related", "unrelated", "total"]

exempt = {"merge": "is about the codes within the sector"}


def place(rows: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame({"place": "A", "industry": list(rows), "employment": list(rows.values())})


def of(frame: pd.DataFrame, **options: object) -> pd.Series:
    return tp.measures.variety(frame, **options).table.set_index("place").loc["A"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ({"2611": 5, "2612": 5, "2711": 5, "2712": 5}, [1, 1, 2]),
        ({"2611": 4, "2612": 4, "2711": 8}, [0.5, 1, 1.5]),
        ({"2611": 1, "2711": 1, "2811": 2}, [0, 1.5, 1.5]),
        ({"2611": 9}, [0, 0, 0]),
    ],
)
def test_by_hand(rows: dict[str, float], expected: list[float]) -> None:
    assert list(of(place(rows))[PARTS]) == pytest.approx(expected, rel=1e-12)


def test_brute_force() -> None:
    """The sums of Frenken, Van Oort & Verburg (2007), group by group, in plain Python."""
    random = np.random.default_rng(8)
    codes = [f"{group}{item}" for group in (10, 26, 27, 62) for item in (11, 12, 20, 90)]
    values = dict(zip(codes, random.integers(1, 500, len(codes)).tolist(), strict=True))
    whole = sum(values.values())
    groups: dict[str, list[float]] = {}
    for code, value in values.items():
        groups.setdefault(code[:2], []).append(value / whole)
    unrelated = sum(sum(g) * math.log2(1 / sum(g)) for g in groups.values())
    related = sum(sum(g) * sum(p / sum(g) * math.log2(sum(g) / p) for p in g) for g in groups.values())
    total = -sum(v / whole * math.log2(v / whole) for v in values.values())
    assert list(of(place(values))[PARTS]) == pytest.approx([related, unrelated, total], rel=1e-12)


def test_dots_and_levels() -> None:
    """26.11 and 2612 are one group; shortened to three digits they are one industry."""
    rows = place({"26.11": 4, "2612": 4, "27.40": 8})
    assert list(of(rows)[PARTS]) == pytest.approx([0.5, 1, 1.5], rel=1e-12)
    assert list(of(rows, digits=3)[PARTS]) == pytest.approx([0, 1, 1], rel=1e-12)
    assert list(of(rows, group_digits=3)[PARTS]) == pytest.approx([0.5, 1, 1.5], rel=1e-12)


def test_own_groups() -> None:
    rows = place({"a": 4, "b": 4, "c": 8})
    assert list(of(rows, groups={"a": "one", "b": "two", "c": "two"})[PARTS]) == pytest.approx(
        [0.75 * (math.log2(3) - 2 / 3), 0.25 * 2 + 0.75 * math.log2(4 / 3), 1.5], rel=1e-12
    )
    with pytest.raises(UnknownName, match="lacks a code"):
        of(rows, groups={"a": "one", "b": "two"})


def test_within_a_sector() -> None:
    """Half of 2612 counts: shares 1/2 and 1/2 of what is in the sector."""
    mine = tp.sector("mine", scheme="own", codes={"2611": 1.0, "2612": 0.5})
    found = of(place({"2611": 4, "2612": 8, "9999": 100}), sector=mine)
    assert list(found[PARTS]) == pytest.approx([1, 0, 1], rel=1e-12)
    assert found["industries"] == 2


def test_merging_equal_industries_lowers_related_variety_by_their_share() -> None:
    split, merged = place({"2611": 2, "2612": 2, "2711": 4}), place({"2611": 4, "2711": 4})
    assert of(split)["related"] - of(merged)["related"] == pytest.approx(0.5, rel=1e-12)
    assert of(split)["unrelated"] == pytest.approx(of(merged)["unrelated"], rel=1e-12)


def test_undefined_and_withheld() -> None:
    frame = pd.DataFrame(
        {
            "place": ["A", "A", "B", "C"],
            "industry": ["2611", "2612", "2611", "2611"],
            "employment": [10, None, 0, None],
            "employment_low": [10, 0, 0, None],
            "employment_high": [10, 20, 0, None],
        }
    )
    table = tp.measures.variety(frame).table.set_index("place")
    assert list(table.loc["A", PARTS]) == pytest.approx([1, 0, 1], rel=1e-12)
    assert table.loc["A", "suppressed_share"] == pytest.approx(0.5, rel=1e-12)
    assert table.loc["B", "undefined"] == "the place has no employment"
    assert table.loc["C", "undefined"] == "withheld values without an upper bound: 1"
    shortened = tp.measures.variety(frame, digits=3).table.set_index("place")
    assert shortened.loc["A", "suppressed_share"] == pytest.approx(0.5, rel=1e-12)
    assert shortened.loc["C", "undefined"] == "withheld values without an upper bound: 1"


def test_wrong_digits() -> None:
    with pytest.raises(WrongOption, match="group_digits"):
        of(place({"2611": 1}), group_digits=3, digits=3)
    with pytest.raises(WrongOption, match="group_digits"):
        of(place({"2611": 1}), group_digits=0)
