"""Every check that applies to an effect, at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from technopole import progress, rooms
from technopole.checks._applicable import file_of, why_not
from technopole.effects._again import own
from technopole.errors import TechnopoleError, WrongOption
from technopole.member import member
from technopole.result import CheckResult, EffectResult, Field, Result
from technopole.result.check import FIELDS
from technopole.tables import Firms

COLUMNS = ["check", "passed", "statistic", "statistic_name", "threshold", "p_value", "text", "undefined"]
OWN_FIELDS = {
    "text": Field("what the check found"),
    "reason": Field("why the check isn't among those made"),
}


@member
def examine(
    effect: EffectResult,
    table: Firms | None = None,
    *,
    costly: bool = True,
    leave_out: Sequence[str] = (),
) -> Result:
    """Every check that applies to an effect, at once.

        for each check whose designs include the effect's: passed = yes, no or cannot tell, with the number it rests on

    Checks don't add up to a score: one "no" can be enough not to believe an effect, and ten "yes" don't prove it. "Cannot tell" is not a
    "yes".

    Parameters
    ----------
    effect : EffectResult
        What an estimator returned.
    table : Firms, optional
        The table it was estimated from. Without it only checks that read the effect alone are made.
    costly : bool
        Whether checks that take long (placebos, leaving out, sensitivity) are made too.
    leave_out : sequence of str
        Checks not to make, by name.

    Returns
    -------
    Result
        check, passed, statistic, statistic_name, threshold, p_value, text, undefined. Further table: `not_made` (check, reason).

    Raises
    ------
    TechnopoleError
        The table isn't the one the effect was estimated from.
    WrongOption
        No such check to leave out.

    References
    ----------
    Roth, J., Sant'Anna, P. H. C., Bilinski, A. & Poe, J. (2023). What's trending in difference-in-differences? A synthesis of the recent
    econometrics literature. Journal of Econometrics 235(2), 2218-2244.

    Examples
    --------
    >>> import technopole as tp
    >>> firms = tp.simulate_firms("effect", firms=300, seed=1).firms
    >>> effect = tp.effects.group_time_effects(firms, outcome="log_sales")
    >>> "pre_trends" in tp.checks.examine(effect, firms, costly=False).table["check"].tolist()
    True
    """
    if table is not None:
        own(effect, table)
    reasons = {
        name: why or _left_out(name, costly=costly, leave_out=leave_out)
        for name, why in why_not(effect).items()
    }
    for name in leave_out:
        if name not in reasons:
            raise WrongOption("no such check to leave out", value=name, exists=reasons)
    made: list[dict[str, Any]] = []
    warnings: list[str] = []
    for name in progress.steps([name for name, why in reasons.items() if not why], "checks"):
        try:
            found: CheckResult = rooms.load(f"checks.{name}")(effect, table)
        except TechnopoleError as error:
            reasons[name] = str(error).splitlines()[0]
            continue
        made.append(dict(found.frames["finding"].iloc[0]) | {"text": found.text})
        warnings += [f"{name}: {said}" for said in found.warnings]
    rows = pd.DataFrame(made, columns=COLUMNS)
    rows = rows.sort_values("undefined", key=lambda said: said != "", kind="stable")
    left = pd.DataFrame([(name, why) for name, why in reasons.items() if why], columns=["check", "reason"])
    return Result.of(
        rows,
        text=_text(effect, rows, left),
        fields={**FIELDS, **OWN_FIELDS},
        warnings=warnings,
        not_made=left,
    )


def _left_out(name: str, *, costly: bool, leave_out: Sequence[str]) -> str:
    if name in leave_out:
        return "leave_out names it"
    return "costly=False leaves it out" if not costly and getattr(file_of(name), "COSTLY", False) else ""


def _text(effect: EffectResult, rows: pd.DataFrame, left: pd.DataFrame) -> str:
    if rows.empty:
        return f"No check of the effect on {effect.outcome} could be made."
    names = {
        said: [str(name).replace("_", " ") for name in rows.loc[rows["passed"] == said, "check"]]
        for said in ("yes", "no", "cannot tell")
    }
    parts = [
        f"{len(names['yes'])} stand{'s' if len(names['yes']) == 1 else ''}",
        f"{len(names['no'])} {'does' if len(names['no']) == 1 else 'do'}n't"
        + (f" ({', '.join(names['no'])})" if names["no"] else ""),
        f"{len(names['cannot tell'])} can't tell"
        + (f" ({', '.join(names['cannot tell'])})" if names["cannot tell"] else ""),
    ]
    rest = (
        f" {len(left)} {'was' if len(left) == 1 else 'were'} not made; `not_made` says why."
        if len(left)
        else ""
    )
    return f"Of {len(rows)} checks of the effect on {effect.outcome} {', '.join(parts)}.{rest}"
