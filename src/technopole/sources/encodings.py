"""The encoding of a text file, found the same way every time; where it can't be told, the candidates are named."""

from __future__ import annotations

import codecs
import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from technopole.errors import UnreadableFile, WrongOption

SAMPLE = 4_000_000
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Letters and characters that are frequent where the encoding is used; a wrong decoding seldom hits them.
COMMON_CYRILLIC = frozenset("оеаинтсрвлкм")
COMMON_HAN = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家"
    "业省市区县园高新技术开光电谷武汉长春广州北京海江南西东湖山河企总收入口亿元万单位位数量额比重增速称名城镇机械制造电子信息生物医药软件"
    "業國縣園區產額營個臺灣學電術開發廠動關單總會計華廣東車長門時間來說對們經過後現實體點無應當從"
)
COMMON_LATIN = frozenset("äöüßéèêàâçñáíóúãõåæøîïôûùœëÄÖÜÉÈÀÇÑÁÍÓÚÅÆØŒ°²³€’–“”«»§·×µ")
COMMON_TURKISH = COMMON_LATIN | frozenset("ğışİĞŞ")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A legacy encoding, the characters by which text in it is known, and how many it takes to be sure."""

    name: str
    common: frozenset[str]
    script: tuple[str, ...]
    least: int


LEGACY = (
    Candidate("gb18030", COMMON_HAN, ("CJK", "IDEOGRAPHIC", "FULLWIDTH"), 2),
    Candidate("big5", COMMON_HAN, ("CJK", "IDEOGRAPHIC", "FULLWIDTH"), 2),
    Candidate("cp1251", COMMON_CYRILLIC, ("CYRILLIC",), 6),
    Candidate("koi8-r", COMMON_CYRILLIC, ("CYRILLIC",), 6),
    Candidate("cp866", COMMON_CYRILLIC, ("CYRILLIC",), 6),
    Candidate("cp1252", COMMON_LATIN, ("LATIN",), 1),
    Candidate("cp1254", COMMON_TURKISH, ("LATIN",), 1),
)


def detect(path: Path, asked: str | None) -> str:
    """Return the encoding of a text file.

    Raises
    ------
    UnreadableFile
        The bytes fit no encoding, or several equally well; the candidates are named.
    WrongOption
        `asked` isn't an encoding.
    """
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    if asked:
        return _checked(asked)
    for bom, name in BOMS:
        if sample.startswith(bom):
            return name
    wide = _utf16_without_bom(sample)
    if wide:
        return wide
    if b"\0" in sample[:4096]:
        raise UnreadableFile(
            "this isn't a text file: it holds zero bytes",
            value=path.name,
            fix="save it as CSV (UTF-8), or give the file the ending of its format",
        )
    if _decodes(sample, "utf-8"):
        return "utf-8"
    return _legacy(path, sample)


def _checked(asked: str) -> str:
    try:
        return codecs.lookup(asked).name
    except LookupError as error:
        raise WrongOption(
            "no such encoding", value=asked, exists=["utf-8", "utf-16", *(c.name for c in LEGACY)]
        ) from error


def _decodes(sample: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        decoder.decode(sample, final=len(sample) < SAMPLE)
    except UnicodeDecodeError:
        return False
    return True


def _utf16_without_bom(sample: bytes) -> str | None:
    even, odd = sample[0:4096:2], sample[1:4096:2]
    if not even or not odd:
        return None
    if odd.count(0) > 0.1 * len(odd) > even.count(0) * 5 and _decodes(sample, "utf-16-le"):
        return "utf-16-le"
    if even.count(0) > 0.1 * len(even) > odd.count(0) * 5 and _decodes(sample, "utf-16-be"):
        return "utf-16-be"
    return None


def _legacy(path: Path, sample: bytes) -> str:
    _refuse_broken_utf8(path, sample)
    sample = _telling(sample)
    scores = {candidate.name: _score(sample, candidate) for candidate in LEGACY}
    ranked = sorted(scores, key=lambda name: -scores[name])
    best = ranked[0]
    text = _decode(sample, best)
    rival = max((scores[name] for name in ranked[1:] if _decode(sample, name) != text), default=0.0)
    telling = sum(ord(character) > 127 for character in text or "")
    least = next(candidate.least for candidate in LEGACY if candidate.name == best)
    if telling >= least and scores[best] >= 0.5 and scores[best] - rival >= 0.1 + 0.6 / max(telling, 1):
        return best
    likely = [name for name in ranked if scores[name] > 0][:4]
    shown = "; ".join(f"{name}: {_excerpt(sample, name)!r}" for name in likely)
    raise UnreadableFile(
        "the encoding of this text can't be told for certain",
        value=path.name,
        exists=likely or [candidate.name for candidate in LEGACY],
        fix=f"name it with encoding=, or save the file as UTF-8 (it would read {shown})"
        if shown
        else "name it with encoding=, or save the file as UTF-8",
    )


def _telling(sample: bytes) -> bytes:
    """Return the lines that aren't plain ASCII, as many as it takes."""
    return b"\n".join(line for line in sample.split(b"\n") if not line.isascii())[:60_000]


def _refuse_broken_utf8(path: Path, sample: bytes) -> None:
    text = sample.decode("utf-8", errors="replace")
    odd = sum(ord(character) > 127 for character in text)
    broken = text.count("\ufffd")
    if 10 * broken <= odd:
        line = text[: text.index("\ufffd")].count("\n") + 1
        raise UnreadableFile(
            f"this is UTF-8 text but for {broken} broken characters, the first in row {line}",
            value=path.name,
            fix=f"correct row {line} and save as UTF-8, or name the encoding with encoding=",
        )


def _decode(sample: bytes, encoding: str) -> str | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        return decoder.decode(sample, final=len(sample) < SAMPLE)
    except UnicodeDecodeError:
        return None


def _score(sample: bytes, candidate: Candidate) -> float:
    """Return the share of the non-ASCII characters that text in this encoding would have."""
    text = _decode(sample, candidate.name)
    if text is None:
        return 0.0
    odd = [character for character in text if ord(character) > 127][:20_000]
    if not odd:
        return 0.0
    common = sum(character in candidate.common or character.lower() in candidate.common for character in odd)
    known = sum(unicodedata.name(c, "").startswith(candidate.script) for c in odd)
    return _plausible(text, candidate, 0.75 * common / len(odd) + 0.25 * known / len(odd))


def _plausible(text: str, candidate: Candidate, score: float) -> float:
    """Scripts don't mix inside a word, Cyrillic has no capitals in the middle of one, accents seldom stand together."""
    pairs = list(pairwise(text))
    odd = max(sum(ord(character) > 127 for character in text), 1)
    both_odd = sum(ord(a) > 127 and ord(b) > 127 for a, b in pairs)
    if "LATIN" in candidate.script:
        return score - both_odd / odd - 0.5 * _alone(text) / odd
    glued = sum(a.isalpha() and b.isalpha() and (ord(a) > 127) != (ord(b) > 127) for a, b in pairs)
    capitals = sum(ord(a) > 127 and ord(b) > 127 and a.islower() and b.isupper() for a, b in pairs)
    return score - 0.5 * glued / odd - capitals / odd


def _alone(text: str) -> int:
    """Count accented letters that don't stand beside a plain letter."""
    padded = f" {text} "
    return sum(
        ord(character) > 127
        and character.isalpha()
        and not any(near.isascii() and near.isalpha() for near in (padded[i], padded[i + 2]))
        for i, character in enumerate(text)
    )


def _excerpt(sample: bytes, encoding: str) -> str:
    text = _decode(sample, encoding) or ""
    at = next((i for i, character in enumerate(text) if ord(character) > 127), 0)
    return " ".join(text[max(at - 10, 0) : at + 15].split())
