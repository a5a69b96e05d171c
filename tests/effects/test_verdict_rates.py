"""How often verdicts claim too much: normal estimates in worlds whose truth is known, seed by seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from made_up import effect
from scipy import stats

import technopole as tp
from technopole.result import EffectResult

KINDS = {"patents": "innovation", "log_sales": "growth", "log_jobs": "growth"}
GAP_ERROR = 0.05
RING_ERROR = 0.04


def world(
    seed: int, effects: Sequence[float], *, selection: float = 0.0, error: float = 0.03
) -> list[EffectResult]:
    """Three outcomes, each with own R&D and four tiers as subgroups; rings around the park for one."""
    random = np.random.default_rng(seed)
    made: list[EffectResult] = []
    for (outcome, kind), true in zip(KINDS.items(), effects, strict=True):
        estimate = true + error * random.standard_normal()
        gap = true + selection + GAP_ERROR * random.standard_normal()
        main = effect(outcome, estimate, error=error, gap=gap)
        reach = 1.96 * GAP_ERROR
        main.frames["overall"][["level_gap_low", "level_gap_high"]] = [gap - reach, gap + reach]
        made += [main, _subgroups(random, outcome, estimate, error)]
        if kind == "growth" and outcome == "log_sales":
            made.append(_rings(random, outcome))
    return made


def _subgroups(random: np.random.Generator, outcome: str, mean: float, error: float) -> EffectResult:
    rows, pairs = [], []
    for of, count in (("own_rd", 2), ("tier", 4)):
        own = error * np.sqrt(count)
        drawn = own * random.standard_normal(count)
        at = dict(zip("0123", mean + drawn - drawn.mean(), strict=False))
        rows += [
            {"subgroup_of": of, "subgroup": name, "estimate": x, "low": x - 1.96 * own, "high": x + 1.96 * own}
            for name, x in at.items()
        ]  # fmt: skip
        for a, b in combinations(at, 2):
            p_value = 2 * stats.norm.sf(abs(at[a] - at[b]) / (own * np.sqrt(2)))
            pairs.append({"subgroup_of": of, "subgroup_a": a, "subgroup_b": b, "difference": at[a] - at[b], "p_value": p_value})  # fmt: skip
    contrast = pd.DataFrame(pairs)
    return effect(outcome, mean, design="effects.heterogeneity", table=pd.DataFrame(rows), contrast=contrast)


def _rings(random: np.random.Generator, outcome: str) -> EffectResult:
    at = RING_ERROR * random.standard_normal(3)
    low = np.array([0.0, 2.0, 5.0])
    table = pd.DataFrame({"ring": ["0-2", "2-5", "5-10"], "ring_low_km": low, "ring_high_km": [2.0, 5.0, 10.0], "estimate": at})  # fmt: skip
    table = table.assign(low=at - 1.96 * RING_ERROR, high=at + 1.96 * RING_ERROR)
    table = table.assign(p_value=2 * stats.norm.sf(np.abs(at) / RING_ERROR))
    return effect(outcome, 0.0, design="effects.boundary", table=table)


def rates(
    worlds: int, effects: Sequence[float], *, selection: float = 0.0, error: float = 0.03
) -> Counter[str]:
    """Count findings."""
    found: Counter[str] = Counter()
    for seed in range(worlds):
        made = world(seed, effects, selection=selection, error=error)
        found[tp.effects.verdict(made, kinds=KINDS, smallest={"patents": 0.05}).finding] += 1
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("effects", "selection", "error", "right"),
    [
        ((0.0, 0.0, 0.0), 0.0, 0.01, "no effect"),
        ((0.0, 0.0, 0.0), 0.0, 0.06, "cannot tell"),
        ((0.0, 0.0, 0.0), 0.4, 0.03, "selection, not treatment"),
        ((0.3, 0.0, 0.0), 0.3, 0.01, "innovation only"),
    ],
)
def test_nine_of_ten_are_right(effects: Sequence[float], selection: float, error: float, right: str) -> None:
    assert rates(40, effects, selection=selection, error=error)[right] >= 35


@pytest.mark.slow
def test_effects_too_noisy_to_see_are_rarely_called_selection() -> None:
    found = rates(40, (0.2, 0.2, 0.2), selection=0.3, error=0.15)
    assert found["selection, not treatment"] + found["no effect"] <= 4
