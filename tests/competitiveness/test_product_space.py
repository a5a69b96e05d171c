"""Product space: proximity, density and rank by hand, the network of 2017 against a plain spanning tree, the world's network for a region."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import UnknownName, WrongOption

space = tp.competitiveness.product_space


def contract_case() -> dict[str, Any]:
    return {"place": "C0", "highlight": ["9001", "9004"]}


def exports(rows: dict[str, str], **columns: object) -> pd.DataFrame:
    """Exporter -> products it exports one of each."""
    cells = [
        {"exporter": place, "product": product, "value": 1.0}
        for place, said in rows.items()
        for product in said
    ]
    return pd.DataFrame(cells).assign(**columns)


# The project's oracle of four exporters with products 1111, 1110, 1100, 1000.
TRIANGLE = exports({"A": "pqrs", "B": "pqr", "C": "pq", "D": "p"})


def test_density_and_rank_by_hand() -> None:
    """phi: pq .75, pr .5, ps .25, qr 2/3, qs 1/3, rs .5. C has p and q: density of r (.5 + 2/3) / 2.6666, of s (.25 + 1/3) / 2.08333."""
    found = space(TRIANGLE, place="C", presence="positive")
    table = found.table.set_index("product")
    assert table.loc["r", "density"] == pytest.approx(
        (1 / 2 + 2 / 3) / (1 + 1 / 2 + 2 / 3 + 1 / 2), rel=1e-12
    )
    assert table.loc["s", "density"] == pytest.approx(
        (1 / 4 + 1 / 3) / (1 + 1 / 4 + 1 / 3 + 1 / 2), rel=1e-12
    )
    assert table["present"].tolist() == [True, True, False, False]
    assert table["rank"].fillna(0).tolist() == [0, 0, 1, 2]
    assert found.nearest["product"].tolist() == ["r", "s"]
    assert found.nearest["links_to_present"].tolist() == [2, 2]


def test_network_by_hand() -> None:
    """The greatest tree: pq .75, qr 2/3, and of pr and rs, which tie at .5, the one that closes no circle."""
    edges = space(TRIANGLE, place="C", presence="positive", strong=2.0).edges
    assert list(zip(edges["product_a"] + edges["product_b"], edges["kind"], strict=True)) == [
        ("pq", "tree"),
        ("qr", "tree"),
        ("rs", "tree"),
    ]
    strong = space(TRIANGLE, place="C", presence="positive", strong=0.5).edges
    assert (strong["product_a"] + strong["product_b"]).tolist() == ["pq", "pr", "qr", "rs"]
    assert strong["kind"].tolist() == ["tree", "strong", "tree", "tree"]
    np.testing.assert_allclose(strong["proximity"], [3 / 4, 1 / 2, 2 / 3, 1 / 2], rtol=1e-12)


def test_links_point_where_products_are_drawn() -> None:
    found = space(TRIANGLE, place="C", presence="positive")
    at = found.table.set_index("product")[["x", "y"]]
    lines = found.drawing[found.drawing["part"] != "product"].reset_index(drop=True)
    for row, line in zip(found.edges.itertuples(), lines.itertuples(), strict=True):
        assert (line.x, line.y) == tuple(at.loc[row.product_a])
        assert (line.x2, line.y2) == tuple(at.loc[row.product_b])


def test_a_product_that_nobody_has_an_advantage_in_is_said_and_sorts_last() -> None:
    lonely = pd.concat([TRIANGLE, exports({"E": "z"})])
    found = space(lonely, place="C", presence="positive")
    last = found.table.iloc[-1]
    assert last["product"] == "z" and "near nothing" in last["undefined"]
    assert found.table["undefined"].tolist() == [""] * 4 + [last["undefined"]]
    assert pd.isna(last["x"]) and pd.isna(last["density"]) and pd.isna(last["rank"])
    assert "1 of 5 products are near nothing and not drawn" in found.warnings


def test_a_place_without_exports_says_so() -> None:
    empty = pd.concat([TRIANGLE, exports({"E": "p"}, value=0.0)])
    found = space(empty, place="E")
    assert (found.table["undefined"] == "the exporter has no exports").all()
    assert found.table["rank"].isna().all()


def test_withheld_is_neither_had_nor_missing() -> None:
    jobs = TRIANGLE.rename(columns={"exporter": "place", "product": "industry", "value": "employment"})
    jobs["employment"] = jobs["employment"].astype(object)
    hidden = (jobs["place"] == "C") & (jobs["industry"] == "q")
    jobs.loc[hidden, "employment"] = None
    found = space(jobs.assign(employment=pd.to_numeric(jobs["employment"])), place="C", presence="positive")
    row = found.table.set_index("industry").loc["q"]
    assert (
        row["undefined"] == "withheld" and not row["present"] and pd.isna(row["rank"]) and pd.isna(row["rca"])
    )
    assert any("withheld" in said for said in found.warnings)


def test_the_world_s_network_for_a_region() -> None:
    """A region's products in the world's network, its advantage against the world's totals: x 1 of 2 against 4 of 10."""
    region = exports({"North": "pr", "South": "p"})
    found = space(region, place="North", reference=TRIANGLE)
    whole = space(TRIANGLE, place="A")
    pd.testing.assert_frame_equal(found.edges, whole.edges)
    pd.testing.assert_frame_equal(
        found.table[["product", "x", "y", "pci"]], whole.table[["product", "x", "y", "pci"]]
    )
    table = found.table.set_index("product")
    assert table.loc["p", "rca"] == pytest.approx((1 / 2) / (4 / 10), rel=1e-12)
    assert table.loc["q", "rca"] == 0.0


def test_a_given_proximity_is_that_of_the_places_it_comes_from() -> None:
    near = tp.competitiveness.product_proximity(TRIANGLE)
    region = exports({"North": "pr", "South": "p"})
    found = space(region, place="North", reference=TRIANGLE, proximity=near)
    pd.testing.assert_frame_equal(found.table, space(region, place="North", reference=TRIANGLE).table)
    with pytest.raises(WrongOption, match="product_proximity"):
        space(TRIANGLE, place="A", proximity=found)


def test_only_some_places_make_the_network() -> None:
    more = pd.concat([TRIANGLE, exports({"E": "ps"}, value=0.1)])
    expected = space(TRIANGLE, place="C", presence="positive").edges
    pd.testing.assert_frame_equal(
        space(more, place="C", presence="positive", minimum_total=1).edges, expected
    )
    kept = space(more, place="C", presence="positive", exporters=list("ABCD"))
    pd.testing.assert_frame_equal(kept.edges, expected)
    with pytest.raises(UnknownName, match="takes part"):
        space(more, place="E", exporters=list("ABCD"))


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"place": "X"}, UnknownName),
        ({"year": 1999}, UnknownName),
        ({"highlight": ["x"]}, UnknownName),
        ({"threshold": 0}, WrongOption),
        ({"degree": 1.5}, WrongOption),
        ({"digits": 0}, WrongOption),
        ({"presence": "some"}, WrongOption),
    ],
)
def test_what_it_refuses(wrong: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        space(TRIANGLE, **{"place": "C", **wrong})


def test_the_order_of_rows_changes_nothing() -> None:
    turned = TRIANGLE.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(space(turned, place="C").drawing, space(TRIANGLE, place="C").drawing)


def test_words() -> None:
    """Advantages: A r, s; B q, r; C p, q; D p. So phi is 1/2 for pq, qr and rs, and r's density is (1/2) / 2, s's 0."""
    said = space(TRIANGLE.assign(year=2017), place="C", highlight=["p", "s"]).text
    assert said.startswith("In 2017 C has an advantage (RCA of 1 or more) in 2 of 4 products.")
    assert "The nearest it does not have: r (density 0.25); near means" in said
    assert (
        "Of 2 highlighted products it has 1; the nearest of the others, among 2 it does not have: s (rank 2)."
        in said
    )


@pytest.mark.slow
def test_2017(shared_data: Path) -> None:
    """1,222 headings: the tree spans all and is the greatest (sum as by Prim's algorithm); four links per product on average, or fewer."""
    trade = pd.read_parquet(
        shared_data / "trade-country-product" / "trade_hs4_1962_1980_2017.parquet",
        filters=[("year", "==", 2017)],
    ).rename(columns={"country": "exporter", "export_usd": "value"})
    photonics = tp.sector("photonics_products", scheme="HS-2017")
    found = space(trade, place="chn", highlight=photonics)
    edges, table = found.edges, found.table
    assert len(table) == 1222 and (table["undefined"] == "").all()
    assert (edges["kind"] == "tree").sum() == 1221
    assert len(edges) <= 2 * 1222 < len(edges) * 1.15
    near = _proximity(trade)
    np.testing.assert_allclose(
        edges.loc[edges["kind"] == "tree", "proximity"].sum(), _prim(near.to_numpy()), rtol=1e-12
    )
    sample = edges.sample(50, random_state=0)
    expected = [near.loc[row.product_a, row.product_b] for row in sample.itertuples()]
    np.testing.assert_allclose(sample["proximity"], expected, rtol=1e-12)
    first = table.sort_values("rank").iloc[0]
    have = table.loc[table["present"], "product"]
    closeness = near.loc[first["product"]]
    assert first["density"] == pytest.approx(closeness[have].sum() / (closeness.sum() + 1), rel=1e-12)
    assert table.loc[table["highlighted"], "product"].tolist() == [
        "8541",
        "9001",
        "9002",
        "9005",
        "9011",
        "9013",
    ]


def _proximity(trade: pd.DataFrame) -> pd.DataFrame:
    """Plain pandas; 0 on the diagonal."""
    cells = trade.pivot_table(index="exporter", columns="product", values="value", fill_value=0.0)
    rca = cells.div(cells.sum(axis=1), axis=0) / (cells.sum() / cells.to_numpy().sum())
    there = (rca >= 1 - 1e-12).astype(float)
    count = there.sum().to_numpy()
    near = (there.T @ there) / np.maximum.outer(count, count)
    return near - np.diag(np.diag(near))


def _prim(near: np.ndarray) -> float:
    """The sum of the greatest spanning tree, grown from the first node."""
    inside = np.zeros(len(near), dtype=bool)
    best, total = near[0].copy(), 0.0
    inside[0] = True
    for _ in range(len(near) - 1):
        best[inside] = -1
        follows = int(best.argmax())
        total += best[follows]
        inside[follows] = True
        best = np.maximum(best, near[follows])
    return total
