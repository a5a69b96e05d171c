"""Bad tables of trade and patents, as ministries and customs export them."""

from __future__ import annotations

from bad_case import Case, rows, text, workbook

from technopole.errors import BadInput, EmptyTable, MissingColumn, UnreadableFile

TRADE = "exporter,product,year,value\n"
FLOWS = "exporter,importer,product,year,value\n"


def trade(*lines: str, head: str = TRADE):
    return rows(*lines, head=head, name="trade.csv")


RU = text(
    "Страна;Код ТН ВЭД;Год;Стоимость, тыс. долл.;Вес нетто;Ед. изм.\n860;010121;2019;1,5;2;т\n",
    "экспорт.csv",
    "cp1251",
)
ZH = text("出口国,进口国,商品编码,年份,出口额,数量\n中国,德国,900110,2019年,1.5,3\n", "出口.csv", "gb18030")
UZ = text("Eksportyor;TIF TN kodi;Yil;Qiymati;Miqdori\n860;010121;2019;1,5;2\n", "eksport.csv")
RU_NAMES = {
    "exporter": "Страна",
    "product": "Код ТН ВЭД",
    "year": "Год",
    "value": "Стоимость, тыс. долл.",
    "quantity": "Вес нетто",
    "unit": "Ед. изм.",
}
MERGED = [
    ["Экспорт, млн долл."],
    [],
    ["Страна", "Товар", "Экспорт", None],
    [None, None, "стоимость", "вес"],
    ["RU", "900110", 1, 2],
]
NUMBERS = [
    ["exporter", "product", "year", "value"],
    ["A", 10121, 2019, 1],
    ["A", 900110, 2019, 2],
    ["B", 901320, 2019, 3],
]

CASES = [
    Case("trade headers", "Russian, guessed", RU, ("'Страна'", "'product=Код ТН ВЭД'", "'value=Стоимость, тыс. долл.'", "'year=Год'", "'quantity=Вес нетто'"), MissingColumn, "trade"),
    Case("trade headers", "Russian, mapped", RU, ("decimal commas", "cp1251"), table="trade", options={"columns": RU_NAMES}, cells={"product": ["010121"], "value": [1.5], "quantity": [2]}),
    Case("trade headers", "Chinese, guessed", ZH, ("'exporter=出口国'", "'importer=进口国'", "'product=商品编码'", "'value=出口额'", "'year=年份'"), MissingColumn, "trade"),
    Case("trade headers", "Uzbek, guessed", UZ, ("exporter=Eksportyor", "'product=TIF TN kodi'", "value=Qiymati", "year=Yil", "quantity=Miqdori"), MissingColumn, "trade"),
    Case("trade headers", "years side by side", text("Страна;Товар;2015;2016\nA;900110;1;2\n", "wide.csv"), ("'value'", "2015 ... 2016", "one row per year"), MissingColumn, "trade"),
    Case("trade headers", "merged below a title", workbook({"Экспорт": MERGED}, "экспорт.xlsx", merge="C3:D3"), ("row 3", "Экспорт", "more than one row", "header="), UnreadableFile, "trade"),
    Case("patent headers", "Russian, guessed", text("Регион;МПК;Год;Число патентов\nA;G02B;2019;3\n", "patents.csv", "cp1251"), ("'Регион'", "'technology=МПК'", "'patents=Число патентов'"), MissingColumn, "patents"),
    Case("patent headers", "Chinese, guessed", text("地区,技术领域,年份,专利数\n武汉,G02B,2019,3\n", "patents.csv", "gb18030"), ("'technology=技术领域'", "'patents=专利数'"), MissingColumn, "patents"),
    Case("trade codes", "product codes as numbers", workbook({"trade": NUMBERS}, "trade.xlsx"), ("product", "leading zeros", "pad="), table="trade", cells={"product": ["10121", "900110", "901320"]}),
    Case("trade codes", "their zeros put back", workbook({"trade": NUMBERS}, "trade.xlsx"), ("padded",), table="trade", options={"pad": {"product": 6}}, cells={"product": ["010121", "900110", "901320"]}),
    Case("trade codes", "a heading beside its codes", trade("A,90,2019,3", "A,900110,2019,1"), ("1 code stands beside finer ones (90)", "count twice"), table="trade", cells={"value": [3, 1]}),
    Case("trade names", "an exporter in two spellings", trade("Uzbekistan,9001,2019,1", "UZBEKISTAN,9002,2019,2", "Côte d'Ivoire,9001,2019,1", "Côte d’Ivoire,9002,2019,1"),
         ("'UZBEKISTAN' and 'Uzbekistan'", "write them alike", "Ivoire"), table="trade", cells={"value": [1, 2, 1, 1]}),
    Case("trade totals", "the world beside exporters", trade("A,9001,2019,1", "B,9001,2019,2", "World,9001,2019,3"), ("row 4", "exporter", "'World'", "reference="), BadInput, "trade"),
    Case("trade totals", "the world beside importers, in Russian", trade("A,B,9001,2019,1", "A,Мир,9001,2019,2", head=FLOWS), ("row 3", "importer", "'Мир'", "delete these rows"), BadInput, "trade"),
    Case("trade totals", "the world alone", trade("World,9001,2019,3"), table="trade", cells={"exporter": ["World"]}),
    Case("trade totals", "a total of products", trade("A,9001,2019,1", "A,TOTAL,2019,1"), ("row 3", "product", "'TOTAL'"), BadInput, "trade"),
    Case("trade flows", "importer and exporter are one", trade("A,A,9001,2019,1", "A,B,9001,2019,2", head=FLOWS), ("the same in 1 row", "count as exports"), table="trade", cells={"value": [1, 2]}),
    Case("trade values", "negative", trade("A,9001,2019,-1"), ("row 2", "value", "'-1'", "negative"), BadInput, "trade"),
    Case("trade values", "the same key twice", trade("A,9001,2019,1", "A,9001,2019,1"), ("row 2", "row 3", "A, 9001, 2019"), BadInput, "trade"),
    Case("trade values", "all withheld", trade("A,9001,2019,(D)", "B,9001,2019,(D)"), ("row 2", "'(D)'", "withheld", "counts as not exported", "activity"), BadInput, "trade"),
    Case("trade values", "an empty cell", trade("A,9001,2019,", "B,9001,2019,2"), ("row 2", "value", "empty", "counts as not exported"), BadInput, "trade"),
    Case("trade values", "all zero", trade("A,9001,2019,0", "B,9001,2019,0"), table="trade", cells={"value": [0, 0]}),
    Case("trade values", "no rows", trade(), ("no rows",), EmptyTable, "trade"),
]  # fmt: skip
