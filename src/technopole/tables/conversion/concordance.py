"""Which codes of one classification are which of another, with weights, along the shortest chain of official tables."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Literal, get_args

import pandas as pd

from technopole.errors import WrongOption
from technopole.tables.conversion import links as bundled
from technopole.tables.conversion.chain import shortest
from technopole.tables.conversion.levels import Listed, bare, written
from technopole.tables.conversion.placing import placed

Rule = Literal["main", "equal"]


@dataclass(frozen=True, slots=True, eq=False)
class Concordance:
    """Links from the codes of one classification to those of another.

    Attributes
    ----------
    chain : tuple of str
        The classifications on the way, first and last included.
    weights : str
        How a code with several targets is divided: "main", "equal" or "value".
    sources : tuple of str
        Who published the table of each step.
    """

    chain: tuple[str, ...]
    weights: str
    sources: tuple[str, ...]
    _links: pd.DataFrame = field(repr=False)

    @property
    def links(self) -> pd.DataFrame:
        """One row per link: `from_code`, `to_code`, `weight`; the weights of a code add up to the part that is mapped."""
        return pd.DataFrame(
            {
                "from_code": [written(str(code), self.chain[0]) for code in self._links["a"]],
                "to_code": [written(str(code), self.chain[-1]) for code in self._links["b"]],
                "weight": self._links["weight"],
            }
        )

    @property
    def coverage(self) -> pd.DataFrame:
        """One row per code of the first classification: `code`, `targets`, `mapped` (the part that arrives)."""
        found = self.of(bundled.codes(self.chain[0]))
        parts = summed(found).reset_index()
        return parts.assign(code=[written(str(code), self.chain[0]) for code in parts["code"]])

    @property
    def text(self) -> str:
        """The chain and what becomes of the codes, in a sentence."""
        found = self.coverage
        lost, one = int((found["targets"] == 0).sum()), int((found["targets"] == 1).sum())
        return (
            f"{' -> '.join(self.chain)}: of {len(found):,} codes {one:,} go to one code, "
            f"{len(found) - one - lost:,} are split over several, {lost:,} are lost."
        )

    def of(self, codes: Iterable[str]) -> pd.DataFrame:
        """Return the links of any codes: `code`, `to_code`, `weight`, `how`.

        `how` says whether the code is in the classification (same), the sum of finer codes in equal parts (coarser), below an
        official one (finer), or unknown. A code without a link has one row with weight 0.
        """
        at = placed(codes, self.chain[0], self._links["a"].unique().tolist())
        joined = at.merge(self._links.rename(columns={"a": "at", "b": "to_code"}), on="at", how="left")
        joined["weight"] = joined["part"] * joined["weight"].fillna(0.0)
        joined["to_code"] = [written(str(code), self.chain[-1]) for code in joined["to_code"].fillna("")]
        joined = joined.sort_values(["code", "to_code", "at"], kind="stable")
        found = joined.groupby(["code", "to_code", "how"], as_index=False)["weight"].sum()
        return pd.DataFrame({name: found[name] for name in ("code", "to_code", "weight", "how")})


def summed(links: pd.DataFrame) -> pd.DataFrame:
    """Return by code how many targets it has and which part of it is mapped (exactly 1 where all of it is)."""
    parts = links["weight"].groupby(links["code"]).agg(["sum"])["sum"]
    targets = (links["weight"] > 0).groupby(links["code"]).sum()
    return pd.DataFrame({"targets": targets, "mapped": parts.mask((parts - 1.0).abs() < 1e-9, 1.0)})


def concordance(
    from_: str,
    to: str,
    *,
    weights: Rule | Mapping[str, float] = "main",
    through: Sequence[str] = (),
    digits: int | None = None,
) -> Concordance:
    """Link the codes of one classification to those of another.

        w[a, c] = sum over b of w[a, b] w[b, c]     along the chain a -> b -> c

    Parameters
    ----------
    from_, to : str
        Classifications, such as ``"HS-2007"``, ``"SITC-4"``, ``"ISIC-4"``, ``"NACE-2"``, ``"NAICS-2017"``, ``"IPC"``, ``"WIPO-35"``.
    weights : {"main", "equal"} or mapping of str to float
        How a code with several targets is divided. ``"main"``: over the targets that the publisher's own conversion table
        names, equally; where none is named, over all. ``"equal"``: over all. A mapping from target codes to values:
        in proportion to them, over the targets that ``"main"`` has.
    through : sequence of str
        Classifications the chain has to pass, in this order; none = the shortest chain.
    digits : int, optional
        Length that target codes are cut to (4 = HS headings).

    Raises
    ------
    UnknownName
        A classification that no bundled table has.
    WrongOption
        No chain leads there, or a wrong option.

    Examples
    --------
    >>> import technopole as tp
    >>> found = tp.concordance("HS-2007", "NAICS-2017")
    >>> found.chain
    ('HS-2007', 'HS-2017', 'NAICS-2017')
    >>> found.of(["901320"])[["to_code", "weight"]].values.tolist()
    [['335999', 1.0]]
    """
    rule = weights if isinstance(weights, str) else "main"
    if rule not in get_args(Rule):
        raise WrongOption(
            "no such rule for weights",
            value=weights,
            exists=get_args(Rule),
            fix="or give values of target codes",
        )
    if digits is not None and digits < 1:
        raise WrongOption("digits is the length of the target codes: 1 or more", value=digits)
    chain = shortest(from_, to, through)
    found = _composed(chain, rule)
    if not isinstance(weights, str):
        found = _by_value(found, to, weights)
    if digits is not None:
        cut = found.assign(b=[str(code)[:digits] for code in found["b"]])
        found = pd.DataFrame(cut.groupby(["a", "b"], as_index=False)["weight"].sum())
    said = tuple(
        f"{one} - {other}: {table.publisher}, {table.title}"
        for one, other in pairwise(chain)
        for table in [bundled.table_of(one, other)]
    )
    named = rule if isinstance(weights, str) else "value"
    return Concordance(chain, named, said, found)


@cache
def _composed(chain: tuple[str, ...], rule: str) -> pd.DataFrame:
    """Links `a`, `b`, `weight` along a chain."""
    if len(chain) == 1:
        codes = sorted(bundled.codes(chain[0]))
        return pd.DataFrame({"a": codes, "b": codes, "weight": 1.0})
    if len(chain) == 2:
        return _step(chain[0], chain[1], rule)
    before, step = _composed(chain[:-1], rule), _step(chain[-2], chain[-1], rule)
    at = placed(before["b"].tolist(), chain[-2], step["a"].tolist()).rename(columns={"code": "b"})
    joined = before.merge(at, on="b").merge(
        step.rename(columns={"a": "at", "b": "end", "weight": "on"}), on="at"
    )
    joined["weight"] = joined["weight"] * joined["part"] * joined["on"]
    joined = joined.sort_values(["a", "end", "b", "at"], kind="stable")
    found = joined.groupby(["a", "end"], as_index=False)["weight"].sum()
    return pd.DataFrame({"a": found["a"], "b": found["end"], "weight": found["weight"]})


@cache
def _step(a: str, b: str, rule: str) -> pd.DataFrame:
    links = bundled.read(a, b)
    if rule == "main":
        named = links.groupby("a")["main"].transform("any")
        links = links[links["main"] | ~named]
    return pd.DataFrame(
        {"a": links["a"], "b": links["b"], "weight": 1.0 / links.groupby("a")["b"].transform("size")}
    ).reset_index(drop=True)


def _by_value(found: pd.DataFrame, to: str, values: Mapping[str, float]) -> pd.DataFrame:
    """Divide the mapped part of each code in proportion to its targets' values; as it was where none of them has any."""
    for code, value in values.items():
        if not (math.isfinite(value) and value >= 0):
            raise WrongOption(
                f"the value of code {code} can't be a weight", value=value, fix="give values of 0 or more"
            )
    listed = Listed(to, found["b"])
    shares: dict[str, float] = {}
    for code, value in values.items():
        place = listed.place(bare(code, to))
        for item in place.codes:
            shares[item] = shares.get(item, 0.0) + value / len(place.codes)
    worth = found["b"].map(pd.Series(shares, dtype="float64")).fillna(0.0)
    total = worth.groupby(found["a"]).transform("sum")
    mapped = found.groupby("a")["weight"].transform("sum")
    divided = mapped * worth / total.where(total > 0, 1.0)
    weighted = found.assign(weight=found["weight"].where(total == 0, divided))
    return weighted.loc[weighted["weight"] > 0].reset_index(drop=True)
