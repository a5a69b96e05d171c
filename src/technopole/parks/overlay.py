"""Parks laid over clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from technopole.errors import TechnopoleError, WrongOption
from technopole.kernels import proportion
from technopole.member import member
from technopole.parks import _cluster_list, _random_placement
from technopole.parks._cluster_list import ClusterList
from technopole.parks._random_placement import Ground, Weight
from technopole.result import Field, Result
from technopole.spatial import park_list
from technopole.spatial.outlines import pairs
from technopole.spatial.park_list import ParkList
from technopole.tables import Activity, Parks, Places


@member
def overlay(
    parks: Parks,
    *,
    clusters: Result,
    within_km: float = 25.0,
    places: Places | None = None,
    activity: Activity | None = None,
    value: str = "auto",
    weight: Weight = "auto",
    country: str | None = None,
    simulations: int = 999,
    level: float = 0.95,
    seed: int = 0,
) -> Result:
    """Do parks lie on clusters, and clusters at parks, more than if parks had been placed at random?

        share on      = parks whose point lies in a cluster / parks
        share near    = parks within r km of a cluster / parks
        share without = clusters without a park within r km / clusters
        enrichment    = share / its mean when each park is put on a random place, chosen by weight

    A park is its point (of an outline, a point within). p counts random placements at least as far out, with plus one, two-sided.

    Parameters
    ----------
    parks : Parks
        Parks of the country that the clusters were looked for in, all of them: an incomplete list overstates clusters without a park.
    clusters : Result
        Of `clusters.delineate`; or any result whose table has cluster and geometry, or cluster, longitude and latitude.
    within_km : float
        What counts as near; the default is ours.
    places : Places, optional
        The places a park might have been put on; left out = anywhere within the convex hull of clusters and parks.
    activity : Activity, optional
        All industries by place, as weight of the places (last year).
    value : str
        What of it is the weight; ``"auto"`` = employment, else establishments.
    weight : {"auto", "activity", "population", "area", "equal"}
        How likely each place is; ``"auto"`` = the first of these that is there.
    country : str, optional
        Look at parks of this country only.
    simulations : int
        Random placements.
    level : float
        Confidence level of intervals.
    seed : int
        Seed of the placements.

    Returns
    -------
    Result
        park, cluster, name, inside, distance_km (of the nearest cluster), clusters_near, undefined. Further tables: `clusters` (cluster, name, nearest_park,
        distance_km, parks_inside, parks_near), `enrichment` (statistic, cases, observed, low, high, expected, expected_low, expected_high, enrichment,
        p_value, undefined).

    Raises
    ------
    WrongOption
        A distance or level out of range, or a weight that isn't there.
    MissingColumn
        Clusters or parks without a position.
    UnknownName
        No park of the country.

    References
    ----------
    Kulldorff, M. (1997). A spatial scan statistic. Communications in Statistics: Theory and Methods 26(6), 1481-1496.
    Davison, A. C. & Hinkley, D. V. (1997). Bootstrap methods and their application, ch. 4. Cambridge University Press.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> from technopole.result import Result
    >>> found = pd.DataFrame({"cluster": [1, 2], "name": ["Rhine", "Elbe"], "longitude": [8.0, 13.7], "latitude": [50.0, 51.0]})
    >>> park = pd.DataFrame({"park": ["Mainz"], "longitude": [8.2], "latitude": [50.0]})
    >>> places = pd.DataFrame({"place": list("abcd"), "longitude": [8.0, 9.0, 10.0, 11.0], "latitude": 50.0})
    >>> shown = tp.parks.overlay(park, clusters=Result.of(found, text="", fields={}), places=places)
    >>> shown.table[["park", "name"]].values.tolist(), round(float(shown.table["distance_km"][0]), 1)
    ([['Mainz', 'Rhine']], 14.3)
    """
    _check(within_km, simulations, level)
    listed, found = park_list.of(parks, date="first", country=country), _cluster_list.of(clusters)
    if len(found.sites) and listed.sites.geographic != found.sites.geographic:
        raise TechnopoleError(
            "parks and clusters lie in different systems: one in degrees, the other on a plane"
        )
    near = pairs(listed.sites.points, found.sites, within_km=within_km) if len(found.sites) else _none()
    table = _table(listed, found, near, within_km)
    by_cluster = _by_cluster(listed, found, near, within_km)
    said = [*listed.warnings, *found.warnings]
    if not len(found.sites):
        enrichment = pd.DataFrame(columns=_ENRICHMENT)
        return Result.of(table, text="There is no cluster to lay parks over.", fields=_FIELDS, warnings=said, clusters=by_cluster, enrichment=enrichment)  # fmt: skip
    places_seed, draws_seed = np.random.SeedSequence(seed).spawn(2)
    ground = (
        _random_placement.of_places(places, activity, value, weight)
        if places is not None
        else _random_placement.anywhere(found.sites, listed.sites, places_seed)
    )
    stray = ground.strays(listed.sites)
    if stray.any():
        names = ", ".join(listed.table.loc[stray, "park"].head(3))
        said.append(
            f"{int(stray.sum()):,} parks lie more than {_random_placement.STRAY_KM:g} km from every place ({names}): left out of shares and enrichment"
        )
    enrichment = _enrichment(near, ~stray, found, ground, within_km, simulations, level, draws_seed)
    return Result.of(
        table,
        text=_text(enrichment, within_km, ground),
        fields=_FIELDS,
        warnings=[*said, *ground.warnings],
        clusters=by_cluster,
        enrichment=enrichment,
    )


_ENRICHMENT = ["statistic", "cases", "observed", "low", "high", "expected", "expected_low", "expected_high", "enrichment", "p_value",
               "undefined"]  # fmt: skip
ON, NEAR, WITHOUT = "parks on a cluster", "parks near a cluster", "clusters without a park near"


def _check(within_km: float, simulations: int, level: float) -> None:
    if not within_km > 0:
        raise WrongOption("within_km is a distance of more than 0 km", value=within_km)
    if simulations < 99:
        raise WrongOption("simulations are 99 or more", value=simulations)
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)


def _none() -> pd.DataFrame:
    return pd.DataFrame({"point": [], "site": [], "inside": [], "distance_km": []}).astype(
        {"point": int, "site": int, "inside": bool}
    )


def _table(listed: ParkList, found: ClusterList, near: pd.DataFrame, within_km: float) -> pd.DataFrame:
    first = near.drop_duplicates("point").set_index("point").reindex(range(len(listed.table)))
    close = near[near["distance_km"] <= within_km].groupby("point").size()
    keys = found.table["cluster"]
    site = first["site"].astype("Int64")
    table = pd.DataFrame({"park": listed.table["park"]})
    table["cluster"] = site.map(keys) if len(keys) else None
    table["name"] = site.map(found.table["name"]) if len(keys) else None
    inside = first["inside"].astype("boolean")
    if not found.sites.outlined.any():
        inside = inside.mask(inside.notna())
    table["inside"] = inside
    table["distance_km"] = first["distance_km"].astype("float64")
    table["clusters_near"] = close.reindex(table.index).fillna(0).astype("Int64")
    table["undefined"] = "" if len(keys) else "there is no cluster"
    lost = listed.nowhere[["park"]].assign(undefined="the park has no position")
    if len(lost):
        table = pd.concat([table, lost], ignore_index=True)
    return table.sort_values("undefined", key=lambda s: s.ne(""), kind="stable", ignore_index=True)


def _by_cluster(listed: ParkList, found: ClusterList, near: pd.DataFrame, within_km: float) -> pd.DataFrame:
    table = found.table[["cluster", "name"]].copy()
    if table.empty:
        return table.assign(nearest_park=[], distance_km=[], parks_inside=[], parks_near=[])
    every = pairs(listed.sites.points, found.sites, within_km=_farthest(near, found, listed))
    own = every.sort_values(["site", "distance_km", "point"]).drop_duplicates("site").set_index("site")
    close = every[every["distance_km"] <= within_km].groupby("site").size()
    inside = every[every["inside"]].groupby("site").size()
    table["nearest_park"] = own["point"].map(listed.table["park"]).reindex(table.index)
    table["distance_km"] = own["distance_km"].reindex(table.index)
    table["parks_inside"] = inside.reindex(table.index).fillna(0).astype("int64")
    table["parks_near"] = close.reindex(table.index).fillna(0).astype("int64")
    return table


def _farthest(near: pd.DataFrame, found: ClusterList, listed: ParkList) -> float:
    """A distance within which every cluster has its nearest park: half round the Earth, or the width of the plane."""
    if found.sites.geographic:
        return 20_016.0
    corners: Any = np.concatenate([found.sites.points, listed.sites.points])
    return float(np.ptp(corners, axis=0).sum() + found.sites.reach().max() + near["distance_km"].max())


def _enrichment(
    near: pd.DataFrame,
    kept: npt.NDArray[np.bool_],
    found: ClusterList,
    ground: Ground,
    within_km: float,
    simulations: int,
    level: float,
    seed: np.random.SeedSequence,
) -> pd.DataFrame:
    """Hold the observed shares against those of parks placed at random."""
    own = _Hits.of(near, len(kept), len(found.sites), within_km)
    there = _Hits.of(
        pairs(ground.points, found.sites, within_km=within_km),
        len(ground.points),
        len(found.sites),
        within_km,
    )
    parks = int(kept.sum())
    if not parks:
        rows = [
            {"statistic": name, "cases": 0, "undefined": "no park lies on the map of places"}
            for name in (ON, NEAR, WITHOUT)
        ]
        return pd.DataFrame(rows, columns=_ENRICHMENT)
    observed = own.shares(np.flatnonzero(kept)[None, :])[0]
    random = np.random.default_rng(seed)
    drawn = random.choice(len(ground.points), size=(simulations, parks), p=ground.chance)
    simulated = there.shares(drawn)
    cases = np.array([parks, parks, len(found.sites)], dtype=np.float64)
    interval = proportion.exact(observed * cases, cases, level)
    rows: list[dict[str, Any]] = []
    for i, name in enumerate((ON, NEAR, WITHOUT)):
        null = simulated[:, i]
        tails = [
            (1 + np.count_nonzero(side)) / (simulations + 1)
            for side in (null >= observed[i] - 1e-12, null <= observed[i] + 1e-12)
        ]
        low, high = np.quantile(null, [(1 - level) / 2, (1 + level) / 2])
        mean = float(null.mean())
        row = {"statistic": name, "cases": int(cases[i]), "observed": observed[i], "low": interval.low[i], "high": interval.high[i],
               "expected": mean, "expected_low": low, "expected_high": high, "enrichment": observed[i] / mean if mean > 0 else np.nan,
               "p_value": min(1.0, 2 * min(tails)), "undefined": "" if mean > 0 else "enrichment: random placement never gives any"}  # fmt: skip
        rows.append(row)
    if not found.sites.outlined.any():
        rows[0] = {
            "statistic": ON,
            "cases": parks,
            "undefined": "the clusters are points, which nothing lies in",
        }
    table = pd.DataFrame(rows, columns=_ENRICHMENT)
    return table.sort_values("undefined", key=lambda s: s.ne(""), kind="stable", ignore_index=True)


@dataclass(frozen=True, slots=True)
class _Hits:
    """What each point hits: whether it lies on or near any cluster, and the clusters near it (positions in `cluster`, by point)."""

    on: npt.NDArray[np.bool_]
    near: npt.NDArray[np.bool_]
    start: npt.NDArray[np.int64]
    cluster: npt.NDArray[np.int64]
    clusters: int

    @classmethod
    def of(cls, found: pd.DataFrame, points: int, clusters: int, within_km: float) -> _Hits:
        """Read them from distances, which are sorted by point."""
        close = found[found["distance_km"] <= within_km]
        on, near = np.zeros(points, dtype=bool), np.zeros(points, dtype=bool)
        on[found.loc[found["inside"], "point"].to_numpy(int)] = True
        near[close["point"].to_numpy(int)] = True
        start = np.searchsorted(close["point"].to_numpy(np.int64), np.arange(points + 1))
        return cls(on, near, start, close["site"].to_numpy(np.int64), clusters)

    def shares(self, drawn: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return the three shares for each row of points."""
        reached = np.zeros((len(drawn), self.clusters), dtype=bool)
        for i, row in enumerate(drawn):
            for point in row[self.near[row]]:
                reached[i, self.cluster[self.start[point] : self.start[point + 1]]] = True
        return np.column_stack(
            [self.on[drawn].mean(axis=1), self.near[drawn].mean(axis=1), 1 - reached.mean(axis=1)]
        )


def _text(enrichment: pd.DataFrame, within_km: float, ground: Ground) -> str:
    rows: Any = enrichment.set_index("statistic")
    if rows["observed"].isna().all():
        return "No park lies on the map of places, so nothing can be said."
    on, near, without = (rows.loc[name] for name in (ON, NEAR, WITHOUT))
    parks, clusters = int(on["cases"]), int(without["cases"])
    count = f"{near['observed'] * parks:.0f}"
    lie = f"{count} of {parks:,} parks lie within {within_km:g} km of a cluster"
    if pd.notna(on["observed"]):
        lie = f"{on['observed'] * parks:.0f} of {parks:,} parks lie on a cluster and {count} within {within_km:g} km of one"
    said = f"{lie}; {without['observed'] * clusters:.0f} of {clusters:,} clusters have no park within {within_km:g} km. "
    if np.isnan(near["enrichment"]):
        return f"{said}Parks placed {ground.said} never come near one."
    times = f"{near['enrichment']:.1f} times as many near a cluster as parks placed {ground.said}"
    band = f"{near['expected']:.0%} expected, {near['expected_low']:.0%} to {near['expected_high']:.0%}; p = {near['p_value']:.3g}"
    return f"{said}That is {times} ({band}); lying together doesn't say which came first."


_FIELDS = {
    "park": Field("park"),
    "cluster": Field("the nearest cluster (in .clusters: the cluster)"),
    "name": Field("what that cluster is called"),
    "inside": Field("whether the park's point lies in its outline; none where clusters are points"),
    "distance_km": Field("distance of the park's point to its outline (0 inside) or point", "km", 1),
    "clusters_near": Field("clusters within the distance", "clusters"),
    "undefined": Field("what isn't defined, and why"),
    "nearest_park": Field("the nearest park"),
    "parks_inside": Field("parks whose point lies in the cluster", "parks"),
    "parks_near": Field("parks within the distance", "parks"),
    "statistic": Field("what share"),
    "cases": Field("parks or clusters the share is of"),
    "observed": Field("the share", "0 to 1", 3),
    "low": Field("lower end of its exact interval, cases taken as independent", "0 to 1", 3),
    "high": Field("upper end of that interval", "0 to 1", 3),
    "expected": Field("mean share when parks are placed at random", "0 to 1", 3),
    "expected_low": Field("lower end of the range of random placements, at the level", "0 to 1", 3),
    "expected_high": Field("upper end of that range", "0 to 1", 3),
    "enrichment": Field("observed over expected", "1 = as at random", 2),
    "p_value": Field("share of random placements at least as far out, two-sided, with plus one", "", 4),
}
