"""Oracles: published intervals of HonestDiD (smoothness); the library on its own result; the published breakdown."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from worlds import by_hand, drawn, effect

import technopole as tp
from technopole.errors import TechnopoleError, WrongOption
from technopole.libraries import library

sensitivity: Any = tp.checks.sensitivity
KERNEL = Path(__file__).resolve().parents[1] / "kernels" / "test_relative_magnitudes.py"
# README of HonestDiD, createSensitivityResults on the Medicaid example: M -> interval of the year of entry.
SMOOTH = {0.0: (0.0259, 0.0607), 0.01: (0.0132, 0.0787), 0.02: (0.00286, 0.0907), 0.03: (-0.00714, 0.101)}


def medicaid() -> Any:
    spec = importlib.util.spec_from_file_location("medicaid", KERNEL)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    times = [-6, -5, -4, -3, -2, 0, 1]
    return by_hand(dict(zip(times, module.MEDICAID, strict=True)), module.COVARIANCE, overall=(0.046, 0.009))


def contract_case() -> dict[str, Any]:
    return {"effect": effect("effect", count=100, years=6, cohorts=1), "target": "first"}


@pytest.mark.slow
def test_medicaid_as_published() -> None:
    """Breakdown of relative magnitudes about 2, of smoothness between 0.02 and 0.03 (README of HonestDiD)."""
    found = sensitivity(medicaid(), target="first")
    breakdown = found.breakdowns.set_index("restriction")["breakdown"]
    assert breakdown["relative_magnitudes"] == pytest.approx(1.95, abs=0.06)
    assert 0.02 < breakdown["smoothness"] < 0.03
    assert found.passed is True
    zero = found.table[(found.table["restriction"] == "smoothness") & (found.table["allowed"] == 0)].iloc[0]
    assert (zero["low"], zero["high"]) == pytest.approx(SMOOTH[0.0], abs=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("allowed", SMOOTH)
def test_smoothness_as_published(allowed: float) -> None:
    from technopole.checks._event_times import as_library_takes_it, event_times

    model = library("diff_diff").HonestDiD(method="smoothness", M=allowed, l_vec=np.array([1.0, 0.0]))
    fitted = model.fit(as_library_takes_it(event_times(medicaid())))
    assert (fitted.ci_lb, fitted.ci_ub) == pytest.approx(
        SMOOTH[allowed], abs=6e-4 if allowed > 0.02 else 1e-4
    )


@pytest.mark.slow
def test_equals_the_library_on_its_own_result() -> None:
    """Smoothness with M = 0 on diff-diff's CallawaySantAnna, whose covariance its own aggregation gives."""
    table = drawn("effect", count=200, years=6)
    frame = table.to_pandas().assign(unit=lambda rows: pd.factorize(rows["firm"])[0])
    model = library("diff_diff").CallawaySantAnna(base_period="universal")
    fitted = model.fit(frame, outcome="log_sales", unit="unit", time="year", first_treat="entered")
    theirs = library("diff_diff").HonestDiD(method="smoothness", M=0.0).fit(fitted.aggregate("event_study"))
    found = sensitivity(effect("effect", count=200, years=6))
    ours = found.table[(found.table["restriction"] == "smoothness") & (found.table["allowed"] == 0)].iloc[0]
    assert (ours["low"], ours["high"]) == pytest.approx((theirs.ci_lb, theirs.ci_ub), abs=1e-6)


@pytest.mark.slow
def test_against_the_year_before_it_is_estimated_again() -> None:
    varying, table = effect("effect", count=120, years=5, base="varying"), drawn("effect", count=120, years=5)
    again = sensitivity(varying, table, target="first")
    once = sensitivity(effect("effect", count=120, years=5), target="first")
    pd.testing.assert_frame_equal(again.table, once.table)
    with pytest.raises(TechnopoleError, match="needs the table"):
        sensitivity(varying)


def test_no_effect_to_lose_cannot_tell() -> None:
    found = sensitivity(by_hand({-2: 0.1, 0: 0.1}, np.eye(2)))
    assert found.passed is None
    assert "nothing that parting trends could undo" in found.text
    assert found.breakdowns["undefined"].ne("").all()


def test_the_threshold_is_above_0() -> None:
    with pytest.raises(WrongOption, match="above 0"):
        sensitivity(by_hand({-2: 0.1, 0: 3.0}, np.eye(2)), threshold=-1)


def test_a_gap_next_to_the_year_of_reference_is_refused() -> None:
    with pytest.raises(TechnopoleError, match="next to the year of reference"):
        sensitivity(by_hand({-3: 0.1, 0: 3.0}, np.eye(2)))


def test_years_beyond_a_gap_are_left_out() -> None:
    """Event time 3 after a missing 2 can't be followed from year to year: the average is over 0 and 1."""
    found = sensitivity(by_hand({-2: 0.1, 0: 3.0, 1: 5.0, 3: 90.0}, 0.01 * np.eye(4)))
    row = found.table[found.table["allowed"] == 0].iloc[0]
    assert row["set_low"] == pytest.approx(4.0, rel=1e-12)
