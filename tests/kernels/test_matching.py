"""Oracles: Imbens' own results for LaLonde's experiment, all pairings tried, sums written out."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from technopole.kernels import matching as kernel

# Imbens, G. (2004). lalonde_exper_04feb2.m, as kept by the tests of R's Matching package: estimate and standard error in thousands. The data there
# have one digit more or less here and there than the shared file, which moves the estimates by up to 2e-6.
SAMPLE = {
    ("age", "inverse_variance", "all", 1): (1.78519111481212, 0.686716677322528),
    ("four", "inverse_variance", "all", 1): (1.71440714918138, 0.740129179632503),
    ("four", "inverse_variance", "all", 3): (1.53630268121115, 0.661930423623259),
    ("four", "inverse_variance", "treated", 1): (1.72691301785071, 0.836629632308480),
    ("four", "inverse_variance", "others", 1): (1.70550874262821, 0.820095935752824),
    ("four", "mahalanobis", "all", 1): (1.59261673326378, 0.684729829415588),
}


class Experiment:
    def __init__(self, folder: Path) -> None:
        data = pd.read_csv(folder / "causal-lalonde" / "nsw_mixtape.csv.gz")
        self.outcome = data["re78"].to_numpy() / 1000
        self.treated = data["treat"].to_numpy() == 1
        self.block = np.zeros(len(data), dtype=np.int64)
        self.age = data[["age"]].to_numpy("float64")
        self.four = data[["age", "educ", "re74", "re75"]].to_numpy("float64")
        self.married_age = data[["marr", "age"]].to_numpy("float64")

    def links(self, columns: str, metric: str, focal: str, ratio: int) -> kernel.Links:
        who = {"all": np.ones(445, bool), "treated": self.treated, "others": ~self.treated}[focal]
        place = kernel.scaled(getattr(self, columns), metric)
        return kernel.nearest(place, self.treated, who, self.block, ratio=ratio)


@pytest.fixture(scope="module")
def experiment(shared_data: Path) -> Experiment:
    return Experiment(shared_data)


@pytest.mark.parametrize("case", SAMPLE)
def test_estimates_and_errors_of_imbens(experiment: Experiment, case: tuple[str, str, str, int]) -> None:
    found = kernel.difference(
        experiment.outcome, experiment.treated, experiment.links(*case), population=False
    )
    assert (found.estimate, found.std_error) == pytest.approx(SAMPLE[case], rel=2.5e-6)


def test_adjusted_population_and_robust_errors_of_imbens(experiment: Experiment) -> None:
    y, treated = experiment.outcome, experiment.treated
    links = experiment.links("four", "inverse_variance", "all", 1)
    own = kernel.difference(y, treated, links, population=False, adjust=experiment.four)
    assert (own.estimate, own.std_error) == pytest.approx((1.63091519500783, 0.745233606420550), rel=2.5e-6)
    two = kernel.difference(y, treated, links, population=False, adjust=experiment.married_age)
    assert (two.estimate, two.std_error) == pytest.approx((1.71968656670868, 0.743608513017050), rel=2.5e-6)
    assert kernel.difference(y, treated, links).std_error == pytest.approx(0.743384632957198, rel=2.5e-6)
    place = kernel.scaled(experiment.four, "inverse_variance")
    spread = kernel.own_variance(y, place, treated, experiment.block, neighbours=3)
    robust = kernel.difference(y, treated, links, spread=spread, population=False)
    assert robust.std_error == pytest.approx(0.696272433717223, rel=2.5e-6)


def test_ties_share_the_weight_and_blocks_are_kept_apart() -> None:
    points = np.array([[0.0], [1.0], [-1.0], [0.1], [5.0]])
    treated = np.array([True, False, False, False, False])
    block = np.array([1, 1, 1, 2, 1])
    links = kernel.nearest(points, treated, treated, block)
    assert links.partner.tolist() == [1, 2] and links.weight.tolist() == [0.5, 0.5]
    assert kernel.nearest(points, treated, treated, block, ratio=3).partner.tolist() == [1, 2, 4]
    assert len(kernel.nearest(points, treated, treated, block, caliper=0.5).focal) == 0


def test_difference_by_hand() -> None:
    """Two treated (5, 8); partners 3 and 4: differences 2 and 4, mean 3; equal variance 1/4 sum of squares = 0.5."""
    outcome, treated = np.array([5.0, 8.0, 3.0, 4.0]), np.array([True, True, False, False])
    links = kernel.Links(np.array([0, 1]), np.array([2, 3]), np.ones(2))
    own = kernel.difference(outcome, treated, links, population=False)
    assert own.estimate == 3.0
    assert own.std_error == pytest.approx(np.sqrt(4 * 0.5) / 2, rel=1e-12)
    assert kernel.difference(outcome, treated, links).std_error == pytest.approx(np.sqrt(2) / 2, rel=1e-12)
    assert own.weight.tolist() == [0.5, 0.5, 0.5, 0.5]


def test_pairs_are_the_best_of_all_pairings() -> None:
    random = np.random.default_rng(5)
    points, treated = random.normal(size=(10, 2)), np.arange(10) < 3
    apart = np.linalg.norm(points[:3, None] - points[None, 3:], axis=2)
    best = min(itertools.permutations(range(7), 3), key=lambda p: sum(apart[i, p[i]] ** 2 for i in range(3)))
    links = kernel.pairs(points, treated, np.zeros(10, dtype=np.int64))
    assert links.partner.tolist() == [3 + partner for partner in best]
    two = kernel.pairs(points, treated, np.zeros(10, dtype=np.int64), ratio=2)
    assert len(set(two.partner)) == 6 and np.bincount(two.focal).tolist() == [2, 2, 2]


def test_a_caliper_keeps_as_many_pairs_as_possible() -> None:
    """The first would take 1.0 (0.4 away) from the second, which has no other within 1; so it takes -0.9."""
    points = np.array([[0.6], [1.9], [1.0], [-0.3]])
    treated = np.array([True, True, False, False])
    links = kernel.pairs(points, treated, np.zeros(4, dtype=np.int64), caliper=1.0)
    assert links.focal.tolist() == [0, 1] and links.partner.tolist() == [3, 2]


def test_mahalanobis_distance_against_its_definition() -> None:
    points = np.random.default_rng(2).normal(size=(30, 3)) @ np.array([[1, 0.5, 0], [0, 2, 1], [0, 0, 3]])
    place, inverse = kernel.scaled(points, "mahalanobis"), np.linalg.inv(np.cov(points.T))
    gap = points[4] - points[9]
    assert np.linalg.norm(place[4] - place[9]) == pytest.approx(np.sqrt(gap @ inverse @ gap), rel=1e-12)
