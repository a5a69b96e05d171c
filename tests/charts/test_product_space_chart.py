"""The product space as a picture: what is lit, named and said, and how heavy it is."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
import vl_convert

from technopole import charts


def drawing(products: int) -> pd.DataFrame:
    """Products at random, each linked with the next; every third is had, the first four are highlighted."""
    random = np.random.default_rng(5)
    at = random.random((products, 2)) * [1.0, 0.7]
    rows = pd.DataFrame(
        {
            "part": "product",
            "x": at[:, 0],
            "y": at[:, 1],
            "product": [f"{i:04d}" for i in range(products)],
            "label": [f"{i:04d} thing number {i}" for i in range(products)],
            "group_label": [f"{i // 50:02d} group {i // 50}" for i in range(products)],
            "exports": random.lognormal(10, 2, products),
            "present": np.arange(products) % 3 == 0,
            "highlighted": np.arange(products) < 4,
        }
    )
    ends = np.hstack([at[:-1], at[1:]])
    links = pd.DataFrame(ends, columns=["x", "y", "x2", "y2"]).assign(
        part="tree", product="", label="", group_label="", present=False, highlighted=False
    )
    return pd.concat([links, rows], ignore_index=True)


@pytest.mark.slow
@pytest.mark.parametrize("width", [640, 320])
def test_twelve_hundred_products_stay_light_and_within_the_page(width: int) -> None:
    chart = charts.product_space(drawing(1200), has="A has it", highlight="things", width=width)
    svg = vl_convert.vegalite_to_svg(chart.to_json())
    assert len(svg) < 400_000
    size = re.search(r'width="([\d.]+)"', svg)
    assert size is not None and float(size.group(1)) <= width


@pytest.mark.slow
def test_highlighted_products_have_their_code_and_are_listed_with_their_title() -> None:
    svg = vl_convert.vegalite_to_svg(charts.product_space(drawing(30), highlight="things").to_json())
    words = re.findall(r">([^<>]+)</text>", svg)
    for code in ("0000", "0001", "0002", "0003"):
        assert code in words and any(word.startswith(f"{code} thing") for word in words)
    assert "0004" not in words
    assert {"has it", "doesn't have it", "things"} <= set(words)
    assert any(word.startswith("area of a disc: exports, largest") for word in words)


@pytest.mark.slow
def test_a_phone_gets_it_upright() -> None:
    wide, narrow = (charts.product_space(drawing(30), width=width).to_dict() for width in (640, 320))
    assert wide["height"] < wide["width"] and narrow["height"] > narrow["width"]


def test_nothing_to_show() -> None:
    nothing = drawing(3).query("part != 'product'")
    assert "no product to show" in vl_convert.vegalite_to_svg(charts.product_space(nothing).to_json())
