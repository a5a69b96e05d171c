"""Names become tables, sectors and earlier results; steps come after those they need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pytest

from technopole import rooms, study
from technopole.errors import TechnopoleError
from technopole.member import member
from technopole.result import Field, Result
from technopole.study.planning import Name
from technopole.tables import Activity, Sector


def count(
    activity: Activity,
    *,
    others: Sequence[Result] = (),
    industry: str | Sector | None = None,
    weight: float = 1.0,
    kinds: tuple[str, ...] = (),
    how: Literal["all", "some"] = "all",
    seed: int = 0,
) -> Result:
    """Rows."""
    name = industry.name if isinstance(industry, Sector) else industry
    said = [activity.rows, len(others), name, weight, list(kinds), how, seed]
    return Result.of(pd.DataFrame({"said": [repr(said)]}), text="", fields={"said": Field("all")})


count.__module__ = "technopole.measures.count"


def total(first: Result, *, second: Result | None = None) -> Result:
    """Sum."""
    said = [first.table["said"][0], second.table["said"][0] if second else ""]
    return Result.of(pd.DataFrame({"said": ["; ".join(said)]}), text="", fields={"said": Field("all")})


total.__module__ = "technopole.measures.total"


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    members: dict[str, Any] = {"measures.count": member(count), "measures.total": member(total)}
    monkeypatch.setattr(rooms, "catalogue", lambda: list(members))
    monkeypatch.setattr(rooms, "load", members.__getitem__)


HEAD = """
[study]
name = "a"
title = "A"
seed = 3
[tables.jobs]
as = "activity"
path = "jobs.csv"
[sectors.optics]
scheme = "NAICS-2017"
codes = { 3333 = 0.5 }
"""


@pytest.fixture
def steps(small: Path, fakes: None) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        small.write_text(HEAD + text, encoding="utf-8")
        return small

    return write


def test_arguments_are_taken_by_their_annotation(steps: Callable[[str], Path]) -> None:
    file = steps(
        """
        [steps.one]
        call = "measures.count"
        activity = "jobs"
        industry = "optics"
        weight = 2
        kinds = ["a", "b"]
        [steps.two]
        call = "measures.count"
        activity = "jobs"
        industry = "3333"
        others = ["one"]
        seed = 5
        """
    )
    one, two = study.plan(study.load(file))
    assert one.arguments == {
        "activity": Name("table", "jobs"),
        "industry": Name("sector", "optics"),
        "weight": 2.0,
        "kinds": ("a", "b"),
        "seed": 3,
    }
    assert two.arguments["industry"] == "3333"
    assert two.arguments["others"] == (Name("step", "one"),)
    assert two.arguments["seed"] == 5


def test_steps_come_after_what_they_need_otherwise_as_written(steps: Callable[[str], Path]) -> None:
    file = steps(
        """
        [steps.z]
        call = "measures.total"
        first = "b"
        [steps.c]
        call = "measures.count"
        activity = "jobs"
        [steps.b]
        call = "measures.total"
        first = "a"
        second = "c"
        [steps.a]
        call = "measures.count"
        activity = "jobs"
        """
    )
    said = study.load(file)
    assert [job.name for job in study.plan(said)] == ["c", "a", "b", "z"]
    assert said.outline == [("measures", ["z", "c", "b", "a"])]


def test_earlier_results_go_in(steps: Callable[[str], Path], tmp_path: Path) -> None:
    file = steps(
        """
        [steps.sum]
        call = "measures.total"
        first = "count"
        [steps.count]
        call = "measures.count"
        activity = "jobs"
        industry = "optics"
        """
    )
    done = study.run(study.load(file), tmp_path / "out")
    assert done.results["sum"].table["said"][0] == "[24, 0, 'optics', 1.0, [], 'all', 3]; "
    inputs = done.results["sum"].provenance.inputs  # type: ignore[union-attr]
    assert [item.digest for item in inputs] == [done.lock["steps"]["count"]["digest"]]


def test_changed_step_recomputes_what_hangs_on_it(steps: Callable[[str], Path], tmp_path: Path) -> None:
    text = """
        [steps.count]
        call = "measures.count"
        activity = "jobs"
        weight = 1.5
        [steps.sum]
        call = "measures.total"
        first = "count"
        [steps.other]
        call = "measures.count"
        activity = "jobs"
        """
    study.run(study.load(steps(text)), tmp_path / "out")
    done = study.run(study.load(steps(text.replace("1.5", "2.5"))), tmp_path / "out")
    assert done.reused == ("other",)
    done = study.run(study.load(steps(text.replace("[tables", "\n[tables"))), tmp_path / "out")
    assert done.reused == ("other",)


def test_an_earlier_result_may_stand_where_a_table_is_taken(steps: Callable[[str], Path]) -> None:
    text = """
        [steps.first]
        call = "measures.count"
        activity = "jobs"
        [steps.again]
        call = "measures.count"
        activity = "first"
        """
    jobs = study.plan(study.load(steps(text)))
    assert [name.kind for name in jobs[1].names] == ["step"]


CIRCLE = """
[steps.a]
call = "measures.total"
first = "b"
[steps.b]
call = "measures.total"
first = "c"
[steps.c]
call = "measures.total"
first = "b"
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CIRCLE, r"(?s)circle.*b -> c -> b"),
        ('[steps.a]\ncall = "measures.total"\nfirst = "a"\n', r"(?s)no earlier step.*'a'"),
        ('[steps.aa]\ncall = "measures.total"\nfirst = "ab"\n[steps.ac]\ncall = "measures.total"\nfirst = "aa"', r"(?s)'ab'.*ac"),
        ('[steps.a]\ncall = "measures.count"\nactivity = "jobs"\nhow = "none"', r"(?s)'none'.*all, some"),
        ('[steps.a]\ncall = "measures.count"\nactivity = "jobs"\nothers = ["x"]', r"(?s)no earlier step.*'x'"),
        ('[steps.a]\ncall = "measures.count"\nactivity = "jobs"\nkinds = "x"', r"(?s)tuple.*'x'"),
    ],
)  # fmt: skip
def test_what_cannot_be_called(text: str, said: str, steps: Callable[[str], Path]) -> None:
    file = steps(text)
    with pytest.raises(TechnopoleError, match=said):
        study.plan(study.load(file))


def test_no_member_has_an_argument_that_a_step_keeps_for_itself() -> None:
    import inspect

    own = set(study.Step.model_fields) - {"arguments"}
    for name in rooms.catalogue():
        assert not own & set(inspect.signature(rooms.load(name)).parameters), name
