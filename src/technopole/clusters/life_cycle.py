"""Life-cycle stage of measured clusters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from technopole.clusters._life_cycle_observables import (
    of_patents,
    readings,
    series,
    technologies,
    yearly_counts,
)
from technopole.clusters._life_cycle_scheme import Scheme, by_rules, holds, load_scheme
from technopole.clusters._panel import Members, chosen, lost_places, members_of
from technopole.errors import WrongOption
from technopole.kernels import hidden_markov as kernel
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Activity, Patents, Sector

CANNOT_TELL = "cannot tell"


@member
def life_cycle(
    clusters: Result,
    *,
    activity: Activity,
    sector: Sector | None = None,
    industry: str | None = None,
    patents: Patents | None = None,
    thresholds: Mapping[str, float] | str | None = None,
    level: float = 0.95,
) -> Result:
    """Which stage of its life each cluster is in, by rules and by a hidden Markov model, with the evidence.

        stage[t] in emergence -> growth -> sustainment -> decline, and renewal after sustainment or decline
        P(stage[1..T] | x) ~ start[stage 1] prod_t move[stage t - 1, stage t] prod_j N(x[t, j]; m[stage t, j], s[stage t, j]^2 + v[t, j])^w[j]
        score[s] = (weights of rules of s that hold - weights of those that fail) / all weights of s

    x: yearly growth of jobs and establishments less the industry's in the country, log quotient, log size, entry rate, variety of
    technologies; v: what chance alone moves in a cluster of this size. m starts at a prior around the rules' thresholds and moves with the
    data of all clusters. The stages are Menzel and Fornahl's; thresholds, priors and transitions are ours and can be set.

    Parameters
    ----------
    clusters : Result
        Its further table `members` (cluster, place) says which places each cluster is, in all years.
    activity : Activity
        Place x industry x year of the whole country, with establishments, employment or both; columns `entries` and `exits` (of
        establishments) are used where there are. Leave out years that can't be compared with the others.
    sector : Sector, optional
        What the clusters are clusters of; or `industry`.
    industry : str, optional
        One industry code of the table.
    patents : Patents, optional
        Patents by place, technology and year, of the sector's technologies, for the variety of technologies.
    thresholds : mapping or path of a TOML file, optional
        Your values for thresholds and settings, by name.
    level : float
        Confidence level of the interval of the location quotient, in (0, 1).

    Returns
    -------
    Result
        cluster, name, year (the latest), stage, stage_by_rule, emergence, growth, sustainment, decline, renewal (posterior of each),
        confidence (posterior of the stage named; halved where the rules name another), evidence_for, evidence_against, missing,
        undefined. Further tables: `path` (the same for all years, with the observables), `evidence` (rule by rule, latest year),
        `parameters` (the model before and after the data) and `thresholds`.

    Raises
    ------
    WrongOption
        Neither or both of sector and industry, a level out of range, or a threshold that is no number.
    UnknownName
        No such industry or threshold, or no place of the clusters is in the table.
    MissingColumn
        The clusters have no members, or the table counts neither establishments nor employment.

    References
    ----------
    Menzel, M.-P. & Fornahl, D. (2010). Cluster life cycles - dimensions and rationales of cluster evolution. Industrial and Corporate
    Change 19(1), 205-238. doi:10.1093/icc/dtp036.
    Rabiner, L. R. (1989). A tutorial on hidden Markov models and selected applications in speech recognition. Proceedings of the
    IEEE 77(2), 257-286.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> from technopole.result import Result
    >>> member = pd.DataFrame({"cluster": ["valley"], "place": ["A"]})
    >>> valley = Result.of(member[["cluster"]], text="one place", fields={}, members=member)
    >>> optics = [200, 240, 290, 345, 415, 500]
    >>> rows = [(p, i, 2000 + t, n) for t, x in enumerate(optics)
    ...     for p, i, n in [("A", "optics", x), ("A", "rest", 1000), ("B", "optics", 9000), ("B", "rest", 90000)]]
    >>> table = pd.DataFrame(rows, columns=["place", "industry", "year", "establishments"])
    >>> tp.clusters.life_cycle(valley, activity=table, industry="optics").table[["stage", "stage_by_rule"]].values.tolist()
    [['growth', 'growth']]
    """
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)
    scheme = load_scheme(thresholds)
    members = members_of(clusters)
    if not members.clusters:
        columns = [*_TABLE[:5], *scheme.stages, *_TABLE[5:]]
        return Result.of(
            pd.DataFrame(columns=columns),
            text="There is no cluster whose stage could be told.",
            fields=_FIELDS,
            warnings=activity.warnings,
            path=pd.DataFrame(columns=[*columns, *_READINGS]),
        )
    counts = yearly_counts(members, activity, sector, industry, level)
    known = _patents(members, patents, counts, scheme)
    groups = {int(str(number)): own for number, own in counts.groupby("number", sort=True)}
    every = {number: series(own, known.get(number), scheme) for number, own in groups.items()}
    cases = max(scheme.settings["prior_years"], len(counts) / len(scheme.stages))
    fitted, behind = kernel.fit_means(list(every.values()), scheme.model, cases)
    rows, evidence = [], []
    for number, own in groups.items():
        key: Any = members.clusters[number]
        head = {"cluster": key, "name": members.names[key]}
        found, said = _judged(
            readings(own, known.get(number), scheme.settings), every[number], fitted, scheme
        )
        rows.append(found.assign(**head))
        evidence.append(said.assign(**head))
    path = _ordered(pd.concat(rows, ignore_index=True))
    table = path[path["year"] == counts["year"].max()][[*_TABLE[:5], *scheme.stages, *_TABLE[5:]]]
    parameters = _parameters(scheme, fitted, behind, cases)
    return Result.of(
        table,
        text=_text(table, chosen(sector, industry), parameters),
        fields=_FIELDS,
        chart=Chart("stage_path", {"stages": list(scheme.stages)}, of="path"),
        warnings=[*lost_places(members, activity), *_warnings(table, counts, parameters)],
        path=path[[*_TABLE[:5], *scheme.stages, *_TABLE[5:], *_READINGS]],
        evidence=pd.concat(evidence, ignore_index=True)[_EVIDENCE],
        parameters=parameters,
        thresholds=pd.DataFrame(list(scheme.thresholds)),
    )


_TABLE = ["cluster", "name", "year", "stage", "stage_by_rule",
          "confidence", "evidence_for", "evidence_against", "missing", "undefined"]  # fmt: skip
_READINGS = ["establishments", "employment", "location_quotient", "low", "high", "establishment_growth", "employment_growth", "entry_rate",
             "net_entry", "heterogeneity", "heterogeneity_rise", "new_classes", "rebound", "years_slower"]  # fmt: skip
_EVIDENCE = [
    "cluster",
    "name",
    "year",
    "stage",
    "observable",
    "rule",
    "verdict",
    "reading",
    "weight",
    "undefined",
]


def _patents(
    members: Members, patents: Patents | None, counts: pd.DataFrame, scheme: Scheme
) -> dict[int, pd.DataFrame]:
    if patents is None:
        return {}
    held = technologies(members, patents)
    classes = int(patents.expr.technology.nunique().to_pyarrow().as_py())
    years = np.sort(counts["year"].unique()).astype("int64")
    return {
        int(str(number)): of_patents(own, years, classes, scheme.settings)
        for number, own in held.groupby("number", sort=True)
    }


def _judged(
    known: pd.DataFrame, own: kernel.Series, fitted: kernel.Model, scheme: Scheme
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one row per year with stages and posterior, and the evidence of the latest year rule by rule."""
    state = kernel.posterior(own, fitted).state
    growth = [scheme.observables.index(name) for name in ("employment_change", "establishment_change")]
    seen = int((~np.isnan(own.value[:, growth])).any(axis=1).sum())
    rows: list[dict[str, Any]] = []
    for t, values in enumerate(known.to_dict("records")):
        chances = dict(zip(scheme.stages, state[t].tolist(), strict=True))
        rule, _ = by_rules({str(name): float(value) for name, value in values.items()}, scheme)
        why = _why_not(values, chances, seen, scheme)
        best = max(chances, key=lambda stage: chances[stage])
        agrees = rule == CANNOT_TELL or best in rule.split(" or ")
        confidence = None if why else chances[best] * (1.0 if agrees else 0.5)
        stage = CANNOT_TELL if why else best
        row = {"stage": stage, "stage_by_rule": rule, "confidence": confidence, "undefined": why}
        rows.append(
            {**{str(k): v for k, v in values.items()}, **chances, **row, **_listed(values, best, scheme)}
        )
    return pd.DataFrame(rows).astype({"confidence": "float64"}), _evidence(known, scheme)


def _why_not(values: Mapping[Any, Any], chances: Mapping[str, float], seen: int, scheme: Scheme) -> str:
    sizes = [values[name] for name in ("establishments", "employment") if not pd.isna(values[name])]
    if not any(size > 0 for size in sizes):
        return "nothing of the sector is there"
    least = int(scheme.settings["min_years"])
    if seen < least:
        return f"{seen} yearly changes are known, {least} are needed"
    first, second = sorted(chances, key=lambda stage: -chances[stage])[:2]
    if chances[first] < scheme.settings["clear"]:
        return f"nothing tells {first} ({chances[first]:.2f}) from {second} ({chances[second]:.2f}) and the others"
    return ""


def _listed(values: Mapping[Any, Any], stage: str, scheme: Scheme) -> dict[str, str]:
    said: dict[str, list[str]] = {"for": [], "against": [], "missing": []}
    for rule in (rule for rule in scheme.rules if rule.stage == stage):
        value = float(values[rule.observable])
        word, label = holds(rule, value), scheme.labels[rule.observable]
        said[word].append(label if word == "missing" else f"{label} {_number(value)}")
    return {
        "evidence_for": "; ".join(said["for"]),
        "evidence_against": "; ".join(said["against"]),
        "missing": "; ".join(said["missing"]),
    }


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _evidence(known: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    latest = known.iloc[-1]
    values = [float(latest[rule.observable]) for rule in scheme.rules]
    table = pd.DataFrame(
        {
            "year": int(latest["year"]),
            "stage": [rule.stage for rule in scheme.rules],
            "observable": [scheme.labels[rule.observable] for rule in scheme.rules],
            "rule": [rule.words for rule in scheme.rules],
            "verdict": [holds(rule, value) for rule, value in zip(scheme.rules, values, strict=True)],
            "reading": values,
            "weight": [rule.weight for rule in scheme.rules],
        }
    )
    return table.assign(
        undefined=np.where(np.isnan(values), "the tables don't say, or not for enough years", "")
    )


def _parameters(
    scheme: Scheme, fitted: kernel.Model, behind: np.ndarray[Any, np.dtype[np.float64]], cases: float
) -> pd.DataFrame:
    rows = [
        {
            "stage": stage,
            "observable": name.replace("_", " "),
            "unit": scheme.units[name],
            "prior_mean": scheme.model.mean[k, j],
            "mean": fitted.mean[k, j],
            "spread": scheme.model.spread[k, j],
            "weight": scheme.model.weight[j],
            "years_behind": behind[k, j],
            "prior_share": cases / (cases + behind[k, j]),
        }
        for k, stage in enumerate(scheme.stages)
        for j, name in enumerate(scheme.observables)
    ]
    return pd.DataFrame(rows)


def _ordered(path: pd.DataFrame) -> pd.DataFrame:
    return path.sort_values("undefined", key=lambda said: said.ne(""), kind="stable", ignore_index=True)


def _text(table: pd.DataFrame, what: str, parameters: pd.DataFrame) -> str:
    told = table[table["undefined"] == ""].sort_values(["confidence", "name"], ascending=[False, True])
    counts = told["stage"].value_counts(sort=False)
    parts = [f"{int(counts[s])} in {s}" for s in parameters["stage"].unique() if s in counts.index]
    year = int(table["year"].iloc[0])
    said = f"Of {len(table)} clusters of {what.replace('_', ' ')} in {year}: {', '.join(parts) or 'none at a stage that can be told'}"
    lost = len(table) - len(told)
    said += f"; for {lost} the stage can't be told." if lost and parts else "."
    named = [f"{r['name']}: {r['stage']} ({r['confidence']:.2f})" for r in told.head(4).to_dict("records")]
    if named:
        said += f" With most confidence: {', '.join(named)}."
    share = parameters.loc[parameters["weight"] == 1, "prior_share"].min()
    return f"{said} Thresholds and priors are defaults of ours; the prior weighs {share:.0%} or more of what the model knows about a stage."


def _warnings(table: pd.DataFrame, counts: pd.DataFrame, parameters: pd.DataFrame) -> list[str]:
    said = [
        f"{r['name']}: the stage can't be told: {r['undefined']}"
        for r in table.to_dict("records")
        if r["undefined"]
    ]
    if parameters["prior_share"].min() > 0.5:
        said.append(
            f"{len(counts)} cluster-years are few: the posterior rests mainly on the prior, that is on our thresholds"
        )
    if counts["year"].nunique() < 6:
        said.append(
            f"{counts['year'].nunique()} years hardly show a life cycle: growth is over shorter spans than five years"
        )
    if counts["employment"].isna().all() or counts["establishments"].isna().all():
        said.append(
            "establishments and employment aren't both there: half of the evidence on growth is missing"
        )
    return said


_FIELDS = {
    "cluster": Field("cluster"),
    "name": Field("what the cluster is called; for thresholds, the name to set it by"),
    "year": Field("year"),
    "stage": Field("most probable stage, or 'cannot tell'"),
    "stage_by_rule": Field("stage that the rules alone name, two that tie, or 'cannot tell'"),
    "emergence": Field("posterior probability of emergence", "share", 3),
    "growth": Field("posterior probability of growth", "share", 3),
    "sustainment": Field("posterior probability of sustainment", "share", 3),
    "decline": Field("posterior probability of decline", "share", 3),
    "renewal": Field("posterior probability of renewal", "share", 3),
    "confidence": Field("posterior of the stage named, halved where the rules name another", "0 to 1", 2),
    "evidence_for": Field("rules of the most probable stage that hold, with their readings"),
    "evidence_against": Field("rules of the most probable stage that fail, with their readings"),
    "missing": Field("what isn't known about it"),
    "undefined": Field("why no stage is named, or why there is no reading"),
    "establishments": Field("establishments of the sector in the cluster", "establishments", 0),
    "employment": Field("employment of the sector in the cluster", "persons", 0),
    "location_quotient": Field(
        "the sector's share here over its share in the country", "1 = as everywhere", 2
    ),
    "low": Field("lower end of the exact interval of the quotient of establishments", "as above", 2),
    "high": Field("upper end of the exact interval of the quotient of establishments", "as above", 2),
    "establishment_growth": Field("growth of establishments less the industry's", "points a year", 1),
    "employment_growth": Field("growth of employment less the industry's", "points a year", 1),
    "entry_rate": Field("entries over establishments", "percent a year", 1),
    "net_entry": Field("entries less exits, or growth of the number", "percent a year", 1),
    "heterogeneity": Field("entropy of the patents' technologies over its maximum", "0 to 1", 2),
    "heterogeneity_rise": Field("its rise over up to five years", "standard errors", 1),
    "new_classes": Field("patents in technologies new to the cluster", "percent", 1),
    "rebound": Field("share of the industry over its lowest after a fall; 0 = no fall", "percent", 1),
    "years_slower": Field("years running in which growth was clearly below the industry's", "years", 0),
    "observable": Field("what is looked at"),
    "rule": Field("what would speak for the stage"),
    "verdict": Field("for, against or missing"),
    "reading": Field("what the tables say", "see rule", 2),
    "weight": Field("weight of the rule, or of the observable in the model", "", 1),
    "unit": Field("unit"),
    "prior_mean": Field("mean before the data", "see unit", 3),
    "mean": Field("mean after the data of all clusters", "see unit", 3),
    "spread": Field("standard deviation within the stage, chance apart", "see unit", 3),
    "years_behind": Field("cluster-years of the stage, times the weight", "years", 1),
    "prior_share": Field("weight of the prior in the mean", "share", 2),
    "threshold": Field("name of the threshold, to set it by"),
    "value": Field("threshold", "see unit", 2),
    "basis": Field("who set it"),
    "why": Field("why there"),
}
