"""The form every member keeps: name, signature, docstring, methods page."""

from __future__ import annotations

import doctest
import importlib
import inspect
import typing

import pytest
from cases import TESTS

from technopole import rooms
from technopole.docstrings import describe
from technopole.result import Result

SECTIONS = ("Parameters", "Returns", "References", "Examples")


def test_file_function_and_pages_have_one_name(name: str) -> None:
    room, member = name.split(".")
    function = rooms.load(name)
    assert function.__module__ == f"technopole.{room}.{member}"
    assert function.__name__ == member
    assert (TESTS / room / f"test_{member}.py").is_file(), "a member has a twin in tests/"
    assert (TESTS.parent / "docs" / "methods" / f"{member}.md").is_file(), "a member has a methods page"


def test_signature(name: str) -> None:
    function, room = rooms.load(name), name.split(".")[0]
    hints = typing.get_type_hints(function)
    parameters = list(inspect.signature(function).parameters.values())
    assert isinstance(hints["return"], type) and issubclass(hints["return"], Result)
    assert {p.name for p in parameters} <= set(hints), "every parameter is annotated"
    free = 2 if name == "comparison.side_by_side" or room == "checks" else 1
    assert all(p.kind is p.KEYWORD_ONLY for p in parameters[free:]), "keyword-only after the first argument"


def test_docstring_says_everything(name: str) -> None:
    function = rooms.load(name)
    said = describe(function)
    assert said.title.endswith((".", "?")), "one sentence first"
    assert said.formula, "a formula, or the rule in the same place"
    for section in SECTIONS:
        assert said.sections.get(section), f"docstring lacks {section}"
    missing = set(inspect.signature(function).parameters) - set(said.parameters)
    assert not missing, f"undocumented parameters: {missing}"
    assert any(character.isdigit() for character in said.citation), "a citation has a year"


@pytest.mark.slow
def test_docstring_example_runs(name: str) -> None:
    room, member = name.split(".")
    module = importlib.import_module(f"technopole.{room}.{member}")
    found = [
        test
        for test in doctest.DocTestFinder(exclude_empty=False).find(getattr(module, member), name, globs={})
        if test.examples
    ]
    assert found
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    for test in found:
        assert runner.run(test).failed == 0
