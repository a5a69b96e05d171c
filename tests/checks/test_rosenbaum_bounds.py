"""Oracles: Rosenbaum's example put through the whole path, bounds at the answer, simulated worlds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

import technopole as tp
from technopole.errors import TechnopoleError, WrongOption

compare: Any = tp.effects.matched_comparison
bounds: Any = tp.checks.rosenbaum_bounds

# Lead in the blood of 33 children of exposed workers and of their matched neighbours (Morton and others 1982).
EXPOSED = [38, 23, 41, 18, 37, 36, 23, 62, 31, 34, 24, 14, 21, 17, 16, 20, 15, 10, 45, 39, 22, 35, 49, 48, 44, 35, 43, 39,
           34, 13, 73, 25, 27]  # fmt: skip
OTHERS = [16, 18, 18, 24, 19, 11, 10, 15, 16, 18, 18, 13, 19, 10, 16, 16, 24, 13, 9, 14, 21, 19, 7, 18, 19, 12, 11, 22, 25,
          16, 13, 11, 13]  # fmt: skip


def paired(inside: Any, outside: Any) -> pd.DataFrame:
    """Pairs that matching finds again, as both have the pair's number."""
    count = len(inside)
    return pd.DataFrame(
        {
            "firm": [f"f{i:03d}" for i in range(2 * count)],
            "year": 2020,
            "entered": [2019] * count + [0] * count,
            "pair": [*range(count)] * 2,
            "y": np.array([*inside, *outside], float),
        }
    )


def matched(table: pd.DataFrame, **options: Any) -> Any:
    return compare(table, outcome="y", on=["pair"], replace=False, **options)


def contract_case() -> dict[str, Any]:
    table = paired(EXPOSED, OTHERS)
    return {"effect": matched(table), "table": tp.tables.Firms.of(table)}


@pytest.mark.slow
def test_lead_in_blood() -> None:
    """Rosenbaum (2002), section 4.3.3: 0.0018, 0.0136, 0.0388 at gamma 2, 3, 4; 0.0468 at 4.25."""
    table = paired(EXPOSED, OTHERS)
    found = bounds(matched(table), table, gamma=4.25)
    p_high = found.table.set_index("gamma")["p_high"]
    assert p_high.loc[[2, 3, 4, 4.25, 5]].round(4).tolist() == [0.0018, 0.0136, 0.0388, 0.0468, 0.0740]
    at = bounds(matched(table), table, gamma=found.statistic)
    assert at.finding["p_value"].iloc[0] == pytest.approx(0.025, rel=1e-6)
    assert bounds(matched(table, level=0.9), table).statistic == pytest.approx(4.35, abs=0.02)
    assert bounds(matched(table), table).passed is True and found.passed is False


@pytest.mark.slow
def test_direction_follows_the_estimate() -> None:
    up, down = paired(EXPOSED, OTHERS), paired(OTHERS, EXPOSED)
    assert bounds(matched(up), up).statistic == pytest.approx(bounds(matched(down), down).statistic, rel=1e-9)


def test_yes_and_no_are_held_to_mcnemar() -> None:
    """20 pairs with a yes inside only, 5 with a yes outside only, 15 alike: 20 of 25 at chance gamma / (1 + gamma)."""
    table = paired([1] * 20 + [0] * 5 + [1] * 15, [0] * 20 + [1] * 5 + [1] * 15)
    found = bounds(matched(table, adjust=False), table)
    p_high = found.table.set_index("gamma")["p_high"]
    assert p_high[1.5] == pytest.approx(binomtest(20, 25, 0.6, "greater").pvalue, rel=1e-9)


@pytest.mark.slow
def test_nothing_to_explain_and_refusals() -> None:
    random = np.random.default_rng(2)
    table = paired(random.normal(size=40), random.normal(size=40))
    found = bounds(matched(table), table)
    assert found.passed is None and "nothing for it to explain" in found.summary()
    with pytest.raises(TechnopoleError, match="needs pairs"):
        bounds(compare(table, outcome="y", on=["pair"]), table)
    with pytest.raises(TechnopoleError, match="table"):
        bounds(matched(table), table.assign(y=0.0))
    with pytest.raises(WrongOption, match="gamma"):
        bounds(matched(table), table, gamma=0.5)
    assert bounds in tp.checks.applicable(matched(table))
    assert bounds not in tp.checks.applicable(compare(table, outcome="y", on=["pair"]))
