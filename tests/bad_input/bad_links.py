"""Bad tables between industries: links, input-output tables, crosswalks; bad places, as maps of clusters need them."""

from __future__ import annotations

from bad_case import Case, text, workbook

from technopole.errors import BadInput, MissingColumn

LINKS = "industry_a,industry_b,labour\n"
FLOWS = "row,column,value\n"
WALK = "code,industry,weight\n"
ZH = {"place": "地区代码", "name": "名称", "longitude": "经度", "latitude": "纬度"}


def links(*lines: str, head: str = LINKS):
    return text(head + "\n".join(lines) + "\n", "links.csv")


def flows(*lines: str):
    return text(FLOWS + "\n".join(lines) + "\n", "use.csv")


def walk(*lines: str):
    return text(WALK + "\n".join(lines) + "\n", "walk.csv")


CASES = [
    Case("links", "a correlation above 1", links("1,2,1.5"), ("row 2", "labour", "1.5", "-1 to 1"), BadInput, "links"),
    Case("links", "a pair twice", links("1,2,.5", "3,4,.1", "1,2,.4"), ("row 2", "row 4", "1, 2", "each key once"), BadInput, "links"),
    Case("links", "a negative share of goods", links("1,2,-0.1", head="industry_a,industry_b,input_output\n"), ("input_output", "negative", "-0.1"), BadInput, "links"),
    Case("links", "no second industry", text("industry_a,labour\n1,0.5\n", "links.csv"), ("industry_b", "columns="), MissingColumn, "links"),
    Case("links", "an industry left blank", links("1,,0.5"), ("row 2", "industry_b", "empty"), BadInput, "links"),
    Case("links", "codes keep their zeros, headers are Chinese, decimals have commas", text("行业甲;行业乙;关联\n0112;2664;0,15\n0113;2664;0,2\n", "links.csv"), ("decimal commas",),
         table="links", options={"columns": {"industry_a": "行业甲", "industry_b": "行业乙", "labour": "关联"}}, cells={"industry_a": ["0112", "0113"], "labour": [0.15, 0.2]}),
    Case("input-output", "a cell twice", flows("A,B,5", "A,B,6"), ("row 2", "row 3", "A, B"), BadInput, "input_output"),
    Case("input-output", "a total among the rows", flows("A,B,5", "Total,B,5"), ("row 3", "'Total'"), BadInput, "input_output"),
    Case("input-output", "a withheld cell has no reason here", flows("A,B,(D)"), ("row 2", "value", "(D)"), BadInput, "input_output"),
    Case("input-output", "a matrix", text("row,A,B\nA,1,2\nB,3,4\n", "use.csv"), ("column", "there is: row, A, B"), MissingColumn, "input_output"),
    Case("input-output", "a subsidy may be negative", flows("T00,B,-5"), table="input_output", cells={"value": [-5]}),
    Case("crosswalk", "a negative weight", walk("01,11,-1"), ("row 2", "weight", "'-1'"), BadInput, "crosswalk"),
    Case("crosswalk", "no code", walk(",11,1"), ("row 2", "code", "empty"), BadInput, "crosswalk"),
    Case("studies", "a negative standard error", text("study,estimate,std_error\nA,0.1,-0.2\n", "studies.csv"), ("row 2", "std_error", "'-0.2'"), BadInput, "studies"),
    Case("studies", "no standard error", text("study,estimate\nA,0.1\n", "studies.csv"), ("std_error", "there is: study, estimate"), MissingColumn, "studies"),
    Case("crosswalk", "a code without an industry", walk("01,,"), table="crosswalk", cells={"industry": [None]}),
    Case("places", "Chinese workbook, coordinates swapped", workbook({"地区": [list(ZH.values()), ["010101", "东城", 39.9, 116.4], ["010102", "西城", 39.8, 116.3]]}, "places.xlsx"),
         ("sheet 地区", "39.9, 116.4", "swapped"), BadInput, "places", {"columns": ZH}),
    Case("places", "Russian, decimal commas, a blank pair", text("Код;Долгота;Широта\n07;69,24;41,31\n08;;\n", "places.csv", "cp1251"), ("decimal commas",),
         table="places", options={"columns": {"place": "Код", "longitude": "Долгота", "latitude": "Широта"}}, cells={"place": ["07", "08"], "longitude": [69.24, None]}),
    Case("places", "a place twice", text("place,longitude,latitude\n07,69,41\n07,70,41\n", "places.csv"), ("row 2", "row 3", "'07'"), BadInput, "places"),
    Case("places", "northings without a system", text("place,x,y\n07,500000,4600000\n", "places.csv"), ("crs=", "planar-km"), BadInput, "places"),
]  # fmt: skip
