"""Oracles: statsmodels' power of a normal test; Bloom's multiplier; the outcome's deviation by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from statsmodels.stats.power import NormalIndPower
from worlds import by_hand, drawn, effect

import technopole as tp
from technopole.errors import TechnopoleError, WrongOption

mde: Any = tp.checks.minimum_detectable_effect
ONE = by_hand({-2: 0.1, 0: 1.0}, np.eye(2), overall=(1.0, 0.5))


def contract_case() -> dict[str, Any]:
    return {"effect": effect("effect", count=120)}


def test_blooms_multiplier_and_statsmodels() -> None:
    """Bloom (1995): 2.8 standard errors for 80 % power at 5 %; exactly 1.959964 + 0.841621 = 2.801585."""
    found = mde(ONE, smallest=1.0)
    assert found.statistic == pytest.approx(0.5 * (1.959963984540054 + 0.8416212335729143), rel=1e-12)
    assert found.passed is False
    for row in found.table.itertuples():
        # one-sample form: ratio=0, effect in standard errors with one observation
        power = NormalIndPower().power(row.detectable / 0.5, nobs1=1, alpha=0.05, ratio=0)
        assert power == pytest.approx(row.power, abs=5e-5)  # the other tail counts there too
    exact = NormalIndPower().power(2.0, nobs1=1, alpha=0.05, ratio=0)
    assert found.against["power_at_smallest"].iloc[0] == pytest.approx(exact, rel=1e-9)


def test_it_doesnt_depend_on_the_estimate() -> None:
    other = by_hand({-2: 0.1, 0: 9.0}, np.eye(2), overall=(9.0, 0.5))
    assert mde(other, smallest=1.0).statistic == mde(ONE, smallest=1.0).statistic


def test_what_matters_by_convention() -> None:
    logs = effect("effect", count=120)
    assert mde(logs).finding["threshold"].iloc[0] == pytest.approx(np.log(1.05), rel=1e-12)
    table = drawn("effect", count=120)
    counts = effect("effect", count=120, outcome="patents")
    frame = table.to_pandas()
    outside = frame[(frame["entered"] == 0) | (frame["year"] < frame["entered"])]
    assert mde(counts, table).finding["threshold"].iloc[0] == pytest.approx(
        outside["patents"].std() / 10, rel=1e-12
    )
    with pytest.raises(TechnopoleError, match="isn't known without the table"):
        mde(counts)


def test_passed_where_it_could_have_been_seen() -> None:
    assert mde(ONE, smallest=1.5).passed is True
    assert mde(ONE, smallest=1.5, power=0.95).passed is False


def test_bad_requests() -> None:
    for options in ({"smallest": 0.0}, {"power": 0.0}):
        with pytest.raises(WrongOption):
            mde(ONE, **options)
    with pytest.raises(TechnopoleError, match="no standard error"):
        mde(by_hand({-2: 0.1, 0: 1.0}, np.eye(2), overall=(1.0, float("nan"))), smallest=1.0)
