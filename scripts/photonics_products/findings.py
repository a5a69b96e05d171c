"""Everything the page says, computed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

import technopole as tp
from photonics_products.data import (
    EXPORTS,
    NAMES,
    TAIWAN,
    YEARS,
    chapters,
    headings,
    optics,
    photonics,
    populous,
)
from technopole.result import Result
from technopole.tables import Trade

SHOWN = sorted(NAMES.values())


@dataclass(frozen=True, slots=True)
class Findings:
    """The results behind the page; `together` is the change with fibres and lenses as one product."""

    trade: Trade
    advantage: Result
    optical: Result
    by_heading: Result
    shares: Result
    optical_shares: Result
    change: Result
    together: Result
    complexity: Result
    china: Result
    germany: Result
    chapters: Result


def findings(folder: Path) -> Findings:
    """Compute all of them."""
    room = tp.competitiveness
    trade = headings(folder)
    whole, narrow = photonics(), optics()
    last = YEARS[-1]
    there = trade.expr.filter(trade.expr.year == last).select("exporter").distinct().to_pyarrow()
    taking_part = sorted(populous(folder) & set(there["exporter"].to_pylist()))

    def space(place: str) -> Result:
        return room.product_space(
            trade, place=place, year=last, exporters=taking_part, minimum_total=EXPORTS, highlight=whole
        )

    def change(table: Trade) -> Result:
        return room.constant_market_share(table, exporter="China", from_=YEARS[1], to=last, products=narrow)

    return Findings(
        trade=trade,
        advantage=room.revealed_comparative_advantage(trade, sector=whole, exporters=SHOWN),
        optical=room.revealed_comparative_advantage(trade, sector=narrow, exporters=SHOWN),
        by_heading=room.revealed_comparative_advantage(trade, products=whole, exporters=SHOWN),
        shares=room.market_share(trade, sector=whole, exporters=SHOWN),
        optical_shares=room.market_share(trade, sector=narrow, exporters=SHOWN),
        change=change(trade),
        together=change(_together(trade)),
        complexity=room.economic_complexity(trade, year=last, exporters=taking_part, minimum_total=EXPORTS),
        china=space("China"),
        germany=space("Germany"),
        chapters=room.revealed_comparative_advantage(
            chapters(), products=["85", "90"], exporters=sorted([*SHOWN, TAIWAN])
        ),
    )


def _together(trade: Trade) -> Trade:
    """Headings 9001, which no country has before 2017, and 9002 as one."""
    rows: pd.DataFrame = trade.to_pandas()
    rows["product"] = rows["product"].replace({"9001": "9002"})
    whole = rows.groupby(["exporter", "product", "year"], as_index=False)["value"].sum()
    return tp.read_trade(whole)
