"""Aiginger's four segments: prices of exports and imports against the balance of quantities."""

from __future__ import annotations

import numpy as np
import pandas as pd

PRICE, QUALITY = "successful price competition", "successful quality competition"
UNSUCCESSFUL, STRUCTURAL = "unsuccessful price competition", "structural problem"
SEGMENTS = (QUALITY, PRICE, UNSUCCESSFUL, STRUCTURAL)
NONE = "no segment"

SEGMENT_COLUMNS = [
    "exporter", "product", "year", "unit", "exports", "export_unit_value", "import_unit_value", "quantity_balance", "segment", "undefined",
]  # fmt: skip


def segments(exports: pd.DataFrame, imports: pd.DataFrame) -> pd.DataFrame:
    """Return a row per country, product, year and unit that it exports, of countries whose imports are known."""
    keys = ["exporter", "product", "year", "unit"]
    known = exports[exports["exporter"].isin(imports["importer"].unique())]
    bought = imports.rename(columns={"importer": "exporter"})[[*keys, "unit_value", "quantity"]]
    bought = bought[bought["quantity"] > 0]
    both = known.merge(bought, on=keys, how="left", suffixes=("", "_m"))
    of_x, of_m = both["unit_value"].to_numpy(float), both["unit_value_m"].to_numpy(float)
    balance = both["quantity"].to_numpy(float) - both["quantity_m"].to_numpy(float)
    dear, more = of_x > of_m, balance > 0
    why = np.select(
        [np.isnan(of_x), np.isnan(of_m), of_x == of_m, balance == 0],
        ["exports without a quantity", "no imports in this unit", "prices are equal", "quantities are equal"],
        default="",
    )
    which = np.select([dear & more, ~dear & more, dear & ~more], [QUALITY, PRICE, UNSUCCESSFUL], STRUCTURAL)
    found = pd.DataFrame(
        {
            **{key: both[key] for key in keys},
            "exports": both["value"].fillna(both["exports"]),
            "export_unit_value": of_x,
            "import_unit_value": of_m,
            "quantity_balance": balance,
            "segment": np.where(why == "", which, ""),
            "undefined": why,
        }
    )[SEGMENT_COLUMNS]
    order = found.assign(last=why != "").sort_values(
        ["last", "year", "exporter", "product", "unit"], kind="stable"
    )
    return order.drop(columns="last").reset_index(drop=True)


def shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how much of each country's exports lies in each segment, and in none."""
    named = rows.assign(segment=rows["segment"].where(rows["segment"] != "", NONE))
    who = named[["exporter", "year"]].drop_duplicates()
    grid = who.merge(
        pd.DataFrame({"segment": [*SEGMENTS, NONE], "rank": range(len(SEGMENTS) + 1)}), how="cross"
    )
    sums = named.groupby(["exporter", "year", "segment"])["exports"].agg(["size", "sum"]).reset_index()
    found = grid.merge(sums, how="left").fillna({"size": 0, "sum": 0.0})
    whole = found.groupby(["exporter", "year"])["sum"].transform("sum")
    found["share"] = found["sum"] / whole.where(whole > 0)
    found = found.sort_values(["year", "exporter", "rank"], kind="stable").astype({"size": "int64"})
    columns = {"size": "products", "sum": "exports"}
    return found.rename(columns=columns)[
        ["exporter", "year", "segment", "products", "exports", "share"]
    ].reset_index(drop=True)
