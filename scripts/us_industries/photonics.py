"""The photonics clusters of the United States, from industry codes alone, and where two famous places stand among them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

import technopole as tp
from technopole.result import Result
from technopole.tables import Activity, Places, Sector
from us_industries.data import counties, county_photonics

YEAR = 2021
REGION_KM = 100.0
FAMOUS = {"36055": "Rochester (Monroe County, NY)", "04019": "Tucson (Pima County, AZ)"}
ZIP_AREAS = {"Rochester (ZIP 144 to 146)": ("144", "145", "146"), "Tucson (ZIP 856 and 857)": ("856", "857")}
OPTICS = "33331"
SECTORS: Mapping[str, Sector] = {
    "optical instruments and lenses (333314)": tp.sector("optics", scheme="NAICS-2017", codes=["333314"]),
    "photonics, wide (14 codes, weighted)": tp.sector("photonics", scheme="NAICS-2017"),
}
SIMULATIONS = 9_999


def found() -> dict[tuple[str, str], Result]:
    """Return the clusters by sector and method."""
    activity, places = county_photonics(), counties()
    return {
        (name, method): _found(activity, places, sector, method)
        for name, sector in SECTORS.items()
        for method in ("scan", "G*", "local Moran")
    }


def _found(activity: Activity, places: Places, sector: Sector, method: str) -> Result:
    if method == "scan":
        return tp.clusters.delineate(
            activity,
            places=places,
            sector=sector,
            year=YEAR,
            method="scan",
            max_km=REGION_KM,
            permutations=SIMULATIONS,
        )
    return tp.clusters.delineate(
        activity,
        places=places,
        sector=sector,
        year=YEAR,
        method="local",
        statistic="getis_ord" if method == "G*" else "local_moran",
        value="establishments",
    )


def famous(results: Mapping[tuple[str, str], Result]) -> pd.DataFrame:
    """Return for each famous place, sector and method the cluster it is in, if any."""
    rows = []
    for place, known in FAMOUS.items():
        for (sector, method), result in results.items():
            own = result.members[result.members["place"] == place]
            at = pd.DataFrame(result.table)
            cluster = at[at["cluster"].isin(own["cluster"])]
            rows.append(
                {
                    "place": known,
                    "sector": sector,
                    "method": method,
                    "clusters": len(at),
                    "rank": at["cluster"].tolist().index(cluster["cluster"].iloc[0]) + 1
                    if len(cluster)
                    else None,
                    "cluster": cluster["name"].iloc[0] if len(cluster) else "",
                    "location_quotient": cluster["location_quotient"].iloc[0] if len(cluster) else None,
                    "p_value": cluster["p_value"].iloc[0] if len(cluster) else None,
                }
            )
    return pd.DataFrame(rows)


def alone() -> pd.DataFrame:
    """Return what the famous places' counties have, whether a cluster or not."""
    activity = county_photonics()
    tables = []
    for name, sector in SECTORS.items():
        for value in ("establishments", "employment"):
            table = tp.measures.location_quotient(activity, sector=sector, value=value).table
            here = table[
                table["place"].isin(FAMOUS) & (table["year"] == YEAR) & (table["industry"] == sector.name)
            ]
            tables.append(here.assign(sector=name, counted=value))
    return pd.concat(tables, ignore_index=True)


def by_zip(activity: Activity, places: Places) -> Result:
    """Return the cluster index of the five-digit code that holds optics, one row per ZIP area."""
    return tp.measures.cluster_index(activity, places=places, industry=OPTICS, null="moments")


def zip_areas(index: pd.DataFrame) -> pd.DataFrame:
    """Return for each famous place how many of its ZIP areas stand out, and the strongest."""
    rows = []
    for name, prefixes in ZIP_AREAS.items():
        here = index[index["place"].str[:3].isin(prefixes)]
        first = here.sort_values(["p_value", "place"]).iloc[0]
        rows.append(
            {
                "area": name,
                "zips": len(here),
                "establishments": int(here["establishments"].sum()),
                "significant": int(here["significant"].sum()),
                "standing_there": int(here.loc[here["significant"].astype(bool), "establishments"].sum()),
                "strongest": first["place"],
                "index": first["index"],
                "p_value": first["p_value"],
                "q_value": first["q_value"],
            }
        )
    return pd.DataFrame(rows)
