"""K-density: direct sums, calibrated verdicts, exact against simulated bands, conventions and what is undefined."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import pdist, squareform
from scipy.stats import norm

import technopole as tp
from technopole.errors import EmptyTable, TechnopoleError, WrongOption
from technopole.kernels import bands, k_density, nested_permutation
from technopole.measures import _pair_distances, _random_location
from technopole.result import Result
from technopole.spatial import site_table

exempt = {"empty place": "an establishment without employees is an establishment: it adds distances"}


def contract_case() -> dict[str, Any]:
    return {"simulations": 49}


def plants(industries: list[str], xy: np.ndarray, employment: Any = 1) -> tp.tables.Establishments:
    frame = pd.DataFrame({"industry": industries, "x": xy[:, 0], "y": xy[:, 1], "employment": employment})
    return tp.read_establishments(frame, crs="planar-km")


def towns(n: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    centres = random.uniform(0, 300, (12, 2))
    return centres[random.integers(0, 12, n)] + random.normal(0, 20, (n, 2))


def test_curve_is_the_direct_sum() -> None:
    xy = towns(300, 1)
    weights = np.random.default_rng(2).integers(1, 50, 300)
    table = plants(["a"] * 120 + ["b"] * 180, xy, weights)
    grid = np.arange(0, 200, 7.0)
    for weight in (None, "employment"):
        found = tp.measures.k_density(
            table, industry="a", distances=list(grid), bandwidth=9.0, weight=weight, simulations=19
        )
        own = weights[:120].astype(float) if weight else np.ones(120)
        pairs = np.outer(own, own)[np.triu_indices(120, 1)]
        away = (grid[:, None] - pdist(xy[:120])) / 9
        back = (grid[:, None] + pdist(xy[:120])) / 9
        kernel = (np.exp(-(away**2) / 2) + np.exp(-(back**2) / 2)) / 9 / np.sqrt(2 * np.pi)
        wanted = kernel @ pairs / pairs.sum()
        assert np.abs(found.table["density"] - wanted).max() < 3e-4 * wanted.max()


def test_longitude_and_latitude_are_great_circles() -> None:
    """Four plants on the equator, one degree apart: three pairs at 1, two at 2 and one at 3 degrees."""
    frame = pd.DataFrame({"industry": ["a"] * 4 + ["b"] * 4, "longitude": [11, 12, 13, 14, 20, 30, 40, 50.0]})
    table = tp.read_establishments(frame.assign(latitude=0.0))
    degree = np.pi / 180 * 6371.0088
    found = tp.measures.k_density(
        table, industry="a", distances=[degree, 2 * degree, 3 * degree], bandwidth=10.0, simulations=19
    )
    peak = 1 / (10 * np.sqrt(2 * np.pi))
    np.testing.assert_allclose(found.table["density"], peak * np.array([3, 2, 1]) / 6, rtol=3e-3)


def test_activity_at_places_is_its_establishments_one_by_one() -> None:
    xy = towns(40, 3)
    count = np.random.default_rng(4).integers(0, 9, (2, 40))
    rows = [
        {"place": f"p{p}", "industry": i, "establishments": int(count[k, p])}
        for k, i in enumerate("ab")
        for p in range(40)
    ]
    places = tp.read_places(
        pd.DataFrame({"place": [f"p{p}" for p in range(40)], "x": xy[:, 0], "y": xy[:, 1]}), crs="planar-km"
    )
    collapsed = tp.measures.k_density(tp.read_activity(pd.DataFrame(rows)), places=places, simulations=49)
    spots = np.repeat(np.tile(np.arange(40), 2), count.ravel())
    single = tp.measures.k_density(
        plants(["a"] * int(count[0].sum()) + ["b"] * int(count[1].sum()), xy[spots]), simulations=49
    )
    pd.testing.assert_frame_equal(collapsed.table, single.table, rtol=1e-9)


def verdicts(n: int, null: Any, repeats: int) -> tuple[float, float]:
    """Share of random industries of n plants that are judged localised, and that leave the lower band."""
    xy, random = towns(1500, 5), np.random.default_rng(n)
    labels = np.full(1500, "other", dtype=object)
    found = []
    for batch in range(repeats // 25):
        names = labels.copy()
        order = random.permutation(1500)
        for k in range(min(25, 1500 // n)):
            names[order[k * n : (k + 1) * n]] = f"i{k:02d}"
        industries = sorted(set(names) - {"other"})
        result = tp.measures.k_density(
            plants(list(names), xy),
            industry=industries,
            null=null,
            bandwidth=15.0 if null == "exact" else "silverman",
            simulations=199,
            seed=batch,
        )
        found.append(result.summary_table)
    table = pd.concat(found)
    return float((table["p_localization"] <= 0.05).mean()), float((table["p_dispersion"] <= 0.05).mean())


@pytest.mark.slow
@pytest.mark.parametrize(("n", "null"), [(5, "simulated"), (20, "simulated"), (100, "exact")])
def test_random_industries_leave_each_band_one_time_in_twenty(n: int, null: str) -> None:
    above, below = verdicts(n, null, 500)
    assert 0.015 < above < 0.09
    assert below < 0.09


def direct(xy: np.ndarray, grid: np.ndarray, width: float) -> np.ndarray:
    """Kernel of the distance of each two sites at each distance of the grid; 0 for a site and itself."""
    apart = squareform(pdist(xy))[:, :, None]
    kernel = np.exp(-(((grid - apart) / width) ** 2) / 2) + np.exp(-(((grid + apart) / width) ** 2) / 2)
    kernel[np.arange(len(xy)), np.arange(len(xy))] = 0
    return kernel / width / np.sqrt(2 * np.pi)


def exact_null(table: tp.tables.Establishments, grid: np.ndarray, width: float, weight: Any) -> bands.Null:
    sites = site_table.of_table(table, places=None, industry="a", sector=None, reference=None, weight=weight)
    space = _pair_distances.measured(sites, width)
    own = _pair_distances.observe(space, sites.industries, weight is not None)[0]
    case = _random_location.Case(own, width, k_density.smoother(space.scale, grid, width))
    return _random_location.exact(space, [case], grid, np.random.SeedSequence(0))[0]


@pytest.mark.slow
def test_exact_moments_and_points_are_those_of_direct_sums_over_random_sites() -> None:
    """40,000 draws, so that their own error (0.4 % of an sd, 0.013 sd in a 2.5 % point) is small beside what is allowed."""
    n, sites, draws = 100, 1000, 40_000
    xy, random = towns(sites, 7), np.random.default_rng(1)
    jobs, grid = np.exp(random.normal(3, 0.6, sites)), np.array([0, 10, 25, 40, 70, 100, 150.0])
    kernel = direct(xy, grid, 12.0).astype(np.float32).reshape(-1, len(grid))
    i, j = np.triu_indices(n, 1)
    products = np.stack([np.ones(len(i)), jobs[i] * jobs[j]]).astype(np.float32)
    products /= products.sum(axis=1, keepdims=True)
    curves = np.empty((draws, 2, len(grid)))
    for k in range(draws):
        drawn = random.choice(sites, n, replace=False)
        curves[k] = products @ kernel[drawn[i] * sites + drawn[j]]
    table = plants(["a"] * n + ["b"] * (sites - n), xy, jobs)
    for simulated, weight in zip(curves.swapaxes(0, 1), (None, "employment"), strict=True):
        null, sd = exact_null(table, grid, 12.0, weight), simulated.std(axis=0)
        assert np.abs(null.mean - simulated.mean(axis=0)).max() < 0.02 * sd.min()
        assert np.abs(null.sd / sd - 1).max() < 0.01
        for share in (0.025, 0.975):
            point = np.quantile(simulated, share, axis=0)
            assert np.abs((null.curve(norm.ppf(share)) - point) / sd).max() < 0.1


def test_exact_null_of_a_weighted_industry_is_that_of_every_draw() -> None:
    """Six sites, two of them at one place, and three establishments of 1, 4 and 2.5 jobs: 120 draws, each summed up."""
    xy = np.array([[0, 0], [0, 0], [30, 4], [55, 60], [10, 80], [90, 20.0]])
    jobs, grid = np.array([1, 4, 2.5]), np.array([0, 20, 45, 80.0])
    pairs = np.outer(jobs, jobs) / (jobs.sum() ** 2 - (jobs**2).sum())
    kernel = direct(xy, grid, 15.0)
    draws = [list(at) for at in permutations(range(6), 3)]
    curves = np.array([np.einsum("ij,ijd->d", pairs, kernel[np.ix_(at, at)]) for at in draws])
    null = exact_null(plants(list("aaabbb"), xy, [*jobs, 1, 1, 1]), grid, 15.0, "employment")
    # the kernel stands at the middle of bins of 0.3 km, which only many pairs make up for
    np.testing.assert_allclose(null.mean, curves.mean(axis=0), rtol=5e-3)
    np.testing.assert_allclose(null.sd, curves.std(axis=0), rtol=2e-2)


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["silverman", "dbmss"])
def test_bandwidths_of_the_simulated_curves_by_option(rule: Any) -> None:
    """The same draws, each with Silverman's bandwidth of its own distances, summed up one by one."""
    xy, grid = towns(200, 11), np.arange(0, 100, 10.0)
    xy = xy[np.lexsort((xy[:, 1], xy[:, 0]))]
    names = np.array(["b"] * 200, dtype=object)
    names[:80] = "a"
    options: dict[str, Any] = {"industry": "a", "distances": grid, "simulations": 49, "bandwidth": rule}
    jobs = np.random.default_rng(1).lognormal(3, 1, 200)
    heavy = tp.measures.k_density(plants(list(names), xy, jobs), refit=True, weight="employment", **options)
    found = tp.measures.k_density(plants(list(names), xy), refit=True, **options)
    assert heavy.summary_table["bandwidth_km"].tolist() == found.summary_table["bandwidth_km"].tolist()
    fixed = tp.measures.k_density(plants(list(names), xy), null="simulated", **options)
    curves = []
    for stream in np.random.SeedSequence(0).spawn(2)[1].spawn(49):
        drawn = xy[nested_permutation.draw(np.ones(200), 80, stream)]
        apart = pdist(drawn)
        width = silverman(apart[apart <= 180] if rule == "dbmss" else apart)
        curves.append(direct(drawn, grid, width).sum(axis=(0, 1)) / (80 * 79))
    wanted = np.mean(curves, axis=0)
    np.testing.assert_allclose(found.table["expected"], wanted, rtol=2e-3)
    assert np.abs(fixed.table["expected"] / wanted - 1).max() > 5e-3
    assert found.table["density"].tolist() == fixed.table["density"].tolist()
    assert set(found.summary_table["null"]) == {"simulated"}


def silverman(values: np.ndarray) -> float:
    between = np.subtract(*np.quantile(values, [0.75, 0.25])) / 1.34
    return float(0.9 * min(values.std(), between) * len(values) ** -0.2)


def test_cluster_is_found_where_it_is() -> None:
    xy = np.random.default_rng(1).uniform(0, 300, (800, 2))
    xy[:80] = np.random.default_rng(2).normal(150, 6, (80, 2))
    result = tp.measures.k_density(plants(["a"] * 80 + ["b"] * 720, xy), industry="a", simulations=199)
    row = result.summary_table.iloc[0]
    assert row["verdict"] == "localised" and row["first_km"] == 0 and 2 < row["strongest_km"] < 20
    assert 0.5 < row["localization"] < 1 and row["dispersion"] == 0
    assert "localised" in result.text
    # the index is the integral of what exceeds the band
    over = (result.table["density"] - result.table["global_high"]).clip(lower=0)
    assert row["localization"] == pytest.approx(np.trapezoid(over, result.table["distance_km"]), rel=1e-12)


def test_default_distances_end_at_the_median() -> None:
    xy = towns(500, 9)
    table = tp.measures.k_density(plants(["a"] * 100 + ["b"] * 400, xy), industry="a", simulations=19).table
    assert len(table) == 100 and table["distance_km"].iloc[0] == 0
    assert table["distance_km"].iloc[-1] == pytest.approx(np.median(pdist(xy)), rel=2e-3)


@pytest.mark.slow
@pytest.mark.parametrize("weight", [None, "employment"])
def test_bandwidth_rules(weight: Any) -> None:
    """Bandwidths are of distances, which have no weight."""
    xy = towns(400, 11)
    table = plants(["a"] * 150 + ["b"] * 250, xy, np.random.default_rng(3).lognormal(3, 2, 400))
    distance = pdist(xy[:150])

    def found(bandwidth: Any) -> float:
        options: dict[str, Any] = {"distances": [0, 20, 60.0], "simulations": 19, "bandwidth": bandwidth}
        options["weight"] = weight
        return float(
            tp.measures.k_density(table, industry="a", **options).summary_table["bandwidth_km"].iloc[0]
        )

    assert found("silverman") == pytest.approx(silverman(distance), rel=2e-3)
    assert found("dbmss") == pytest.approx(silverman(distance[distance <= 120]), rel=2e-3)
    assert found(7.5) == 7.5


def small(**options: Any) -> Result:
    xy = towns(60, 13)
    return tp.measures.k_density(plants(["a"] + ["b"] * 2 + ["c"] * 57, xy), simulations=19, **options)


def test_what_is_undefined_is_said() -> None:
    summary = small().summary_table
    assert summary["industry"].tolist() == ["b", "c", "a"]
    assert (
        summary["undefined"].iloc[-1] == "fewer than two establishments"
        and summary["p_value"].isna().iloc[-1]
    )
    everything = plants(["c"] * 57, towns(57, 13))
    whole = tp.measures.k_density(everything, simulations=19)
    assert whole.summary_table["undefined"].tolist() == ["the industry has all sites of the reference"]
    assert whole.table.empty and whole.plot() is not None


@pytest.mark.parametrize(
    "options",
    [
        {"level": 1.0},
        {"level": 0.99},
        {"bandwidth": 0.0},
        {"bandwidth": 1e-6},
        {"distances": [10.0]},
        {"distances": [10.0, 5.0]},
        {"null": "guess"},
        {"refit": True, "null": "exact"},
        {"refit": True, "bandwidth": 5.0},
    ],
)
def test_wrong_options_are_refused_in_words(options: dict[str, Any]) -> None:
    with pytest.raises(WrongOption) as error:
        small(**options)
    assert str(error.value)


@pytest.mark.parametrize("null", ["exact", "simulated"])
def test_beyond_the_map_nothing_is_significant(null: Any) -> None:
    table = plants(["a"] * 30 + ["b"] * 90, towns(120, 3))
    found = tp.measures.k_density(table, industry="a", null=null, distances=[1000, 2000], simulations=99)
    assert found.summary_table["verdict"].tolist() == ["neither"]
    assert found.summary_table["p_value"].tolist() == [1.0]
    assert (found.table[["density", "expected", "global_low", "global_high"]] == 0).all(axis=None)


@pytest.mark.slow
def test_few_places_are_smoothed_alike_in_the_industry_and_in_chance() -> None:
    xy = np.random.default_rng(2).uniform(0, 300, (4, 2))[np.arange(3000) % 4]
    table = plants(["a"] * 1500 + ["b"] * 1500, xy)
    drawn, exact = (
        tp.measures.k_density(table, industry="a", null=null, simulations=300).table["expected"]
        for null in ("simulated", "exact")
    )
    assert np.abs(drawn - exact).max() < 1.5e-3 * exact.max()


def test_one_point_has_no_distances() -> None:
    with pytest.raises(EmptyTable):
        tp.measures.k_density(plants(["a"] * 5 + ["b"] * 5, np.zeros((10, 2))), simulations=19)


def test_false_discovery_rate_is_over_industries() -> None:
    summary = small().summary_table.dropna(subset=["p_value"])
    p = np.sort(summary["p_value"])
    wanted = np.minimum.accumulate((p * len(p) / np.arange(1, len(p) + 1))[::-1])[::-1]
    np.testing.assert_allclose(np.sort(summary["q_value"]), np.minimum(wanted, 1))


def test_seed_and_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    first = small()
    monkeypatch.setattr("technopole.kernels.blocks.available", lambda: 1)
    assert small().digest == first.digest
    assert small(seed=1).digest != first.digest


def test_missing_coordinates() -> None:
    with pytest.raises(TechnopoleError):
        tp.measures.k_density(tp.read_establishments(pd.DataFrame({"industry": ["a", "b"]})))
