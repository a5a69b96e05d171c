"""A small study with a bit of everything, run once."""

from __future__ import annotations

from pathlib import Path

import pytest

from technopole import study
from technopole.study import Run

PARKS = """park,country,longitude,latitude,role
North Valley,A,8,50,valley
South <b>Valley</b>,B,9,51,valley
光谷,China,114.4,30.5,foreign
"""
FIGURES = """place,facet,indicator,value,unit,year,scope,status,note,grade,source
North Valley,size,revenue,10.5,billion EUR,2017,optics,reported,,official,https://example.org/north?a=1&b=2
South <b>Valley</b>,size,revenue,3,billion EUR,2018,optics,approximate,,weak,https://example.org/south
光谷,size,revenue,800,billion CNY,2020,optics,target,,press,javascript:alert(1)
North Valley,size,firms,2100,firms,2017,optics,reported,,press,A yearbook on paper
光谷,technology,national_key_labs,10,labs,2019,optics,reported,,press,https://example.org/labs
North Valley,stage,year_founded,1984,year,1984,optics,reported,,press,https://example.org/founded
"""
ACTIVITY = "place,industry,year,employment,establishments\n" + "".join(
    f"county {place:03d},{industry},2019,{(place * 7 + shift) % 90 + 1},{place % 9 + 1}\n"
    for place in range(60)
    for industry, shift in (("x", 3), ("y", 40))
)
STUDY = """
[study]
name = "small"
title = "A small study & its <title>"
subtitle = "of three parks"
question = "How do they differ?"

[chapters.first]
title = "The parks"
text = '''
One paragraph.

Another <i>paragraph</i>.
'''

[cards]
of = ["North Valley", "South <b>Valley</b>", "光谷"]

[[cards.parts]]
title = "Figures"
step = "side"
table = "cells"
columns = ["indicator", "value", "unit", "year", "scope", "status", "grade", "source"]

[tables.parks]
path = "parks.csv"
as = "parks"

[tables.figures]
path = "figures.csv"
as = "figures"

[tables.jobs]
path = "jobs.csv"
as = "activity"

[steps.map]
call = "comparison.symbol_map"
chapter = "first"
title = "Where they lie"
places = "parks"
group = "role"

[steps.side]
call = "comparison.side_by_side"
chapter = "first"
title = "Side by side"
summary = true
parks = "parks"
figures = "figures"
currency = "EUR"
hide = ["parks_with_figure"]

[steps.quotients]
call = "measures.location_quotient"
chapter = "clusters"
title = "Location quotients"
note = "A note before."
activity = "jobs"
rows = 10
"""


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The small study, run."""
    folder = tmp_path_factory.mktemp("small")
    files = {"parks.csv": PARKS, "figures.csv": FIGURES, "jobs.csv": ACTIVITY, "study.toml": STUDY}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return study.run(study.load(folder / "study.toml"), folder / "out")


@pytest.fixture(scope="session")
def page(small: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study's report."""
    from technopole import report

    return report.write(small, tmp_path_factory.mktemp("page"))
