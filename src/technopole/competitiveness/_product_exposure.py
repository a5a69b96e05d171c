"""From the exposure of places and industries to that of exporters and products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from technopole.errors import EmptyTable, MissingColumn, TechnopoleError, WrongOption
from technopole.kernels.threads import one_thread
from technopole.result import Result
from technopole.spatial.place_matching import said as some
from technopole.tables import Crosswalk, Sector

Floats = npt.NDArray[np.float64]
MAKER = "competitiveness.park_exposure"
ALL = "all"


@dataclass(frozen=True, slots=True)
class Exposure:
    """Exposure of exporters x products.

    Attributes
    ----------
    yearly : ndarray, years x exporters x products
        nan where it isn't known: `reason` says why.
    first_year : ndarray, exporters x products
        First year above the threshold, 0 = never.
    exposed : ndarray, exporters x products
        "yes", "partly", "no".
    """

    yearly: Floats
    first_year: npt.NDArray[np.int64]
    exposed: npt.NDArray[np.object_]
    reason: npt.NDArray[np.object_]
    warnings: list[str]


def of_products(
    found: Result,
    years: Sequence[int],
    exporters: list[str],
    products: list[str],
    *,
    crosswalk: Crosswalk | None,
    field: Sector | None,
    unmatched: str,
) -> Exposure:
    """Give each exporter and product the exposure of its place and industries.

    Raises
    ------
    WrongOption
        A result of another member; crosswalk as well as field.
    EmptyTable
        No exporter is a place of the exposure, or no product has one of its industries.
    """
    known = _rows(found)
    rule = found.frames["rule"].iloc[0]
    weights, warnings = _weights(sorted(known["industry"].unique()), products, crosswalk, field)
    block, more = _block(known, exporters, unmatched)
    unknown_place: Any = np.isnan(block).all(axis=(0, 2))
    unknown_product: Any = np.isnan(weights).any(axis=1)
    at = np.sort(known["year"].unique())
    unknown: Any = np.isnan(block)
    with one_thread():
        every = np.nan_to_num(block) @ np.nan_to_num(weights).T
        missing: Any = unknown.any(axis=0).astype(float) @ (weights > 0).T.astype(float) > 0
    reason = np.full(missing.shape, "", dtype=object)
    reason[missing] = "the exporter has none of the industry to be exposed in"
    reason[:, unknown_product] = "no industry corresponds to the product"
    reason[unknown_place] = "the exporter isn't among the places of the exposure"
    above = every > float(rule["threshold"])
    first = np.where(above.any(axis=0), at[above.argmax(axis=0)], 0)
    most = every[-1]
    exposed = np.where(
        above.any(axis=0), "yes", np.where(most > float(rule["unexposed"]), "partly", "no")
    ).astype(object)
    step = np.searchsorted(at, np.asarray(years), side="right") - 1
    yearly = np.where((step >= 0)[:, None, None], every[np.maximum(step, 0)], 0.0)
    yearly[:, reason != ""] = np.nan
    return Exposure(yearly, first, exposed, reason, [*warnings, *more])


def _rows(found: Result) -> pd.DataFrame:
    if found.provenance is None or found.provenance.function != MAKER:
        raise WrongOption(
            "exposure= is what competitiveness.park_exposure returns",
            value=found.provenance.function if found.provenance else type(found).__name__,
        )
    rows = found.table
    return rows[(rows["year"] > 0) & (rows["industry"] != "")]


def _weights(
    industries: list[str], products: list[str], crosswalk: Crosswalk | None, field: Sector | None
) -> tuple[Floats, list[str]]:
    """Return products x industries: how much of the product is of each; nan where no industry corresponds to it."""
    if crosswalk is not None and field is not None:
        raise WrongOption(
            "which products parks are about is said twice", value="crosswalk and field", fix="leave one out"
        )
    if industries == [ALL]:
        if crosswalk is not None:
            raise WrongOption(
                "this exposure doesn't tell industries apart, so a crosswalk has nothing to lead to",
                value="crosswalk",
                fix="give park_exposure composition= or sector=; or leave the crosswalk out, or name products with field=",
            )
        share = dict.fromkeys(products, 1.0) if field is None else field.weights(products)
        if not share:
            raise EmptyTable(
                f"no product belongs to the sector {field.name if field else ''}",
                exists=products,
                fix="use the scheme of your codes",
            )
        return np.array([[share.get(product, 0.0)] for product in products]), []
    if field is not None:
        raise WrongOption(
            "this exposure tells industries apart: which products they make is said by a crosswalk",
            value=f"field={field.name}",
            fix="crosswalk= from products to these industries; or park_exposure without composition= and sector=",
        )
    if crosswalk is None:
        return _same_codes(industries, products)
    return _through(crosswalk, industries, products)


def _same_codes(industries: list[str], products: list[str]) -> tuple[Floats, list[str]]:
    shared = set(industries) & set(products)
    if not shared:
        raise MissingColumn(
            "no product has the code of an industry of the exposure",
            value="crosswalk",
            exists=industries,
            fix="give crosswalk=: which product (code) belongs to which industry",
        )
    found = np.array([[float(code == other) for other in industries] for code in products])
    lost = len(products) - len(shared)
    return found, [
        f"{lost:,} products whose codes no industry of the exposure has count as not exposed"
    ] if lost else []


def _through(crosswalk: Crosswalk, industries: list[str], products: list[str]) -> tuple[Floats, list[str]]:
    """Return each product's weights over industries, adding up to 1; industries that no park has count as not exposed."""
    columns = ["code", "industry", *(["weight"] if "weight" in crosswalk.columns else [])]
    links = crosswalk.expr.select(*columns).order_by(columns).to_pyarrow().to_pandas()
    links = links[links["industry"].notna() & links["code"].isin(products)]
    links["weight"] = links["weight"].fillna(0.0) if "weight" in links else 1.0
    links = links.groupby(["code", "industry"], as_index=False)["weight"].sum()
    total = links.groupby("code")["weight"].transform("sum")
    links = links[total > 0].assign(weight=links["weight"] / total)
    row, column = {code: k for k, code in enumerate(products)}, {code: k for k, code in enumerate(industries)}
    if not set(links["industry"]) & set(industries):
        raise TechnopoleError(
            "the crosswalk leads from the products to no industry of the exposure",
            value=", ".join(sorted(set(links["industry"]))[:3]) or "no link",
            where=crosswalk.source,
            exists=industries,
            fix="code = product as in the trade table, industry = industry as in composition= or activity= of park_exposure",
        )
    found = np.full((len(products), len(industries)), np.nan)
    found[[row[code] for code in links["code"].unique()]] = 0.0
    for link in links.to_dict("records"):
        if link["industry"] in column:
            found[row[link["code"]], column[link["industry"]]] = link["weight"]
    beyond = sorted(set(links["industry"]) - set(industries))
    linked = set(links["code"])
    lost = [code for code in products if code not in linked]
    said: list[str] = []
    if beyond:
        said.append(
            f"industries that the exposure doesn't have: {len(beyond):,}{some(beyond)}, taken as not exposed"
        )
    if lost:
        said.append(f"products without an industry in the crosswalk: {len(lost):,}{some(lost)}, left out")
    split = int(links.groupby("code").size().gt(1).sum())
    if split:
        said.append(f"products of several industries: {split:,}, with the weighted mean of their exposures")
    return found, said


def _block(known: pd.DataFrame, exporters: list[str], unmatched: str) -> tuple[Floats, list[str]]:
    """Return years x exporters x industries, nan where the exposure has no such place."""
    places = set(known["place"].unique())
    there = places & set(exporters)
    if not there:
        raise EmptyTable(
            "no exporter is a place of the exposure",
            value=", ".join(exporters[:3]),
            exists=sorted(places),
            fix="both need the same codes, letter by letter",
        )
    wide = known.pivot(index=["year", "place"], columns="industry", values="exposure").sort_index(axis=1)
    years = np.sort(known["year"].unique())
    index = pd.MultiIndex.from_product([years, exporters], names=["year", "place"])
    block = wide.reindex(index).to_numpy("float64", copy=True).reshape(len(years), len(exporters), -1)
    lost = [code for code in exporters if code not in there]
    if not lost:
        return block, []
    if unmatched == "unexposed":
        block[:, [exporters.index(code) for code in lost]] = 0.0
        return block, [
            f"exporters that aren't places of the exposure: {len(lost):,}{some(lost)}, taken as not exposed"
        ]
    return block, [
        f"exporters that aren't places of the exposure: {len(lost):,}{some(lost)}, in all totals, but not in the panel"
    ]
