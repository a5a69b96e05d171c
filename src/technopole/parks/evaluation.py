"""A whole evaluation in one call: gap, effect, checks and verdict for every outcome."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from technopole import progress
from technopole.checks import applicable
from technopole.effects import event_study, group_time_effects, heterogeneity, imputation, verdict
from technopole.errors import TechnopoleError, WrongOption
from technopole.member import member
from technopole.parks._evaluation_frames import FIELDS, frames
from technopole.result import Chart, CheckResult, EffectResult, Result, Verdict
from technopole.tables import Firms

Estimator = Literal["group_time_effects", "imputation", "event_study"]
ESTIMATORS = {
    "group_time_effects": group_time_effects,
    "imputation": imputation,
    "event_study": event_study,
}


@member
def evaluation(
    firms: Firms,
    *,
    innovation: Sequence[str] = (),
    growth: Sequence[str] = (),
    competitiveness: Sequence[str] = (),
    entry: Sequence[str] = (),
    incumbents: Sequence[str] = (),
    other: Sequence[str] = (),
    covariates: Sequence[str] = (),
    by: Sequence[str] = (),
    own_rd: str | None = None,
    estimator: Estimator = "group_time_effects",
    second: Estimator | None = None,
    control: Literal["never_treated", "not_yet_treated"] = "never_treated",
    anticipation: int = 0,
    cluster: str | None = None,
    smallest: Mapping[str, float] | None = None,
    checks: Literal["quick", "all", "none"] = "quick",
    also: Sequence[Result] = (),
    level: float = 0.95,
    seed: int = 0,
) -> Verdict:
    """What entering a park did to every outcome: gap, effect, checks, subgroups, and the verdict in words.

        verdict(effect with the gap in levels beside it, subgroups, checks; for each outcome)

    Growth and innovation are named apart and never pooled. The gap in levels stands beside every effect; checks that need no second
    estimation are always made.

    Parameters
    ----------
    firms : Firms
        Unit x year, with the year of entry.
    innovation : sequence of str
        Outcomes of innovation: patents, R&D, new products.
    growth : sequence of str
        Outcomes of growth: sales, employment, productivity.
    competitiveness : sequence of str
        Outcomes of products: RCA, market share, unit value (of `competitiveness.product_panel`).
    entry : sequence of str
        Outcomes that count those who come: births, new firms (of places).
    incumbents : sequence of str
        Outcomes of those who were there before.
    other : sequence of str
        Outcomes of no such kind.
    covariates : sequence of str
        What units with and without entry have to be alike in; the values before entry count.
    by : sequence of str
        Columns whose subgroups get effects of their own.
    own_rd : str, optional
        Column that says whether a firm has R&D of its own; also a subgroup.
    estimator : {"group_time_effects", "imputation", "event_study"}
        The main estimator.
    second : {"group_time_effects", "imputation", "event_study"}, optional
        Another one, which may contradict the first.
    control : {"never_treated", "not_yet_treated"}
        The comparison group, where the estimator has the choice.
    anticipation : int
        Years before entry in which effects are expected.
    cluster : str, optional
        Column within which errors hang together; none = the unit, or with outcomes of competitiveness the exporter.
    smallest : mapping of str to float, optional
        Outcome -> the smallest effect that would matter (see `effects.verdict`).
    checks : {"quick", "all", "none"}
        "quick": those that need no second estimation; "all" estimates again many times.
    also : sequence of Result
        Further evidence for the verdict: rings, synthetic difference-in-differences, equivalence tests.
    level : float
        Confidence level.
    seed : int
        Seed of checks that draw at random.

    Returns
    -------
    Verdict
        `finding`, `because`; table: because, role, outcome, estimate, low, high, p_value, passed, undefined. Further tables: `conclusion`
        (finding, reason, meaning); `gaps` (outcome, what, estimate, low, high, unit: in per cent for logs); `effects` (one row per outcome and
        estimator); `event_times`; `checks`; `subgroups`; `sample`.

    Raises
    ------
    WrongOption
        No outcome, or one of two kinds.
    MissingColumn, EmptyTable, TechnopoleError
        As the estimator: see `effects.group_time_effects`.

    References
    ----------
    Callaway, B. & Sant'Anna, P. H. C. (2021). Difference-in-differences with multiple time periods. Journal of Econometrics 225(2),
    200-230.
    Roth, J., Sant'Anna, P. H. C., Bilinski, A. & Poe, J. (2023). What's trending in difference-in-differences? A synthesis of the
    recent econometrics literature. Journal of Econometrics 235(2), 2218-2244.

    Examples
    --------
    >>> import technopole as tp
    >>> world = tp.simulate_firms(world="selection", firms=400, seed=1)
    >>> found = tp.parks.evaluation(world.firms, growth=["log_sales"])
    >>> found.finding
    'selection, not treatment'
    """
    kinds = _kinds(
        innovation=innovation, growth=growth, competitiveness=competitiveness, entry=entry, incumbents=incumbents, other=other
    )  # fmt: skip
    if cluster is None and competitiveness and "exporter" in firms.columns:
        cluster = "exporter"
    every: list[Result] = []
    untold: list[str] = []
    attributes = [*by, *([own_rd] if own_rd and own_rd not in by else [])]
    options: dict[str, Any] = {"covariates": covariates, "cluster": cluster, "level": level}
    for outcome in progress.steps(list(kinds), "outcomes"):
        main = _estimate(estimator, firms, outcome, control, anticipation, options)
        every.append(main)
        if second is not None:
            every.append(_estimate(second, firms, outcome, control, anticipation, options))
        if attributes:
            every.append(heterogeneity(firms, outcome=outcome, by=attributes, **options))
        made, without = _challenged(main, firms, checks, seed)
        every += made
        untold += without
    told = verdict([*every, *also], kinds=kinds, smallest=smallest, own_rd=own_rd or "own_rd", level=level)
    return _whole(told, every, untold)


def _kinds(**outcomes: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for kind, names in outcomes.items():
        for name in names:
            if name in found:
                raise WrongOption(f"an outcome of two kinds, {found[name]} and {kind}", value=name)
            found[name] = kind
    if not found:
        raise WrongOption("no outcome to evaluate", fix="name one: growth=['log_sales']", exists=outcomes)
    return found


def _estimate(
    estimator: Estimator,
    firms: Firms,
    outcome: str,
    control: Literal["never_treated", "not_yet_treated"],
    anticipation: int,
    options: Mapping[str, Any],
) -> EffectResult:
    function: Any = ESTIMATORS[estimator]
    taken = inspect.signature(function).parameters
    own: dict[str, Any] = {"control": control, "anticipation": anticipation, "base": "universal", **options}
    return function(firms, outcome=outcome, **{key: value for key, value in own.items() if key in taken})


def _challenged(
    main: EffectResult, firms: Firms, checks: Literal["quick", "all", "none"], seed: int
) -> tuple[list[CheckResult], list[str]]:
    """Run the checks that apply; return them, and what is to be said of those that couldn't be made."""
    made: list[CheckResult] = []
    untold: list[str] = []
    for check in applicable(main) if checks != "none" else []:
        if checks == "quick" and bool(getattr(sys.modules[check.__module__], "COSTLY", False)):
            continue
        own = {"seed": seed, "smoothness": checks == "all"}
        options = {key: value for key, value in own.items() if key in inspect.signature(check).parameters}
        try:
            made.append(check(main, firms, **options))
        except TechnopoleError as error:
            untold.append(f"{main.outcome}: the check {check.__name__} couldn't be made: {error.what}")
    return made, untold


def _whole(told: Verdict, results: Sequence[Result], untold: Sequence[str]) -> Verdict:
    """Return the verdict with what it rests on, drawn as gap and effect."""
    parts = frames(results)
    return Verdict.of(
        told.table,
        text=told.text,
        fields={**FIELDS, **told.fields},
        chart=Chart("gap_and_effect", {}, "gaps"),
        warnings=list(dict.fromkeys([*(said for result in results for said in result.warnings), *untold])),
        conclusion=told.frames["conclusion"],
        **parts,
    )
