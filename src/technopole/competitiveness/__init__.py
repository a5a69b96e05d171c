"""How competitive are products and technologies, and has it changed? One answer per file."""

from technopole.competitiveness.complexity_outlook import complexity_outlook as complexity_outlook
from technopole.competitiveness.constant_market_share import constant_market_share as constant_market_share
from technopole.competitiveness.diversification import diversification as diversification
from technopole.competitiveness.domestic_value_added import domestic_value_added as domestic_value_added
from technopole.competitiveness.economic_complexity import economic_complexity as economic_complexity
from technopole.competitiveness.export_sophistication import export_sophistication as export_sophistication
from technopole.competitiveness.export_survival import export_survival as export_survival
from technopole.competitiveness.market_share import market_share as market_share
from technopole.competitiveness.park_exposure import park_exposure as park_exposure
from technopole.competitiveness.patent_stock import patent_stock as patent_stock
from technopole.competitiveness.product_panel import product_panel as product_panel
from technopole.competitiveness.product_proximity import product_proximity as product_proximity
from technopole.competitiveness.product_space import product_space as product_space
from technopole.competitiveness.relatedness_density import relatedness_density as relatedness_density
from technopole.competitiveness.revealed_comparative_advantage import (
    revealed_comparative_advantage as revealed_comparative_advantage,
)
from technopole.competitiveness.technological_advantage import (
    technological_advantage as technological_advantage,
)
from technopole.competitiveness.technological_diversity import (
    technological_diversity as technological_diversity,
)
from technopole.competitiveness.unit_values import unit_values as unit_values

__all__ = [
    "revealed_comparative_advantage",
    "market_share",
    "constant_market_share",
    "unit_values",
    "export_survival",
    "export_sophistication",
    "domestic_value_added",
    "economic_complexity",
    "product_proximity",
    "relatedness_density",
    "complexity_outlook",
    "product_space",
    "diversification",
    "technological_advantage",
    "technological_diversity",
    "patent_stock",
    "park_exposure",
    "product_panel",
]
