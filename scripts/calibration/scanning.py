"""The spatial scan where every establishment is as likely to be of the industry as any other."""

from __future__ import annotations

import numpy as np
import pandas as pd

import technopole as tp
from calibration import worlds
from calibration.tally import Rate

LEVEL = 0.05
CASES = (50, 500)


def study(maps: int, simulations: int, side: int = 20) -> list[Rate]:
    """Return the share of maps whose most likely cluster is significant."""
    frame = worlds.grid(side)
    centres = frame.geometry.centroid
    places = tp.read_places(
        pd.DataFrame({"place": frame["place"], "x": centres.x, "y": centres.y}), crs="planar-km"
    )
    rates = []
    for cases in CASES:
        for model in ("poisson", "bernoulli"):
            found = []
            for world in range(maps):
                rng = np.random.default_rng([13, cases, world])
                people = np.ceil(rng.lognormal(3.0, 1.0, len(frame))).astype(np.int64)
                mine = (
                    rng.multinomial(cases, people / people.sum())
                    if model == "poisson"
                    else rng.multivariate_hypergeometric(people, cases)
                )
                table = worlds.activity(frame, mine, np.maximum(people - mine, 0), value="establishments")
                result = tp.measures.scan(
                    table,
                    places=places,
                    industry="x",
                    model=model,
                    simulations=simulations,
                    seed=world,
                )
                found.append(float((result.table["p_value"] <= LEVEL).any()))
            rates.append(Rate(f"{cases} establishments", model, tuple(found)))
    return rates
