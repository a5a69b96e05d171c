"""Development stage of parks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pandas as pd

from technopole.comparison._stage_reading import (
    ACHIEVED,
    AMBITION,
    STANDS_IN,
    Figure,
    Reader,
    Reading,
    figures_of,
)
from technopole.comparison._stage_scheme import Scheme, load_scheme
from technopole.comparison._stage_scores import (
    CANNOT_TELL,
    Outcome,
    moved_thresholds,
    outcome,
    survival,
    verdict,
)
from technopole.errors import EmptyTable, UnknownName, WrongOption
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Figures


@member
def development_stage(
    figures: Figures,
    *,
    parks: Sequence[str] | None = None,
    scheme: Literal["china_four_stages", "life_cycle"] = "china_four_stages",
    thresholds: Mapping[str, float] | str | None = None,
    year: int | None = None,
    draws: int = 200,
    seed: int = 0,
) -> Result:
    """Which stage of development each park is in, with the evidence for, against and missing.

        score[p, s] = (sum of w q over rules of s that hold - sum of w q over rules that fail) / (sum of w over all rules of s)
        q = trust in the source x 0.5^(age of the figure / half-life)
        confidence[p] = cube root of (evidence known x mean q x min(1, lead over the runner-up / full lead))

    A score lies in [-1, 1]; missing evidence pulls it to 0. Confidence lies in [0, 1]. Targets, plans, forecasts and
    part-year figures are never evidence. Two stages that nothing tells apart are named together ("A or B"); where too
    little is known, the stage is "cannot tell". No threshold of either scheme is published as such: they are ours, and can be set.

    Parameters
    ----------
    figures : Figures
        Published figures about the parks.
    parks : sequence of str, optional
        The parks to judge; none = every place of the figures.
    scheme : str
        ``"china_four_stages"`` (factor gathering, industry-led, innovation breakthrough, wealth cohesion) or
        ``"life_cycle"`` (emergence, growth, sustainment, decline, renewal).
    thresholds : mapping or path of a TOML file, optional
        Your values for thresholds and settings, by name.
    year : int, optional
        The present, from which ages are counted; none = the newest year of a reported figure.
    draws : int
        How often the thresholds are moved to see whether the stage survives.
    seed : int
        Seed of these draws.

    Returns
    -------
    Result
        park, scheme, stage, score, confidence, evidence_for, evidence_against, missing, runner_up, margin, coverage,
        stability, stability_thresholds, stability_sources, undefined; further tables: scores, evidence, thresholds
        and ambitions.

    Raises
    ------
    UnknownName
        A park without any figure, or a threshold that the scheme doesn't have.
    EmptyTable
        There are no figures.

    References
    ----------
    Menzel, M.-P., & Fornahl, D. (2010). Cluster life cycles - dimensions and rationales of cluster evolution.
    Industrial and Corporate Change, 19(1), 205-238. doi:10.1093/icc/dtp036. The four stages of Chinese high-tech zones
    are named after Zhou Yuan and Wang Deli (2003), as cited in the Chinese literature on zones; rules and thresholds are ours.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> said = [("A", "founded", 2019, "year"), ("A", "rd_intensity", 1.2, "percent"), ("A", "firms", 40, "firms")]
    >>> said = pd.DataFrame(said, columns=["place", "indicator", "value", "unit"]).assign(year=2024, source="report")
    >>> tp.comparison.development_stage(said).table[["park", "stage", "missing"]].values.tolist()
    [['A', 'factor gathering', 'growth of land taken up; share of processing trade; spin-off firms']]
    """
    if draws < 0:
        raise WrongOption("draws is 0 or more", value=draws)
    rules = load_scheme(scheme, thresholds)
    known = figures_of(figures.to_arrow().to_pylist())
    if not known:
        raise EmptyTable("there are no figures to judge a stage by", where=figures.source)
    places = sorted({figure.place for figure in known})
    for park in parks or ():
        if park not in places:
            raise UnknownName(
                "no figure is about this park", value=park, exists=places, fix="leave it out of parks="
            )
    achieved = [f.year for f in known if f.status in ACHIEVED]
    now = year if year is not None else max(achieved or [f.year for f in known])
    moved = moved_thresholds(rules, draws, seed)
    chosen = list(dict.fromkeys(parks)) if parks else sorted(places)
    judged = [_judge(p, [f for f in known if f.place == p], rules, moved, now) for p in chosen]
    table = pd.DataFrame([row for row, *_ in judged])
    table = table.sort_values("undefined", key=lambda s: s != "", kind="stable")
    return Result.of(
        table,
        text=_text(table, rules),
        fields=_FIELDS,
        chart=Chart("stage_evidence", of="scores"),
        warnings=_warnings(table),
        scores=pd.DataFrame([row for _, scores, _, _ in judged for row in scores]),
        evidence=_whole(pd.DataFrame([row for _, _, evidence, _ in judged for row in evidence])),
        thresholds=_thresholds(rules),
        ambitions=_whole(
            pd.DataFrame([row for *_, ambitions in judged for row in ambitions], columns=_AMBITION)
        ),
    )


_Rows = list[dict[str, Any]]
_AMBITION = ["park", "indicator", "value", "unit", "year", "status", "scope", "grade", "source"]


def _judge(
    park: str, figures: list[Figure], scheme: Scheme, moved: list[dict[str, float]], now: int
) -> tuple[dict[str, Any], _Rows, _Rows, _Rows]:
    readings = Reader(figures, scheme, now).all()
    found = outcome(readings, scheme, scheme.values)
    evidence = _evidence(park, readings, scheme)
    by_thresholds, by_sources = survival(figures, readings, scheme, found, moved, now)
    both = [share for share in (by_thresholds, by_sources) if share is not None]
    best = next(s for s in found.scores if s.stage == (found.leading or found.scores[0].stage))
    row = {
        "park": park,
        "scheme": scheme.name,
        "stage": found.stage,
        "score": None if found.reason else best.score,
        "confidence": found.confidence,
        **{
            column: _listed(evidence, found.named or (found.leading,), word)
            for column, word in (
                ("evidence_for", "for"),
                ("evidence_against", "against"),
                ("missing", "missing"),
            )
        },
        "runner_up": found.leading if found.reason else found.runner_up,
        "margin": found.margin,
        "coverage": found.coverage,
        "stability": min(both) if both else None,
        "stability_thresholds": by_thresholds,
        "stability_sources": by_sources,
        "undefined": found.reason,
    }
    ambitions = [
        {**{name: getattr(f, name) for name in _AMBITION[1:]}, "park": park}
        for f in figures
        if f.status in AMBITION
    ]
    return row, _scores(park, found, scheme), evidence, ambitions


def _scores(park: str, found: Outcome, scheme: Scheme) -> _Rows:
    return [
        {
            "park": park,
            "scheme": scheme.name,
            "stage": item.stage,
            "order": number,
            "score": item.score,
            "evidence_for": item.counts[0],
            "evidence_against": item.counts[1],
            "missing": item.counts[2],
            "known": item.found / item.total,
            "chosen": item.stage in found.named,
        }
        for number, item in enumerate(found.scores, 1)
    ]


def _evidence(park: str, readings: dict[str, Reading], scheme: Scheme) -> _Rows:
    rows: _Rows = []
    for rule in scheme.rules:
        reading = readings.get(rule.observable)
        word = verdict(rule, reading, scheme.values)
        why = "no figure of this park says so" if reading is None else ""
        if reading is not None and word == "missing":
            why = "figures of equal standing contradict each other across the threshold"
        rows.append(
            {
                "park": park,
                "stage": rule.stage,
                "observable": scheme.labels[rule.observable],
                "rule": scheme.said(rule),
                "verdict": word,
                "value": None if reading is None else reading.low,
                "value_high": None if reading is None else reading.high,
                "unit": "" if reading is None else reading.unit,
                "year": None if reading is None else reading.year,
                "scope": "" if reading is None else reading.scope,
                "read_from": "" if reading is None else reading.detail,
                "grade": "" if reading is None else reading.grade or "none",
                "source": "" if reading is None else reading.source,
                "weight": rule.weight,
                "quality": None if reading is None else reading.quality,
                "undefined": why,
            }
        )
    return rows


def _listed(evidence: _Rows, stages: tuple[str, ...], word: str) -> str:
    rows = [row for row in evidence if row["verdict"] == word and row["stage"] in stages]
    if word == "missing":
        return "; ".join(dict.fromkeys(row["observable"] for row in rows))
    return "; ".join(
        dict.fromkeys(
            f"{row['observable']} {_number(row)} {row['unit']} ({row['year']}{_covers(row)})" for row in rows
        )
    )


def _covers(row: dict[str, Any]) -> str:
    if STANDS_IN in row["read_from"]:
        return ", all industries of the zone"
    return f", {row['scope']}" if row["scope"] else ""


def _number(row: dict[str, Any]) -> str:
    low, high = f"{row['value']:,.3g}", f"{row['value_high']:,.3g}"
    if abs(row["value"]) >= 1000:
        low, high = f"{row['value']:,.0f}", f"{row['value_high']:,.0f}"
    return low if low == high else f"{low} to {high}"


def _whole(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(year=table["year"].astype("Int64"))


def _thresholds(scheme: Scheme) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"threshold": name, "value": cut.value, "unit": cut.unit, "basis": cut.basis, "why": cut.why}
            for name, cut in sorted(scheme.thresholds.items())
        ]
    )


def _text(table: pd.DataFrame, scheme: Scheme) -> str:
    told = table[table["undefined"] == ""]
    shown = told.head(6)[["park", "stage", "confidence"]].to_numpy().tolist()
    parts = [f"{park}: {stage} ({_level(share)} confidence, {share:.2f})" for park, stage, share in shown]
    more = f", and {len(told) - 6} more" if len(told) > 6 else ""
    untold = table.loc[table["undefined"] != "", "park"].tolist()
    sentences = [f"By the {scheme.title}: {'; '.join(parts)}{more}." if parts else ""]
    if untold:
        sentences.append(f"For {_and(untold)} the published figures don't tell the stage.")
    sentences.append("The thresholds are configurable defaults of ours, not published cut-offs.")
    return " ".join(sentence for sentence in sentences if sentence)


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _level(confidence: float) -> str:
    return "low" if confidence < 1 / 3 else "middling" if confidence < 2 / 3 else "high"


def _warnings(table: pd.DataFrame) -> list[str]:
    return [
        f"{row.park}: the stage can't be told: {row.undefined}"
        for row in table.itertuples()
        if row.stage == CANNOT_TELL
    ]


_FIELDS = {
    "park": Field("park"),
    "scheme": Field("set of stages"),
    "stage": Field("best supported stage, two that nothing tells apart, or 'cannot tell'"),
    "score": Field("balance of evidence for this stage", "-1 = all against, 1 = all for", 2),
    "confidence": Field("how far to trust the stage", "0 to 1", 2),
    "evidence_for": Field("what speaks for the best supported stage"),
    "evidence_against": Field("what speaks against it"),
    "missing": Field("what isn't known about it"),
    "runner_up": Field(
        "the next best supported stage; for 'cannot tell', the one that the little evidence points to"
    ),
    "margin": Field("lead of the best supported stage over the next", "score", 2),
    "coverage": Field("share of all evidence of the scheme that is known", "share", 2),
    "stability": Field(
        "how often the stage stays when thresholds are moved or one source is left out, whichever is less",
        "share of runs",
        2,
    ),
    "stability_thresholds": Field(
        "how often the stage stays when all thresholds are moved at random", "share", 2
    ),
    "stability_sources": Field("how often the stage stays when one source is left out", "share", 2),
    "order": Field("position of the stage in the scheme"),
    "known": Field("share of this stage's evidence that is known", "share", 2),
    "chosen": Field("this is the stage of the park"),
    "observable": Field("what is looked at"),
    "rule": Field("what would speak for the stage, and who set the threshold"),
    "verdict": Field("for, against or missing"),
    "value": Field("reading", "see unit", 3),
    "value_high": Field("upper reading where figures differ", "see unit", 3),
    "unit": Field("unit of the reading"),
    "year": Field("year of the reading"),
    "read_from": Field("figures the reading is made of"),
    "grade": Field("grade of the weakest source"),
    "source": Field("where the figures were read"),
    "weight": Field("weight of the rule", "", 1),
    "quality": Field("trust in the source times freshness", "0 to 1", 2),
    "undefined": Field("why there is no stage or no reading"),
    "threshold": Field("name of the threshold, as thresholds= takes it"),
    "basis": Field("who set it"),
    "why": Field("reason"),
    "indicator": Field("what is aimed at"),
    "status": Field("target, plan or forecast: stated ambition, never evidence"),
    "scope": Field("what the figure covers"),
}
