"""The same study gives the same bytes on 1 and 2 threads, under other locales and other hash seeds."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "POLARS_MAX_THREADS",
)
ENVIRONMENTS = {
    "plain": {},
    "one thread, C": {"threads": "1", "locale": "C", "PYTHONHASHSEED": "1"},
    "two threads, Chinese": {"threads": "2", "locale": "zh_CN.UTF-8", "PYTHONHASHSEED": "2"},
    "two threads, Turkish": {"threads": "2", "locale": "tr_TR.UTF-8", "PYTHONHASHSEED": "3"},
}
CODE = """
import locale, os, sys
if os.environ.get("LOCPATH"):
    locale.setlocale(locale.LC_ALL, "")
from technopole import study
study.run(study.load(sys.argv[1]), sys.argv[2])
print(locale.setlocale(locale.LC_ALL))
"""


@pytest.fixture(scope="module")
def locales(tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    """Compiled Chinese and Turkish locales, or None where the system can't compile them."""
    if not (shutil.which("localedef") and Path("/usr/share/i18n/locales/tr_TR").exists()):
        return None
    folder = tmp_path_factory.mktemp("locales")
    for name in ("zh_CN", "tr_TR"):
        subprocess.run(["localedef", "-i", name, "-f", "UTF-8", str(folder / f"{name}.UTF-8")], check=True)
    return folder


def run(file: Path, out: Path, said: dict[str, str], locales: Path | None) -> dict[str, str]:
    keep = {
        key: value for key, value in os.environ.items() if key not in THREADS and not key.startswith("LC_")
    }
    own = {name: said["threads"] for name in THREADS if "threads" in said}
    own |= {"PYTHONHASHSEED": said.get("PYTHONHASHSEED", "0")}
    if "locale" in said:
        # Where the locale can't be compiled only the variable is tested.
        own |= {"LC_ALL": said["locale"]} | ({"LOCPATH": str(locales)} if locales else {})
    ran = subprocess.run(
        [sys.executable, "-c", CODE, str(file), str(out)], env={**keep, **own}, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    if locales and "locale" in said:
        assert said["locale"] in ran.stdout, "the locale must really be in force"
    return {
        str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((out / "results").rglob("*"))
        if path.is_file()
    }


@pytest.mark.slow
def test_same_bytes_everywhere(small: Path, tmp_path: Path, locales: Path | None) -> None:
    found = {
        name: run(small, tmp_path / str(number), said, locales)
        for number, (name, said) in enumerate(ENVIRONMENTS.items())
    }
    assert len(found["plain"]) >= 3 * 3
    for name, files in found.items():
        assert files == found["plain"], name
