"""The report as a file: needs nothing, escapes everything, says unit, year, source, method; the same bytes again."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from technopole import study
from technopole.errors import UnknownName
from technopole.report.cards import cards
from technopole.report.page import render
from technopole.report.references import References
from technopole.study import CardPart, Cards, Run


class Page(HTMLParser):
    """Headings, addresses, images, tables and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.alts: list[str] = []
        self.tables = self.captions = 0
        self.bare_heads = 0
        self.tags: set[str] = set()
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if "id" in said:
            self.ids.append(said["id"])
        self.loaded += [said[name] for name in ("src", "srcset") if name in said]
        if tag == "link":
            self.loaded.append(said["href"])
        if tag == "a":
            self.links.append(said["href"])
        if tag == "img":
            self.alts.append(said["alt"])
        self.tables += tag == "table"
        self.captions += tag == "caption"
        self.bare_heads += tag == "th" and "scope" not in said

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"[ \n]+", " ", " ".join(self.words))


@pytest.fixture(scope="module")
def seen(page: Path) -> Page:
    return Page(page.read_text(encoding="utf-8"))


def test_it_loads_nothing_from_outside(page: Path, seen: Page) -> None:
    assert seen.loaded and all(address.startswith("data:") for address in seen.loaded)
    assert not seen.tags & {"script", "iframe", "object", "embed", "form"}
    assert not re.search(r"@import|url\(", page.read_text(encoding="utf-8"))


def test_headings_come_in_order_and_every_link_inside_leads_somewhere(seen: Page) -> None:
    assert seen.headings[0] == 1 and seen.headings.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in zip(seen.headings, seen.headings[1:], strict=False))
    assert len(seen.ids) == len(set(seen.ids))
    inside = {link[1:] for link in seen.links if link.startswith("#")}
    assert inside and inside <= set(seen.ids)


def test_pictures_and_tables_can_be_read_without_seeing_them(seen: Page) -> None:
    assert len(seen.alts) == 3 and all(len(alt) > 30 for alt in seen.alts)
    assert seen.bare_heads == 0
    assert seen.tables > 3 and seen.captions >= seen.tables - 3  # the cards' little tables have headings


def test_names_are_text_and_unsafe_addresses_are_no_links(page: Path, seen: Page) -> None:
    html = page.read_text(encoding="utf-8")
    assert "South &lt;b&gt;Valley&lt;/b&gt;" in html and "<b>Valley</b>" not in html
    assert "<title>A small study &amp; its &lt;title&gt;</title>" in html
    assert "Another &lt;i&gt;paragraph&lt;/i&gt;." in html
    assert not any(link.startswith("javascript") for link in seen.links)


def test_numbers_have_unit_year_source_and_marks(seen: Page) -> None:
    assert re.search(r"2\u202f100 firms \[\d+\] 2017 · optics", seen.text), "in the card"
    assert "10.5 billion EUR" in seen.text
    assert re.search(r"3 billion EUR ≈ † \[\d+\] 2018 · optics", seen.text)
    assert "https://example.org/north?a=1&b=2" in seen.links
    assert "A yearbook on paper" in seen.text
    assert re.search(r"only targets", seen.text), "a blank has its reason"


def test_it_says_how_and_from_what(small: Run, page: Path, seen: Page) -> None:
    assert "LQ[p, i] = (E[p, i] / E[p]) / (E[i] / E)" in seen.text and "Florence" in seen.text
    html = page.read_text(encoding="utf-8")
    for result in small.results.values():
        assert result.digest in html
    for table in small.lock["tables"].values():
        assert table["digest"] in html and table["file"] in html


def test_order_summary_first_methods_and_provenance_last(seen: Page) -> None:
    wanted = ["summary", "chapter-first", "chapter-clusters", "warnings", "methods", "sources", "provenance"]
    assert [name for name in seen.ids if name in wanted] == wanted


def test_long_tables_are_folded_and_hidden_columns_left_out(seen: Page) -> None:
    assert "the first 10 of 120 rows" in seen.text and "Show all 120 rows" in seen.text
    assert "parks with figure" not in seen.text


def test_same_run_same_bytes(small: Run, page: Path) -> None:
    assert render(small) == page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "wrong",
    [
        {"step": "side", "table": "nothing", "columns": ("value",)},
        {"step": "side", "table": "cells", "columns": ("colour",)},
        {"step": "side", "table": "cells", "columns": ("value",), "where": {"colour": "red"}},
    ],
)
def test_a_card_of_what_isnt_there_is_an_error_that_says_so(small: Run, wrong: dict) -> None:
    said = small.study.model_copy(update={"cards": Cards(of=("North Valley",), parts=(CardPart(**wrong),))})
    run = Run(said, small.folder, small.results, small.lock)
    with pytest.raises(UnknownName, match="has no") as error:
        cards(run, References())
    assert error.value.exists


def test_rows_of_firms_stay_out_of_the_report(tmp_path: Path) -> None:
    firms = "firm,year,longitude,latitude\n" + "".join(
        f"secret {i},{year},{8 + i},50\n" for i in range(3) for year in (2010, 2011, 2012)
    )
    (tmp_path / "firms.csv").write_text(firms, encoding="utf-8")
    (tmp_path / "parks.csv").write_text(
        "park,longitude,latitude,opened\nValley,8,50,2011\n", encoding="utf-8"
    )
    steps = "".join(
        f'[steps.{name}]\ncall = "parks.{name}"\ntable = "firms"\nparks = "parks"\n{more}\n'
        for name, more in (("on_park", "within_km = 1.0"), ("rings", ""))
    )
    (tmp_path / "study.toml").write_text(
        '[study]\nname = "s"\ntitle = "S"\nquestion = "Q?"\n'
        '[tables.firms]\npath = "firms.csv"\nas = "firms"\n[tables.parks]\npath = "parks.csv"\nas = "parks"\n'
        + steps,
        encoding="utf-8",
    )
    done = study.run(study.load(tmp_path / "study.toml"), tmp_path / "out")
    html = render(done)
    assert "secret" not in html
    assert "Valley" in html and "results/on_park/parks.csv" in html and "results/rings/counts.csv" in html
    assert "2\u202f011" not in html
