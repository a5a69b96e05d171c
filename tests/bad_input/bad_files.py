"""Bad files: missing, damaged, disguised, too big, bombs, workbooks, databases."""

from __future__ import annotations

import os
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
from bad_case import HEAD, Case, text, workbook

from technopole.errors import BadInput, MissingColumn, UnknownName, UnreadableFile

JOBS = pd.DataFrame({"place": ["01001", "01003"], "industry": ["3333", "3333"], "year": [2019, 2019], "employment": [10, 20]})  # fmt: skip
HEADER = ["place", "industry", "year", "employment"]
ROW = ["01001", "3333", 2019, 10]


def parquet(cut: int | None = None, name: str = "jobs.parquet") -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        JOBS.to_parquet(folder / "whole.parquet")
        content = (folder / "whole.parquet").read_bytes()
        (folder / name).write_bytes(content[:cut] if cut else content)
        return folder / name

    return make


def corner(folder: Path, *, also_first: bool = False) -> Path:
    """The 1.4 KB workbook: one cell, in the last corner of the sheet."""
    first = '<row r="1"><c r="A1" t="inlineStr"><is><t>place</t></is></c></row>' if also_first else ""
    parts = {
        "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        "_rels/.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="jobs" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{first}<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>',
    }  # fmt: skip
    path = folder / "corner.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert path.stat().st_size < 2000
    return path


def both_corners(folder: Path) -> Path:
    return corner(folder, also_first=True)


def zipped(name: str = "jobs.zip", **parts: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for part, content in parts.items():
                archive.writestr(part.replace("__", "/").replace("_", "."), content)
        return folder / name

    return make


def bomb(folder: Path) -> Path:
    path = folder / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            for _ in range(100):
                part.write(b" " * 1_000_000)
    return path


def shapefile(drop: str = "") -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        import geopandas as gpd

        frame = gpd.GeoDataFrame(
            {"park": ["A"]}, geometry=gpd.GeoSeries.from_wkt(["POINT (114.4 30.5)"]), crs="EPSG:4326"
        )
        frame.to_file(folder / "parks.shp")
        with zipfile.ZipFile(folder / "parks.zip", "w") as archive:
            for part in folder.glob("parks.*"):
                if part.suffix not in (drop, ".zip"):
                    archive.write(part, part.name)
        return folder / "parks.zip"

    return make


def database(name: str, *tables: str) -> Callable[[Path], str]:
    def make(folder: Path) -> str:
        if name.endswith(".duckdb"):
            with duckdb.connect(str(folder / name)) as con:
                con.register("jobs_frame", JOBS)
                for table in tables:
                    con.execute(f"CREATE TABLE {table} AS SELECT * FROM jobs_frame")
        else:
            con = sqlite3.connect(folder / name)
            for table in tables:
                JOBS.to_sql(table, con, index=False)
            con.commit()
            con.close()
        return str(folder / name)

    return make


def damaged(make: Callable[[Path], Path], keep: float = 0.6) -> Callable[[Path], Path]:
    def spoil(folder: Path) -> Path:
        path = Path(make(folder))
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * keep)])
        return path

    return spoil


def foreign(folder: Path) -> Path:
    path = folder / os.fsdecode(b"\xce\xe4.csv")
    path.write_text(HEAD + "A,x,2019,1\n")
    return path


def hidden(folder: Path) -> Path:
    from openpyxl import load_workbook

    path = workbook({"old": [HEADER, ["A", "x", 1999, 1]], "jobs": [HEADER, ROW]})(folder)
    book = load_workbook(path)
    book["old"].sheet_state = "hidden"
    book.save(path)
    return path


def opendocument(folder: Path) -> Path:
    """As LibreOffice writes it; the error on the other sheet isn't counted."""
    error = '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>'

    def row(*cells: str) -> str:
        said = [
            c
            if c.startswith("<")
            else f'<table:table-cell office:value-type="string"><text:p>{c}</text:p></table:table-cell>'
            for c in cells
        ]
        return f"<table:table-row>{''.join(said)}</table:table-row>"

    tables = "".join(
        f'<table:table table:name="{name}">{row("place", "industry", "employment")}{row("A", "x", error)}{row("B", "x", "5")}</table:table>'
        for name in ("jobs &amp; more", "old")
    )
    spaces = " ".join(
        f'xmlns:{short}="{address}"'
        for short, address in {
            "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
            "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
            "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
            "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
        }.items()
    )
    with zipfile.ZipFile(folder / "jobs.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>",
        )
    return folder / "jobs.ods"


def neighbour(folder: Path) -> Path:
    (folder / "jobs_2019.csv").write_text(HEAD)
    return folder / "jobs_2109.csv"


CASES = [
    Case("missing file", "a near name", neighbour, ("jobs_2109.csv", "jobs_2019.csv"), UnreadableFile),
    Case("missing file", "no such folder", lambda folder: folder / "nowhere" / "jobs.csv", ("no such folder",), UnreadableFile),
    Case("missing file", "a folder", lambda folder: folder, ("folder, not a file",), UnreadableFile),
    Case("missing file", "a name in another encoding", foreign, ("??.csv", "rename"), UnreadableFile),
    Case("truncated", "Parquet cut in the middle", parquet(600), ("jobs.parquet", "damaged"), UnreadableFile),
    Case("truncated", "Parquet's first four bytes", parquet(4), ("jobs.parquet", "damaged"), UnreadableFile),
    Case("truncated", "a workbook cut in the middle", damaged(workbook({"jobs": [HEADER, ROW]})), ("jobs.xlsx", "damaged"), UnreadableFile),
    Case("truncated", "a zip cut in the middle", damaged(shapefile()), ("parks.zip", "damaged"), UnreadableFile, "parks"),
    Case("truncated", "a DuckDB file cut in the middle", damaged(lambda folder: Path(database("jobs.duckdb", "jobs")(folder)), 0.3), ("jobs.duckdb", "damaged"), UnreadableFile),
    Case("truncated", "an SQLite file cut in the middle", damaged(lambda folder: Path(database("jobs.sqlite", "jobs")(folder)), 0.4), ("jobs.sqlite", "damaged"), UnreadableFile),
    Case("wrong ending", "Parquet called CSV", parquet(name="jobs.csv"), cells={"employment": [10, 20]}),
    Case("wrong ending", "CSV called Excel", text(HEAD + "A,x,2019,1\n", "jobs.xlsx"), cells={"employment": [1]}),
    Case("wrong ending", "a workbook called CSV", workbook({"jobs": [HEADER, ROW]}, "jobs.csv"), cells={"employment": [10]}),
    Case("wrong ending", "bytes called Excel", text(bytes(range(256)) * 4, "jobs.xlsx"), ("jobs.xlsx", "ending"), UnreadableFile),
    Case("wrong ending", "bytes called CSV", text(bytes(range(256)) * 4, "jobs.csv"), ("jobs.csv", "zero bytes"), UnreadableFile),
    Case("wrong ending", "a PDF", text(b"%PDF-1.7 ...", "jobs.csv"), ("PDF", "export"), UnreadableFile),
    Case("wrong ending", "gzip", text(b"\x1f\x8b\x08\x00abc", "jobs.csv.gz"), ("gzip", "unpack"), UnreadableFile),
    Case("wrong ending", "a web page saved as Excel", text("<html><table><tr><td>1</td></tr></table></html>", "jobs.xls"), ("web page", "spreadsheet"), UnreadableFile),
    Case("wrong ending", "JSON", text('{"place": "A"}', "jobs.json"), ("JSON",), UnreadableFile),
    Case("wrong ending", "a pickle", text(b"\x80\x04\x95\x00\x00", "jobs.pkl"), ("pickle", "safe"), UnreadableFile),
    Case("bombs", "one cell in the last corner", corner, ("corner.xlsx", "place"), MissingColumn),
    Case("bombs", "one cell in each corner", both_corners, ("corner.xlsx", "memory", "stray cells"), UnreadableFile),
    Case("bombs", "a zip of a thousand times its size", bomb, ("bomb.xlsx", "unpack"), UnreadableFile),
    Case("bombs", "GeoJSON nested ten thousand deep", text('{"type":"FeatureCollection","features":' + "[" * 10_000, "parks.geojson"), ("parks.geojson",), UnreadableFile, "parks"),
    Case("zips", "no Shapefile inside", zipped(readme_txt=b"hello"), ("jobs.zip", "readme.txt"), UnreadableFile),
    Case("zips", "a part of the Shapefile missing", shapefile(".dbf"), ("parks.zip", ".dbf"), UnreadableFile, "parks"),
    Case("zips", "no reference system", shapefile(".prj"), ("degrees",), table="parks", cells={"longitude": [114.4]}),
    Case("zips", "whole", shapefile(), table="parks", cells={"latitude": [30.5]}),
    Case("workbooks", "no such sheet", workbook({"jobs": [HEADER, ROW], "notes": [["x"]]}), ("'2019'", "jobs, notes", "sheet="), UnknownName, options={"sheet": "2019"}),
    Case("workbooks", "several sheets", workbook({"jobs": [HEADER, ROW], "notes": [["x"]]}), ("'jobs' was read", "notes"), cells={"employment": [10]}),
    Case("workbooks", "titles above", workbook({"jobs": [["Jobs by county"], [], HEADER, ROW, ["01003", "3333", 2019, "no"]]}), ("sheet jobs", "row 5", "'no'"), BadInput),
    Case("workbooks", "merged headers", workbook({"jobs": [["place", "industry", "employment", None], [None, None, "men", "women"], ["A", "x", 1, 2]]}, merge="C1:D1"), ("sheet jobs", "more than one row", "header="), UnreadableFile),
    Case("workbooks", "an empty sheet", workbook({"jobs": []}), ("jobs", "empty"), UnreadableFile),
    Case("workbooks", "codes as numbers", workbook({"jobs": [HEADER, [1001, 3333, 2019, 1], [1003, 3333, 2019, 2], [56001, 3333, 2019, 3]]}), ("leading zeros", "pad="), cells={"place": ["1001", "1003", "56001"], "industry": ["3333"] * 3}),
    Case("workbooks", "codes as text and numbers", workbook({"jobs": [HEADER, ["01001", 3333, 2019, 1], [56001.0, "3333", 2019, 2]]}), cells={"place": ["01001", "56001"], "industry": ["3333", "3333"]}),
    Case("workbooks", "dates as years", workbook({"jobs": [HEADER, ["A", "x", pd.Timestamp(2019, 12, 31), 1]]}), ("their year",), cells={"year": [2019]}),
    Case("workbooks", "a blank row and a total", workbook({"jobs": [HEADER, ROW, [], ["Total", "3333", 2019, 10]]}), ("sheet jobs", "row 4", "'Total'"), BadInput),
    Case("workbooks", "suppressed cells", workbook({"jobs": [HEADER, ROW, ["01003", "3333", 2019, "D"]]}), ("1 suppressed",), cells={"employment": [10, None], "employment_low": [10, 0]}),
    Case("workbooks", "an error in a cell", workbook({"jobs": [HEADER, ROW, [], ["01003", "3333", 2019, "#DIV/0!"]]}), ("sheet jobs", "row 4", "'#DIV/0!'", "spreadsheet error"), BadInput),
    Case("workbooks", "an error in a code", workbook({"jobs": [HEADER, ROW, ["#N/A", "3333", 2019, 5]]}), ("row 3", "place", "'#N/A'", "correct the formula"), BadInput),
    Case("workbooks", "an error in a further column", workbook({"jobs": [[*HEADER, "growth"], [*ROW, 0.5], ["01003", "3333", 2019, 5, "#DIV/0!"]]}), ("'growth'", "#DIV/0!", "row 3", "as empty"), cells={"growth": [0.5, None]}),
    Case("workbooks", "a formula nobody computed", workbook({"jobs": [HEADER, ROW, ["01003", "3333", 2019, "=D2*2"]]}), ("row 3", "'=D2*2'", "without its result"), BadInput),
    Case("workbooks", "a year missing in one row", workbook({"jobs": [HEADER, ROW, ["01003", "3333", None, 5]]}), ("row 3", "year", "empty"), BadInput),
    Case("workbooks", "cells merged down the rows", workbook({"jobs": [HEADER, ["A", "x", 2019, 1], [None, "y", 2019, 2], ["B", "x", 2019, 1], [None, "y", 2019, 2]]}, merge="A2:A3"), ("2 problems", "row 3", "merged cells", "write it into each"), BadInput),
    Case("workbooks", "the table on another sheet", workbook({"notes": [["x"], ["y"]], "jobs": [HEADER, ROW]}), ("sheet notes", "name another with sheet=", "jobs"), MissingColumn),
    Case("workbooks", "sheet by number in words", workbook({"notes": [["x"]], "jobs": [HEADER, ROW]}), cells={"employment": [10]}, options={"sheet": "2"}),
    Case("workbooks", "a hidden first sheet", hidden, ("'jobs' was read", "old"), cells={"employment": [10]}),
    Case("workbooks", "an error in OpenDocument", opendocument, ("1 cell holds a spreadsheet error", "as empty"), cells={"employment": [None, 5]}),
    Case("workbooks", "a header with a line end", workbook({"jobs": [["place\nname", *HEADER[1:]], ROW]}), ("did you mean 'place name'",), MissingColumn, options={"columns": {"place": "place nam"}}),
    Case("workbooks", "years side by side", workbook({"jobs": [["place", "industry", "2018年", "2019年"], ["A", "x", 1, 2]]}), ("years stand side by side", "one row per place"), cells={"2019年": [2]}),
    Case("workbooks", "sheet by number", workbook({"notes": [["x"]], "jobs": [HEADER, ROW]}), cells={"employment": [10]}, options={"sheet": 2}),
    Case("databases", "several tables", database("jobs.duckdb", "a", "b"), ("several tables", "a, b", "layer="), UnknownName),
    Case("databases", "no such table", database("jobs.sqlite", "a", "b"), ("'c'", "a, b"), UnknownName, options={"layer": "c"}),
    Case("databases", "no table", database("jobs.duckdb"), ("no table",), UnreadableFile),
    Case("databases", "file::table", lambda folder: database("jobs.sqlite", "a", "b")(folder) + "::b", cells={"employment": [10, 20]}),
]  # fmt: skip
