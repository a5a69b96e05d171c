"""Measures on distances where industries draw their sites at random, without replacement."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

import technopole as tp
from calibration import worlds
from calibration.tally import Rate
from technopole.tables import Establishments

LEVEL = 0.05
SITES = 4000
SIMULATIONS = 399
FEW, MANY, PAIRS = 3, 20, 6  # industries and pairs of an economy that slower measures are held to
Test = Callable[[Establishments, Sequence[str], int], dict[str, pd.Series]]


@dataclass(frozen=True, slots=True)
class Case:
    """So many industries of one size in each of so many economies."""

    size: int
    industries: int
    economies: int
    tests: Sequence[str] = ("k_density", "m_function", "m_density", "colocation", "cluster_index")


CASES = (
    Case(10, 60, 12),
    Case(30, 60, 12),
    Case(100, 20, 12),
    Case(1000, 3, 30, ("k_density", "m_function")),
)


def k_density(table: Establishments, codes: Sequence[str], seed: int) -> dict[str, pd.Series]:
    """Return the p-values of localisation, of dispersion and of both, and those of the exact null where it is meant to hold."""
    how = {"industry": codes, "simulations": SIMULATIONS, "seed": seed}
    drawn = tp.measures.k_density(table, null="simulated", **how).summary_table
    found = {
        "K-density: localised": drawn["p_localization"],
        "K-density: dispersed": drawn["p_dispersion"],
        "K-density: either (p_value)": drawn["p_value"],
    }
    if drawn["n"].min() >= 100:
        exact = tp.measures.k_density(table, null="exact", **how).summary_table
        found |= {
            "K-density, exact null: localised": exact["p_localization"],
            "K-density, exact null: dispersed": exact["p_dispersion"],
        }
    return found


def m_function(table: Establishments, codes: Sequence[str], seed: int) -> dict[str, pd.Series]:
    """Return the p-values of M over all distances."""
    found = tp.measures.m_function(table, industry=codes[:MANY], simulations=SIMULATIONS, seed=seed)
    return {"M": found.summary_table["p_value"]}


def m_density(table: Establishments, codes: Sequence[str], seed: int) -> dict[str, pd.Series]:
    """Return the p-values of m over all distances."""
    found = tp.measures.m_density(table, industry=codes[:FEW], simulations=SIMULATIONS, seed=seed)
    return {"m": found.summary_table["p_value"]}


def colocation(table: Establishments, codes: Sequence[str], seed: int) -> dict[str, pd.Series]:
    """Return the p-values of pairs of industries that share nothing."""
    pairs = list(itertools.pairwise(codes))[:PAIRS]
    found = tp.measures.colocation(
        table,
        industry=sorted({code for pair in pairs for code in pair}),
        pairs=pairs,
        simulations=SIMULATIONS,
        seed=seed,
    )
    return {"colocation (K)": found.summary_table["p_value"]}


def cluster_index(table: Establishments, codes: Sequence[str], seed: int) -> dict[str, pd.Series]:
    """Return the p-values of single establishments, drawn and from moments."""
    return {
        f"cluster index, {null}": tp.measures.cluster_index(
            table, industry=codes[:MANY], null=null, simulations=SIMULATIONS, seed=seed
        ).table["p_value"]
        for null in ("simulated", "moments")
    }


TESTS: Mapping[str, Test] = {
    "k_density": k_density,
    "m_function": m_function,
    "m_density": m_density,
    "colocation": colocation,
    "cluster_index": cluster_index,
}


def study(size: float, cases: Sequence[Case] = CASES, sites: int = SITES) -> list[Rate]:
    """Return per size of industry and test the share of industries with p <= 5 %, economy by economy."""
    rates = []
    for case in cases:
        shares: dict[str, list[float]] = {}
        for world in range(max(2, round(size * case.economies))):
            rng = np.random.default_rng([29, case.size, world])
            table = worlds.establishments(rng, worlds.towns(rng, sites), case.size, case.industries)
            codes = [f"i{i:03d}" for i in range(case.industries)]
            for test in case.tests:
                for name, p in TESTS[test](table, codes, world).items():
                    shares.setdefault(name, []).append(float((p <= LEVEL).mean()))
        rates += [Rate(f"{case.size:,} establishments", name, tuple(each)) for name, each in shares.items()]
    return rates
