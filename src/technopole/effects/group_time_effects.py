"""Group-time average effects of entry (Callaway & Sant'Anna)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from technopole.effects import _staggered as staggered
from technopole.effects import _staggered_input as given
from technopole.effects._held_equal import Cells, HeldEqual
from technopole.effects._overall import intervals, text
from technopole.effects._panel import Exits, Panel, panel
from technopole.errors import TechnopoleError
from technopole.kernels import group_time_aggregation as kernel
from technopole.kernels.threads import one_thread
from technopole.libraries import heard, library
from technopole.member import member
from technopole.result import Chart, EffectResult, effect
from technopole.tables import Firms

Method = Literal["doubly_robust", "ipw", "outcome_regression"]
Base = Literal["varying", "universal"]


@member
def group_time_effects(
    firms: Firms,
    *,
    outcome: str,
    covariates: Sequence[str] = (),
    control: Literal["never_treated", "not_yet_treated"] = "never_treated",
    method: Method = "doubly_robust",
    base: Base = "varying",
    anticipation: int = 0,
    cluster: str | None = None,
    exits: Exits = "drop",
    bootstrap: int = 0,
    level: float = 0.95,
    seed: int = 0,
) -> EffectResult:
    """Effect of entry, cohort by cohort and year by year, against units that haven't entered.

        ATT(g, t) = E[Y(t) - Y(b) | entered in g] - E[Y(t) - Y(b) | comparison, as if their covariates were those of g]
        b = g - 1 - anticipation for t >= g; before entry the year before t (varying) or that same b (universal)
        overall = sum over g <= t of N(g) ATT(g, t), divided by sum over g <= t of N(g)

    No unit that has entered is ever a comparison, which is what two-way fixed effects get wrong. It is an effect if, without entry, the
    outcome of those who entered would have moved as that of comparable others did, and entry of one doesn't move the others.

    Parameters
    ----------
    firms : Firms
        Firm x year with `entered`. Unbalanced panels are used as they are: each cell rests on units seen in both of its years.
    outcome : str
        A column of numbers.
    covariates : sequence of str
        Columns that comparable units have in common; their value in year b counts.
    control : {"never_treated", "not_yet_treated"}
        Who is compared with: units that never enter, or also those that enter later.
    method : {"doubly_robust", "ipw", "outcome_regression"}
        How covariates are held equal; doubly robust is right if one of the two other models is.
    base : {"varying", "universal"}
        Which year cells before entry are compared with.
    anticipation : int
        Years before entry in which entry may already matter.
    cluster : str, optional
        Column of clusters (region, park) within which units depend on each other. None: each unit is its own.
    exits : {"drop", "keep"}
        Whether years after a unit left the park are dropped, or count as treated.
    bootstrap : int
        Draws of the multiplier bootstrap for uniform bands (999 are usual); 0 = no bands.
    level : float
        Confidence level, in (0, 1).
    seed : int
        Seed of the bootstrap.

    Returns
    -------
    EffectResult
        group, time, event_time, estimate, std_error, low, high, n, undefined. Further tables: `aggregates` (simple, group, calendar, event, with
        uniform bands), `overall` and `overall_simple`, `overall_group`, `overall_calendar`, `overall_event` (one row each), `covariance` of
        the event-time estimates, `sample`.

    Raises
    ------
    WrongOption
        An option out of range, or a column that isn't one of numbers.
    TechnopoleError
        Nobody enters; nobody is left to compare with; covariates that are combinations of each other; clusters that units change.
    EmptyTable
        Nothing is left after what is missing was dropped.

    References
    ----------
    Callaway, B. & Sant'Anna, P. H. C. (2021). Difference-in-differences with multiple time periods. Journal of Econometrics 225(2),
    200-230.
    Sant'Anna, P. H. C. & Zhao, J. (2020). Doubly robust difference-in-differences estimators. Journal of Econometrics 219(1), 101-122.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> enters = {"a": 2003, "b": 2003, "c": 0, "d": 0}
    >>> noise = {"a": 0.0, "b": 0.1, "c": 0.0, "d": -0.1}
    >>> rows = [(f, y, g, (y - 2000) + (g > 0) * (y >= g) * 2 + noise[f] * (y % 2))
    ...     for f, g in enters.items() for y in range(2001, 2005)]
    >>> table = pd.DataFrame(rows, columns=["firm", "year", "entered", "sales"])
    >>> found = tp.effects.group_time_effects(table, outcome="sales")
    >>> [round(value, 2) for value in found.aggregate("event").table["estimate"]]
    [-0.1, 2.1, 2.0]
    """
    given.check_options(level=level, anticipation=anticipation, bootstrap=bootstrap)
    rows = panel(firms, outcome=outcome, covariates=covariates, cluster=cluster, exits=exits)
    given.needs_both(rows, never=control == "never_treated")
    given.independent(rows)
    inference = staggered.inference_of(rows, level=level, bootstrap=bootstrap, seed=seed)
    found, influence, warnings = _compared(rows, control, method, base, anticipation)
    table, cells, reference = _cells(rows, found, influence, inference)
    usable = table["estimate"].notna().to_numpy()
    made, covariance = staggered.averages(
        cells,
        table.loc[usable, "n"].to_numpy("int64"),
        inference,
        reference=reference,
        undefined="no cohort has a year after entry with units to compare with",
    )
    parts = staggered.frames(made, inference, rows, covariance=covariance)
    warnings = [*rows.warnings, *given.restrictions(rows), *warnings, *_left_out(table)]
    return EffectResult.of(
        staggered.last_undefined(table),
        text=text(parts["overall"], whom="average over the treated units' years since entry"),
        fields=staggered.FIELDS,
        chart=Chart("event_study", {"outcome": outcome}, of="aggregates"),
        warnings=warnings,
        **parts,
    )


def _compared(
    rows: Panel, control: str, method: Method, base: Base, anticipation: int
) -> tuple[Cells, Cells, list[str]]:
    """Return cells and their influence functions by cohort and year: of the library, or with odds of entering of the kernel."""
    weighted = bool(rows.covariates) and method != "outcome_regression"
    options = {"control_group": control, "base_period": base, "anticipation": anticipation}
    fitted, said = _fit(rows, options, [] if weighted else list(rows.covariates))
    influence = fitted._aggregation_kit.influence if fitted._aggregation_kit else {}
    found, warnings = fitted.group_time_effects, [*_unbalanced(rows), *_of_cells(said)]
    if weighted:
        equal = HeldEqual(rows, found, influence)
        equal.compare(base=base, anticipation=anticipation, regress=method == "doubly_robust")
        warnings += equal.warnings()
    return found, influence, warnings


def _fit(rows: Panel, options: dict[str, Any], covariates: list[str]) -> tuple[Any, list[str]]:
    said: list[str] = []
    model = library("diff_diff").CallawaySantAnna(
        estimation_method="reg", rank_deficient_action="warn", **options
    )
    try:
        with heard(said), one_thread():
            fitted = model.fit(
                rows.rows,
                outcome="outcome",
                unit="unit",
                time="year",
                first_treat="entered",
                covariates=covariates or None,
            )
    except (ValueError, np.linalg.LinAlgError) as error:
        raise TechnopoleError(
            "these are too few units, or too much alike, for effects that hold the covariates equal",
            value=", ".join(covariates) or None,
            fix='fewer covariates, or control="not_yet_treated", ask less of the data',
        ) from error
    return fitted, said


def _cells(
    rows: Panel, found: Cells, influence: Cells, inference: staggered.Inference
) -> tuple[pd.DataFrame, kernel.Cells, npt.NDArray[np.bool_]]:
    """Return the table of cells, and of those with an estimate their influence functions and whether they are 0 by definition."""
    table = pd.DataFrame(
        {
            "group": [int(g) for g, _ in found],
            "time": [int(t) for _, t in found],
            "estimate": [float(cell["effect"]) for cell in found.values()],
            "n": [int(cell["n_treated"]) for cell in found.values()],
            "undefined": [_reason(cell) for cell in found.values()],
            "reference": [bool(cell.get("is_reference")) for cell in found.values()],
        }
    ).sort_values(["group", "time"], ignore_index=True)
    table.insert(2, "event_time", table["time"] - table["group"])
    units = rows.units
    known = table["estimate"].notna()
    used = table[known]
    parts = [_influence(influence[g, t]) for g, t in zip(used["group"], used["time"], strict=True)]
    cells = kernel.Cells(
        used["group"].to_numpy("int64"),
        used["time"].to_numpy("int64"),
        used["estimate"].to_numpy("float64"),
        parts,
        units["entered"].to_numpy("int64"),
    )
    error = [kernel.std_error(part, len(units), inference.cluster) for part in parts]
    table.loc[known, "std_error"] = error
    table.loc[known, "undefined"] = [
        staggered.reason(own, np.array([n]), np.array([zero]), inference.scale)
        for own, n, zero in zip(error, used["n"], used["reference"], strict=True)
    ]
    table["std_error"] = table["std_error"].where(table["undefined"] == "")
    ends = intervals(table["estimate"], table["std_error"], level=inference.level, freedom=inference.freedom)
    table = table.assign(low=ends["low"], high=ends["high"])
    return table[list(effect.CELL)], cells, used["reference"].to_numpy(bool)


def _influence(cell: dict[str, Any]) -> kernel.Sparse:
    index = np.concatenate([cell["treated_idx"], cell["control_idx"]]).astype(np.intp)
    return index, np.concatenate([cell["treated_inf"], cell["control_inf"]])


def _reason(cell: dict[str, Any]) -> str:
    why = cell.get("skip_reason")
    if why is None:
        return ""
    if why == "missing_period":
        return "no year before entry to compare with"
    if why == "zero_treated_control":
        return (
            "no unit left to compare with"
            if cell["n_treated"]
            else "no unit of the cohort is seen in both years"
        )
    return "the covariates fit so few units perfectly" if why == "non_finite_regression" else str(why)


def _unbalanced(rows: Panel) -> list[str]:
    units, years = rows.rows["unit"].nunique(), rows.rows["year"].nunique()
    missing = units * years - len(rows.rows)
    if not missing:
        return []
    return [
        f"unbalanced panel ({missing:,} of {units * years:,} unit-years aren't there): each cell rests on the units seen in both of its years"
    ]


_SAID_ELSEWHERE = ("Unbalanced panel", "Low Events Per Variable")
_SINGULAR = ("Rank-deficient", "Rank deficient")


def _of_cells(said: list[str]) -> list[str]:
    """Say in our words, once, what the library says of single cells."""
    rest = [
        text for text in said if not text.startswith(_SAID_ELSEWHERE) and "could not be estimated" not in text
    ]
    told: list[str] = []
    if any(text.startswith(_SINGULAR) for text in rest):
        told.append(
            "in some cells the covariates are combinations of each other among the comparison units: the redundant ones are left out there"
        )
    return [*told, *(text for text in rest if not text.startswith(_SINGULAR))]


def _left_out(table: pd.DataFrame) -> list[str]:
    missing = table[table["estimate"].isna()]
    if missing.empty:
        return []
    shown = "; ".join(f"{why} ({len(rows)})" for why, rows in missing.groupby("undefined", sort=True))
    return [
        f"{len(missing)} of {len(table)} cells can't be estimated and are in no average: {shown}; `undefined` says which"
    ]
