"""Build src/technopole/data/rates/exchange_rates.csv: units of a currency per US dollar, annual averages.

    python scripts/build_rates.py ANNUAL.csv [MONTHLY.csv]

The inputs are the US Federal Reserve's averages as published on FRED (https://fred.stlouisfed.org, series AEX*US and
EXUSUK, public domain), tabulated as Date, Country, Exchange rate by https://github.com/datasets/exchange-rates
(there the euro, the pound and the Australian and New Zealand dollars are already turned to units per US dollar).
The pound has no annual file there: its year is the mean of the twelve monthly averages, and said to be.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from pathlib import Path

from technopole.writing import write_text

TARGET = Path(__file__).resolve().parents[1] / "src" / "technopole" / "data" / "rates" / "exchange_rates.csv"
# Venezuela is left out: three redenominations make its series useless without a chain of factors.
CURRENCIES = {
    "Australia": ("AUD", "AEXUSAL"),
    "Brazil": ("BRL", "AEXBZUS"),
    "Canada": ("CAD", "AEXCAUS"),
    "China": ("CNY", "AEXCHUS"),
    "Denmark": ("DKK", "AEXDNUS"),
    "Euro": ("EUR", "AEXUSEU"),
    "Hong Kong": ("HKD", "AEXHKUS"),
    "India": ("INR", "AEXINUS"),
    "Japan": ("JPY", "AEXJPUS"),
    "Malaysia": ("MYR", "AEXMAUS"),
    "Mexico": ("MXN", "AEXMXUS"),
    "New Zealand": ("NZD", "AEXUSNZ"),
    "Norway": ("NOK", "AEXNOUS"),
    "Singapore": ("SGD", "AEXSIUS"),
    "South Africa": ("ZAR", "AEXSFUS"),
    "South Korea": ("KRW", "AEXKOUS"),
    "Sweden": ("SEK", "AEXSDUS"),
    "Switzerland": ("CHF", "AEXSZUS"),
    "Taiwan": ("TWD", "AEXTAUS"),
    "Thailand": ("THB", "AEXTHUS"),
}
MONTHLY = {"United Kingdom": ("GBP", "EXUSUK")}
# Federal Reserve, G.5A annual averages: what a wrongly inverted or shifted file would miss.
KNOWN_2017 = {"CNY": 6.7569, "TWD": 30.4016, "JPY": 112.0986, "EUR": 0.8849}


def annual(path: Path) -> list[tuple[str, int, str, str]]:
    """Return currency, year, rate and source of each annual average."""
    rows: list[tuple[str, int, str, str]] = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            known = CURRENCIES.get(row["Country"])
            if known and row["Exchange rate"]:
                code, series = known
                rows.append(
                    (code, int(row["Date"][:4]), row["Exchange rate"], f"Federal Reserve (FRED {series})")
                )
    return rows


def from_months(path: Path) -> list[tuple[str, int, str, str]]:
    """Return the mean of the twelve monthly averages of each complete year."""
    months: dict[tuple[str, int], list[float]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["Country"] in MONTHLY and row["Exchange rate"]:
                months[row["Country"], int(row["Date"][:4])].append(float(row["Exchange rate"]))
    return [
        (
            MONTHLY[country][0],
            year,
            f"{sum(rates) / 12:.4f}",
            f"Federal Reserve (FRED {MONTHLY[country][1]}), mean of 12 monthly averages",
        )
        for (country, year), rates in months.items()
        if len(rates) == 12
    ]


def main(arguments: list[str]) -> None:
    """Write the table, or say what is wrong with the input."""
    if len(arguments) not in (1, 2):
        sys.exit(__doc__)
    rows = annual(Path(arguments[0])) + (from_months(Path(arguments[1])) if len(arguments) == 2 else [])
    in_2017 = {code: float(rate) for code, year, rate, _ in rows if year == 2017}
    for code, rate in KNOWN_2017.items():
        if abs(in_2017.get(code, 0.0) - rate) > 1e-9:
            sys.exit(f"{code} in 2017 is {in_2017.get(code)}, not {rate} per USD: is this the annual file?")
    lines = [f"{code},{year},{float(rate):.4f},{quoted(source)}" for code, year, rate, source in sorted(rows)]
    write_text(TARGET, "\n".join(["currency,year,per_usd,source", *lines]) + "\n")
    print(f"{len(lines)} rates of {len({row[0] for row in rows})} currencies -> {TARGET}")


def quoted(text: str) -> str:
    """Quote a CSV field that holds a comma."""
    return f'"{text}"' if "," in text else text


if __name__ == "__main__":
    main(sys.argv[1:])
