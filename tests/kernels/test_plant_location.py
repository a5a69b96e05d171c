"""Oracle: every way of placing four plants in three places, added up."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from technopole.kernels import plant_location
from technopole.kernels.plant_location import Array, Concentration, Moments

X = np.array([0.5, 0.3, 0.2])
S = np.array([0.6, 0.1, 0.3])
Z = np.array([0.4, 0.3, 0.2, 0.1])
Kernel = Callable[[Moments], Concentration]
INDICES: dict[str, tuple[Kernel, Callable[[Array, Array], Array]]] = {
    "ellison_glaeser": (plant_location.ellison_glaeser, lambda s, x: ((s - x) ** 2).sum(axis=-1)),
    "maurel_sedillot": (
        plant_location.maurel_sedillot,
        lambda s, x: (s**2).sum(axis=-1) - (x**2).sum(axis=-1),
    ),
}


def moments(x: Array, s: Array, z: Array) -> Moments:
    """The sums, written out; `s` may have many rows."""
    s = np.atleast_2d(s)
    full = np.ones(len(s))
    return Moments(
        xx=full * (x**2).sum(),
        xxx=full * (x**3).sum(),
        ss=(s**2).sum(axis=1),
        sss=(s**3).sum(axis=1),
        sx=(s * x).sum(axis=1),
        ssx=(s**2 * x).sum(axis=1),
        sxx=(s * x**2).sum(axis=1),
        dd=((s - x) ** 2).sum(axis=1),
        zz=full * (z**2).sum(),
        zzz=full * (z**3).sum(),
        zzzz=full * (z**4).sum(),
    )


def enumerated(raw: Callable[[Array, Array], Array], probability: Array) -> tuple[float, float]:
    """Mean and variance of the raw index over all 81 placements."""
    placements = list(itertools.product(range(3), repeat=4))
    shares = np.array([np.bincount(a, weights=Z, minlength=3) for a in placements])
    weight = np.array([np.prod(probability[list(a)]) for a in placements])
    values = raw(shares, X)
    mean = float(weight @ values)
    return mean, float(weight @ (values - mean) ** 2)


@pytest.mark.parametrize("name", INDICES)
def test_null_mean_and_variance_equal_full_enumeration(name: str) -> None:
    kernel, raw = INDICES[name]
    found = kernel(moments(X, S, Z))
    mean, variance = enumerated(raw, X)
    expected = (1 - (X**2).sum()) * (Z**2).sum()
    assert mean == pytest.approx(expected, rel=1e-12)
    assert found.z[0] == pytest.approx((raw(S, X) - mean) / variance**0.5, rel=1e-12)
    assert found.gamma[0] * (1 - (X**2).sum()) * (1 - (Z**2).sum()) == pytest.approx(
        raw(S, X) - mean, rel=1e-12
    )


@pytest.mark.parametrize("name", INDICES)
def test_standard_error_equals_full_enumeration_from_the_smoothed_shares(name: str) -> None:
    kernel, raw = INDICES[name]
    h = (Z**2).sum()
    _, variance = enumerated(raw, (S + h * X) / (1 + h))
    scale = (1 - (X**2).sum()) * (1 - h)
    assert kernel(moments(X, S, Z)).std_error[0] == pytest.approx(variance**0.5 / scale, rel=1e-12)


def test_paper_variance_of_g_at_a_case_worked_by_hand() -> None:
    # x = (1/2, 1/2), two plants of 1/2: G is 1/2 (together) or 0 (apart), half of the time each; variance 1/16.
    x, z = np.array([0.5, 0.5]), np.array([0.5, 0.5])
    found = plant_location.ellison_glaeser(moments(x, np.array([1.0, 0.0]), z))
    assert found.z[0] == pytest.approx((0.5 - 0.25) / 0.25, rel=1e-12)
    assert found.gamma[0] == pytest.approx(1.0, rel=1e-12)


def simulated(name: str, seed: int, concentration: float | None) -> tuple[Concentration, float]:
    """An index over 500 economies drawn from one set of location probabilities, and its expected value."""
    kernel, raw = INDICES[name]
    random = np.random.default_rng(seed)
    runs, places, plants = 500, 60, 120
    x = random.dirichlet(np.full(places, 2.0))
    p = x if concentration is None else random.dirichlet(x * concentration)
    z = random.lognormal(0, 0.8, plants)
    z /= z.sum()
    shares = np.zeros((runs, places))
    np.add.at(shares, (np.arange(runs)[:, None], random.choice(places, (runs, plants), p=p)), z)
    h, xx, pp = (z**2).sum(), (x**2).sum(), (p**2).sum()
    truth = float(raw(p, x) + h * (xx - pp)) / ((1 - xx) * (1 - h))
    return kernel(moments(x, shares, z)), truth


@pytest.mark.parametrize("name", INDICES)
@pytest.mark.parametrize("concentration", [2.0, 20.0])
def test_intervals_cover_the_truth(name: str, concentration: float) -> None:
    covered = []
    for seed in range(8):
        found, truth = simulated(name, seed, concentration)
        runs = len(found.gamma)
        assert found.gamma.mean() == pytest.approx(truth, abs=4.5 * found.gamma.std() / runs**0.5)
        half = plant_location.quantile(0.95, found.herfindahl) * found.std_error
        covered.append(float((np.abs(found.gamma - truth) <= half).mean()))
    assert 0.935 <= np.mean(covered) <= 0.99


@pytest.mark.parametrize("name", INDICES)
def test_randomly_placed_industries_are_rarely_called_concentrated(name: str) -> None:
    rejected = [float((simulated(name, seed, None)[0].p_value < 0.05).mean()) for seed in range(8)]
    assert 0.03 <= np.mean(rejected) <= 0.06


def test_quantile_is_students_t() -> None:
    # 1 / H - 1 = 10 degrees of freedom: 2.228 in every printed table; one plant falls back to 1: 12.706.
    found = plant_location.quantile(0.95, np.array([1 / 11, 1.0]))
    assert found == pytest.approx([2.2281388519649385, 12.706204736432095], rel=1e-10)


def test_p_is_never_zero() -> None:
    assert (plant_location.two_sided(np.array([0.0, 1.959963984540054, 50.0, -1e6])) > 0).all()
    assert plant_location.two_sided(np.array([1.959963984540054]))[0] == pytest.approx(0.05, rel=1e-12)
