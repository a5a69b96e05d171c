"""Sector: a user-defined, named, weighted set of industry, product or technology codes."""

from __future__ import annotations

import csv
import difflib
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from technopole.engine import Expr, sql
from technopole.errors import UnknownName, WrongOption


@dataclass(frozen=True, slots=True)
class Sector:
    """A named set of codes.

    Attributes
    ----------
    name, scheme : str
        For example ``"photonics"``, ``"NAICS-2017"``.
    codes : mapping of str to float
        Code prefix -> weight in (0, 1]: the share of the code's activity that counts. The longest prefix that fits
        a code decides.
    exclude : tuple of str
        Prefixes left out although a shorter prefix takes them in.
    reasons : mapping of str to str
        Why each code is in.
    """

    name: str
    scheme: str
    codes: Mapping[str, float]
    exclude: tuple[str, ...] = ()
    reasons: Mapping[str, str] | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of what the sector is."""
        said = repr((self.name, self.scheme, sorted(self.codes.items()), sorted(self.exclude)))
        return hashlib.sha256(said.encode()).hexdigest()

    def weight(self, code: str) -> float:
        """Return the share of `code` that belongs to the sector (0 = none)."""
        bare = normal(code)
        rules = {normal(prefix): weight for prefix, weight in self.codes.items()}
        rules |= {normal(prefix): 0.0 for prefix in self.exclude}
        fits = [prefix for prefix in rules if bare.startswith(prefix)]
        return rules[max(fits, key=len)] if fits else 0.0

    def weights(self, codes: Iterable[str]) -> dict[str, float]:
        """Return code -> weight for those codes that belong, at least partly."""
        found = {code: self.weight(code) for code in sorted(set(codes))}
        return {code: weight for code, weight in found.items() if weight > 0}

    def apply(self, cells: Expr) -> Expr:
        """Move the sector's share of each cell (place, industry, year, value, low, high) under the sector's name."""
        present = cells.select("industry").distinct().to_pyarrow()["industry"].to_pylist()
        weights = self.weights(code for code in present if code is not None)
        if not weights:
            raise UnknownName(
                f"no industry code of the table belongs to the sector {self.name} ({self.scheme})",
                value=", ".join(list(self.codes)[:8]),
                exists=sorted(code for code in present if code is not None),
                fix="choose the scheme your codes are in, or define the sector yourself",
            )
        if self.name in present:
            raise WrongOption(
                "the sector has the name of an industry of the table",
                value=self.name,
                fix="rename the sector",
            )
        rules = sql.memtable([{"code": code, "share": weight} for code, weight in weights.items()])
        joined = cells.left_join(rules, cells.industry == rules.code).drop("code")
        share = sql.coalesce(joined.share, 0.0)
        parts = [
            joined.filter(keep > 0).select(
                "place",
                "year",
                industry=name,
                **{column: joined[column] * keep for column in ("value", "low", "high")},
            )
            for name, keep in ((sql.literal(self.name), share), (joined.industry, 1.0 - share))
        ]
        return sql.union(*parts).select("place", "industry", "year", "value", "low", "high")


def sector(
    name: str,
    *,
    scheme: str,
    codes: Mapping[str, float] | Iterable[str] | None = None,
    exclude: Iterable[str] = (),
) -> Sector:
    """Name a sector: a bundled one, or your own codes.

    Parameters
    ----------
    name : str
        A bundled sector's name, or the name for yours.
    scheme : str
        Classification of the codes, such as ``"NAICS-2017"``, ``"NACE-2"``, ``"ISIC-4"``, ``"HS-2017"``, ``"IPC"``.
    codes : mapping of str to float, or iterable of str, optional
        Your codes or prefixes (weight 1 each, or a weight in (0, 1]); left out = the bundled sector of this name.
    exclude : iterable of str
        Prefixes to leave out.

    Raises
    ------
    UnknownName
        An unknown bundled sector, scheme or code; near ones are listed.

    Examples
    --------
    >>> import technopole as tp
    >>> photonics = tp.sector("photonics", scheme="NAICS-2017")
    >>> photonics.weight("333314")
    1.0
    >>> tp.sector("optics", scheme="NAICS-2017", codes=["3333"], exclude=["333318"]).weight("333318")
    0.0
    """
    if codes is None:
        return _bundled(name, scheme, tuple(exclude))
    given = dict(codes) if isinstance(codes, Mapping) else dict.fromkeys(codes, 1.0)
    for code, weight in given.items():
        if not 0 < weight <= 1:
            raise WrongOption(f"the weight of code {code} is outside (0, 1]", value=weight)
    _check_codes(scheme, [*given, *exclude])
    return Sector(name, scheme, given, tuple(exclude))


def sectors() -> list[tuple[str, str]]:
    """Return the bundled sectors as (name, scheme)."""
    return sorted({(row["sector"], row["scheme"]) for row in _rows("sectors.csv")})


def normal(code: str) -> str:
    """Return a code without dots, spaces and case, so that 26.70Z and 2670z are one."""
    return "".join(character for character in code if character.isalnum()).upper()


def _bundled(name: str, scheme: str, exclude: tuple[str, ...]) -> Sector:
    rows = [row for row in _rows("sectors.csv") if row["sector"] == name]
    if not rows:
        raise UnknownName(
            "no bundled sector", value=name, exists=sorted({n for n, _ in sectors()}), fix="or give codes="
        )
    mine = [row for row in rows if row["scheme"] == scheme]
    if not mine:
        raise UnknownName(
            f"{name} isn't bundled for this scheme", value=scheme, exists=sorted({r["scheme"] for r in rows})
        )
    return Sector(
        name,
        scheme,
        {row["code"]: float(row["weight"]) for row in mine if float(row["weight"]) > 0},
        (*(row["code"] for row in mine if float(row["weight"]) == 0), *exclude),
        {row["code"]: row["reason"] for row in mine},
    )


def _check_codes(scheme: str, codes: Iterable[str]) -> None:
    known = [row["code"] for row in _rows("codes.csv") if row["scheme"] == scheme]
    if not known:
        return
    bare = {normal(code): code for code in known}
    for code in codes:
        if not any(item.startswith(normal(code)) for item in bare):
            near = difflib.get_close_matches(normal(code), bare, n=5, cutoff=0.5)
            raise UnknownName(
                f"{scheme} has no code",
                value=code,
                exists=[bare[item] for item in near],
                fix="near codes are listed",
            )


@cache
def _rows(file: str) -> tuple[dict[str, str], ...]:
    path = resources.files("technopole") / "data" / "classifications" / file
    return tuple(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
