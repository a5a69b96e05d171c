"""What kind of cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd

from technopole.clusters import _composition, _districts
from technopole.clusters._composition import CANNOT_TELL, Verdict
from technopole.errors import EmptyTable, WrongOption
from technopole.member import member
from technopole.result import Field, Result
from technopole.tables import Establishments, Firms

SCHEMES = ("technology", "benchmark", "markusen")


@member
def classify(
    clusters: Result,
    *,
    establishments: Establishments | None = None,
    firms: Firms | None = None,
    scheme: Literal["all", "technology", "benchmark", "markusen"] = "all",
    classification: str | None = None,
    of: Literal["sector", "economy"] = "sector",
    thresholds: Mapping[str, float] | None = None,
) -> Result:
    """Say what kind each cluster is: high-tech or traditional, which benchmark cluster, which of Markusen's districts.

        technology, benchmark:  class = argmax_k s[k]  where s[k] >= majority, else the two largest       s[k] = E[k] / sum_k E[k]
        markusen:               type holds  <=>  all its rules that can be tested hold, and 60 % of them can be

    E[k] = what the cluster has in the codes of class k. Whatever isn't known is listed as missing and lowers the confidence; where too little
    is known the answer is "cannot tell".

    Parameters
    ----------
    clusters : Result
        From `clusters.delineate`.
    establishments : Establishments, optional
        markusen only: with employment and, where known, firm, headquarters (place of the head office), public, local_trade, local_purchases,
        export_share (shares from 0 to 1).
    firms : Firms, optional
        markusen only: the same columns by firm instead (the last year of each firm).
    scheme : {"all", "technology", "benchmark", "markusen"}
        Which scheme. technology: lists of the OECD and Eurostat; benchmark: traded and local clusters of Delgado, Porter and Stern (NAICS only).
    classification : str, optional
        Scheme of the industry codes, such as ``"NAICS-2017"``; left out = that of the sector the clusters were found for.
    of : {"sector", "economy"}
        Whether the sector's own codes are classed, or all industries at the cluster's places.
    thresholds : mapping of str to float, optional
        Your cut-offs in place of ours: name -> share from 0 to 1.

    Returns
    -------
    Result
        cluster, name, scheme, class, score (share of the class; share of tested rules that hold), confidence (share that the lists know; share of
        rules that can be tested), evidence_for, evidence_against, missing, undefined. No interval: shares are of all establishments,
        not of a sample; `confidence` says how much is known.

    Raises
    ------
    WrongOption
        The result isn't one of `clusters.delineate`; a threshold outside 0 to 1.
    UnknownName
        A threshold nobody knows.
    EmptyTable
        The establishments table has no rows.

    References
    ----------
    Markusen, A. (1996). Sticky places in slippery space: a typology of industrial districts. Economic Geography 72(3), 293-313.
    Delgado, M., Porter, M. E. & Stern, S. (2016). Defining clusters of related industries. Journal of Economic Geography 16(1), 1-38.
    Hatzichronoglou, T. (1997). Revision of the high-technology sector and product classification. OECD STI Working Paper 1997/02.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> places = pd.DataFrame({"place": [f"{i:02d}" for i in range(36)], "longitude": [i % 6 / 10 for i in range(36)],
    ...                        "latitude": [50 + i // 6 / 10 for i in range(36)]})
    >>> plants = pd.DataFrame({"place": places["place"].tolist() * 2, "industry": ["333314"] * 36 + ["445110"] * 36,
    ...                        "establishments": [30 if i in (7, 8, 13) else 1 for i in range(36)] + [100] * 36})
    >>> found = tp.clusters.delineate(plants, places=places, industry="333314")
    >>> tp.clusters.classify(found, scheme="benchmark", classification="NAICS-2017").table["class"].tolist()
    ['Medical Devices']
    """
    _check(clusters, establishments)
    _composition.check_thresholds(thresholds)
    chosen = SCHEMES if scheme == "all" else (scheme,)
    codes = classification or _scheme_of(clusters)
    rows: list[dict[str, Any]] = []
    plants = _plants(clusters, establishments, firms) if "markusen" in chosen else None
    for cluster in clusters.table.sort_values("cluster").to_dict("records"):
        for name in chosen:
            if name == "markusen":
                verdict = _district(clusters, cluster, plants, thresholds)
            else:
                judge = getattr(_composition, name)
                verdict = judge(
                    _parts(clusters, cluster["cluster"], of),
                    codes,
                    _composition.thresholds("technology", thresholds),
                )
            rows.append({"cluster": cluster["cluster"], "name": cluster["name"], **_row(verdict)})
    table = pd.DataFrame(rows, columns=["cluster", "name", *_row(_EMPTY)])
    table = table.astype({"cluster": "int64", "score": "float64", "confidence": "float64"})
    table = table.sort_values("undefined", key=lambda said: said.ne(""), kind="stable", ignore_index=True)
    return Result.of(table, text=_text(table), fields=_fields(), warnings=_warnings(of, thresholds))


_EMPTY = Verdict("", "", None, None, "", "", "")


def _check(clusters: Result, establishments: Establishments | None) -> None:
    lacking = {"members", "industries"} - set(clusters.frames)
    if lacking:
        raise WrongOption(
            "this result has no clusters",
            exists=list(clusters.frames),
            fix="give the result of clusters.delineate",
        )
    if establishments is not None and establishments.rows == 0:
        raise EmptyTable("the establishments table has no rows", where=establishments.source)


def _scheme_of(clusters: Result) -> str:
    said = clusters.provenance.arguments.get("sector") if clusters.provenance else None
    return str(said["scheme"]) if said else ""


def _parts(clusters: Result, cluster: int, of: str) -> pd.DataFrame:
    """Industry and amount of one cluster."""
    rows = clusters.industries
    rows = rows[rows["cluster"] == cluster]
    share = rows["in_sector"] if of == "sector" else 1.0
    rows = rows.assign(amount=rows["value"] * share)
    return rows.loc[rows["amount"] > 0, ["industry", "amount"]]


def _plants(
    clusters: Result, establishments: Establishments | None, firms: Firms | None
) -> pd.DataFrame | None:
    if establishments is None:
        return None
    own = clusters.industries
    own = own[own["in_sector"] > 0].drop_duplicates("industry")
    return _districts.plants(establishments, firms, dict(zip(own["industry"], own["in_sector"], strict=True)))


def _district(
    clusters: Result,
    cluster: Mapping[Any, Any],
    plants: pd.DataFrame | None,
    thresholds: Mapping[str, float] | None,
) -> Verdict:
    members = clusters.members
    members = members[members["cluster"] == cluster["cluster"]]
    seen: dict[str, tuple[float, float]] = {}
    if plants is not None:
        single = (
            clusters.provenance is not None and clusters.provenance.arguments.get("method") == "cluster_index"
        )
        rows = _districts.within(plants, members, cluster.get("geometry"), by_outline=single)
        seen = _districts.observe(rows, set(members["place"].dropna()))
    return _districts.judge(seen, _composition.thresholds("markusen", thresholds))


def _row(verdict: Verdict) -> dict[str, Any]:
    return {
        "scheme": verdict.scheme,
        "class": verdict.label,
        "score": verdict.score,
        "confidence": verdict.confidence,
        "evidence_for": verdict.evidence_for,
        "evidence_against": verdict.evidence_against,
        "missing": verdict.missing,
        "undefined": f"not enough is known: {verdict.missing}" if verdict.label == CANNOT_TELL else "",
    }


def _text(table: pd.DataFrame) -> str:
    if table.empty:
        return "There is no cluster to class."
    said: list[str] = []
    for scheme, rows in table.groupby("scheme", sort=False):
        told = rows[rows["undefined"] == ""]
        counts = told["class"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
        parts = [f"{count} {label}" for label, count in counts.head(3).items()]
        parts += [f"{len(rows) - len(told)} can't be told"] if len(told) < len(rows) else []
        said.append(f"{scheme}: {', '.join(parts)}")
    clusters = table["cluster"].nunique()
    return f"{clusters} cluster{'s' if clusters > 1 else ''} classed. By scheme: {'; '.join(said)}."


def _warnings(of: str, thresholds: Mapping[str, float] | None) -> list[str]:
    said = [] if thresholds else ["all cut-offs are ours; thresholds= puts yours in their place"]
    if of == "economy":
        said.append("all industries at the clusters' places are classed, not the sector alone")
    return said


def _fields() -> dict[str, Field]:
    return {
        "cluster": Field("number of the cluster"),
        "name": Field("name of the cluster"),
        "scheme": Field("what it is classed by"),
        "class": Field("its class; two where none has the majority or several types hold"),
        "score": Field(
            "share of the class in what the lists know; share of the tested rules that hold", "0 to 1", 2
        ),
        "confidence": Field(
            "how much is known: share of the cluster in the lists; share of the type's rules that can be tested",
            "0 to 1",
            2,
        ),
        "evidence_for": Field("what speaks for it, with whose cut-off it is"),
        "evidence_against": Field("what speaks against it, or for other classes"),
        "missing": Field("what isn't known, and the column that would say it"),
        "undefined": Field("why there is no class"),
    }
