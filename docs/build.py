"""Builds the documentation into docs/_site: the Markdown pages, and a reference made from the docstrings.

The reference isn't stored: it is generated at every build, so it can't drift. Broken links between pages end the build.
"""

from __future__ import annotations

import html
import re
import shutil
import sys
from pathlib import Path

from markdown_it import MarkdownIt

from technopole import rooms
from technopole.docstrings import describe

DOCS = Path(__file__).resolve().parent
SITE = DOCS / "_site"
# h[i](t) in a formula is no link
CODE = re.compile(r"^```.*?^```|^ {4}.*?$|`[^`\n]*`", re.DOTALL | re.MULTILINE)
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Technopole</title><style>
body{{font:1rem/1.6 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1b2733}}
a{{color:#0b5a8a}}pre{{background:#f3f5f7;padding:.8rem;overflow-x:auto}}code{{font-size:.92em}}
table{{border-collapse:collapse;display:block;overflow-x:auto}}td,th{{border-bottom:1px solid #d5dbe1;padding:.3rem .6rem;text-align:left}}
img{{max-width:100%}}</style></head><body><p><a href="{up}index.html">Technopole documentation</a></p>
{body}</body></html>
"""


def pages() -> dict[str, str]:
    """Return every page as address without ending -> Markdown text."""
    written = {
        str(path.relative_to(DOCS).with_suffix("")): path.read_text(encoding="utf-8")
        for path in sorted(DOCS.rglob("*.md"))
        if SITE not in path.parents
    }
    return {**written, **reference()}


def reference() -> dict[str, str]:
    """Return a page per room: every member's signature, docstring and formula."""
    made = {}
    for room, question in rooms.ROOMS.items():
        parts = [f"# {room}\n\n{question}\n"]
        for member in rooms.members(room):
            said = describe(rooms.load(f"{room}.{member}"))
            parts.append(
                f"## {member}\n\n{said.title} ([method](../methods/{member}.md))\n\n```text\n{said.formula}\n```\n"
            )
            parts += [f"**{name}**\n\n```text\n{text}\n```\n" for name, text in said.sections.items()]
        made[f"reference/{room}"] = "\n".join(parts)
    return made


def index(addresses: list[str]) -> str:
    """Return the front page: every page, by folder, by its own title."""
    lines = ["# Technopole documentation\n"]
    for folder in ("tutorials", "how-to", "methods", "reference", "data"):
        lines.append(f"\n## {folder}\n")
        lines += [f"- [{address.split('/')[-1].replace('_', ' ').replace('-', ' ')}]({address}.md)"
                  for address in addresses if address.startswith(folder + "/")]  # fmt: skip
    return "\n".join(lines)


def broken_links(texts: dict[str, str]) -> list[str]:
    """Return every link between pages that leads nowhere."""
    broken = []
    for address, text in texts.items():
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", CODE.sub("", text)):
            if "://" in target or target.startswith("mailto:"):
                continue
            path = (DOCS / address).parent / target
            known = (
                target.endswith(".md")
                and str(path.resolve().relative_to(DOCS.parent)).removeprefix("docs/")[:-3] in texts
            )
            if not known and not path.exists():
                broken.append(f"{address}.md -> {target}")
    return broken


def build() -> None:
    """Write the site, or name the broken links and stop."""
    texts = pages()
    texts["index"] = index(sorted(texts))
    if broken := broken_links(texts):
        sys.exit("broken links:\n" + "\n".join(broken))
    markdown = MarkdownIt("commonmark").enable("table")
    for address, text in texts.items():
        path = SITE / f"{address}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        body = re.sub(r'href="([^":]+)\.md(#[^"]*)?"', r'href="\1.html\2"', markdown.render(text))
        title = html.escape(text.splitlines()[0].lstrip("# "))
        path.write_text(PAGE.format(title=title, body=body, up="../" * address.count("/")), encoding="utf-8")
    for file in sorted(DOCS.rglob("*")):
        if file.suffix in (".png", ".csv") and SITE not in file.parents:
            shutil.copy(file, SITE / file.relative_to(DOCS))
    print(f"{len(texts)} pages in {SITE.relative_to(DOCS.parent)}")


if __name__ == "__main__":
    build()
