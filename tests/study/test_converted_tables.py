"""`convert` of a study's table: the step sees the new codes, the reader what was lost; what can't be converted is said at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from technopole import study
from technopole.errors import TechnopoleError, UnknownName, WrongOption
from technopole.study.planning import plan

STUDY = """
[study]
name = "codes"
title = "Codes"

[tables.jobs]
path = "jobs.csv"
as = "activity"
convert = {{ from = "{from_}", to = "{to}" }}

[steps.lq]
call = "measures.location_quotient"
activity = "jobs"
"""
JOBS = "place,industry,employment\nA,26.70,10\nA,10.71,30\nB,26.70,5\nB,10.71,50\nB,00.00,5\n"


def written(folder: Path, from_: str, to: str) -> Path:
    (folder / "jobs.csv").write_text(JOBS)
    (folder / "study.toml").write_text(STUDY.format(from_=from_, to=to))
    return folder / "study.toml"


@pytest.mark.slow
def test_steps_see_new_codes_and_say_what_was_lost(tmp_path: Path) -> None:
    done = study.run(study.load(written(tmp_path, "NACE-2", "ISIC-4")), tmp_path / "out")
    result = done.results["lq"]
    assert set(result.table["industry"]) == {"2670", "1071"}
    assert any(said.startswith("NACE-2 -> ISIC-4") and "5 % is lost" in said for said in result.warnings)
    again = study.run(study.load(tmp_path / "study.toml"), tmp_path / "out")
    assert again.reused == ("lq",)


@pytest.mark.parametrize(
    ("from_", "to", "kind", "words"),
    [
        ("NACE2", "ISIC-4", UnknownName, "NACE-2"),
        ("NACE-2", "WIPO-35", WrongOption, "no chain of concordances"),
    ],
)
def test_wrong_classifications_stop_before_anything_runs(
    tmp_path: Path, from_: str, to: str, kind: type[TechnopoleError], words: str
) -> None:
    with pytest.raises(kind, match=r"classification|chain") as caught:
        plan(study.load(written(tmp_path, from_, to)))
    assert words in str(caught.value) and "line 9, tables.jobs.convert" in str(caught.value)


def test_another_key_is_an_error(tmp_path: Path) -> None:
    path = written(tmp_path, "NACE-2", "ISIC-4")
    path.write_text(path.read_text().replace('to = "ISIC-4"', 'onto = "ISIC-4"'))
    with pytest.raises(UnknownName, match="onto") as caught:
        study.load(path)
    assert "to" in caught.value.exists
