"""A run reuses what is there and true, recomputes what isn't, and leaves nothing half done."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

import technopole as tp
from technopole import study
from technopole.errors import StoreError
from technopole.study import store

pytestmark = pytest.mark.slow

STEPS = ("all_industries", "optics", "plants")
Edit = Callable[[str, str], Path]


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_run_leaves_every_result_and_the_lock(small: Path, tmp_path: Path) -> None:
    seen: list[study.Progress] = []
    done = study.run(study.load(small), tmp_path / "out", progress=seen.append)
    assert tuple(done.results) == STEPS and done.reused == ()
    assert done.results["optics"].table["industry"].unique().tolist() == ["optics"]
    lock = json.loads((tmp_path / "out" / "study.lock.json").read_text(encoding="utf-8"))
    assert lock["version"] == tp.__version__
    assert lock["study"] == {"digest": hashlib.sha256(small.read_bytes()).hexdigest(), "file": "study.toml"}
    assert lock["tables"]["jobs"]["file"] == "jobs.csv"
    for name in STEPS:
        folder = tmp_path / "out" / "results" / name
        assert lock["steps"][name]["digest"] == tp.load_result(folder).digest
        assert set(lock["steps"][name]["files"]) == {file.name for file in folder.iterdir()}
    assert [(item.step, item.state) for item in seen] == [
        (name, state) for name in STEPS for state in ("running", "done")
    ]
    assert [item.number for item in seen] == [1, 1, 2, 2, 3, 3] and {item.of for item in seen} == {3}


def test_optics_location_quotient_by_hand(small: Path, tmp_path: Path) -> None:
    table = study.run(study.load(small), tmp_path / "out").results["optics"].table
    row = table[(table["place"] == "Jena") & (table["year"] == 2018)].iloc[0]
    here = (95 + 45) / (95 + 45 + 20 + 60)
    everywhere = (120 + 30 + 10 + 0 + 95 + 45) / (425 + 332 + 220)
    assert row["location_quotient"] == pytest.approx(here / everywhere, rel=1e-12)


def test_second_run_reuses_everything_and_changes_no_byte(small: Path, tmp_path: Path) -> None:
    study.run(study.load(small), tmp_path / "out")
    before = hashes(tmp_path / "out")
    assert study.run(study.load(small), tmp_path / "out").reused == STEPS
    assert hashes(tmp_path / "out") == before


def test_words_of_the_study_recompute_nothing(edited: Edit, tmp_path: Path) -> None:
    file = edited('title = "Optics"', 'title = "Light"')
    study.run(study.load(file), tmp_path / "out")
    assert study.run(study.load(edited('"Light"', '"Lux"')), tmp_path / "out").reused == STEPS


def test_argument_sector_and_data_recompute_what_hangs_on_them(edited: Edit, tmp_path: Path) -> None:
    out = tmp_path / "out"
    study.run(study.load(edited("level = 0.9", "level = 0.8")), out)
    assert study.run(study.load(edited("level = 0.8", "level = 0.7")), out).reused == ("optics", "plants")
    file = edited('codes = ["3333"]', 'codes = ["333314"]')
    assert study.run(study.load(file), out).reused == ("all_industries", "plants")
    jobs = file.with_name("jobs.csv")
    jobs.write_text(jobs.read_text(encoding="utf-8").replace(",120,", ",121,"), encoding="utf-8")
    assert study.run(study.load(file), out).reused == ()
    fresh = study.run(study.load(file), tmp_path / "fresh")
    assert hashes(out / "results") == hashes(fresh.folder / "results")
    assert hashes(out)["study.lock.json"] == hashes(fresh.folder)["study.lock.json"]


@pytest.mark.parametrize("damage", ["changed", "removed", "cut", "result"])
def test_damaged_result_is_computed_again(damage: str, small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    study.run(study.load(small), out)
    before = hashes(out)
    table = out / "results" / "optics" / ("result.json" if damage == "result" else "table.parquet")
    if damage == "removed":
        table.unlink()
    else:
        table.write_bytes(table.read_bytes()[:40] + (b"x" if damage == "changed" else b""))
    done = study.run(study.load(small), out)
    assert done.reused == ("all_industries", "plants")
    after = hashes(out)
    kept = {name: digest for name, digest in after.items() if not name.endswith(".changed")}
    assert kept == before and len(after) - len(kept) == (damage != "removed")


def test_table_changed_by_hand_is_kept_beside_the_new_one(small: Path, tmp_path: Path) -> None:
    study.run(study.load(small), tmp_path / "out")
    table = tmp_path / "out" / "results" / "optics" / "table.csv"
    before = table.read_text(encoding="utf-8")
    table.write_text("mine", encoding="utf-8")
    study.run(study.load(small), tmp_path / "out")
    assert table.read_text(encoding="utf-8") == before
    assert table.with_name("table.csv.changed").read_text(encoding="utf-8") == "mine"


def test_lost_or_spoilt_lock_costs_only_time(small: Path, tmp_path: Path) -> None:
    study.run(study.load(small), tmp_path / "out")
    before = hashes(tmp_path / "out")
    for spoilt in ("", "[]", '{"steps": 3}', '{"steps": {"optics": 1}}'):
        (tmp_path / "out" / store.LOCK).write_text(spoilt, encoding="utf-8")
        assert study.run(study.load(small), tmp_path / "out").reused == ()
        assert hashes(tmp_path / "out") == before


def test_lock_that_names_files_elsewhere_removes_nothing(small: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("mine", encoding="utf-8")
    (tmp_path / "out").mkdir()
    entry = {"key": "", "digest": "", "files": {"mine.txt": ""}}
    lock = tmp_path / "out" / store.LOCK
    for step in ("../..", str(tmp_path)):
        lock.write_text(json.dumps({"steps": {step: entry}}), encoding="utf-8")
        study.run(study.load(small), tmp_path / "out")
        assert mine.read_text(encoding="utf-8") == "mine"


def test_result_of_a_removed_step_goes_but_nothing_of_the_users(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    study.run(study.load(small), out)
    mine = out / "results" / "plants" / "notes.txt"
    mine.write_text("mine", encoding="utf-8")
    (out / "letter.txt").write_text("mine", encoding="utf-8")
    text = small.read_text(encoding="utf-8")
    small.write_text(text[: text.index("[steps.optics]")], encoding="utf-8")
    done = study.run(study.load(small), out)
    assert done.reused == ("all_industries",)
    there = {str(file.relative_to(out)) for file in out.rglob("*") if file.is_file()}
    assert "results/plants/notes.txt" in there and "letter.txt" in there
    assert not (out / "results" / "optics").exists()
    assert "results/plants/table.csv" not in there and "results/plants/result.json" not in there


def test_temporary_files_of_a_killed_run_are_removed(small: Path, tmp_path: Path) -> None:
    (tmp_path / "out" / "results" / "optics").mkdir(parents=True)
    left = [
        tmp_path / "out" / ".study.lock.json.abc.part",
        tmp_path / "out" / "results" / "optics" / ".table.csv.abc.part",
    ]
    for file in left:
        file.write_text("half", encoding="utf-8")
    study.run(study.load(small), tmp_path / "out")
    assert not any(file.exists() for file in left)


def test_two_runs_at_once_are_refused_and_the_store_stays_whole(small: Path, tmp_path: Path) -> None:
    study.run(study.load(small), tmp_path / "out")
    before = hashes(tmp_path / "out")
    with store.claimed(tmp_path / "out"), pytest.raises(StoreError, match="another run"):
        study.run(study.load(small), tmp_path / "out")
    assert hashes(tmp_path / "out") == before
    assert study.run(study.load(small), tmp_path / "out").reused == STEPS


def test_folder_that_cannot_be_written(small: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match=r"(?s)can't write.*--out"):
        study.run(study.load(small), tmp_path / "file" / "out")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "results").write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match=r"(?s)can't write.*--out"):
        study.run(study.load(small), tmp_path / "out")


def test_no_path_and_no_time_in_any_file(small: Path, tmp_path: Path) -> None:
    study.run(study.load(small), tmp_path / "out")
    for file in (tmp_path / "out").rglob("*"):
        if file.is_file():
            assert str(tmp_path).encode() not in file.read_bytes()


def test_study_beside_its_data_wherever_it_lies(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = study.run(study.load(small), tmp_path / "out")
    moved = small.parent.rename(tmp_path / "光 谷")
    monkeypatch.chdir(moved)
    assert study.run(study.load("study.toml"), "../out").reused == STEPS == tuple(first.results)
