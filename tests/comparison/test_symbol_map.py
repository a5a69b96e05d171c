"""comparison.symbol_map: coordinates joined to values, the last year, what is missing is said."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import technopole as tp
from technopole.errors import EmptyTable, MissingColumn, WrongOption
from technopole.result import Result
from technopole.tables import Places

PLACES = pd.DataFrame(
    {
        "place": ["36055", "04019", "99999"],
        "name": ["Monroe, New York", "Pima, Arizona", "nowhere"],
        "longitude": [-77.7, -111.8, None],
        "latitude": [43.3, 32.1, None],
    }
)
JOBS = pd.DataFrame(
    [
        ("36055", "optics", 2018, 5, 4.0),
        ("36055", "optics", 2019, 30, 20.0),
        ("36055", "other", 2019, 70, 50.0),
        ("04019", "optics", 2019, 10, 5.0),
        ("04019", "other", 2019, 90, 50.0),
        ("99999", "optics", 2019, 10, 5.0),
        ("99999", "other", 2019, 90, 50.0),
    ],
    columns=["place", "industry", "year", "employment", "establishments"],
)


def places() -> tp.tables.Places:
    return tp.tables.Places.of(PLACES)


def quotients() -> Result:
    result = tp.measures.location_quotient(JOBS)
    table = result.table
    return Result.of(table[table["industry"] == "optics"], text="", fields=result.fields)


def test_values_stand_at_their_places_largest_first_and_only_the_last_year() -> None:
    table = tp.comparison.symbol_map(places(), result=quotients(), value="location_quotient").table
    assert table["place"].tolist() == ["Monroe, New York", "Pima, Arizona", "nowhere"]
    # by hand, 2019: 0.3 / (50/300) and 0.1 / (50/300)
    assert table["location_quotient"].tolist() == pytest.approx([1.8, 0.6, 0.6], rel=1e-12)
    assert table["longitude"].tolist()[:2] == [-77.7, -111.8]


def test_a_place_without_coordinates_is_said_and_sorts_last() -> None:
    result = tp.comparison.symbol_map(places())
    assert result.table["undefined"].tolist() == ["", "", "no coordinates"]
    assert any("1 places have no coordinates" in warning for warning in result.warnings)


def test_the_chart_names_the_places_and_takes_another_backdrop(tmp_path) -> None:
    square = {"type": "Polygon", "coordinates": [[[-120, 20], [-60, 20], [-60, 50], [-120, 50], [-120, 20]]]}
    (tmp_path / "my.geojson").write_text(json.dumps(square))
    result = tp.comparison.symbol_map(
        places(), result=quotients(), value="location_quotient", base=str(tmp_path / "my.geojson")
    )
    drawn = json.dumps(result.plot(width=640).to_dict())
    assert "Monroe, New York" in drawn and "hollow" not in result.text


def test_kinds_are_told_apart() -> None:
    parks = pd.DataFrame(
        {"park": ["A", "B"], "longitude": [8.0, 9.0], "latitude": [50.0, 51.0], "role": ["valley", "foreign"]}
    )
    result = tp.comparison.symbol_map(parks, group="role")
    assert result.table["role"].tolist() == ["valley", "foreign"]
    assert result.summary() == "2 places are shown, by role: valley 1, foreign 1."
    assert "foreign" in json.dumps(result.plot().to_dict())


def test_the_rarest_kind_comes_first() -> None:
    parks = pd.DataFrame(
        {"park": list("ABC"), "longitude": 8.0, "latitude": 50.0, "role": ["far", "far", "near"]}
    )
    assert tp.comparison.symbol_map(parks, group="role").table["place"].tolist() == ["C", "A", "B"]


@pytest.mark.parametrize(
    ("error", "change"),
    [
        (MissingColumn, {"group": "colour"}),
        (MissingColumn, {"result": "quotients", "value": "nothing"}),
        (WrongOption, {"top": 0}),
    ],
)
def test_bad_input(error: type[Exception], change: dict) -> None:
    if change.get("result") == "quotients":
        change = {**change, "result": quotients()}
    with pytest.raises(error):
        tp.comparison.symbol_map(places(), **change)


def test_no_places_or_no_coordinates() -> None:
    with pytest.raises(EmptyTable):
        tp.comparison.symbol_map(tp.tables.Places.of(PLACES.iloc[:0]))
    with pytest.raises(MissingColumn, match="longitude"):
        tp.comparison.symbol_map(pd.DataFrame({"park": ["A"]}))


def test_the_interval_may_be_about_another_column_than_the_size() -> None:
    jobs = pd.DataFrame(
        {
            "place": ["A", "A", "B", "B"],
            "industry": ["x", "y", "x", "y"],
            "employment": [300, 100, 10, 900],
        }
    )
    places = pd.DataFrame({"place": ["A", "B"], "longitude": [8.0, 9.0], "latitude": [50.0, 51.0]})
    optics = tp.measures.location_quotient(jobs, sector=tp.sector("optics", scheme="mine", codes=["x"]))
    result = tp.comparison.symbol_map(Places.of(places), result=optics, value="value")
    assert result.table["place"].tolist() == ["A", "B"]
    assert {"location_quotient", "low", "high"} <= set(result.table)
    assert result.fields["low"].meaning == "lower end of the interval of location quotient"
