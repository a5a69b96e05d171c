"""Units of published figures: what 'billion CNY' or 'thousand persons (about)' means, and what a currency was worth."""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

from technopole.errors import UnknownName, WrongOption

_MULTIPLES = MappingProxyType(
    {
        "hundred": 1e2,
        "thousand": 1e3,
        "thousands": 1e3,
        "million": 1e6,
        "millions": 1e6,
        "mn": 1e6,
        "mln": 1e6,
        "billion": 1e9,
        "billions": 1e9,
        "bn": 1e9,
        "bln": 1e9,
        "trillion": 1e12,
        "ten-thousand": 1e4,
        "万": 1e4,
        "萬": 1e4,
        "亿": 1e8,
        "億": 1e8,
        "тыс": 1e3,
        "тыс.": 1e3,
        "млн": 1e6,
        "млрд": 1e9,
        "трлн": 1e12,
    }
)
_CURRENCIES = MappingProxyType(
    {
        "yuan": "CNY",
        "rmb": "CNY",
        "renminbi": "CNY",
        "元": "CNY",
        "人民币": "CNY",
        "euro": "EUR",
        "euros": "EUR",
        "€": "EUR",
        "us$": "USD",
        "usd": "USD",
        "nt$": "TWD",
        "ntd": "TWD",
        "yen": "JPY",
        "won": "KRW",
        "£": "GBP",
    }
)
_AMBIGUOUS = MappingProxyType(
    {
        "$": "USD, AUD, CAD ...",
        "dollar": "USD, AUD, CAD ...",
        "dollars": "USD, AUD, CAD ...",
        "¥": "CNY or JPY",
    }
)
_AREAS = MappingProxyType(
    {
        "km2": 1.0,
        "sq km": 1.0,
        "square kilometres": 1.0,
        "square kilometers": 1.0,
        "平方公里": 1.0,
        "ha": 1e-2,
        "hectares": 1e-2,
        "mu": 1 / 1500,
        "亩": 1 / 1500,
        "m2": 1e-6,
        "square metres": 1e-6,
        "square meters": 1e-6,
        "平方米": 1e-6,
    }
)
_SAME = MappingProxyType(
    {
        "person": "persons",
        "people": "persons",
        "employee": "persons",
        "employees": "persons",
        "jobs": "persons",
        "人": "persons",
        "firm": "firms",
        "company": "firms",
        "companies": "firms",
        "enterprise": "firms",
        "enterprises": "firms",
        "家": "firms",
        "institution": "institutions",
        "organisation": "organisations",
        "organizations": "organisations",
        "lab": "labs",
        "laboratories": "labs",
        "patent": "patents",
        "%": "percent",
        "pct": "percent",
    }
)
_PERCENT = re.compile(r"^(?:%|pct|percent)(?:\s+(of\s.+))?$")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit taken apart: a number in it times `multiplier` is a number of `base`.

    Attributes
    ----------
    multiplier : float
    dimension : str
        Figures compare only within one dimension: "money", "area", "percent", or what is counted ("firms"), with
        its denominator ("money per year").
    currency : str
        ISO 4217 code where the dimension is money, else empty.
    qualifier : str
        What stood in brackets: "about", "over".
    """

    multiplier: float
    dimension: str
    currency: str = ""
    qualifier: str = ""

    @property
    def base(self) -> str:
        """What one unit of `dimension` is called: "USD per year", "km2", "firms"."""
        head, *per = self.dimension.split(" per ")
        name = {"money": self.currency, "area": "km2"}.get(head, head)
        return " per ".join([name, *per])


@cache
def parse_unit(text: str) -> Unit:
    """Take a unit apart.

    Multiples, currencies, areas and percent are a closed vocabulary; any other word is something that is counted and
    compares only with itself.

    Raises
    ------
    UnknownName
        It can't be read, or a sign ("$") stands for several currencies.

    Examples
    --------
    >>> from technopole.tables.units import parse_unit
    >>> parse_unit("billion CNY (over)")
    Unit(multiplier=1000000000.0, dimension='money', currency='CNY', qualifier='over')
    >>> parse_unit("ha").multiplier, parse_unit("ha").base
    (0.01, 'km2')
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    qualifier = ", ".join(re.findall(r"\(([^()]*)\)", plain))
    plain = " ".join(re.sub(r"\([^()]*\)", " ", plain).replace("per cent", "percent").split())
    head, *per = [part.strip() for part in re.split(r"\sper\s|/", plain)]
    multiplier, rest = _multiple(head)
    if not any(letter.isalpha() or letter in "%$€£¥" for letter in rest) or not all(per):
        raise _unreadable(text)
    suffix = "".join(f" per {_SAME.get(word.lower(), word.lower())}" for word in per)
    dimension, factor, currency = _dimension(rest, text)
    return Unit(multiplier * factor, dimension + suffix, currency, qualifier)


def _multiple(head: str) -> tuple[float, str]:
    """Take leading multiples and numbers off: '100 million yuan' -> 1e8, 'yuan'; '万人' -> 1e4, '人'."""
    words = re.sub(r"([万萬亿億])(?=\S)", r"\1 ", head).split()
    multiplier = 1.0
    while words:
        word = words[0].lower().replace(",", "")
        if word in _MULTIPLES:
            multiplier *= _MULTIPLES[word]
        elif word.isascii() and word.isdigit() and int(word) > 0:
            multiplier *= int(word)
        else:
            break
        words.pop(0)
    return multiplier, " ".join(words)


def _dimension(rest: str, text: str) -> tuple[str, float, str]:
    """Return dimension, factor to its base and currency of what is left without the multiple."""
    lower = rest.lower()
    first, *more = rest.split()
    if first.lower() in _AMBIGUOUS:
        raise UnknownName(
            f"the unit {text!r} is ambiguous: {first!r} is {_AMBIGUOUS[first.lower()]}",
            value=text,
            fix="write the currency's three letters: 'billion USD'",
        )
    if lower in _AREAS:
        return "area", _AREAS[lower], ""
    if share := _PERCENT.match(lower):
        return ("percent " + (share.group(1) or "")).strip(), 1.0, ""
    code = _CURRENCIES.get(first.lower(), first.upper())
    if code in currencies() or re.fullmatch(r"[A-Z]{3}", rest):
        if more:  # "USD at 2010 prices" isn't the money of its year
            raise _unreadable(text)
        return "money", 1.0, code
    return _SAME.get(lower, lower), 1.0, ""


def _unreadable(text: str) -> UnknownName:
    return UnknownName(
        "this unit can't be read",
        value=text,
        exists=(
            "billion CNY",
            "million EUR",
            "thousand persons",
            "km2",
            "ha",
            "percent",
            "firms",
            "firms (about)",
        ),
        fix="write a multiple and a currency code, an area, percent, or what is counted",
    )


@cache
def _rates() -> dict[tuple[str, int], float]:
    path = resources.files("technopole") / "data" / "rates" / "exchange_rates.csv"
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    return {(row["currency"], int(row["year"])): float(row["per_usd"]) for row in rows}


@cache
def currencies() -> tuple[str, ...]:
    """Return the codes of the currencies there are rates for."""
    return tuple(sorted({"USD"} | {currency for currency, _ in _rates()}))


def exchange_rate(currency: str, to: str, year: int) -> float | None:
    """Return how many `to` one `currency` was worth on average in `year`; None where no rate is known.

    US Federal Reserve annual averages; two other currencies go through the dollar.

    Raises
    ------
    WrongOption
        There are no rates at all for `to`.

    Examples
    --------
    >>> from technopole.tables.units import exchange_rate
    >>> round(exchange_rate("CNY", "USD", 2017), 6)
    0.147997
    >>> exchange_rate("CNY", "USD", 1950) is None
    True
    """
    if to not in currencies():
        raise WrongOption("no exchange rates for this currency", value=to, exists=currencies())
    if currency == to:
        return 1.0
    have, want = (1.0 if code == "USD" else _rates().get((code, year)) for code in (currency, to))
    return want / have if have and want else None
