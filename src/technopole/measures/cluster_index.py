"""Firm-level cluster index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from technopole import progress
from technopole.engine import Expr
from technopole.errors import WrongOption
from technopole.measures import _nearness
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.spatial import site_table
from technopole.spatial.site_table import HALF, Members, Sites
from technopole.tables import Activity, Establishments, Places, Sector

MOST = 2e9  # pairs to draw; about ten seconds
KEYS = ("establishment_id", "place", "industry", "east", "north")
FEW = "fewer than two establishments"


@member
def cluster_index(
    table: Establishments | Activity,
    *,
    industry: str | Sequence[str] = "all",
    sector: Sector | None = None,
    places: Places | None = None,
    reference: Establishments | Activity | None = None,
    nearest_km: float = 1.0,
    null: Literal["auto", "simulated", "moments"] = "auto",
    simulations: int = 999,
    level: float = 0.95,
    seed: int = 0,
) -> Result:
    """How much nearer an establishment is to others of its industry than to establishments of any kind.

        index[i] = (sum_{j in c, j != i} f(d[i,j]) / (n - 1)) / (sum_{j != i} f(d[i,j]) / (N - 1))      f(d) = 1 / max(d, d0)

    c = the industry of establishment i, n = its establishments, N = all sites, d = distance (straight line; on the globe the
    chord), d0 = `nearest_km`. 1 = as near as to anybody; 3 = the industry is three times as near. No borders are drawn
    beforehand. `p_value` is one-sided: the chance that the n - 1 others, drawn at random from all other sites without
    replacement, would be as near to this place, which itself stays. It is adjusted over the industry's locations.

    Parameters
    ----------
    table : Establishments or Activity
        Establishments with longitude and latitude, x and y, or a place with a point in `places`; or an activity table with
        `establishments` counted at `places`.
    industry : str or sequence of str
        One industry, several, or ``"all"``.
    sector : Sector, optional
        Take these codes as one industry.
    places : Places, optional
        Points of the places.
    reference : Establishments or Activity, optional
        All sites, where they aren't those of `table`.
    nearest_km : float
        Distance below which nearer isn't any nearer.
    null : {"auto", "simulated", "moments"}
        Random draws, or the exact mean, variance and skewness of the draws with a gamma tail; ``"auto"`` = draws where they
        take seconds.
    simulations : int
        Random draws.
    level : float
        1 - level is the false discovery rate at which an establishment counts as significant.
    seed : int
        Of the draws.

    Returns
    -------
    Result
        One row per establishment: establishment_id (where the table has it), industry, index, p_value, q_value, significant,
        longitude, latitude (or x, y, or place), undefined; of an activity table one per place and industry: place, industry,
        establishments, ...
        `.summary_table`: industry, n, locations, significant, share, null.

    Raises
    ------
    MissingColumn
        No coordinates or no industry.
    EmptyTable
        No establishment has coordinates.
    UnknownName
        An industry that doesn't occur.
    WrongOption
        A level, distance or number of simulations that can't be.

    References
    ----------
    Scholl, T. & Brenner, T. (2016). Detecting spatial clustering using a firm-level cluster index. Regional Studies 50(6),
    1054-1068. https://doi.org/10.1080/00343404.2014.958456

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> line = pd.DataFrame({"x": [0.0, 1, 10, 11, 20], "y": 0.0, "industry": list("aabba"), "establishment_id": list("vwxyz")})
    >>> sites = tp.read_establishments(line, crs="planar-km")
    >>> tp.measures.cluster_index(sites, industry="a").table["index"].round(3).tolist()
    [1.692, 1.666, 0.654]
    """
    _check(nearest_km, simulations, level)
    sites = site_table.of_table(table, places=places, industry=industry, sector=sector, reference=reference)
    found = [
        _industry(sites, members, nearest_km, null, simulations, level, seed)
        for members in progress.steps(sites.industries, "industries")
    ]
    by_location = pd.concat([frame for frame, _ in found], ignore_index=True)
    summary = pd.DataFrame([row for _, row in found]).sort_values("industry", kind="stable")
    return Result.of(
        _rows(table, sites, sector, by_location),
        text=_text(summary, level),
        fields=_fields(level),
        chart=Chart(
            "ranking",
            {"label": "industry", "value": "share", "axis": "share significantly surrounded"},
            "summary_table",
        ),
        warnings=sites.warnings,
        summary_table=summary,
    )


def _check(nearest_km: float, simulations: int, level: float) -> None:
    if not nearest_km > 0:
        raise WrongOption("nearest_km is more than 0", value=nearest_km, fix="nearest_km=1")
    if not 0 < level < 1:
        raise WrongOption("level lies between 0 and 1", value=level, fix="level=0.95")
    if (simulations + 1) * (1 - level) < 1 - 1e-9:
        least = int(np.ceil(1 / (1 - level) - 1e-9)) - 1
        raise WrongOption(
            f"a level of {level:g} needs more simulations",
            value=simulations,
            fix=f"{least} or more; 999 is usual",
        )


def _industry(
    sites: Sites, members: Members, nearest_km: float, null: str, simulations: int, level: float, seed: int
) -> tuple[pd.DataFrame, dict[str, object]]:
    n, spots = members.size, len(members.location)
    frame = pd.DataFrame(
        {
            "industry": members.name,
            "location": members.location,
        }
    )
    row: dict[str, object] = {"industry": members.name, "n": n, "locations": spots}
    if n < 2:
        frame = frame.assign(index=np.nan, p_value=np.nan, q_value=np.nan, significant=False, undefined=FEW)
        return frame, {**row, "significant": 0, "share": np.nan, "null": ""}
    around = _nearness.around(sites, members, nearest_km)
    drawn = null == "simulated" or (null == "auto" and float(n) * spots * simulations <= MOST)
    p = _nearness.by_simulation(sites, around, simulations, seed) if drawn else _nearness.by_moments(around)
    q = false_discovery_control(p)
    significant = q <= 1 - level
    frame = frame.assign(index=around.index, p_value=p, q_value=q, significant=significant, undefined="")
    count = int(members.count[significant].sum())
    said = "simulated" if drawn else "moments"
    return frame, {**row, "significant": count, "share": count / n, "null": said}


def _each(table: Establishments | Activity, sites: Sites, sector: Sector | None) -> pd.DataFrame:
    """Return each establishment, or each place and industry, with the index of its location; a sector's ones again as its own."""
    pair = next((p for p in (("x", "y"), ("longitude", "latitude")) if set(p) <= set(table.columns)), None)
    spots = (sites.points["east"] + 1j * sites.points["north"]).to_numpy()
    known = [name for name in ("establishment_id", "industry") if name in table.columns]
    if isinstance(table, Activity):
        rows: Expr = sites.rows
        rows = rows.group_by(["place", "industry", "east", "north"]).agg(establishments=rows["count"].sum())
    elif pair is not None:
        rows = table.expr.filter(table.expr.year == sites.year)
        east, north = (rows[name].cast("float64") for name in pair)
        rows = rows.select(*known, *pair, east=east, north=north)
    else:
        points = sites.rows.select("place", "east", "north").distinct()
        rows = table.expr.filter(table.expr.year == sites.year).select(*known, "place")
        rows = rows.inner_join(points, "place")
    each = rows.order_by([name for name in rows.columns if name in KEYS]).to_pyarrow().to_pandas()
    each = each.dropna(subset=["east", "north"])
    each["location"] = np.searchsorted(spots, (each["east"] + 1j * each["north"]).to_numpy())
    if sector is None:
        return each
    weights = sector.weights(each["industry"].unique())
    inside = [code for code, share in weights.items() if share >= HALF]
    return pd.concat(
        [each, each[each["industry"].isin(inside)].assign(industry=sector.name)], ignore_index=True
    )


def _rows(
    table: Establishments | Activity, sites: Sites, sector: Sector | None, found: pd.DataFrame
) -> pd.DataFrame:
    each = _each(table, sites, sector).merge(found, on=["industry", "location"])
    where = [name for name in ("x", "y", "longitude", "latitude") if name in each] or ["place"]
    key = [name for name in ("establishment_id", "industry") if name in each]
    if isinstance(table, Activity):
        key, where = ["place", "industry", "establishments"], []
        count = each.groupby(["place", "industry"])["establishments"].transform("sum")
        each = each.assign(establishments=count.astype(np.int64)).drop_duplicates(["place", "industry"])
    bare = each["undefined"] != ""
    each = each.assign(bare=bare).sort_values(["bare", "industry", *key[:1]], kind="stable")
    return each[[*key, "index", "p_value", "q_value", "significant", *where, "undefined"]]


def _text(summary: pd.DataFrame, level: float) -> str:
    known = summary[summary["n"] > 1]
    if known.empty:
        return "No industry has two establishments, so none has a cluster index."
    n, count = int(known["n"].sum()), int(known["significant"].sum())
    text = (
        f"{count:,} of {n:,} establishments stand significantly nearer to their own industry than random sites would "
        f"(false discovery rate {round(100 * (1 - level), 6):g} %)."
    )
    top = known.sort_values(["share", "industry"], ascending=[False, True]).iloc[0]
    if len(known) > 1 and top["significant"]:
        text += f" The largest share has {top['industry']}: {top['share']:.0%}."
    return text


def _fields(level: float) -> dict[str, Field]:
    return {
        "establishment_id": Field("establishment"),
        "place": Field("place"),
        "industry": Field("industry"),
        "establishments": Field("establishments of the industry there", "establishments", 0),
        "index": Field(
            "mean nearness of the industry's other establishments, relative to all other sites", "ratio", 3
        ),
        "p_value": Field("chance that as many random sites are as near, one-sided", "", 4),
        "q_value": Field("p-value adjusted over the industry's locations (Benjamini and Hochberg)", "", 4),
        "significant": Field(
            f"q-value at most {1 - level:.3g}; in the summary, how many establishments", "", 0
        ),
        "longitude": Field("longitude", "degrees", 4),
        "latitude": Field("latitude", "degrees", 4),
        "x": Field("easting", "of the crs"),
        "y": Field("northing", "of the crs"),
        "undefined": Field("why there is no value"),
        "n": Field("establishments of the industry", "establishments", 0),
        "locations": Field("distinct locations they stand at", "locations", 0),
        "share": Field(
            "share of the industry's establishments that are significantly surrounded", "share", 3
        ),
        "null": Field("how chance was computed: simulated or by exact moments"),
    }
