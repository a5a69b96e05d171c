"""The page about the study file says what the model takes, no more and no less; the how-to's study runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from technopole import study
from technopole.study import model

DOCS = Path(__file__).resolve().parents[2] / "docs"
SECTIONS = {
    "[study]": model.Head,
    "[chapters.NAME]": model.Chapter,
    "[tables.NAME]": model.TableFile,
    "[sectors.NAME]": model.SectorCodes,
    "[steps.NAME]": model.Step,
    "[cards]": model.Cards,
    "[[cards.parts]]": model.CardPart,
}


def test_reference_lists_every_key() -> None:
    page = (DOCS / "reference" / "study-file.md").read_text(encoding="utf-8")
    parts = dict(re.findall(r"^## `([^`]+)`\n(.*?)(?=^## |\Z)", page, re.S | re.M))
    assert list(parts) == list(SECTIONS)
    for head, kind in SECTIONS.items():
        wanted = [
            f"| `{said.alias or name}` | {'yes' if said.is_required() else ''} | {said.description} |"
            for name, said in kind.model_fields.items()
            if not said.exclude
        ]
        assert [line for line in parts[head].splitlines() if line.startswith("| `")] == wanted, head


def test_sections_of_a_study_are_those_of_the_page() -> None:
    named = {re.sub(r"[\[\]]|\.\w+", "", head) for head in SECTIONS}
    assert set(model.Study.model_fields) == named


def test_study_of_the_how_to_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = (DOCS / "how-to" / "write-a-study.md").read_text(encoding="utf-8")
    blocks = dict(re.findall(r"```(toml|csv)\n(.*?)```", page, re.S))
    (tmp_path / "study.toml").write_text(blocks["toml"], encoding="utf-8")
    (tmp_path / "jobs.csv").write_text(blocks["csv"], encoding="utf-8")
    done = study.run(study.load(tmp_path / "study.toml"), tmp_path / "out")
    optics = done.results["optics"].table
    row = optics[optics["place"] == "Jena"].iloc[0]
    assert row["location_quotient"] == pytest.approx((140 / 220) / (300 / 977), rel=1e-12)
