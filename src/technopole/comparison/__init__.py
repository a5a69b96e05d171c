"""How do parks differ? One comparison per file."""

from technopole.comparison.composition import composition
from technopole.comparison.development_stage import development_stage
from technopole.comparison.side_by_side import side_by_side
from technopole.comparison.symbol_map import symbol_map

__all__ = [
    "side_by_side",
    "development_stage",
    "composition",
    "symbol_map",
]
