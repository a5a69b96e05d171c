"""Room."""

__all__ = []
