"""How competitive are products and technologies, and has it changed? One answer per file."""

from technopole.competitiveness.domestic_value_added import domestic_value_added as domestic_value_added
from technopole.competitiveness.export_sophistication import export_sophistication as export_sophistication
from technopole.competitiveness.patent_stock import patent_stock as patent_stock
from technopole.competitiveness.technological_advantage import (
    technological_advantage as technological_advantage,
)
from technopole.competitiveness.technological_diversity import (
    technological_diversity as technological_diversity,
)

__all__ = [
    "technological_diversity",
    "technological_advantage",
    "patent_stock",
    "export_sophistication",
    "domestic_value_added",
]
