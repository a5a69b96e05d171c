"""M: cases by hand, plain double-precision sums, bands against permutations in plain NumPy, calibration."""

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
    return {"weight": "employment", "distances": [5, 20, 50, 100], "simulations": 59}


def economy(count: int = 300, *, seed: int = 0, lattice: bool = False) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    spread = random.integers(0, 12, (count, 2)) if lattice else random.uniform(0, 100, (count, 2)).round(6)
    return pd.DataFrame(
        {
            "x": spread[:, 0].astype(float),
            "y": spread[:, 1].astype(float),
            "industry": random.choice(list("abc"), count, p=[0.2, 0.3, 0.5]),
            "employment": random.integers(1, 50, count),
        }
    )


def on_plane(frame: pd.DataFrame) -> Any:
    return tp.read_establishments(frame, crs="planar-km")


def curve(frame: pd.DataFrame, radii: list[float] | None, **options: Any) -> Result:
    return tp.measures.m_function(on_plane(frame), distances=radii, **{"simulations": 39, **options})


def direct(
    distance: np.ndarray, focal: np.ndarray, around: np.ndarray, weight: np.ndarray, radii: Any
) -> list[float]:
    """The paper's formula, in loops over establishments and radii."""
    values = []
    for radius in radii:
        local = base = 0.0
        for i in np.flatnonzero(focal):
            near = (distance[i] <= radius) & (np.arange(len(weight)) != i)
            if not near.any():
                continue
            others = around & (np.arange(len(weight)) != i)
            local += weight[near & around].sum() / weight[near].sum()
            base += weight[others].sum() / (weight.sum() - weight[i])
        values.append(local / base if base else np.nan)
    return values


def apart(frame: pd.DataFrame) -> np.ndarray:
    at = frame[["x", "y"]].to_numpy()
    return np.sqrt(((at[:, None] - at) ** 2).sum(axis=2))


def test_worked_by_hand() -> None:
    line = pd.DataFrame({"x": [0.0, 1, 10, 11, 20], "y": 0.0, "industry": list("aabba")})
    found = curve(line, [0, 1, 10], industry="a").table
    # Within 1: 1/1 + 1/1 over 2 x 2/4; the third stands alone. Within 10: (1/2 + 1/3 + 0) over 3 x 2/4.
    defined = found[found["undefined"] == ""]
    np.testing.assert_allclose(defined["m"], [2.0, 5 / 9], rtol=1e-12)
    assert found["isolated"].tolist() == [1, 0, 3]
    assert found["undefined"].tolist()[2] == "no establishment has a neighbour at this distance"
    # a around b within 10: the b at 10 has a (0), a (1), b, a (20); the one at 11 has a (1), b, a (20). Over 2 x 3/4.
    between = curve(line, [10], industry="b", neighbours="a").table
    np.testing.assert_allclose(between["m"], [(3 / 4 + 2 / 3) / 1.5], rtol=1e-12)


def test_weights_by_hand() -> None:
    line = pd.DataFrame({"x": [0.0, 1, 2], "y": 0.0, "industry": list("aab"), "employment": [2, 4, 6]})
    found = curve(line, [1], industry="a", weight="employment").table
    # 4/4 + 2/(2 + 6), over (6 - 2)/(12 - 2) + (6 - 4)/(12 - 4)
    np.testing.assert_allclose(found["m"], [1.25 / 0.65], rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("lattice", [False, True])
@pytest.mark.parametrize("weight", [None, "employment"])
@pytest.mark.parametrize("neighbours", [None, "b"])
def test_equals_the_direct_sum(lattice: bool, weight: Any, neighbours: str | None) -> None:
    frame = economy(lattice=lattice)
    radii = [0.0, 1, 2, 5, 13, 40] if lattice else [1.5, 3, 7, 20, 60]
    found = curve(frame, radii, industry="a", weight=weight, neighbours=neighbours).table
    heavy = frame["employment"].to_numpy(float) if weight else np.ones(len(frame))
    focal, around = ((frame["industry"] == name).to_numpy() for name in ("a", neighbours or "a"))
    wanted = direct(apart(frame), focal, around, heavy, found["distance_km"])
    np.testing.assert_allclose(found["m"], wanted, rtol=1e-12)


def test_great_circles_and_places_with_counts() -> None:
    random = np.random.default_rng(4)
    places = pd.DataFrame(
        {
            "place": [f"p{i}" for i in range(40)],
            "longitude": random.uniform(-60, 60, 40),
            "latitude": random.uniform(-50, 70, 40),
        }
    )
    cells = [
        (place, industry, int(random.integers(0, 4))) for place in places["place"] for industry in ("a", "b")
    ]
    activity = pd.DataFrame(cells, columns=["place", "industry", "establishments"])
    radii = [0, 500, 1500, 4000]
    found = tp.measures.m_function(
        activity, places=places, industry="a", distances=radii, simulations=39
    ).table
    each = activity.loc[activity.index.repeat(activity["establishments"])].merge(places, on="place")
    at = on_sphere(each["longitude"].to_numpy(), each["latitude"].to_numpy()).coordinates
    distance = great_circle(np.linalg.norm(at[:, None] - at, axis=2))
    chosen = (each["industry"] == "a").to_numpy()
    np.testing.assert_allclose(
        found["m"], direct(distance, chosen, chosen, np.ones(len(each)), radii), rtol=1e-12
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("weight", "neighbours", "null"),
    [
        (None, None, "random_location"),
        ("employment", None, "random_location"),
        ("employment", "b", "random_location"),
        (None, "b", "population_independence"),
        ("employment", "b", "population_independence"),
    ],
)
def test_bands_are_those_of_permuted_labels_and_weights(weight: Any, neighbours: Any, null: Any) -> None:
    frame, radii = economy(90, seed=3), [10.0, 25, 50]
    options = {"industry": "a", "weight": weight, "neighbours": neighbours, "null": null, "simulations": 999}
    found = curve(frame, radii, **options).table
    random, distance = np.random.default_rng(8), apart(frame)
    moving = np.flatnonzero(frame["industry"] != "a") if null == "population_independence" else np.arange(90)
    draws = []
    for _ in range(600):
        order = np.arange(90)
        order[moving] = random.permutation(moving)
        marks = frame.iloc[order]
        heavy = marks["employment"].to_numpy(float) if weight else np.ones(90)
        focal, around = ((marks["industry"] == name).to_numpy() for name in ("a", neighbours or "a"))
        draws.append(direct(distance, focal, around, heavy, radii))
    low, high = np.nanquantile(draws, [0.025, 0.975], axis=0)
    spread = np.nanstd(draws, axis=0)
    assert (np.abs(found["local_low"] - low) < 0.35 * spread).all()
    assert (np.abs(found["local_high"] - high) < 0.35 * spread).all()


def test_a_cluster_is_found_and_said() -> None:
    frame = economy(400, seed=5)
    near = np.hypot(frame["x"] - 30, frame["y"] - 60) < 20
    frame["industry"] = np.where(near & (np.arange(400) % 2 == 0), "lasers", "other")
    result = curve(frame, [5, 10, 20, 40], simulations=199)
    summary = result.summary_table.set_index("industry")
    assert summary.loc["lasers", "verdict"] == "concentrated"
    assert summary.loc["lasers", "p_value"] <= 0.01
    assert summary.loc["lasers", "q_value"] >= summary.loc["lasers", "p_value"]
    assert summary.loc["lasers", "peak_m"] > 2
    assert "lasers" in result.text


def test_what_has_no_curve_says_why_and_sorts_last() -> None:
    frame = pd.concat([economy(60), pd.DataFrame({"x": [1.0], "y": 1.0, "industry": "aaa", "employment": 1})])
    result = curve(frame, [10, 30])
    assert result.table["undefined"].tolist()[-2:] == ["fewer than two establishments"] * 2
    assert result.summary_table["industry"].tolist()[-1] == "aaa"
    whole = curve(economy(50).assign(industry="a"), [10, 30])
    assert whole.table["m"].tolist() == [1.0, 1.0]
    assert whole.summary_table["verdict"].tolist() == ["neither"]
    assert whole.summary_table["p_value"].tolist() == [1.0]


def test_default_distances_widen_up_to_a_third() -> None:
    found = curve(economy(), None, industry="a").table["distance_km"].sort_values().to_numpy()
    frame = economy()
    extent = np.hypot(np.ptp(frame["x"]), np.ptp(frame["y"]))
    assert len(found) == 56 - (found[0] > 0)
    np.testing.assert_allclose(found.max(), extent * 260 / 800)
    assert (np.diff(found, 2) > -1e-9).all()


@pytest.mark.parametrize(
    "wrong",
    [
        {"distances": [-1.0]},
        {"distances": []},
        {"simulations": 10},
        {"level": 1.0},
        {"null": "population_independence"},
    ],
)
def test_wrong_options_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(WrongOption):
        tp.measures.m_function(on_plane(economy(40)), **{"distances": [10], "simulations": 39, **wrong})


@pytest.mark.slow
def test_five_percent_of_random_industries_leave_the_global_band() -> None:
    random, frame = np.random.default_rng(11), economy(600, seed=6)
    labels = np.array([f"{i:03d}" for i in np.arange(600) // 15])
    left, total = 0, 0
    for seed in range(8):
        shuffled = frame.assign(industry=random.permutation(labels))
        summary = curve(shuffled, list(np.linspace(3, 45, 15)), simulations=199, seed=seed).summary_table
        left += int((summary["verdict"] != "neither").sum())
        total += len(summary)
    assert total == 320
    assert 0.02 <= left / total <= 0.085  # 5 % expected; the binomial's 99 % range is 2-8.4 %


@pytest.mark.parametrize(("near", "said"), [(True, "is concentrated: at "), (False, "is neither")])
def test_one_industry_is_told_in_one_sentence(near: bool, said: str) -> None:
    random = np.random.default_rng(4)
    at = random.uniform(0, 100, (200, 2))
    if near:
        at[:30] = 50 + random.normal(0, 2, (30, 2))
    frame = pd.DataFrame({"x": at[:, 0], "y": at[:, 1], "industry": ["a"] * 30 + ["b"] * 170})
    sites = tp.read_establishments(frame, crs="planar-km")
    text = tp.measures.m_function(sites, industry="a", simulations=99).summary()
    assert text.startswith(f"a (30 establishments) {said}")
    assert text.count(". ") == 0
