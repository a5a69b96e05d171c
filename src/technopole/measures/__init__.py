"""How concentrated is an industry, and where? One statistic per file."""

from technopole.measures.location_quotient import location_quotient

__all__ = [
    "location_quotient",
]
