"""How competitive are products and technologies, and has it changed? One answer per file."""

from technopole.competitiveness.export_sophistication import export_sophistication as export_sophistication

__all__ = [
    "export_sophistication",
]
