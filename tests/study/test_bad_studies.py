"""A study file with a mistake: the message names file, line, key and value, what there is, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from technopole import study
from technopole.errors import TechnopoleError

Edit = Callable[[str, str], Path]

MISTAKES = {
    "unknown section": ("[study]", "[stdy]\n[study]", ["'stdy'", "line", "study"]),
    "unknown key": ('name = "small"', 'nmae = "small"', ["'nmae'", "line 3", "study.nmae", "name"]),
    "unknown key of a table": ('path = "jobs.csv"', 'path = "jobs.csv"\nshet = "1"', ["'shet'", "tables.jobs.shet", "sheet"]),
    "key missing": ('title = "A small study"', "", ["'title'", "is missing", "study"]),
    "no steps": ("[steps.", "[chapters.", ["steps"]),
    "wrong type": ("seed = 7", 'seed = "seven"', ["valid integer", "'seven'", "study.seed", "line 6"]),
    "name that is no file name": ("[steps.optics]", '[steps."../optics"]', ["'../optics'", "letters"]),
    "not TOML": ("seed = 7", "seed = ", ["TOML", "line 6", "quotes"]),
    "key twice": ("seed = 7", "seed = 7\nseed = 8", ["TOML", "once"]),
    "unknown kind of table": ('as = "activity"', 'as = "activty"', ["'activty'", "line 13", "activity"]),
    "unknown member": (".location_quotient", ".location_quotent", ["steps.all_industries.call", "measures.location_quotient"]),
    "member without its room": ("measures.location_quotient", "location_quotient", ["measures.location_quotient"]),
    "unknown argument": ("level = 0.9", "levle = 0.9", ["'levle'", "line 23", "level"]),
    "argument of the wrong type": ("level = 0.9", 'level = "high"', ["'high'", "valid number", "all_industries.level"]),
    "argument outside its options": ("level = 0.9", 'interval = "wald"', ["'wald'", "wilson", "exact", "delta", "none"]),
    "argument without quotes": ("level = 0.9", "value = 3", ["valid string", "quotes"]),
    "argument missing": ('activity = "jobs"\nlevel', "level", ["'activity'", "jobs", "add activity"]),
    "unknown table": ('activity = "jobs"\nlevel', 'activity = "job"\nlevel', ["'job'", "no table", "line 22", "jobs"]),
    "unknown sector": ('sector = "optics"', 'sector = "optcs"', ["'optcs'", "no sector", "optics"]),
    "table where a sector goes": ('sector = "optics"', 'sector = "jobs"', ["'jobs'", "no sector", "optics"]),
    "table of the wrong kind": ('as = "activity"', 'as = "figures"', ["'figures'", "activity"]),
    "number where a table goes": ('activity = "jobs"\nlevel', "activity = 3\nlevel", ["name", "jobs"]),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_explained(mistake: str, edited: Edit) -> None:
    old, new, said = MISTAKES[mistake]
    file = edited(old, new)
    if mistake == "no steps":
        file.write_text('[study]\nname = "a"\ntitle = "b"\n', encoding="utf-8")
    with pytest.raises(TechnopoleError) as caught:
        study.plan(study.load(file))
    text = str(caught.value)
    assert "study.toml" in text
    for part in said:
        assert part in text, f"{part!r} isn't in:\n{text}"


def test_unknown_study_file_names_those_there_are(small: Path) -> None:
    with pytest.raises(TechnopoleError, match=r"(?s)'stdy.toml'|stdy\.toml.*study\.toml"):
        study.load(small.with_name("stdy.toml"))


def test_study_in_another_encoding_is_refused(small: Path) -> None:
    small.write_bytes(small.read_text(encoding="utf-8").replace("A small", "光").encode("gb18030"))
    with pytest.raises(TechnopoleError, match="UTF-8"):
        study.load(small)


def test_byte_order_mark_is_taken(small: Path) -> None:
    small.write_bytes(b"\xef\xbb\xbf" + small.read_bytes())
    assert study.load(small).study.name == "small"


def test_missing_data_file_names_table_and_what_is_there(small: Path, tmp_path: Path) -> None:
    small.with_name("jobs.csv").rename(small.with_name("jobs_2018.csv"))
    with pytest.raises(TechnopoleError, match=r"(?s)'jobs'.*jobs\.csv.*jobs_2018\.csv.*path"):
        study.run(study.load(small), tmp_path / "out")


def test_bad_data_names_the_step_and_table(small: Path, tmp_path: Path) -> None:
    jobs = small.with_name("jobs.csv")
    jobs.write_text(jobs.read_text(encoding="utf-8").replace(",120,", ",many,"), encoding="utf-8")
    with pytest.raises(
        TechnopoleError, match=r"(?s)many.*table jobs of study\.toml|table jobs of study\.toml.*many"
    ):
        study.run(study.load(small), tmp_path / "out")


def test_what_a_member_refuses_names_the_step(edited: Edit, tmp_path: Path) -> None:
    file = edited("level = 0.9", "level = 9")
    with pytest.raises(TechnopoleError, match=r"step all_industries \(measures\.location_quotient\)"):
        study.run(study.load(file), tmp_path / "out")


def test_sector_without_a_known_scheme_names_the_section(edited: Edit, tmp_path: Path) -> None:
    file = edited('codes = ["3333"]', 'use = "photonic"')
    with pytest.raises(TechnopoleError, match=r"(?s)photonic.*sectors\.optics"):
        study.run(study.load(file), tmp_path / "out")


def test_mistake_deep_in_a_section_is_told_by_its_own_keys(edited: Edit) -> None:
    part = '[[cards.parts]]\nstep = "optics"\ncolums = ["place"]\n'
    file = edited("[chapters.where]", f"{part}[chapters.where]")
    with pytest.raises(TechnopoleError) as caught:
        study.load(file)
    assert (
        "'colums'" in str(caught.value) and "columns" in str(caught.value) and "line 10" in str(caught.value)
    )
