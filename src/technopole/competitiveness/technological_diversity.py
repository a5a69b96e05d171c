"""Diversity of the technologies of places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtri

from technopole.competitiveness._matrix import Array, counted
from technopole.competitiveness._selection import chosen
from technopole.competitiveness._technologies import Pool, Series, doubts, pools, series, when
from technopole.errors import UnknownName, WrongOption
from technopole.kernels import entropy as kernel
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Patents, Sector
from technopole.tables.classification import normal

BITS = float(np.log(2))
PER_CLASS = 5  # patents from which intervals hold the truth in 92 % or more


@member
def technological_diversity(
    patents: Patents,
    *,
    value: str | None = None,
    year: int | None = None,
    window: int = 1,
    sector: Sector | None = None,
    places: Sequence[str] | None = None,
    classes: int | None = None,
    group_digits: int | None = None,
    groups: Mapping[str, str] | None = None,
    correction: bool = True,
    minimum: float = 2.0,
    level: float = 0.95,
) -> Result:
    """How many-sided each place's technologies are, and how far from those of other places.

        H             = sum_t s[t] log2(1 / s[t]) + (classes present - 1) / (2 n ln 2)
        heterogeneity = H / log2 K                      effective_classes = 2^H
        blau          = n / (n - 1) (1 - sum_t s[t]^2)
        unrelated     = H of groups of classes          related = H - unrelated
        distance      = mean over other places q of 1 - s[p] s[q] / (|s[p]| |s[q]|)

    s[t] = share of class t in the place's n patents, K = classes there could be. The second term of H is Miller and Madow's correction: a
    few patents can't show all classes. n / (n - 1) is Hall's. `low` and `high` are a normal interval of the heterogeneity.

    Parameters
    ----------
    patents : Patents
        Place x technology x year. With firms as places, `distance` is between firms.
    value : {"patents", "citations"}, optional
        What is counted.
    year : int, optional
        This year (the last of the window) only; none = every year.
    window : int
        Years taken together, up to each year.
    sector : Sector, optional
        Count only these technologies, with their weights: the diversity within the sector.
    places : list of str, optional
        Return these only; distances are to all.
    classes : int, optional
        K; none = the technologies of the table.
    group_digits : int, optional
        Technologies whose codes have the same first characters (dots and spaces left out) are related; 4 = the IPC's subclass.
    groups : mapping of str to str, optional
        Technology -> group, instead of `group_digits`.
    correction : bool
        Whether H has Miller and Madow's term; without it, H is that of the shares as they are.
    minimum : float
        Places with fewer patents in the window are undefined; 2 or more.
    level : float
        Confidence level of the interval, in (0, 1).

    Returns
    -------
    Result
        place, year, first_year, patents, present, entropy, heterogeneity, low, high, effective_classes, herfindahl, blau, distance,
        undefined; related and unrelated where there are groups. `.renewal`: place, year, patents, new_classes (share of patents in classes
        the place had none in before the window), undefined. `.distances`: the same latest years' pairs of places, with `proximity`
        (Jaffe's cosine) and `distance`.

    Raises
    ------
    EmptyTable
        The table has no rows.
    MissingColumn
        The table has no such value.
    BadInput
        Technologies differ in case or spaces only.
    UnknownName
        The table has no such year, place or sector, or `groups` lacks a technology.
    WrongOption
        A window, minimum, number of classes or digits, or level that can't be.

    References
    ----------
    Shannon, C. E. (1948). A mathematical theory of communication. Bell System Technical Journal 27, 379-423.
    Miller, G. A. (1955). Note on the bias of information estimates. In: Quastler, H. (ed.), Information Theory in Psychology, 95-100.
    Basharin, G. P. (1959). On a statistical estimate for the entropy of a sequence of independent random variables. Theory of Probability
    and its Applications 4(3), 333-336.
    Hall, B. H. (2005). A note on the bias in Herfindahl-type measures based on count data. Revue d'economie industrielle 110, 149-156.
    Jaffe, A. B. (1986). Technological opportunity and spillovers of R&D. American Economic Review 76(5), 984-1001.
    Frenken, K., Van Oort, F. & Verburg, T. (2007). Related variety, unrelated variety and regional economic growth. Regional Studies
    41(5), 685-697.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> counts = pd.DataFrame({"place": "A", "technology": ["G02B", "G02F", "H01S", "H04B"], "patents": [10, 10, 10, 10]})
    >>> tp.competitiveness.technological_diversity(counts, correction=False).table[["entropy", "heterogeneity"]].iloc[0].tolist()
    [2.0, 1.0]
    """
    _refuse(level, minimum, classes)
    read = _within(series(patents, value, None), sector)
    grouped = _grouped(read.technologies, group_digits, groups)
    found = pools(read, window=window, year=year, source=patents.source)
    rows = chosen(read.places, places, "place", patents.source)
    many = len(read.technologies) if classes is None else classes
    if many < len(read.technologies):
        raise WrongOption(
            "classes is the number of technologies there could be",
            value=classes,
            where=patents.source,
            exists=[f"{len(read.technologies)} or more"],
        )
    table = pd.concat(
        [_described(pool, rows, many, grouped, correction, minimum, level) for pool in found],
        ignore_index=True,
    )
    return Result.of(
        _last(table),
        text=_text(table, found[-1], level),
        fields=_fields(counted(patents, value), many),
        chart=_chart(found, rows),
        warnings=[
            *doubts(patents, read, value=value, until=found[-1].last, places=places or ()),
            *_thin(table, many),
        ],
        renewal=_last(pd.concat([_renewed(read, pool, rows, minimum) for pool in found], ignore_index=True)),
        distances=_distances(found[-1], rows, minimum),
    )


def _thin(table: pd.DataFrame, classes: int) -> list[str]:
    """Which intervals hold the truth less often than they say: docs/methods/technological_diversity.md."""
    thin = table["heterogeneity"].notna() & (table["patents"] < PER_CLASS * classes)
    if not thin.any():
        return []
    return [
        f"{int(thin.sum()):,} of {int(table['heterogeneity'].notna().sum()):,} numbers are of fewer than {PER_CLASS} patents per class "
        f"({PER_CLASS * classes:,} in all): diversity is too low by chance there, and its interval misses it more often than it says"
    ]


def _refuse(level: float, minimum: float, classes: int | None) -> None:
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)
    if minimum < 2:
        raise WrongOption("minimum is 2 or more: one patent has no diversity", value=minimum)
    if classes is not None and classes < 2:
        raise WrongOption("classes is 2 or more", value=classes)


def _within(read: Series, sector: Sector | None) -> Series:
    if sector is None:
        return read
    weights = sector.weights(read.technologies)
    kept = chosen(read.technologies, sector, "technology")
    at = np.searchsorted(read.technologies, kept)
    share = np.array([weights[code] for code in kept])
    return Series(read.years, read.places, kept, read.values[:, :, at] * share, read.withheld[:, :, at])


def _grouped(
    technologies: Sequence[str], digits: int | None, groups: Mapping[str, str] | None
) -> list[str] | None:
    if groups is not None:
        lacking = [name for name in technologies if name not in groups]
        if lacking:
            raise UnknownName(
                "groups= lacks a technology of the table",
                value=lacking[0],
                exists=groups,
                fix="give every technology a group",
            )
        return [groups[name] for name in technologies]
    if digits is None:
        return None
    if digits < 1:
        raise WrongOption("group_digits is 1 or more", value=digits)
    return [normal(name)[:digits] for name in technologies]


def _described(
    pool: Pool,
    places: Sequence[str],
    classes: int,
    groups: list[str] | None,
    correction: bool,
    minimum: float,
    level: float,
) -> pd.DataFrame:
    """One row per place of a pool."""
    counts = pool.counts.values[np.searchsorted(pool.counts.places, places)]
    total = counts.sum(axis=1)
    het = kernel.heterogeneity(counts, classes, corrected=correction)
    bits = het.value * np.log2(max(classes, 2))
    half = float(ndtri(0.5 + level / 2)) * np.sqrt(het.variance)
    distance = _mean_distance(pool, places, minimum)
    few = total < minimum
    said = np.where(
        few,
        f"fewer than {minimum:g} patents",
        np.where(np.isnan(distance), "no distance: no other place", ""),
    )
    numbers: dict[str, Array] = {
        "entropy": bits,
        "heterogeneity": het.value,
        "low": np.maximum(het.value - half, 0.0),
        "high": np.minimum(het.value + half, 1.0),
        "effective_classes": 2**bits,
        "herfindahl": kernel.herfindahl(counts),
        "blau": kernel.blau(counts),
        "distance": distance,
    }
    if groups is not None:
        names = sorted(set(groups))
        member_of = np.array([[group == name for name in names] for group in groups], dtype=np.float64)
        between = kernel.entropy(counts @ member_of, corrected=correction).value / BITS
        numbers |= {"related": np.maximum(bits - between, 0.0), "unrelated": between}
    known = {name: np.where(few, np.nan, values) for name, values in numbers.items()}
    head = {"place": places, "year": pool.last, "first_year": pool.first, "patents": total}
    return pd.DataFrame({**head, "present": (counts > 0).sum(axis=1), **known, "undefined": said})


def _mean_distance(pool: Pool, places: Sequence[str], minimum: float) -> Array:
    """Mean of 1 - cosine to all other places with patents enough."""
    counts = pool.counts.values
    enough = counts.sum(axis=1) >= minimum
    found = np.full(len(counts), np.nan)
    if enough.sum() > 1:
        apart = 1 - kernel.cosine(counts[enough])
        np.fill_diagonal(apart, 0.0)
        found[enough] = apart.sum(axis=1) / (enough.sum() - 1)
    return found[np.searchsorted(pool.counts.places, places)]


def _renewed(read: Series, pool: Pool, places: Sequence[str], minimum: float) -> pd.DataFrame:
    at = np.searchsorted(read.places, places)
    earlier = [t for t, year in enumerate(read.years) if year < pool.first]
    before = read.values[earlier][:, at].sum(axis=0)
    now = pool.counts.values[at]
    few = now.sum(axis=1) < minimum
    new_here = before.sum(axis=1) < minimum
    said = np.select(
        [few, np.full(len(at), not earlier), new_here],
        [
            f"fewer than {minimum:g} patents",
            "the table has no earlier years",
            f"fewer than {minimum:g} patents before",
        ],
        default="",
    )
    share = np.where(said == "", kernel.new_share(now, before), np.nan)
    return pd.DataFrame(
        {
            "place": places,
            "year": pool.last,
            "patents": now.sum(axis=1),
            "new_classes": share,
            "undefined": said,
        }
    )


def _distances(pool: Pool, places: Sequence[str], minimum: float) -> pd.DataFrame:
    """Each pair of the places returned once."""
    counts = pool.counts.values[np.searchsorted(pool.counts.places, places)]
    enough = counts.sum(axis=1) >= minimum
    names, alike = np.asarray(places, dtype=object)[enough], kernel.cosine(counts[enough])
    first, second = np.triu_indices(len(names), 1)
    near = alike[first, second]
    return pd.DataFrame(
        {
            "place_a": names[first],
            "place_b": names[second],
            "year": pool.last,
            "proximity": near,
            "distance": 1 - near,
        }
    )


def _last(table: pd.DataFrame) -> pd.DataFrame:
    return table.sort_values("undefined", key=lambda said: said.ne(""), kind="stable", ignore_index=True)


def _chart(found: Sequence[Pool], places: Sequence[str]) -> Chart:
    axis = "heterogeneity (0 = one class, 1 = all alike)"
    if len(found) > 1 and len(places) <= 8:
        return Chart("trend", {"value": "heterogeneity", "series": "place", "axis": axis})
    return Chart("ranking", {"label": "place", "value": "heterogeneity", "axis": axis})


def _fields(column: str, classes: int) -> dict[str, Field]:
    return {
        "place": Field("place"),
        "place_a": Field("one place"),
        "place_b": Field("another"),
        "year": Field("last year of those taken together; 0 = one unnamed period"),
        "first_year": Field("first year of those taken together"),
        "patents": Field(f"{column} in these years", column, 0),
        "present": Field("technologies with any", "classes", 0),
        "entropy": Field("entropy of the technologies' shares", "bits", 3),
        "heterogeneity": Field(f"entropy over that of {classes} even classes", "0 to 1", 3),
        "low": Field("lower end of the interval of the heterogeneity", "0 to 1", 3),
        "high": Field("upper end of the interval of the heterogeneity", "0 to 1", 3),
        "effective_classes": Field("even classes that have this entropy", "classes", 1),
        "herfindahl": Field("sum of squared shares", "1 / classes to 1", 3),
        "blau": Field("chance that two patents are of different classes, corrected for few", "0 to 1", 3),
        "related": Field("entropy within groups of related classes", "bits", 3),
        "unrelated": Field("entropy between groups", "bits", 3),
        "proximity": Field("cosine of the two places' shares of technologies", "0 to 1", 3),
        "distance": Field("1 less the cosine; of a place, the mean to all others", "0 to 1", 3),
        "new_classes": Field("share of patents in classes the place had none in before", "", 3),
        "undefined": Field("why there is no number, or which one there isn't"),
    }


def _text(table: pd.DataFrame, pool: Pool, level: float) -> str:
    at = when(pool)
    rows = table[(table["year"] == pool.last) & table["heterogeneity"].notna()]
    start = f"In {at} " if at else ""
    if rows.empty:
        return f"{start}no place has patents enough to have a diversity of technologies.".capitalize()
    rows = rows.sort_values(["heterogeneity", "place"], ascending=[False, True])
    first, last = rows.iloc[0], rows.iloc[-1]

    def said(row: pd.Series) -> str:
        return f"{row['heterogeneity']:.2f}, {level:.0%} interval {row['low']:.2f} to {row['high']:.2f}"

    sentence = (
        f"{start}{first['place']} has the most varied technologies of {len(rows)} places ({said(first)}; 1 = all classes alike), "
        f"as many as {first['effective_classes']:.1f} even classes."
    )
    if len(rows) == 1:
        return f"{start}{first['place']} has a heterogeneity of technologies of {said(first)}, as many as {first['effective_classes']:.1f} even classes."
    apart = (
        ""
        if rows["distance"].isna().all()
        else (
            f" From the mix of another place, one is on average {rows['distance'].mean():.2f} away (0 = the same mix, 1 = nothing in common)."
        )
    )
    return f"{sentence} The least varied is {last['place']} ({said(last)}).{apart}"
