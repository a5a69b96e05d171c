"""Which came first, the park or the cluster?"""

from __future__ import annotations

from typing import Literal

import pandas as pd

from technopole.errors import TechnopoleError, WrongOption
from technopole.member import member
from technopole.parks import _births, _dated_events, _lead_lag, _necessity, _pairing
from technopole.parks._births import Births, Rule
from technopole.parks._precedence_words import FIELDS, text
from technopole.result import Chart, Result
from technopole.spatial import park_list
from technopole.spatial.park_list import DateOf, ParkList
from technopole.tables import Activity, Figures, Parks, Places, Sector


@member
def precedence(
    parks: Parks,
    *,
    clusters: Result | None = None,
    births: Result | None = None,
    activity: Activity | None = None,
    places: Places | None = None,
    evidence: Figures | None = None,
    sector: Sector | None = None,
    industry: str | None = None,
    value: str = "auto",
    threshold: float = 1.5,
    size: float = 10.0,
    sustained: int = 3,
    within_km: float = 50.0,
    together: int = 3,
    horizon: int = 10,
    date: DateOf = "first",
    which: Literal["nearest", "all"] = "nearest",
    country: str | None = None,
    event_study: bool = False,
    simulations: int = 999,
    level: float = 0.95,
    seed: int = 0,
) -> Result:
    """Which came first, the park or the cluster beside it, and are parks a precondition of clusters?

        lead = year of the cluster's birth - year of the park                        (negative: the cluster was first)
        cluster-led: lead < -together;  park-led: lead > together;  together: between;  each for all years of the birth's interval
        neither: no cluster within r km although the data show `horizon` years of the park;  cannot tell: all else
        consistency of "necessary" = sum over clusters of min(park, cluster) / sum over clusters of cluster

    A verdict is about order, not cause. A birth before the data begin is "that year or before": it is first only where the park came later still.

    Parameters
    ----------
    parks : Parks
        Parks with a position, and designated or opened. For the shares of clusters without a park it must list all parks of the country.
    clusters : Result, optional
        Of `clusters.delineate`, or any result with cluster and geometry, or cluster, longitude and latitude.
    births : Result, optional
        Of `clusters.emergence` for the same clusters: their birth years with intervals.
    activity : Activity, optional
        Place x industry x year of the whole country. With `clusters` (and no `births`) it dates them by `clusters.emergence`; without, every place of
        `places` that passes `threshold` and `size` is a cluster.
    places : Places, optional
        Where the places of `activity` lie.
    evidence : Figures, optional
        Dated events: figures with the unit "year" whose place is a park. They are listed beside the verdict and don't change it.
    sector : Sector, optional
        What the clusters are clusters of; or `industry`.
    industry : str, optional
        One industry code.
    value : str
        What is counted; ``"auto"`` = establishments, else employment.
    threshold : float
        Location quotient of a cluster.
    size : float
        Least value of a place that is a cluster (not used with `clusters`).
    sustained : int
        Years running.
    within_km : float
        A cluster this near belongs to a park; the default is ours.
    together : int
        Years of difference that count as together; the default is ours.
    horizon : int
        Years a park must have been seen for before it can be said to have had no cluster; ours.
    date : {"first", "opened", "designated"}
        Which date of a park is its year: the earlier of both known, or the one named.
    which : {"nearest", "all"}
        A park's nearest cluster, or every one within `within_km`.
    country : str, optional
        Look at parks of this country only.
    event_study : bool
        With activity and places: estimate how ln(1 + activity) of places near parks moves before and after (needs the extra `effects`).
    simulations : int
        Draws behind the intervals of births.
    level : float
        Confidence level.
    seed : int
        Seed of the draws.

    Returns
    -------
    Result
        park, cluster, name, distance_km, designated, opened, born, lead_years, low, high, verdict, because, born_low, born_high, events_before,
        earliest_event, undefined. Further tables: `verdicts` (verdict, count, share, low, high), `clusters` (cluster, name, born, born_low, born_high, parks_near, park_at_birth), `necessity`
        (relation, cases, yes, no, unknown, consistency, least, most, low, high, threshold, finding, undefined), `timeline` (what the chart draws), and where asked for
        `evidence` (park, event, scope, year, lead_years, note, grade, source) and `lead_lag` (event_time, estimate, std_error, low, high, n).

    Raises
    ------
    WrongOption
        None of clusters, activity and evidence is given, or an option is out of range.
    MissingColumn, UnknownName, EmptyTable
        What one of the tables lacks.

    References
    ----------
    Appold, S. J. (2004). Research parks and the location of industrial research laboratories: an analysis of the effectiveness of a policy
    intervention. Research Policy 33(2), 225-243.
    Ragin, C. C. (2008). Redesigning social inquiry: fuzzy sets and beyond. University of Chicago Press.
    Callaway, B. & Sant'Anna, P. H. C. (2021). Difference-in-differences with multiple time periods. Journal of Econometrics 225(2), 200-230.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> park = pd.DataFrame({"park": ["Valley Park"], "longitude": [8.0], "latitude": [50.0], "opened": [2010]})
    >>> places = pd.DataFrame({"place": ["A", "B"], "longitude": [8.1, 12.0], "latitude": [50.0, 50.0]})
    >>> optics = [3, 3, 60] + [90] * 12
    >>> rows = [(p, i, 2000 + t, n) for t, x in enumerate(optics)
    ...     for p, i, n in [("A", "optics", x), ("A", "rest", 1000), ("B", "optics", 90), ("B", "rest", 9000)]]
    >>> table = pd.DataFrame(rows, columns=["place", "industry", "year", "establishments"])
    >>> found = tp.parks.precedence(park, activity=table, places=places, industry="optics", simulations=99).table
    >>> found[["born", "lead_years", "low", "high", "verdict"]].values.tolist()
    [[2002, -8, -8, -8, 'cluster-led']]
    """
    if clusters is None and activity is None and evidence is None:
        raise WrongOption("nothing says when clusters were born", value=None, fix="give clusters= (with births= or activity=), activity= with places=, or evidence=")  # fmt: skip
    _check(threshold, size, sustained, within_km, together, horizon, simulations, level)
    rule = Rule(threshold, size, sustained, simulations, level, seed)
    listed = park_list.of(parks, date=date, country=country)
    said = [*listed.warnings]
    dated: Births | None = None
    if clusters is not None:
        dated = _births.of_clusters(clusters, births, activity, sector, industry, value, rule)
    elif activity is not None:
        if places is None:
            raise WrongOption("without clusters, activity= needs places=", value=None, fix="give places= with longitude and latitude, or outlines")  # fmt: skip
        dated = _births.of_places(activity, places, sector, industry, value, rule)
    found = _pairing.compared(listed, dated, within_km=within_km, together=together, horizon=horizon)
    table = found.table[found.table["nearest"]] if which == "nearest" else found.table
    table = table.drop(columns="nearest").reset_index(drop=True)
    every = pd.concat([listed.table, listed.nowhere], ignore_index=True)
    parts: dict[str, pd.DataFrame] = {}
    if evidence is not None:
        parts["evidence"] = _dated_events.of(evidence, every)
        summed = _dated_events.summed(parts["evidence"], table["park"])
        table = table.assign(
            events_before=summed["events_before"].astype("Int64"), earliest_event=summed["earliest_event"]
        )
    parts["verdicts"] = _pairing.verdicts(table, level)
    parts["clusters"], parts["necessity"] = _necessity.asked(listed, dated, found, level)
    parts["timeline"] = _pairing.timeline(table, dated)
    if event_study:
        parts["lead_lag"] = _estimated(
            listed, activity, places, sector, industry, value, within_km, level, said
        )
    if dated is not None:
        said += [*dated.warnings, "the first of two need not have caused the second"]
        said.append(
            "a cluster counts as without a park where this table has none near it: it must list all parks"
        )
    return Result.of(
        table,
        text=text(table, parts, dated, within_km),
        fields=FIELDS,
        chart=Chart("lead_lag", {}, of="timeline"),
        warnings=list(dict.fromkeys(said)),
        **parts,
    )


def _check(
    threshold: float,
    size: float,
    sustained: int,
    within_km: float,
    together: int,
    horizon: int,
    simulations: int,
    level: float,
) -> None:
    for name, given, least in (
        ("sustained", sustained, 1),
        ("together", together, 0),
        ("horizon", horizon, 0),
        ("simulations", simulations, 99),
    ):
        if given < least:
            raise WrongOption(f"{name} is {least} or more", value=given)
    if not threshold > 0 or not size >= 0:
        raise WrongOption("threshold is above 0 and size 0 or more", value=(threshold, size))
    if not within_km > 0:
        raise WrongOption("within_km is a distance of more than 0 km", value=within_km)
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)


def _estimated(
    listed: ParkList,
    activity: Activity | None,
    places: Places | None,
    sector: Sector | None,
    industry: str | None,
    value: str,
    within_km: float,
    level: float,
    said: list[str],
) -> pd.DataFrame:
    columns = ["event_time", "estimate", "std_error", "low", "high", "n", "undefined"]
    if activity is None or places is None or (sector is None) == (industry is None):
        raise WrongOption("an event study needs activity=, places=, and sector= or industry=", value=True)
    try:
        effect, warnings = _lead_lag.study(
            listed, activity, places, sector, industry, value, within_km, level
        )
    except TechnopoleError as error:
        said.append(f"lead and lag of activity aren't estimated: {str(error).splitlines()[0]}")
        return pd.DataFrame(columns=columns)
    said += [
        *warnings,
        "lead_lag: estimates before a park's year show what was under way without it; they are relative to the year before",
    ]
    return effect.table.reindex(columns=columns)
