"""Birth year of clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from technopole.clusters._panel import Members, chosen, lost_places, members_of, panel
from technopole.errors import WrongOption
from technopole.kernels import onset as kernel
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Activity, Sector


@member
def emergence(
    clusters: Result,
    *,
    activity: Activity,
    sector: Sector | None = None,
    industry: str | None = None,
    value: str = "establishments",
    threshold: float = 1.25,
    sustained: int = 3,
    persistence: float = 0.9,
    simulations: int = 999,
    level: float = 0.95,
    seed: int = 0,
) -> Result:
    """Since when each cluster is one: the first year of a sustained, significant concentration, with an interval.

        LQ[t] = (x[t] / n[t]) / (k[t] / N[t])
        above[t]: x[t] ~ Binomial(k[t], threshold n[t] / N[t]) is rejected at 1 - level, and LQ[t] > threshold
        born = first t with above[t], ..., above[t + sustained - 1]

    x counts the sector in the cluster's places, n everything there, k the sector in the country, N everything in the country. The
    test is exact (Clopper-Pearson) given k, n and N. `born_low` and `born_high` bracket the year in which the true quotient passed the
    threshold: all years that a likelihood ratio doesn't reject against simulated series, and `born` itself.

    Parameters
    ----------
    clusters : Result
        Its further table `members` (cluster, place) says which places each cluster is, in all years.
    activity : Activity
        Place x industry x year of the whole country. Leave out years that can't be compared with the others.
    sector : Sector, optional
        What the clusters are clusters of; or `industry`.
    industry : str, optional
        One industry code of the table.
    value : str
        What is counted. Anything but establishments is tested as so many equal plants as the sector has establishments.
    threshold : float
        The location quotient to be exceeded. Above 1, as a year in which the quotient is hardly above 1 can't be told from one in
        which it is 1, and the year of passing 1 therefore hardly be dated.
    sustained : int
        Years running that have to be above.
    persistence : float
        Share of the sector's establishments that are there in one year and still in the next, in [0, 1). It makes the years
        of the simulated series as dependent as real ones.
    simulations : int
        Simulated series per year of onset.
    level : float
        Confidence level of tests and intervals, in (0, 1).
    seed : int
        Seed of the simulations.

    Returns
    -------
    Result
        cluster, name, born, born_low, born_high, onset (the year that fits best), until (last year of the run), censored (left: above from the
        first year on; right: not yet born, or not for long enough), years_significant, years, false_birth (how often places at
        the threshold in every year would get a birth year), undefined. Further table `yearly`: cluster, name, year, value,
        expected, location_quotient, low, high, p_value, significant, undefined.

    Raises
    ------
    WrongOption
        Neither or both of sector and industry, or an option out of range.
    UnknownName
        No such industry, or no place of the clusters is in the table.
    MissingColumn
        The clusters have no members; or no such value; or no establishments to test another value with.

    References
    ----------
    Clopper, C. J. & Pearson, E. S. (1934). The use of confidence or fiducial limits illustrated in the case of the binomial.
    Biometrika 26(4), 404-413.
    McKenzie, E. (1985). Some simple models for discrete variate time series. Water Resources Bulletin 21(4), 645-650.
    Andrews, D. W. K. & Soares, G. (2010). Inference for parameters defined by moment inequalities using generalized moment selection.
    Econometrica 78(1), 119-157.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> from technopole.result import Result
    >>> member = pd.DataFrame({"cluster": ["valley"], "place": ["A"]})
    >>> valley = Result.of(member[["cluster"]], text="one place", fields={}, members=member)
    >>> optics = [3, 2, 3, 40, 60, 90]
    >>> rows = [(p, i, 2000 + t, n) for t, x in enumerate(optics)
    ...     for p, i, n in [("A", "optics", x), ("A", "rest", 1000), ("B", "optics", 90), ("B", "rest", 9000)]]
    >>> table = pd.DataFrame(rows, columns=["place", "industry", "year", "establishments"])
    >>> found = tp.clusters.emergence(valley, activity=table, industry="optics").table
    >>> found[["born", "born_low", "born_high"]].values.tolist()
    [[2003, 2003, 2003]]
    """
    _check(threshold, sustained, persistence, simulations, level)
    members = members_of(clusters)
    if not members.clusters:
        return Result.of(
            pd.DataFrame(columns=_COLUMNS),
            text="There is no cluster to date.",
            fields=_FIELDS | {"value": Field("value of the sector in the cluster")},
            warnings=activity.warnings,
            yearly=pd.DataFrame(columns=_YEARLY),
        )
    rows, warnings = _counts(members, activity, value, sector, industry)
    options = _Options(threshold, sustained, persistence, simulations, level, seed)
    born: list[dict[str, Any]] = []
    years: list[pd.DataFrame] = []
    for key, own in rows.groupby("number", sort=True):
        tested = _tested(own, options)
        name = members.names[members.clusters[int(str(key))]]
        head = {"cluster": own["cluster"].iloc[0], "name": name}
        born.append(head | _birth(tested, options))
        years.append(tested.assign(**head))
    table = pd.DataFrame(born).astype(
        dict.fromkeys(("born", "born_low", "born_high", "onset", "until"), "Int64")
    )
    table = table.sort_values("undefined", key=lambda said: said.ne(""), kind="stable")
    yearly = _shown(pd.concat(years, ignore_index=True), table)
    return Result.of(
        table,
        text=_text(table, chosen(sector, industry), options, int(rows["year"].min())),
        fields=_FIELDS | {"value": Field(f"{value} of the sector in the cluster", activity.unit(value))},
        chart=Chart(
            "trend",
            {"value": "location_quotient", "series": "label", "axis": "location quotient"},
            of="yearly",
        ),
        warnings=[*lost_places(members, activity), *warnings, _SELECTION],
        yearly=yearly,
    )


_COLUMNS = ["cluster", "name", "born", "born_low", "born_high", "onset", "until", "censored", "years_significant", "years",
            "false_birth", "undefined"]  # fmt: skip
_YEARLY = ["cluster", "name", "year", "value", "expected", "location_quotient", "low", "high", "p_value", "significant",
           "undefined", "label"]  # fmt: skip
_SELECTION = (
    "clusters that were found in one of these years were chosen for being concentrated in it: that year, and those near it, look "
    "more significant than they are"
)


@dataclass(frozen=True, slots=True)
class _Options:
    threshold: float
    sustained: int
    persistence: float
    simulations: int
    level: float
    seed: int


def _check(threshold: float, sustained: int, persistence: float, simulations: int, level: float) -> None:
    if threshold <= 0:
        raise WrongOption("threshold is a location quotient above 0", value=threshold)
    if sustained < 1:
        raise WrongOption("sustained is a number of years, 1 or more", value=sustained)
    if not 0 <= persistence < 1:
        raise WrongOption("persistence is a share from 0 to below 1", value=persistence)
    if simulations < 99:
        raise WrongOption("simulations are 99 or more", value=simulations)
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)


def _counts(
    members: Members, activity: Activity, value: str, sector: Sector | None, industry: str | None
) -> tuple[pd.DataFrame, list[str]]:
    """Return the panel with `plants`, the number of independent units that one unit of value is worth."""
    rows = panel(members, activity, value, sector, industry)
    if value == "establishments" or (value != "employment" and activity.counts(value)):
        return rows.assign(plants=1.0), []
    activity.require("establishments")
    units = panel(members, activity, "establishments", sector, industry)
    worth = np.divide(
        units["nation"], rows["nation"], out=np.zeros(len(rows)), where=rows["nation"].to_numpy() > 0
    )
    said = f"{value} is tested as so many equal plants as the sector has: as plants differ, p-values are too small"
    return rows.assign(plants=worth), [said]


def _tested(own: pd.DataFrame, options: _Options) -> pd.DataFrame:
    """Add expectation, quotient, interval, p and whether the year is significantly above; undefined years say why."""
    mine, here, nation, whole, plants = (
        own[name].to_numpy("float64") for name in ("mine", "here", "nation", "all", "plants")
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        share = here / whole
        quotient = mine / nation / share
    reasons = [
        "the sector isn't in the country",
        "the cluster's places are empty",
        "the cluster is the country",
    ]
    why = np.select(
        [~(nation * plants > 0), ~(here > 0), share * options.threshold >= 1], reasons, default=""
    )
    known = why == ""
    found = kernel.yearly(
        (mine * plants)[known], (nation * plants)[known], share[known], options.threshold, options.level
    )
    table = own[["year"]].assign(value=mine, expected=nation * share, location_quotient=quotient)
    table["expected"] = table["expected"].where(known)
    table["location_quotient"] = table["location_quotient"].where(known)
    for name in ("low", "high", "p_value"):
        table[name] = np.nan
        table.loc[known, name] = getattr(found, name)
    table["significant"] = False
    table.loc[known, "significant"] = found.above
    return table.assign(undefined=why, x=mine * plants, n=nation * plants, share=share)


def _birth(tested: pd.DataFrame, options: _Options) -> dict[str, Any]:
    years, above = tested["year"].to_numpy("int64"), tested["significant"].to_numpy(bool)
    start = int(kernel.first_run(above, options.sustained))
    row: dict[str, Any] = dict.fromkeys(("born", "born_low", "born_high", "onset", "until"))
    row |= {"censored": "", "years_significant": int(above.sum()), "years": len(years)}
    row["false_birth"] = _false_birth(tested, options)
    if start < 0:
        return row | {"censored": "right", "undefined": _not_born(years, above, options)}
    end = start
    while end < len(years) and above[end]:
        end += 1
    row |= {"born": int(years[start]), "until": int(years[end - 1]), "undefined": ""}
    if start == 0:
        said = f"born_low: already significant in {years[0]}, the first year: born {years[0]} or before"
        return row | {"born_high": int(years[0]), "censored": "left", "undefined": said}
    low, high, best = _bracket(tested.iloc[:end], start, options)
    row |= {"born_high": int(years[high]), "onset": int(years[best])}
    if low > 0:
        return row | {"born_low": int(years[low - 1]) + 1}
    said = f"born_low: nothing excludes that it was above {options.threshold:g} before {years[0]}, the first year"
    return row | {"undefined": said}


def _bracket(tested: pd.DataFrame, start: int, options: _Options) -> tuple[int, int, int]:
    """Return the earliest and latest year of onset that the counts allow (positions), and the best."""
    known = np.flatnonzero(tested["undefined"].to_numpy() == "")
    x, n, share = (tested[name].to_numpy("float64")[known] for name in ("x", "n", "share"))
    random = np.random.Generator(np.random.Philox(np.random.SeedSequence(options.seed)))
    found = kernel.onset(
        x,
        n,
        options.threshold * share,
        tested["significant"].to_numpy(bool)[known],
        _kept(tested["year"].to_numpy("int64")[known], options.persistence),
        options.simulations,
        random,
    )
    allowed = known[found.p_value > 1 - options.level]
    return min([start, *allowed.tolist()]), max([start, *allowed.tolist()]), int(known[found.best])


def _false_birth(tested: pd.DataFrame, options: _Options) -> float:
    known = tested[tested["undefined"] == ""]
    if len(known) < options.sustained:
        return float("nan")
    return kernel.false_births(
        np.rint(known["n"].to_numpy("float64")),
        known["share"].to_numpy("float64"),
        options.threshold,
        options.level,
        options.sustained,
        _kept(known["year"].to_numpy("int64"), options.persistence),
        options.simulations,
        np.random.Generator(np.random.Philox(np.random.SeedSequence([options.seed, 1]))),
    )


def _kept(years: npt.NDArray[np.int64], persistence: float) -> npt.NDArray[np.float64]:
    return persistence ** np.diff(years, prepend=years[:1]).astype("float64")


def _not_born(years: npt.NDArray[np.int64], above: npt.NDArray[np.bool_], options: _Options) -> str:
    running = len(above) - int(np.flatnonzero(~above).max(initial=-1)) - 1
    if running:
        return (
            f"significant since {years[-running]}, which is {running} of the {options.sustained} years running "
            "that were asked for"
        )
    if above.any():
        return (
            f"significant in {int(above.sum())} of {len(years)} years, but never {options.sustained} running"
        )
    return f"in no year significantly above {options.threshold:g}"


def _shown(yearly: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Order the years by cluster, undefined ones last, under a label that says the birth year."""
    said = {row["cluster"]: f"{row['name']}, {_when(row)}" for row in table.to_dict("records")}
    yearly["label"] = yearly["cluster"].map(said)
    return yearly[_YEARLY].sort_values("undefined", key=lambda s: s.ne(""), kind="stable")


def _when(row: dict[Any, Any]) -> str:
    if pd.isna(row["born"]):
        return "unborn"
    return f"{'≤' if row['censored'] == 'left' else ''}{row['born']}"


def _text(table: pd.DataFrame, what: str, options: _Options, first: int) -> str:
    born = table[table["born"].notna()]
    left = int((table["censored"] == "left").sum())
    rule = f"significantly above {options.threshold:g} times the country's share for {options.sustained} years running"
    said = f"{len(born)} of {len(table)} clusters of {what.replace('_', ' ')} were {rule}"
    said += f", {left} of them from the first year, {first}, on: born then or before." if left else "."
    dated = born[born["censored"] == ""].sort_values(["born", "name"])
    named = [
        f"{row.name} in {row.born} ({_range(row.born_low, row.born_high)})"
        for row in dated.head(3).itertuples(index=False)
    ]
    if named:
        said += f" Born within these years: {', '.join(named)}{f' and {len(dated) - 3} more' if len(dated) > 3 else ''}."
    rate = table["false_birth"].max()
    if pd.notna(rate):
        said += f" Places that stand at {options.threshold:g} times in every year would get a birth year in at most {rate:.1%} of cases."
    return said


def _range(low: Any, high: Any) -> str:
    if pd.isna(low):
        return f"{high} or before"
    return str(low) if low == high else f"{low} to {high}"


_FIELDS = {
    "cluster": Field("cluster"),
    "name": Field("what the cluster is called"),
    "born": Field("first year of the first sustained, significant concentration"),
    "born_low": Field("earliest year in which it may have passed the threshold"),
    "born_high": Field("latest year in which it may have passed the threshold"),
    "low": Field("lower end of the interval of the location quotient", "", 2),
    "high": Field("upper end of the interval of the location quotient", "", 2),
    "onset": Field("year of passing the threshold that fits the counts best"),
    "until": Field("last year of the run that begins with the birth year"),
    "censored": Field(
        "left: above from the first year on; right: not born, or not for long enough, by the last year"
    ),
    "years_significant": Field("years significantly above the threshold", "years"),
    "years": Field("years there are", "years"),
    "false_birth": Field(
        "how often places at the threshold in every year would get a birth year", "share", 3
    ),
    "undefined": Field("what isn't defined, and why"),
    "year": Field("year"),
    "expected": Field("value if the cluster had the country's share of the sector", "as value", 1),
    "location_quotient": Field(
        "the sector's share here over its share in the country", "1 = as everywhere", 2
    ),
    "p_value": Field("exact two-sided test that the location quotient is the threshold", "", 4),
    "significant": Field("significantly above the threshold"),
    "label": Field("cluster and birth year"),
}
