"""What should each park aim at? One answer per file."""

from technopole.policy.goals import goals

__all__ = [
    "goals",
]
