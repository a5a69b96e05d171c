"""Oracles: Lakens (2017) for Welch's test; Agresti & Caffo's interval; level_gap's regression; cases by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_up import effect as made
from scipy import stats

import technopole as tp
from technopole.errors import EmptyTable, TechnopoleError, WrongOption
from technopole.result import EffectResult

equivalence: Any = tp.effects.equivalence  # takes frames too


def contract_case() -> dict[str, Any]:
    return {"outcome": "log_sales", "bound": 0.5}


def effect(estimate: float = 0.1, std_error: float = 0.05, **overall: float) -> EffectResult:
    found = made("log_sales", estimate, error=std_error)
    return replace(found, frames={**found.frames, "overall": found.frames["overall"].assign(**overall)})


def survey(inside: Any, outside: Any, **more: Any) -> pd.DataFrame:
    """One year; firms in a park, then others."""
    y = [*inside, *outside]
    entered = [2010] * len(inside) + [0] * len(outside)
    return pd.DataFrame(
        {"firm": [f"f{i:04d}" for i in range(len(y))], "year": 2020, "entered": entered, "y": y, **more}
    )


def spread(n: int, mean: float, sd: float) -> np.ndarray:
    """n values with exactly this mean and standard deviation."""
    raw = np.arange(n, dtype=float)
    return mean + sd * (raw - raw.mean()) / raw.std(ddof=1)


def test_lakens_2017() -> None:
    """Lakens (2017), Social Psychological and Personality Science 8(4), independent samples: t(182) = -2.69, p = .004, d bounds 0.43."""
    bound = 0.43 * math.sqrt((0.95**2 + 0.83**2) / 2)
    found = equivalence(survey(spread(95, 5.25, 0.95), spread(89, 5.22, 0.83)), outcome="y", bound=bound)
    row = found.equivalence.iloc[0]
    assert round((found.estimate - bound) / found.std_error, 2) == -2.69
    assert round(row["p_value"], 3) == 0.004 and row["equivalent"] == "yes"
    assert row["p_value"] == row["p_value_upper"] > row["p_value_lower"]
    assert "equivalent, which is a finding" in found.text


def test_means_by_hand() -> None:
    """1..4 against the same plus 0.1: both variances 5/3, so 6 degrees of freedom and a standard error of sqrt(5/6)."""
    found = equivalence(survey([1.1, 2.1, 3.1, 4.1], [1.0, 2, 3, 4]), outcome="y", bound=3)
    row, error = found.equivalence.iloc[0], math.sqrt(5 / 6)
    assert found.std_error == pytest.approx(error, rel=1e-12)
    assert row["p_value_lower"] == pytest.approx(stats.t.sf(3.1 / error, 6), rel=1e-10)
    assert row["p_value_upper"] == pytest.approx(stats.t.sf(2.9 / error, 6), rel=1e-10)
    assert row["tost_high"] == pytest.approx(0.1 + stats.t.ppf(0.95, 6) * error, rel=1e-10)
    assert row["smallest_bound"] == row["tost_high"]
    assert found.high == pytest.approx(0.1 + stats.t.ppf(0.975, 6) * error, rel=1e-10)
    assert found.groups["mean"].tolist() == pytest.approx([2.6, 2.5], rel=1e-12)


def test_shares() -> None:
    """56 of 70 against 48 of 80: Agresti & Caffo's 0.0525 to 0.3358 (DescTools), which is Wald's with 57/72 and 49/82."""
    table = survey([1] * 56 + [0] * 14, [1] * 48 + [0] * 32)
    found = equivalence(table, outcome="y", bound=0.35, scale="shares")
    assert found.estimate == pytest.approx(0.2, rel=1e-12)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0525, 0.3358)
    p, q = 57 / 72, 49 / 82
    error = math.sqrt(p * (1 - p) / 72 + q * (1 - q) / 82)
    row = found.equivalence.iloc[0]
    assert row["p_value_upper"] == pytest.approx(stats.norm.cdf((p - q - 0.35) / error), rel=1e-10)
    assert row["p_value_lower"] == pytest.approx(stats.norm.sf((p - q + 0.35) / error), rel=1e-6)
    assert row["equivalent"] == "yes"
    assert "differs from zero, but not enough to matter" in found.text


def test_three_answers_of_an_effect() -> None:
    """An effect of 0.1 with standard error 0.05: 0.2 contains 0.1 + 1.645 0.05, 0.18 doesn't, 0.01 lies below 0.1 - 1.645 0.05."""
    said = {
        bound: equivalence(effect(estimate=0.1, std_error=0.05), bound=bound) for bound in (0.2, 0.18, 0.01)
    }
    assert [r.equivalence["equivalent"].iloc[0] for r in said.values()] == ["yes", "cannot tell", "no"]
    assert said[0.2].equivalence["p_value"].iloc[0] == pytest.approx(stats.norm.sf(2), rel=1e-6)
    assert said[0.2].estimate == 0.1 and said[0.2].outcome == effect().outcome
    assert "only for a bound of 0.182 or more" in said[0.18].text
    assert "not equivalent" in said[0.01].text


def test_effect_keeps_its_degrees_of_freedom() -> None:
    """An interval of Student's with 9 degrees of freedom is tested with 9."""
    reach = float(stats.t.ppf(0.975, 9)) * 0.05
    found = equivalence(effect(estimate=0.1, std_error=0.05, low=0.1 - reach, high=0.1 + reach), bound=0.2)
    assert found.equivalence["p_value"].iloc[0] == pytest.approx(stats.t.sf(2, 9), rel=1e-8)


def panel() -> pd.DataFrame:
    random = np.random.default_rng(3)
    rows = [
        (f"f{i:02d}", year, 2012 if i < 20 else 0, random.normal())
        for i in range(50)
        for year in (2011, 2012, 2013)
    ]
    return pd.DataFrame(rows, columns=["firm", "year", "entered", "y"])


def test_several_years_as_a_dummy_regression() -> None:
    """Against least squares with year dummies, clustered by firm, written out."""
    rows = panel()
    found = equivalence(rows, outcome="y", bound=0.5)
    years = pd.get_dummies(rows["year"], dtype=float).to_numpy()
    design = np.column_stack([(rows["entered"] > 0) & (rows["year"] >= rows["entered"]), years]).astype(float)
    bread = np.linalg.inv(design.T @ design)
    beta = bread @ design.T @ rows["y"].to_numpy()
    scores = (
        pd.DataFrame(design * (rows["y"].to_numpy() - design @ beta)[:, None])
        .groupby(rows["firm"])
        .sum()
        .to_numpy()
    )
    variance = bread @ scores.T @ scores @ bread * 50 / 49 * 149 / 146
    assert found.estimate == pytest.approx(beta[0], rel=1e-10)
    assert found.std_error == pytest.approx(math.sqrt(variance[0, 0]), rel=1e-10)
    assert found.equivalence["p_value_upper"].iloc[0] == pytest.approx(
        stats.t.cdf((beta[0] - 0.5) / found.std_error, 49), rel=1e-8
    )
    assert found.overall[["units", "treated", "controls"]].iloc[0].tolist() == [50, 20, 30]


def test_park_names_do_where_entry_is_unknown() -> None:
    rows = survey([1.1, 2.1, 3.1, 4.1], [1.0, 2, 3, 4])
    named = rows.assign(park=pd.Series(["Almaty" if year else None for year in rows["entered"]])).drop(
        columns="entered"
    )
    assert equivalence(named, outcome="y", bound=3).equivalence.equals(
        equivalence(rows, outcome="y", bound=3).equivalence
    )
    with pytest.raises(TechnopoleError, match="nothing says which firms"):
        equivalence(rows.drop(columns="entered"), outcome="y", bound=3)


def test_graduates_are_left_out() -> None:
    rows = panel().assign(left=lambda t: np.where(t["entered"] > 0, 2013, 0))
    found = equivalence(rows, outcome="y", bound=0.5)
    assert found.overall["observations"].iloc[0] == 130
    assert any(
        "20 of 150 rows (0 units) dropped: from the year on in which the unit left" in said
        for said in found.warnings
    )


def test_undefined() -> None:
    same = equivalence(survey([1.0, 1], [1.0, 1]), outcome="y", bound=1)
    assert same.equivalence["equivalent"].iloc[0] == "cannot tell" and "no standard error" in same.text
    alone = equivalence(survey([1.0], [1.0, 2]), outcome="y", bound=1)
    assert "fewer than two" in alone.table["undefined"].iloc[0]
    bare = equivalence(effect(std_error=math.nan), bound=1)
    assert bare.equivalence["undefined"].iloc[0] == "the effect has no standard error"


def test_errors() -> None:
    rows = panel()
    for wrong in ({"bound": 0}, {"bound": 0.1, "level": 0.4}, {"bound": 0.1, "scale": "shares"}):
        with pytest.raises(WrongOption):
            equivalence(rows, outcome="y", **wrong)
    with pytest.raises(WrongOption, match="one year"):
        equivalence(rows.assign(y=1.0), outcome="y", bound=0.1, scale="shares")
    with pytest.raises(WrongOption, match="by an outcome"):
        equivalence(rows, bound=0.1)
    with pytest.raises(WrongOption, match="another outcome"):
        equivalence(effect(), bound=0.1, outcome="wages")
    with pytest.raises(EmptyTable, match="2011 to 2013"):
        equivalence(rows, outcome="y", bound=0.1, year=1999)


def test_on_the_command_line_of_a_file_or_a_saved_effect(tmp_path: Any, capsys: Any) -> None:
    from technopole.cli.member import command

    effect().save(tmp_path / "effect")
    survey([1.1, 2.1, 3.1, 4.1], [1.0, 2, 3, 4]).to_csv(tmp_path / "firms.csv", index=False)
    run = command("effects", "equivalence")
    run(args=[str(tmp_path / "effect"), "--bound", "0.2"], standalone_mode=False)
    assert "smaller than 0.2 either way" in capsys.readouterr().out
    run(args=[str(tmp_path / "firms.csv"), "--outcome", "y", "--bound", "3"], standalone_mode=False)
    assert "smaller than 3 either way" in capsys.readouterr().out
