"""Should we believe it? One check per file; each names the designs it applies to in `DESIGNS`."""

from technopole.checks._applicable import applicable as applicable
from technopole.checks.anticipation import anticipation as anticipation
from technopole.checks.balance import balance as balance
from technopole.checks.examine import examine as examine
from technopole.checks.leave_one_out import leave_one_out as leave_one_out
from technopole.checks.minimum_detectable_effect import (
    minimum_detectable_effect as minimum_detectable_effect,
)
from technopole.checks.overlap import overlap as overlap
from technopole.checks.placebo_space import placebo_space as placebo_space
from technopole.checks.placebo_time import placebo_time as placebo_time
from technopole.checks.pre_trends import pre_trends as pre_trends
from technopole.checks.rosenbaum_bounds import rosenbaum_bounds as rosenbaum_bounds
from technopole.checks.sensitivity import sensitivity as sensitivity
from technopole.checks.spillover import spillover as spillover

__all__ = [
    "examine",
    "pre_trends",
    "sensitivity",
    "placebo_time",
    "placebo_space",
    "leave_one_out",
    "anticipation",
    "spillover",
    "minimum_detectable_effect",
    "balance",
    "overlap",
    "rosenbaum_bounds",
]
