"""Results -> one self-contained HTML file. No statistics here."""

from technopole.report.page import write

__all__ = [
    "write",
]
