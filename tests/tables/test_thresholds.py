"""Thresholds as a mapping or a TOML file; what isn't a number is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from technopole.errors import UnreadableFile, WrongOption
from technopole.tables import thresholds


@pytest.mark.parametrize("text", ["a = 2\nb = 0.5\n", "[thresholds]\na = 2\nb = 0.5\n"])
def test_file_and_mapping_say_the_same(text: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    wanted = {"a": 2.0, "b": 0.5}
    assert thresholds.given(file, example="a = 1") == thresholds.given(str(file), example="a = 1") == wanted
    assert thresholds.given({"a": 2, "b": 0.5}, example="a = 1") == wanted
    assert thresholds.given(None, example="a = 1") == {}


@pytest.mark.parametrize("value", [True, "2", None, float("nan"), float("inf")])
def test_what_is_not_a_number_is_refused(value: object) -> None:
    with pytest.raises(WrongOption, match="the threshold a must be a number"):
        thresholds.given({"a": value}, example="a = 1")  # type: ignore[dict-item]


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("a = ", encoding="utf-8")
    for name in ("broken.toml", "missing.toml"):
        with pytest.raises(UnreadableFile, match="lines such as a = 1"):
            thresholds.given(tmp_path / name, example="a = 1")
