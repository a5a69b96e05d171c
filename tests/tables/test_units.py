"""Units of published figures and exchange rates: hand-worked cases, outside rates, and what can't be read."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from technopole.errors import UnknownName, WrongOption
from technopole.tables.units import currencies, exchange_rate, parse_unit

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("text", "multiplier", "dimension", "currency", "qualifier"),
    [
        ("billion CNY", 1e9, "money", "CNY", ""),
        ("billion CNY (over)", 1e9, "money", "CNY", "over"),
        ("million USD", 1e6, "money", "USD", ""),
        ("billion eur", 1e9, "money", "EUR", ""),
        ("100 million yuan", 1e8, "money", "CNY", ""),
        ("亿元", 1e8, "money", "CNY", ""),
        ("bn US$", 1e9, "money", "USD", ""),
        ("млрд RUB", 1e9, "money", "RUB", ""),
        ("USD per year", 1.0, "money per year", "USD", ""),
        ("CNY/m2", 1.0, "money per m2", "CNY", ""),
        ("thousand persons", 1e3, "persons", "", ""),
        ("10,000 persons", 1e4, "persons", "", ""),
        ("万人", 1e4, "persons", "", ""),
        ("employees", 1.0, "persons", "", ""),
        ("firms (about)", 1.0, "firms", "", "about"),
        ("companies", 1.0, "firms", "", ""),
        ("km2", 1.0, "area", "", ""),
        ("km²", 1.0, "area", "", ""),
        ("ha", 0.01, "area", "", ""),
        ("percent", 1.0, "percent", "", ""),
        ("%", 1.0, "percent", "", ""),
        ("percent of revenue", 1.0, "percent of revenue", "", ""),
        ("million km per year", 1e6, "km per year", "", ""),
        ("satellites", 1.0, "satellites", "", ""),
    ],
)
def test_units_taken_apart(
    text: str, multiplier: float, dimension: str, currency: str, qualifier: str
) -> None:
    unit = parse_unit(text)
    assert (unit.multiplier, unit.dimension, unit.currency, unit.qualifier) == (
        multiplier,
        dimension,
        currency,
        qualifier,
    )


def test_base_names_one_unit_of_the_dimension() -> None:
    assert [
        parse_unit(text).base for text in ("billion CNY", "ha", "thousand USD per year", "firms (over)")
    ] == [
        "CNY",
        "km2",
        "USD per year",
        "firms",
    ]


def test_different_percentages_are_different_dimensions() -> None:
    assert parse_unit("percent of revenue").dimension != parse_unit("percent of GDP").dimension


@pytest.mark.parametrize(
    "text", ["", "   ", "million", "???", "billion EUR at 2010 prices", "USD per", "(about)"]
)
def test_what_cannot_be_read_is_an_error_with_examples(text: str) -> None:
    with pytest.raises(UnknownName, match="can't be read") as error:
        parse_unit(text)
    assert "billion CNY" in error.value.exists


@pytest.mark.parametrize("text", ["billion $", "million dollars", "¥"])
def test_a_sign_of_several_currencies_is_refused(text: str) -> None:
    with pytest.raises(UnknownName, match="ambiguous"):
        parse_unit(text)


@pytest.mark.parametrize(
    ("currency", "per_euro"),
    [("USD", 1.1297), ("JPY", 126.71), ("CNY", 7.6290), ("KRW", 1276.74), ("GBP", 0.87667)],
)
def test_rates_of_2017_agree_with_the_ecb(currency: str, per_euro: float) -> None:
    """European Central Bank, euro reference rates, averages of 2017: another institution, other hours of the day."""
    assert exchange_rate("EUR", currency, 2017) == pytest.approx(per_euro, rel=3e-3)


@pytest.mark.parametrize(
    ("year", "yuan", "dollars"),
    [(2012, 380.0, 60.3), (2000, 1.0, 0.1205)],
)
def test_rates_agree_with_conversions_printed_by_the_press(year: int, yuan: float, dollars: float) -> None:
    """'380 billion yuan ($60.3 billion)', 2012; '1 billion yuan (US$120.5 million)', People's Daily, October 2000."""
    rate = exchange_rate("CNY", "USD", year)
    assert rate is not None and yuan * rate == pytest.approx(dollars, rel=3e-3)


def test_worked_by_hand_and_through_the_dollar() -> None:
    assert exchange_rate("CNY", "USD", 2017) == pytest.approx(1 / 6.7569, rel=1e-12)
    assert exchange_rate("CNY", "EUR", 2017) == pytest.approx(0.8849 / 6.7569, rel=1e-12)
    assert exchange_rate("TWD", "TWD", 1900) == 1.0


def test_rates_are_consistent_both_ways() -> None:
    for currency in currencies():
        there, back = exchange_rate(currency, "EUR", 2019), exchange_rate("EUR", currency, 2019)
        assert there is not None and back is not None and there * back == pytest.approx(1, rel=1e-12)


def test_a_missing_rate_is_none_never_a_guess() -> None:
    assert exchange_rate("EUR", "USD", 1998) is None
    assert exchange_rate("CNY", "USD", 2031) is None
    assert exchange_rate("UZS", "USD", 2019) is None


def test_a_target_currency_without_rates_lists_those_there_are() -> None:
    with pytest.raises(WrongOption) as error:
        exchange_rate("CNY", "XYZ", 2017)
    assert "USD" in error.value.exists


def test_the_table_is_complete_and_plausible() -> None:
    path = ROOT / "src" / "technopole" / "data" / "rates" / "exchange_rates.csv"
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    keys = [(row["currency"], row["year"]) for row in rows]
    assert len(set(keys)) == len(keys) and keys == sorted(keys)
    assert all(float(row["per_usd"]) > 0 and "Federal Reserve" in row["source"] for row in rows)
    for currency in {"CNY", "EUR", "JPY", "TWD", "KRW", "GBP", "INR"}:
        years = sorted(int(row["year"]) for row in rows if row["currency"] == currency)
        assert years == list(range(years[0], 2026)), currency


def test_the_script_refuses_a_file_that_is_inverted(tmp_path: Path) -> None:
    wrong = tmp_path / "annual.csv"
    wrong.write_text("Date,Country,Exchange rate\n2017-01-01,China,0.148\n", encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "build_rates.py"), str(wrong)], capture_output=True, text=True
    )
    assert ran.returncode == 1 and "CNY in 2017" in ran.stderr
