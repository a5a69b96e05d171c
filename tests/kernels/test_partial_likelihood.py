"""Partial likelihood: Therneau & Grambsch's appendix in closed form, R's residuals, brute force."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import root

from technopole.kernels import partial_likelihood
from technopole.kernels.partial_likelihood import Ties, likelihood

BLADDER = Path(__file__).parents[1] / "oracles" / "bladder2.csv"
# Therneau & Grambsch (2000), appendix E, data set 1
TIME, EVENT = np.array([9.0, 1, 1, 6, 6, 8]), np.array([1, 1, 0, 1, 1, 0])
X = np.array([[0.0], [1], [1], [1], [0], [0]])


def test_efron_at_zero_and_at_the_maximum_is_what_the_book_derives_by_hand() -> None:
    at_zero = likelihood(np.zeros(6), TIME, EVENT, X, np.zeros(1))
    assert at_zero.log == pytest.approx(-(np.log(6) + np.log(3) + np.log(4)), rel=1e-12)
    assert at_zero.score.sum() == pytest.approx(52 / 48, rel=1e-12)
    assert at_zero.information[0, 0] == pytest.approx(1 / 4 + 5 / 36 + 3 / 16, rel=1e-12)
    best = np.log(np.cos(np.arccos((45 / 23) * np.sqrt(3 / 23)) / 3) * 2 * np.sqrt(23 / 3))
    r = np.exp(best)
    a, b, d = r + 1, r + 3, r + 5
    tied = (675 + r * (1305 + r * (756 + r * (-4 + r * (-79 - 13 * r))))) / (3 * (a * b * d) ** 2)
    last = 2 * r * (177 + r * (282 + r * (182 + r * (50 + 5 * r)))) / (3 * (a * b * d) ** 2)
    zero = r * (1 / (3 * a**2) - a / (2 * b**2) - b / (2 * d**2))
    hand = [(2 * r + 3) / (3 * a**2), -r / (3 * a**2), tied, zero, last, last]
    found = likelihood(np.zeros(6), TIME, EVENT, X, np.array([best]))
    assert found.score[[1, 2, 3, 4, 5, 0], 0] == pytest.approx(hand, rel=1e-12)
    assert found.score.sum() == pytest.approx(0, abs=1e-12)
    # survival's own test output, tests/book2.Rout.save, to its printed digits
    printed = [0.2208584, 0.1132780, -0.0442340, -0.1029199, -0.4078409, 0.2208584]
    assert found.score[:, 0] == pytest.approx(printed, abs=5e-8)


def plain_log(start, stop, event, x, b, strata, ties) -> float:
    total = 0.0
    for s in np.unique(strata):
        for t in np.unique(stop[(event == 1) & (strata == s)]):
            risk = (strata == s) & (start < t) & (stop >= t)
            dead = risk & (event == 1) & (stop == t)
            w, d = np.exp(x @ b), int(dead.sum())
            total += (x @ b)[dead].sum()
            for step in range(d):
                share = step / d if ties == "efron" else 0
                total -= np.log(w[risk].sum() - share * w[dead].sum())
    return total


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_log_slope_and_curvature_are_those_of_the_plain_sum(ties: Ties) -> None:
    random = np.random.default_rng(3)
    start = random.integers(0, 6, 60).astype(float)
    stop = start + random.integers(1, 6, 60)
    event, x = random.integers(0, 2, 60), random.normal(size=(60, 2))
    strata, b = random.integers(0, 3, 60), np.array([0.3, -0.5])
    found = likelihood(start, stop, event, x, b, strata=strata, ties=ties)
    assert found.log == pytest.approx(plain_log(start, stop, event, x, b, strata, ties), rel=1e-12)
    for i, step in enumerate(np.eye(2) * 1e-5):
        up, down = (plain_log(start, stop, event, x, b + s, strata, ties) for s in (step, -step))
        assert found.score.sum(axis=0)[i] == pytest.approx((up - down) / 2e-5, rel=1e-6)
        ends = [
            likelihood(start, stop, event, x, b + s, strata=strata, ties=ties).score.sum(axis=0)
            for s in (step, -step)
        ]
        assert found.information[i] == pytest.approx(-(ends[0] - ends[1]) / 2e-5, rel=1e-6)


def test_breslow_score_residuals_are_the_slope_s_derivative_by_the_weight_of_a_row() -> None:
    at, small = 0.4, 1e-6
    whole = likelihood(np.zeros(6), TIME, EVENT, X, np.array([at]), ties="breslow")
    for row in range(6):
        w, x = np.ones(6), X[:, 0]
        w[row] += small
        risks, slope = w * np.exp(x * at), 0.0
        for t in np.unique(TIME[EVENT == 1]):
            risk, dead = t <= TIME, (t == TIME) & (EVENT == 1)
            slope += (w[dead] * (x[dead] - (risks * x)[risk].sum() / risks[risk].sum())).sum()
        assert (slope - whole.score.sum()) / small == pytest.approx(whole.score[row, 0], abs=1e-5)


# R survival, tests/bladder.Rout.save (Breslow), to its printed digits
PRINTED = {
    "coef": [-0.45979, -0.04256, 0.17164],
    "se": [0.19996, 0.06903, 0.04733],
    "robust": [0.25801, 0.07555, 0.06131],
}


def test_andersen_gill_on_the_bladder_tumours_as_r_prints_it() -> None:
    data = pd.read_csv(BLADDER)
    start, stop, event = (data[c].to_numpy(float) for c in ("start", "stop", "event"))
    x = data[["rx", "size", "number"]].to_numpy(float)
    best = root(
        lambda b: likelihood(start, stop, event, x, b, ties="breslow").score.sum(axis=0), np.zeros(3)
    ).x
    found = likelihood(start, stop, event, x, best, ties="breslow")
    assert best == pytest.approx(PRINTED["coef"], abs=5e-6)
    assert np.sqrt(np.diag(np.linalg.inv(found.information))) == pytest.approx(PRINTED["se"], abs=5e-6)
    robust = np.sqrt(np.diag(found.robust(data["id"].to_numpy())))
    assert robust == pytest.approx(PRINTED["robust"], abs=5e-6)


@pytest.mark.parametrize(
    ("number", "gap", "printed"),
    [
        (1, False, [-0.5176, 0.0679, 0.2360]),
        (2, False, [-0.42421, -0.12503, 0.00199]),
        (2, True, [-0.25911, -0.11636, -0.00571]),
        (3, False, [-0.8985, 0.0850, -0.0172]),
    ],
)
def test_prentice_williams_peterson_event_by_event_as_r_prints_it(
    number: int, gap: bool, printed: list[float]
) -> None:
    """The same file: the models of Prentice et al. for the first to third recurrence, which start all patients at 0."""
    data = pd.read_csv(BLADDER).query("enum == @number")
    stop = (data["stop"] - data["start"] * gap).to_numpy(float)
    event, x = data["event"].to_numpy(), data[["rx", "size", "number"]].to_numpy(float)
    best = root(
        lambda b: likelihood(0 * stop, stop, event, x, b, ties="breslow").score.sum(axis=0), np.zeros(3)
    ).x
    assert best == pytest.approx(printed, abs=6e-5)


def test_rows_at_risk_at_no_event_bear_nothing() -> None:
    early = likelihood(
        np.zeros(7), np.append(TIME, 0.5), np.append(EVENT, 0), np.vstack([X, [[5.0]]]), np.array([0.2])
    )
    assert early.score[-1, 0] == 0
    assert early.score[:-1] == pytest.approx(likelihood(np.zeros(6), TIME, EVENT, X, np.array([0.2])).score)


def test_sums_over_some_rows_at_a_time_are_sums_over_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rows at a time, so that times go on from one part to the next; no part is wider than that."""
    random = np.random.default_rng(4)
    start = random.integers(0, 5, 40).astype(float)
    rows = start, start + random.integers(1, 4, 40), random.integers(0, 2, 40)
    exog, at = random.standard_normal((40, 2)), np.array([0.3, -0.2])
    whole = likelihood(*rows, exog, at)
    monkeypatch.setattr(partial_likelihood, "CHUNK", 3)
    parts = likelihood(*rows, exog, at)
    np.testing.assert_allclose(parts.score, whole.score, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(parts.information, whole.information, rtol=1e-10)
    assert parts.log == pytest.approx(whole.log, rel=1e-12)


@pytest.mark.slow
def test_memory_grows_with_rows_not_with_their_products() -> None:
    """50,000 rows of 30 columns: their products alone would take 360 MB."""
    random = np.random.default_rng(4)
    stop, event = random.integers(1, 6, 50_000).astype(float), random.integers(0, 2, 50_000)
    exog = random.standard_normal((50_000, 30))
    tracemalloc.start()
    likelihood(np.zeros(50_000), stop, event, exog, np.zeros(30))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 150e6
