"""Oracles: R's metafor and Stata's metan on the BCG trials (published tables and metafor's own tests); cases by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import technopole as tp
from technopole.errors import BadInput, EmptyTable, TechnopoleError, UnknownName, WrongOption

meta_analysis: Any = tp.effects.meta_analysis  # takes frames too


def contract_case() -> dict[str, Any]:
    return {}


def table(estimate: list[float], std_error: list[float], **more: Any) -> pd.DataFrame:
    names = [f"s{i:02d}" for i in range(len(estimate))]
    return pd.DataFrame({"study": names, "estimate": estimate, "std_error": std_error, **more})


def bcg() -> pd.DataFrame:
    """Vaccination against tuberculosis, 13 trials (Colditz et al. 1994, as in metadat's dat.bcg): log risk ratios."""
    cells = np.array(
        [(4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619), (33, 5036, 47, 5761),
         (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892), (29, 7470, 45, 7232), (17, 1699, 65, 1600),
         (186, 50448, 141, 27197), (5, 2493, 3, 2338), (27, 16886, 29, 17825)], float
    )  # fmt: skip
    a, b, c, d = cells.T
    ratio = np.log(a / (a + b) / (c / (c + d)))
    error = np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))
    return table(list(ratio), list(error), n=cells.sum(axis=1))


def pooled(result: Any, how: str) -> dict[str, Any]:
    return result.table.set_index("study").loc[how].to_dict()


def test_bcg_dersimonian_laird() -> None:
    """metafor's test_misc_metan_vs_rma.uni_with_dat.bcg: Stata's metan and rma to four decimals; tau2 and I2 of its manual."""
    found = meta_analysis(bcg(), method="dersimonian_laird", interval="normal")
    fixed, random = pooled(found, "fixed effect"), pooled(found, "random effects")
    assert [round(fixed[key], 4) for key in ("estimate", "low", "high")] == [-0.4303, -0.5097, -0.3509]
    assert round(fixed["estimate"] / fixed["std_error"], 4) == -10.6247
    assert [round(random[key], 4) for key in ("estimate", "low", "high")] == [-0.7141, -1.0644, -0.3638]
    spread = found.heterogeneity.iloc[0]
    assert round(spread["q"], 3) == 152.233 and spread["df"] == 12
    assert round(spread["tau2"], 4) == 0.3088 and round(spread["i2"], 4) == 0.9212
    assert round(spread["h2"], 2) == 12.69


def test_bcg_paule_mandel_and_egger() -> None:
    """metafor: iterated DerSimonian-Laird (= Paule-Mandel) tau2 0.3181; regtest(model="lm"): t = -1.4013, df = 11, p = 0.1887."""
    found = meta_analysis(bcg())
    assert round(found.heterogeneity["tau2"].iloc[0], 4) == 0.3181
    fat = found.small_study_effects.iloc[0]
    assert round(fat["estimate"] / fat["std_error"], 4) == -1.4013
    assert round(fat["p_value"], 4) == 0.1887
    assert "No clear sign that imprecise studies report other effects (p = 0.189)" in found.text
    assert found.vote_count["studies"].tolist() == [0, 8, 5]


def test_two_studies_by_hand() -> None:
    """Variances 0.01 around 0 and 1: Q = 50, C = 200 - 100, tau2 = 49 / 100; scale 1, so Hartung-Knapp only swaps the quantile."""
    found = meta_analysis(table([0.0, 1.0], [0.1, 0.1]), method="dersimonian_laird")
    fixed, random, spread = (
        pooled(found, "fixed effect"),
        pooled(found, "random effects"),
        found.heterogeneity.iloc[0],
    )
    assert spread["q"] == pytest.approx(50, rel=1e-12)
    assert spread["tau2"] == pytest.approx(0.49, rel=1e-12)
    assert fixed["std_error"] == pytest.approx(math.sqrt(0.005), rel=1e-12)
    assert (random["estimate"], random["std_error"]) == pytest.approx((0.5, 0.5), rel=1e-12)
    assert random["high"] == pytest.approx(
        0.5 + 0.5 * math.tan(math.pi * 0.475), rel=1e-12
    )  # t with 1 df is Cauchy
    assert math.isnan(random["prediction_low"]) and random["undefined"].startswith("prediction interval")
    assert found.small_study_effects["undefined"].eq("needs three studies or more").all()


def test_prediction_and_egger_by_hand() -> None:
    """Estimates 1 + 2 std_error: the regression is exact, so its intercept is 1 and its slope 2. Prediction: Higgins et al. (2009), eq. 12."""
    error = np.array([0.1, 0.2, 0.3, 0.4])
    found = meta_analysis(
        table(list(1 + 2 * error + [0.01, -0.01, -0.01, 0.01]), list(error)), interval="normal"
    )
    tests = found.small_study_effects.set_index("test")["estimate"]
    design = np.column_stack([np.ones(4), error]) / error[:, None]
    by_hand = np.linalg.solve(
        design.T @ design, design.T @ ((1 + 2 * error + [0.01, -0.01, -0.01, 0.01]) / error)
    )
    assert tests.iloc[[1, 0]].to_numpy() == pytest.approx(by_hand, rel=1e-10)
    random, tau2 = pooled(found, "random effects"), found.heterogeneity["tau2"].iloc[0]
    reach = stats.t.ppf(0.975, 2) * math.sqrt(tau2 + random["std_error"] ** 2)
    assert random["prediction_high"] - random["estimate"] == pytest.approx(reach, rel=1e-12)


def test_no_spread_between_studies() -> None:
    """Where estimates agree better than chance, tau2 and I2 are 0, and the interval is never narrower than the fixed-effect one."""
    found = meta_analysis(table([0.1, 0.1, 0.11], [0.1, 0.2, 0.1]), interval="hartung_knapp")
    spread = found.heterogeneity.iloc[0]
    assert spread["tau2"] == 0 and spread["i2"] == 0
    assert pooled(found, "random effects")["std_error"] == pytest.approx(
        pooled(found, "fixed effect")["std_error"], rel=1e-12
    )


def test_positive_finding_against_sample_size() -> None:
    """Logit against odds worked by hand: 1 of 4 small (n = 50) and 3 of 4 large (n = 100) studies: odds ratio 9 per doubling."""
    estimate = [1.0, 0, 0, 0, 1.0, 1.0, 1.0, 0]
    rows = table(estimate, [0.1] * 8, n=[50] * 4 + [100] * 4)
    found = meta_analysis(rows).positive_finding.iloc[0]
    assert found["odds_ratio"] == pytest.approx(9, rel=1e-6)
    assert (found["probability_small"], found["probability_large"]) == pytest.approx((0.25, 0.75), rel=1e-6)
    spread = math.sqrt(1 + 1 / 3 + 1 / 3 + 1)  # Woolf
    assert math.log(found["high"] / found["odds_ratio"]) == pytest.approx(1.959964 * spread, rel=1e-5)


def test_positive_finding_undefined() -> None:
    apart = table([0.0, 0, 1.0, 1.0], [0.1] * 4, n=[10, 20, 30, 40])
    assert "without overlap" in meta_analysis(apart).positive_finding["undefined"].iloc[0]
    assert (
        "none of the studies"
        in meta_analysis(table([0.0, 0.1, 0], [0.1] * 3, n=[1, 2, 3])).positive_finding["undefined"].iloc[0]
    )
    assert "sample size" in meta_analysis(apart.drop(columns="n")).positive_finding["undefined"].iloc[0]


def test_expected_votes() -> None:
    """One precision: the expected share is the power of the test at the pooled mean."""
    found = meta_analysis(table([0.2] * 5, [0.1] * 5)).vote_count.set_index("finding")
    assert found.loc["significantly positive", "expected_share"] == pytest.approx(
        stats.norm.sf(1.959964 - 2), rel=1e-6
    )
    assert found["expected_share"].sum() == pytest.approx(1, rel=1e-12)


def test_in_per_cent_where_the_outcome_is_a_logarithm() -> None:
    rows = table([0.1, 0.1, 0.1], [0.01] * 3, outcome="log_sales")
    assert "in per cent +10.5 %" in meta_analysis(rows).text


def test_row_order_changes_nothing() -> None:
    rows = bcg()
    assert meta_analysis(rows.sample(frac=1, random_state=1)).table.equals(meta_analysis(rows).table)


def test_without_standard_error_left_out_and_said() -> None:
    found = meta_analysis(table([0.1, 0.2, 0.3], [0.1, 0.1, 0.0]))
    assert found.table["undefined"].iloc[-1] == "no estimate, or no standard error above 0"
    assert found.heterogeneity["studies"].iloc[0] == 2
    assert any("1 of 3 studies left out" in said and "s02" in said for said in found.warnings)


def test_errors() -> None:
    rows = table([0.1, 0.2, 0.3, 0.4], [0.1] * 4, outcome=["growth", "growth", "patents", "patents"])
    with pytest.raises(TechnopoleError, match="growth, patents"):
        meta_analysis(rows)
    assert meta_analysis(rows, outcome="patents").heterogeneity["studies"].iloc[0] == 2
    with pytest.raises(UnknownName):
        meta_analysis(rows, outcome="wages")
    with pytest.raises(TechnopoleError, match="more than one estimate"):
        meta_analysis(rows.assign(study="same"), outcome="growth")
    with pytest.raises(TechnopoleError, match="two or more"):
        meta_analysis(rows.iloc[:1])
    with pytest.raises((EmptyTable, BadInput)):
        meta_analysis(rows.iloc[:0])
    with pytest.raises(WrongOption):
        meta_analysis(rows, outcome="growth", level=95)
    with pytest.raises(BadInput):
        meta_analysis(rows.assign(std_error=-1.0), outcome="growth")
