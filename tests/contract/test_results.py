"""What every member's Result keeps: units, words, provenance, round trip, stated undefined values, same bytes again."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from cases import arguments, once, run, table_parameters

import technopole as tp
from technopole.errors import TechnopoleError
from technopole.tables import Trade


def test_result_is_signed_and_in_words(name: str) -> None:
    result = once(name)
    assert result.provenance is not None
    assert result.provenance.function == name
    assert result.provenance.version == tp.__version__
    assert result.provenance.inputs and all(len(item.digest) == 64 for item in result.provenance.inputs)
    assert result.citation
    assert result.summary().strip()
    assert len(re.findall(r"[.!?。](?:\s|$)", result.summary())) <= 6
    unsaid = {column for frame in result.frames.values() for column in frame.columns} - set(result.fields)
    assert not unsaid, f"columns without meaning and unit: {unsaid}"


@pytest.mark.slow
def test_result_survives_saving(name: str, tmp_path: Path) -> None:
    result = once(name)
    again = tp.load_result(result.save(tmp_path / "result"))
    assert again.digest == result.digest
    for part, frame in result.frames.items():
        pd.testing.assert_frame_equal(again.frames[part], frame, check_dtype=False)
    assert again.warnings == result.warnings and again.provenance == result.provenance


def test_undefined_is_said_and_sorts_last(name: str) -> None:
    table = once(name).table
    p_values = [table[c].dropna() for c in table.columns if c in ("p_value", "q_value")]
    assert all(((column > 0) & (column <= 1)).all() for column in p_values)
    if "undefined" in table.columns:
        said = table["undefined"].fillna("").ne("").to_numpy()
        assert not (~said[1:] & said[:-1]).any(), "undefined rows sort last"


@pytest.mark.slow
def test_same_call_same_bytes(name: str) -> None:
    assert run(name).digest == once(name).digest


@pytest.mark.slow
@pytest.mark.parametrize("width", [640, 320])
def test_chart_renders(name: str, width: int) -> None:
    import vl_convert as vlc

    chart = once(name).plot(width=width)
    if chart is not None:
        assert vlc.vegalite_to_svg(chart.to_json()).startswith("<svg")


def _first_table(name: str) -> tuple[str, pd.DataFrame]:
    parameter = next(iter(table_parameters(name)), None)
    if parameter is None:
        pytest.skip("takes results, not tables")
    given = arguments(name)
    if parameter not in given:
        pytest.skip("needs no table for the effect of its case")
    return parameter, given[parameter].to_pandas()


@pytest.mark.slow
def test_empty_input_is_an_error_in_words(name: str) -> None:
    parameter, frame = _first_table(name)
    with pytest.raises(TechnopoleError):
        run(name, **{parameter: frame.iloc[:0]})


@pytest.mark.slow
def test_one_row_all_zero_and_missing_values_never_crash(name: str) -> None:
    parameter, frame = _first_table(name)
    numbers = [
        c
        for c in frame.columns
        if pd.api.types.is_numeric_dtype(frame[c]) and c not in ("year", "longitude", "latitude")
    ]
    holes = frame.copy()
    holes[numbers] = holes[numbers].astype("float64")
    holes.loc[[i % 3 == 0 for i in range(len(frame))], numbers] = float("nan")
    zeros = frame.copy()
    zeros[numbers] = 0
    for changed in (frame.iloc[:1], zeros, holes):
        try:
            result = run(name, **{parameter: changed})
        except TechnopoleError as error:
            assert str(error)
            continue
        assert result.summary()


def test_a_result_warns_of_what_its_table_warned_of_once() -> None:
    table = Trade.of(pd.DataFrame({"exporter": ["a", "b"], "product": ["01", "02"], "value": [1.0, 2.0]}))
    table.warnings = ("two rows were left out",)
    found = tp.competitiveness.market_share(table)
    assert found.warnings.count("two rows were left out") == 1
