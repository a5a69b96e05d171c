"""Every contract test runs over every member of every room."""

from __future__ import annotations

import pytest

from technopole import rooms


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrise `name` with the catalogue, `measure` with the members of the room measures."""
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", rooms.catalogue())
    if "measure" in metafunc.fixturenames:
        metafunc.parametrize("measure", [name for name in rooms.catalogue() if name.startswith("measures.")])
