"""Bad text files: encodings, delimiters, numbers, years, codes, rows."""

from __future__ import annotations

from bad_case import HEAD, Case, rows, text

from technopole.errors import BadInput, EmptyTable, MissingColumn, UnreadableFile, WrongOption

GOOD = HEAD + "01001,3333,2019,10\n01003,3333,2019,20\n"
CHINESE = "place,industry,year,employment\n武汉东湖高新区,光电子信息产业,2019,10\n长春高新技术开发区,光学仪器制造,2019,20\n"
TAIWAN = "place,industry,year,employment\n新竹科學園區,光電產業,2019,10\n臺中園區,精密機械產業,2019,20\n"
RUSSIAN = "place,industry,year,employment\nТашкент,оптика и лазерная техника,2019,10\nНовосибирск,приборостроение,2019,20\n"
TURKISH = "place,industry,year,employment\nİstanbul,ışık kaynağı,2019,10\nMuğla,çelik dağıtım,2019,20\n"
GERMAN = "place,industry,year,employment\nMünchen,Geräte für Prüfzwecke,2019,10\nGöttingen,Gläser,2019,20\n"


def encoded(content: str, encoding: str) -> Case:
    places = [line.split(",")[0] for line in content.splitlines()[1:]]
    said = () if encoding.startswith("utf-8") else ("was read as",)
    return Case("encoding", encoding, text(content, encoding=encoding), said, cells={"place": places})


ENCODINGS = [
    encoded(CHINESE, "utf-8"),
    encoded(CHINESE, "utf-8-sig"),
    encoded(CHINESE, "utf-16"),
    encoded(CHINESE, "utf-16-le"),
    encoded(TAIWAN, "utf-16-be"),
    encoded(CHINESE, "gb18030"),
    encoded(TAIWAN, "big5"),
    encoded(RUSSIAN, "cp1251"),
    encoded(RUSSIAN, "koi8-r"),
    encoded(TURKISH, "cp1254"),
    encoded(GERMAN, "cp1252"),
    Case("encoding", "one byte that fits many", text(HEAD.encode() + b"\xd5\xcf,x,2019,1\n"), ("jobs.csv", "encoding", "cp1251"), UnreadableFile),
    Case("encoding", "named by the user", text(HEAD.encode() + b"A\xd5,x,2019,1\n"), cells={"place": ["AХ"]}, options={"encoding": "cp1251"}),
    Case("encoding", "named wrongly", text(RUSSIAN, encoding="cp1251"), ("row 2", "utf-8", "encoding="), UnreadableFile, options={"encoding": "utf-8"}),
    Case("encoding", "no such encoding", text(GOOD), ("klingon", "utf-8"), WrongOption, options={"encoding": "klingon"}),
    Case("encoding", "a broken byte late in UTF-8", text(HEAD.encode() + "München,x,2019,1\n".encode() * 3 + b"K\xffln,x,2018,2\n" + "Jügesheim,x,2018,2\nÄÖÜ,y,2018,2\nÄÖÜ,z,2018,3\n".encode()), ("row 5", "UTF-8"), UnreadableFile),
]  # fmt: skip

DELIMITERS = [
    Case("delimiter", "semicolons with decimal commas", text("place;industry;year;employment\nA;x;2019;10,5\nB;x;2019;7,25\n"), ("decimal commas",), cells={"employment": [10.5, 7.25]}),
    Case("delimiter", "tabs", text(GOOD.replace(",", "\t"), "jobs.tsv"), cells={"place": ["01001", "01003"]}),
    Case("delimiter", "bars", text(GOOD.replace(",", "|")), cells={"employment": [10, 20]}),
    Case("delimiter", "a sep= line", text("sep=;\n" + GOOD.replace(",", ";")), cells={"employment": [10, 20]}),
    Case("delimiter", "old Mac line ends", text(GOOD.replace("\n", "\r")), cells={"employment": [10, 20]}),
    Case("delimiter", "Windows line ends", text(GOOD.replace("\n", "\r\n")), cells={"employment": [10, 20]}),
    Case("delimiter", "quoted commas and line breaks", rows('"A, B",x,2019,1', '"C\nD",x,2019,2'), ("spaces",), cells={"place": ["A, B", "C D"]}),
    Case("ragged rows", "too few cells", rows("A,x,2019,1", "B,x,2019"), ("jobs.csv", "row 3", "B,x,2019", "too few", "header has 4"), BadInput),
    Case("ragged rows", "too many cells", rows("A,x,2019,1", "B,x,2019,1,5"), ("jobs.csv", "row 3", "too many", "decimal comma"), BadInput),
    Case("ragged rows", "a quote left open", rows("A,x,2019,1", '"B,x,2019,2', "C,x,2019,3"), ("row 3", "quote"), BadInput),
    Case("ragged rows", "blank lines between", rows("A,x,2019,1", "", "", "B,x,2019,many"), ("row 5", "'many'"), BadInput),
    Case("ragged rows", "commas at the ends of rows", text(HEAD + "A,x,2019,1,\nB,x,2019,2,\n"), cells={"employment": [1, 2]}),
]  # fmt: skip

NUMBERS = [
    Case("numbers", "words", rows("A,x,2019,1", "B,x,2019,many"), ("jobs.csv", "row 3", "employment", "'many'", "isn't a number"), BadInput),
    Case("numbers", "negative jobs", rows("A,x,2019,1", "B,x,2019,-5"), ("row 3", "employment", "'-5", "negative", "0 or more"), BadInput),
    Case("numbers", "thousands with commas", rows('A,x,2019,"1,234,567"', 'B,x,2019,"12,000"', "C,x,2019,7"), ("between thousands",), cells={"employment": [1234567, 12000, 7]}),
    Case("numbers", "thousands with spaces", rows("A,x,2019,1 234 567", "B,x,2019,12\u00a0000", "C,x,2019,1\u202f000"), ("thousands",), cells={"employment": [1234567, 12000, 1000]}),
    Case("numbers", "thousands with dots", text("place;industry;employment\nA;x;1.234.567\nB;x;12.000,5\n"), ("decimal commas",), cells={"employment": [1234567.0, 12000.5]}),
    Case("numbers", "1,234: thousands or decimal?", rows('A,x,2019,"1,234"', 'B,x,2019,"5,678"'), ("row 2", "'1,234'", "decimal="), BadInput),
    Case("numbers", "1,234, and the user says", rows('A,x,2019,"1,234"', 'B,x,2019,"5,678"'), cells={"employment": [1.234, 5.678]}, options={"decimal": ","}),
    Case("numbers", "1.234 beside 987: thousands or decimal?", rows("A;x;2019;1.234", "B;x;2019;987", head=HEAD.replace(",", ";")), ("row 2", "'1.234'", "decimal="), BadInput),
    Case("numbers", "1.234 beside 987, and the user says", rows("A;x;2019;1.234", "B;x;2019;987", head=HEAD.replace(",", ";")), cells={"employment": [1234, 987]}, options={"decimal": ","}),
    Case("numbers", "three decimals everywhere", rows("A,x,2019,1.234", "B,x,2019,12.500"), ("'1.234' (row 2) was read as 1.234", "decimal=','"), cells={"employment": [1.234, 12.5]}),
    Case("numbers", "decimal points and commas mixed", rows("A,x,2019,1.5", 'B,x,2019,"2,5"'), ("row 3", "'2,5'", "decimal="), BadInput),
    Case("numbers", "full-width digits", rows("A,x,2019,１２３", "B,x,2019,４５"), ("full-width",), cells={"employment": [123, 45]}),
    Case("numbers", "a unit in the cell", rows("A,x,2019,3万", "B,x,2019,5"), ("row 2", "'3万'", "unit"), BadInput),
    Case("numbers", "a percent sign", rows("A,x,2019,45%"), ("row 2", "'45%'", "bare number"), BadInput),
    Case("numbers", "brackets for minus", rows("A,x,2019,(123)"), ("row 2", "'(123)'", "minus"), BadInput),
    Case("numbers", "the letter O for zero", rows("A,x,2019,1O"), ("row 2", "'1O'", "letter"), BadInput),
    Case("numbers", "infinity", rows("A,x,2019,inf"), ("row 2", "'inf'", "finite"), BadInput),
    Case("numbers", "a spreadsheet error", rows("A,x,2019,#REF!"), ("row 2", "'#REF!'", "formula"), BadInput),
    Case("numbers", "Unicode minus", rows("A,x,2019,\u22125"), ("row 2", "negative"), BadInput),
    Case("numbers", "bigger than floats hold exactly", rows("A,x,2019,9007199254740993", "B,x,2019,1"), cells={"employment": [9007199254740993, 1]}),
    Case("numbers", "a hundred bad cells are one line", rows(*(f"P{i},x,2019,no" for i in range(100))), ("100 rows", "row 2"), BadInput),
]  # fmt: skip

YEARS = [
    Case("years", "2019年", rows("A,x,2019年,1", "B,x,2020年度,2"), ("2019年", "their year"), cells={"year": [2019, 2020]}),
    Case("years", "full dates", rows("A,x,2019-12-31,1", "B,x,31.12.2020,2"), ("their year",), cells={"year": [2019, 2020]}),
    Case("years", "two digits", rows("A,x,19,1"), ("row 2", "year", "'19'", "2019"), BadInput),
    Case("years", "two years", rows("A,x,2019/20,1"), ("row 2", "'2019/20'", "one year"), BadInput),
    Case("years", "a quarter", rows("A,x,2019-Q1,1"), ("row 2", "'2019-Q1'", "whole years"), BadInput),
    Case("years", "year and month", rows("A,x,2019-03,1"), ("row 2", "'2019-03'"), BadInput),
    Case("years", "out of range", rows("A,x,9999,1"), ("row 2", "'9999'", "1500"), BadInput),
    Case("years", "a word", rows("A,x,recently,1"), ("row 2", "'recently'", "four digits"), BadInput),
    Case("years", "floats", rows("A,x,2019.0,1"), cells={"year": [2019]}),
    Case("years", "full-width", rows("A,x,２０１９,1"), cells={"year": [2019]}),
    Case("years", "asked for one that isn't there", rows("A,x,2019,1"), ("2011", "2019"), WrongOption, options={"year": 2011}),
    Case("years", "one of several", rows("A,x,2019,1", "A,x,2020,2"), ("1 of 2",), cells={"employment": [2]}, options={"year": 2020}),
]  # fmt: skip

CODES = [
    Case("codes", "leading zeros lost", rows("1001,x,2019,1", "1003,x,2019,2", "56001,x,2019,3"), ("place", "leading zeros", "pad="), cells={"place": ["1001", "1003", "56001"]}),
    Case("codes", "leading zeros repaired", rows("1001,x,2019,1", "1003,x,2019,2", "56001,x,2019,3"), ("padded",), cells={"place": ["01001", "01003", "56001"]}, options={"pad": {"place": 5}}),
    Case("codes", "levels of a hierarchy aren't lost zeros", rows("A,3333,2019,1", "A,33331,2019,2", "A,33332,2019,3"), cells={"industry": ["3333", "33331", "33332"]}),
    Case("codes", "pad names no column", rows("A,x,2019,1"), ("fips", "place"), WrongOption, options={"pad": {"fips": 5}}),
    Case("codes", "3333.0", rows("A,3333.0,2019,1", "A,3334.0,2019,2"), (".0",), cells={"industry": ["3333", "3334"]}),
    Case("codes", "an apostrophe before", rows("'01001,x,2019,1", '"=""01003""",x,2019,2'), ("marks",), cells={"place": ["01001", "01003"]}),
    Case("codes", "spaces around", rows(" 01001 ,x,2019,1", "01003\u00a0,x,2019,2"), ("spaces",), cells={"place": ["01001", "01003"]}),
    Case("codes", "full-width", rows("０１００１,x,2019,1"), ("full-width",), cells={"place": ["01001"]}),
    Case("codes", "decomposed accents", rows("Mu\u0308nchen,x,2019,1"), cells={"place": ["M\u00fcnchen"]}),
    Case("codes", "empty cell", rows("A,x,2019,1", ",x,2019,2"), ("row 3", "place", "empty"), BadInput),
]  # fmt: skip

ROWS = [
    Case("keys", "the same key twice", rows("A,x,2019,1", "B,x,2019,2", "A,x,2019,3"), ("row 2", "row 4", "A, x, 2019", "add the rows up"), BadInput),
    Case("keys", "a missing dimension", text("place,industry,employment,sex\nA,x,1,men\nA,x,2,women\n"), ("row 2", "differ by sex"), BadInput),
    Case("totals", "Total", rows("A,x,2019,1", "B,x,2019,2", "Total,x,2019,3"), ("row 4", "place", "'Total'", "delete"), BadInput),
    Case("totals", "合计", rows("A,x,2019,1", "合计,x,2019,1"), ("row 3", "'合计'"), BadInput),
    Case("totals", "Итого", rows("A,x,2019,1", "A,Итого,2019,1"), ("row 3", "industry", "'Итого'"), BadInput),
    Case("totals", "Jami", rows("A,x,2019,1", "Jami,x,2019,1"), ("row 3", "'Jami'"), BadInput),
    Case("totals", "a note under the table", rows("A,x,2019,1", "Source: Census Bureau,,,"), ("row 3", "note", "delete"), BadInput),
    Case("totals", "the header again", rows("A,x,2019,1", "place,industry,year,employment"), ("row 3", "repeats the header"), BadInput),
    Case("empty", "zero bytes", text(b""), ("jobs.csv", "empty"), UnreadableFile),
    Case("empty", "only a byte order mark", text(b"\xef\xbb\xbf"), ("jobs.csv", "empty"), UnreadableFile),
    Case("empty", "only spaces and line ends", text(" \n \n\t\n"), ("jobs.csv", "empty"), UnreadableFile),
    Case("empty", "headers only", text(HEAD), ("jobs.csv", "no rows"), EmptyTable),
    Case("empty", "rows of commas only", text(HEAD + ",,,\n,,,\n"), ("no rows",), EmptyTable),
    Case("empty", "an empty row in between", text(HEAD + "A,x,2019,1\n,,,\nB,x,2019,no\n"), ("row 4", "'no'"), BadInput),
    Case("columns", "missing, with a guess", text("fips,naics,emp\n01001,3333,5\n"), ("place", "fips", "columns="), MissingColumn),
    Case("columns", "a header that isn't there", text(GOOD), ("'plase'", "'place'"), MissingColumn, options={"columns": {"place": "plase"}}),
    Case("columns", "twice", text("place,industry,employment,employment\nA,x,1,2\n"), ("employment", "columns 3, 4", "rename"), BadInput),
    Case("columns", "other case and spaces", text(" Place ,INDUSTRY,Employment\nA,x,1\n"), ("read as",), cells={"place": ["A"], "employment": [1]}),
    Case("columns", "no numbers at all", text("place,industry,remark\nA,x,good\n"), ("numbers", "columns="), MissingColumn),
    Case("columns", "titles above the header", text("Jobs by county,,,\nSource: us,,,\n\n" + HEAD + "A,x,2019,1\n"), ("row 4",), cells={"employment": [1]}),
    Case("columns", "titles above, and a bad cell", text("Jobs by county\n\n" + HEAD + "A,x,2019,1\nB,x,2019,no\n"), ("row 5", "'no'"), BadInput),
    Case("columns", "a header of two rows", text("place,industry,employment,\n,,men,women\nA,x,1,2\n"), ("more than one row", "header="), UnreadableFile),
    Case("columns", "header= beyond the end", text(GOOD), ("row 9",), UnreadableFile, options={"header": 9}),
    Case("suppressed", "markers stay bounds", rows("A,x,2019,(D)", "B,x,2019,10-19", "C,x,2019,<5", "D,x,2019,7", "E,x,2019,"), ("1 suppressed", "2 given as ranges", "1 empty"),
         cells={"employment": [None, None, None, 7, None], "employment_low": [0, 10, 0, 7, None], "employment_high": [None, 19, 5, 7, None]}),
    Case("suppressed", "a flagged zero isn't zero", text("place,industry,employment,employment_flag\nA,x,0,D\nB,x,5,\n"), ("not as zero",), cells={"employment": [None, 5], "employment_low": [0, 5]}),
    Case("suppressed", "bounds the wrong way round", text("place,industry,employment,employment_low,employment_high\nA,x,,9,5\n"), ("row 2", "bounds", "low <= value <= high"), BadInput),
]  # fmt: skip

CASES = [*ENCODINGS, *DELIMITERS, *NUMBERS, *YEARS, *CODES, *ROWS]
