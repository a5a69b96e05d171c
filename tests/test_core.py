"""The frame under every room: errors, writing, results, members, docstrings, rooms, engine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole import engine, rooms, writing
from technopole.docstrings import describe
from technopole.errors import (
    MissingColumn,
    Problem,
    StoreError,
    TechnopoleError,
    UnknownName,
    UnreadableFile,
    WrongOption,
)
from technopole.result import Field, Result


def result() -> Result:
    table = pd.DataFrame({"place": ["a", "b"], "x": [1.5, 2.0]})
    return Result.of(
        table, text="Two places.", fields={"place": Field("place"), "x": Field("x", "1")}, more=table
    )


def test_error_says_what_where_what_exists_and_what_to_do() -> None:
    text = str(
        TechnopoleError("no such park", value="Wuhn", where="parks.csv", exists=["Wuhan"], fix="correct it")
    )
    assert "'Wuhn'" in text and "parks.csv" in text and "Wuhan" in text and "correct it" in text


def test_problem_names_file_sheet_row_column_value_and_fix() -> None:
    text = str(Problem("a.xlsx", "S1", 7, "jobs", "-3", "is negative", "0 or more", "correct it", count=2))
    assert (
        text
        == "a.xlsx, sheet S1, row 7, column jobs: is negative '-3' (2 rows); allowed: 0 or more; correct it"
    )


def test_write_leaves_the_old_file_when_the_writer_fails(tmp_path: Path) -> None:
    target = writing.write_text(tmp_path / "a.txt", "old")

    def fail(path: Path) -> None:
        path.write_text("half")
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        writing.write(target, fail)
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_killed_writer_shows_no_half_file(tmp_path: Path) -> None:
    code = (
        "import sys, os, signal; from technopole import writing\n"
        "def fill(p):\n    p.write_text('half'); os.kill(os.getpid(), signal.SIGKILL)\n"
        f"writing.write({str(tmp_path / 'a.txt')!r}, fill)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / "a.txt").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_folder_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="can't write"):
        writing.write_text(tmp_path / "a.txt", "x")


def test_folder_where_a_file_stands_is_said(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    with pytest.raises(StoreError, match=r"can't write.*file has this name"):
        writing.write_text(tmp_path / "a" / "b.txt", "x")


def test_result_tables_can_be_changed_without_changing_the_result() -> None:
    mine = result()
    table = mine.table
    table.loc[0, "x"] = 99
    assert mine.table.loc[0, "x"] == 1.5
    assert mine.more.equals(mine.table)
    with pytest.raises(AttributeError, match="table, more"):
        _ = mine.other


def test_changed_result_on_disk_is_noticed(tmp_path: Path) -> None:
    result().save(tmp_path / "r")
    result().table.assign(x=0).to_parquet(tmp_path / "r" / "table.parquet")
    with pytest.raises(UnreadableFile, match="changed"):
        tp.load_result(tmp_path / "r")
    with pytest.raises(UnreadableFile, match="no whole result"):
        tp.load_result(tmp_path)


def test_member_lists_what_a_wrong_option_could_have_been() -> None:
    frame = pd.DataFrame({"place": ["a"], "industry": ["x"], "employment": [1]})
    with pytest.raises(WrongOption, match="level"):
        tp.measures.location_quotient(frame, level=2)
    with pytest.raises(MissingColumn) as caught:
        tp.measures.location_quotient(frame, value="jobs")
    assert "employment" in str(caught.value)


def test_rooms_know_their_members_without_importing_them() -> None:
    assert "location_quotient" in rooms.members("measures")
    assert rooms.load("measures.location-quotient") is tp.measures.location_quotient
    with pytest.raises(UnknownName, match="quotient") as caught:
        rooms.load("measures.locaton_quotient")
    assert "location_quotient" in str(caught.value)
    with pytest.raises(UnknownName):
        rooms.members("kitchen")


def test_docstring_is_taken_apart() -> None:
    def f(a: int, *, b: int) -> int:
        """Add two numbers.

            c = a + b

        More words.

        Parameters
        ----------
        a : int
            The one.
        b : int
            The other,
            on two lines.

        References
        ----------
        Somebody (1900).
        """
        return a + b

    said = describe(f)
    assert said.title == "Add two numbers." and said.formula == "c = a + b"
    assert said.parameters == {"a": "The one.", "b": "The other, on two lines."}
    assert said.citation == "Somebody (1900)."


def test_engine_has_one_thread_so_that_sums_have_one_order() -> None:
    connection = tp.connect()
    assert connection is engine.connection()
    assert connection.raw_sql("SELECT current_setting('threads')").fetchall() == [(1,)]


def test_another_engine_gives_the_same_and_is_left_again(tmp_path: Path) -> None:
    frame = pd.DataFrame({"place": ["a", "a", "b"], "industry": ["x", "y", "x"], "employment": [3, 4, 5]})
    here = tp.measures.location_quotient(frame)
    try:
        other = tp.connect(f"duckdb://{tmp_path / 'country.duckdb'}")
        assert other.raw_sql("SELECT current_setting('threads')").fetchall() == [(1,)]
        assert tp.measures.location_quotient(frame).digest == here.digest
    finally:
        tp.connect()
    assert tp.measures.location_quotient(frame).digest == here.digest


def test_an_engine_that_cannot_be_reached_is_said(tmp_path: Path) -> None:
    with pytest.raises(TechnopoleError, match="engine"):
        tp.connect("nosuchengine://here")
    with pytest.raises(TechnopoleError, match="engine"):
        tp.connect(f"duckdb://{tmp_path / 'no' / 'folder' / 'x.duckdb'}")


JOBS = pd.DataFrame({"place": ["A", "A", "B"], "industry": ["x", "y", "x"], "employment": [10, 20, 30]})


@pytest.mark.parametrize(
    ("function", "options", "said"),
    [
        ("location_quotient", {"interval": None}, "wilson, exact"),
        ("location_quotient", {"interval": 3}, "wilson, exact"),
        ("location_quotient", {"level": "0.9"}, "takes a number as level"),
        ("location_quotient", {"minimum": float("inf")}, "takes a number as minimum"),
        ("location_quotient", {"minimum": float("nan")}, "takes a number as minimum"),
        ("location_quotient", {"sector": "photonics"}, "takes a sector as sector"),
        ("specialization", {"reference": None}, "nation, rest"),
        ("variety", {"group_digits": 1.5}, "takes a whole number as group_digits"),
        ("shift_share", {"from_": "2010", "to": 2020}, "takes a number as from_"),
    ],
)
def test_an_option_of_another_kind_is_refused_not_taken_for_the_default(
    function: str, options: dict[str, object], said: str
) -> None:
    with pytest.raises(WrongOption, match=said):
        getattr(tp.measures, function)(JOBS, **options)


def test_no_table_and_a_name_instead_of_a_list_are_refused() -> None:
    with pytest.raises(WrongOption, match="isn't a table"):
        tp.measures.specialization(None)
    with pytest.raises(WrongOption, match="isn't a table"):
        tp.measures.specialization(JOBS["employment"])
    with pytest.raises(WrongOption, match="takes a list as parks"):
        tp.comparison.composition(JOBS, value="employment", parks="A")


def test_numbers_of_numpy_are_signed_as_numbers() -> None:
    plain = tp.measures.location_quotient(JOBS, minimum=20, level=0.5)
    numpy = tp.measures.location_quotient(JOBS, minimum=np.int64(20), level=np.float64(0.5))
    assert numpy.provenance == plain.provenance
    assert numpy == plain


def test_results_are_equal_where_their_digests_are() -> None:
    first, again = result(), result()
    assert first == again
    assert hash(first) == hash(again)
    assert first != Result.of(first.table, text="Other words.", fields={})
    assert first != "a result"


@pytest.mark.parametrize("damage", [{"digest": None}, {"fields": [1]}, {"provenance": "x"}])
def test_a_description_of_another_form_is_no_whole_result(tmp_path: Path, damage: dict[str, object]) -> None:
    described = result().save(tmp_path) / "result.json"
    said = json.loads(described.read_text(encoding="utf-8")) | damage
    described.write_text(json.dumps({key: item for key, item in said.items() if item is not None}))
    with pytest.raises(UnreadableFile, match="no whole result"):
        tp.load_result(tmp_path)


@pytest.mark.slow
def test_two_threads_get_what_one_gets() -> None:
    frame = pd.DataFrame(
        {"place": [f"p{i % 40}" for i in range(400)], "industry": [f"i{i // 40}" for i in range(400)]}
    )
    frame["employment"] = range(400)
    wanted = tp.measures.location_quotient(frame).digest

    def digests(_: int) -> set[str]:
        return {tp.measures.location_quotient(frame).digest for _ in range(6)}

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(digests, range(2))) == [{wanted}, {wanted}]


def test_a_result_may_stand_where_a_table_is_taken() -> None:
    """Its main table is taken; the result of another kind than asked for is refused with what was meant."""
    rows = [("A", "26", 60), ("A", "62", 40), ("B", "26", 40), ("B", "62", 160)]
    jobs = pd.DataFrame(rows, columns=["place", "industry", "employment"])
    quotients = tp.measures.location_quotient(jobs)
    of_result = tp.measures.specialization(quotients, value="value")
    assert of_result.table.equals(tp.measures.specialization(quotients.table, value="value").table)
    with pytest.raises(WrongOption, match=r"(?s)an estimator of technopole.effects.*location_quotient"):
        tp.checks.pre_trends(quotients)
