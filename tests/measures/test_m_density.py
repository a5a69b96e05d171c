"""m: cases by hand, plain kernel sums, the bandwidth of R's bw.nrd0, calibration."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import WrongOption
from technopole.kernels.locations import great_circle, on_sphere
from technopole.result import Result


def contract_case() -> dict[str, Any]:
    return {"weight": "employment", "distances": [0, 20, 50, 100], "simulations": 59}


def economy(count: int = 250, *, seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "x": random.uniform(0, 100, count),
            "y": random.uniform(0, 60, count),
            "industry": random.choice(list("abc"), count, p=[0.2, 0.3, 0.5]),
            "employment": random.integers(1, 50, count),
        }
    )


def curve(frame: pd.DataFrame, radii: list[float], **options: Any) -> Result:
    sites = tp.read_establishments(frame, crs="planar-km")
    return tp.measures.m_density(sites, distances=radii, **{"simulations": 39, **options})


def direct(
    distance: np.ndarray, focal: np.ndarray, around: np.ndarray, weight: np.ndarray, radii: Any, width: float
) -> list[float]:
    """The formula, in loops over establishments and distances, without bins."""
    values = []
    for radius in radii:
        apart = np.abs(distance - radius) / width
        kernel = np.where(apart <= 5, np.exp(-(apart**2) / 2), 0) * weight
        np.fill_diagonal(kernel, 0)
        local = base = 0.0
        for i in np.flatnonzero(focal):
            others = around & (np.arange(len(weight)) != i)
            if kernel[i].sum() > 0:
                local += kernel[i, around].sum() / kernel[i].sum()
                base += weight[others].sum() / (weight.sum() - weight[i])
        values.append(local / base)
    return values


def apart(frame: pd.DataFrame) -> np.ndarray:
    at = frame[["x", "y"]].to_numpy()
    return np.sqrt(((at[:, None] - at) ** 2).sum(axis=2))


def rule_of_thumb(distances: np.ndarray) -> float:
    """R's bw.nrd0."""
    quartiles = np.quantile(distances, [0.25, 0.75])
    return 0.9 * min(distances.std(ddof=1), np.ptp(quartiles) / 1.34) * len(distances) ** -0.2


def test_worked_by_hand() -> None:
    line = pd.DataFrame({"x": [0.0, 1, 10, 11, 20], "y": 0.0, "industry": list("aabba")})
    found = curve(line, [1, 10, 20], industry="a", bandwidth=1).table
    # At 1: two see only each other, the third sees nobody; at 10: only b; at 20: 0 and 20 see each other (1 sees 20 at 19).
    np.testing.assert_allclose(found["m"], [2.0, 0.0, 2.0], atol=1e-12)
    assert found["isolated"].tolist() == [1, 0, 0]
    # At 9.5, h = 1: 0 sees b at 10 and 11; 1 sees b at 9 and 10; 20 sees b at 9 and 10. Around b: 10 sees a at 9, 10, 10.
    between = curve(line, [9.5], industry="b", neighbours="a", bandwidth=1).table
    np.testing.assert_allclose(between["m"], [1 / (3 / 4)], rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("weight", [None, "employment"])
@pytest.mark.parametrize("neighbours", [None, "b"])
def test_equals_the_direct_sum(weight: Any, neighbours: str | None) -> None:
    frame, radii = economy(), [0.0, 2, 5, 11, 24, 40]
    found = curve(frame, radii, industry="a", weight=weight, neighbours=neighbours, bandwidth=3.0).table
    heavy = frame["employment"].to_numpy(float) if weight else np.ones(len(frame))
    focal, around = ((frame["industry"] == name).to_numpy() for name in ("a", neighbours or "a"))
    wanted = direct(apart(frame), focal, around, heavy, radii, 3.0)
    np.testing.assert_allclose(found["m"], wanted, rtol=3e-3)


def test_great_circles() -> None:
    random = np.random.default_rng(2)
    frame = pd.DataFrame(
        {
            "longitude": random.uniform(-90, 90, 150),
            "latitude": random.uniform(-60, 80, 150),
            "industry": random.choice(list("ab"), 150),
        }
    )
    sites = tp.read_establishments(frame)
    radii = [0.0, 1000, 4000, 9000]
    found = tp.measures.m_density(sites, industry="a", distances=radii, bandwidth=600.0, simulations=39).table
    at = on_sphere(frame["longitude"].to_numpy(), frame["latitude"].to_numpy()).coordinates
    distance = great_circle(np.linalg.norm(at[:, None] - at, axis=2))
    chosen = (frame["industry"] == "a").to_numpy()
    np.testing.assert_allclose(
        found["m"], direct(distance, chosen, chosen, np.ones(150), radii, 600.0), rtol=3e-3
    )


@pytest.mark.parametrize("neighbours", [None, "b"])
def test_bandwidth_is_that_of_bw_nrd0(neighbours: str | None) -> None:
    frame, radii = economy(), [0.0, 10, 20]
    found = curve(frame, radii, industry="a", neighbours=neighbours).summary_table
    distance = apart(frame)
    a, b = (np.flatnonzero(frame["industry"] == name) for name in "ab")
    pairs = (
        distance[np.ix_(a, b)].ravel() if neighbours else distance[np.ix_(a, a)][np.triu_indices(len(a), 1)]
    )
    np.testing.assert_allclose(found["bandwidth_km"], rule_of_thumb(pairs[pairs <= 40]), rtol=1e-3)


def test_what_has_no_curve_says_why() -> None:
    lonely = pd.DataFrame({"x": [5.0, 9, 9], "y": [5.0, 9, 9], "industry": ["one", "two", "two"]})
    result = curve(pd.concat([economy(60).drop(columns="employment"), lonely]), [0, 10])
    said = result.summary_table.set_index("industry")["undefined"]
    assert said["one"] == "fewer than two establishments"
    assert (
        said["two"]
        == "its establishments are all equally far apart, so no bandwidth follows: give bandwidth="
    )
    assert said["a"] == ""


def test_a_bandwidth_too_small_for_the_distances_is_refused() -> None:
    for width in (1e-4, 0.0, -1.0):
        with pytest.raises(WrongOption, match="bandwidth"):
            curve(economy(40), [0, 10, 50], bandwidth=width)


@pytest.mark.slow
def test_five_percent_of_random_industries_leave_the_global_band() -> None:
    random, frame = np.random.default_rng(12), economy(600, seed=6)
    labels = np.array([f"{i:03d}" for i in np.arange(600) // 30])
    verdicts: list[str] = []
    for seed in range(5):
        shuffled = frame.assign(industry=random.permutation(labels))
        found = curve(shuffled, list(np.linspace(0, 40, 15)), simulations=99, seed=seed)
        verdicts += found.summary_table["verdict"].tolist()
    assert len(verdicts) == 100
    assert np.mean([verdict != "neither" for verdict in verdicts]) <= 0.11  # 99 % of the binomial at 5 %
