"""A verdict in words, from effects, gaps, subgroups, rings and checks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from technopole.effects._because import FIELDS, said
from technopole.effects._evidence import gathered
from technopole.effects._findings import caveats, conclude, meaning
from technopole.errors import EmptyTable, WrongOption
from technopole.member import member
from technopole.result import Field, Result, Verdict

KINDS = ("innovation", "growth", "competitiveness", "entry", "incumbents", "other")


@member
def verdict(
    results: Sequence[Result],
    *,
    kinds: Mapping[str, str] | None = None,
    smallest: Mapping[str, float] | None = None,
    own_rd: str = "own_rd",
    level: float = 0.95,
) -> Verdict:
    """What the park did, in words built from results: effect, selection, displacement, or that it can't be told.

        up: low > 0    down: high < 0    none: -smallest < low and high < smallest, or equivalent    open: else
        up and down only where q <= 1 - level of the effect, q its p-value adjusted for the number of outcomes
        selection, not treatment: gap_low > 0, effect none or open, and effect_high < gap_low / 2

    Each outcome's state is read from its first effect; a decisive check that fails leaves it open. Rules in order: estimators that
    contradict one another end in "cannot tell"; then displacement, gains of some only, which kind of outcome rose, selection, no effect;
    where an interval still holds zero and effects that would matter: "cannot tell", because of power. Subgroups and rings too have to
    stand out among all that were looked at (Benjamini and Hochberg's q-values).

    Parameters
    ----------
    results : sequence of Result
        Effects (one or more per outcome, the main one first), their `level_gap`, `heterogeneity`, `boundary`, `equivalence`, and
        checks of the main effects.
    kinds : mapping of str to str, optional
        Outcome -> innovation, growth, competitiveness (of products), entry, incumbents or other. Growth and innovation are never pooled.
    smallest : mapping of str to float, optional
        Outcome -> the smallest effect that would matter. Default: the threshold of a `minimum_detectable_effect` check; 0.05 for
        outcomes named log_ or ln_ (our convention); otherwise unknown, and "no effect" can't be found.
    own_rd : str
        The attribute that says whether a firm has R&D of its own, as `heterogeneity` was told it.
    level : float
        1 - level is the largest q-value at which subgroups differ and rings lose.

    Returns
    -------
    Verdict
        `finding`, `because`; table: because (a sentence), role, outcome, estimate, low, high, p_value, passed, undefined. Further
        table `conclusion`: finding, reason, doubts, meaning.

    Raises
    ------
    WrongOption
        A kind that doesn't exist; a kind or a smallest effect of an outcome without results; one that isn't above 0.
    EmptyTable
        No result at all.

    References
    ----------
    Benjamini, Y. & Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal Statistical Society B 57(1), 289-300.
    Liberati, D., Marinucci, M. & Tanzi, G. M. (2016). Science and technology parks in Italy: main features and analysis of their effects
    on the firms hosted. Journal of Technology Transfer 41(4), 694-729.
    Lamperti, F., Mavilia, R. & Castellini, S. (2017). The role of science parks: a puzzle of growth, innovation and R&D investments.
    Journal of Technology Transfer 42(1), 158-183.
    Albahari, A., Barge-Gil, A., Perez-Canto, S. & Landoni, P. (2023). The effect of science and technology parks on tenant firms: a
    literature review. Journal of Technology Transfer 48(4), 1489-1531.

    Examples
    --------
    >>> import technopole as tp
    >>> world = tp.simulate_firms(world="innovation", firms=600, seed=1)
    >>> effects = [tp.effects.group_time_effects(world.firms, outcome=name) for name in ("patents", "log_sales")]
    >>> kinds = {"patents": "innovation", "log_sales": "growth"}
    >>> found = tp.effects.verdict(effects, kinds=kinds, smallest={"log_sales": 0.1})
    >>> found.finding
    'innovation only'
    """
    _check_results(results)
    evidence = gathered(results, kinds or {}, smallest or {})
    _check(kinds or {}, smallest or {}, [one.outcome for one in evidence], level)
    finding, reason = conclude(evidence, own_rd, 1 - level)
    doubts, plain = caveats(evidence), meaning(finding, evidence)
    conclusion = pd.DataFrame([{"finding": finding, "reason": reason, "doubts": doubts, "meaning": plain}])
    rows: list[dict[str, Any]] = [row for one in evidence for row in said(one)]
    rows.sort(key=lambda row: row["undefined"] != "")
    table = pd.DataFrame(rows, columns=list(FIELDS))
    return Verdict.of(
        table,
        text=_text(finding, plain, reason, doubts, table),
        fields={
            **FIELDS,
            "finding": Field("the finding"),
            "reason": Field("why it can't be told; empty where it can"),
            "doubts": Field(
                "checks that an effect found doesn't stand, without its being dismissed; empty where there are none"
            ),
            "meaning": Field("the finding in plain words"),
        },
        conclusion=conclusion,
    )


def _check_results(results: Any) -> None:
    wrong = (
        [results] if isinstance(results, Result) else [one for one in results if not isinstance(one, Result)]
    )
    if wrong:
        raise WrongOption(
            "results is a list of what effects and checks return",
            value=type(wrong[0]).__name__,
            fix="results=[effect, *checks]",
        )
    if not results:
        raise EmptyTable("a verdict needs results", fix="give at least one effect")


def _check(
    kinds: Mapping[str, str], smallest: Mapping[str, float], outcomes: Sequence[str], level: float
) -> None:
    for outcome, kind in kinds.items():
        if kind not in KINDS:
            raise WrongOption(f"no such kind of outcome for {outcome!r}", value=kind, exists=KINDS)
    for outcome, least in smallest.items():
        if not 0 < least < math.inf:
            raise WrongOption(
                f"the smallest effect on {outcome} that would matter is a number above 0", value=least
            )
    for outcome in (*kinds, *smallest):
        if outcomes and outcome not in outcomes:
            raise WrongOption(
                "no effect on this outcome is among the results", value=outcome, exists=outcomes
            )
    if not 0 < level < 1:
        raise WrongOption("level is between 0 and 1", value=level)


def _text(finding: str, plain: str, reason: str, doubts: str, table: pd.DataFrame) -> str:
    why = (
        f" ({'too few data to see an effect that would matter' if reason == 'power' else reason})"
        if reason
        else ""
    )
    lead = f"{finding[0].upper()}{finding[1:]}{why}: {plain}."
    if doubts:
        lead += f" With doubts, as these checks fail: {doubts}."
    first = [row for row in table.to_dict("records") if row["role"] in ("effect", "level gap")][:2]
    return " ".join([lead, *(row["because"] for row in first)])
