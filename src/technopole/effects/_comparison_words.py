"""What a matched comparison says of itself: its columns, its estimand, its sentences."""

from __future__ import annotations

import math

import pandas as pd

from technopole.effects._adjustment import Options
from technopole.effects._comparison_sample import Sample
from technopole.effects._overall import gap_sentence, sample_sentence, with_interval
from technopole.result import Field

FIELDS = {
    "comparison": Field("as they are, or comparable"),
    "p_holm": Field("p-value corrected for the number of outcomes (Holm)", "", 4),
    "q_value": Field("smallest false discovery rate at which it counts (Benjamini-Hochberg)", "", 4),
}
WAYS = {
    "nearest": "nearest neighbours",
    "propensity": "neighbours in the chance of being inside",
    "coarsened_exact": "firms of the same stratum",
    "entropy_balancing": "firms outside, weighted to the same means",
    "inverse_probability": "firms outside, weighted by the odds of being inside",
    "doubly_robust": "firms outside, weighted by the odds of being inside and adjusted by regression",
}


def estimand(options: Options, made: Sample, before: int, change: bool) -> str:
    """Say what is estimated, for whom, against whom."""
    what = (
        f"change of {made.outcomes[0]} from {made.year - before} to {made.year}"
        if change
        else f"in {made.year}"
    )
    whom = "firms inside" if options.estimand == "treated" else "all firms"
    return f"average over {whom}, {what}: inside minus {WAYS[options.method]}"


def text(one: pd.DataFrame, made: Sample, before: int, change: bool, *, for_inside: bool) -> str:
    """Say the difference, the gap in levels, the sample: and what the first needs to be an effect."""
    row = one.iloc[0]
    listed = ", ".join(made.on)
    alike = f"comparable in {listed}" + (f" in {made.year - before}" if before else "")
    if math.isnan(row["estimate"]):
        return f"Firms inside parks can't be compared with others {alike}: {row['undefined']}."
    what = f"the change of {made.outcomes[0]} since {made.year - before}" if change else made.outcomes[0]
    said = (
        f"In {what}, firms inside parks in {made.year} differ by {with_interval(row)} from firms outside that are {alike}; "
        "that is an effect of the park only if nothing else that matters differs between them."
    )
    rests = sample_sentence(one) if for_inside else _rests_on_all(row)
    return " ".join(filter(None, (said, gap_sentence(one), rests)))


def _rests_on_all(row: pd.Series) -> str:
    return f"It rests on {int(row['treated']):,} firms inside and {int(row['controls']):,} outside, and is an average over both."
