"""The rules of the house, kept by machine: sizes, exports, one name for one thing, documents that match the code."""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
from pathlib import Path

import technopole
from technopole import rooms

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "technopole"
FILES = sorted(SOURCE.rglob("*.py"))


def test_files_are_small() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert not [path for path, length in lengths.items() if length > 500]
    assert statistics.median(lengths.values()) <= 150


def test_init_files_only_export() -> None:
    for path in SOURCE.rglob("__init__.py"):
        if path.parent == SOURCE:
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name == "__getattr__":
                continue  # exports that load when first used
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
                continue
            assert isinstance(node, (ast.Import, ast.ImportFrom, ast.Assign, ast.Expr)), (
                f"{path}: {ast.unparse(node)}"
            )


def test_inventory_in_the_architecture_matches_the_code() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    block = text.split("<!-- inventory -->")[1]
    said = {line.split("`")[1]: line for line in block.splitlines() if line.startswith("- `")}
    there = {path.relative_to(SOURCE).parts[0].removesuffix(".py") for path in FILES} | {"data"}
    there -= {"__init__", "__main__", "_version"}
    assert set(said) == there, "ARCHITECTURE.md lists exactly the rooms and modules there are"
    for room in rooms.ROOMS:
        for member in rooms.members(room):
            assert f"`{member}`" in said[room], f"ARCHITECTURE.md doesn't list {room}.{member}"


def test_importing_the_front_door_loads_nothing_heavy() -> None:
    code = "import sys, technopole; print([m for m in ('pandas','numpy','ibis','altair','pyarrow') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_front_door_names_resolve() -> None:
    for name in technopole.__all__:
        assert getattr(technopole, name) is not None


def test_no_machine_paths_or_hosts_in_the_repository() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    words = ["/wo" + "rk/", "py" + "pi.org", "python" + "hosted", "npm" + "js.org", "/ro" + "ot/"]
    for name in listed:
        path = ROOT / name
        if path.suffix in (".png", ".parquet") or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        assert not [word for word in words if word in text], name
