"""Entry and exit by hand, regressions against dummies in statsmodels, and world trade from 1980 to 2017."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from sklearn.metrics import roc_auc_score

import technopole as tp
from technopole.errors import EmptyTable, UnknownName, WrongOption
from technopole.result import Result

diversify = tp.competitiveness.diversification


def contract_case() -> dict[str, object]:
    return {"from_": 2015, "to": 2016, "draws": 50}


def made(early: dict[str, str], late: dict[str, str]) -> pd.DataFrame:
    rows = [
        (place, item, year, 1.0)
        for year, has in ((2000, early), (2010, late))
        for place, items in has.items()
        for item in items
    ]
    return pd.DataFrame(rows, columns=["exporter", "product", "year", "value"])


# z and v occur in both years, so that every cell of 6 x 5 is seen.
EARLY = {"A": "wxy", "B": "wxy", "C": "wx", "D": "w", "E": "z", "F": "zv"}
LATE = {"A": "wxy", "B": "wx", "C": "wxy", "D": "wx", "E": "zv", "F": "zv"}


def test_counts_by_hand() -> None:
    """18 cells are empty at first, of which C-y, D-x and E-v are entered; of 12, B-y is lost."""
    found = diversify(made(EARLY, LATE), from_=2000, to=2010, presence="positive", effects="none")
    table = found.table.set_index("event")
    assert table.loc["entry", ["cells", "events"]].tolist() == [18, 3]
    assert table.loc["exit", ["cells", "events"]].tolist() == [12, 1]
    places = found.places.set_index("exporter")
    assert places.loc["C", ["could_enter", "entered", "had", "lost"]].tolist() == [3, 1, 2, 0]
    assert places.loc["B", ["had", "lost", "exit_rate"]].tolist() == [3, 1, 1 / 3]
    assert "3 of the 18 chances" in found.summary() and "not an effect" in found.summary()


@pytest.mark.slow
def test_density_at_the_start_by_hand() -> None:
    """Of D, which has w: phi_xw = 3/4, phi_xy = 2/3, so x lies at (3/4) / (3/4 + 2/3) = 9/17; y at (1/2) / (1/2 + 2/3) = 3/7."""
    found = diversify(
        made(EARLY, LATE), from_=2000, to=2010, presence="positive", effects="none", exporters=["D"], bins=4
    )
    rates = found.rates[found.rates["event"] == "entry"]
    assert rates["density_high"].max() == pytest.approx(9 / 17, rel=1e-12)
    assert sorted(rates["density_low"])[-2] == pytest.approx(3 / 7, rel=1e-12)
    assert rates["events"].tolist()[-1] == 1


def world(seed: int = 12, places: int = 20, items: int = 25) -> pd.DataFrame:
    """Trade whose new products come near old ones: a place likes the items near its own point of a circle."""
    random = np.random.default_rng(seed)
    of_place, of_item = random.uniform(size=(places, 1)), random.uniform(size=items)
    gap = np.abs(of_place - of_item)
    taste = -6 * np.minimum(gap, 1 - gap) + random.normal(0, 0.7, (places, items))
    late = taste + random.normal(0, 0.8, (places, items))
    rows = [
        pd.DataFrame(np.exp(one))
        .rename_axis("exporter")
        .reset_index()
        .melt("exporter", var_name="product")
        .assign(year=year)
        for year, one in ((2000, taste), (2010, late))
    ]
    frame = pd.concat(rows)
    return frame.assign(
        exporter=frame["exporter"].map("c{:02d}".format), product=frame["product"].map("p{:02d}".format)
    )


@cache
def plain() -> pd.DataFrame:
    """The cells written out: RCA, proximity, density without the item itself, and what happened."""
    frame = world()
    wide = {
        year: part.pivot(index="exporter", columns="product", values="value")
        for year, part in frame.groupby("year")
    }
    has = {}
    for year, x in wide.items():
        values = x.to_numpy()
        has[year] = (values / values.sum(1, keepdims=True)) / (values.sum(0) / values.sum()) >= 1
    m = has[2000].astype(float)
    phi = (m.T @ m) / np.maximum.outer(m.sum(0), m.sum(0))
    np.fill_diagonal(phi, 0)
    density = m @ phi / phi.sum(0)
    place, item = np.indices(m.shape)
    cells = pd.DataFrame(
        {
            "place": place.ravel(),
            "item": item.ravel(),
            "density": density.ravel(),
            "had": has[2000].ravel(),
            "has": has[2010].ravel(),
        }
    )
    return cells.assign(happened=np.where(cells["had"], ~cells["has"], cells["has"]).astype(float))


@cache
def linear(effects: str, cluster: str) -> Result:
    return diversify(world(), from_=2000, to=2010, effects=effects, cluster=cluster)


@pytest.mark.parametrize("event", ["entry", "exit"])
@pytest.mark.parametrize("cluster", ["places", pytest.param("both", marks=pytest.mark.slow)])
def test_linear_with_effects_is_that_of_dummies(event: str, cluster: str) -> None:
    """Same coefficient; the same error but for (n - 1) / (n - k), where k counts dummies in one and density alone in the other."""
    part = plain()[plain()["had"] == (event == "exit")]
    dummies = pd.get_dummies(part[["place", "item"]].astype(str), drop_first=True, dtype=float)
    design = sm.add_constant(pd.concat([part["density"] * 10, dummies], axis=1))
    groups = part[["place", "item"]].to_numpy() if cluster == "both" else part["place"].to_numpy()
    fitted = sm.OLS(part["happened"], design).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}, use_t=True
    )
    row = linear("both", cluster).table.set_index("event").loc[event]
    assert row["estimate"] == pytest.approx(fitted.params["density"], rel=1e-8)
    g, n = part["place"].nunique(), len(part)
    if cluster == "places":
        assert row["std_error"] == pytest.approx(fitted.bse["density"] * np.sqrt(g / (g - 1)), rel=1e-7)
    else:
        parts = [
            sm.OLS(part["happened"], design)
            .fit(cov_type="cluster", cov_kwds={"groups": by, "use_correction": False})
            .bse["density"]
            ** 2
            * (k / (k - 1))
            for by, k in (
                (part["place"].to_numpy(), g),
                (part["item"].to_numpy(), part["item"].nunique()),
                (np.arange(n), n),
            )
        ]
        assert row["std_error"] == pytest.approx(np.sqrt(parts[0] + parts[1] - parts[2]), rel=1e-7)


@pytest.mark.parametrize("model", ["linear", "logit"])
def test_without_effects_it_is_statsmodels(model: str) -> None:
    found = (
        diversify(world(), from_=2000, to=2010, model=model, effects="none")
        .table.set_index("event")
        .loc["entry"]
    )
    part = plain()[~plain()["had"]]
    kind = sm.OLS if model == "linear" else sm.Logit
    options = {"disp": 0} if model == "logit" else {}
    fitted = kind(part["happened"], sm.add_constant(part["density"] * 10)).fit(
        cov_type="cluster", cov_kwds={"groups": part["place"]}, use_t=True, **options
    )
    assert found["estimate"] == pytest.approx(fitted.params["density"], rel=1e-8)
    assert found["std_error"] == pytest.approx(fitted.bse["density"], rel=1e-7)
    assert [found["low"], found["high"]] == pytest.approx(list(fitted.conf_int().loc["density"]), rel=1e-7)
    assert found["p_value"] == pytest.approx(fitted.pvalues["density"], rel=1e-6)


def test_area_under_the_curve_is_that_of_scikit_learn() -> None:
    found = linear("both", "places").table.set_index("event")
    for event, had in (("entry", False), ("exit", True)):
        part = plain()[plain()["had"] == had]
        assert found.loc[event, "auc"] == pytest.approx(
            roc_auc_score(part["happened"], part["density"]), rel=1e-12
        )
    entry = found.loc["entry"]
    assert entry["auc_within_low"] < entry["auc_within"] < entry["auc_within_high"]
    assert any("fewer than 50 exporters" in said for said in linear("both", "places").warnings)


def test_rates_by_density() -> None:
    """337 cells in ten bins, as equal as ties let them be; Wilson's interval solves its quadratic."""
    rates = linear("both", "places").rates.query("event == 'entry'")
    assert rates["cells"].sum() == (~plain()["had"]).sum() and rates["cells"].between(32, 35).all()
    z = 1.959963984540054
    for row in rates.itertuples():
        for end in (row.low, row.high):
            if 0 < end < 1 and row.events:
                assert (row.rate - end) ** 2 == pytest.approx(z**2 * end * (1 - end) / row.cells, rel=1e-9)
    assert rates["rate"].iloc[-1] > rates["rate"].iloc[0]


@pytest.mark.slow
def test_a_stricter_rule_of_entry() -> None:
    strict = diversify(world(), from_=2000, to=2010, presence="above", below=0.5).table.set_index("event")
    loose = linear("both", "places").table.set_index("event")
    assert strict.loc["entry", "cells"] < loose.loc["entry", "cells"]
    assert strict.loc["exit", "cells"] == loose.loc["exit", "cells"]


@pytest.mark.slow
def test_the_worlds_proximity() -> None:
    frame = world()
    near = tp.competitiveness.product_proximity(frame[frame["year"] == 2000])
    given = diversify(frame, from_=2000, to=2010, proximity=near)
    assert given.table["estimate"].tolist() == pytest.approx(
        linear("both", "places").table["estimate"].tolist(), rel=1e-9
    )


@pytest.mark.slow
def test_what_is_in_one_year_only_is_left_out_and_said() -> None:
    late = {**{place: items for place, items in LATE.items() if place != "F"}, "E": "zvq", "G": "w"}
    found = diversify(made(EARLY, late), from_=2000, to=2010, presence="positive", effects="none")
    assert set(found.places["exporter"]) == set("ABCDE")
    assert any("1 places of 2000 and 1 of 2010" in said for said in found.warnings)
    assert any("0 items of 2000 and 1 of 2010" in said for said in found.warnings)


@pytest.mark.slow
def test_a_place_without_exports_is_left_out_and_one_without_an_advantage_stays() -> None:
    frame = world()
    gone = frame.assign(
        value=frame["value"].where((frame["exporter"] != "c03") | (frame["year"] == 2000), 0.0)
    )
    found = diversify(gone, from_=2000, to=2010, effects="none")
    assert "c03" not in set(found.places["exporter"]) and len(found.places) == 19
    assert any("25 cells of both years" in said for said in found.warnings)
    none = diversify(frame, from_=2000, to=2010, effects="none", threshold=3.0)
    assert len(none.places) == 20


def test_undefined_is_said() -> None:
    same = diversify(made(EARLY, EARLY), from_=2000, to=2010, presence="positive", effects="none")
    assert same.table["undefined"].tolist() == ["it happens nowhere"] * 2
    assert same.table["estimate"].isna().all() and same.table["auc"].isna().all()


def test_bad_input() -> None:
    frame = made(EARLY, LATE)
    with pytest.raises(WrongOption, match="after from_"):
        diversify(frame, from_=2010, to=2000)
    with pytest.raises(WrongOption, match="logit takes no effects"):
        diversify(frame, from_=2000, to=2010, model="logit")
    with pytest.raises(WrongOption, match="below"):
        diversify(frame, from_=2000, to=2010, below=2.0)
    with pytest.raises(WrongOption, match="level"):
        diversify(frame, from_=2000, to=2010, level=1)
    with pytest.raises(WrongOption, match="bins"):
        diversify(frame, from_=2000, to=2010, bins=0)
    with pytest.raises(UnknownName, match="1999"):
        diversify(frame, from_=1999, to=2010)
    with pytest.raises(EmptyTable, match="both years"):
        diversify(made({"A": "x"}, {"B": "y"}), from_=2000, to=2010, presence="positive")


@pytest.mark.slow
def test_world_trade_from_1980_to_2017(shared_data) -> None:
    """Near products are entered more often and lost less often, as Hidalgo et al. (2007) find for 1990 to 2000."""
    path = shared_data / "trade-country-product" / "trade_hs4_1962_1980_2017.parquet"
    frame = pd.read_parquet(path).rename(columns={"country": "exporter", "export_usd": "value"})
    sums = frame.groupby(["exporter", "year"])["value"].sum().unstack()
    large = list(sums.index[(sums[1980] > 2e8) & (sums[2017] > 1e9)])
    table = diversify(frame, from_=1980, to=2017, exporters=large).table.set_index("event")
    assert table.loc["entry", "low"] > 0 > table.loc["exit", "high"]
    assert table.loc["entry", "auc_within_low"] > 0.6 and table.loc["exit", "auc_within_high"] < 0.45
