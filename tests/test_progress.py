"""Progress: told in order, to whoever listens, from any thread; nobody has to listen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole import progress
from technopole.kernels.blocks import in_blocks


def test_steps_tell_the_start_and_every_item() -> None:
    heard: list[tuple[str, int, int]] = []
    with progress.listening(lambda *said: heard.append(said)):
        assert list(progress.steps("abc", "letters")) == ["a", "b", "c"]
    assert heard == [("letters", 0, 3), ("letters", 1, 3), ("letters", 2, 3), ("letters", 3, 3)]
    assert list(progress.steps("abc", "letters")) == ["a", "b", "c"] and len(heard) == 4


def test_counter_adds_up_whatever_the_thread() -> None:
    heard: list[int] = []
    with progress.listening(lambda _, done, of: heard.append(done)):
        add = progress.counter("simulations", 200)
        in_blocks(lambda _: add(2), range(100), threads=4)
    assert heard == list(range(0, 201, 2))


def test_the_listener_before_is_back_after_an_error() -> None:
    heard: list[str] = []
    with progress.listening(lambda what, done, of: heard.append(what)):
        with pytest.raises(ZeroDivisionError), progress.listening(lambda *_: None):
            raise ZeroDivisionError
        progress.counter("outer", 1)
    assert heard == ["outer"]


def plants() -> tp.tables.Establishments:
    xy = np.random.default_rng(3).uniform(0, 100, (90, 2))
    frame = pd.DataFrame({"industry": np.repeat(["a", "b", "c"], 30), "x": xy[:, 0], "y": xy[:, 1]})
    return tp.read_establishments(frame.assign(establishment_id=range(90)), crs="planar-km")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "options", "ends"),
    [
        ("k_density", {"null": "simulated", "simulations": 40}, {"industries": 3, "simulations": 40}),
        ("k_density", {"null": "exact"}, {"industries": 3, "locations": 90, "bands": 3}),
        ("m_function", {"simulations": 40}, {"industries": 3, "simulations": 40}),
        ("m_density", {"simulations": 40}, {"industries": 3, "simulations": 40}),
        ("colocation", {"simulations": 40}, {"pairs of industries": 3, "simulations": 40}),
        (
            "colocation",
            {"statistic": "m", "simulations": 40},
            {"pairs of industries": 6, "simulations": 40},
        ),
        ("cluster_index", {"simulations": 40}, {"industries": 3, "simulations": 40}),
    ],
)
def test_long_members_tell_how_far_they_are_and_count_the_same(
    name: str, options: dict[str, Any], ends: dict[str, int]
) -> None:
    heard: dict[str, list[tuple[int, int]]] = {}
    member = getattr(tp.measures, name)
    with progress.listening(lambda what, done, of: heard.setdefault(what, []).append((done, of))):
        result = member(plants(), **options)
    assert {what: told[-1] for what, told in heard.items()} == {what: (of, of) for what, of in ends.items()}
    assert all(told[0][0] == 0 for told in heard.values())
    assert member(plants(), **options).digest == result.digest


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "options", "ends"),
    [
        ("scan", {"industry": "a", "simulations": 40}, {"simulations": 40}),
        ("local_moran", {"industry": "a", "permutations": 99, "weights": "knn4"}, {"places": 60}),
        ("getis_ord", {"industry": "a", "permutations": 99, "weights": "knn4"}, {"places": 60}),
    ],
)
def test_local_members_tell_it_too(name: str, options: dict[str, Any], ends: dict[str, int]) -> None:
    random = np.random.default_rng(4)
    names = [f"p{k}" for k in range(60)]
    spots = pd.DataFrame({"place": names, "x": random.uniform(0, 9, 60), "y": random.uniform(0, 9, 60)})
    rows = pd.DataFrame({"place": names * 2, "industry": ["a"] * 60 + ["b"] * 60})
    rows["establishments"] = random.integers(1, 50, 120)
    rows["employment"] = rows["establishments"] * 7
    places = tp.read_places(spots, crs="planar-km")
    heard: dict[str, tuple[int, int]] = {}
    with progress.listening(lambda what, done, of: heard.update({what: (done, of)})):
        getattr(tp.measures, name)(tp.read_activity(rows), places=places, **options)
    assert heard == {what: (of, of) for what, of in ends.items()}
