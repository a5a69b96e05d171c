"""Synthetic control: one treated unit against a weighted mixture of donors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from technopole.effects import _synthetic_frames as frames
from technopole.effects._one_treated import SEVERAL, OneTreated, one_treated, predictor_years
from technopole.errors import WrongOption
from technopole.kernels import synthetic_control as kernel
from technopole.member import member
from technopole.result import EffectResult
from technopole.tables import Activity, Firms

Floats = npt.NDArray[np.float64]
Importance = Literal["nested", "equal"]


@member
def synthetic_control(
    panel: Firms | Activity,
    *,
    treated: str,
    start: int,
    outcome: str,
    predictors: Sequence[str] | Mapping[str, Sequence[int]] = (),
    importance: Importance | Mapping[str, float] = "nested",
    fit_years: Sequence[int] | None = None,
    donors: Sequence[str] | None = None,
    exclude: Sequence[str] = (),
    industry: str | None = None,
    placebos: bool = True,
    starts: int = 1,
    level: float = 0.95,
    seed: int = 0,
) -> EffectResult:
    """What a single place or firm would have been without its park: a mixture of others that was like it before.

        gap[t] = Y[treated, t] - sum_j w[j] Y[j, t]     w >= 0, sum_j w[j] = 1
        w      = argmin sum_k v[k] (X[treated, k] - sum_j w[j] X[j, k])^2
        effect = mean of gap[t] over t >= start
        p      = share of units whose RMSPE after / RMSPE before is at least that of the treated

    X are the predictors, averaged over their years and divided by their standard deviation over units, or, without predictors, the
    outcome of every year of the fit. The importances v are chosen so that w fits the outcome of the fit years best (nested). In the
    placebos each donor in turn is taken for the treated one, and the treated is among its donors. Standard errors are the
    spread of the placebos' gaps.

    Parameters
    ----------
    panel : Firms or Activity
        One row per unit and year; of an activity table the units are places, their industries added up.
    treated : str
        The treated firm or place.
    start : int
        First year in which it is treated. Years before that are outside the fit count neither as before nor as after.
    outcome : str
        Column of the outcome.
    predictors : list of str, or mapping of str to list of int
        What the mixture has to be like before, averaged over the fit years, or over years of its own. None: the outcome of every fit year.
    importance : {"nested", "equal"} or mapping of str to float
        How much each predictor counts: searched, all the same, or given. Without predictors every fit year counts the same.
    fit_years : list of two int, optional
        First and last year the weights are fitted on. None: all before `start`.
    donors : list of str, optional
        Units that may be in the mixture. None: all others with every year.
    exclude : list of str
        Units that may not: a national total, neighbours that the park may have changed.
    industry : str, optional
        One industry code of an activity table. None: all added up.
    placebos : bool
        Whether to compare with placebos; without them there is neither p-value nor standard error.
    starts : int
        Starting points of the nested search: the first gives every predictor the same importance, the others are drawn.
    level : float
        Confidence level, in (0, 1).
    seed : int
        Seed of the further starting points.

    Returns
    -------
    EffectResult
        time, event_time, estimate (the gap), std_error, low, high, n, undefined. Further tables: `weights` (unit, weight), `paths`
        (year, treated, synthetic, gap), `placebos` (unit, year, gap, pre_rmspe, post_rmspe, ratio), `predictors` (predictor, treated, synthetic,
        donors_mean, importance), `permutation` (one row: pre_rmspe, post_rmspe, ratio, rank, compared, p_value, set_low, set_high,
        undefined), `picture`, `overall`, `sample`.

    Raises
    ------
    UnknownName
        No such unit or industry.
    WrongOption
        A start outside the panel, fewer than two years to fit, the treated unit among the donors, or an option out of range.
    MissingColumn
        No such outcome or predictor.
    EmptyTable
        No donor has every year, or a predictor is empty.

    References
    ----------
    Abadie, A. & Gardeazabal, J. (2003). The economic costs of conflict: A case study of the Basque Country. American Economic Review
    93(1), 113-132.
    Abadie, A., Diamond, A. & Hainmueller, J. (2010). Synthetic control methods for comparative case studies: Estimating the effect of
    California's tobacco control program. Journal of the American Statistical Association 105(490), 493-505.
    Firpo, S. & Possebom, V. (2018). Synthetic control method: Inference, sensitivity analysis and confidence sets. Journal of Causal
    Inference 6(2).
    Arkhangelsky, D., Athey, S., Hirshberg, D. A., Imbens, G. W. & Wager, S. (2021). Synthetic difference-in-differences. American Economic
    Review 111(12), 4088-4118.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> rise = {"A": [1, 3, 2], "B": [3, 1, 6], "C": [9, 9, 1]}
    >>> rows = [(name, 2000 + t, y) for name, ys in rise.items() for t, y in enumerate(ys)]
    >>> rows += [("Valley", 2000, 2.0), ("Valley", 2001, 2.0), ("Valley", 2002, 9.0)]
    >>> table = pd.DataFrame(rows, columns=["firm", "year", "jobs"])
    >>> found = tp.effects.synthetic_control(table, treated="Valley", start=2002, outcome="jobs")
    >>> found.weights[["unit", "weight"]].round(6).values.tolist(), round(found.estimate, 6)
    ([['A', 0.5], ['B', 0.5], ['C', 0.0]], 5.0)
    """
    _check(level, starts)
    window = _window(fit_years, start)
    of = predictor_years(predictors, range(window[0], window[1] + 1) if window else ())
    of = of if window or isinstance(predictors, Mapping) else _all_before(panel, predictors, start)
    made = one_treated(
        panel,
        treated=str(treated),
        start=start,
        outcome=outcome,
        predictors=of,
        donors=donors,
        exclude=exclude,
        industry=industry,
    )
    design = _Design.of(made, window, importance, starts, seed)
    own = design.fitted(0)
    others = (
        [design.fitted(unit) for unit in range(1, len(made.units))]
        if placebos and len(made.units) > SEVERAL
        else []
    )
    found = frames.Found(
        made,
        design.names,
        design.shown,
        design.fitted_on,
        own[0],
        np.vstack([own[1], *(gaps for _, gaps in others)]),
        np.array([1.0, *(1 - weights.donors[0] for weights, _ in others)]),
    )
    return found.result(level, placebos)


@dataclass(slots=True)
class _Design:
    """The matrices: predictors (units x predictors, scaled), the outcome of the fit years, and how important predictors are."""

    names: list[str]
    shown: Floats
    scaled: Floats
    past: Floats
    every: Floats
    fitted_on: npt.NDArray[np.bool_]
    given: Floats | None
    starts: Floats

    @classmethod
    def of(
        cls,
        made: OneTreated,
        window: tuple[int, int] | None,
        importance: Importance | Mapping[str, float],
        starts: int,
        seed: int,
    ) -> _Design:
        before = _fitted_on(made, window)
        past = made.outcome[:, before]
        if made.predictors.empty:
            if isinstance(importance, Mapping):
                raise WrongOption("importance is of predictors, and there are none", value=dict(importance))
            names = [f"{made.panel.outcome} {year}" for year in made.years[before]]
            return cls(
                names, past, past, past, made.outcome, before, np.ones(past.shape[1]), np.empty((0, 0))
            )
        shown = made.predictors.to_numpy("float64")
        spread = shown.std(axis=0, ddof=1)
        names = list(made.predictors.columns)
        flat = [name for name, wide in zip(names, spread, strict=True) if wide == 0]
        if flat:
            made.warnings.append(
                f"predictors that are the same for every unit say nothing: {', '.join(flat)}"
            )
        scaled = shown / np.where(spread > 0, spread, 1.0)
        given, points = _given(names, importance), _points(len(names), starts, seed)
        return cls(names, shown, scaled, past, made.outcome, before, given, points)

    def fitted(self, unit: int) -> tuple[kernel.Weights, Floats]:
        """Return the weights that make the others like a unit, and its gaps in every year."""
        rest = np.delete(np.arange(len(self.every)), unit)
        target, others = self.scaled[unit], self.scaled[rest].T
        if self.given is not None:
            found = kernel.fit(target, others, self.given)
        else:
            past = self.past[rest].T
            found = kernel.nested(target, others, self.past[unit], past, self.starts)
        return found, self.every[unit] - found.donors @ self.every[rest]


def _check(level: float, starts: int) -> None:
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)
    if starts < 1:
        raise WrongOption("starts is a number of starting points, 1 or more", value=starts)


def _window(fit_years: Sequence[int] | None, start: int) -> tuple[int, int] | None:
    if fit_years is None:
        return None
    years = [int(year) for year in fit_years]
    if len(years) != SEVERAL or not years[0] < years[1] < start:
        raise WrongOption(
            "fit_years are the first and the last year of the fit, before the start",
            value=years,
            fix=f"[{start - 10}, {start - 1}]",
        )
    return years[0], years[1]


def _all_before(panel: Firms | Activity, predictors: Sequence[str], start: int) -> dict[str, list[int]]:
    first = int(panel.expr["year"].min().to_pyarrow().as_py() or start - 1)
    return {str(name): list(range(first, start)) for name in predictors}


def _fitted_on(made: OneTreated, window: tuple[int, int] | None) -> npt.NDArray[np.bool_]:
    before = made.years < made.start
    if window is not None:
        before &= (made.years >= window[0]) & (made.years <= window[1])
    if before.sum() < SEVERAL:
        raise WrongOption(
            "fewer than two years to fit the weights on",
            value=list(window or ()),
            exists=made.years[made.years < made.start],
        )
    return before


def _given(names: Sequence[str], importance: Importance | Mapping[str, float]) -> Floats | None:
    if isinstance(importance, str):
        return np.ones(len(names)) if importance == "equal" else None
    lacking = [name for name in names if name not in importance] or [
        name for name in importance if name not in names
    ]
    if lacking:
        raise WrongOption("importance names each predictor, and nothing else", value=lacking[0], exists=names)
    given = np.array([float(importance[name]) for name in names])
    if not (np.isfinite(given).all() and (given >= 0).all() and given.sum() > 0):
        raise WrongOption("importance is zero or more, and not zero for all", value=dict(importance))
    return given


def _points(size: int, starts: int, seed: int) -> Floats:
    random = np.random.Generator(np.random.Philox(np.random.SeedSequence(seed)))
    drawn = 10.0 ** random.uniform(-8, 0, (starts - 1, size))
    return np.vstack([np.full((1, size), 1 / size), drawn / drawn.sum(axis=1, keepdims=True)])
