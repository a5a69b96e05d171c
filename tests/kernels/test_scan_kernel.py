"""Oracles: every window in loops, values worked by hand, FleXScan's printed statistics, SciPy's Gumbel law."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from scipy import stats

from technopole.errors import WrongOption
from technopole.kernels import scan as kernel

RANDOM = np.random.default_rng(5)
MODELS = pytest.mark.parametrize("bernoulli", [False, True])
SIDES = pytest.mark.parametrize(("high", "low"), [(True, False), (False, True), (True, True)])


def a_map(count: int = 40, grid: bool = False) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    points = RANDOM.random((count, 2))
    if grid:  # full of ties
        points = np.array([(0.1 * i, 0.1 * j) for i in range(8) for j in range(5)])
    population = RANDOM.integers(1, 60, len(points)).astype(float)
    return points, RANDOM.binomial(population.astype(int), 0.2).astype(float), population


def by_hand(c: float, n: float, total: float, everyone: float, bernoulli: bool) -> float:
    """The likelihood ratio as the paper writes it, with 0 log 0 = 0."""

    def part(k: float, share: float) -> float:
        return k * log(share) if k > 0 else 0.0

    if bernoulli:
        rest, others = total - c, everyone - n
        return (
            part(c, c / n) + part(n - c, (n - c) / n) + part(rest, rest / others) + part(others - rest, (others - rest) / others)
            - part(total, total / everyone) - part(everyone - total, (everyone - total) / everyone)
        )  # fmt: skip
    e = total * n / everyone
    return part(c, c / e) + part(total - c, (total - c) / (total - e))


def in_loops(
    points: np.ndarray,
    cases: np.ndarray,
    population: np.ndarray,
    most: float,
    reach: float,
    how: dict[str, bool],
) -> list[float]:
    """The largest ratio around each point: every radius, all points at most that far."""
    best = []
    for centre in points:
        far = np.round(np.hypot(*(points - centre).T), 9)
        ratios = [0.0]
        for radius in sorted(set(far)):
            inside = far <= radius
            c, n = cases[inside].sum(), population[inside].sum()
            more = c / n > cases.sum() / population.sum()
            less = c / n < cases.sum() / population.sum()
            if (
                n <= most
                and radius <= reach
                and n < population.sum()
                and ((how["high"] and more) or (how["low"] and less))
            ):
                ratios.append(by_hand(c, n, cases.sum(), population.sum(), how["bernoulli"]))
        best.append(max(ratios))
    return best


def test_ratios_by_hand() -> None:
    # 8 of 10 cases among a quarter of 100 people, 2.5 expected.
    poisson = 8 * log(8 / 2.5) + 2 * log(2 / 7.5)
    assert kernel.log_likelihood_ratio(8, 25, 10, 100, bernoulli=False) == pytest.approx(poisson, rel=1e-12)
    bernoulli = (
        8 * log(8 / 25)
        + 17 * log(17 / 25)
        + 2 * log(2 / 75)
        + 73 * log(73 / 75)
        - 10 * log(0.1)
        - 90 * log(0.9)
    )
    assert kernel.log_likelihood_ratio(8, 25, 10, 100, bernoulli=True) == pytest.approx(bernoulli, rel=1e-12)
    # Nothing outside, nothing inside.
    assert kernel.log_likelihood_ratio(10, 25, 10, 100, bernoulli=False) == pytest.approx(
        10 * log(4), rel=1e-12
    )
    assert kernel.log_likelihood_ratio(0, 25, 10, 100, bernoulli=False) == pytest.approx(
        10 * log(4 / 3), rel=1e-12
    )


@pytest.mark.parametrize(
    ("cases", "population", "printed"),
    [
        (41, 38999, 8.47836),
        (42, 40696, 8.29257),
        (44, 47412, 6.43049),
        (28, 26499, 5.77247),
        (25, 24571, 4.65493),
    ],
)
def test_bernoulli_ratios_of_flexscan(cases: float, population: float, printed: float) -> None:
    """FleXScan 3.1.2, binomial model, leukaemia in upstate New York: 552 cases of 1,057,673."""
    found = kernel.log_likelihood_ratio(cases, population, 552, 1_057_673, bernoulli=True)
    assert found == pytest.approx(printed, abs=5e-6)


@MODELS
@SIDES
@pytest.mark.parametrize("grid", [False, True])
@pytest.mark.parametrize("reach", [np.inf, 0.3])
def test_best_windows_equal_all_windows_in_loops(
    bernoulli: bool, high: bool, low: bool, grid: bool, reach: float
) -> None:
    points, cases, population = a_map(grid=grid)
    most = 0.5 * population.sum()
    how = {"bernoulli": bernoulli, "high": high, "low": low}
    found = kernel.scan(kernel.windows(points, population, most=most, reach=reach), cases, population, **how)
    expected = in_loops(points, cases, population, most, reach, how)
    np.testing.assert_allclose(found.ratio, expected, rtol=1e-12, atol=1e-12)


@MODELS
@SIDES
def test_simulated_maxima_equal_scanning_each_simulated_map(bernoulli: bool, high: bool, low: bool) -> None:
    points, cases, population = a_map()
    found = kernel.windows(points, population, most=0.5 * population.sum())
    how = {"bernoulli": bernoulli, "high": high, "low": low}
    total = int(cases.sum())
    seed = np.random.SeedSequence(3)
    maxima = kernel.simulated_maxima(found, population, total, simulations=70, seed=seed, **how)
    expected: list[float] = []
    for stream in np.random.SeedSequence(3).spawn(3):
        random = np.random.Generator(np.random.Philox(stream))
        if bernoulli:
            maps = random.multivariate_hypergeometric(
                population.astype(int), total, size=32, method="marginals"
            )
        else:
            maps = random.multinomial(total, population / population.sum(), size=32)
        expected += [kernel.scan(found, one.astype(float), population, **how).ratio.max() for one in maps]
    np.testing.assert_allclose(maxima, expected[:70], rtol=1e-9)


def test_maxima_are_the_same_for_any_number_of_threads() -> None:
    points, cases, population = a_map()
    found = kernel.windows(points, population, most=0.5 * population.sum())

    def maxima(threads: int) -> np.ndarray:
        return kernel.simulated_maxima(
            found, population, int(cases.sum()), bernoulli=False, high=True, low=False,
            simulations=200, seed=np.random.SeedSequence(1), threads=threads,
        )  # fmt: skip

    np.testing.assert_array_equal(maxima(1), maxima(3))


def test_rings_stay_whole_and_windows_keep_to_the_cap() -> None:
    points = np.array([[0.0, 0], [1, 0], [0, 1], [0, -1], [3, 0]])
    found = kernel.windows(points, np.ones(5), most=4.0)
    around_first = found.neighbours[: found.start[1]]
    assert around_first.tolist()[0] == 0 and around_first[-1] >= 0
    assert sorted(np.where(around_first < 0, -1 - around_first, around_first)) == [0, 1, 2, 3]
    assert (around_first < 0).tolist() == [False, True, True, False]
    # Three as near as one another don't fit beside the centre where three are allowed.
    assert kernel.windows(points, np.ones(5), most=3.0).start[1] == 1


def test_too_many_windows_are_refused_with_an_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    points, _, population = a_map()
    monkeypatch.setattr(kernel, "MOST_ENTRIES", 500)
    with pytest.raises(WrongOption, match="GiB") as said:
        kernel.windows(points, population, most=0.5 * population.sum())
    assert "max_km" in str(said.value)
    assert len(kernel.windows(points, population, most=0.5 * population.sum(), reach=0.1).neighbours) < 500


def test_gumbel_tail_is_the_law_with_the_same_mean_and_variance() -> None:
    maxima = RANDOM.gumbel(6, 1.2, 500)
    scale = np.std(maxima, ddof=1) * np.sqrt(6) / np.pi
    law = stats.gumbel_r(np.mean(maxima) - np.euler_gamma * scale, scale)
    np.testing.assert_allclose(
        kernel.gumbel_tail(np.array([5.0, 9, 30]), maxima), law.sf([5.0, 9, 30]), rtol=1e-9
    )
    assert kernel.gumbel_tail(np.array([1e4]), maxima)[0] > 0


@pytest.mark.slow
@MODELS
def test_p_is_uniform_where_nothing_is_clustered(bernoulli: bool) -> None:
    maps, simulations, how = 1000, 99, {"bernoulli": bernoulli, "high": True, "low": False}
    points, _, population = a_map(60)
    found = kernel.windows(points, population, most=0.5 * population.sum())
    random, p = np.random.default_rng(4), []
    for seed in range(maps):
        if bernoulli:
            cases = random.multivariate_hypergeometric(population.astype(int), 150)
        else:
            cases = random.multinomial(150, population / population.sum())
        ratio = kernel.scan(found, cases.astype(float), population, **how).ratio.max()
        stream = np.random.SeedSequence(seed)
        maxima = kernel.simulated_maxima(
            found, population, 150, simulations=simulations, seed=stream, threads=1, **how
        )
        p.append((1 + (maxima >= ratio * (1 - kernel.SAME)).sum()) / (simulations + 1))
    assert abs(np.mean(np.array(p) <= 0.05) - 0.05) < 3 * (0.05 * 0.95 / maps) ** 0.5
    assert abs(np.mean(p) - 0.505) < 3 * (1 / 12 / maps) ** 0.5
