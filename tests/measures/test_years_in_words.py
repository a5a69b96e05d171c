"""A table of several years: the text and the chart say of which year they speak."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import technopole as tp

JOBS: Any = pd.DataFrame(
    [
        (place, industry, year, jobs + year - 2018)
        for year in (2018, 2019)
        for place, industry, jobs in (
            ("A", "2670", 50),
            ("A", "2810", 10),
            ("B", "2670", 5),
            ("B", "2810", 60),
            ("B", "2825", 20),
        )
    ],
    columns=["place", "industry", "year", "employment"],
)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["coagglomeration", "concentration", "location_quotient", "specialization", "star_rating", "variety"],
)
def test_the_text_names_the_year_it_speaks_of(name: str) -> None:
    measure = getattr(tp.measures, name)
    assert measure(JOBS).text.startswith("In 2019: ")
    assert not measure(JOBS[JOBS["year"] == 2019]).text.startswith("In ")


def test_the_chart_names_the_year_it_shows() -> None:
    assert ", 2019" in tp.measures.specialization(JOBS).plot().to_json()
