"""What did parks cause? One estimator per file."""

from technopole.effects.verdict import verdict as verdict

__all__ = ["verdict"]
