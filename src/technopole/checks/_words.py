"""How checks weigh and say numbers: how large a difference would matter, what could have been seen, amounts in words."""

from __future__ import annotations

import math

from scipy.stats import norm

from technopole.effects._overall import is_log, number, percent
from technopole.errors import WrongOption
from technopole.result import EffectResult
from technopole.result.check import Answer


def amount(outcome: str, value: float) -> str:
    """Write a difference in the unit of the outcome, of a logarithm in per cent."""
    return percent(value) if is_log(outcome) else number(value)


def matters(effect: EffectResult, smallest: float | None) -> float:
    """Return how large a difference would change what the effect says.

    As large as the effect itself or as half of its interval, whichever is larger; or `smallest`, where given.
    """
    if smallest is not None:
        if not smallest > 0:
            raise WrongOption("the smallest difference that matters is a positive number", value=smallest)
        return smallest
    return max(abs(effect.estimate), (effect.high - effect.low) / 2)


def detectable(std_error: float, *, level: float, power: float) -> float:
    """Return the smallest true difference that a two-sided test finds with this power."""
    return float((norm.ppf((1 + level) / 2) + norm.ppf(power)) * std_error)


def seen(p_value: float, could_see: float, against: float, *, level: float) -> Answer:
    """Return whether a check that found nothing says something: it does where it could have seen what matters."""
    if math.isnan(p_value):
        return "cannot tell"
    if p_value <= 1 - level:
        return "no"
    return "yes" if could_see <= against else "cannot tell"


def check_power(power: float) -> None:
    """Refuse a power that isn't a share."""
    if not 0 < power < 1:
        raise WrongOption("power is a share between 0 and 1", value=power)
