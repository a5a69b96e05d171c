"""What counts twice or apart in a trade table: the world beside countries, a name in two spellings, headings beside their codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from technopole.tables.checking.names import plain
from technopole.tables.checking.reading import Reading, counted, quoted

WORLD = (
    "world", "wld", "w00", "all countries", "world total", "мир", "весь мир", "все страны", "世界", "全世界", "全球", "jahon", "dunyo", "жаҳон", "дунё",
)  # fmt: skip


def check_trade(reading: Reading, found: Mapping[str, str], outputs: Mapping[str, str]) -> None:
    """Refuse the world beside countries; warn of spellings, of headings beside their codes and of trade with oneself."""
    for name in ("exporter", "importer"):
        if name in outputs:
            _world(reading, name, found[name], outputs[name])
            _spellings(reading, name, _listed(reading, outputs[name]))
    _levels(reading, _listed(reading, outputs["product"]))
    if "importer" in outputs:
        own = reading.count(f"({outputs['exporter']}) = ({outputs['importer']})")
        if own:
            reading.warn(
                f"exporter and importer are the same in {counted(own, 'row')} (re-imports, or trade within): they count as exports"
            )


def _listed(reading: Reading, output: str) -> list[str]:
    query = f"SELECT DISTINCT ({output}) AS code FROM {reading.cells} WHERE {reading.keep} AND ({output}) IS NOT NULL ORDER BY 1"
    return [str(row[0]) for row in reading.rows(query)]


def _world(reading: Reading, name: str, cell: str, output: str) -> None:
    words = ", ".join(quoted(word) for word in WORLD)
    whole = f"lower({output}) IN ({words})"
    if reading.count(whole) and reading.count(f"({output}) IS NOT NULL AND NOT ({whole})"):
        reading.refuse(
            whole,
            output,
            f"is the world beside single {name}s, which would count everything twice",
            column=reading.called(name, cell),
            allowed="single countries or regions, or the world alone",
            fix="delete these rows, or keep them alone; a table of the world may be the reference="
            if name == "exporter"
            else "delete these rows, or keep them alone",
        )


def _spellings(reading: Reading, name: str, listed: Sequence[str]) -> None:
    """Names that differ in case, spaces or signs only are one, most likely."""
    alike: dict[str, list[str]] = {}
    for item in listed:
        alike.setdefault(plain(item) or item, []).append(item)
    twice = [spellings for spellings in alike.values() if len(spellings) > 1]
    if twice:
        shown = "; ".join(" and ".join(map(repr, spellings)) for spellings in twice[:3])
        more = f" and {len(twice) - 3} more" if len(twice) > 3 else ""
        reading.warn(
            f"{name}: {shown}{more} look like one name in several spellings, and count apart: write them alike"
        )


def _levels(reading: Reading, codes: Sequence[str]) -> None:
    digits = {code for code in codes if code.isdecimal()}
    above = sorted({code[:size] for code in digits for size in range(1, len(code))} & digits)
    if above:
        stand = "code stands" if len(above) == 1 else "codes stand"
        reading.warn(
            f"product: {len(above):,} {stand} beside finer ones ({', '.join(above[:5])}{', ...' if len(above) > 5 else ''}): "
            "where they are totals of those, values count twice"
        )
