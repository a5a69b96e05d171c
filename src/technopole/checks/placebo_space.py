"""Does the effect stand out from those of units that entered nothing?"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from technopole import progress
from technopole.checks._retry import STAGGERED, attempt, entry
from technopole.checks._words import amount
from technopole.effects._again import made_by, own
from technopole.effects._overall import number
from technopole.engine import sql
from technopole.errors import WrongOption
from technopole.member import member
from technopole.result import CheckResult, EffectResult, Field
from technopole.result.check import Answer
from technopole.result.effect import FIELDS
from technopole.tables import Firms, Table

DESIGNS = STAGGERED
COSTLY = True
COLUMNS = ["draw", "estimate", "std_error", "ratio", "undefined"]
OWN_FIELDS = {
    "draw": Field("number of the random assignment"),
    "ratio": Field("estimate in standard errors", "", 2),
    "group": Field("year of pretended entry"),
    "units": Field("units that entered in that year", "units"),
    "pretended": Field("never-treated units given that year in each draw", "units"),
}


@member
def placebo_space(
    effect: EffectResult,
    table: Firms | None = None,
    *,
    draws: int = 99,
    seed: int = 0,
) -> CheckResult:
    """Does the effect stand out from those of units that entered nothing?

        draw r: units that never enter are given the years of entry at random, as many per year as really entered
        ratio = estimate / standard error, of the effect and of each draw
        p = (1 + number of draws with |ratio[r]| >= |ratio|) / (draws + 1)

    No assumption on how outcomes are distributed or depend on each other over time goes into p. Where units were clustered, whole clusters
    are given a year. Where fewer than two units never enter for each that does, all cohorts are scaled down alike: the ratio, not the
    estimate, is compared for that reason.

    Parameters
    ----------
    effect : EffectResult
        With units that never enter among those compared with.
    table : Firms
        The table it was estimated from.
    draws : int
        Random assignments; the smallest p that can come out is 1 / (draws + 1).
    seed : int

    Returns
    -------
    CheckResult
        draw, estimate, std_error, ratio, undefined. Further tables: `finding` (one row), `assigned` (group, units, pretended).

    Raises
    ------
    TechnopoleError
        No table, or another one than the effect's.
    WrongOption
        Fewer than 19 draws.

    References
    ----------
    Bertrand, M., Duflo, E. & Mullainathan, S. (2004). How much should we trust differences-in-differences estimates? Quarterly Journal of
    Economics 119(1), 249-275.
    MacKinnon, J. G. & Webb, M. D. (2020). Randomization inference for difference-in-differences with few treated clusters. Journal of
    Econometrics 218(2), 435-450.

    Examples
    --------
    >>> import technopole as tp
    >>> firms = tp.simulate_firms("effect", firms=100, years=4, cohorts=1, noise=0.1, seed=1).firms
    >>> effect = tp.effects.group_time_effects(firms, outcome="log_sales")
    >>> float(tp.checks.placebo_space(effect, firms, draws=19).finding["p_value"].iloc[0])
    0.05
    """
    if draws < 19:
        raise WrongOption("a p-value of 5 % needs 19 draws or more", value=draws)
    used = own(effect, table)
    cluster = made_by(effect).arguments.get("cluster")
    units = _units(used, effect.outcome, cluster)
    never, assigned = units[units["entered"] == 0], _sizes(units)
    why = _too_few(never, assigned)
    if not why and not effect.std_error > 0:
        why = "the effect has no standard error"
    if why:
        return _undefined(effect, why)
    there = _rows_of(used, never)
    rows = pd.DataFrame(
        [
            _draw(effect, used, there, never, assigned, np.random.default_rng(stream)) | {"draw": number + 1}
            for number, stream in enumerate(
                progress.steps(np.random.SeedSequence(seed).spawn(draws), "placebos in space")
            )
        ]
    )
    rows["ratio"] = rows["estimate"] / rows["std_error"]
    return _finding(effect, rows[COLUMNS], assigned)


def _units(table: Table, outcome: str, cluster: str | None) -> pd.DataFrame:
    """One row per unit that has a before: firm, entered (0 = never), cluster."""
    expr = table.expr.mutate(entered=entry(table)).filter(table.expr[outcome].notnull())
    columns = {"entered": expr["entered"].max(), "first": expr["year"].min()}
    if cluster:
        columns["cluster"] = expr[cluster].cast("string").min()
    units = expr.group_by("firm").agg(**columns).order_by("firm").to_pyarrow().to_pandas()
    units["cluster"] = units["cluster"] if cluster else units["firm"]
    return units[(units["entered"] == 0) | (units["entered"] > units["first"])].reset_index(drop=True)


def _sizes(units: pd.DataFrame) -> pd.DataFrame:
    sizes = units.loc[units["entered"] > 0, "entered"].value_counts().sort_index()
    room = (units["entered"] == 0).sum() / 2
    scale = min(1.0, room / sizes.sum()) if len(sizes) else 1.0
    pretended = np.maximum(1, np.floor(sizes.to_numpy() * scale)).astype(int)
    return pd.DataFrame({"group": sizes.index, "units": sizes.to_numpy(), "pretended": pretended})


def _too_few(never: pd.DataFrame, assigned: pd.DataFrame) -> str:
    if assigned.empty:
        return "no unit enters after its first year"
    needed = int(assigned["pretended"].sum())
    if never["cluster"].nunique() < 8 or len(never) < needed + 4:
        return f"{len(never):,} units never enter, too few to pretend with"
    return ""


def _rows_of(table: Table, never: pd.DataFrame) -> pa.Table:
    """Rows of the units that never enter, fetched once; `unit` is the unit's place in `never`."""
    at = sql.memtable(pa.table({"firm": pa.array(never["firm"]), "unit": np.arange(len(never))}))
    return table.expr.inner_join(at, "firm").order_by("firm", "year").to_pyarrow()


def _draw(
    effect: EffectResult,
    table: Table,
    there: pa.Table,
    never: pd.DataFrame,
    assigned: pd.DataFrame,
    random: np.random.Generator,
) -> dict[str, Any]:
    years = np.zeros(len(never), dtype="int64")
    given = np.repeat(assigned["group"].to_numpy("int64"), assigned["pretended"].to_numpy())
    years[_order(never, random)[: len(given)]] = given
    entered = pa.array(years[there["unit"].to_numpy()])
    columns = {name: entered if name == "entered" else there[name] for name in table.columns}
    rows = sql.memtable(pa.table(columns))
    found = attempt(effect, table, rows=rows)
    if isinstance(found, str):
        return {"estimate": np.nan, "std_error": np.nan, "undefined": found}
    why = "" if found.std_error > 0 else "no standard error"
    return {"estimate": found.estimate, "std_error": found.std_error, "undefined": why}


def _order(never: pd.DataFrame, random: np.random.Generator) -> npt.NDArray[np.int64]:
    """Units in random order, those of one cluster together."""
    codes, names = pd.factorize(never["cluster"], sort=True)
    rank = random.permutation(len(names))
    return np.lexsort((random.random(len(never)), rank[codes])).astype(np.int64)


def _undefined(effect: EffectResult, why: str) -> CheckResult:
    return CheckResult.finding_of(
        "placebo_space",
        "cannot tell",
        table=pd.DataFrame(columns=COLUMNS),
        text=f"Whether the effect on {effect.outcome} stands out from those of units that entered nothing can't be told: {why}.",
        fields={**FIELDS, **OWN_FIELDS},
        statistic_name="estimate / standard error",
        undefined=why,
    )


def _finding(effect: EffectResult, rows: pd.DataFrame, assigned: pd.DataFrame) -> CheckResult:
    known = rows[rows["undefined"] == ""]
    ratio = effect.estimate / effect.std_error
    beyond = int((known["ratio"].abs() >= abs(ratio)).sum())
    p_value = (1 + beyond) / (len(known) + 1)
    significant = effect.p_value <= 1 - effect.level
    why = "" if significant else "the effect itself can't be told from none"
    if len(known) < 19:
        why = f"only {len(known)} of {len(rows)} draws could be estimated"
    passed: Answer = "cannot tell" if why else "yes" if p_value <= 1 - effect.level else "no"
    return CheckResult.finding_of(
        "placebo_space",
        passed,
        table=rows.sort_values("undefined", key=lambda said: said != "", kind="stable"),
        text=_text(effect, known, beyond, p_value, passed, why),
        fields={**FIELDS, **OWN_FIELDS},
        warnings=[f"{len(rows) - len(known)} of {len(rows)} draws couldn't be estimated"]
        if len(known) < len(rows)
        else [],
        statistic=ratio,
        statistic_name="estimate / standard error",
        threshold=float(known["ratio"].abs().quantile(effect.level)) if len(known) else None,
        p_value=p_value,
        undefined=why,
        assigned=assigned,
    )


def _text(
    effect: EffectResult, known: pd.DataFrame, beyond: int, p_value: float, passed: str, why: str
) -> str:
    outcome = effect.outcome
    first = (
        f"Of {len(known)} random assignments of the years of entry to units that never entered, {beyond} gave an effect on {outcome} as far from 0, "
        f"in standard errors, as the {amount(outcome, effect.estimate)} of those who did (p = {number(p_value)})."
    )
    if passed == "yes":
        return f"{first} Chance and the way outcomes move over time hardly make such an effect."
    if passed == "no":
        return f"{first} So the data move enough by themselves to make such an effect, and its standard error is too small."
    return f"{first} {why[0].upper()}{why[1:]}, so there is nothing to stand out."
