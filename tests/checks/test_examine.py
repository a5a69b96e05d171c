"""Every check that applies is made once and says the same as on its own; the others say why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner
from worlds import by_hand, drawn, effect

import technopole as tp
from technopole import progress, rooms
from technopole.checks._applicable import why_not
from technopole.cli.app import app
from technopole.errors import TechnopoleError, WrongOption

examine: Any = tp.checks.examine


def contract_case() -> dict[str, Any]:
    return {"effect": effect("effect", count=120), "costly": False}


def test_every_member_but_this_one_is_a_check() -> None:
    names = set(rooms.members("checks")) - {"examine"}
    assert set(why_not(effect("effect"))) == names


def test_applicable_by_design_and_refusal() -> None:
    checks = {check.__name__ for check in tp.checks.applicable(effect("effect"))}
    assert {"pre_trends", "sensitivity", "placebo_time", "minimum_detectable_effect"} <= checks
    without = by_hand({0: 1.0}, np.eye(1), overall=(1.0, float("nan")))
    reasons = why_not(without)
    assert reasons["pre_trends"] == "no year before entry has an estimate of its own"
    assert reasons["minimum_detectable_effect"] == "this effect has no standard error"


@pytest.mark.slow
def test_says_what_each_check_says_and_tells_how_far_it_is() -> None:
    heard: list[str] = []
    one, table = effect("effect", count=100, years=4), drawn("effect", count=100, years=4)
    with progress.listening(lambda what, done, of: heard.append(f"{what} {done}/{of}")):
        found = examine(one, table, leave_out=["placebo_space", "sensitivity"])
    made = found.table.set_index("check")
    left = found.not_made.set_index("check")["reason"]
    assert left["placebo_space"] == left["sensitivity"] == "leave_out names it"
    assert set(made.index) == {check.__name__ for check in tp.checks.applicable(one)} - {
        "placebo_space",
        "sensitivity",
    }
    alone: Any = tp.checks.placebo_time(one, table)
    assert made.loc["placebo_time", "text"] == alone.text
    assert made.loc["placebo_time", "p_value"] == alone.finding["p_value"].iloc[0]
    assert f"checks {len(made)}/{len(made)}" in heard


def test_costly_checks_can_be_left_out_and_a_missing_table_is_a_reason() -> None:
    cheap = examine(effect("effect"), costly=False)
    reasons = cheap.not_made.set_index("check")["reason"]
    assert reasons["placebo_space"] == "costly=False leaves it out"
    assert "pre_trends" in cheap.table["check"].tolist()
    bare = examine(effect("null", outcome="patents"), costly=False)
    assert (
        "isn't known without the table"
        in bare.not_made.set_index("check").loc["minimum_detectable_effect", "reason"]
    )


def test_another_table_or_an_unknown_check_is_an_error() -> None:
    with pytest.raises(WrongOption, match="no such check"):
        examine(effect("effect"), leave_out=["vibes"])
    with pytest.raises(TechnopoleError, match="isn't the table"):
        examine(effect("effect"), drawn("null"), costly=False)


@pytest.mark.slow
def test_on_the_command_line(tmp_path: Path) -> None:
    """technopole challenge pre-trends DIR --table firms.parquet"""
    file = tmp_path / "firms.parquet"
    tp.simulate_firms("effect", firms=120, years=6, seed=1).firms.to_parquet(file)
    found = tp.effects.group_time_effects(tp.read_firms(file), outcome="log_sales")
    folder = found.save(tmp_path / "effect")
    run = CliRunner()
    for command in (
        ["pre-trends", str(folder), "--table", str(file)],
        ["placebo-time", str(folder), "--table", str(file)],
    ):
        result = run.invoke(app, ["challenge", *command])
        assert result.exit_code == 0, result.output
    result = run.invoke(app, ["challenge", "placebo-time", str(folder)])
    assert result.exit_code == 1 and "needs the table" in result.output
    result = run.invoke(
        app,
        [
            "challenge",
            "leave-one-out",
            str(folder),
            "--table",
            str(file),
            "--by",
            "region",
            "--out",
            str(tmp_path / "out"),
        ],
    )
    assert result.exit_code == 0 and (tmp_path / "out" / "result.json").is_file()
