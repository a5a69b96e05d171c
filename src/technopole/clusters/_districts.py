"""Markusen's types of districts, from who owns and runs the establishments of a cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from technopole.clusters import _ground
from technopole.clusters._composition import CANNOT_TELL, Threshold, Verdict, scheme
from technopole.errors import WrongOption
from technopole.tables import Establishments, Firms

SHARES = ("public", "local_trade", "local_purchases", "export_share")
HUBS = 4
NEEDS = {
    "cr4": "employment of firms in an establishments table",
    "local_ownership": "a column headquarters (the place of the firm's head office)",
    "branch_plants": "a column headquarters (the place of the firm's head office)",
    "local_trade": "a column local_trade (share of sales and purchases within the district)",
    "public": "a column public (1 or share = public body)",
    "hub_local_purchases": "a column local_purchases (share of purchases that is local)",
    "hub_exports": "a column export_share (share of sales that leaves the region)",
}
Ends = tuple[float, float]


def plants(establishments: Establishments, firms: Firms | None, codes: Mapping[str, float]) -> pd.DataFrame:
    """Return the sector's establishments of the last year with the columns that classes need, each firm's shares beside them."""
    rows = establishments.expr
    last = int(rows.year.max().to_pyarrow().as_py())
    keys = [name for name in ("establishment_id", "industry") if name in rows.columns]
    frame = rows.filter(rows.year == last).order_by(keys).to_pyarrow().to_pandas()
    frame = frame[frame["industry"].isin(list(codes))].reset_index(drop=True)
    pair = _ground.columns_of(establishments)
    if pair is not None:
        frame["east"], frame["north"] = _ground.drawn(establishments, frame[pair[0]], frame[pair[1]])
    jobs = frame["employment"] if "employment" in frame else pd.Series(np.nan, index=frame.index)
    frame["jobs"] = jobs.astype("float64").fillna(0.0) * frame["industry"].map(codes)
    if firms is not None and "firm" in frame:
        owned = firms.to_pandas().sort_values(["firm", "year"]).drop_duplicates("firm", keep="last")
        wanted = [name for name in ("headquarters", *SHARES) if name in owned]
        frame = frame.drop(columns=[name for name in wanted if name in frame]).merge(
            owned[["firm", *wanted]], on="firm", how="left"
        )
    for name in SHARES:
        if name in frame:
            frame[name] = pd.to_numeric(frame[name], errors="coerce")
            if ((frame[name] < 0) | (frame[name] > 1)).any():
                raise WrongOption(
                    f"{name} is a share from 0 to 1",
                    value=float(frame[name].abs().max()),
                    where=establishments.source,
                )
    return frame


def within(frame: pd.DataFrame, members: pd.DataFrame, outline: Any, *, by_outline: bool) -> pd.DataFrame:
    """Return a cluster's establishments: by place, or by where they lie where that is what made the cluster."""
    located = outline is not None and "east" in frame
    if "place" in frame and not (by_outline and located):
        return frame[frame["place"].isin(members["place"].dropna())]
    if not located:
        return frame.iloc[:0]
    return frame[shapely.contains_xy(outline, frame["east"].to_numpy(float), frame["north"].to_numpy(float))]


def observe(rows: pd.DataFrame, places: set[str]) -> dict[str, Ends]:
    """Return observable -> its lower and upper end; what can't be computed is absent.

    Without identifiers of firms the four largest establishments stand for firms: the share is then only a lower end.
    """
    found: dict[str, Ends] = {}
    total = float(rows["jobs"].sum())
    if total <= 0:
        return found
    by_firm = "firm" in rows and bool(rows["firm"].notna().all())
    sizes = (rows.groupby("firm")["jobs"].sum() if by_firm else rows["jobs"]).sort_values(
        ascending=False, kind="stable"
    )
    four = float(sizes.head(HUBS).sum()) / total
    found["cr4"] = (four, four if by_firm else 1.0)
    if "headquarters" in rows:
        known = rows["headquarters"].notna()
        here = float(rows.loc[known & rows["headquarters"].isin(places), "jobs"].sum()) / total
        away = float(rows.loc[known & ~rows["headquarters"].isin(places), "jobs"].sum()) / total
        found["local_ownership"], found["branch_plants"] = (here, 1 - away), (away, 1 - here)
    for name, source, some in (
        ("public", "public", rows),
        ("local_trade", "local_trade", rows),
        ("hub_local_purchases", "local_purchases", _hubs(rows, sizes, by_firm=by_firm)),
        ("hub_exports", "export_share", _hubs(rows, sizes, by_firm=by_firm)),
    ):
        if source in rows and some[source].notna().any():
            known = some[source].notna()
            weight = float(some["jobs"].sum())
            low = float((some[source] * some["jobs"])[known].sum()) / weight if weight else 0.0
            found[name] = (low, low + (float(some.loc[~known, "jobs"].sum()) / weight if weight else 1.0))
    return found


def judge(seen: Mapping[str, Ends], cuts: Mapping[str, Threshold]) -> Verdict:
    """Name the types whose rules hold; several may. Where too few rules can be tested: cannot tell."""
    said = scheme("markusen")
    named: list[tuple[str, float, float]] = []
    speaks: dict[str, list[str]] = {"for": [], "against": []}
    untested: list[str] = []
    tested_types = 0
    for kind, rules in said["rules"].items():
        held, tested = 0, 0
        for observable, operator, cut in rules:
            verdict = _holds(seen.get(observable), operator, cuts[cut].value)
            if verdict is None:
                untested.append(observable)
                continue
            tested, held = tested + 1, held + verdict
            speaks["for" if verdict else "against"].append(
                f"{kind}: {_words(said, observable, seen[observable], operator, cuts[cut])}"
            )
        enough = tested > 0 and tested / len(rules) >= cuts["least_tested"].value
        tested_types += enough
        if enough and held / tested >= cuts["least_score"].value:
            named.append((kind, held / tested, tested / len(rules)))
    missing = "; ".join(
        dict.fromkeys(f"{said['observables'][one]}: {NEEDS[one]}" for one in untested if one not in seen)
    )
    words = ("; ".join(speaks["for"]), "; ".join(speaks["against"]))
    if named:
        label = " and ".join(kind for kind, _, _ in named)
        score = float(np.mean([held for _, held, _ in named]))
        sure = float(np.mean([tested for _, _, tested in named]))
        return Verdict("markusen", label, score, sure, *words, missing)
    if tested_types == len(said["rules"]):
        return Verdict("markusen", "none of the four", 0.0, 1.0, *words, missing)
    return Verdict("markusen", CANNOT_TELL, None, None, *words, missing or "what is known doesn't decide")


def _hubs(rows: pd.DataFrame, sizes: pd.Series, *, by_firm: bool) -> pd.DataFrame:
    largest = sizes.head(HUBS).index
    return rows[rows["firm"].isin(largest)] if by_firm else rows.loc[largest]


def _holds(ends: Ends | None, operator: str, cut: float) -> bool | None:
    """Whether a rule holds; None where it isn't known, or lies between the ends."""
    if ends is None:
        return None
    low, high = ends if operator == ">" else (-ends[1], -ends[0])
    cut = cut if operator == ">" else -cut
    return True if low > cut else False if high <= cut else None


def _words(said: Mapping[str, Any], observable: str, ends: Ends, operator: str, cut: Threshold) -> str:
    value = f"{ends[0]:.2f}" if ends[0] == ends[1] else f"{ends[0]:.2f} to {ends[1]:.2f}"
    return f"{said['observables'][observable]} {value} [{'above' if operator == '>' else 'below'} {cut.value:g}: {cut.basis}]"
