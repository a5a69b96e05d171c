"""Which checks apply to an effect: each check's file says it, in `DESIGNS` and `refusal`."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from technopole import rooms
from technopole.result import EffectResult


def applicable(effect: EffectResult) -> list[Any]:
    """Return the checks that apply to an effect, in the room's order.

    Examples
    --------
    >>> import technopole as tp
    >>> firms = tp.simulate_firms("effect", firms=200, seed=1).firms
    >>> effect = tp.effects.group_time_effects(firms, outcome="log_sales")
    >>> tp.checks.pre_trends in tp.checks.applicable(effect)
    True
    """
    return [rooms.load(f"checks.{name}") for name, why in why_not(effect).items() if not why]


def why_not(effect: EffectResult) -> dict[str, str]:
    """Return for every check why it doesn't apply to an effect; empty where it does."""
    return {name: _why(file_of(name), effect) for name in rooms.members("checks") if is_check(name)}


def file_of(name: str) -> ModuleType:
    """Return the module of a check."""
    return importlib.import_module(f"technopole.checks.{name}")


def is_check(name: str) -> bool:
    """Whether a member of the room is a check: it names the designs it applies to."""
    return hasattr(file_of(name), "DESIGNS")


def _why(module: ModuleType, effect: EffectResult) -> str:
    if effect.design not in module.DESIGNS:
        names = ", ".join(design.partition(".")[2] for design in module.DESIGNS)
        return f"it is for {names}"
    refusal = getattr(module, "refusal", None)
    return str(refusal(effect)) if refusal else ""
