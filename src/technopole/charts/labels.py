"""Where a map's labels go: beside their point where that is free; else the point gets a number and a line in the key."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

SIZE = 11.0
LINE = 13.0
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Label:
    """A text with its left end and the middle of its line, in pixels; `lead` = where its leader line starts."""

    text: str
    x: float
    y: float
    lead: tuple[float, float] | None = None


def text_width(text: str, size: float = SIZE) -> float:
    """Estimate a text's width: full-width signs one em, others about half."""
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return size * (wide + 0.52 * (len(text) - wide))


def place_labels(
    texts: Sequence[str],
    points: Sequence[tuple[float, float, float]],
    width: float,
    height: float,
    *,
    others: Sequence[tuple[float, float, float]] = (),
) -> tuple[list[Label], list[tuple[int, str]]]:
    """Give each point (x, y, radius), most important first, a free spot for its label.

    Returns the labels, among them the numbers of points whose name found no room, and those numbers with the names.
    Where many names find none, all points are numbered, in their order. `others` are points without a name that labels keep clear of.
    """
    labels, key = _placed(texts, points, width, height, others)
    if len(key) > max(3, len(texts) / 4):
        names = list(enumerate(texts, start=1))
        return _placed([str(number) for number, _ in names], points, width, height, others)[0], names
    return labels, key


def beside(
    texts: Sequence[str], points: Sequence[tuple[float, float, float]], width: float, height: float
) -> list[Label]:
    """Return labels right beside their points (x, y, radius), most important first; one that finds no room is left out.

    There may be more points than texts: those are only in the way.
    """
    taken: list[Box] = [(x - r, y - r, x + r, y + r) for x, y, r in points]
    labels: list[Label] = []
    for text, (x, y, r) in zip(texts, points, strict=False):
        label = _free(text, x, y, r, taken, width, height)
        if label is not None and label.lead is None:
            labels.append(label)
            taken.append(_box(text, label.x, label.y))
    return labels


def _placed(
    texts: Sequence[str],
    points: Sequence[tuple[float, float, float]],
    width: float,
    height: float,
    others: Sequence[tuple[float, float, float]],
) -> tuple[list[Label], list[tuple[int, str]]]:
    taken: list[Box] = [(x - r, y - r, x + r, y + r) for x, y, r in [*points, *others]]
    labels: list[Label] = []
    key: list[tuple[int, str]] = []
    for text, (x, y, r) in zip(texts, points, strict=True):
        label = _free(text, x, y, r, taken, width, height)
        if label is None:
            key.append((len(key) + 1, text))
            number = str(len(key))
            label = _free(number, x, y, r, taken, width, height) or Label(number, x + r + 2, y)
        labels.append(label)
        taken.append(_box(label.text, label.x, label.y))
    return labels, key


def _free(
    text: str, x: float, y: float, r: float, taken: list[Box], width: float, height: float
) -> Label | None:
    for left, middle, far in _spots(text_width(text), x, y, r):
        a = _box(text, left, middle)
        inside = a[0] >= 0 and a[1] >= 0 and a[2] <= width and a[3] <= height
        if inside and not any(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for b in taken):
            return Label(text, round(left, 1), round(middle, 1), (round(x, 1), round(y, 1)) if far else None)
    return None


def _spots(wide: float, x: float, y: float, r: float) -> Iterator[tuple[float, float, bool]]:
    """Yield left end and middle of the line: beside the point first, then farther out with a leader line."""
    for gap in (0.0, 10.0, 20.0, 32.0):
        right, left, centre = x + r + 3 + gap, x - r - 3 - gap - wide, x - wide / 2
        up, down = y - r - LINE / 2 - 1 - gap, y + r + LINE / 2 + 1 + gap
        inward = 4 if not gap else 0
        yield from ((right, y, gap > 0), (left, y, gap > 0), (centre, up, gap > 0), (centre, down, gap > 0))
        for side in (right - inward, left + inward):
            yield from ((side, up + inward / 2, gap > 0), (side, down - inward / 2, gap > 0))


def _box(text: str, x: float, y: float) -> Box:
    return (x, y - LINE / 2, x + text_width(text), y + LINE / 2)
