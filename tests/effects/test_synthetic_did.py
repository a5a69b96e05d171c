"""Oracles: Proposition 99 as published, a jackknife by hand, noiseless parallel worlds where the truth is known."""

from __future__ import annotations

import itertools
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import EmptyTable, MissingColumn, TechnopoleError, WrongOption

synthetic_did: Any = tp.effects.synthetic_did  # takes frames too


def contract_case() -> dict[str, object]:
    return {"outcome": "log_sales"}


def world(
    noise: float = 0.0, seed: int = 1, cohorts: tuple[int, ...] = (2006, 2006, 2008, 2008)
) -> pd.DataFrame:
    """Units with a common wave; those that enter rise by 2 (2006) or 5 (2008)."""
    random = np.random.default_rng(seed)
    entered = [*cohorts, *[0] * 16]
    wave = random.normal(0, 1, 10).cumsum()
    rows = [
        (f"u{i:02d}", 2000 + t, g, i + wave[t] + {0: 0, 2006: 2, 2008: 5}[g] * (2000 + t >= g > 0) + random.normal(0, noise))
        for (i, g), t in itertools.product(enumerate(entered), range(10))
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["firm", "year", "entered", "jobs"])


@pytest.mark.slow
def test_parallel_world_gives_the_truth_by_cohort() -> None:
    found = synthetic_did(world(1e-9), outcome="jobs")
    assert found.table["group"].tolist() == [2006, 2008]
    assert found.table["estimate"].tolist() == pytest.approx([2, 5], abs=1e-6)
    assert found.table["did"].tolist() == pytest.approx([2, 5], abs=1e-6)
    # 2 units in 4 years of 2, and 2 units in 2 years of 5
    assert found.estimate == pytest.approx((8 * 2 + 4 * 5) / 12, abs=1e-6)
    for _, weights in found.unit_weights.groupby("group"):
        assert weights["weight"].sum() == pytest.approx(1)
        assert len(weights) == 16
    assert found.time_weights.groupby("group")["weight"].sum().tolist() == pytest.approx([1, 1])
    timed = found.placebos[found.placebos["kind"] == "time"]
    assert timed["estimate"].to_numpy() == pytest.approx(np.zeros(len(timed)), abs=1e-6)


def test_jackknife_of_one_cohort_by_hand() -> None:
    """The square root of (n - 1) / n times the squared deviations of the estimates without each unit is diff-diff's own standard error."""
    one = synthetic_did(world(0.3, cohorts=(2006, 2006, 2006)), outcome="jobs")
    from diff_diff import SyntheticDiD

    table = world(0.3, cohorts=(2006, 2006, 2006))
    table["treated"] = (table["entered"] > 0).astype(int)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = SyntheticDiD(variance_method="jackknife", seed=0).fit(
            table,
            outcome="jobs",
            treatment="treated",
            unit="firm",
            time="year",
            post_periods=[2006, 2007, 2008, 2009],
        )
    left = fit.get_loo_effects_df()["att_loo"].to_numpy()
    assert one.estimate == pytest.approx(fit.att, rel=1e-12)
    assert one.std_error == pytest.approx(np.sqrt(18 / 19 * ((left - left.mean()) ** 2).sum()), rel=1e-9)


def test_jackknife_over_cohorts_lies_below_the_bound() -> None:
    found = synthetic_did(world(0.3), outcome="jobs")
    share = np.array([8, 4]) / 12
    errors = found.table["std_error"].to_numpy()
    assert 0.3 * share @ errors < found.std_error < share @ errors
    placebo = synthetic_did(world(0.3), outcome="jobs", inference="placebo", replications=50)
    assert placebo.estimate == found.estimate
    assert placebo.std_error == pytest.approx(share @ placebo.table["std_error"].to_numpy())
    assert any("share their controls" in said for said in placebo.warnings)
    assert (placebo.placebos["kind"] == "space").sum() == 100


@pytest.mark.slow
def test_proposition_99(shared_data: Path) -> None:
    """Arkhangelsky et al. (2021), table 1: synthetic difference-in-differences -15.6 (8.4), difference-in-differences -27.3. Standard errors from
    200 placebo draws of 38 states vary with the draw: all 38 once give 9.4."""
    table = pd.read_csv(shared_data / "causal-synthetic-control" / "california_prop99.csv.gz")
    table = table.rename(columns={"State": "firm", "Year": "year", "PacksPerCapita": "packs"})
    table["entered"] = np.where(table["firm"] == "California", 1989, 0)
    found = synthetic_did(table, outcome="packs")
    assert found.estimate == pytest.approx(-15.604, abs=5e-4)
    assert round(found.table["did"].iloc[0], 1) == -27.3
    draws = found.placebos.loc[found.placebos["kind"] == "space", "estimate"].round(6)
    assert draws.nunique() == 38
    assert np.std(draws.unique()) == pytest.approx(9.37, abs=0.01)
    assert 8 < found.std_error < 11
    # R's synthdid: largest weights Nevada 0.124, New Hampshire 0.105, Connecticut 0.078; years 1986 0.366, 1987 0.206, 1988 0.427
    assert found.unit_weights["unit"].head(3).tolist() == ["Nevada", "New Hampshire", "Connecticut"]
    assert found.unit_weights["weight"].head(3).round(3).tolist() == [0.124, 0.105, 0.078]
    assert found.time_weights["weight"].tail(3).round(3).tolist() == [0.366, 0.206, 0.427]


def test_units_with_holes_are_dropped_and_counted() -> None:
    table = world(0.1)
    table = table[~((table["firm"] == "u19") & (table["year"] == 2003))]
    found = synthetic_did(table, outcome="jobs")
    assert found.sample["units"].tolist() == [20, 19]
    assert any("not seen in each of the 10 years" in said for said in found.warnings)


@pytest.mark.slow
def test_row_order_changes_nothing() -> None:
    one, other = (
        synthetic_did(t, outcome="jobs") for t in (world(0.2), world(0.2).sample(frac=1, random_state=3))
    )
    for name, frame in one.frames.items():
        pd.testing.assert_frame_equal(frame, other.frames[name], check_exact=True)


@pytest.mark.parametrize(
    ("change", "options", "kind", "words"),
    [
        ({"entered": 0}, {}, WrongOption, "nobody enters"),
        ({"entered": 2006}, {}, TechnopoleError, "no control"),
        ({"jobs": np.nan}, {}, EmptyTable, "empty in every row"),
        ({}, {"outcome": "sales"}, MissingColumn, "sales"),
        ({}, {"level": 0.0}, WrongOption, "level"),
        ({}, {"replications": 1}, WrongOption, "50 or more"),
    ],
)
def test_bad_input(
    change: dict[str, Any], options: dict[str, Any], kind: type[TechnopoleError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        synthetic_did(world().assign(**change), **{"outcome": "jobs", **options})


def test_too_few_years_units_or_controls() -> None:
    with pytest.raises(WrongOption, match="2 years before"):
        synthetic_did(world()[lambda t: t["year"] >= 2007].assign(entered=lambda t: t["entered"].clip(upper=0) + 2008 * (t["entered"] > 0)),
                      outcome="jobs")  # fmt: skip
    alone = world(0.1, cohorts=(2006,))
    with pytest.raises(WrongOption, match="no jackknife"):
        synthetic_did(alone, outcome="jobs", inference="jackknife")
    crowd = world(0.1)[lambda t: t["firm"] < "u06"]
    with pytest.raises(TechnopoleError, match="more controls than treated"):
        synthetic_did(crowd, outcome="jobs", inference="placebo")
    none_whole = world(0.1)[lambda t: (t["year"] + t["firm"].str[1:].astype(int)) % 10 > 0]
    with pytest.raises(EmptyTable, match="no unit is seen in every year"):
        synthetic_did(none_whole, outcome="jobs")
