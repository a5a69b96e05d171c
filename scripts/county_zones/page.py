"""The page: tables in Markdown, numbers in sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

import technopole as tp
from county_zones.data import DENSITY, GDP, MISDATED, OUTCOMES, TERCILES, Counties, spikes
from county_zones.estimates import SAME_PREFECTURE, SAME_PROVINCE, TWO_WAY, UNEXPOSED, bounded
from technopole.result import CheckResult, EffectResult

TEMPLATE = Path(__file__).with_name("page.md")
LARGE = 0.05  # log points
ANSWERS = {"yes": "stands", "no": "**doesn't stand**", "cannot tell": "can't be told"}


def text(
    panel: Counties,
    *,
    by_estimator: Mapping[tuple[str, str], EffectResult],
    outliers: Mapping[str, EffectResult],
    comparisons: Mapping[str, EffectResult],
    provinces: CheckResult,
    waves: Mapping[str, EffectResult],
    income: EffectResult,
    rings: Mapping[str, EffectResult],
    checks: tuple[Mapping[str, CheckResult], Mapping[str, CheckResult]],
) -> str:
    """Return the page."""
    first, *_ = by_estimator.values()
    return TEMPLATE.read_text(encoding="utf-8").format(
        **described(panel),
        **headlines(first, comparisons, rings),
        by_estimator=estimators(by_estimator),
        outliers=listed(outliers, "what is done with them"),
        comparisons=listed(comparisons, "compared with counties"),
        by_province=between(provinces),
        waves=listed(waves, "counties whose first zone came"),
        subgroups=subgroups(income),
        contrast=contrast(income),
        rings=listed(rings, "counties without a zone near one, compared with"),
        checks=answers(*checks),
        verdict=verdict(first, checks[0]),
        breakdown=f"{checks[0]['sensitivity'].statistic:.2f}",
        pretrends_p=f"{checks[0]['pre_trends'].frames['finding']['p_value'].iloc[0]:.2f}",
        **wrong_way(by_estimator[GDP, TWO_WAY]),
    )


def headlines(
    first: EffectResult, comparisons: Mapping[str, EffectResult], rings: Mapping[str, EffectResult]
) -> dict[str, str]:
    """Return the numbers that stand in sentences."""
    province = comparisons[SAME_PROVINCE]
    row = first.frames["overall"].iloc[0]
    near, *_ = rings.values()
    small = bounded(province, LARGE).frames["equivalence"].iloc[0]
    return {
        "gap_gdp": said(row["level_gap"], row["level_gap_low"], row["level_gap_high"]),
        "gap_gdp_short": amount(GDP, first.level_gap).lstrip("+"),
        "first_answer": of(first),
        "first_answer_short": amount(GDP, first.estimate).lstrip("+"),
        "same_province": of(province),
        "same_province_high": amount(GDP, province.high).lstrip("+"),
        "same_province_share": f"{1 - province.estimate / first.estimate:.0%}",
        "same_prefecture": of(comparisons[SAME_PREFECTURE]),
        "unexposed": of(comparisons[UNEXPOSED]),
        "neighbours": of(near),
        "large": amount(GDP, LARGE).lstrip("+"),
        "small_p": f"{small['p_value']:.0e}",
        "small_answer": str(small["equivalent"]),
    }


def said(estimate: float, low: float, high: float) -> str:
    """Write a change of a logarithm for a sentence."""
    at, bottom, top = (amount(GDP, value).lstrip("+") for value in (estimate, low, high))
    return f"{at} % ({bottom} to {top})"


def of(effect: EffectResult) -> str:
    """Write an effect for a sentence."""
    return said(effect.estimate, effect.low, effect.high)


def between(check: CheckResult) -> str:
    """Write the range of an effect, leaving out one group after the other."""
    estimates = check.table["estimate"].dropna()
    return f"{amount(GDP, estimates.min()).lstrip('+')} and {amount(GDP, estimates.max()).lstrip('+')}"


def wrong_way(effect: EffectResult) -> dict[str, str]:
    """Return what two-way fixed effects are made of."""
    shares = effect.frames["bacon_shares"]
    rows = [
        [row["kind"], f"{row['weight']:.1%}", amount(effect.outcome, row["estimate"])]
        for row in shares.to_dict("records")
    ]
    weight = shares.loc[shares["kind"].str.startswith("later against earlier"), "weight"].sum()
    return {
        "bacon": table(rows, ["comparison", "weight", "its effect on GDP per head, %"]),
        "forbidden": f"{weight:.1%}",
    }


def verdict(effect: EffectResult, checks: Mapping[str, CheckResult]) -> str:
    """Return the verdict that the package draws."""
    told = tp.effects.verdict([effect, *checks.values()], kinds={effect.outcome: "growth"})
    return told.text


def described(panel: Counties) -> dict[str, str]:
    """Return what is in the panel."""
    frame = panel.frame
    units = frame.drop_duplicates("county")
    entered = units.loc[units["entered"] > 0, "entered"]
    share = units.assign(zone=units["entered"] > 0).groupby("province")["zone"].agg(["sum", "count"])
    steps = frame.groupby("county")[DENSITY].diff().abs()
    return {
        "counties": f"{len(units):,}",
        "first": str(frame["year"].min()),
        "last": str(frame["year"].max()),
        "treated": f"{len(entered):,}",
        "untreated": f"{len(units) - len(entered):,}",
        "earliest": str(entered.min()),
        "latest": str(entered.max()),
        "clusters": f"{units['prefecture'].nunique():,}",
        "shanxi": "{} of {}".format(*share.loc["14"]),
        "henan": "{} of {}".format(*share.loc["41"]),
        "lowest": f"{frame['gdp_per_head'].min():,.0f}",
        "highest": f"{frame['gdp_per_head'].max():,.0f}",
        "spikes": f"{int(spikes(frame).sum()):,}",
        "misdated": MISDATED,
        "density_leaps": f"{int((steps > math.log(7)).sum()):,}",
    }


def table(rows: Sequence[Sequence[object]], head: Sequence[str]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def amount(outcome: str, value: float) -> str:
    """Write a change: per cent of a logarithm, percentage points of a share."""
    return f"{100 * math.expm1(value) if outcome.startswith('log_') else 100 * value:+.1f}"


def interval(outcome: str, estimate: float, low: float, high: float) -> str:
    """Write a change with its interval, without the unit."""
    return f"{amount(outcome, estimate)} ({amount(outcome, low)} to {amount(outcome, high)})"


def change(effect: EffectResult) -> str:
    """Write an effect with its interval, without the unit."""
    return interval(effect.outcome, effect.estimate, effect.low, effect.high)


def gap(effect: EffectResult) -> str:
    """Write the gap in levels with its interval, without the unit."""
    row = effect.frames["overall"].iloc[0]
    return interval(effect.outcome, row["level_gap"], row["level_gap_low"], row["level_gap_high"])


def estimators(effects: Mapping[tuple[str, str], EffectResult]) -> str:
    """Return the gap and each estimator's effect, by outcome."""
    names = list(dict.fromkeys(name for _, name in effects))
    rows = [
        [
            f"{title}, {'%' if outcome.startswith('log_') else 'percentage points'}",
            gap(effects[outcome, names[0]]),
            *(change(effects[outcome, name]) for name in names),
        ]
        for outcome, title in OUTCOMES.items()
    ]
    return table(rows, ["outcome", "gap in levels", *names])


def listed(effects: Mapping[str, EffectResult], first: str) -> str:
    """Return effects below one another, with the counties they rest on."""
    rows = []
    for name, effect in effects.items():
        row = effect.frames["overall"].iloc[0]
        rows.append([name, change(effect), f"{row['treated']:,}", f"{row['controls']:,}"])
    return table(rows, [first, "effect on GDP per head, % (95 %)", "counties that enter", "compared with"])


def answers(first: Mapping[str, CheckResult], second: Mapping[str, CheckResult]) -> str:
    """Return the answer of each check, of the first answer and of the second, and what it says of the first."""
    rows = [
        [name.replace("_", " "), _answer(found), _answer(second.get(name)), found.text]
        for name, found in first.items()
    ]
    return table(
        rows, ["check", "all counties", "same province", "what it says of the effect among all counties"]
    )


def _answer(found: CheckResult | None) -> str:
    return "not made" if found is None else ANSWERS[str(found.frames["finding"]["passed"].iloc[0])]


def subgroups(effect: EffectResult) -> str:
    """Return the effect in each third."""
    frame: pd.DataFrame = effect.table.set_index("subgroup").loc[list(TERCILES)].reset_index()
    rows = [
        [
            row["subgroup"],
            interval(effect.outcome, row["estimate"], row["low"], row["high"]),
            f"{row['n']:,}",
            f"{row['units'] - row['n']:,}",
        ]
        for row in frame.to_dict("records")
    ]
    return table(
        rows, ["counties", "effect on GDP per head, % (95 %)", "counties that enter", "compared with"]
    )


def contrast(effect: EffectResult) -> str:
    """Say whether thirds differ."""
    pairs = effect.frames["contrast"]
    row = pairs.iloc[int(pairs["difference"].abs().to_numpy().argmax())]
    between = interval(effect.outcome, row["difference"], row["low"], row["high"])
    return (
        f"The largest difference between thirds is that of the {row['subgroup_a']} and the {row['subgroup_b']}: {between} percentage points "
        f"(q = {row['q_value']:.2f} for {len(pairs)} comparisons)."
    )
