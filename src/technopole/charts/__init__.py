"""The pictures: tidy table in, Altair chart out; nothing is shown by itself."""

from technopole.charts.ranking import ranking

__all__ = [
    "ranking",
]
