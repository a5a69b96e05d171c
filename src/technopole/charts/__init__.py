"""The pictures: tidy table in, Altair chart out; nothing is shown by itself."""

from technopole.charts.place_map import place_map
from technopole.charts.ranking import ranking
from technopole.charts.trend import trend

__all__ = [
    "place_map",
    "ranking",
    "trend",
]
