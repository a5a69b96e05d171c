"""Goals for each park, given the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from technopole.errors import UnknownName, WrongOption
from technopole.member import member
from technopole.policy import _goal_words as goal_words
from technopole.policy._goal_assignment import Limits, check_limits
from technopole.policy._goal_catalogue import load_catalogue
from technopole.policy._goal_choice import Plan
from technopole.policy._goal_fit import evidence_of
from technopole.result import Chart, Result


@member
def goals(
    comparison: Result,
    *,
    stage: Result,
    composition: Result | None = None,
    per_park: int = 3,
    parks_per_goal: int | None = None,
    require: Mapping[str, Sequence[str]] | None = None,
    forbid: Mapping[str, Sequence[str]] | None = None,
    settings: Mapping[str, float] | None = None,
    catalogue: str | None = None,
    runs: int = 100,
    seed: int = 0,
) -> Result:
    """What each park should aim at, given what the other parks aim at.

        fit[p, g]  = (w_stage suits[p, g] + w_condition condition[p, g]) / (w_stage + w_condition)
        suits      = sum over stages of the stage's share of support x how far the goal suits it
        condition  = geometric mean of the goal's terms, each a strength value / (value + reference) or 1 - strength
        segment    : fit = basis x sqrt(RSCA x share / largest share), RSCA = (B - 1)/(B + 1), B = share / mean share
        maximise     sum fit x - duplication sum_{p<q, g} overlap[p, q] x[p, g] x[q, g],   sum_g x[p, g] <= per_park

    Goals come from measured differences, never from names. Candidates, references and weights are a data file; they
    are ours and can be replaced. Parks that nothing measured tells apart get the same goals, and the result says so.
    A goal whose fit lies below the floor isn't given; a park without figures gets none.

    Parameters
    ----------
    comparison : Result
        Of `comparison.side_by_side`.
    stage : Result
        Of `comparison.development_stage`.
    composition : Result, optional
        Of `comparison.composition`; without it there are no segment goals.
    per_park : int
        Most goals of a park.
    parks_per_goal : int, optional
        Most parks that share a goal.
    require, forbid : mapping of park to goal ids, optional
        Goals a park must or must not have.
    settings : mapping, optional
        Your values for the catalogue's settings: stage_weight, floor, duplication ...
    catalogue : str, optional
        Path of your own catalogue of goals (TOML).
    runs : int
        Runs with moved weights and references, dropped figures and stages lost as often as they are unstable.
    seed : int
        Seed of these runs.

    Returns
    -------
    Result
        park, goal, kind, rank, score, because, instead_of, stability, margin, wording, id, undefined; further tables:
        candidates (every fit), reasons (the figures behind it), changes (what would change it).

    Raises
    ------
    WrongOption
        Limits that clash, by name.
    UnknownName
        A setting or a term that doesn't exist, or a result of the wrong kind.

    References
    ----------
    Laursen, K. (2015). Revealed comparative advantage and the alternatives as measures of international
    specialization. Eurasian Business Review, 5(1), 99-115. doi:10.1007/s40821-015-0017-1 (the symmetric index). Goals by
    stage and condition, references and weights are ours.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> said = [("A", "national_key_labs", 20, "labs"), ("A", "firms", 30, "firms"), ("A", "rd_intensity", 9, "percent"),
    ...         ("B", "national_key_labs", 1, "labs"), ("B", "firms", 900, "firms"), ("B", "rd_intensity", 3, "percent")]
    >>> said = pd.DataFrame(said, columns=["place", "indicator", "value", "unit"])
    >>> said = said.assign(facet="technology", scope="optics", year=2024, source="report", grade="official")
    >>> side = tp.comparison.side_by_side(pd.DataFrame({"park": ["A", "B"]}), figures=said)
    >>> stage = tp.comparison.development_stage(said, thresholds={"min_found": 1, "min_coverage": 0.01})
    >>> found = tp.policy.goals(side, stage=stage, per_park=1, runs=0).table
    >>> found[["park", "id"]].values.tolist()
    [['A', 'commercialise_science'], ['B', 'measure_first']]
    """
    if runs < 0:
        raise WrongOption("runs is 0 or more", value=runs)
    said = load_catalogue(catalogue, settings)
    evidence = evidence_of(comparison, stage, composition, said)
    if not evidence.parks:
        raise UnknownName("the comparison has no park", value="cells")
    limits = Limits(per_park, int(said.settings["mechanisms"]), parks_per_goal, require or {}, forbid or {})
    mechanisms = [goal.id for goal in said.goals]
    names = [*mechanisms, *(f"segment: {segment}" for segment in evidence.shares.segments)]
    check_limits(limits, evidence.parks, names, mechanisms)
    plan = Plan.of(evidence, said, limits)
    stability = plan.stability(runs, seed)
    table = goal_words.table(plan, stability)
    return Result.of(
        table,
        text=goal_words.text(table),
        fields=goal_words.FIELDS,
        chart=Chart("goals_matrix", of="candidates"),
        warnings=goal_words.warnings(plan, table),
        candidates=goal_words.candidate_table(plan),
        reasons=goal_words.reason_table(plan),
        changes=goal_words.change_table(plan),
    )
