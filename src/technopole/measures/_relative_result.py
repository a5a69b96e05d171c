"""Tables and words for M and m: curves with their bands, and a verdict per industry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from technopole import progress
from technopole.errors import WrongOption
from technopole.kernels.extreme_ranks import Envelope, envelope
from technopole.measures import _relative
from technopole.measures._relative import Curve, Floats, Ground, Pair, Scheme
from technopole.result import Chart, Field, Result
from technopole.spatial import site_table
from technopole.tables import Activity, Establishments, Places, Sector

Null = Literal["random_location", "population_independence"]
FEW = "fewer than two establishments"
ALONE = "no establishment has a neighbour at this distance"
TOGETHER = "its establishments are all equally far apart, so no bandwidth follows: give bandwidth="
# Multiples of 1/800 of the extent, widening with distance, as in the R package dbmss; it goes on to a half.
STEPS = np.concatenate(
    [
        np.arange(21),
        np.arange(22, 41, 2),
        np.arange(45, 101, 5),
        np.arange(110, 201, 10),
        np.arange(220, 261, 20),
    ]
)


@dataclass(frozen=True, slots=True)
class Request:
    """What M and m are asked alike."""

    table: Establishments | Activity
    industry: str | Sequence[str]
    neighbours: str | None
    sector: Sector | None
    places: Places | None
    reference: Establishments | Activity | None
    weight: str | None
    null: Null
    simulations: int
    level: float
    seed: int

    def checked(self) -> site_table.Sites:
        """Return the sites; raise `WrongOption` for a level or a number of simulations that gives no bands."""
        if not 0 < self.level < 1:
            raise WrongOption("level lies between 0 and 1", value=self.level, fix="level=0.95")
        if self.simulations + 1 < (least := 2 / (1 - self.level) * (1 - 1e-9)):
            raise WrongOption(
                f"bands at {self.level:g} need more simulations",
                value=self.simulations,
                fix=f"simulations={max(int(np.ceil(least)) - 1, 1)} or more; 1000 is usual",
            )
        if self.null == "population_independence" and self.neighbours is None:
            raise WrongOption(
                "population independence is a null of two industries",
                value=self.null,
                fix="name the other one with neighbours=, or take null='random_location'",
            )
        asked = self.industry if self.industry == "all" and self.sector is None else self._names()
        return site_table.of_table(
            self.table,
            places=self.places,
            industry=asked,
            sector=self.sector,
            reference=self.reference,
            weight=self.weight,
        )

    def _names(self) -> list[str]:
        named = [] if self.industry == "all" else self.industry
        names = [named] if isinstance(named, str) else list(named)
        other = [] if self.neighbours is None or self.neighbours in names else [self.neighbours]
        mine = self.sector.name if self.sector is not None else None
        return [*dict.fromkeys(names), *(name for name in other if name != mine)]

    def wanted(self, sites: site_table.Sites) -> list[str]:
        """Return the industries whose curves are asked for."""
        there = [members.name for members in sites.industries]
        if self.industry == "all":
            return [self.sector.name] if self.sector is not None else there
        names = [self.industry] if isinstance(self.industry, str) else list(self.industry)
        return [name for name in there if name in names or (self.sector and name == self.sector.name)]


@dataclass(frozen=True, slots=True)
class Found:
    """One industry: its curve and its bands; None where it has none, and why."""

    name: str
    n: int
    curve: Curve | None
    bands: Envelope | None
    why: str = ""
    bandwidth: float | None = None


def distances_km(given: Sequence[float] | None, ground: Ground, default: Floats) -> Floats:
    """Return the distances asked for in order, or the default ones (multiples of the extent in km)."""
    if given is None:
        straight = np.array([ground.extent])
        return np.unique(default * float(ground.sites.locations.to_km(straight)[0]))
    found = np.unique(np.asarray(given, dtype=np.float64))
    if len(found) == 0 or not np.isfinite(found).all() or found[0] < 0:
        raise WrongOption(
            "distances are kilometres from 0 on", value=list(given), fix="distances=[0, 1, 2, 5, 10]"
        )
    return found


def curves(request: Request, ground: Ground, scheme_of: Callable[[Pair], Scheme | None]) -> list[Found]:
    """Return every industry's curve and bands; industries with one scheme and one size share their simulations."""
    tables: dict[Scheme, Floats] = {}
    kept: dict[tuple[Scheme, int, int], Floats] = {}
    named = [] if request.neighbours is None else [request.neighbours]
    others = [ground.marks(members) for members in _relative.chosen(ground.sites, named)]
    found: list[Found] = []
    wanted = _relative.chosen(ground.sites, request.wanted(ground.sites))
    for members in progress.steps(wanted, "industries"):
        focal = ground.marks(members)
        pair = Pair(focal, focal if members.name in named else [focal, *others][-1])
        scheme = scheme_of(pair) if members.size > 1 or not pair.same else None
        if scheme is None:
            found.append(Found(members.name, members.size, None, None, FEW if members.size < 2 else TOGETHER))
            continue
        fixed = request.null == "population_independence" and not pair.same
        key = (scheme, focal.size, 0 if pair.same else pair.around.size)
        drawn = None if fixed or ground.weighted else kept.get(key)
        if drawn is None:
            if scheme not in tables and not ground.weighted:
                tables = {scheme: ground.denominators(scheme)}
            drawn = _relative.simulated(
                ground,
                scheme,
                pair,
                fixed=fixed,
                table=tables.get(scheme),
                simulations=request.simulations,
                seed=request.seed,
            )
            kept[key] = drawn
        curve = _relative.observed(ground, scheme, pair)
        found.append(
            Found(
                members.name,
                members.size,
                curve,
                envelope(curve.value, drawn, request.level),
                bandwidth=scheme.bandwidth,
            )
        )
    return found


def result(
    request: Request,
    ground: Ground,
    found: Sequence[Found],
    km: Floats,
    *,
    value: str,
    name: str,
    meaning: str,
) -> Result:
    """Build the result from every industry's curve: `value` is the column, `name` the function's name in words."""
    table = pd.concat([_rows(one, km, value) for one in found], ignore_index=True)
    summary = _summary(found, km, value, request.level)
    for frame in (table, summary):
        if request.neighbours is not None:
            frame.insert(1, "neighbours", request.neighbours)
    order = ["bare", "industry", "distance_km"]
    table = table.assign(bare=table["undefined"] != "").sort_values(order, kind="stable").drop(columns="bare")
    return Result.of(
        table,
        text=_text(summary, value, name, request),
        fields=_fields(value, meaning, request.level),
        chart=Chart(
            "density_curve",
            {"value": value, "reference": 1.0, "label": name, "axis": f"{name} (1 = as everywhere)"},
        ),
        warnings=ground.sites.warnings,
        summary_table=summary,
    )


def _rows(one: Found, km: Floats, value: str) -> pd.DataFrame:
    bare = np.full(len(km), np.nan)
    curve, bands = one.curve, one.bands
    frame = {
        "industry": one.name,
        "distance_km": km,
        value: curve.value if curve else bare,
        "local_low": bands.local_low if bands else bare,
        "local_high": bands.local_high if bands else bare,
        "global_low": bands.global_low if bands else bare,
        "global_high": bands.global_high if bands else bare,
        "isolated": curve.isolated.astype(np.int64) if curve else np.full(len(km), one.n),
    }
    table = pd.DataFrame(frame)
    return table.assign(undefined=np.where(table[value].isna(), one.why or ALONE, ""))


def _summary(found: Sequence[Found], km: Floats, value: str, level: float) -> pd.DataFrame:
    rows = [_verdict(one, km, value, level) for one in found]
    table = pd.DataFrame(rows).astype({"bandwidth_km": "float64"})
    if all(one.bandwidth is None for one in found):
        table = table.drop(columns="bandwidth_km")
    known = table["p_value"].notna().to_numpy()
    q = np.full(len(table), np.nan)
    if known.any():
        q[known] = false_discovery_control(table.loc[known, "p_value"].to_numpy())
    table = table.assign(q_value=q)[[*(c for c in table if c != "undefined"), "q_value", "undefined"]]
    return table.assign(bare=~known).sort_values(["bare", "industry"], kind="stable").drop(columns="bare")


def _verdict(one: Found, km: Floats, value: str, level: float) -> dict[str, object]:
    row: dict[str, object] = {"industry": one.name, "n": one.n, "bandwidth_km": one.bandwidth}
    peak = f"peak_{value}"
    if one.curve is None or one.bands is None or not np.isfinite(one.curve.value).any():
        nothing = {"peak_distance_km": np.nan, peak: np.nan, "verdict": None, "p_value": np.nan}
        return {**row, **nothing, "undefined": one.why or ALONE}
    curve, bands = one.curve.value, one.bands
    with np.errstate(invalid="ignore"):
        above, below = curve > bands.global_high, curve < bands.global_low
    significant = bands.p_value <= (1 - level) * (1 + 1e-12)
    verdict = "concentrated" if above.any() else "dispersed" if below.any() else "neither"
    verdict = verdict if significant else "neither"
    where = {"concentrated": above, "dispersed": below, "neither": np.isfinite(curve)}[verdict]
    sign = -1 if verdict == "dispersed" else 1
    at = int(np.argmax(np.where(where, sign * curve, -np.inf)))
    return {
        **row,
        "peak_distance_km": km[at],
        peak: curve[at],
        "verdict": verdict,
        "p_value": bands.p_value,
        "undefined": "",
    }


def _text(summary: pd.DataFrame, value: str, name: str, request: Request) -> str:
    known = summary[summary["undefined"] == ""]
    if known.empty:
        return f"No industry has a defined {name}: {summary['undefined'].iloc[0]}."
    around = f"{request.neighbours} around each" if request.neighbours else "its own kind"
    if len(known) == 1:
        return _single(known.iloc[0], value, around)
    counts = {verdict: int((known["verdict"] == verdict).sum()) for verdict in ("concentrated", "dispersed")}
    chance = f"{round(100 * (1 - request.level), 6):g} %"
    head = (
        f"Of {len(known)} industries, {counts['concentrated']} {'is' if counts['concentrated'] == 1 else 'are'} "
        f"concentrated and {counts['dispersed']} dispersed beyond what random location would give in {chance} of cases."
    )
    best = known[known["verdict"] == "concentrated"].sort_values(
        [f"peak_{value}", "industry"], ascending=[False, True]
    )
    if best.empty:
        return head
    top = best.iloc[0]
    return head + (
        f" Most so {top['industry']}: at {top['peak_distance_km']:.3g} km the share of {around} among neighbours is "
        f"{top[f'peak_{value}']:.3g} times that in the whole area."
    )


def _single(row: pd.Series, value: str, around: str) -> str:
    head = f"{row['industry']} ({row['n']:,} establishments) is "
    if row["verdict"] == "neither":
        return f"{head}neither concentrated nor dispersed: its neighbours are such as chance brings (p = {row['p_value']:.2g})."
    return (
        f"{head}{row['verdict']}: at {row['peak_distance_km']:.3g} km the share of {around} among neighbours is "
        f"{row[f'peak_{value}']:.3g} times that in the whole area (p = {row['p_value']:.2g})."
    )


def _fields(value: str, meaning: str, level: float) -> Mapping[str, Field]:
    share = f"{100 * level:g} %"
    return {
        "industry": Field("industry around whose establishments neighbours are counted"),
        "neighbours": Field("industry of the neighbours"),
        "distance_km": Field("distance", "km", 2),
        value: Field(meaning, "ratio", 3),
        "local_low": Field(f"lower end of the local {share} band under random location", "ratio", 3),
        "local_high": Field(f"upper end of the local {share} band under random location", "ratio", 3),
        "global_low": Field(f"lower end of the global {share} band under random location", "ratio", 3),
        "global_high": Field(f"upper end of the global {share} band under random location", "ratio", 3),
        "isolated": Field(
            "establishments without a neighbour at this distance, left out", "establishments", 0
        ),
        "undefined": Field("why there is no value"),
        "n": Field("number of establishments", "establishments", 0),
        "bandwidth_km": Field("bandwidth of the kernel", "km", 2),
        "peak_distance_km": Field(
            "distance at which the curve is farthest, where it leaves the global band", "km", 2
        ),
        f"peak_{value}": Field(f"{value} there: the highest, or the lowest if dispersed", "ratio", 3),
        "verdict": Field(f"concentrated, dispersed or neither, by the global {share} band"),
        "p_value": Field("share of random locations at least as extreme at some distance, two-sided"),
        "q_value": Field("p-value corrected for the number of industries (false discovery rate)"),
    }
