"""Is there anybody to compare those inside with?"""

from __future__ import annotations

import math

import pandas as pd

from technopole.checks._comparable import DESIGNS as DESIGNS
from technopole.checks._comparable import comparable
from technopole.checks._comparable import refusal as refusal
from technopole.effects._balance import FIELDS
from technopole.errors import TechnopoleError, WrongOption
from technopole.member import member
from technopole.result import CheckResult, EffectResult, Field
from technopole.result.check import Answer
from technopole.tables import Firms


@member
def overlap(
    effect: EffectResult,
    table: Firms | None = None,
    *,
    most: float = 0.05,
    fewest: float = 20.0,
) -> CheckResult:
    """Is there anybody to compare those inside with?

        beyond = share of those inside whose chance of being inside, given the covariates, no comparison reaches
        effective size = (sum of w)^2 / sum of w^2, of the comparisons
        it stands if beyond <= most and the effective size is at least `fewest`; it falls if beyond > most

    Where nobody outside is like some of those inside, the effect for them is not estimated but extrapolated. A small effective size
    means that few firms carry the comparison: then it can't be told.

    Parameters
    ----------
    effect : EffectResult
        A matched comparison, or an effect estimated with covariates.
    table : Firms, optional
        The table it was estimated from; not needed for a matched comparison.
    most : float
        Share of those inside that may be beyond comparison, in [0, 1).
    fewest : float
        Effective number of comparisons that is enough.

    Returns
    -------
    CheckResult
        side (inside, outside), firms, used, left_out (share without a place in the comparison), effective_size, chance_low, chance_median,
        chance_high, near_certain (share with a chance above 0.9), beyond_others, undefined. Further table: `finding` (one row).

    Raises
    ------
    TechnopoleError
        The effect has no covariates, or the table isn't the one it was estimated from.
    WrongOption
        A share or a number out of range.

    References
    ----------
    Crump, R. K., Hotz, V. J., Imbens, G. W. & Mitnik, O. A. (2009). Dealing with limited overlap in estimation of average treatment effects.
    Biometrika 96(1), 187-199.
    Kish, L. (1965). Survey sampling. Wiley.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> table = pd.DataFrame({"firm": list("abcdefgh"), "year": 2020, "park": ["North"] * 3 + [None] * 5,
    ...     "size": [10, 20, 31, 11, 20, 30, 80, 90], "sales": [3.0, 4.0, 6.0, 2.0, 3.0, 4.0, 9.0, 9.0]})
    >>> effect = tp.effects.matched_comparison(table, outcome="sales", on=["size"], adjust=False)
    >>> found = tp.checks.overlap(effect)
    >>> found.passed, [round(size, 6) for size in found.table["effective_size"]]
    (False, [3.0, 3.0])
    """
    if not 0 <= most < 1 or fewest <= 0:
        raise WrongOption("most is a share from 0 to below 1, fewest a number above 0", value=[most, fewest])
    why = refusal(effect)
    if why:
        raise TechnopoleError(why, value=effect.design)
    sides = comparable(effect, table).sides.copy()
    sides.insert(3, "left_out", 1 - sides["used"] / sides["firms"])
    by = sides.set_index("side")
    beyond, size = float(by["beyond_others"]["inside"]), float(by["effective_size"]["outside"])
    passed, missing = _answer(beyond, size, most, fewest)
    return CheckResult.finding_of(
        "overlap",
        passed,
        table=sides,
        text=_text(by, passed, most, fewest),
        fields={**FIELDS, "left_out": Field("share without a place in the comparison", "", 3)},
        statistic=beyond,
        statistic_name="share of those inside beyond comparison",
        threshold=most,
        undefined=missing,
    )


def _answer(beyond: float, size: float, most: float, fewest: float) -> tuple[Answer, str]:
    if math.isnan(beyond):
        return "no", ""
    if beyond > most:
        return "no", ""
    if size < fewest:
        return "cannot tell", f"the comparisons are worth {size:.0f} firms"
    return "yes", ""


def _share(part: float) -> str:
    return f"{100 * part:.3g} %"


def _text(by: pd.DataFrame, passed: Answer, most: float, fewest: float) -> str:
    beyond, left, size = (
        float(by[name][side])
        for name, side in (
            ("beyond_others", "inside"),
            ("left_out", "inside"),
            ("effective_size", "outside"),
        )
    )
    if math.isnan(beyond):
        return "What is known of the firms tells those inside from the others without error: nobody is comparable by it."
    lost = f" {_share(left)} of those inside are left out, and it doesn't hold for them." if left > 0 else ""
    worth = f"the {int(by['used']['outside']):,} comparisons are worth {size:,.0f} of equal weight"
    said = {
        "yes": "so those inside have somebody to be compared with",
        "no": f"more than {_share(most)}, so for them the effect is extrapolated",
        "cannot tell": f"fewer than {fewest:g}, so few firms carry the comparison",
    }[passed]
    head = f"{_share(beyond)} of those inside have a chance of being inside that no comparison reaches"
    return f"{head}, {said}; {worth}.{lost}" if passed != "cannot tell" else f"{head}; {worth}, {said}.{lost}"
