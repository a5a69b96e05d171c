"""The firm-level cluster index: by hand, against plain sums, against every draw there is, and calibrated."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import WrongOption


def contract_case() -> dict[str, Any]:
    return {"simulations": 99}


exempt = {"empty place": "counts establishments whatever their size: one without jobs is a neighbour too"}


def economy(count: int = 300, *, seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    centres = random.uniform(0, 200, (8, 2))
    at = centres[random.integers(0, 8, count)] + random.normal(0, 8, (count, 2))
    return pd.DataFrame(
        {
            "establishment_id": [f"e{i:03d}" for i in range(count)],
            "x": at[:, 0],
            "y": at[:, 1],
            "industry": random.choice(list("abc"), count, p=[0.1, 0.3, 0.6]),
        }
    )


def index(frame: pd.DataFrame, **options: Any) -> Any:
    sites = tp.read_establishments(frame, crs="planar-km")
    return tp.measures.cluster_index(sites, **{"simulations": 99, **options})


def near(frame: pd.DataFrame, nearest: float = 1.0) -> np.ndarray:
    at = frame[["x", "y"]].to_numpy()
    found = 1 / np.maximum(np.sqrt(((at[:, None] - at) ** 2).sum(axis=2)), nearest)
    np.fill_diagonal(found, 0)
    return found


def test_worked_by_hand() -> None:
    line = pd.DataFrame(
        {"x": [0.0, 1, 10, 11, 20], "y": 0.0, "industry": list("aabba"), "establishment_id": list("vwxyz")}
    )
    found = index(line, industry="a").table
    first = ((1 + 1 / 20) / 2) / ((1 + 1 / 10 + 1 / 11 + 1 / 20) / 4)
    last = ((1 / 20 + 1 / 19) / 2) / ((1 / 20 + 1 / 19 + 1 / 10 + 1 / 9) / 4)
    np.testing.assert_allclose(found["index"].to_numpy()[[0, 2]], [first, last], rtol=1e-12)
    assert found["establishment_id"].tolist() == ["v", "w", "z"]


def test_establishments_need_no_identifier() -> None:
    frame = economy(60)
    named, bare = index(frame).table, index(frame.drop(columns="establishment_id")).table
    assert list(bare) == [name for name in named if name != "establishment_id"]
    order = ["industry", "x", "y"]
    pd.testing.assert_frame_equal(
        named.drop(columns="establishment_id").sort_values(order, ignore_index=True),
        bare.sort_values(order, ignore_index=True),
    )


def test_equals_plain_sums() -> None:
    frame = economy()
    frame.loc[1, ["x", "y"]] = frame.loc[0, ["x", "y"]].to_numpy()  # two share a place
    found = index(frame, nearest_km=2.0).table.set_index("establishment_id")["index"]
    sums, kinds = near(frame, 2.0), frame["industry"].to_numpy()
    for i, name in enumerate(frame["establishment_id"]):
        own = sums[i, kinds == kinds[i]].sum() / ((kinds == kinds[i]).sum() - 1)
        np.testing.assert_allclose(found[name], own / (sums[i].sum() / (len(frame) - 1)), rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("null", ["simulated", "moments"])
def test_p_value_against_every_draw_there_is(null: Any) -> None:
    frame = economy(14, seed=2).assign(industry=list("aaaa" + "b" * 10))
    found = index(frame, industry="a", null=null, simulations=4999).table.set_index("establishment_id")
    sums = near(frame)
    for i in range(4):
        others = [j for j in range(14) if j != i]
        seen = sums[i, :4].sum()
        draws = [sums[i, list(three)].sum() for three in combinations(others, 3)]
        exact = np.mean([draw >= seen * (1 - 1e-12) for draw in draws])
        room = 0.03 if null == "simulated" else 0.12
        assert abs(found.loc[f"e{i:03d}", "p_value"] - exact) < room


def test_a_cluster_is_found() -> None:
    frame = economy(400, seed=4)
    centre = frame[["x", "y"]].iloc[0]
    inside = np.hypot(frame["x"] - centre["x"], frame["y"] - centre["y"]) < 15
    random = np.random.default_rng(5)
    chosen = np.where(inside, random.uniform(size=400) < 0.7, random.uniform(size=400) < 0.03)
    frame["industry"] = np.where(chosen, "lasers", "other")
    result = index(frame, industry="lasers", simulations=999)
    table = result.table.set_index("establishment_id")
    members = frame.loc[inside & chosen, "establishment_id"]
    assert table.loc[members, "significant"].mean() > 0.9
    assert table.loc[~table.index.isin(members), "significant"].mean() <= 0.5
    assert "significantly nearer" in result.text


@pytest.mark.slow
def test_places_with_counts_are_the_establishments_one_by_one() -> None:
    random = np.random.default_rng(6)
    places = pd.DataFrame(
        {
            "place": [f"p{i}" for i in range(30)],
            "longitude": random.uniform(5, 9, 30),
            "latitude": random.uniform(45, 50, 30),
        }
    )
    cells = [(p, k, int(random.integers(0, 4))) for p in places["place"] for k in "ab"]
    activity = pd.DataFrame(cells, columns=["place", "industry", "establishments"])
    each = activity.loc[activity.index.repeat(activity["establishments"])].merge(places, on="place")
    each = each.assign(establishment_id=[f"{i:03d}" for i in range(len(each))])
    counted: Any = tp.measures.cluster_index(activity, places=places, simulations=99)  # pyright: ignore[reportArgumentType]
    single: Any = tp.measures.cluster_index(each, simulations=99)  # pyright: ignore[reportArgumentType]
    by_place = single.table.merge(each[["establishment_id", "place"]]).drop_duplicates(["place", "industry"])
    both = counted.table.merge(by_place, on=["place", "industry"], suffixes=("", "_single"))
    assert len(both) == len(counted.table) == (activity["establishments"] > 0).sum()
    np.testing.assert_allclose(both["index"], both["index_single"], rtol=1e-12)
    assert both["p_value"].tolist() == both["p_value_single"].tolist()
    of_places = tp.measures.cluster_index(
        each.drop(columns=["longitude", "latitude"]),  # pyright: ignore[reportArgumentType]
        places=places,  # pyright: ignore[reportArgumentType]
        simulations=99,
    )
    assert of_places.table["p_value"].tolist() == single.table["p_value"].tolist()


def test_what_has_no_index_says_why_and_sorts_last() -> None:
    alone = pd.DataFrame({"establishment_id": ["a"], "x": [1.0], "y": [1.0], "industry": ["aaa"]})
    result = index(pd.concat([economy(40), alone]))
    assert result.table["undefined"].tolist()[-1] == "fewer than two establishments"
    whole = index(economy(30).assign(industry="a"), null="moments").table
    np.testing.assert_allclose(whole["index"], 1.0, rtol=1e-12)
    assert (whole["p_value"] == 1).all()


def test_wrong_options_are_refused() -> None:
    for wrong in ({"nearest_km": 0.0}, {"level": 0.0}, {"simulations": 5}):
        with pytest.raises(WrongOption):
            index(economy(20), **wrong)


@pytest.mark.slow
@pytest.mark.parametrize("null", ["simulated", "moments"])
@pytest.mark.parametrize("n", [10, 60])
def test_five_percent_of_random_establishments_are_significant(null: Any, n: int) -> None:
    random, frame = np.random.default_rng(13), economy(600, seed=6)
    labels = np.array([f"{i:03d}" for i in np.arange(600) // n])
    p = [
        index(frame.assign(industry=random.permutation(labels)), null=null, simulations=99, seed=s).table[
            "p_value"
        ]
        for s in range(3)
    ]
    assert np.mean(np.concatenate(p) <= 0.05) <= 0.06
    assert np.mean(np.concatenate(p) <= 0.05) >= 0.03
