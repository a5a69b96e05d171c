"""Oracles: the double sum in float64, m_function, all relabellings of a small map, the pooled sites' own density, by hand."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import UnknownName, WrongOption
from technopole.measures import colocation, m_function
from technopole.tables import Establishments

exempt = {"empty place": "a further site is a further place to be, whatever works there"}


def contract_case() -> dict[str, Any]:
    return {"simulations": 39, "distances": list(range(0, 201, 20))}


def plane(frame: pd.DataFrame) -> Establishments:
    return Establishments.of(frame, crs="planar-km")


def economy(count: int = 300, seed: int = 1) -> pd.DataFrame:
    """Sites in towns and between, with some at one address; a and b in their own town, c anywhere."""
    random = np.random.default_rng(seed)
    towns = random.uniform(0, 100, (8, 2))
    at = towns[random.integers(0, 8, count)] + random.normal(0, 5, (count, 2))
    at[40:44] = at[40]
    kind = np.repeat(["a", "b", "c", "d"], [30, 40, 60, count - 130])
    at[:30] = towns[0] + random.normal(0, 3, (30, 2))
    at[30:70] = towns[0] + random.normal(0, 3, (40, 2))
    return pd.DataFrame(
        {"industry": kind, "x": at[:, 0], "y": at[:, 1], "employment": random.integers(1, 60, count)}
    )


def direct(frame: pd.DataFrame, a: str, b: str, km: np.ndarray, h: float, weight: str | None) -> np.ndarray:
    """Every pair of one establishment of each, smoothed by the kernel reflected at 0."""
    left, right = (frame[frame["industry"] == name] for name in (a, b))
    apart = np.hypot(*(left[c].to_numpy()[:, None] - right[c].to_numpy() for c in "xy"))
    heavy = np.ones(apart.shape) if weight is None else np.outer(left[weight], right[weight])
    kernel = sum(np.exp(-(((km[:, None, None] + side * apart) / h) ** 2) / 2) for side in (-1, 1))
    return (kernel * heavy).sum(axis=(1, 2)) / (heavy.sum() * h * np.sqrt(2 * np.pi))


@pytest.mark.slow
@pytest.mark.parametrize("weight", [None, "employment"])
def test_density_is_the_double_sum(weight: Any) -> None:
    frame, km = economy(1000), np.linspace(0, 60, 31)
    found = colocation(
        plane(frame), industry=["c", "d"], distances=list(km), bandwidth=4.0, weight=weight, simulations=19
    ).table
    expected = direct(frame, "c", "d", km, 4.0, weight)
    np.testing.assert_allclose(found["density"], expected, atol=3e-4 * expected.max())


def test_bandwidth_is_of_distances_which_have_no_weight() -> None:
    frame, km = economy(1000), np.linspace(0, 60, 31)
    frame["employment"] = np.random.default_rng(5).lognormal(3, 2, 1000)
    left, right = (frame[frame["industry"] == name] for name in "cd")
    apart = np.hypot(*(left[c].to_numpy()[:, None] - right[c].to_numpy() for c in "xy")).ravel()
    quartiles = np.quantile(apart, [0.25, 0.75])
    h = 0.9 * min(apart.std(), (quartiles[1] - quartiles[0]) / 1.34) * len(apart) ** -0.2
    found = colocation(
        plane(frame), industry=["c", "d"], distances=list(km), weight="employment", simulations=19
    ).table
    expected = direct(frame, "c", "d", km, h, "employment")
    np.testing.assert_allclose(found["density"], expected, atol=2e-3 * expected.max())


def test_density_on_the_sphere() -> None:
    frame = economy(1000)
    degrees = frame.assign(longitude=8 + frame["x"] / 60, latitude=50 + frame["y"] / 90).drop(
        columns=["x", "y"]
    )
    km, h = np.linspace(0, 80, 21), 5.0
    found = colocation(degrees, industry=["c", "d"], distances=list(km), bandwidth=h, simulations=19).table
    left, right = (np.radians(degrees.loc[degrees["industry"] == k, ["longitude", "latitude"]]) for k in "cd")
    (o, p), (q, r) = left.to_numpy().T[:, :, None], right.to_numpy().T[:, None, :]
    half = np.sin((r - p) / 2) ** 2 + np.cos(p) * np.cos(r) * np.sin((q - o) / 2) ** 2
    apart = 2 * 6371.0088 * np.arcsin(np.sqrt(half))
    kernel = sum(np.exp(-(((km[:, None, None] + side * apart) / h) ** 2) / 2) for side in (-1, 1))
    expected = kernel.mean(axis=(1, 2)) / (h * np.sqrt(2 * np.pi))
    np.testing.assert_allclose(found["density"], expected, atol=3e-4 * expected.max())


@pytest.mark.slow
@pytest.mark.parametrize("null", ["random_location", "population_independence"])
@pytest.mark.parametrize("weight", [None, "employment"])
def test_m_is_that_of_m_function(null: Any, weight: Any) -> None:
    frame = plane(economy())
    options: dict[str, Any] = {
        "weight": weight,
        "distances": [1, 5, 20, 60],
        "simulations": 59,
        "seed": 3,
        "null": null,
    }
    found = colocation(frame, industry=["a", "b"], statistic="m", **options)
    other = m_function(frame, industry="b", neighbours="a", **options)
    mine = found.table[found.table["industry_a"] == "b"].reset_index(drop=True)
    columns = ["m", "local_low", "local_high", "global_low", "global_high"]
    pd.testing.assert_frame_equal(mine[columns], other.table[columns], rtol=1e-12)
    summary = found.summary_table.set_index(["industry_a", "industry_b"])
    assert summary.loc[("b", "a"), "p_value"] == other.summary_table["p_value"].iloc[0]


def test_worked_case() -> None:
    # a at 0 and 10, b at 1 and 20, c at 11. Within 1 km: one neighbour each, b of a at 0: M = 1/2 over 2/4.
    # Within 10 km: a at 0 sees a, b; a at 10 sees a, b, c, and b at 20: (1/2 + 2/4) / 2 over 2/4.
    sites = pd.DataFrame({"x": [0.0, 10, 1, 20, 11], "y": 0.0, "industry": list("aabbc")})
    found = colocation(plane(sites), industry=["a", "b"], statistic="m", distances=[1, 10], simulations=19)
    first = found.table[found.table["industry_a"] == "a"]
    assert first["m"].tolist() == pytest.approx([1.0, 1.0], rel=1e-12)
    # b around b's own: b at 1 has a (0) within 1 km, b at 20 none, so is left out: M = 1 over 2/4.
    second = found.table[found.table["industry_a"] == "b"]
    assert second["m"].iloc[0] == pytest.approx(2.0, rel=1e-12)


def test_random_labelling_draws_from_all_relabellings() -> None:
    sites = pd.DataFrame({"x": [0.0, 3, 7, 20], "y": [0.0, 4, 1, 2], "industry": list("aabb")})
    km, h = np.array([0.0, 5.0, 15.0]), 2.0
    every = []
    for chosen in itertools.combinations(range(4), 2):
        kinds = ["a" if i in chosen else "b" for i in range(4)]
        every.append(direct(sites.assign(industry=kinds), "a", "b", km, h, None))
    found = colocation(
        plane(sites), null="random_labelling", distances=list(km), bandwidth=h, simulations=499, level=0.9
    ).table
    top = np.max(every)
    np.testing.assert_allclose(found["expected"], np.mean(every, axis=0), atol=0.06 * top)
    np.testing.assert_allclose(found["global_high"], np.max(every, axis=0), atol=1e-2 * top)
    np.testing.assert_allclose(found["global_low"], np.min(every, axis=0), atol=1e-2 * top)


@pytest.mark.slow
@pytest.mark.parametrize("null", ["random_location", "random_labelling"])
def test_mean_of_the_null_is_the_density_of_the_pooled_sites(null: Any) -> None:
    """Any two sites of the pool are as likely as any other two to be one of each industry."""
    frame, km, h = economy(), np.linspace(0, 50, 26), 4.0
    pool = frame if null == "random_location" else frame[frame["industry"].isin(["a", "c"])]
    alike = pool.assign(industry="p")
    n = len(alike)
    both = direct(alike, "p", "p", km, h, None) * n**2
    own = 2 * n * np.exp(-((km / h) ** 2) / 2) / (h * np.sqrt(2 * np.pi))
    expected = (both - own) / (n * (n - 1))
    found = colocation(
        plane(frame), industry=["a", "c"], null=null, distances=list(km), bandwidth=h, simulations=400
    ).table
    np.testing.assert_allclose(found["expected"], expected, atol=0.05 * expected.max())


@pytest.mark.slow
def test_verdicts() -> None:
    found = colocation(plane(economy()), industry=["a", "b", "c"], simulations=199)
    rows = found.summary_table.set_index(["industry_a", "industry_b"])
    assert rows.loc[("a", "b"), "verdict"] == "colocalised" and rows.loc[("a", "b"), "localization"] > 0.2
    assert rows.loc[("a", "b"), "strongest_km"] < 15
    assert (rows["q_value"] >= rows["p_value"]).all()
    labels = colocation(plane(economy()), industry=["a", "b"], null="random_labelling", simulations=199)
    assert labels.summary_table["verdict"].iloc[0] == "neither", "two kinds in one town, mixed"
    assert "colocalised" in found.text and found.plot(width=320) is not None


def test_pairs_asked_for() -> None:
    frame = plane(economy())
    found = colocation(frame, pairs=[("c", "a"), ("a", "b")], simulations=19, distances=[1, 9]).summary_table
    assert found[["industry_a", "industry_b"]].to_numpy().tolist() == [["a", "b"], ["c", "a"]]
    assert found["n_a"].tolist() == [30, 60] and found["n_b"].tolist() == [40, 30]


def test_no_neighbours_is_undefined_and_last() -> None:
    sites = pd.DataFrame({"x": [0.0, 10, 20, 35], "y": 0.0, "industry": list("abab")})
    options: dict[str, Any] = {"statistic": "m", "simulations": 19}
    some = colocation(plane(sites), distances=[0, 12], **options)
    assert some.table["undefined"].ne("").tolist() == [False, False, True, True]
    assert some.table["m"].isna().tolist() == [False, False, True, True]
    assert some.summary_table["undefined"].eq("").all()
    none = colocation(plane(sites), distances=[0, 1], **options)
    assert none.summary_table["p_value"].isna().all() and none.summary_table["undefined"].ne("").all()
    assert none.summary()


def test_what_it_refuses() -> None:
    frame = plane(economy(150))
    few: dict[str, Any] = {"simulations": 19, "distances": [1, 9]}
    with pytest.raises(WrongOption, match="two industries"):
        colocation(frame, industry="a", **few)
    with pytest.raises(WrongOption, match="a pair is two"):
        colocation(frame, pairs=[("a", "a")], **few)
    with pytest.raises(UnknownName):
        colocation(frame, industry=["a", "b"], pairs=[("a", "c")], **few)
    with pytest.raises(WrongOption, match="more simulations"):
        colocation(frame, simulations=9)
    with pytest.raises(WrongOption, match="level"):
        colocation(frame, level=95)
    with pytest.raises(WrongOption, match="bandwidth"):
        colocation(frame, bandwidth=0.0)
    with pytest.raises(WrongOption, match="holds industries"):
        colocation(frame, industry=["a", "b"], sector=tp.sector("s", scheme="mine", codes=["a"]), **few)


@pytest.mark.slow
@pytest.mark.parametrize("statistic", ["k_density", "m"])
@pytest.mark.parametrize("null", ["random_location", "population_independence", "random_labelling"])
def test_false_positives(statistic: Any, null: Any) -> None:
    """200 pairs that are what the null says: on random sites of towns, or mixed at random in a town of their own."""
    random = np.random.default_rng(5)
    called = []
    for _ in range(4):
        towns = random.uniform(0, 300, (50, 2))
        town = np.repeat(np.arange(50), 50)
        at = towns[town] + random.normal(0, 6, (2500, 2))
        kind = town * 2 + random.permuted(np.tile(np.arange(50) % 2, (50, 1)), axis=1).ravel()
        if null != "random_labelling":
            kind = random.permutation(kind)
        codes = np.char.zfill(kind.astype(str), 3)
        frame = plane(pd.DataFrame({"industry": codes, "x": at[:, 0], "y": at[:, 1]}))
        pairs = [(f"{2 * k:03d}", f"{2 * k + 1:03d}") for k in range(50)]
        found = colocation(
            frame,
            pairs=pairs,
            statistic=statistic,
            null=null,
            simulations=99,
            distances=list(range(0, 61, 4)),
        )
        called += (found.summary_table["verdict"] != "neither").tolist()
    assert 0.01 <= np.mean(called) <= 0.095, np.mean(called)
