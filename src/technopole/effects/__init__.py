"""What did parks cause? One estimator per file."""

from technopole.effects.boundary import boundary as boundary
from technopole.effects.convergence import convergence as convergence
from technopole.effects.equivalence import equivalence as equivalence
from technopole.effects.event_study import event_study as event_study
from technopole.effects.group_time_effects import group_time_effects as group_time_effects
from technopole.effects.heterogeneity import heterogeneity as heterogeneity
from technopole.effects.imputation import imputation as imputation
from technopole.effects.level_gap import level_gap as level_gap
from technopole.effects.matched_comparison import matched_comparison as matched_comparison
from technopole.effects.meta_analysis import meta_analysis as meta_analysis
from technopole.effects.productivity import productivity as productivity
from technopole.effects.recurrent_events import recurrent_events as recurrent_events
from technopole.effects.survival import survival as survival
from technopole.effects.synthetic_control import synthetic_control as synthetic_control
from technopole.effects.synthetic_did import synthetic_did as synthetic_did
from technopole.effects.verdict import verdict as verdict

__all__ = [
    "boundary",
    "convergence",
    "equivalence",
    "event_study",
    "group_time_effects",
    "heterogeneity",
    "imputation",
    "level_gap",
    "matched_comparison",
    "meta_analysis",
    "productivity",
    "recurrent_events",
    "survival",
    "synthetic_control",
    "synthetic_did",
    "verdict",
]
