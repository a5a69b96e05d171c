"""Which of the user's columns is which standard column."""

from __future__ import annotations

import difflib
import re
import shlex
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence

from technopole.errors import MissingColumn
from technopole.tables.checking.reading import Reading
from technopole.tables.schema import Schema

# Headers found in published tables; they only serve to guess what a missing column may be called.
OTHERS_SAY: Mapping[str, tuple[str, ...]] = {
    "place": ("fips", "county", "region", "zip", "geo", "refarea", "nuts", "city", "prefecture", "areacode", "地区", "城市", "регион", "область", "hudud", "viloyat"),
    "industry": ("naics", "nace", "isic", "sic", "sector", "activity", "naf", "ape", "code", "行业", "отрасль", "tarmoq"),
    "employment": ("emp", "jobs", "employees", "workers", "persons", "就业", "从业人员", "занятость", "bandlik"),
    "establishments": ("est", "estab", "plants", "firms", "units", "企业数", "предприятия"),
    "output": ("revenue", "turnover", "sales", "production", "产值", "выпуск"),
    "establishment_id": ("id", "siret", "estabid"),
    "longitude": ("lon", "lng", "long", "x", "经度", "долгота", "uzunlik"),
    "latitude": ("lat", "y", "纬度", "широта", "kenglik"),
    "year": ("time", "period", "timeperiod", "date", "年份", "год", "yil", "йил"),
    "park": ("name", "zone", "parkname", "园区", "парк", "технопарк", "texnopark"),
    "firm": ("firmid", "company", "id", "siren", "enterprise", "企业", "公司", "фирма", "инн", "предприятие", "компания", "организация", "stir", "korxona"),
    "entered": ("treated", "firsttreat", "entry", "gname", "вход", "вступлен", "入园", "入驻", "kirgan"),
    "left": ("exit", "выход", "выбыт", "离园", "退园", "迁出", "chiqqan"),
    "designated": ("designation", "статус", "присвоен", "认定", "批准", "maqom"),
    "opened": ("opening", "founded", "открыт", "основан", "开园", "成立", "ochilgan"),
    "exporter": ("reporter", "exporting", "country", "origin", "exp", "出口国", "出口地", "出口省", "报告国", "экспортер", "экспортёр", "экспортқилувчи",
        "eksportyor", "eksportqiluvchi", "国家", "страна", "регион", "davlat", "mamlakat", "давлат", "hudud"),
    "importer": ("partner", "importing", "destination", "imp", "进口国", "进口地", "目的国", "伙伴国", "импортер", "импортёр", "импортқилувчи",
        "назначения", "партнер", "партнёр", "контрагент", "importyor", "importqiluvchi", "hamkor"),
    "product": ("hs", "hscode", "sitc", "commodity", "cmd", "cmdcode", "商品编码", "商品代码", "税号", "тнвэд", "товар", "продукт", "tiftn", "mahsulot",
        "маҳсулот", "tovar", "商品", "产品", "hs编码", "код"),
    "value": ("tradevalue", "obsvalue", "val", "amount", "fob", "primaryvalue", "出口额", "金额", "贸易额", "стоимость", "сумма", "статистоимость",
        "qiymat", "қиймат", "summa", "объемэкспорта", "объёмэкспорта", "экспорт", "价值"),
    "quantity": ("qty", "netwgt", "netweight", "weight", "kg", "数量", "重量", "净重", "количество", "вес", "нетто", "масса", "miqdor", "миқдор",
        "vazn", "ogirlik"),
    "indicator": ("measure", "variable", "metric", "指标", "показатель"),
    "unit": ("units", "currency", "qtyunit", "单位", "计量单位", "единица", "единицаизмерения", "едизм", "birlik", "birligi", "бирлик"),
    "source": ("url", "reference", "来源", "источник"),
    "project": ("projectid", "id", "publication", "grant", "rcn"),
    "organisation": ("organization", "org", "partner", "participant", "institution"),
    "technology": ("ipc", "cpc", "field", "tech", "techn", "技术", "分类号", "мпк", "технолог", "texnolog"),
    "patents": ("count", "n", "patentcount", "专利", "патент", "patent", "заявки"),
    "citations": ("cites", "cited", "被引", "引用", "цитирован", "iqtibos"),
}  # fmt: skip


def plain(name: str) -> str:
    """Return a name without case, spaces and signs."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(character for character in folded if character.isalnum())


def guess(name: str, headers: Sequence[str]) -> list[str]:
    """Return headers that may stand for the standard column `name`, best first."""
    by_plain = _by_plain(headers)
    near = difflib.get_close_matches(plain(name), by_plain, n=3, cutoff=0.6)
    return list(dict.fromkeys([*known(name, headers), *(by_plain[item] for item in near)]))[:3]


def known(name: str, headers: Sequence[str]) -> list[str]:
    """Return headers that published tables use for the standard column `name`, or that hold such a word."""
    by_plain, words = _by_plain(headers), OTHERS_SAY.get(name, ())
    whole = [by_plain[word] for word in words if word in by_plain]
    within = [
        header
        for word in words
        for said, header in by_plain.items()
        if word in said and (len(word) > 3 or not word.isascii())
    ]
    return list(dict.fromkeys([*whole, *within]))


def _by_plain(headers: Sequence[str]) -> dict[str, str]:
    return {plain(header): header for header in reversed(headers) if plain(header)}


def match(reading: Reading, schema: Schema, columns: Mapping[str, str]) -> dict[str, str]:
    """Return output name -> cell column. Mapped names first, then standard names, then all others under their own."""
    headers = list(reading.raw.names)
    found = {name: _mapped(reading, name, theirs, headers) for name, theirs in columns.items()}
    for column in schema.columns:
        if column.name not in found:
            cell = _standard(reading, column.name, headers, set(found.values()))
            if cell is not None:
                found[column.name] = cell
    _others(reading, found, headers)
    _complete(reading, schema, found, headers)
    _years_as_columns(reading, schema, found)
    return found


def _mapped(reading: Reading, name: str, theirs: str, headers: list[str]) -> str:
    fits = [i for i, header in enumerate(headers) if header == theirs] or [
        i for i, header in enumerate(headers) if plain(header) == plain(theirs) != ""
    ]
    if not fits:
        near = difflib.get_close_matches(theirs, shown(headers), n=3, cutoff=0.5)
        raise MissingColumn(
            f"columns maps {name} to a column that isn't there",
            value=theirs,
            where=_where(reading),
            exists=shown(headers),
            fix=(
                f"did you mean {' or '.join(map(repr, near))}?"
                if near
                else "write the header as it stands in the file"
            )
            + _other_sheets(reading),
        )
    _once(reading, name, headers, fits)
    return f"c{fits[0]}"


def shown(headers: Sequence[str]) -> list[str]:
    """Return the headers on one line each, without blank ones."""
    return [" ".join(header.split()) for header in headers if header.strip()]


def _other_sheets(reading: Reading) -> str:
    others = [sheet for sheet in reading.raw.sheets if sheet != reading.raw.sheet]
    if not others:
        return ""
    return f"; this is the sheet {reading.raw.sheet!r}, name another with sheet=: {', '.join(others[:8])}"


def _standard(reading: Reading, name: str, headers: list[str], taken: set[str]) -> str | None:
    free = [(i, header) for i, header in enumerate(headers) if f"c{i}" not in taken]
    fits = [i for i, header in free if header == name]
    if not fits:
        fits = [i for i, header in free if plain(header) == plain(name)]
        if fits:
            reading.warn(f"column {headers[fits[0]]!r} was read as {name}")
    if not fits:
        return None
    _once(reading, name, headers, fits)
    return f"c{fits[0]}"


def _once(reading: Reading, name: str, headers: list[str], fits: list[int]) -> None:
    if len(fits) > 1:
        reading.problem(
            f"{len(fits)} columns have this name (columns {listing_of(fits)} of the table)",
            column=headers[fits[0]],
            allowed=f"one column for {name}",
            fix="rename or delete all but one of them",
        )


def listing_of(positions: Sequence[int]) -> str:
    """Return column positions as the user counts them."""
    return ", ".join(str(i + 1) for i in positions)


def _others(reading: Reading, found: dict[str, str], headers: list[str]) -> None:
    """Keep further columns under their own names, NFC and unique whatever the case."""
    taken = {name.casefold() for name in found}
    used = set(found.values())
    for i, header in enumerate(headers):
        if f"c{i}" in used or (
            not header.strip() and not reading.count(f"coalesce(CAST(c{i} AS VARCHAR), '') <> ''")
        ):
            continue
        name = unicodedata.normalize("NFC", header).strip() or f"column_{i + 1}"
        if name in found or header in found:
            reading.warn(f"the column {header!r} was left out: {name} is read from another column")
            continue
        unique, n = name, 2
        while unique.casefold() in taken:
            unique, n = f"{name}_{n}", n + 1
        if unique != name:
            reading.warn(f"a second column {name!r} was kept as {unique!r}")
        taken.add(unique.casefold())
        found[unique] = f"c{i}"


def _years_as_columns(reading: Reading, schema: Schema, found: Mapping[str, str]) -> None:
    """Say where years stand side by side: each becomes a value of its own, which is rarely what was meant."""
    years = _year_headers(found)
    if schema.value_columns and len(years) > 1 and "year" not in found:
        reading.warn(
            f"the years stand side by side ({years[0]} ... {years[-1]}): each was read as a value of its own, in one unnamed "
            "year; to use them as years, write one row per place, industry and year"
        )


def _year_headers(found: Mapping[str, str]) -> list[str]:
    return [name for name in found if re.fullmatch(r"(19|20)\d\d\s*(年|г\.?|год|yil|-yil|йил)?", name)]


def _complete(reading: Reading, schema: Schema, found: dict[str, str], headers: list[str]) -> None:
    missing = [column for column in schema.columns if column.required and column.name not in found]
    if not missing:
        return
    names, all_headers = [column.name for column in missing], shown(headers)
    used = {cell for name, cell in found.items() if name in schema}
    free = [header for i, header in enumerate(headers) if f"c{i}" not in used and header.strip()]
    optional = [column.name for column in schema.columns if column.name not in (*found, *names)]
    likely = _likely(names, optional, free)
    together = mappings({name: likely.get(name, "your column") for name in (*names, *likely)})
    wide = _wide(found) if "year" in schema else ""
    for column in missing:
        fix = f"map yours: {mapping(column.name, likely.get(column.name, 'your column'))}"
        fix += "" if column.name in likely else f"; there is: {', '.join(all_headers[:12])}"
        if column is missing[-1] and len(set(names) | set(likely)) > 1:
            fix += f"; all at once: {together}"
        reading.problem(
            "the column is missing",
            column=column.name,
            allowed=f"{column.name}: {column.meaning}",
            fix=fix + wide,
        )
    near = guess(names[0], all_headers)
    repeated = [header for header, n in Counter(headers).items() if n > 1 and header]
    hint = f"; is it {' or '.join(map(repr, near))}?" if near else ""
    hint += f"; these headers repeat: {', '.join(repeated)}" if repeated else ""
    others = f" (also missing: {', '.join(names[1:])})" if len(names) > 1 else ""
    reading.missing = MissingColumn(
        f"this {schema.name} table has no column",
        value=names[0],
        where=_where(reading),
        exists=all_headers,
        fix=f"map yours: {together}{hint}{others}{wide}{_other_sheets(reading)}",
    )


def _likely(missing: Sequence[str], optional: Sequence[str], headers: Sequence[str]) -> dict[str, str]:
    """Return the header each column may be, none twice; an optional column only where a known word says so."""
    likely: dict[str, str] = {}
    free = list(headers)
    for name in (*missing, *optional):
        near = guess(name, free) if name in missing else known(name, free)
        if near:
            likely[name] = " ".join(near[0].split())
            free.remove(near[0])
    return likely


def _wide(found: Mapping[str, str]) -> str:
    years = _year_headers(found)
    if len(years) < 2:
        return ""
    return f"; the years stand side by side ({years[0]} ... {years[-1]}): write one row per year, with a column for the year and one for the number"


def mapping(name: str, theirs: str) -> str:
    """Say how a column is mapped, in Python and on the command line."""
    return mappings({name: theirs})


def mappings(theirs: Mapping[str, str]) -> str:
    """Say how several columns are mapped at once."""
    options = " ".join(f"--column {shlex.quote(f'{name}={header}')}" for name, header in theirs.items())
    return f"columns={dict(theirs)!r}, on the command line {options}"


def _where(reading: Reading) -> str:
    return reading.raw.file + (f", sheet {reading.raw.sheet}" if reading.raw.sheet else "")
