"""Documents that can go wrong are run: the tutorial as a new user would, and every link between pages."""

from __future__ import annotations

import importlib.util
import math
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from technopole.cli.app import app

ROOT = Path(__file__).resolve().parents[2]


def blocks(text: str) -> list[tuple[str, str, str]]:
    """Every fenced block as (the comment before it, language, content)."""
    found = re.findall(r"(?:<!-- ([^\n]*) -->\n+)?```(\w+)\n(.*?)```", text, flags=re.S)
    return [(before, language, content) for before, language, content in found]


@pytest.mark.slow
def test_the_tutorial_does_what_it_says(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "tutorials" / "your-own-table.md").read_text(encoding="utf-8")
    seen = []
    for before, language, content in blocks(text):
        if language == "csv":
            (tmp_path / "jobs.csv").write_text(content, encoding="utf-8")
        elif language == "toml":
            (tmp_path / "study.toml").write_text(content, encoding="utf-8")
        elif before.startswith("edit: "):
            old, new = before.removeprefix("edit: ").split(" -> ")
            file = tmp_path / "jobs.csv"
            file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        elif language in ("console", "python"):
            command = content.removeprefix("$ technopole").split() if language == "console" else []
            call = ["-m", "technopole", *command] if language == "console" else ["-c", content]
            done = subprocess.run(
                [sys.executable, *call], cwd=tmp_path, capture_output=True, text=True, check=False
            )
            said = done.stdout + done.stderr
            assert (done.returncode == 1) == (before == "fails"), f"{content}\n{said}"
            assert "Traceback" not in said
            if before == "fails":
                assert all(part in said for part in ("jobs.csv", "6", "Jobs", "12O"))
            seen.append(language)
    assert seen == ["console", "console", "console", "python", "console"]
    assert (tmp_path / "results" / "report.html").stat().st_size > 10_000
    assert (tmp_path / "results" / "results" / "optics" / "table.csv").is_file()


@pytest.mark.slow
def test_finding_clusters_does_what_it_says(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "how-to" / "find-clusters.md").read_text(encoding="utf-8")
    said = []
    for _, language, content in blocks(text):
        if language == "toml":
            (tmp_path / "study.toml").write_text(content, encoding="utf-8")
            continue
        shell = language == "console"
        call = (
            ["-m", "technopole", *content.removeprefix("$ technopole").split()] if shell else ["-c", content]
        )
        done = subprocess.run(
            [sys.executable, *call], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0 and "Traceback" not in done.stderr, f"{content}\n{done.stderr}"
        said.append(done.stdout)
    made, delineated, born, python, run = said
    assert made == "" and "1 cluster of 2664 in 2022; it is 9区 (111 establishments" in delineated
    assert "9区 in 2017" in born and "9区" in python and "report.html" in run
    assert (tmp_path / "clusters" / "members.csv").is_file() and (tmp_path / "clusters.gpkg").is_file()


def done(
    page: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> list[str]:
    """Run a how-to page's blocks in a folder; return what each of them printed."""
    monkeypatch.chdir(folder)
    said = []
    for _, language, content in blocks((ROOT / "docs" / "how-to" / f"{page}.md").read_text(encoding="utf-8")):
        if language == "toml":
            Path("study.toml").write_text(content, encoding="utf-8")
        elif language == "console":
            called = CliRunner().invoke(app, content.removeprefix("$ technopole").split())
            assert called.exit_code == 0, f"{content}\n{called.output}"
            said.append(called.stdout)
        else:
            exec(compile(content, content, "exec"), {"__name__": "__main__"})
            said.append(capsys.readouterr().out)
    return said


@pytest.mark.slow
def test_evaluating_a_park_does_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made, parks, verdict, sales, examined, rings, around, python, run, one = done(
        "evaluate-a-park", tmp_path, monkeypatch, capsys
    )
    assert made == "" and "360 of 1,200 units are in one of 12 parks" in parks
    assert "Innovation only" in verdict and "0.162 (95 % interval 0.0888 to 0.235)" in verdict
    assert "In levels those inside differ by +27.2 %" in verdict
    assert "an effect of zero isn't ruled out" in sales and "pre_trends" in examined
    assert "Of 1,200 units around 12 parks" in rings and "0-2 km" in around
    assert python.startswith("innovation only") and "report.html" in run and "r00" in one
    assert Path("verdict", "event_times.csv").is_file()


@pytest.mark.slow
def test_the_way_from_park_to_product_does_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made, exposure, panel, verdict, python, run = done("park-to-product", tmp_path, monkeypatch, capsys)
    assert made == "" and "72 of 384 pairs of place and industry are exposed to 24 parks" in exposure
    assert "216 products of 24 exporters are exposed" in panel
    assert "raised the competitiveness of these products" in verdict and "+34.6 %" in verdict
    assert python.startswith("positive effect") and "already gaining before the park" in python
    assert "+26.3 %" in python and "report.html" in run
    overall = pd.read_csv(tmp_path / "verdict" / "effects.csv").set_index("outcome")
    assert overall.loc["log_rca", "estimate"] == pytest.approx(math.log(1.157), abs=5e-4)
    lock = (tmp_path / "verdict" / "result.json").read_text(encoding="utf-8")
    assert '"competitiveness"' in lock


@pytest.mark.slow
def test_measuring_competitiveness_does_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = done("measure-competitiveness", tmp_path, monkeypatch, capsys)
    made, checked, rca, share, growth, prices, complexity, _, space, region, park, python, run = said
    assert made == "" and "678" not in checked and "reads as trade" in checked and "padded" in checked
    assert "2 gained and 3 lost since 2015" in rca and "901320 (2.78, in 2015 0.47)" in rca
    assert "14.4%, +12.7 percentage points" in share and "37.1%" in growth and "43.6%" in growth
    assert "cost" in prices and "complexity hardly rises with diversity" in complexity
    assert "854231" in space and "E1 · 720851" in region and "E3 · 720851" in region
    assert "900110 (9.04)" in park and "Парк" in park
    assert "901320" in python and "photonics products by E" in python and "report.html" in run


def test_links_between_pages_lead_somewhere() -> None:
    spec = importlib.util.spec_from_file_location("docs_build", ROOT / "docs" / "build.py")
    assert spec is not None and spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    assert build.broken_links(build.pages()) == []
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", readme):
        assert "://" in target or (ROOT / target).exists(), target
