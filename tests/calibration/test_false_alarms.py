"""Bar N3, smaller: what the studies of `make calibrate` draw, held to the bars. Seeds are fixed, so nothing here can waver."""

from __future__ import annotations

import numpy as np
import pytest

from calibration import finding, local, scanning, worlds

SIDE = 30
CASES = {case.name: case for case in local.cases(SIDE)}
MAPS, EXACT_MAPS = 12, 4


def shares(case: local.Case, test: str) -> np.ndarray:
    """Share of places marked at 5 % on each map of noise, every p checked on the way."""
    found = []
    for world in range(EXACT_MAPS if "exact" in test else MAPS):
        values = case.noise(np.random.default_rng([23, world]), len(case.frame))
        p = local.p_values(test, case, values, world, permutations=499)["p_value"]
        assert ((p.dropna() > 0) & (p.dropna() <= 1)).all()
        found.append(float((p <= local.LEVEL).mean()))
    return np.array(found)


DENSE = [(name, "local Moran") for name in CASES if local.is_dense(name) and "US" not in name]
SPARSE = [(name, "local Moran") for name in CASES if not local.is_dense(name) and "US" not in name]


@pytest.mark.slow
@pytest.mark.parametrize(("case", "test"), [*DENSE, ("grid, queen: dense", "local Moran, exact")])
def test_dense_noise_is_marked_in_four_to_six_per_cent_of_places(case: str, test: str) -> None:
    rates = shares(CASES[case], test)
    error = 2 * rates.std(ddof=1) / np.sqrt(len(rates))
    assert 0.04 - error <= rates.mean() <= 0.06 + error
    assert error < 0.015


@pytest.mark.slow
@pytest.mark.parametrize(("case", "test"), [*SPARSE, ("grid, queen: in 2% of places", "local Moran, exact")])
def test_sparse_noise_and_ties_are_never_marked_in_more_than_six_per_cent(case: str, test: str) -> None:
    assert shares(CASES[case], test).mean() <= 0.06


@pytest.mark.slow
def test_getis_ord_has_the_same_p_as_local_moran_so_its_rates_needn_t_be_drawn_again() -> None:
    case = CASES["grid, queen: dense"]
    values = case.noise(np.random.default_rng(3), len(case.frame))
    one, other = (
        local.p_values(test, case, values, 0, permutations=99).set_index("place")["p_value"].sort_index()
        for test in ("local Moran", "G*")
    )
    assert (one == other).all()


@pytest.mark.slow
@pytest.mark.parametrize("test", local.TESTS)
def test_a_constant_map_has_no_p_value_and_says_why(test: str) -> None:
    case = CASES["grid, queen: dense"]
    table = local.p_values(test, case, worlds.constant(np.random.default_rng(0), len(case.frame)), 0)
    assert table["p_value"].isna().all()
    assert (table["undefined"] != "").all()
    assert not table["significant"].fillna(False).any()


@pytest.mark.slow
def test_the_scan_finds_a_cluster_on_one_random_map_in_twenty() -> None:
    for rate in scanning.study(25, 99, side=10):
        assert rate.mean <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 25), rate


@pytest.mark.slow
def test_clusters_are_rarely_found_on_random_maps_and_hardly_ever_born() -> None:
    some, _ = finding.delineated(8, 99, side=12, methods=["scan"])
    for rate in some:
        assert rate.mean <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 8), rate
    for rate in finding.born(100):
        assert rate.mean <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 100), rate
