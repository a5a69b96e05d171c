"""Oracle: every path of states, enumerated."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import norm

from technopole.kernels.hidden_markov import Model, Series, emissions, fit_means, forward_backward, posterior

LEFT_TO_RIGHT = np.array([[0.7, 0.3, 0.0], [0.0, 0.8, 0.2], [0.0, 0.1, 0.9]])


def model(weight: tuple[float, float] = (1.0, 1.0)) -> Model:
    mean = np.array([[0.0, 1.0], [3.0, 1.5], [-2.0, 0.5]])
    spread = np.array([[1.0, 0.4], [2.0, 0.3], [1.5, 0.6]])
    return Model(np.array([0.5, 0.3, 0.2]), LEFT_TO_RIGHT, mean, spread, np.array(weight))


def series(seed: int = 0, years: int = 6) -> Series:
    random = np.random.default_rng(seed)
    value = random.normal(0, 2, (years, 2))
    value[2, 0] = np.nan
    value[4] = np.nan
    return Series(value, random.uniform(0, 1, (years, 2)))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("weight", [(1.0, 1.0), (1.0, 0.2)])
def test_posterior_against_every_path(seed: int, weight: tuple[float, float]) -> None:
    """All 3^6 paths; densities from scipy, those of missing values left out."""
    given, m = series(seed), model(weight)
    total, by_state = 0.0, np.zeros((6, 3))
    for path in itertools.product(range(3), repeat=6):
        chance = m.start[path[0]] * np.prod([m.move[a, b] for a, b in itertools.pairwise(path)])
        for t, k in enumerate(path):
            for j in range(2):
                if not np.isnan(given.value[t, j]):
                    sd = np.hypot(m.spread[k, j], np.sqrt(given.noise[t, j]))
                    chance *= norm.pdf(given.value[t, j], m.mean[k, j], sd) ** weight[j]
        total += chance
        by_state[np.arange(6), path] += chance
    found = posterior(given, m)
    np.testing.assert_allclose(found.state, by_state / total, rtol=1e-12, atol=1e-300)
    assert found.log_likelihood == pytest.approx(np.log(total), rel=1e-12)


def test_worked_by_hand() -> None:
    """Two states, two years: start (1/2, 1/2), stay 3/4, densities (1, 2) then (3, 1): paths 9/8, 1/8, 3/4, 3/4."""
    one = np.ones((2, 1))
    m = Model(np.full(2, 0.5), np.array([[0.75, 0.25], [0.25, 0.75]]), one, one, np.ones(1))
    found = forward_backward(np.log([[1.0, 2.0], [3.0, 1.0]]), m)
    assert found.log_likelihood == pytest.approx(np.log(11 / 4), rel=1e-12)
    np.testing.assert_allclose(found.state, [[5 / 11, 6 / 11], [15 / 22, 7 / 22]], rtol=1e-12)


def test_a_long_series_neither_underflows_nor_leaves_the_unit_interval() -> None:
    far = Series(np.full((2000, 2), 60.0), np.zeros((2000, 2)))
    found = posterior(far, model())
    np.testing.assert_allclose(found.state.sum(axis=1), 1.0, rtol=1e-9)
    assert np.isfinite(found.log_likelihood)


def test_a_year_without_any_observation_says_nothing() -> None:
    nothing = Series(np.full((1, 2), np.nan), np.zeros((1, 2)))
    assert np.array_equal(emissions(nothing, model()), np.zeros((1, 3)))
    np.testing.assert_allclose(posterior(nothing, model()).state[0], [0.5, 0.3, 0.2], rtol=1e-12)


def test_fitted_means_are_a_precision_weighted_average() -> None:
    """One state: prior mean 1 worth two years of variance 4; observations 5 (variance 4 + 4), 9 (variance 4)."""
    m = Model(np.ones(1), np.ones((1, 1)), np.ones((1, 1)), np.full((1, 1), 2.0), np.ones(1))
    given = Series(np.array([[5.0], [9.0]]), np.array([[4.0], [0.0]]))
    fitted, behind = fit_means([given], m, prior_years=2)
    assert fitted.mean[0, 0] == pytest.approx(
        (2 / 4 * 1 + 5 / 8 + 9 / 4) / (2 / 4 + 1 / 8 + 1 / 4), rel=1e-12
    )
    assert behind[0, 0] == 2


def test_fitting_raises_the_posterior_density_and_a_heavy_prior_stays() -> None:
    many, m = [series(seed, 15) for seed in range(5)], model()

    def density(candidate: Model, prior_years: float) -> float:
        prior = -0.5 * prior_years * ((candidate.mean - m.mean) ** 2 / m.spread**2).sum()
        return sum(posterior(one, candidate).log_likelihood for one in many) + prior

    light = fit_means(many, m, prior_years=1)[0]
    assert density(light, 1) > density(m, 1)
    heavy = fit_means(many, m, prior_years=1e9)[0]
    np.testing.assert_allclose(heavy.mean, m.mean, atol=1e-6)
