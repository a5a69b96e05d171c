"""What looks wrong with a table's codes: another classification's, lost zeros, totals beside their parts."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from technopole.errors import UnknownName
from technopole.tables.conversion.levels import WHOLE, Listed, bare, family
from technopole.tables.conversion.links import codes as codes_of
from technopole.tables.conversion.links import schemes
from technopole.tables.conversion.recognise import recognise


def refuse_unknown(links: pd.DataFrame, scheme: str, source: str) -> None:
    """Raise `UnknownName` where none of the codes is in the classification."""
    if (links["how"] != "unknown").any():
        return
    codes = sorted(set(links["code"]))
    fitting = [f"{name} ({100 * share:.0f} % of the codes)" for name, share in recognise(codes).items()][:6]
    raise UnknownName(
        f"no code of the table is in {scheme}",
        value=", ".join(codes[:6]),
        where=source,
        exists=fitting,
        fix="say which classification the codes are from"
        if fitting
        else f"give the column of {scheme} codes, with pad= if zeros were lost in front",
    )


def notes(links: pd.DataFrame, codes: Iterable[str], scheme: str) -> list[str]:
    """Say of each code how it was read, or why it is lost."""
    listed = Listed(scheme, codes_of(scheme))
    cousins = [name for name in schemes() if family(name) == family(scheme) and name != scheme]
    first = links.sort_values(["code", "weight"], kind="stable").drop_duplicates("code", keep="last")
    read = {
        str(code): _note(str(code), str(how), bool(linked), listed, cousins)
        for code, how, linked in zip(first["code"], first["how"], first["weight"] > 0, strict=True)
    }
    return [read[code] for code in codes]


def _note(code: str, how: str, linked: bool, listed: Listed, cousins: list[str]) -> str:
    if how == "unknown":
        return _unknown(code, listed, cousins)
    if not linked:
        return "no link leads on from it"
    if how == "coarser":
        return f"read as the sum of {len(listed.place(bare(code, listed.scheme)).codes):,} finer codes"
    return "read as the code above it" if how == "finer" else ""


def _unknown(code: str, listed: Listed, cousins: list[str]) -> str:
    plain = bare(code, listed.scheme)
    if "0" + plain in listed.codes:
        return f"not in {listed.scheme}; {'0' + plain} is: pad= puts back a lost zero"
    others = list(recognise([code], among=cousins))
    if others:
        return f"not in {listed.scheme}; in {', '.join(others)}"
    near = next(
        (
            found
            for size in range(len(plain) - 1, 1, -1)
            if (found := sorted(item for item in listed.codes if item.startswith(plain[:size])))
        ),
        [],
    )
    return f"not in {listed.scheme}" + (f"; near: {', '.join(near[:3])}" if near else "")


def noticed(codes: Iterable[str], scheme: str) -> tuple[str, ...]:
    """Return what looks wrong with the codes as a whole."""
    asked = sorted(set(codes))
    plain = {bare(code, scheme) for code in asked}
    return tuple(filter(None, (_other(asked, scheme), _zeros(plain, scheme), _levels(plain, scheme))))


def _other(asked: list[str], scheme: str) -> str:
    listed = Listed(scheme, codes_of(scheme))
    unknown = [code for code in asked if listed.place(bare(code, scheme)).how == "unknown"]
    if not unknown:
        return ""
    had = 1 - len(unknown) / len(asked)
    better = {name: share for name, share in recognise(asked).items() if share > had}
    shown = ", ".join(unknown[:5]) + (" ..." if len(unknown) > 5 else "")
    said = f"not in {scheme}: {len(unknown):,} of {len(asked):,} codes ({shown})"
    if not better:
        return said
    best = next(iter(better))
    return f"{said}; {best} has {100 * better[best]:.1f} % of the codes, {scheme} {100 * had:.1f} %: is the table in {best}, or in both?"


def _zeros(plain: set[str], scheme: str) -> str:
    size = WHOLE.get(family(scheme), 0) - 1
    short = sorted(code for code in plain if len(code) == size and code.isdigit())
    listed = codes_of(scheme)
    starts_with_zero = any(code.startswith("0") for code in plain)
    if len(short) < 2 or starts_with_zero or not all("0" + code in listed for code in short):
        return ""
    return f"{len(short):,} codes look as if they had lost a zero in front ({', '.join(short[:5])}); pad= puts it back"


def _levels(plain: set[str], scheme: str) -> str:
    if family(scheme) in ("IPC", "CPC"):
        return ""
    above = {code[:size] for code in plain for size in range(2, len(code))} & plain
    if not above:
        return ""
    shown = ", ".join(sorted(above)[:5])
    many = "code stands" if len(above) == 1 else "codes stand"
    return f"{len(above):,} {many} beside finer ones ({shown}): where they are totals of those, values count twice"
