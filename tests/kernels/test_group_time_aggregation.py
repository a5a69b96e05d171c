"""Oracles: the averages written out unit by unit; the jackknife; the normal quantile."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from technopole.kernels import group_time_aggregation as kernel

COHORT = np.repeat(np.array([0, 1, 2]), [7, 5, 8]).astype("int64")
OUTCOME = np.random.default_rng(3).normal(size=(20, 4))
GROUP = np.array([1, 1, 1, 2, 2, 2])
TIME = np.array([1, 2, 3, 1, 2, 3])


def cells(keep: npt.NDArray[np.intp]) -> kernel.Cells:
    """Differences of mean changes since the year before entry, with their influence."""
    cohort, outcome = COHORT[keep], OUTCOME[keep]
    estimate, influence = [], []
    for group, time in zip(GROUP, TIME, strict=True):
        change = outcome[:, time] - outcome[:, group - 1]
        inside, never = cohort == group, cohort == 0
        estimate.append(change[inside].mean() - change[never].mean())
        part = np.zeros(len(cohort))
        part[inside] = (change[inside] - change[inside].mean()) / inside.sum()
        part[never] = -(change[never] - change[never].mean()) / never.sum()
        influence.append((np.flatnonzero(part), part[part != 0]))
    return kernel.Cells(GROUP, TIME, np.array(estimate), influence, cohort)


def written_out(found: kernel.Cells, chosen: list[int]) -> float:
    sizes = [int((found.cohort == GROUP[k]).sum()) for k in chosen]
    return sum(n * found.estimate[k] for n, k in zip(sizes, chosen, strict=True)) / sum(sizes)


def test_averages_written_out() -> None:
    found = cells(np.arange(20))
    assert kernel.simple(found).overall == pytest.approx(written_out(found, [0, 1, 2, 4, 5]), rel=1e-12)
    groups = kernel.by_group(found)
    assert groups.estimate == pytest.approx([found.estimate[:3].mean(), found.estimate[4:].mean()], rel=1e-12)
    assert groups.overall == pytest.approx((5 * groups.estimate[0] + 8 * groups.estimate[1]) / 13, rel=1e-12)
    events = kernel.by_event(found)
    assert events.key.tolist() == [-1, 0, 1, 2]
    assert events.estimate == pytest.approx(
        [written_out(found, rows) for rows in ([3], [0, 4], [1, 5], [2])], rel=1e-12
    )
    assert events.overall == pytest.approx(events.estimate[1:].mean(), rel=1e-12)
    years = kernel.by_time(found)
    assert years.estimate == pytest.approx(
        [written_out(found, rows) for rows in ([0], [1, 4], [2, 5])], rel=1e-12
    )
    assert years.overall == pytest.approx(years.estimate.mean(), rel=1e-12)


@pytest.mark.parametrize("average", [kernel.simple, kernel.by_group, kernel.by_time, kernel.by_event])
def test_influence_is_what_leaving_a_unit_out_does(
    average: Callable[[kernel.Cells], kernel.Averages],
) -> None:
    """Cohort sizes are estimated: leaving a unit out moves them too. Infinitesimal jackknife by repeating each unit."""
    many = 200  # every unit counts 1 / (20 * 200)
    every = np.repeat(np.arange(20), many)
    whole = average(cells(every))
    for unit in (0, 8, 15):
        less = average(cells(np.delete(every, unit * many)))
        moved = (whole.overall - less.overall) * (len(every) - 1)
        assert moved == pytest.approx(whole.overall_influence[unit * many] * len(every), rel=0.01, abs=1e-3)


def test_clusters_sum_and_are_centred() -> None:
    found = kernel.by_event(cells(np.arange(20)))
    group = np.arange(20) % 4
    score = kernel.scores(found.influence, group)
    by_hand = np.array([found.influence[group == k].sum(axis=0) for k in range(4)])
    by_hand = by_hand - by_hand.mean(axis=0)
    np.testing.assert_allclose(kernel.covariance(score), by_hand.T @ by_hand * 4 / 3, rtol=1e-10, atol=1e-15)
    own = kernel.scores(found.influence, None)
    np.testing.assert_allclose(kernel.covariance(own), found.influence.T @ found.influence, rtol=1e-12)
    part = cells(np.arange(20)).influence[1]
    assert kernel.std_error(part, 20, None) == pytest.approx(np.sqrt((part[1] ** 2).sum()), rel=1e-12)


def test_critical_value_of_one_and_of_independent_estimates() -> None:
    random = np.random.default_rng(5)
    score = np.eye(3).repeat(400, axis=0) * np.tile(np.array([1.0, 2.0, 3.0]), (1200, 1))
    one = kernel.critical_value(score[:, :1], level=0.95, draws=4000, random=random)
    three = kernel.critical_value(score, level=0.95, draws=4000, random=random)
    assert one == pytest.approx(stats.norm.ppf(0.975), abs=0.08)
    assert three == pytest.approx(stats.norm.ppf((1 + 0.95 ** (1 / 3)) / 2), abs=0.08)


def test_critical_value_is_one_of_the_draws() -> None:
    """Two scores, 3 and 4: the sum is 7 or 1, in standard errors 1.4 or 0.2."""
    for level in np.arange(0.4, 0.6, 0.002):
        random = np.random.default_rng(1)
        found = kernel.critical_value(np.array([[3.0], [4.0]]), level=level, draws=99, random=random)
        assert min(abs(found - 1.4), abs(found - 0.2)) < 1e-12


def test_nothing_after_entry_has_no_average() -> None:
    found = cells(np.arange(20))
    before = kernel.Cells(GROUP[3:4], TIME[3:4], found.estimate[3:4], found.influence[3:4], found.cohort)
    for average in (kernel.simple, kernel.by_group, kernel.by_time, kernel.by_event):
        assert np.isnan(average(before).overall)
