"""How strong would hidden selection have to be to explain the difference between matched pairs?"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import brentq

from technopole.effects._again import made_by, own
from technopole.effects._pairs import differences
from technopole.errors import TechnopoleError, WrongOption
from technopole.kernels import rosenbaum
from technopole.member import member
from technopole.result import CheckResult, EffectResult, Field
from technopole.result.check import Answer
from technopole.tables import Firms

DESIGNS = ("effects.matched_comparison",)
SHOWN = (1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0)
LARGEST = 100.0
OWN_FIELDS = {
    "gamma": Field(
        "how many times likelier to be inside one firm of a pair may be, for hidden reasons", "", 2
    ),
    "p_low": Field("smallest one-sided p-value that such selection allows", "", 4),
    "p_high": Field("largest one-sided p-value that such selection allows", "", 4),
}


def refusal(effect: EffectResult) -> str:
    """Why there are no pairs; empty where there are."""
    said = effect.provenance.arguments if effect.provenance else {}
    if said.get("method") not in ("nearest", "propensity") or said.get("ratio") != 1 or said.get("replace"):
        return "it needs pairs: matched_comparison(method='nearest' or 'propensity', ratio=1, replace=False)"
    return ""


@member
def rosenbaum_bounds(
    effect: EffectResult,
    table: Firms | None = None,
    *,
    gamma: float = 1.5,
) -> CheckResult:
    """How strong would hidden selection have to be to explain the difference between matched pairs?

        one firm of a pair may be up to gamma times as likely (in odds) to be the one inside, for reasons that weren't matched on
        p_high(gamma) = P(T >= t), T: sum of the ranks of |d| with chances gamma / (1 + gamma) of counting (Wilcoxon's signed rank test)
        for 0/1 outcomes T ~ Binomial(discordant pairs, gamma / (1 + gamma)) (McNemar's test)
        it stands if p_high(gamma) <= (1 - level) / 2 at the gamma asked for

    At gamma = 1 matching has made chance of who is inside. The statistic is the largest gamma at which the difference is still beyond chance.

    Parameters
    ----------
    effect : EffectResult
        A matched comparison in pairs: `ratio=1, replace=False`.
    table : Firms
        The table it was estimated from.
    gamma : float
        Strength of hidden selection that the effect has to withstand, 1 or more.

    Returns
    -------
    CheckResult
        gamma, p_low, p_high. Further table: `finding` (one row; statistic = the largest gamma withstood).

    Raises
    ------
    TechnopoleError
        No pairs; no table, or another one than the effect's.
    WrongOption
        A gamma below 1.

    References
    ----------
    Rosenbaum, P. R. (2002). Observational studies, 2nd ed., chapter 4. Springer.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> table = pd.DataFrame({"firm": [f"f{i:02d}" for i in range(40)], "year": 2020, "entered": [2019] * 20 + [0] * 20,
    ...     "size": list(range(20)) * 2, "sales": [i + 3.0 + i % 3 for i in range(20)] + [float(i) for i in range(20)]})
    >>> effect = tp.effects.matched_comparison(table, outcome="sales", on=["size"], replace=False)
    >>> tp.checks.rosenbaum_bounds(effect, table).passed
    True
    """
    if gamma < 1:
        raise WrongOption("gamma is a ratio of odds, 1 or more", value=gamma)
    why = refusal(effect)
    if why:
        raise TechnopoleError(why, value=effect.design)
    used = own(effect, table)
    assert isinstance(used, Firms)
    apart = differences(used, dict(made_by(effect).arguments)) * (-1 if effect.estimate < 0 else 1)
    alpha = (1 - effect.level) / 2
    rows = _rows(apart, gamma)
    most = _withstood(apart, alpha)
    passed: Answer = "cannot tell" if math.isnan(most) else "yes" if most >= gamma else "no"
    missing = (
        ""
        if passed != "cannot tell"
        else "the pairs don't differ beyond chance, so there is nothing to explain"
    )
    first = float(rows["p_high"].iloc[0])
    return CheckResult.finding_of(
        "rosenbaum_bounds",
        passed,
        table=rows,
        text=_text(effect, len(apart), most, passed, gamma, first),
        fields=OWN_FIELDS,
        statistic=most,
        statistic_name="largest gamma withstood",
        threshold=gamma,
        p_value=float(rows.loc[rows["gamma"] == gamma, "p_high"].iloc[0]),
        undefined=missing,
    )


def _bounds(apart: npt.NDArray[np.float64], gamma: npt.NDArray[np.float64]) -> rosenbaum.Bounds:
    if set(np.unique(apart)) <= {-1.0, 0.0, 1.0}:
        return rosenbaum.mcnemar(int((apart > 0).sum()), int((apart != 0).sum()), gamma)
    return rosenbaum.signed_rank(apart, gamma)


def _rows(apart: npt.NDArray[np.float64], gamma: float) -> pd.DataFrame:
    shown = np.array(sorted({*SHOWN, gamma}))
    found = _bounds(apart, shown)
    return pd.DataFrame({"gamma": shown, "p_low": found.lower, "p_high": found.upper})


def _withstood(apart: npt.NDArray[np.float64], alpha: float) -> float:
    """Return the largest gamma with p_high <= alpha, at most 100; nan if there is none."""

    def above(gamma: Any) -> float:
        return float(_bounds(apart, np.array([gamma])).upper[0]) - alpha

    if not (apart != 0).any() or above(1.0) > 0:
        return math.nan
    root: Any = LARGEST if above(LARGEST) <= 0 else brentq(above, 1.0, LARGEST, xtol=1e-10)
    return float(root)


def _text(effect: EffectResult, pairs: int, most: float, passed: Answer, gamma: float, first: float) -> str:
    if passed == "cannot tell":
        return (
            f"The {pairs:,} pairs don't differ in {effect.outcome} beyond chance (one-sided p = {first:.3g}) even without hidden selection: "
            "there is nothing for it to explain."
        )
    said = "withstands" if passed == "yes" else "doesn't withstand"
    return (
        f"Hidden selection would have to make one firm of a pair {most:.2f} times as likely as the other to be inside to explain the difference of "
        f"{pairs:,} pairs in {effect.outcome}; so it {said} selection of strength {gamma:g}."
    )
