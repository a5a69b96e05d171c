"""Sector: a user-defined, named, weighted set of industry, product or technology codes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from technopole.engine import Expr, sql
from technopole.errors import UnknownName, WrongOption
from technopole.tables import classification
from technopole.tables.classification import normal


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
        return self.weights([code]).get(code, 0.0)

    def weights(self, codes: Iterable[str]) -> dict[str, float]:
        """Return code -> weight for those codes that belong, at least partly."""
        rules = {normal(prefix, self.scheme): weight for prefix, weight in self.codes.items()}
        rules |= {normal(prefix, self.scheme): 0.0 for prefix in self.exclude}
        found: dict[str, float] = {}
        for code in sorted(set(codes)):
            bare = normal(code, self.scheme)
            fits = [length for length in range(len(bare), 0, -1) if bare[:length] in rules]
            if fits and rules[bare[: fits[0]]] > 0:
                found[code] = rules[bare[: fits[0]]]
        return found

    def in_scheme(self, to: str) -> Sector:
        """Return the sector in another classification, through the concordances between the two.

        A code's weight is the part of it that links into this sector; `reasons` names the chain.
        """
        from technopole.tables.conversion.sectors import in_scheme

        return in_scheme(self, to)

    def apply(self, cells: Expr) -> Expr:
        """Move the sector's share of each cell (place, industry, year, value, low, high) under the sector's name."""
        joined = self._joined(cells)
        mine, rest = _scaled(joined, joined.share), _scaled(joined, 1.0 - joined.share)
        return sql.union(mine.mutate(industry=sql.literal(self.name)), rest)

    def within(self, cells: Expr) -> Expr:
        """Keep the sector's share of each of its codes, and nothing else."""
        joined = self._joined(cells)
        return _scaled(joined, joined.share)

    def _joined(self, cells: Expr) -> Expr:
        present = cells.select("industry").distinct().to_pyarrow()["industry"].to_pylist()
        codes = sorted(code for code in present if code is not None)
        weights = self.weights(codes)
        if not weights:
            raise UnknownName(
                f"no industry code of the table belongs to the sector {self.name} ({self.scheme})",
                value=", ".join(list(self.codes)[:8]),
                exists=codes,
                fix="choose the scheme your codes are in, or define the sector yourself",
            )
        if self.name in codes:
            raise WrongOption(
                "the sector has the name of an industry of the table",
                value=self.name,
                fix="rename the sector",
            )
        rules = sql.memtable(pa.table({"code": list(weights), "share": list(weights.values())}))
        joined = cells.left_join(rules, cells.industry == rules.code).drop("code")
        return joined.mutate(share=sql.coalesce(joined.share, 0.0))


def _scaled(cells: Expr, keep: Expr) -> Expr:
    others = [name for name in cells.columns if name not in ("value", "low", "high", "share")]
    scaled = {name: cells[name] * keep for name in ("value", "low", "high")}
    return cells.filter(keep > 0).select(*others, **scaled)


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
    WrongOption
        No code at all, or a weight outside (0, 1].

    Examples
    --------
    >>> import technopole as tp
    >>> photonics = tp.sector("photonics", scheme="NAICS-2017")
    >>> photonics.weight("333314")
    1.0
    >>> tp.sector("optics", scheme="NAICS-2017", codes=["3333"], exclude=["333318"]).weight("333318")
    0.0
    """
    out = (exclude,) if isinstance(exclude, str) else tuple(exclude)
    if codes is None:
        classification.check(scheme, out)
        return _bundled(name, scheme, out)
    given = (
        dict(codes)
        if isinstance(codes, Mapping)
        else dict.fromkeys([codes] if isinstance(codes, str) else codes, 1.0)
    )
    if not given:
        raise WrongOption(
            "a sector has at least one code", value=name, fix="name codes or prefixes with codes="
        )
    for code, weight in given.items():
        if not 0 < weight <= 1:
            raise WrongOption(f"the weight of code {code} is outside (0, 1]", value=weight)
    classification.check(scheme, [*given, *out])
    return Sector(name, scheme, given, out)


def sectors() -> list[tuple[str, str]]:
    """Return the bundled sectors as (name, scheme)."""
    return sorted({(row["sector"], row["scheme"]) for row in classification.rows("sectors.csv")})


def _bundled(name: str, scheme: str, exclude: tuple[str, ...]) -> Sector:
    rows = [row for row in classification.rows("sectors.csv") if row["sector"] == name]
    if not rows:
        raise UnknownName(
            "no bundled sector", value=name, exists=sorted({n for n, _ in sectors()}), fix="or give codes="
        )
    mine = [row for row in rows if row["scheme"] == scheme]
    if not mine:
        raise UnknownName(
            f"{name} isn't bundled for this scheme",
            value=scheme,
            exists=sorted({row["scheme"] for row in rows}),
        )
    return Sector(
        name,
        scheme,
        {row["code"]: float(row["weight"]) for row in mine if float(row["weight"]) > 0},
        (*(row["code"] for row in mine if float(row["weight"]) == 0), *exclude),
        {row["code"]: row["reason"] for row in mine},
    )
