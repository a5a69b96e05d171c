"""Every estimate and check on the page."""

from __future__ import annotations

from collections.abc import Callable, Collection

import pandas as pd

import technopole as tp
from county_zones import data
from county_zones.data import GDP, OUTCOMES, Counties
from technopole.result import CheckResult, EffectResult
from technopole.tables import Firms

CLUSTER = "prefecture"
MAIN = "as published"
SAME_PROVINCE, SAME_PREFECTURE = "of the same province", "of the same prefecture"
UNEXPOSED = "of prefectures without any zone"
TWO_WAY = "two-way fixed effects"
NEED_MORE = (
    "spillover",
    "balance",
    "overlap",
)  # coordinates (see neighbours), or covariates other than provinces
OUTLIERS = {
    "spikes": "without {n} county-years that leap and leap back",
    "jumping": "without {n} counties that ever leap",
    "winsorised": "lowest and highest hundredth of each year drawn in",
    "misdated": "without the county whose treatment is dated twice",
}


def group_time(table: Firms, outcome: str = GDP, **options: object) -> EffectResult:
    """Return the group-time effect, clustered by prefecture."""
    return tp.effects.group_time_effects(table, outcome=outcome, cluster=CLUSTER, **options)  # type: ignore[arg-type]


def estimators(panel: Counties) -> dict[tuple[str, str], EffectResult]:
    """Return each outcome's effect by four estimators."""
    table = panel.table
    made: dict[str, Callable[..., EffectResult]] = {
        "group-time": tp.effects.group_time_effects,
        "Sun & Abraham": tp.effects.event_study,
        "imputation": tp.effects.imputation,
        TWO_WAY: two_way,
    }
    return {
        (outcome, name): estimate(table, outcome=outcome, cluster=CLUSTER)
        for outcome in OUTCOMES
        for name, estimate in made.items()
    }


def two_way(table: Firms, *, outcome: str = GDP, cluster: str | None = CLUSTER) -> EffectResult:
    """Return what two-way fixed effects say: the wrong way."""
    return tp.effects.event_study(table, outcome=outcome, cluster=cluster, method="two_way_fixed_effects")


def outliers(panel: Counties) -> dict[str, EffectResult]:
    """Return the effect on GDP per head by what is done with impossible values."""
    frame = panel.frame
    spikes, jumping = data.spikes(frame), data.jumping(frame)
    left_out = frame.loc[jumping, "county"].nunique()
    return {
        MAIN: group_time(panel.table),
        OUTLIERS["spikes"].format(n=int(spikes.sum())): group_time(panel.only(~spikes)),
        OUTLIERS["jumping"].format(n=left_out): group_time(panel.only(~jumping)),
        OUTLIERS["winsorised"]: group_time(data.firms(data.winsorised(frame))),
        OUTLIERS["misdated"]: group_time(panel.only(frame["county"] != data.MISDATED)),
    }


def comparisons(panel: Counties) -> dict[str, EffectResult]:
    """Return the effect on GDP per head by whom counties with a zone are compared with."""
    frame = panel.frame
    start = [f"{name}_2000" for name in OUTCOMES]
    outside = data.untreated(frame)
    reached = frame["prefecture"].isin(frame.loc[~outside, "prefecture"].unique())
    province, provinces = data.compared_within(frame, "province")
    prefecture = data.firms(data.against_untreated(frame, "prefecture"))
    regression = {"method": "outcome_regression"}
    return {
        "without a zone": group_time(panel.table),
        "without a zone yet": group_time(panel.table, control="not_yet_treated"),
        UNEXPOSED: group_time(panel.only(~outside | ~reached)),
        "alike in 2000, doubly robust": group_time(panel.table, covariates=start),
        "alike in 2000, outcome regression": group_time(panel.table, covariates=start, **regression),
        SAME_PROVINCE: group_time(data.firms(province), covariates=provinces, **regression),
        "of the same province and alike in 2000": group_time(
            data.firms(province), covariates=[*provinces, *start], **regression
        ),
        SAME_PREFECTURE: group_time(prefecture),
    }


def by_year(panel: Counties) -> dict[str, EffectResult]:
    """Return the effect on GDP per head by years since the zone, all against the last year before, with bands."""
    options = {"base": "universal", "bootstrap": 999}
    province, provinces = data.compared_within(panel.frame, "province")
    within = {"covariates": provinces, "method": "outcome_regression"}
    return {
        "Against all counties without a zone": group_time(panel.table, **options),
        "Against those of the same province": group_time(data.firms(province), **within, **options),
    }


def waves(panel: Counties) -> dict[str, EffectResult]:
    """Return the effect on GDP per head of the wave of 2006 and of the later ones, among all counties and within provinces."""
    entered = panel.frame["entered"]
    found = {}
    for name, rows in {"in 2006": entered.isin([0, 2006]), "2007 to 2015": entered != 2006}.items():
        province, provinces = data.compared_within(panel.frame[rows], "province")
        found[name] = group_time(panel.only(rows))
        found[f"{name}, same province"] = group_time(
            data.firms(province), covariates=provinces, method="outcome_regression"
        )
    return found


def neighbours(panel: Counties) -> dict[str, EffectResult]:
    """Return how counties without a zone fare once another of their prefecture gets one, against prefectures that get none."""
    frame = data.neighbours(panel.frame)
    province, provinces = data.compared_within(frame, "province")
    within = {"covariates": provinces, "method": "outcome_regression"}
    return {
        "all counties of prefectures without any zone": group_time(data.firms(frame)),
        "those of the same province": group_time(data.firms(province), **within),
    }


def bounded(effect: EffectResult, bound: float) -> EffectResult:
    """Return whether an effect is too small to matter."""
    return tp.effects.equivalence(effect, bound=bound)


def by_income(panel: Counties) -> EffectResult:
    """Return the effect on GDP per head by thirds of GDP per head in 2000."""
    return tp.effects.heterogeneity(panel.table, outcome=GDP, by=["initial_income"], cluster=CLUSTER)


def without_provinces(panel: Counties) -> CheckResult:
    """Return how the effect on GDP per head moves as one province after the other is left out."""
    table = panel.table
    return tp.checks.leave_one_out(group_time(table), table, by="province")


def checks(
    panel: Counties, *, only: Collection[str] = ()
) -> tuple[dict[str, CheckResult], dict[str, CheckResult]]:
    """Return the checks that apply to the effect among all counties, and to that within provinces (but for random assignments)."""
    table = panel.table
    province, provinces = data.compared_within(panel.frame, "province")
    within = data.firms(province)
    effect = group_time(within, covariates=provinces, method="outcome_regression")
    first = _checked(group_time(table), table, only, leave=NEED_MORE)
    return first, _checked(effect, within, only, leave={*NEED_MORE, "placebo_space"})


def _checked(
    effect: EffectResult, table: Firms, only: Collection[str], leave: Collection[str]
) -> dict[str, CheckResult]:
    named = {check.__name__: check for check in tp.checks.applicable(effect)}
    return {
        name: check(effect, table)
        for name, check in named.items()
        if name not in leave and (not only or name in only)
    }


def rows(effects: dict[str, EffectResult]) -> pd.DataFrame:
    """Return one row per effect: its name and the columns of `overall`."""
    parts = [effect.frames["overall"].assign(name=name) for name, effect in effects.items()]
    return pd.concat(parts, ignore_index=True)
