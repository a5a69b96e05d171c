"""Establishments on distinct locations: counts, weights, sectors, what is left out."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import MissingColumn, TechnopoleError, UnknownName, WrongOption
from technopole.measures import _pair_distances
from technopole.spatial import site_table
from technopole.tables import Activity, Establishments, Places

PLANTS = pd.DataFrame(
    {
        "industry": ["a", "a", "b", "b", "b", "c"],
        "longitude": [1.0, 1.0, 2.0, 3.0, None, 3.0],
        "latitude": [1.0, 1.0, 2.0, 3.0, None, 3.0],
        "employment": [5, 4, 3, 2, 9, 1],
    }
)
CELLS = pd.DataFrame(
    {
        "place": ["p", "p", "q", "r"],
        "industry": ["a", "b", "b", "b"],
        "establishments": [2, 1, 3, 4],
        "employment": [10, 2, 6, 8],
    }
)
POINTS = pd.DataFrame({"place": ["p", "q"], "longitude": [1.0, 2.0], "latitude": [1.0, 2.0]})


def test_counts_and_weights_by_location() -> None:
    sites = site_table.of_table(Establishments.of(PLANTS), weight="employment", industry=["a", "b"])
    assert sites.points["east"].tolist() == [1.0, 2.0, 3.0]
    assert sites.universe.tolist() == [2, 1, 2]
    assert sites.universe_weight.tolist() == [9, 3, 3]
    a, b = sites.industries
    assert (a.name, a.location.tolist(), a.count.tolist(), a.weight.tolist()) == ("a", [0], [2], [9])
    assert [part.tolist() for part in b.plants()] == [[1, 2], [3, 2]]
    assert [part.tolist() for part in a.plants()] == [[0, 0], [4, 5]]
    assert any("1 of 6 establishments have no coordinates" in text for text in sites.warnings)


def test_cells_count_their_establishments() -> None:
    sites = site_table.of_table(
        Activity.of(CELLS), places=Places.of(POINTS), weight="employment", industry="b"
    )
    assert sites.points["place"].tolist() == ["p", "q"]
    assert sites.universe.tolist() == [3, 3]
    (b,) = sites.industries
    assert b.count.tolist() == [1, 3] and b.weight.tolist() == [2, 6]
    assert [part.tolist() for part in b.plants()] == [[0, 1, 1, 1], [2, 2, 2, 2]]
    assert any("4 of 10 establishments have no coordinates" in text for text in sites.warnings)


def test_order_and_names_change_nothing() -> None:
    frame = PLANTS.assign(establishment_id=list("uvwxyz"))
    one = site_table.of_table(Establishments.of(frame), weight="employment", industry=["b", "a"])
    turned = frame.iloc[::-1].assign(establishment_id=list("zyxwvu"))
    two = site_table.of_table(Establishments.of(turned), weight="employment", industry=["b", "a"])
    assert [m.name for m in two.industries] == ["b", "a"]
    for mine, other in zip(one.industries, two.industries, strict=True):
        for left, right in zip(
            (mine.location, mine.weight, *mine.plants()),
            (other.location, other.weight, *other.plants()),
            strict=True,
        ):
            np.testing.assert_array_equal(left, right)


def test_planes_are_kilometres() -> None:
    frame = pd.DataFrame({"industry": ["a", "a"], "x": [0.0, 3000.0], "y": [0.0, 4000.0]})
    metres = site_table.of_table(Establishments.of(frame, crs="EPSG:32632"))
    assert np.linalg.norm(np.diff(metres.locations.coordinates, axis=0)) == pytest.approx(5.0, rel=1e-12)
    plain = site_table.of_table(Establishments.of(frame, crs="planar-km"))
    assert np.linalg.norm(np.diff(plain.locations.coordinates, axis=0)) == pytest.approx(5000.0, rel=1e-12)


def test_a_sector_takes_codes_that_belong_at_least_half() -> None:
    frame = PLANTS.assign(industry=["11", "11", "12", "13", "13", "c"])
    sector = tp.sector("mine", scheme="own", codes={"11": 1.0, "12": 0.5, "13": 0.4})
    sites = site_table.of_table(Establishments.of(frame), sector=sector)
    (mine,) = sites.industries
    assert mine.name == "mine" and mine.count.tolist() == [2, 1]
    assert any("less than half" in text and "13" in text for text in sites.warnings)


def test_a_reference_is_the_universe_and_is_completed() -> None:
    reference = Establishments.of(PLANTS[PLANTS["industry"] == "b"])
    sites = site_table.of_table(Establishments.of(PLANTS), industry="a", reference=reference)
    assert sites.universe.tolist() == [2, 1, 1]
    assert any("lacks 2 sites" in text for text in sites.warnings)


def test_bad_input_is_said() -> None:
    with pytest.raises(MissingColumn, match="coordinates"):
        site_table.of_table(Establishments.of(PLANTS[["industry"]]))
    with pytest.raises(MissingColumn, match="places="):
        site_table.of_table(Activity.of(CELLS))
    with pytest.raises(UnknownName, match="'d'"):
        site_table.of_table(Establishments.of(PLANTS), industry="d")
    with pytest.raises(TechnopoleError, match="none of the 3 places"):
        site_table.of_table(Activity.of(CELLS), places=Places.of(POINTS.assign(place=["x", "y"])))
    with pytest.raises(WrongOption, match="whole numbers"):
        site_table.of_table(Activity.of(CELLS.assign(establishments=1.5)), places=Places.of(POINTS))
    flat = Establishments.of(pd.DataFrame({"industry": ["a"], "x": [0.0], "y": [0.0]}), crs="planar-km")
    with pytest.raises(WrongOption, match="another kind"):
        site_table.of_table(Establishments.of(PLANTS), reference=flat)


def test_a_reference_holds_all_industries_that_share_a_place() -> None:
    shared = PLANTS.assign(longitude=1.0, latitude=1.0)
    elsewhere = Establishments.of(PLANTS[PLANTS["industry"] == "c"])
    sites = site_table.of_table(Establishments.of(shared), industry=["a", "b"], reference=elsewhere)
    assert sites.universe.tolist() == [5, 1]
    assert sites.warnings[-1].startswith("the reference lacks 5 sites")


def test_a_reference_in_another_projection_is_refused() -> None:
    flat = PLANTS.dropna().rename(columns={"longitude": "x", "latitude": "y"})
    table, other = (tp.read_establishments(flat, crs=crs) for crs in ("EPSG:2154", "EPSG:2263"))
    with pytest.raises(WrongOption, match="another projection"):
        site_table.of_table(table, reference=other)


def test_a_reference_is_of_the_same_year_where_it_has_it() -> None:
    def years(*which: int) -> Establishments:
        return Establishments.of(pd.concat([PLANTS.dropna()[:n].assign(year=2010 + n) for n in which]))

    sites = site_table.of_table(years(1, 3), reference=years(1, 3, 4))
    assert (sites.year, sites.universe.sum()) == (2013, 3)
    assert [said for said in sites.warnings if said.startswith("reference")] == []
    sites = site_table.of_table(years(3), reference=years(1, 4))
    assert sites.universe.sum() == 4
    assert "reference: of 2 years only the last, 2014, is used" in sites.warnings


def test_counts_that_no_country_has_are_refused() -> None:
    cells = Activity.of(CELLS.assign(establishments=1e15))
    with pytest.raises(WrongOption, match="more establishments than any country has"):
        site_table.of_table(cells, places=Places.of(POINTS))


def test_the_engine_is_asked_before_threads_start() -> None:
    """It serves one thread at a time; industries are measured in several."""
    random = np.random.default_rng(2)
    frame = pd.DataFrame({"industry": [f"i{k % 9}" for k in range(90)], "employment": 1 + np.arange(90)})
    frame = frame.assign(longitude=random.uniform(8, 9, 90), latitude=random.uniform(48, 49, 90))
    sites = site_table.of_table(Establishments.of(frame), weight="employment")
    asked: list[threading.Thread] = []

    def watched(own: site_table.Members) -> site_table.Members:
        return replace(own, plants=lambda: (asked.append(threading.current_thread()), own.plants())[1])

    _pair_distances.observe(
        _pair_distances.measured(sites, None), [watched(own) for own in sites.industries], True
    )
    assert asked == [threading.current_thread()] * 9
