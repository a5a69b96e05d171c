"""Who sells to whom: flows between industries from supply and use, and each flow as a share of inputs and of outputs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Flows:
    """`sold[i, j]` is what industry i sells to industry j; `inputs` and `outputs` are all that each buys and sells."""

    sold: Array
    inputs: Array
    outputs: Array


def by_makers(make: Array, bought: Array) -> Array:
    """Turn purchases of commodities (commodities x buyers) into purchases from their makers (industries x buyers).

    Eurostat (2008), Manual of Supply, Use and Input-Output Tables, model D: a commodity is bought from its makers in
    proportion to what they supply of it. `make` is industries x commodities.
    """
    supply = make.sum(axis=0)
    part = np.divide(make, supply, out=np.zeros_like(make), where=supply > 0)
    with threadpool_limits(1):
        return np.asarray(part @ bought, dtype=np.float64)


def moved(flows: Flows, weights: Array) -> Flows:
    """The flows in another classification: `weights[i, k]` is the share of industry i that belongs to industry k."""
    with threadpool_limits(1):
        sold = weights.T @ flows.sold @ weights
    return Flows(sold, flows.inputs @ weights, flows.outputs @ weights)


def shares(flows: Flows) -> tuple[Array, Array]:
    """Return the share of j's inputs that i sells it, and the share of i's outputs that j buys; nan where there are none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        of_inputs = np.where(flows.inputs > 0, flows.sold / flows.inputs, np.nan)
        of_outputs = np.where(flows.outputs[:, None] > 0, flows.sold / flows.outputs[:, None], np.nan)
    return of_inputs, of_outputs
