"""Oracles: stacked estimating equations with numerical derivatives, diff-diff, statsmodels, strata by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from technopole.kernels import weighting as kernel
from technopole.libraries import heard, library

Equations = Callable[[np.ndarray], np.ndarray]


def made_up(number: int = 300) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(3)
    x = random.normal(size=(number, 2))
    treated = random.uniform(size=number) < 1 / (1 + np.exp(-0.4 - x @ [0.7, -0.5]))
    outcome = 1 + x @ [1.0, 2.0] + 0.5 * x[:, 0] ** 2 + treated * (1 + x[:, 1]) + random.normal(size=number)
    return outcome, treated, np.column_stack([np.ones(number), x])


def chances(treated: np.ndarray, design: np.ndarray) -> np.ndarray:
    model = library("statsmodels.discrete.discrete_model").Logit(treated.astype(float), design)
    return np.asarray(model.fit(disp=0, tol=1e-12, maxiter=200).predict())


def contrast(everyone: bool, regression: bool) -> tuple[float, float]:
    outcome, treated, design = made_up()
    aim, chance = kernel.target(treated, everyone), chances(treated, design)
    inside = kernel.mean(outcome, treated, aim, design, chance, regression=regression)
    outside = kernel.mean(outcome, ~treated, aim, design, 1 - chance, regression=regression)
    influence = inside.influence - outside.influence
    assert influence.mean() == pytest.approx(0, abs=1e-9)
    return inside.estimate - outside.estimate, float(np.sqrt((influence**2).mean() / len(outcome)))


def stacked(everyone: bool, regression: bool) -> tuple[float, float]:
    """The same estimator as one root of all its equations at once; error by the sandwich, bread by finite differences."""
    y, treated, x = made_up()
    w, k = treated.astype(float), x.shape[1]
    aim = np.ones(len(y)) if everyone else w

    def equations(theta: np.ndarray) -> np.ndarray:
        beta, g1, g0, m1, m0, r1, r0 = np.split(theta, [k, 2 * k, 3 * k, 3 * k + 1, 3 * k + 2, 3 * k + 3])
        p = 1 / (1 + np.exp(-x @ beta))
        odds1, odds0 = (w / p, (1 - w) / (1 - p)) if everyone else (w, (1 - w) * p / (1 - p))
        rows = [((w - p)[:, None] * x)]
        for inside, odds, g, m, r in ((w, odds1, g1, m1, r1), (1 - w, odds0, g0, m0, r0)):
            fitted = x @ g * regression
            rows += [(inside * (y - x @ g))[:, None] * x]
            rows += [(aim * (fitted - m))[:, None], (odds * (y - fitted - r))[:, None]]
        order = [0, 1, 4, 2, 5, 3, 6]
        return np.column_stack([rows[i] for i in order])

    beta = np.asarray(
        library("statsmodels.discrete.discrete_model").Logit(w, x).fit(disp=0, tol=1e-12, maxiter=200).params
    )
    p = 1 / (1 + np.exp(-x @ beta))
    odds = (w / p, (1 - w) / (1 - p)) if everyone else (w, (1 - w) * p / (1 - p))
    g = [np.linalg.lstsq(x[side], y[side], rcond=None)[0] for side in (treated, ~treated)]
    fit = [x @ one * regression for one in g]
    m = [(aim @ one) / aim.sum() for one in fit]
    r = [(one @ (y - f)) / one.sum() for one, f in zip(odds, fit, strict=True)]
    theta = np.concatenate([beta, *g, m, r])
    values = equations(theta)
    assert np.abs(values.mean(axis=0)).max() < 1e-8
    step = 1e-6 * np.eye(len(theta))
    bread = np.column_stack(
        [(equations(theta + d).mean(axis=0) - equations(theta - d).mean(axis=0)) / 2e-6 for d in step]
    )
    influence = -np.linalg.solve(bread, values.T)
    sign = np.array([1.0, -1.0, 1.0, -1.0])
    return float(sign @ theta[-4:]), float(np.sqrt(((sign @ influence[-4:]) ** 2).mean() / len(y)))


@pytest.mark.parametrize("everyone", [True, False])
@pytest.mark.parametrize("regression", [True, False])
def test_against_stacked_equations(everyone: bool, regression: bool) -> None:
    assert contrast(everyone, regression) == pytest.approx(stacked(everyone, regression), rel=1e-6)


@pytest.mark.slow
def test_odds_against_diff_diff_and_statsmodels() -> None:
    """diff-diff's two-period inverse-probability estimator with y = 0 before (its error divides by n, as here)."""
    outcome, treated, design = made_up()
    frame = pd.DataFrame(
        {"unit": np.arange(300), "g": np.where(treated, 2, 0), "a": design[:, 1], "b": design[:, 2]}
    )
    long = pd.concat([frame.assign(t=1, y=0.0), frame.assign(t=2, y=outcome)])
    said: list[str] = []
    with heard(said):
        model = library("diff_diff").CallawaySantAnna(estimation_method="ipw", pscore_trim=1e-9)
        theirs = model.fit(long, outcome="y", unit="unit", time="t", first_treat="g", covariates=["a", "b"])
    assert contrast(False, False) == pytest.approx((theirs.overall_att, theirs.overall_se), rel=1e-7)
    api = library("statsmodels.api")
    logit = api.Logit(treated.astype(float), design).fit(disp=0, tol=1e-12)
    effect = library("statsmodels.treatment.treatment_effects").TreatmentEffect(
        api.OLS(outcome, design), treated.astype(float), results_select=logit
    )
    assert contrast(True, False)[0] == pytest.approx(float(effect.ipw(return_results=False)[0]), rel=1e-8)


def test_one_binary_covariate_makes_all_ways_the_same() -> None:
    """Strata of 2 + 2 and 3 + 1 firms: with a saturated model odds, regression and strata are the same average."""
    treated = np.array([1, 1, 0, 0, 1, 1, 1, 0, 0, 0], dtype=bool)
    stratum = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
    outcome = np.array([3.0, 5, 1, 2, 7, 8, 9, 4, 5, 9])
    design = np.column_stack([np.ones(10), stratum])
    chance = np.array([0.5, 0.5])[stratum]
    aim = kernel.target(treated, False)
    by_hand = (2 * 1.5 + 3 * 6.0) / 5
    assert kernel.stratified(outcome, ~treated, aim, stratum).estimate == pytest.approx(by_hand, rel=1e-12)
    for regression in (True, False):
        found = kernel.mean(outcome, ~treated, aim, design, 1 - chance, regression=regression)
        assert found.estimate == pytest.approx(by_hand, rel=1e-12)
        assert found.weight.sum() == pytest.approx(1, rel=1e-12)
    even = kernel.calibrated(outcome, ~treated, aim, design, np.where(stratum == 0, 2 / 5 / 2, 3 / 5 / 3))
    assert even.estimate == pytest.approx(by_hand, rel=1e-12)


def test_strata_error_by_hand() -> None:
    """Share^2 s^2 / n of each stratum of the mean outside, and the strata's own spread among those inside."""
    treated = np.array([1, 1, 0, 0, 1, 1, 0, 0, 0], dtype=bool)
    stratum = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1])
    outcome = np.array([0.0, 0, 1, 3, 0, 0, 5, 6, 7])
    found = kernel.stratified(outcome, ~treated, kernel.target(treated, False), stratum)
    within = 0.5**2 * 2 / 2 + 0.5**2 * 1 / 3
    between = (2 * (2 - 4) ** 2 + 2 * (6 - 4) ** 2) / 4 / 4
    assert found.estimate == 4.0
    assert (found.influence**2).sum() / 81 == pytest.approx(within + between, rel=1e-12)


def test_calibrated_against_the_jackknife() -> None:
    """The balanced mean recomputed without each firm: its spread agrees with the influences to a few per cent."""
    outcome, treated, design = made_up()
    balance = library("diff_diff.balancing").entropy_balance

    def estimate(keep: np.ndarray) -> tuple[float, np.ndarray]:
        y, w, x = outcome[keep], treated[keep], design[keep]
        weight = np.zeros(len(y))
        weight[~w] = balance(x[~w, 1:], x[w, 1:].mean(axis=0))[0]
        found = kernel.calibrated(y, ~w, kernel.target(w, False), x, weight)
        assert found.weight @ x[:, 1] == pytest.approx(x[w, 1].mean(), abs=1e-7)
        return found.estimate, found.influence

    every = np.arange(300)
    _, influence = estimate(every)
    leave = np.array([estimate(np.delete(every, i))[0] for i in range(300)])
    jackknife = np.sqrt(299 / 300 * ((leave - leave.mean()) ** 2).sum())
    assert np.sqrt((influence**2).mean() / 300) == pytest.approx(jackknife, rel=0.04)
