"""Chords and great circles."""

from __future__ import annotations

import numpy as np
from pyproj import Geod

from technopole.kernels.locations import RADIUS_KM, chord, great_circle, on_plane, on_sphere


def straight(coordinates: np.ndarray) -> float:
    return float(np.linalg.norm(coordinates[0] - coordinates[1]))


def test_a_quarter_of_the_equator() -> None:
    places = on_sphere(np.array([0.0, 90.0]), np.array([0.0, 0.0]))
    np.testing.assert_allclose(straight(places.coordinates), RADIUS_KM * np.sqrt(2), rtol=1e-12)
    found = places.to_km(np.array([straight(places.coordinates)]))
    np.testing.assert_allclose(found, RADIUS_KM * np.pi / 2, rtol=1e-12)


def test_agrees_with_proj_on_a_sphere() -> None:
    random = np.random.default_rng(2)
    longitude, latitude = random.uniform(-180, 180, 200), random.uniform(-90, 90, 200)
    geod = Geod(a=RADIUS_KM * 1000, b=RADIUS_KM * 1000)
    _, _, metres = geod.inv(longitude[:-1], latitude[:-1], longitude[1:], latitude[1:])
    at = on_sphere(longitude, latitude).coordinates
    np.testing.assert_allclose(
        great_circle(np.linalg.norm(np.diff(at, axis=0), axis=1)), np.asarray(metres) / 1000, rtol=1e-9
    )


def test_chord_and_great_circle_undo_each_other() -> None:
    km = np.array([0.0, 1e-3, 1.0, 500.0, 15_000.0])
    np.testing.assert_allclose(great_circle(chord(km)), km, rtol=1e-9, atol=1e-12)
    assert chord(np.array([30_000.0])) <= 2 * RADIUS_KM


def test_a_plane_stays_as_it_is() -> None:
    plane = on_plane(np.array([0.0, 3.0]), np.array([0.0, 4.0]))
    assert not plane.geographic
    assert straight(plane.coordinates) == 5.0
    assert plane.to_km(np.array([5.0])).tolist() == plane.to_straight(np.array([5.0])).tolist() == [5.0]
