"""What did parks cause? One estimator per file."""

__all__ = []
