"""One TOML file -> a run, step by step, resumable."""

from technopole.study.absent import given
from technopole.study.model import CardPart, Cards, Chapter, Head, Step, Study
from technopole.study.planning import checked, plan
from technopole.study.reading import load
from technopole.study.run import Run
from technopole.study.running import Inputs, Progress, run

__all__ = [
    "CardPart",
    "Cards",
    "Chapter",
    "Head",
    "Inputs",
    "Progress",
    "Run",
    "Step",
    "Study",
    "checked",
    "given",
    "load",
    "plan",
    "run",
]
