"""The palette: told apart in grey and against white, also for readers who confuse red and green."""

from __future__ import annotations

import itertools

import altair as alt
import numpy as np
import pandas as pd

from technopole.charts import theme

# Viénot, Brettel & Mollon (1999): linear RGB as seen without the medium or the long wavelength cones
DEUTERAN = np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]])
PROTAN = np.array([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]])


def linear(color: str) -> np.ndarray:
    srgb = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def contrast(color: str) -> float:
    return 1.05 / (linear(color) @ [0.2126, 0.7152, 0.0722] + 0.05)  # WCAG 2.2, against white


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(rgb, 0, 1) / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_marks_and_words_stand_out_from_white() -> None:
    assert all(contrast(color) >= 3 for color in theme.SERIES)  # WCAG 1.4.11, graphics
    assert contrast(theme.INK) >= 4.5 and contrast(theme.MUTED) >= 4.5  # WCAG 1.4.3, text


def test_the_first_four_colours_differ_for_every_eye() -> None:
    for eye in (np.eye(3), DEUTERAN, PROTAN):
        for one, other in itertools.combinations(theme.SERIES[:4], 2):
            assert np.linalg.norm(lab(eye @ linear(one)) - lab(eye @ linear(other))) > 10


def test_every_series_has_a_shape_and_a_dash_of_its_own() -> None:
    assert len(set(theme.SHAPES)) == len(set(theme.DASHES)) == len(set(theme.SERIES)) == 8


def test_style_is_local_and_makes_width_the_whole_width() -> None:
    before = alt.theme.active
    chart = theme.style(alt.Chart(pd.DataFrame({"a": [1]})).mark_bar().encode(x="a:Q").properties(width=300))
    assert chart.to_dict()["autosize"] == {"type": "fit-x", "contains": "padding"}
    assert alt.theme.active == before
