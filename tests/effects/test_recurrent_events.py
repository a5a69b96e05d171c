"""Recurrent events: the bladder tumours as R has them, brute force, Poisson regression, what must be refused."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import technopole as tp
from technopole.errors import TechnopoleError, WrongOption

BLADDER = Path(__file__).parents[1] / "oracles" / "bladder2.csv"
NAMES = ["size", "number"]


@cache
def patients() -> pd.DataFrame:
    """Bladder tumours (Byar 1980): patients as firms, months as years from 2001; those on thiotepa are in a "park" from the start."""
    data = pd.read_csv(BLADDER)
    events = set(data.loc[data["event"] == 1, ["id", "stop"]].itertuples(index=False, name=None))
    rows = [
        {"firm": f"p{patient:02d}", "year": 2000 + month, "entered": 2001 * (rx == 2), "tumours": int((patient, month) in events),
         "size": size, "number": number}
        for (patient, rx, size, number), last in data.groupby(["id", "rx", "size", "number"])["stop"].max().items()
        for month in range(1, last + 1)
    ]  # fmt: skip
    return pd.DataFrame(rows)


@cache
def world() -> pd.DataFrame:
    return tp.simulate_firms("innovation", firms=150, years=6, cohorts=2, selection=0, seed=3).firms


def contract_case() -> dict[str, Any]:
    return {"firms": tp.read_firms(world()), "outcome": "patents", "covariates": ["log_size"]}


@pytest.mark.slow
def test_andersen_gill_is_what_r_prints_for_bladder_tumours() -> None:
    """R survival, tests/bladder.Rout.save (Breslow): -0.45979, robust 0.25801; size -0.04256, 0.07555; number 0.17164, 0.06131."""
    found = tp.effects.recurrent_events(
        patients(), outcome="tumours", covariates=NAMES, model="andersen_gill", ties="breslow"
    )
    asked = found.table[found.table["model"] == "as asked"]
    assert asked["estimate"].tolist() == pytest.approx([-0.45979, -0.04256, 0.17164], abs=5e-6)
    assert asked["std_error"].tolist() == pytest.approx([0.25801, 0.07555, 0.06131], abs=5e-6)
    assert len(found.table) == 4


def slopes(gap: bool, at: np.ndarray) -> np.ndarray:
    """How far a Newton step goes from `at`, on the sum over R's own counting-process rows, Efron's ties, strata by number, written out."""
    data = pd.read_csv(BLADDER)
    start, stop = data["start"] * (not gap), data["stop"] - data["start"] * gap
    x = np.column_stack([data["rx"] == 2, data["size"], data["number"]]).astype(float)

    def minus(b: np.ndarray) -> float:
        total, w = 0.0, np.exp(x @ b)
        for (_, t), dead in data[data["event"] == 1].groupby(["enum", stop]).groups.items():
            risk = (data["enum"] == data["enum"][dead[0]]) & (start < t) & (stop >= t)
            for step in range(len(dead)):
                total += np.log(w[risk].sum() - step / len(dead) * w[dead].sum())
            total -= (x @ b)[dead].sum()
        return total

    steps, middle = np.eye(3) * 1e-4, minus(at)
    up, down = (np.array([minus(at + sign * step) for step in steps]) for sign in (1, -1))
    return (up - down) / 2e-4 / ((up + down - 2 * middle) / 1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("gap", [True, False])
def test_conditional_models_are_the_plain_partial_likelihood_of_r_s_rows(gap: bool) -> None:
    """Months as years give the same comparisons as start and stop: -0.279 (gap) and -0.333 (total)."""
    found = tp.effects.recurrent_events(
        patients(),
        outcome="tumours",
        covariates=NAMES,
        model="conditional_gap" if gap else "conditional_total",
        years=False,
    )
    estimates = found.table.loc[found.table["model"] == "as asked", "estimate"]
    assert np.abs(slopes(gap, estimates.to_numpy())).max() < 1e-6
    assert round(float(estimates.iloc[0]), 3) == (-0.279 if gap else -0.333)


@pytest.mark.slow
def test_andersen_gill_is_a_poisson_regression_with_years_unless_told_otherwise() -> None:
    """Firms stay at risk after an event: with Breslow's ties a year's number of events is all that counts; clustered errors agree, too."""
    firms = world()
    found = tp.effects.recurrent_events(firms, outcome="patents", model="andersen_gill")
    inside = ((firms["entered"] > 0) & (firms["year"] >= firms["entered"])).to_numpy(float)
    exog = np.column_stack([inside, pd.get_dummies(firms["year"]).to_numpy(float)])
    groups = pd.factorize(firms["firm"])[0]
    fit = sm.GLM(firms["patents"].to_numpy(float), exog, family=sm.families.Poisson()).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}, tol=1e-12
    )
    assert found.estimate == pytest.approx(float(fit.params[0]), abs=1e-8)
    assert found.std_error == pytest.approx(float(fit.bse[0]), abs=1e-7)
    assert found.level_gap == found.estimate


@pytest.mark.slow
def test_events_rise_with_size_as_they_were_drawn() -> None:
    """Patents are drawn as exp(0.4 log_size + 0.4 inside) x ...: Efron's ties, as if who had a patent couldn't have another, make that 0.43."""
    drawn = tp.simulate_firms("innovation", firms=20_000, years=3, cohorts=1, selection=0, seed=1).firms
    found = tp.effects.recurrent_events(
        drawn, outcome="patents", covariates=["log_size", "own_rd"], model="andersen_gill"
    )
    size = found.table.set_index(["model", "term"]).loc[("as asked", "log_size")]
    assert size["estimate"] == pytest.approx(0.4, abs=2 * size["std_error"]) and size["std_error"] < 0.01
    assert found.estimate == pytest.approx(0.4, abs=2 * found.std_error)


def two_firms() -> pd.DataFrame:
    """Inside: events in years 1 and 2; outside: one in year 2; a third, outside, none. All seen for three years."""
    counts = {"a": (1, 1, 0), "b": (0, 1, 0), "c": (0, 0, 0)}
    return pd.DataFrame(
        [
            {"firm": firm, "year": 2000 + t, "entered": 2000 * (firm == "a"), "events": number}
            for firm, numbers in counts.items()
            for t, number in enumerate(numbers)
        ]
    )


def test_gap_model_by_hand() -> None:
    """First events: a at 0.5 among (a, b, c), b at 1.5 among (b, c). Second: a waits from 0.5, has it after 1; b waits from 1.5, and
    after a year still does: among (a, b). So L = r / (r + 2) x 1 / 2 x r / (r + 1): log L grows in r without end."""
    with pytest.raises(TechnopoleError, match="no maximum"):
        tp.effects.recurrent_events(two_firms(), outcome="events", years=False)


def test_andersen_gill_by_hand() -> None:
    """a at 0.5, a and b at 1.5, each among (a, b, c): L = r / (r + 2) x r / (r + 2)^2 with Breslow: 2 (r + 2) = 3 r, so r = 4."""
    found = tp.effects.recurrent_events(
        two_firms(), outcome="events", model="andersen_gill", ties="breslow", years=False
    )
    assert found.table["hazard_ratio"].iloc[0] == pytest.approx(4, rel=1e-8)


def test_events_of_a_year_are_spread_over_it_and_counted() -> None:
    firms = two_firms()
    firms.loc[(firms["firm"] == "b") & (firms["year"] == 2001), "events"] = 3
    found = tp.effects.recurrent_events(firms, outcome="events", model="andersen_gill", strata=3)
    assert any(said.startswith("1 firm-years have more than one event") for said in found.warnings)
    assert found.events.to_dict("list") == {
        "event": ["1", "2", "3 and later"],
        "waiting": [3, 2, 2],
        "had": [2, 2, 1],
        "inside": [1, 1, 0],
    }


@pytest.mark.slow
def test_the_truth_lies_in_the_interval_and_order_of_events_guards_against_the_inventive() -> None:
    """Firms differ in inventiveness, entrants are the more inventive: counting alone overstates, conditioning on order less so."""
    drawn = tp.simulate_firms("innovation", firms=1000, selection=0, seed=2)
    for model in ("conditional_gap", "andersen_gill"):
        found = tp.effects.recurrent_events(
            drawn.firms, outcome="patents", covariates=["log_size", "own_rd"], model=model
        )
        assert found.low < 0.4 < found.high
    chosen = tp.simulate_firms("selection", firms=1000, selection=1.0, seed=2).firms
    counted = tp.effects.recurrent_events(chosen, outcome="patents", model="andersen_gill")
    ordered = tp.effects.recurrent_events(chosen, outcome="patents", model="conditional_gap")
    assert counted.estimate > 1.5 * ordered.estimate > 0


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (lambda f: f.assign(patents=0), TechnopoleError, "no event"),
        (lambda f: f.assign(patents=f["patents"] + 0.5), WrongOption, "isn't a number of events"),
        (lambda f: f.assign(patents=-1), WrongOption, "isn't a number of events"),
        (lambda f: f.assign(entered=0), TechnopoleError, "seen inside parks"),
        (lambda f: f.assign(entered=2010), TechnopoleError, "seen outside parks"),
        (lambda f: f.assign(log_size=2.0), WrongOption, "doesn't vary"),
    ],
)
def test_what_can_t_be_compared_is_refused_in_words(change: Any, error: type, said: str) -> None:
    with pytest.raises(error, match=said):
        tp.effects.recurrent_events(change(world()), outcome="patents", covariates=["log_size"])


def test_options_out_of_range() -> None:
    with pytest.raises(WrongOption, match="strata"):
        tp.effects.recurrent_events(world(), outcome="patents", strata=0)
    with pytest.raises(WrongOption, match="part of the design"):
        tp.effects.recurrent_events(world().assign(event=1), outcome="patents", covariates=["event"])
