"""Oracles: R `did` on mpdta; differences of means by hand; staggered entry without noise, where the truth is known."""

from __future__ import annotations

import io
import itertools
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cases import firms
from staggered_cases import LATER, NO_NEVER, mpdta, without_noise

import technopole as tp
from technopole.errors import EmptyTable, TechnopoleError, WrongOption
from technopole.result import EffectResult

group_time_effects: Any = tp.effects.group_time_effects  # takes frames too

# Output of R's did 2.x (att_gt and aggte, bstrap = FALSE) on mpdta to 15 digits: r_ref/ref_attgt.csv and ref_aggte.csv of d2cml-ai/csdid.
CELLS = """scenario group time estimate std_error
never 2004 2004 -0.0105032462209624 0.0232510363681664
never 2004 2005 -0.0704231581031467 0.0309847667572767
never 2004 2006 -0.137258738889403 0.0364356642876865
never 2004 2007 -0.100811363085404 0.0343592258346732
never 2006 2004 0.00652011242423301 0.0233268051418047
never 2006 2005 -0.00275081875051882 0.0195585610358817
never 2006 2006 -0.00459460695286304 0.0177551966592763
never 2006 2007 -0.0412244715462175 0.0202291807041068
never 2007 2004 0.0305066555832928 0.01503356028013
never 2007 2005 -0.00272589288611625 0.0163958328955344
never 2007 2006 -0.0310871193896889 0.0178775113133435
never 2007 2007 -0.0260544107191966 0.0166554353492522
not_yet 2004 2004 -0.0193723636759221 0.0223101128836806
not_yet 2004 2005 -0.0783190990620607 0.0303902285433973
not_yet 2004 2006 -0.136274346328678 0.03540338496891
not_yet 2004 2007 -0.100811363085404 0.0343592258346732
not_yet 2006 2004 -0.00256255094261098 0.0225302351453388
not_yet 2006 2005 -0.00193924609578875 0.019042158605819
not_yet 2006 2006 0.00466087631997615 0.0163355842468236
not_yet 2006 2007 -0.0412244715462175 0.0202291807041068
not_yet 2007 2004 0.0297593647610311 0.0145335416386514
not_yet 2007 2005 -0.0024106128000969 0.0160312963755178
not_yet 2007 2006 -0.0310871193896889 0.0178775113133435
not_yet 2007 2007 -0.0260544107191966 0.0166554353492522
lpop 2004 2004 -0.014911237790361 0.0220556930763195
lpop 2004 2005 -0.0769963229660512 0.0283597455101496
lpop 2004 2006 -0.141080104628588 0.0348362869536185
lpop 2004 2007 -0.107544274673046 0.0327376926434119
lpop 2006 2004 -0.0020660581184395 0.022122286483578
lpop 2006 2005 -0.00696828306727072 0.0183457856293695
lpop 2006 2006 0.000765525026395888 0.0191959070328785
lpop 2006 2007 -0.0415356365293253 0.0197168736453729
lpop 2007 2004 0.0263658317469803 0.0140189493226751
lpop 2007 2005 -0.00475983533866949 0.0156699660373289
lpop 2007 2006 -0.028502106413859 0.0181320658924703
lpop 2007 2007 -0.0287894881938243 0.0161678672536918
"""
AVERAGES = """scenario to key estimate std_error overall overall_error
never simple 0 -0.0399512751551763 0.0120340127701854 -0.0399512751551763 0.0120340127701854
never group 2004 -0.0797491265747291 0.0263677994350273 -0.0310182822287484 0.0124460593209979
never group 2006 -0.0229095392495403 0.0167033302551619 -0.0310182822287484 0.0124460593209979
never group 2007 -0.0260544107191966 0.0166554353492522 -0.0310182822287484 0.0124460593209979
never event -3 0.0305066555832928 0.01503356028013 -0.0772398214573151 0.0199649890618494
never event -2 -0.000563084626385429 0.01329164473655 -0.0772398214573151 0.0199649890618494
never event -1 -0.0244587449711696 0.0142364022105193 -0.0772398214573151 0.0199649890618494
never event 0 -0.0199318167892593 0.0118263640580582 -0.0772398214573151 0.0199649890618494
never event 1 -0.0509573670651939 0.016893476268678 -0.0772398214573151 0.0199649890618494
never event 2 -0.137258738889403 0.0364356642876865 -0.0772398214573151 0.0199649890618494
never event 3 -0.100811363085404 0.0343592258346733 -0.0772398214573151 0.0199649890618494
never calendar 2004 -0.0105032462209624 0.0232510363681664 -0.0417004321312822 0.01597185188456
never calendar 2005 -0.0704231581031467 0.0309847667572767 -0.0417004321312822 0.01597185188456
never calendar 2006 -0.0488159842650431 0.0201258612605003 -0.0417004321312822 0.01597185188456
never calendar 2007 -0.0370593399359766 0.0137470791411185 -0.0417004321312822 0.01597185188456
not_yet simple 0 -0.0397636256230437 0.0120524247873419 -0.0397636256230437 0.0120524247873419
not_yet group 2004 -0.0836942930380162 0.0257015997680069 -0.030462228112565 0.0125751201316818
not_yet group 2006 -0.0182817976131207 0.0159222358245001 -0.030462228112565 0.0125751201316818
not_yet group 2007 -0.0260544107191966 0.0166554353492522 -0.030462228112565 0.0125751201316818
not_yet event -3 0.0297593647610311 0.0145335416386514 -0.0773993139705847 0.0195601769463944
not_yet event -2 -0.00244615388606511 0.0131203504342708 -0.0773993139705847 0.0195601769463944
not_yet event -1 -0.0242689034145076 0.0144636816758019 -0.0773993139705847 0.0195601769463944
not_yet event 0 -0.0189221990834249 0.0120445686892691 -0.0773993139705847 0.0195601769463944
not_yet event 1 -0.0535893473848319 0.016946385539125 -0.0773993139705847 0.0195601769463944
not_yet event 2 -0.136274346328678 0.03540338496891 -0.0773993139705847 0.0195601769463944
not_yet event 3 -0.100811363085404 0.0343592258346733 -0.0773993139705847 0.0195601769463944
not_yet calendar 2004 -0.0193723636759221 0.0223101128836806 -0.0442670834758837 0.0155709044211449
not_yet calendar 2005 -0.0783190990620607 0.0303902285433972 -0.0442670834758837 0.0155709044211449
not_yet calendar 2006 -0.0423175312295752 0.0190562576431668 -0.0442670834758837 0.0155709044211449
not_yet calendar 2007 -0.0370593399359766 0.0137470791411185 -0.0442670834758837 0.0155709044211449
lpop simple 0 -0.0419686124215432 0.0114448297682151 -0.0419686124215432 0.0114448297682151
lpop group 2004 -0.0851329850145115 0.0242512163971128 -0.0329292402290042 0.0118603087662617
lpop group 2006 -0.0203850557514647 0.0174025032538199 -0.0329292402290042 0.0118603087662617
lpop group 2007 -0.0287894881938243 0.0161678672536918 -0.0329292402290042 0.0118603087662617
lpop event -3 0.0263658317469803 0.0140189493226751 -0.0807817453337615 0.0187458547114755
lpop event -2 -0.00412971201229991 0.0129174707430671 -0.0807817453337615 0.0187458547114755
lpop event -1 -0.0234649547538384 0.0144416499564523 -0.0807817453337615 0.0187458547114755
lpop event 0 -0.0211467366918448 0.0114810443929097 -0.0807817453337615 0.0187458547114755
lpop event 1 -0.0533558653415673 0.0162930738253423 -0.0807817453337615 0.0187458547114755
lpop event 2 -0.141080104628588 0.0348362869536185 -0.0807817453337615 0.0187458547114755
lpop event 3 -0.107544274673046 0.032737692643412 -0.0807817453337615 0.0187458547114755
lpop calendar 2004 -0.014911237790361 0.0220556930763196 -0.0445323313531745 0.0148850278130483
lpop calendar 2005 -0.0769963229660512 0.0283597455101496 -0.0445323313531745 0.0148850278130483
lpop calendar 2006 -0.0465163515252653 0.020998373312028 -0.0445323313531745 0.0148850278130483
lpop calendar 2007 -0.0397054131310205 0.0128658596749845 -0.0445323313531745 0.0148850278130483
"""
SCENARIOS: dict[str, dict[str, Any]] = {
    "never": {},
    "not_yet": {"control": "not_yet_treated"},
    "lpop": {"covariates": ["lpop"], "method": "outcome_regression"},
}
KEYS = {"group": "group", "calendar": "time", "event": "event_time"}


def contract_case() -> dict[str, Any]:
    return {"outcome": "log_sales"}


def made(entered: dict[str, int], years: range, outcome: Any) -> pd.DataFrame:
    rows = [(unit, year, at, outcome(unit, year, at)) for unit, at in entered.items() for year in years]
    return pd.DataFrame(rows, columns=["firm", "year", "entered", "y"])


@cache
def of_mpdta(folder: Path, scenario: str) -> EffectResult:
    return group_time_effects(mpdta(folder), outcome="lemp", **SCENARIOS[scenario])


def published(text: str, scenario: str) -> pd.DataFrame:
    every = pd.read_csv(io.StringIO(text), sep=" ")
    return every[every["scenario"] == scenario].reset_index(drop=True)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_cell_of_mpdta_as_in_r(shared_data: Path, scenario: str) -> None:
    found = of_mpdta(shared_data, scenario).table
    want = published(CELLS, scenario)
    assert found[["group", "time"]].equals(want[["group", "time"]])
    np.testing.assert_allclose(found["estimate"], want["estimate"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found["std_error"], want["std_error"], rtol=0, atol=1e-12)
    assert found["n"].tolist() == [20] * 4 + [40] * 4 + [131] * 4


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_average_of_mpdta_as_in_r(shared_data: Path, scenario: str) -> None:
    found = of_mpdta(shared_data, scenario)
    for to, want in published(AVERAGES, scenario).groupby("to"):
        average = found.aggregate(str(to))
        if to in KEYS:
            assert average.table[KEYS[str(to)]].tolist() == want["key"].tolist()
        for column in ("estimate", "std_error"):
            np.testing.assert_allclose(average.table[column], want[column], rtol=0, atol=1e-12)
        assert average.estimate == pytest.approx(want["overall"].iloc[0], abs=1e-12)
        assert average.std_error == pytest.approx(want["overall_error"].iloc[0], abs=1e-12)


# csdid for Stata (Rios-Avila), method(dripw), "all point estimates are the same as the R command": its notes on version 1.0.
DOUBLY_ROBUST = """group time estimate std_error
2004 2004 -.0145297 .0221292
2004 2005 -.0764219 .0286713
2004 2006 -.1404483 .0353782
2004 2007 -.1069039 .0328865
2006 2004 -.0004721 .0222234
2006 2005 -.0062025 .0184957
2006 2006 .0009606 .0194002
2006 2007 -.0412939 .0197211
2007 2004 .0267278 .0140657
2007 2005 -.0045766 .0157178
2007 2006 -.0284475 .0181809
2007 2007 -.0287814 .016239
"""


def test_doubly_robust_with_population_to_every_printed_digit(shared_data: Path) -> None:
    found = group_time_effects(mpdta(shared_data), outcome="lemp", covariates=["lpop"])
    want = pd.read_csv(io.StringIO(DOUBLY_ROBUST), sep=" ")
    assert found.table[["group", "time"]].equals(want[["group", "time"]])
    assert found.table["estimate"].round(7).tolist() == want["estimate"].tolist()
    assert found.table["std_error"].round(7).tolist() == want["std_error"].tolist()
    assert (round(found.estimate, 7), round(found.std_error, 7)) == (-0.0417518, 0.0115028)
    events, by_group = found.aggregate("event").table, found.aggregate("group").table
    assert events["estimate"].round(7).tolist() == [
        0.0267278, -0.0036165, -0.023244, -0.0210604, -0.0530032, -0.1404483, -0.1069039
    ]  # fmt: skip
    assert events["std_error"].round(7).tolist() == [
        0.0140657, 0.0129283, 0.0144851, 0.0114942, 0.0163465, 0.0353782, 0.0328865
    ]  # fmt: skip
    assert by_group["std_error"].round(7).tolist() == [0.0245649, 0.0174696, 0.016239]
    assert round(found.aggregate("event").estimate, 4) == -0.0804  # `did` documentation, xformla = ~lpop


def mean_change(rows: pd.DataFrame, chosen: pd.Series, start: int, end: int) -> float:
    wide = rows[chosen].pivot(index="firm", columns="year", values="log_sales")
    return float((wide[end] - wide[start]).dropna().mean())


@pytest.mark.slow
@pytest.mark.parametrize("base", ["varying", "universal"])
def test_cells_are_differences_of_means(base: str) -> None:
    rows = firms().sample(frac=0.8, random_state=1)  # unbalanced, in no order
    found = group_time_effects(rows, outcome="log_sales", base=base).table
    seen = rows.groupby("firm")["year"].transform("min") < rows["entered"].where(rows["entered"] > 0, 9999)
    rows = rows[seen]
    reference = found["undefined"].str.contains("0 by definition")
    assert found.loc[reference, "estimate"].eq(0).all() and reference.sum() == (
        2 if base == "universal" else 0
    )
    for cell in found[~reference].itertuples():
        start = cell.group - 1 if base == "universal" or cell.time >= cell.group else cell.time - 1
        of_group = mean_change(rows, rows["entered"] == cell.group, start, cell.time)
        of_never = mean_change(rows, rows["entered"] == 0, start, cell.time)
        assert cell.estimate == pytest.approx(of_group - of_never, rel=1e-12)


def test_staggered_entry_without_noise() -> None:
    found = group_time_effects(without_noise(*LATER), outcome="y")
    since = found.table[found.table["event_time"] >= 0].sort_values(["group", "time"])
    assert since["estimate"].tolist() == pytest.approx([1, 2, 3, 4, 1, 2], rel=1e-12)
    assert found.table[found.table["event_time"] < 0]["estimate"].abs().max() < 1e-12
    assert found.estimate == pytest.approx(13 / 6, rel=1e-12)
    assert found.aggregate("group").estimate == pytest.approx(2.0, rel=1e-12)
    assert found.table["std_error"].isna().all() and found.table["undefined"].ne("").all()
    assert any("cohorts of one unit (2003, 2005)" in said for said in found.warnings)


def test_without_never_treated_units() -> None:
    rows = without_noise(*NO_NEVER)
    with pytest.raises(TechnopoleError, match="not_yet_treated"):
        group_time_effects(rows, outcome="y")
    found = group_time_effects(rows, outcome="y", control="not_yet_treated")
    done = found.table[found.table["estimate"].notna()]
    assert done[done["group"] == 2002]["estimate"].tolist() == pytest.approx([1, 2], rel=1e-12)
    missing = found.table[found.table["estimate"].isna()]
    gone = {(2002, 2004), (2002, 2005), *((2004, year) for year in range(2002, 2006))}
    assert set(zip(missing["group"], missing["time"], strict=True)) == gone
    assert missing["undefined"].eq("no unit left to compare with").all()
    assert any(
        "6 of 8 cells can't be estimated" in said or "cells can't be estimated" in said
        for said in found.warnings
    )


@pytest.mark.slow
def test_clusters_of_one_unit_differ_by_the_small_sample_factor() -> None:
    rows = firms()
    alone = group_time_effects(rows, outcome="log_sales")
    named = group_time_effects(rows.assign(own=rows["firm"]), outcome="log_sales", cluster="own")
    factor = np.sqrt(60 / 59)
    np.testing.assert_allclose(named.table["std_error"], alone.table["std_error"] * factor, rtol=1e-10)
    regions = group_time_effects(rows, outcome="log_sales", cluster="region")
    np.testing.assert_allclose(regions.table["estimate"], alone.table["estimate"], rtol=1e-12)
    at = regions.overall.iloc[0]
    assert (at["high"] - at["estimate"]) / at["std_error"] == pytest.approx(
        2.570581835636314, rel=1e-9
    )  # t(5)


@pytest.mark.slow
def test_clustered_errors_as_in_the_library() -> None:
    diff_diff = pytest.importorskip("diff_diff")
    rows = firms()
    found = group_time_effects(
        rows, outcome="log_sales", cluster="region", covariates=["log_size"], method="outcome_regression"
    )
    fitted = diff_diff.CallawaySantAnna(cluster="region", estimation_method="reg").fit(
        rows, outcome="log_sales", unit="firm", time="year", first_treat="entered", covariates=["log_size"]
    )
    theirs = {at: cell["se"] for at, cell in fitted.group_time_effects.items()}
    for cell in found.table.itertuples():
        assert cell.std_error == pytest.approx(theirs[cell.group, cell.time], rel=1e-9)
    assert found.std_error == pytest.approx(fitted.overall_se, rel=1e-9)
    events = fitted.aggregate("event_study").to_dataframe()
    np.testing.assert_allclose(found.aggregate("event").table["std_error"], events["se"], rtol=1e-9)


@pytest.mark.slow
def test_bands_reach_further_than_intervals_and_are_the_same_again() -> None:
    first = group_time_effects(firms(), outcome="log_sales", bootstrap=199, seed=3)
    again = group_time_effects(firms(), outcome="log_sales", bootstrap=199, seed=3)
    assert first.digest == again.digest
    for to in ("group", "calendar", "event"):
        rows = first.aggregate(to).table
        reach = (rows["band_high"] - rows["estimate"]) / rows["std_error"]
        assert np.ptp(reach) < 1e-9 and 1.96 < reach.iloc[0] < 4
    plain = group_time_effects(firms(), outcome="log_sales")
    assert plain.aggregates["band_low"].isna().all()
    assert "bootstrap=0" in plain.fields["band_low"].meaning


@pytest.mark.slow
def test_covariance_belongs_to_the_event_times() -> None:
    found = group_time_effects(firms(), outcome="log_sales")
    events = found.aggregate("event").table
    wide = found.covariance.pivot(index="event_time_a", columns="event_time_b", values="covariance")
    np.testing.assert_allclose(np.sqrt(np.diag(wide)), events["std_error"], rtol=1e-12)
    assert wide.index.tolist() == events["event_time"].tolist()
    since = wide.index >= 0
    number = since.sum()
    assert found.aggregate("event").std_error == pytest.approx(
        np.sqrt(wide.to_numpy()[np.ix_(since, since)].sum()) / number, rel=1e-12
    )


@pytest.mark.slow
def test_row_order_changes_nothing() -> None:
    rows = firms()
    assert (
        group_time_effects(rows, outcome="log_sales", covariates=["log_size"]).aggregates.to_csv()
        == group_time_effects(
            rows.sample(frac=1, random_state=2), outcome="log_sales", covariates=["log_size"]
        ).aggregates.to_csv()
    )


def test_anticipation_moves_the_base() -> None:
    """By hand: with one year of anticipation the effect in the year before entry is in the estimate, not in its base."""
    table = made(
        {"a": 2004, "b": 2004, "c": 0, "d": 0},
        range(2001, 2007),
        lambda u, t, g: float(t + (g > 0) * (t >= g - 1) + 0.5 * (u == "a") * (t == 2004)),
    )
    early = group_time_effects(table, outcome="y", anticipation=1)
    cell = early.table.query("group == 2004 and time == 2004").iloc[0]
    assert cell["estimate"] == pytest.approx(1.25, rel=1e-12)
    assert early.overall["estimand"].iloc[0].startswith("effect on those treated")


BAD: list[tuple[str, pd.DataFrame, dict[str, Any], type[Exception], str]] = [
    ("nobody enters", firms().assign(entered=0), {}, TechnopoleError, "no unit enters"),
    ("one year", firms().query("year == 2012"), {}, TechnopoleError, "."),
    ("empty covariate", firms().assign(x=np.nan), {"covariates": ["x"]}, EmptyTable, "empty in every row"),
    (
        "constant covariate",
        firms().assign(x=3.0),
        {"covariates": ["x"]},
        TechnopoleError,
        "same in every row",
    ),
    (
        "combination",
        firms().assign(x=lambda t: 2 * t["log_size"] - 1),
        {"covariates": ["log_size", "x"]},
        TechnopoleError,
        "combination of the others",
    ),
    ("no such option", firms(), {"bootstrap": 5}, WrongOption, "99 or more"),
    ("level", firms(), {"level": 95}, WrongOption, "between 0 and 1"),
    ("anticipation", firms(), {"anticipation": -1}, WrongOption, "0 or more"),
    (
        "switches off",
        firms().assign(entered=lambda t: t["entered"].where(t["year"] < 2018, 0)),
        {},
        TechnopoleError,
        "more than one year of entry",
    ),
    (
        "clusters change",
        firms().assign(c=lambda t: t["year"] % 3),
        {"cluster": "c"},
        TechnopoleError,
        "change their cluster",
    ),
]


@pytest.mark.parametrize(("rows", "options", "kind", "words"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_bad_input_is_said(
    rows: pd.DataFrame, options: dict[str, Any], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        group_time_effects(rows, outcome="log_sales", **options)


@pytest.mark.slow
def test_one_year_before_entry_is_a_stated_restriction() -> None:
    rows = firms(years=range(2014, 2018)).assign(
        entered=lambda t: t["entered"].where(t["entered"] == 2015, 0)
    )
    found = group_time_effects(rows, outcome="log_sales")
    assert any("trends before entry can't be seen" in said for said in found.warnings)
    assert (found.table["event_time"] >= 0).all()


def test_constant_outcome_has_no_standard_error() -> None:
    found = group_time_effects(firms().assign(y=1.0), outcome="y")
    assert found.estimate == 0 and np.isnan(found.std_error)
    assert "don't vary" in found.overall["undefined"].iloc[0]


def test_levels_and_per_cent_stand_beside_the_effect() -> None:
    found: EffectResult = group_time_effects(firms(), outcome="log_sales")
    assert not np.isnan(found.level_gap)
    assert f"{100 * np.expm1(found.estimate):+.3g} %" in found.text
    assert "difference, not an effect" in found.text


@pytest.mark.slow
def test_true_effect_is_found() -> None:
    """The standard firms gain 0.3 log points on entry."""
    found = group_time_effects(firms(), outcome="log_sales")
    assert found.low < 0.3 < found.high and found.std_error < 0.05
    assert set(itertools.chain(found.aggregates["aggregation"])) == {"simple", "group", "calendar", "event"}
