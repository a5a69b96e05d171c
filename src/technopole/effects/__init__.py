"""What did parks cause? One estimator per file."""

from technopole.effects.group_time_effects import group_time_effects as group_time_effects
from technopole.effects.meta_analysis import meta_analysis as meta_analysis
from technopole.effects.verdict import verdict as verdict

__all__ = ["group_time_effects", "meta_analysis", "verdict"]
