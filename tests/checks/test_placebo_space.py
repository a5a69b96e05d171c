"""Oracles: p by counting; an effect that is there and one that isn't; p uniform enough under no effect."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from worlds import drawn, effect, estimate

import technopole as tp
from technopole.errors import TechnopoleError, WrongOption
from technopole.tables import Firms

placebo_space: Any = tp.checks.placebo_space


def contract_case() -> dict[str, Any]:
    return {
        "effect": effect("effect", count=100, years=4, cohorts=1),
        "table": drawn("effect", count=100, years=4, cohorts=1),
        "draws": 19,
    }


@pytest.mark.slow
def test_p_is_counted_and_only_units_that_never_enter_are_drawn() -> None:
    of = {"count": 100, "years": 4}
    found = placebo_space(effect("null", **of), drawn("null", **of), draws=19, seed=2)
    ratios, ratio = (
        found.table["ratio"].abs(),
        abs(effect("null", **of).estimate / effect("null", **of).std_error),
    )
    assert found.finding["p_value"].iloc[0] == (1 + int((ratios >= ratio).sum())) / 20
    assert found.statistic == pytest.approx(
        effect("null", **of).estimate / effect("null", **of).std_error, rel=1e-12
    )
    sizes = drawn("null", **of).to_pandas().drop_duplicates("firm")["entered"].value_counts()
    assert found.assigned.set_index("group")["units"].to_dict() == {g: n for g, n in sizes.items() if g}
    assert found.passed is None and "nothing to stand out" in found.text


@pytest.mark.slow
def test_an_effect_stands_out() -> None:
    of = {"count": 100, "years": 4}
    found = placebo_space(effect("effect", **of), drawn("effect", **of), draws=19)
    assert found.passed is True
    assert found.finding["p_value"].iloc[0] == pytest.approx(1 / 20, rel=1e-12)
    assert found.table["estimate"].mean() == pytest.approx(0, abs=0.05)


@pytest.mark.slow
def test_shocks_of_regions_are_noticed() -> None:
    """Years of entry given to whole regions: where regions share shocks, an effect clustered by region has a wider null."""
    table = Firms.of(
        tp.simulate_firms("null", firms=200, years=4, cluster_effects=0.3, noise=0.1, seed=3).firms
    )
    clustered = estimate(table, outcome="log_sales", cluster="region")
    by_region = placebo_space(clustered, table, draws=19)
    by_firm = placebo_space(estimate(table, outcome="log_sales"), table, draws=19)
    assert by_region.table["estimate"].std() > 1.5 * by_firm.table["estimate"].std()


def test_too_few_that_never_enter() -> None:
    frame = drawn("effect", count=100, years=4).to_pandas()
    never = sorted(frame.loc[frame["entered"] == 0, "firm"].unique())[:5]
    table = Firms.of(frame[(frame["entered"] > 0) | frame["firm"].isin(never)])
    found = placebo_space(estimate(table, outcome="log_sales"), table)
    assert found.passed is None and "5 units never enter" in found.text


def test_bad_requests() -> None:
    of = {"count": 100, "years": 4}
    with pytest.raises(WrongOption):
        placebo_space(effect("effect", **of), drawn("effect", **of), draws=10)
    with pytest.raises(TechnopoleError, match="needs the table"):
        placebo_space(effect("effect", **of))


def test_order_keeps_clusters_together() -> None:
    import pandas as pd

    from technopole.checks.placebo_space import _order

    never = pd.DataFrame({"firm": range(30), "cluster": [str(i % 3) for i in range(30)]})
    order = never["cluster"].to_numpy()[_order(never, np.random.default_rng(0))]
    assert (order[1:] != order[:-1]).sum() == 2
