"""Cells that calamine gives as empty though they aren't: errors such as #DIV/0!, and formulas nobody has computed."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from html import unescape
from typing import IO

CHUNK = 4 << 20
CELL = re.compile(rb"<c\b([^>]*)>(.*?)</c>", re.DOTALL)
PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d+)"')
FORMULA = re.compile(rb"<f\b[^>]*?(?:/>|>(.*?)</f>)", re.DOTALL)
RESULT = re.compile(rb"<v\b[^>]*>(.+?)</v>", re.DOTALL)
LISTED = re.compile(r"<sheet\b[^>]*>")
LINKED = re.compile(r"<Relationship\b[^>]*>")
ODS_ERROR = re.compile(r'\bcalcext:value-type="error"')


def broken_cells(path: str, sheet: str) -> Iterator[tuple[int, int, str]]:
    """Yield row and column (from 0) and the error, or the formula without a result, of such cells of an .xlsx sheet."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        part = _part(archive, sheet)
        if part not in archive.namelist():
            return
        with archive.open(part) as stream:
            for piece in _pieces(stream):
                yield from _broken(piece)


def errors_in_ods(path: str, sheet: str) -> int:
    """Return how many cells of an OpenDocument sheet hold an error."""
    if not zipfile.is_zipfile(path):
        return 0
    with zipfile.ZipFile(path) as archive:
        if "content.xml" not in archive.namelist():
            return 0
        content = archive.read("content.xml").decode("utf-8", errors="replace")
    for table in re.split(r"(?=<table:table )", content)[1:]:
        if unescape(_attribute(table[: table.index(">")], "table:name")) == sheet:
            return len(ODS_ERROR.findall(table))
    return 0


def _part(archive: zipfile.ZipFile, sheet: str) -> str:
    try:
        book = archive.read("xl/workbook.xml").decode("utf-8", errors="replace")
        links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", errors="replace")
    except KeyError:
        return ""
    wanted = [tag for tag in LISTED.findall(book) if unescape(_attribute(tag, "name")) == sheet]
    link = _attribute(wanted[0], "r:id") if wanted else ""
    targets = [_attribute(tag, "Target") for tag in LINKED.findall(links) if _attribute(tag, "Id") == link]
    return posixpath.normpath(posixpath.join("/xl", targets[0])).lstrip("/") if targets else ""


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return found.group(1) if found else ""


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while chunk := stream.read(CHUNK):
        rest += chunk
        cut = max(rest.rfind(b"<c "), 0)
        yield rest[:cut]
        rest = rest[cut:]
    yield rest


def _broken(piece: bytes) -> Iterator[tuple[int, int, str]]:
    if b't="e"' not in piece and b"<f" not in piece:
        return
    for said, inside in CELL.findall(re.sub(rb"<c\b[^>]*/>", b"", piece)):
        place, formula, result = PLACE.search(said), FORMULA.search(inside), RESULT.search(inside)
        if place is None:
            continue
        if b't="e"' in said:
            text = result.group(1) if result else b"#ERROR!"
        elif formula and not result and b't="str"' not in said:
            text = b"=" + (formula.group(1) or b"...")
        else:
            continue
        column = 0
        for letter in place.group(1):
            column = 26 * column + letter - 64
        yield int(place.group(2)) - 1, column - 1, unescape(text.decode("utf-8", errors="replace"))
