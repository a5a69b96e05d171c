"""What a synthetic control found, as frames and sentences: weights, paths, placebos, ranks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from technopole.effects._gap import Gap, gap
from technopole.effects._one_treated import SEVERAL, OneTreated
from technopole.effects._overall import effect_sentence, gap_sentence, intervals, number, overall
from technopole.kernels import synthetic_control as kernel
from technopole.result import Chart, EffectResult, Field, effect

Floats = npt.NDArray[np.float64]
ENOUGH = 20  # units that are needed for p = 0.05
FAR = 4  # placebos that fit that many times worse before aren't drawn: they would only widen the scale
PLACEBOS = ["unit", "year", "gap", "pre_rmspe", "post_rmspe", "ratio"]
FIELDS = {
    **effect.FIELDS,
    "std_error": Field("spread (standard deviation) of the placebos' gaps", "unit of the outcome", 4),
    "low": Field("estimate minus the normal quantile times that spread", "unit of the outcome", 4),
    "high": Field("estimate plus the normal quantile times that spread", "unit of the outcome", 4),
    "p_value": Field("share of units whose post/pre ratio is at least that of the treated", "", 4),
    "unit": Field("firm or place"),
    "weight": Field("weight in the mixture; all add up to 1", "share", 4),
    "year": Field("year"),
    "treated": Field("the treated unit; in the overall table, how many there are", "unit of the outcome", 4),
    "synthetic": Field("the mixture of donors", "unit of the outcome", 4),
    "gap": Field("unit minus its mixture of donors", "unit of the outcome", 4),
    "pre_rmspe": Field("root mean squared gap in the years of the fit", "unit of the outcome", 4),
    "post_rmspe": Field("root mean squared gap from the start on", "unit of the outcome", 4),
    "ratio": Field("root mean squared gap after / before", "", 3),
    "predictor": Field("what the mixture has to be like"),
    "donors_mean": Field("mean of all donors", "unit of the predictor", 4),
    "importance": Field("importance of the predictor; all add up to 1", "share", 4),
    "rank": Field("rank of the treated unit's ratio, 1 = largest", "", 0),
    "compared": Field("units ranked, the treated one included", "units"),
    "set_low": Field("lower end of the constant effects that the ranks don't reject", "unit of the outcome", 4),
    "set_high": Field("upper end of the constant effects that the ranks don't reject", "unit of the outcome", 4),
    "series": Field("line of the picture"),
    "kind": Field("treated, synthetic, gap or placebo"),
    "value": Field("outcome (treated, synthetic) or gap", "unit of the outcome", 4),
}  # fmt: skip

NAMES_UNITS = "text, picture and tables name single units and their weights or paths: where units are firms, they aren't for release"


@dataclass(slots=True)
class Found:
    """Weights of the treated unit's mixture, and the gaps of all units: the treated first, then the placebos, if any.

    `shown` (units x predictors) is what the mixture was to be like; `fitted_on` says on which years; `carried` how much of the
    treated unit's effect each gap holds (a placebo's mixture may contain the treated).
    """

    made: OneTreated
    names: list[str]
    shown: Floats
    fitted_on: npt.NDArray[np.bool_]
    weights: kernel.Weights
    gaps: Floats
    carried: Floats

    @property
    def after(self) -> npt.NDArray[np.bool_]:
        """Whether a year is one of treatment."""
        return self.made.years >= self.made.start

    @property
    def size(self) -> Floats:
        """Largest outcome of each unit in the years of the fit."""
        return np.abs(self.made.outcome[: len(self.gaps), self.fitted_on]).max(axis=1)

    def result(self, level: float, placebos: bool) -> EffectResult:
        """Return everything, with placebos' spread as uncertainty."""
        why = ""
        if len(self.gaps) <= SEVERAL:
            why = (
                "std_error: fewer than two placebos"
                if placebos
                else "std_error and p_value: no placebos were asked for"
            )
        ranked = self.permutation(level, why)
        row = self.overall(level, float(ranked["p_value"].iloc[0]), why)
        paths, spaced = self.paths(), self.placebos()
        return EffectResult.of(
            self.cells(level, why),
            text=self.text(row, ranked),
            fields=FIELDS,
            chart=Chart("synthetic_paths", {"start": self.made.start, "axis": self.made.panel.outcome}, "picture"),
            warnings=[*self.made.warnings, *self.said(float(ranked["pre_rmspe"].iloc[0]), placebos)],
            weights=self.mixture(),
            paths=paths,
            placebos=spaced,
            predictors=self.balance(),
            permutation=ranked,
            picture=self.picture(paths, spaced, float(ranked["pre_rmspe"].iloc[0])),
            overall=row,
            sample=self.made.panel.sample,
        )  # fmt: skip

    def spread(self, of: Floats) -> Floats:
        """Return the standard deviation over placebos (Arkhangelsky et al. 2021, algorithm 4); nan with fewer than two."""
        return of[1:].std(axis=0) if len(of) > SEVERAL else np.full(of.shape[1:], math.nan)

    def cells(self, level: float, why: str) -> pd.DataFrame:
        """One row per year from the start on."""
        years = self.made.years[self.after]
        table = pd.DataFrame(
            {"time": years, "event_time": years - self.made.start, "estimate": self.gaps[0, self.after]}
        )
        table["std_error"] = self.spread(self.gaps[:, self.after])
        ends = intervals(table["estimate"], table["std_error"], level=level)
        return table.assign(low=ends["low"], high=ends["high"], n=1, undefined=why)

    def overall(self, level: float, p_value: float, why: str) -> pd.DataFrame:
        """The one row: mean gap from the start on."""
        means = self.gaps[:, self.after].mean(axis=1)
        levels = gap(self.made.panel, level=level)
        alone = Gap(
            levels.estimate,
            math.nan,
            math.nan,
            math.nan,
            math.nan,
            "level_gap: no interval with one treated unit",
        )
        return overall(
            self.made.panel,
            alone,
            estimand=f"effect on {self.made.units[0]}, average over {self.made.start} to {self.made.years[-1]}",
            estimate=float(means[0]),
            std_error=float(self.spread(means)),
            level=level,
            p_value=p_value,
            undefined=why,
        )

    def permutation(self, level: float, why: str) -> pd.DataFrame:
        """The one row on the rank of the treated unit among all."""
        before, after, alone = self.gaps[:, self.fitted_on], self.gaps[:, self.after], len(self.gaps) == 1
        found = kernel.ranks(before, after, self.size)
        low, high = (
            (-math.inf, math.inf)
            if alone
            else kernel.constant_effects(before, after, self.size, self.carried, level)
        )
        if math.isinf(low) or math.isinf(high):
            why = "; ".join(filter(None, (why, f"set: {len(self.gaps)} units don't bound it at this level")))
        elif math.isnan(low):
            why = "; ".join(filter(None, (why, "set: no constant effect is compatible with the ranks")))
        row = {
            "pre_rmspe": _rms(before[0]),
            "post_rmspe": _rms(after[0]),
            "ratio": found.ratio[0],
            "rank": int((found.ratio >= found.ratio[0]).sum()),
            "compared": len(self.gaps),
            "p_value": math.nan if alone else found.p_value,
            "set_low": low if math.isfinite(low) else math.nan,
            "set_high": high if math.isfinite(high) else math.nan,
            "undefined": why,
        }
        return pd.DataFrame([row])

    def mixture(self) -> pd.DataFrame:
        """The donors, the heaviest first."""
        table = pd.DataFrame({"unit": self.made.units[1:], "weight": self.weights.donors})
        return table.sort_values(["weight", "unit"], ascending=[False, True], ignore_index=True)

    def paths(self) -> pd.DataFrame:
        """Treated and mixture, year by year."""
        own = self.made.outcome[0]
        return pd.DataFrame(
            {"year": self.made.years, "treated": own, "synthetic": own - self.gaps[0], "gap": self.gaps[0]}
        )

    def placebos(self) -> pd.DataFrame:
        """Gaps of each donor taken for the treated one."""
        before, after = self.gaps[:, self.fitted_on], self.gaps[:, self.after]
        count, years = len(self.gaps) - 1, len(self.made.years)
        if not count:
            return pd.DataFrame(columns=PLACEBOS)
        each = {"pre_rmspe": np.sqrt((before**2).mean(axis=1)), "post_rmspe": np.sqrt((after**2).mean(axis=1)),
                "ratio": kernel.ranks(before, after, self.size).ratio}  # fmt: skip
        table = pd.DataFrame(
            {
                "unit": np.repeat(self.made.units[1 : count + 1], years),
                "year": np.tile(self.made.years, count),
            }
        )
        return table.assign(
            gap=self.gaps[1:].ravel(), **{name: np.repeat(values[1:], years) for name, values in each.items()}
        )

    def balance(self) -> pd.DataFrame:
        """What the mixture was to be like, and is."""
        rest = self.shown[1:]
        return pd.DataFrame(
            {
                "predictor": self.names,
                "treated": self.shown[0],
                "synthetic": self.weights.donors @ rest,
                "donors_mean": rest.mean(axis=0),
                "importance": self.weights.importance,
            }
        )

    def picture(self, paths: pd.DataFrame, placebos: pd.DataFrame, missed: float) -> pd.DataFrame:
        """Lines to draw."""
        name, near = self.made.units[0], placebos[placebos["pre_rmspe"] <= FAR * missed]
        lines = [
            paths[["year"]].assign(series=name, kind="treated", value=paths["treated"]),
            paths[["year"]].assign(series=f"synthetic {name}", kind="synthetic", value=paths["synthetic"]),
            paths[["year"]].assign(series=name, kind="gap", value=paths["gap"]),
            near[["year"]].assign(series=near["unit"], kind="placebo", value=near["gap"]),
        ]
        return pd.concat([line for line in lines if len(line)], ignore_index=True)

    def said(self, missed: float, placebos: bool) -> list[str]:
        """What limits it: few donors, a poor fit."""
        name, count, warnings = self.made.units[0], len(self.made.units), [NAMES_UNITS]
        if placebos and count < ENOUGH:
            warnings.append(f"{count - 1} donors: the p-value can't be below 1/{count} = {1 / count:.2g}")
        varies = float(self.made.outcome[0, self.fitted_on].std())
        if missed > varies > 0:
            warnings.append(
                f"no mixture of donors is like {name}: it misses by {number(missed)} before, more than the outcome varies there "
                f"({number(varies)})"
            )
        return warnings

    def text(self, row: pd.DataFrame, ranked: pd.DataFrame) -> str:
        """Say the effect, the mixture, how well it fitted and how unusual the change is."""
        made, p = self.made, ranked.iloc[0]
        share = self.mixture().head(3)
        mixed = [f"{100 * weight:.0f} % {unit}" for unit, weight in share.to_numpy() if weight >= 0.005]
        rest = 1 - float(share["weight"].sum())
        mixed += [f"{100 * rest:.0f} % others"] if rest >= 0.005 else []
        years = f"average over {made.start} to {made.years[-1]}"
        effect_said = effect_sentence(
            row, cause=f"what began in {made.start}", whom=f"for {made.units[0]} alone, {years}"
        )
        rank = "no placebo says how unusual that is"
        if not math.isnan(p["p_value"]):
            rank = f"{int(p['rank'])} of {int(p['compared'])} units, itself included, change as much or more (p = {p['p_value']:.2g})"
        return (
            f"{effect_said} {gap_sentence(row)} Before, {made.units[0]} and its mixture ({', '.join(mixed)}) differ by {number(p['pre_rmspe'])}, "
            f"afterwards by {number(p['post_rmspe'])}; {rank}."
        )


def _rms(gaps: Floats) -> float:
    return float(np.sqrt((gaps**2).mean()))
