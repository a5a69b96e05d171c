"""The numbers on the page about county zones are those of the data."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from county_zones import data, estimates, page  # noqa: E402

PAGE = ROOT / "docs" / "methods" / "county_zones.md"
TEMPLATE = ROOT / "scripts" / "county_zones" / "page.md"


@pytest.fixture(scope="module")
def panel() -> data.Counties:
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs the public data folder ../shared/data, which isn't here")
    return data.counties(folder)


@pytest.fixture(scope="module")
def text() -> str:
    return PAGE.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_page_has_the_numbers_of_the_data(panel: data.Counties, text: str) -> None:
    compared, rings = estimates.comparisons(panel), estimates.neighbours(panel)
    first, *_ = compared.values()
    sentences = page.described(panel) | page.headlines(first, compared, rings)
    template = TEMPLATE.read_text(encoding="utf-8").splitlines()
    filled = [line for line in template if "{" in line and all(f"{{{name}}}" not in line for name in LATER)]
    assert len(filled) > 15
    for line in filled:
        if line not in ("{comparisons}", "{rings}"):
            assert line.format(**sentences) in text
    assert page.listed(compared, "compared with counties") in text
    assert page.listed(rings, "counties without a zone near one, compared with") in text
    assert page.listed(estimates.waves(panel), "counties whose first zone came") in text
    assert page.subgroups(estimates.by_income(panel)) in text


LATER = (
    "by_estimator", "outliers", "by_province", "waves", "subgroups", "contrast", "checks", "verdict", "breakdown", "pretrends_p",
    "bacon", "forbidden",
)  # fmt: skip


CHECKS = {"pre_trends", "sensitivity", "anticipation", "minimum_detectable_effect"}


@pytest.mark.slow
def test_the_estimators_on_the_page(panel: data.Counties, text: str) -> None:
    two_way = estimates.two_way(panel.table)
    right = estimates.group_time(panel.table)
    assert page.wrong_way(two_way)["bacon"] in text
    row = next(line for line in text.splitlines() if line.startswith("| real GDP per head"))
    assert page.change(right) in row and page.change(two_way) in row and page.gap(right) in row


@pytest.mark.slow
def test_the_checks_on_the_page(panel: data.Counties, text: str) -> None:
    first, second = estimates.checks(panel, only=CHECKS)
    assert set(first) == CHECKS
    for name, found in first.items():
        row = next(line for line in text.splitlines() if line.startswith(f"| {name.replace('_', ' ')} |"))
        assert found.text in row and row in page.answers({name: found}, {name: second[name]})


def test_deviations_from_untreated_neighbours_and_spikes_by_hand() -> None:
    frame = pd.DataFrame(
        {
            "county": ["a"] * 4 + ["b"] * 4 + ["c"] * 4,
            "year": [2000, 2001, 2002, 2003] * 3,
            "entered": [2002] * 4 + [0] * 8,
            "prefecture": ["p"] * 8 + ["q"] * 4,
            data.GDP: [*np.log([10.0, 10.0, 15.0, 15.0]), *np.log([5.0, 5.0, 50.0, 5.0]), 1.0, 1.0, 1.0, 1.0],
        }
    )
    assert data.spikes(frame).tolist() == [False] * 6 + [True] + [False] * 5
    assert data.jumping(frame).tolist() == [False] * 4 + [True] * 4 + [False] * 4
    against = data.against_untreated(frame, "prefecture")
    assert against["county"].unique().tolist() == ["a", "b"]
    assert np.allclose(against[data.GDP], [*np.log([2.0, 2.0, 0.3, 3.0]), 0, 0, 0, 0], rtol=1e-12, atol=1e-12)
    assert data.neighbours(frame)[["county", "entered"]].drop_duplicates().values.tolist() == [
        ["b", 2002],
        ["c", 0],
    ]
