"""How competitive are products and technologies, and has it changed? One answer per file."""

__all__ = []
