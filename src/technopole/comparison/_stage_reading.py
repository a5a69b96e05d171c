"""Reads observables from published figures: one reading per observable, with its source and how far it can be trusted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from technopole.comparison._stage_scheme import Recipe, Scheme
from technopole.errors import TechnopoleError
from technopole.tables.units import parse_unit

ACHIEVED = ("reported", "approximate")
AMBITION = ("target", "plan", "forecast")
STANDS_IN = "stands in for the industry"
_GRADES = ("official", "institute", "press", "weak")


@dataclass(frozen=True, slots=True)
class Figure:
    """One published number, as `Figures` holds it."""

    place: str
    country: str
    facet: str
    indicator: str
    value: float
    unit: str
    year: int
    scope: str
    status: str
    grade: str
    source: str


@dataclass(frozen=True, slots=True)
class Reading:
    """An observable's value; `low` < `high` where equally good figures of the same year differ."""

    low: float
    high: float
    unit: str
    year: int
    grade: str
    source: str
    quality: float
    detail: str
    scope: str = ""


def figures_of(records: Iterable[dict[str, Any]]) -> list[Figure]:
    """Make figures of table rows, in an order that doesn't depend on the order of the rows."""
    found: list[Figure] = []
    for row in records:
        if row["value"] is None or row["value"] != row["value"] or row["year"] is None:
            continue
        value, unit = common_unit(float(row["value"]), _text(row, "unit"))
        figure = Figure(
            place=_text(row, "place"),
            country=_text(row, "country"),
            facet=_text(row, "facet"),
            indicator=_text(row, "indicator"),
            value=value,
            unit=unit,
            year=int(row["year"]),
            scope=_text(row, "scope"),
            status=_text(row, "status") or "reported",
            grade=_text(row, "grade"),
            source=_text(row, "source"),
        )
        found.append(figure)
    order = (
        "place",
        "indicator",
        "year",
        "scope",
        "value",
        "unit",
        "status",
        "grade",
        "source",
        "facet",
        "country",
    )
    return sorted(found, key=lambda f: tuple(getattr(f, name) for name in order))


def common_unit(value: float, unit: str) -> tuple[float, str]:
    """Return the number in the unit that rules are written in: money in billions, areas in km2, counts in ones.

    A unit that can't be read stays as it stands, and compares only with itself.
    """
    try:
        said = parse_unit(unit)
    except TechnopoleError:
        return value, unit.strip()
    if said.currency:
        return value * (said.multiplier / 1e9), f"billion {said.base}"
    return value * said.multiplier, said.base


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""


class Reader:
    """Reads one park's observables by a scheme's recipes."""

    def __init__(self, figures: Sequence[Figure], scheme: Scheme, now: int) -> None:
        self.scheme, self.now = scheme, now
        self.figures = [f for f in figures if f.status in ACHIEVED]

    def all(self) -> dict[str, Reading]:
        """Observable -> reading, for those that can be read."""
        found = {name: self._first(recipes) for name, recipes in self.scheme.observables.items()}
        return {name: reading for name, reading in found.items() if reading is not None}

    def _first(self, recipes: Sequence[Recipe]) -> Reading | None:
        for recipe in recipes:
            reading = getattr(self, f"_{recipe.read}")(recipe)
            if reading is not None and recipe.stands_in:
                detail = f"{reading.detail}; {STANDS_IN}"
                return replace(
                    reading, quality=reading.quality * self.scheme.settings["stand_in"], detail=detail
                )
            if reading is not None:
                return reading
        return None

    def _matching(self, recipe: Recipe, names: Sequence[str]) -> list[list[Figure]]:
        """Return the usable figures, one list per indicator name in the order of preference."""
        usable = [
            f
            for f in self.figures
            if (not recipe.units or any(_fits(f.unit, unit) for unit in recipe.units))
            and (recipe.anchors or not f.scope.startswith("anchor"))
            and not any(word in f.scope or word == f.facet for word in recipe.avoid)
            and (not recipe.only or any(word in f.scope for word in recipe.only))
        ]
        lists = [[f for f in usable if f.indicator == name] for name in names]
        return [items for items in lists if items]

    def _quality(self, figure: Figure, *, ages: bool = True) -> float:
        said = self.scheme.settings
        grade = said[figure.grade] if figure.grade in _GRADES else said["weak"]
        rounded = said["approximate"] if figure.status == "approximate" else 1.0
        age = max(0, self.now - figure.year) if ages else 0
        return grade * rounded * 0.5 ** (age / said["half_life"])

    def _level(self, recipe: Recipe) -> Reading | None:
        lists = self._matching(recipe, recipe.indicators)
        if not lists:
            return None
        newest = [f for f in lists[0] if f.year == max(g.year for g in lists[0])]
        if recipe.best:
            newest = [max(newest, key=lambda f: (f.value, f.scope, f.source))]
        return self._together([f for scope in _by_scope(newest) for f in _best(scope)])

    def _together(self, figures: Sequence[Figure]) -> Reading:
        low, high = min(figures, key=lambda f: f.value), max(figures, key=lambda f: f.value)
        worst = min(figures, key=self._quality)
        return Reading(
            low.value,
            high.value,
            low.unit,
            low.year,
            worst.grade,
            "; ".join(dict.fromkeys(f.source for f in figures)),
            self._quality(worst),
            " or ".join(dict.fromkeys(_said(f) for f in figures)),
            " or ".join(dict.fromkeys(f.scope for f in figures if f.scope)),
        )

    def _ratio(self, recipe: Recipe) -> Reading | None:
        for tops in self._matching(recipe, recipe.indicators):
            for bottoms in self._matching(replace(recipe, units=()), recipe.per):
                pairs = [
                    (top, bottom)
                    for top in tops
                    for bottom in bottoms
                    if bottom.value > 0
                    and top.scope == bottom.scope
                    and abs(top.year - bottom.year) <= self.scheme.settings["max_gap"]
                    and (top.unit == bottom.unit or not recipe.same_unit)
                ]
                if pairs:
                    newest = max(
                        pairs,
                        key=lambda p: (
                            p[0].year,
                            -abs(p[0].year - p[1].year),
                            self._quality(p[1]),
                            p[1].value,
                        ),
                    )
                    return self._pair(
                        *newest, newest[0].value / newest[1].value * recipe.times, _per(recipe, newest)
                    )
        return None

    def _pair(self, one: Figure, other: Figure, value: float, unit: str) -> Reading:
        worst = min(one, other, key=self._quality)
        return Reading(
            value,
            value,
            unit,
            one.year,
            worst.grade,
            "; ".join(dict.fromkeys((one.source, other.source))),
            self._quality(worst),
            f"{_said(one)} against {_said(other)}",
        )

    def _ends(self, recipe: Recipe) -> tuple[Figure, Figure] | None:
        """Return the first and last figure of the series that best shows growth."""
        said = self.scheme.settings
        for items in self._matching(recipe, recipe.indicators):
            ends = [
                (first, last)
                for series in _series(items)
                for last in series[-1:]
                for first in series
                if said["min_span"] <= last.year - first.year <= said["max_span"] and first.value > 0
            ]
            if ends:
                span = said["growth_span"]
                return min(
                    ends, key=lambda e: (-e[1].year, abs(e[1].year - e[0].year - span), e[0].year, e[0].scope)
                )
        return None

    def _growth(self, recipe: Recipe) -> Reading | None:
        ends = self._ends(recipe)
        if ends is None:
            return None
        first, last = ends
        rate = ((last.value / first.value) ** (1 / (last.year - first.year)) - 1) * 100
        return self._pair(last, first, rate, "percent a year")

    def _relative_growth(self, recipe: Recipe) -> Reading | None:
        return self._less_nation(self._growth(recipe))

    def _relative_level(self, recipe: Recipe) -> Reading | None:
        return self._less_nation(self._level(recipe))

    def _less_nation(self, reading: Reading | None) -> Reading | None:
        if reading is None:
            return None
        nation = self.scheme.national_growth
        country = self.figures[0].country if self.figures else ""
        assumed = nation.get(country, nation["default"])
        return replace(
            reading,
            low=reading.low - assumed,
            high=reading.high - assumed,
            unit="points a year",
            detail=f"{reading.detail}; less {assumed:g} percent a year for the nation [ours]",
        )

    def _change(self, recipe: Recipe) -> Reading | None:
        ends = self._ends(recipe)
        if ends is None:
            return None
        first, last = ends
        return self._pair(last, first, (last.value - first.value) / (last.year - first.year), "points a year")

    def _rebound(self, recipe: Recipe) -> Reading | None:
        for items in self._matching(recipe, recipe.indicators):
            long = [series for series in _series(items) if len(series) >= 3]
            if long:
                series = max(long, key=lambda s: (s[-1].year, len(s), s[-1].scope))
                return self._since_fall(series)
        return None

    def _since_fall(self, series: Sequence[Figure]) -> Reading:
        unit, deep = "percent above the low", 1 - self.scheme.settings["min_fall"] / 100
        fallen = [f for i, f in enumerate(series) if i and f.value <= deep * max(g.value for g in series[:i])]
        if fallen:
            low = min(fallen, key=lambda f: (f.value, f.year))
            return self._pair(series[-1], low, (series[-1].value / low.value - 1) * 100, unit)
        none = self._pair(series[-1], series[0], 0.0, unit)
        return replace(none, detail=f"no fall between {_said(series[0])} and {_said(series[-1])}")

    def _age(self, recipe: Recipe) -> Reading | None:
        lists = self._matching(recipe, recipe.indicators)
        if not lists:
            return None
        first = min(lists[0], key=lambda f: (f.value, f.source))
        age = self.now - first.value
        detail = f"{first.indicator.replace('_', ' ')} {first.value:.0f}; age in {self.now}"
        return Reading(
            age, age, "years", self.now, first.grade, first.source, self._quality(first, ages=False), detail
        )


def _fits(unit: str, wanted: str) -> bool:
    return unit == wanted or unit.startswith(f"{wanted} ")


def _per(recipe: Recipe, pair: tuple[Figure, Figure]) -> str:
    if recipe.times == 100:
        return f"percent of {pair[1].indicator.replace('_', ' ')}"
    return f"{pair[0].unit} per {recipe.times:,.0f} {pair[1].unit}"


def _said(figure: Figure) -> str:
    about = "about " if figure.status == "approximate" else ""
    scope = f", {figure.scope}" if figure.scope else ""
    return f"{figure.indicator.replace('_', ' ')} {about}{figure.value:,.10g} {figure.unit} ({figure.year}{scope})"


def _by_scope(figures: Sequence[Figure]) -> list[list[Figure]]:
    return [[f for f in figures if f.scope == scope] for scope in sorted({f.scope for f in figures})]


def _best(figures: Sequence[Figure]) -> list[Figure]:
    """Keep the figures of the best grade: a better source settles a conflict, equal ones don't."""
    ranks = {grade: rank for rank, grade in enumerate(_GRADES)}
    top = min(ranks.get(f.grade, len(_GRADES)) for f in figures)
    return [f for f in figures if ranks.get(f.grade, len(_GRADES)) == top]


def _series(figures: Sequence[Figure]) -> list[list[Figure]]:
    """Return one list per indicator, scope and unit, by year; years whose best figures contradict each other are left out."""
    found: list[list[Figure]] = []
    for key in sorted({(f.indicator, f.scope, f.unit) for f in figures}):
        mine = [f for f in figures if (f.indicator, f.scope, f.unit) == key]
        years = [_best([f for f in mine if f.year == year]) for year in sorted({f.year for f in mine})]
        found.append([best[0] for best in years if len({f.value for f in best}) == 1])
    return found
