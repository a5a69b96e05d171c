"""Map geometry against a projection's closed form; labels that don't overlap."""

from __future__ import annotations

import math

import numpy as np
import pytest

from technopole.charts.geography import canvas
from technopole.charts.labels import LINE, place_labels, text_width


def lambert(longitude: float, latitude: float, centre: tuple[float, float]) -> tuple[float, float]:
    """Snyder (1987), Map Projections: A Working Manual, equations 24-2 to 24-4, on a sphere of radius 1."""
    lam, phi = math.radians(longitude - centre[0]), math.radians(latitude)
    phi1 = math.radians(centre[1])
    k = math.sqrt(2 / (1 + math.sin(phi1) * math.sin(phi) + math.cos(phi1) * math.cos(phi) * math.cos(lam)))
    x = k * math.cos(phi) * math.sin(lam)
    y = k * (math.cos(phi1) * math.sin(phi) - math.sin(phi1) * math.cos(phi) * math.cos(lam))
    return x, y


def test_a_region_is_projected_as_lambert_says_but_for_the_earths_flattening() -> None:
    longitude, latitude = np.array([100.0, 140.0, 120.0]), np.array([20.0, 45.0, 30.0])
    frame = canvas(longitude, latitude, 600)
    x, y = frame.pixels(longitude, latitude)
    want = np.array([lambert(a, b, (120.0, 32.5)) for a, b in zip(longitude, latitude, strict=True)])
    got = np.column_stack([x - x[2], y[2] - y])
    want = want - want[2]
    ratio = got[0, 0] / want[0, 0]
    assert got == pytest.approx(
        want * ratio, rel=0.01, abs=0.5
    )  # the ellipsoid differs from the sphere by 1/298


def test_all_places_lie_within_the_frame() -> None:
    longitude, latitude = np.array([-111.0, 5.4, 137.7]), np.array([32.2, 52.5, 23.0])
    frame = canvas(longitude, latitude, 628)
    x, y = frame.pixels(longitude, latitude)
    assert ((x > 0) & (x < frame.width) & (y > 0) & (y < frame.height)).all()


def test_one_place_still_has_a_map_around_it() -> None:
    frame = canvas(np.array([114.3]), np.array([30.6]), 308)
    land = frame.outline("land")
    assert frame.height > 100 and land["geometry"]["coordinates"]


def test_labels_never_overlap_each_other_and_stay_inside() -> None:
    random = np.random.default_rng(3)
    points = [(float(x), float(y), 4.0) for x, y in random.uniform([10, 10], [290, 190], (14, 2))]
    names = [f"place number {i}" for i in range(14)]
    labels, key = place_labels(names, points, 300, 200)
    assert len(labels) == 14
    assert {label.text for label in labels} <= {*names, *(str(number) for number, _ in key)}
    boxes = [(i.x, i.y - LINE / 2, i.x + text_width(i.text), i.y + LINE / 2) for i in labels]
    for n, a in enumerate(boxes):
        assert a[0] >= 0 and a[1] >= 0 and a[2] <= 300 and a[3] <= 200
        assert not any(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for b in boxes[n + 1 :])


def test_where_names_find_no_room_points_are_numbered_in_their_order() -> None:
    points = [(50.0, 50.0, 4.0)] * 8
    labels, key = place_labels([f"a long name of a place {i}" for i in range(8)], points, 100, 100)
    assert [number for number, _ in key] == list(range(1, 9))
    assert [label.text for label in labels] == [str(i) for i in range(1, 9)]
