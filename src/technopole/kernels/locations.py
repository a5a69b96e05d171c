"""Where sites lie: kilometres on a plane, or on the sphere, where chords stand in for great circles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
RADIUS_KM = 6371.0088  # mean radius of the Earth (IUGG)


@dataclass(frozen=True, slots=True)
class Locations:
    """Distinct locations.

    Attributes
    ----------
    coordinates : ndarray, shape (L, 2) or (L, 3)
        Kilometres: on a plane, or in space on the sphere of radius `RADIUS_KM`. Straight-line distance between two rows is
        the distance on the plane, and the chord on the sphere.
    """

    coordinates: Floats

    @property
    def geographic(self) -> bool:
        """Whether the locations lie on the sphere."""
        return self.coordinates.shape[1] == 3

    def __len__(self) -> int:
        return len(self.coordinates)

    def to_km(self, straight: Floats) -> Floats:
        """Return distances along the surface for straight-line distances."""
        return great_circle(straight) if self.geographic else np.asarray(straight, dtype=np.float64)

    def to_straight(self, km: Floats) -> Floats:
        """Return straight-line distances for distances along the surface."""
        return chord(km) if self.geographic else np.asarray(km, dtype=np.float64)


def on_sphere(longitude: Floats, latitude: Floats) -> Locations:
    """Return places given in degrees as points in space."""
    east, north = np.radians(longitude), np.radians(latitude)
    level = np.cos(north)
    return Locations(RADIUS_KM * np.column_stack([level * np.cos(east), level * np.sin(east), np.sin(north)]))


def on_plane(x_km: Floats, y_km: Floats) -> Locations:
    """Return places given in kilometres on a plane."""
    return Locations(np.column_stack([x_km, y_km]).astype(np.float64))


def great_circle(straight: Floats) -> Floats:
    """Return great-circle kilometres for chords: 2 R asin(c / 2R)."""
    return 2 * RADIUS_KM * np.arcsin(np.clip(np.asarray(straight) / (2 * RADIUS_KM), 0.0, 1.0))


def chord(km: Floats) -> Floats:
    """Return the chord for great-circle kilometres: 2 R sin(d / 2R), at most the diameter."""
    half = np.minimum(np.asarray(km) / (2 * RADIUS_KM), np.pi / 2)
    return 2 * RADIUS_KM * np.sin(half)
