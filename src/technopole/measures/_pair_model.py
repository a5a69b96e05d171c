"""Coagglomeration regressed on links: from pairs of industries to rows of coefficients, errors and shares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from technopole.errors import WrongOption
from technopole.kernels import pair_regression, variance_shares
from technopole.kernels.pair_regression import Array, Fit, Pairs

LINKS = 8  # 2^8 regressions for the shares
ESTIMATES = ["coefficient", "std_error", "low", "high", "p_value"]


@dataclass(frozen=True, slots=True)
class Model:
    """How to estimate: kind of standard errors, draws of the industries, confidence level, seed."""

    errors: str
    replications: int
    level: float
    seed: int


@dataclass(frozen=True, slots=True)
class Estimated:
    """Rows per link of the regression on all of them, of those on one alone, and one row about the model."""

    together: pd.DataFrame
    alone: pd.DataFrame
    model: pd.DataFrame


def estimate(frame: pd.DataFrame, names: list[str], model: Model) -> Estimated:
    """Estimate from a row per pair: industry_a, industry_b, coagglomeration and the links `names`."""
    if len(names) > LINKS:
        raise WrongOption(f"at most {LINKS} links and controls at once", value=len(names))
    frame = frame.astype(dict.fromkeys(names, "float64"))
    varies = {name: _varies(frame[name]) for name in names}
    kept = [name for name in names if varies[name]]
    pairs = _pairs(frame, kept)
    why = _obstacle(pairs, kept)
    together = _nothing(names, len(frame), why)
    together.loc[[not varies[name] for name in names], "undefined"] = "the link is the same for all pairs"
    about: dict[str, float] = {"n_pairs": len(frame), "n_industries": pairs.units}
    if why == "":
        estimates, about = _together(pairs, model, about)
        columns = list(estimates)
        together.loc[together["force"].isin(kept), columns] = estimates[columns].to_numpy()
    alone = [
        _alone(frame, name, model) if varies[name] else together[together["force"] == name] for name in names
    ]
    rows = _without_error(together), _without_error(pd.concat(alone, ignore_index=True))
    return Estimated(*rows, pd.DataFrame([about], columns=_ABOUT))


_ABOUT = ["r_squared", "r_squared_low", "r_squared_high", "n_pairs", "n_industries"]


def _without_error(rows: pd.DataFrame) -> pd.DataFrame:
    """Say where there is a coefficient but no standard error."""
    none = (rows["undefined"] == "") & rows["std_error"].isna()
    rows.loc[none, "undefined"] = (
        "these standard errors don't exist for so few industries: use dyadic_jackknife"
    )
    return rows


def _varies(values: pd.Series) -> bool:
    return bool(values.std() > 1e-12 * max(float(values.abs().max()), 1e-300))


def _pairs(frame: pd.DataFrame, names: list[str]) -> Pairs:
    ends = [pd.Index(frame[side]) for side in ("industry_a", "industry_b")]
    units = ends[0].union(ends[1]).unique()
    first, second = (units.get_indexer(end) for end in ends)
    values = frame[["coagglomeration", *names]].to_numpy(dtype="float64")
    spread = values.std(axis=0, ddof=1) if len(values) > 1 else np.zeros(values.shape[1])
    scaled = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return Pairs(first.astype(np.int64), second.astype(np.int64), len(units), scaled[:, 0], scaled[:, 1:])


def _obstacle(pairs: Pairs, names: list[str]) -> str:
    if not names:
        return "no link differs between pairs"
    if len(pairs.y) < len(names) + 3 or pairs.units < len(names) + 3:
        return f"{len(pairs.y)} pairs of {pairs.units} industries are too few"
    if not (pairs.y**2).sum() > 0:
        return "coagglomeration is the same for all pairs"
    if pair_regression.rank_deficient(pairs.x):
        return "the links are combinations of one another"
    return ""


def _nothing(names: list[str], n_pairs: int, why: str) -> pd.DataFrame:
    rows = pd.DataFrame({"force": names})
    rows[[*ESTIMATES, "share", "share_low", "share_high"]] = np.nan
    return rows.assign(n_pairs=n_pairs, undefined=why)


def _alone(frame: pd.DataFrame, name: str, model: Model) -> pd.DataFrame:
    pairs = _pairs(frame, [name])
    why = _obstacle(pairs, [name])
    rows = _nothing([name], len(frame), why)
    if why:
        return rows
    fit = pair_regression.fit(pairs)
    draws = (
        variance_shares.resampled(pairs, model.replications, model.seed)
        if model.errors == "bootstrap"
        else None
    )
    return rows.assign(r_squared=fit.r_squared, **_estimates(pairs, fit, model, draws))


def _together(pairs: Pairs, model: Model, about: dict[str, float]) -> tuple[pd.DataFrame, dict[str, float]]:
    fit = pair_regression.fit(pairs)
    draws = variance_shares.resampled(pairs, model.replications, model.seed)
    parts = variance_shares.shapley(variance_shares.covariance(pairs))
    drawn = variance_shares.shapley(draws)
    total = drawn.sum(axis=1)
    defined = total > 0
    tails = [(1 - model.level) / 2, (1 + model.level) / 2]
    low, high = np.quantile(drawn[defined] / total[defined, None], tails, axis=0)
    rows = pd.DataFrame(_estimates(pairs, fit, model, draws))
    ends = np.quantile(total, tails)
    about = {**about, "r_squared": fit.r_squared, "r_squared_low": ends[0], "r_squared_high": ends[1]}
    return rows.assign(share=parts / parts.sum(), share_low=low, share_high=high), about


def _estimates(pairs: Pairs, fit: Fit, model: Model, draws: Array | None) -> dict[str, Array]:
    """Return the coefficients with errors, interval and p-value."""
    b = fit.coefficient
    if model.errors == "bootstrap" and draws is not None:
        return {"coefficient": b, **_of_draws(variance_shares.slopes(draws), model.level)}
    error = getattr(pair_regression, model.errors)(pairs, fit)
    dyadic = model.errors.startswith("dyadic")
    freedom = float(pairs.units - 1 if dyadic else len(pairs.y) - len(b) - 1)
    wide = stdtrit(freedom, (1 + model.level) / 2) * error
    p = np.maximum(2 * stdtr(freedom, -np.abs(b / error)), np.finfo(np.float64).tiny)
    return dict(zip(ESTIMATES, (b, error, b - wide, b + wide, p), strict=True))


def _of_draws(slopes: Array, level: float) -> dict[str, Array]:
    """Percentile interval, and the p-value that goes with it: twice the smaller tail beyond 0."""
    low, high = np.quantile(slopes, [(1 - level) / 2, (1 + level) / 2], axis=0)
    beyond = np.minimum((slopes <= 0).sum(axis=0), (slopes >= 0).sum(axis=0))
    p = np.minimum(2 * (1 + beyond) / (len(slopes) + 1), 1.0)
    return {"std_error": slopes.std(axis=0, ddof=1), "low": low, "high": high, "p_value": p}
