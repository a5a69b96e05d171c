"""Products of exporters, year by year, with the year in which a park came near: for `tp.effects` and `tp.parks.evaluation`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from technopole.competitiveness._product_cells import Cells, Floats, Prices, cells, unit_values
from technopole.competitiveness._product_exposure import Exposure, of_products
from technopole.errors import EmptyTable, WrongOption
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Activity, Crosswalk, Patents, Sector, Trade

Outcome = Literal[
    "log_exports", "log_rca", "log_market_share", "log_unit_value", "log_relative_price", "symmetric_rca", "market_share", "asinh_exports",
    "exported", "advantage",
]  # fmt: skip
Covariate = Literal["density", "log_exporter_total", "log_product_total"]
PRICES = ("log_unit_value", "log_relative_price")
RELATIVE = ("log_rca", "symmetric_rca", "advantage", "log_market_share", "market_share")
OUTCOMES = {
    "log_exports": Field("logarithm of exports; none where there are none", "log points", 4),
    "log_rca": Field("logarithm of Balassa's index; none where there are no exports", "log points", 4),
    "log_market_share": Field("logarithm of the share of the world's exports of the product; none where there are none", "log points", 4),
    "log_unit_value": Field("logarithm of value per quantity; none where there are no exports", "log points", 4),
    "log_relative_price": Field("logarithm of value per quantity in terms of the median of other exporters", "log points", 4),
    "symmetric_rca": Field("(RCA - 1) / (RCA + 1); -1 where there are no exports", "", 4),
    "market_share": Field("share of the world's exports of the product", "per cent", 4),
    "asinh_exports": Field("inverse hyperbolic sine of exports; its size hangs on the unit of exports", "", 4),
    "exported": Field("1 = there are exports", "", 0),
    "advantage": Field("1 = RCA at the threshold or above", "", 0),
}  # fmt: skip
COVARIATES = {
    "density": Field("relatedness density of the product to what the exporter has an advantage in, itself left out", "", 4),
    "log_exporter_total": Field("logarithm of all exports of the exporter", "log points", 4),
    "log_product_total": Field("logarithm of the world's exports of the product", "log points", 4),
}  # fmt: skip
FIELDS = {
    "firm": Field("unit: exporter|product"),
    "year": Field("year"),
    "entered": Field("first year of exposure above the threshold; 0 = never"),
    "exporter": Field("exporter"),
    "product": Field("product"),
    "exposure": Field("exposure to parks that year", "parks", 4),
    **OUTCOMES,
    **COVARIATES,
    "group": Field("exposed in some year, or never (the comparison)"),
    "units": Field("units (exporter x product)", "units"),
    "change": Field(
        "mean of the first outcome, less that of the last year before any exposure", "unit of the outcome", 4
    ),
    "step": Field("read, dropped or used"),
    "observations": Field("rows (unit-years)", "rows"),
    "reason": Field("why rows were dropped"),
    "outcome": Field("outcome variable"),
    "known": Field("rows in which the outcome has a value", "rows"),
    "none": Field("rows without exports, in which a logarithm has no value", "rows"),
    "unknown": Field("rows in which nothing is known", "rows"),
}


@member
def product_panel(
    trade: Trade | Activity | Patents,
    *,
    exposure: Result,
    crosswalk: Crosswalk | None = None,
    field: Sector | None = None,
    outcomes: Sequence[Outcome] = ("log_market_share", "log_rca", "log_exports", "exported"),
    covariates: Sequence[Covariate] = (),
    comparison: Literal["other_exporters", "all"] = "other_exporters",
    partly: Literal["drop", "keep"] = "drop",
    unmatched: Literal["drop", "unexposed"] = "drop",
    absent: Literal["zero", "missing"] = "zero",
    reference: Trade | Activity | Patents | None = None,
    value: str | None = None,
    exporters: Sequence[str] | None = None,
    products: Sector | Sequence[str] | None = None,
    threshold: float = 1.0,
) -> Result:
    """A panel of products: how competitive each exporter's product is, year by year, and since when it is exposed to a park.

        exposure[c, p, t] = sum over industries i of w[p, i] exposure[c, i, t], with sum over i of w[p, i] = 1
        entered[c, p] = first t with exposure[c, p, t] > the exposure's threshold
        RCA[c, p, t] = (x[c, p] / X[c]) / (X[p] / X); share = x[c, p] / X[p]; unit value = x[c, p] / quantity[c, p]

    The table is a firms table whose unit is exporter|product: it goes straight into `effects.*` and `parks.evaluation`. Logarithms have no
    value where there are no exports, and such rows say nothing of that outcome; `exported`, `symmetric_rca` and `market_share` have one
    everywhere. RCA and market shares are relative: when exposed products gain, others lose by construction, first the exporter's own others;
    so comparisons are other exporters' products.

    Parameters
    ----------
    trade : Trade, Activity or Patents
        Exports of places by product and year; or their activity by industry, or their patents by technology.
    exposure : Result
        What `park_exposure` returned, for places with the codes of the exporters.
    crosswalk : Crosswalk, optional
        Product (code) -> industry of the exposure, with weights; none = products have the industries' codes.
    field : Sector, optional
        The products parks are about, where the exposure doesn't tell industries apart.
    outcomes : sequence of str
        log_exports, log_rca, log_market_share, log_unit_value, log_relative_price (in terms of the median of others), symmetric_rca,
        market_share, asinh_exports (depends on the unit of exports), exported, advantage.
    covariates : sequence of str
        density (of `relatedness_density`, the product itself left out), log_exporter_total, log_product_total: values before exposure are to
        be held equal.
    comparison : {"other_exporters", "all"}
        Whether unexposed products of exporters that have exposed ones are left out, or compared with too.
    partly : {"drop", "keep"}
        Whether units exposed a little are left out, or count as not exposed.
    unmatched : {"drop", "unexposed"}
        Whether exporters that aren't places of the exposure are left out, or count as not exposed.
    absent : {"zero", "missing"}
        What a missing row means, in a year in which both the exporter and the product occur.
    reference : Trade, Activity or Patents, optional
        The world's totals, where `trade` has one country's places only.
    value : str, optional
        Column of an activity or patents table that is counted; none = its first.
    exporters, products : sequence of str, optional
        Units to make; totals always are of all.
    threshold : float
        RCA from which on there is an advantage.

    Returns
    -------
    Result
        firm (exporter|product), year, entered (0 = never), exporter, product, exposure, the outcomes, the covariates. Further tables: `paths`
        (group, year, units, the mean of each outcome, change of the first since the last year before any exposure), `zeros` (outcome, known, none, unknown), `sample` (step, units, observations, reason).

    Raises
    ------
    WrongOption
        An outcome or covariate that doesn't exist, or too many cells; crosswalk or field where the exposure has no use for them.
    EmptyTable
        No exporter is a place of the exposure; nothing is left.
    MissingColumn
        No quantities where a unit value is asked for; no crosswalk where products and industries have no code in common.
    TechnopoleError
        The crosswalk leads to no industry of the exposure.

    References
    ----------
    Balassa, B. (1965). Trade liberalisation and "revealed" comparative advantage. Manchester School 33(2), 99-123.
    Borusyak, K., Hull, P. & Jaravel, X. (2022). Quasi-experimental shift-share research designs. Review of Economic Studies 89(1), 181-213.
    Chen, J. & Roth, J. (2024). Logs with zeros? Some problems and solutions. Quarterly Journal of Economics 139(2), 891-936.

    Examples
    --------
    >>> import technopole as tp
    >>> world = tp.simulate_trade("parks_raise", seed=1)
    >>> near = {"places": world.places, "composition": world.composition, "date": "opened"}
    >>> exposure = tp.competitiveness.park_exposure(world.parks, decay_km=20, **near)
    >>> panel = tp.competitiveness.product_panel(world.trade, exposure=exposure, crosswalk=world.crosswalk)
    >>> found = tp.effects.group_time_effects(panel, outcome="log_rca", cluster="exporter")
    >>> round(found.low, 2), round(found.high, 2), round(world.true(outcome="log_rca"), 2)
    (0.08, 0.21, 0.17)
    """
    _check(outcomes, covariates)
    block = cells(
        trade, value=value, reference=reference, exporters=exporters, products=products, absent=absent, threshold=threshold,
        density="density" in covariates,
    )  # fmt: skip
    if len(block.years) < 2:
        raise WrongOption(
            "a panel takes years before and after exposure, and the table has one",
            value="no year" if list(block.years) == [0] else int(block.years[0]),
            where=trade.source,
            fix="give a table of several years, with its column of years (--column year=...)",
        )
    near = of_products(
        exposure,
        block.years,
        block.exporters,
        block.products,
        crosswalk=crosswalk,
        field=field,
        unmatched=unmatched,
    )
    price, said = unit_values(trade, block) if set(outcomes) & set(PRICES) else (None, [])
    values = {name: _outcome(name, block, price, threshold) for name in outcomes}
    values |= {name: _covariate(name, block) for name in covariates}
    table, sample = _kept(_long(block, near, values), near, block, outcomes, comparison, partly)
    zeros = _zeros(table, outcomes)
    shown, base = outcomes[0], _base(table)
    return Result.of(
        table.drop(columns=["exports", "total", "world"]),
        text=_text(table),
        fields=FIELDS,
        chart=Chart(
            "trend", {"value": "change", "series": "group", "axis": f"{shown}, since {base}"}, of="paths"
        ),
        warnings=[
            *trade.warnings,
            *exposure.warnings,
            *near.warnings,
            *said,
            *_warnings(table, block, outcomes, zeros),
        ],
        paths=_paths(table, outcomes, base),
        zeros=zeros,
        sample=sample,
    )


def _check(outcomes: Sequence[str], covariates: Sequence[str]) -> None:
    for what, given, exists in (("outcome", outcomes, OUTCOMES), ("covariate", covariates, COVARIATES)):
        for name in given:
            if name not in exists:
                raise WrongOption(f"no such {what} of products", value=name, exists=exists)
        if len(set(given)) < len(given):
            raise WrongOption(
                f"an {what} is named twice" if what == "outcome" else "a covariate is named twice",
                value=", ".join(given),
            )
    if not outcomes:
        raise WrongOption("a panel needs an outcome", exists=OUTCOMES)


def _log(values: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(values > 0, np.log(values), np.nan)


def _outcome(name: str, block: Cells, price: Prices | None, threshold: float) -> Floats:
    if price is not None and name in PRICES:
        return _log(price.unit_value if name == "log_unit_value" else price.relative)
    known = np.isfinite(block.exports)
    return {
        "log_exports": lambda: _log(block.exports),
        "log_rca": lambda: _log(block.advantage),
        "log_market_share": lambda: _log(block.share),
        "symmetric_rca": lambda: (block.advantage - 1) / (block.advantage + 1),
        "market_share": lambda: 100 * block.share,
        "asinh_exports": lambda: np.arcsinh(block.exports),
        "exported": lambda: np.where(known, block.exports > 0, np.nan),
        "advantage": lambda: np.where(np.isfinite(block.advantage), block.advantage >= threshold, np.nan),
    }[name]()


def _covariate(name: str, block: Cells) -> Floats:
    if name == "density":
        return np.full(block.exports.shape, np.nan) if block.density is None else block.density
    total = block.of_exporter[:, :, None] if name == "log_exporter_total" else block.of_product[:, None, :]
    return np.broadcast_to(_log(total), block.exports.shape)


def _long(block: Cells, near: Exposure, values: dict[str, Floats]) -> pd.DataFrame:
    """Return one row per exporter, product and year, sorted by unit."""
    shape = block.exports.shape
    t, c, p = (np.moveaxis(np.asarray(part), 0, -1).ravel() for part in np.indices(shape))

    def column(part: Floats) -> Floats:
        return np.moveaxis(part, 0, -1).ravel()

    def of_unit(part: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        return part[c, p]

    names = np.array(
        [[f"{one}|{other}" for other in block.products] for one in block.exporters], dtype=object
    )
    table = pd.DataFrame(
        {
            "firm": pd.Series(of_unit(names), dtype="str"),
            "year": np.array(block.years)[t],
            "entered": of_unit(near.first_year),
            "exporter": pd.Series(np.array(block.exporters, dtype=object)[c], dtype="str"),
            "product": pd.Series(np.array(block.products, dtype=object)[p], dtype="str"),
            "exposure": column(near.yearly),
            **{name: column(part) for name, part in values.items()},
            "exports": column(block.exports),
            "total": block.of_exporter[t, c],
            "world": block.of_product[t, p],
            "exposed": of_unit(near.exposed),
            "why": of_unit(near.reason),
        }
    )
    return table.sort_values(["firm", "year"], ignore_index=True)


def _kept(
    table: pd.DataFrame, near: Exposure, block: Cells, outcomes: Sequence[str], comparison: str, partly: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows that can be compared, and what was dropped on the way."""
    steps = [{"step": "read", "units": table["firm"].nunique(), "observations": len(table), "reason": ""}]

    def keep(rows: pd.Series, step: str, reason: str) -> None:
        nonlocal table
        if rows.all():
            return
        table = table[rows].reset_index(drop=True)
        steps.append(
            {"step": step, "units": table["firm"].nunique(), "observations": len(table), "reason": reason}
        )
        if table.empty:
            raise EmptyTable(f"no product of an exporter is left: the last were {reason}")

    for why in sorted(set(near.reason.ravel()) - {""}):
        keep(table["why"] != why, "exposure known", f"left out as {why}")
    keep(table[list(outcomes)].notna().any(axis=1), "outcome known", "years in which no outcome has a value")
    if partly == "drop":
        keep(table["exposed"] != "partly", "exposed or not", "exposed a little, so on neither side")
    table["entered"] = table["entered"].where(table["exposed"] == "yes", 0)
    if comparison == "other_exporters":
        last = max(block.years)
        touched = set(table.loc[(table["entered"] > 0) & (table["entered"] <= last), "exporter"])
        own = (table["entered"] == 0) & table["exporter"].isin(touched)
        keep(
            ~own,
            "of other exporters",
            "unexposed products of exporters with exposed ones, which lose in relative terms by construction",
        )
    return table.drop(columns=["why", "exposed"]), pd.DataFrame(steps)


def _zeros(table: pd.DataFrame, outcomes: Sequence[str]) -> pd.DataFrame:
    unknown, none = table["exports"].isna(), table["exports"] == 0
    return pd.DataFrame(
        [
            {
                "outcome": name,
                "known": int(table[name].notna().sum()),
                "none": int((table[name].isna() & none).sum()),
                "unknown": int((table[name].isna() & unknown).sum()),
            }
            for name in outcomes
        ]
    )


def _groups(table: pd.DataFrame) -> pd.Series:
    last = int(table["year"].max())
    return pd.Series(
        np.where(table["entered"].between(1, last), "exposed in some year", "never exposed"), table.index
    )


def _base(table: pd.DataFrame) -> int:
    """The last year of the panel before any product is exposed; its first year, where that is none of it."""
    years, entered = table["year"], table.loc[table["entered"] > 0, "entered"]
    before = years[years < entered.min()] if len(entered) else years
    return int(before.max()) if len(before) else int(years.min())


def _paths(table: pd.DataFrame, outcomes: Sequence[str], base: int) -> pd.DataFrame:
    parts = table.assign(group=_groups(table)).groupby(["group", "year"])
    means = parts[list(outcomes)].mean()
    found = pd.concat([parts["firm"].nunique().rename("units"), means], axis=1).reset_index()
    at = found[found["year"] == base].set_index("group")[outcomes[0]]
    return found.assign(change=found[outcomes[0]] - found["group"].map(at))


def _warnings(table: pd.DataFrame, block: Cells, outcomes: Sequence[str], zeros: pd.DataFrame) -> list[str]:
    said: list[str] = []
    lost = zeros[(zeros["none"] > 0) & zeros["outcome"].str.startswith("log_")]
    if len(lost):
        most = lost.sort_values("none", kind="stable").iloc[-1]
        share = 100 * int(most["none"]) / len(table)
        said.append(
            f"no exports in {int(most['none']):,} of {len(table):,} rows ({share:.3g} %): logarithms have no value there, and an effect on them is "
            "one on exports that there are; whether there are any is the outcome exported"
        )
    if block.withheld:
        said.append(
            f"{block.withheld:,} withheld values are in no outcome; in totals they count with the middle of their bounds"
        )
    if "asinh_exports" in outcomes:
        said.append(
            "the effect on asinh_exports depends on the unit of exports where there are zeros (Chen and Roth 2024): don't read it in per cent"
        )
    exposed = table[table["entered"] > 0]
    if exposed["exports"].sum() > 0 and set(outcomes) & set(RELATIVE):
        sums = exposed.groupby(["exporter", "year"]).agg(own=("exports", "sum"), total=("total", "first"))
        share = float((sums["own"] / sums["total"]).mean())
        said.append(
            f"exposed products are {100 * share:.3g} % of the exports of their exporters: if all of them rise by 10 %, their RCA rises by about "
            f"{10 * (1 - share):.2g} % only, as RCA is relative to the exporter's total"
        )
        markets = exposed.groupby(["product", "year"]).agg(own=("exports", "sum"), world=("world", "first"))
        taken = float(markets["own"].sum() / markets["world"].sum())
        said.append(
            f"exposed products are {100 * taken:.3g} % of the world's exports of the same products: if all of them rise by 10 %, market shares and "
            f"RCA of those they are compared with fall by up to about {10 * taken:.2g} %, which the effect counts too"
        )
    return said


def _of(units: pd.DataFrame) -> str:
    products, exporters = len(units), units["exporter"].nunique()
    return f"{products:,} product{'' if products == 1 else 's'} of {exporters:,} exporter{'' if exporters == 1 else 's'}"


def _text(table: pd.DataFrame) -> str:
    group = _groups(table)
    units = table.drop_duplicates("firm")
    own = units[group[units.index] == "exposed in some year"]
    other = units[group[units.index] != "exposed in some year"]
    within = f"within {table['year'].min()} to {table['year'].max()}"
    said = f"{_of(own)} {'is' if len(own) == 1 else 'are'} exposed to parks {within}"
    said += f", {_of(other)} {'is' if len(other) == 1 else 'are'} not and {'is' if len(other) == 1 else 'are'} what they are compared with."
    return said + " This is the table to estimate from; it says nothing yet of what parks did."
