"""What a file is, by its content: the formats Technopole reads, and clear words about those it doesn't."""

from __future__ import annotations

import difflib
import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from technopole.errors import UnreadableFile

Format = Literal["text", "workbook", "parquet", "vector", "duckdb", "sqlite"]
READS = (
    "CSV and other delimited text, Excel (.xlsx, .xls, .ods), Parquet, GeoParquet, GeoPackage, GeoJSON, a zipped Shapefile, "
    "a table in a DuckDB or SQLite file (FILE::table)"
)
LARGEST_ZIP = 1 << 30
LARGEST_RATIO = 200
SMALL = 50 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """A file, what it is, and the table asked for in it (`file.duckdb::table`)."""

    path: Path
    format: Format
    inside: str | None = None

    @property
    def name(self) -> str:
        """The file's name, for messages and provenance."""
        return self.path.name


def locate(source: str | Path) -> Source:
    """Find a file and tell its format from its first bytes, whatever it is called.

    Raises
    ------
    UnreadableFile
        It isn't there, is empty, or is of a format nobody here reads.
    """
    whole = str(source)
    inside = None
    path = Path(whole).expanduser()
    if not path.exists() and "::" in whole:
        bare, _, inside = whole.rpartition("::")
        path = Path(bare).expanduser()
    _there(path)
    if whole.encode(errors="replace") != whole.encode(errors="surrogateescape"):
        raise UnreadableFile(
            "the name of the file, or of its folder, isn't text in this system's encoding",
            value=whole.encode(errors="replace").decode(),
            fix="rename it, with letters that this system shows",
        )
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise UnreadableFile(
            "the file is empty", value=path.name, where=str(path.parent), fix="export it again"
        )
    return Source(path, _format(path, head), inside)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _there(path: Path) -> None:
    if path.is_dir():
        held = sorted(item.name for item in path.iterdir() if not item.name.startswith("."))[:20]
        raise UnreadableFile(
            "this is a folder, not a file", value=str(path), exists=held, fix="name a file in it"
        )
    if not path.exists():
        folder = path.parent
        held = sorted(item.name for item in folder.iterdir()) if folder.is_dir() else []
        stems = difflib.get_close_matches(path.stem, {Path(name).stem for name in held}, n=5, cutoff=0.5)
        near = [name for stem in stems for name in held if Path(name).stem == stem][:5]
        raise UnreadableFile(
            "no such file" if folder.is_dir() else "no such folder",
            value=path.name if folder.is_dir() else str(folder),
            where=str(folder),
            exists=near or held,
            fix="correct the name" + (f": did you mean {near[0]!r}?" if near else ""),
        )
    if not path.is_file():
        raise UnreadableFile("this isn't a regular file", value=str(path), fix="name a file")
    try:
        path.open("rb").close()
    except OSError as error:
        raise UnreadableFile(f"the file can't be opened: {error.strerror}", value=path.name, where=str(path.parent), fix="check who may read it") from error  # fmt: skip


def _format(path: Path, head: bytes) -> Format:
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _zipped(path)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "workbook"
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"SQLite format 3\0"):
        return "vector" if head[68:72] in (b"GPKG", b"GP10", b"GP11") or path.suffix == ".gpkg" else "sqlite"
    if head[8:12] == b"DUCK":
        return "duckdb"
    for magic, what, fix in (
        (b"%PDF", "a PDF", "export the table as CSV or Excel"),
        (b"\x1f\x8b", "a gzip archive", "unpack it first"),
        (b"7z\xbc\xaf", "a 7-Zip archive", "unpack it first"),
        (b"Rar!", "a RAR archive", "unpack it first"),
        (b"BZh", "a bzip2 archive", "unpack it first"),
        (b"\x89PNG", "a picture", "name the file with the table"),
        (b"\xff\xd8\xff", "a picture", "name the file with the table"),
        (b"GIF8", "a picture", "name the file with the table"),
        (
            b"\x00\x00\x27\x0a",
            "one part of a Shapefile",
            "zip its parts (.shp, .shx, .dbf, .prj) and name the zip",
        ),
        (b"ARROW1", "an Arrow (Feather) file", "save it as Parquet"),
        (b"\x93NUMPY", "a NumPy file", "save it as CSV or Parquet"),
        (b"\x89HDF", "an HDF5 file", "save it as CSV or Parquet"),
        (b"\x80\x04\x95", "a Python pickle, which isn't safe to open", "save it as Parquet"),
        (b"\x80\x05\x95", "a Python pickle, which isn't safe to open", "save it as Parquet"),
    ):
        if head.startswith(magic):
            raise UnreadableFile(f"this is {what}, not a table", value=path.name, exists=[READS], fix=fix)
    return _written(path, head)


def _written(path: Path, head: bytes) -> Format:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"{") or (start.startswith(b"[") and path.suffix.lower() != ".csv"):
        if b'"Feature' in head or b'"FeatureCollection"' in head or path.suffix.lower() == ".geojson":
            return "vector"
        raise UnreadableFile(
            "this is JSON, not a table", value=path.name, exists=[READS], fix="save it as CSV, or as GeoJSON"
        )
    if start[:200].lower().startswith((b"<!doctype", b"<html", b"<?xml", b"<table", b"<kml")):
        what = "a web page" if b"html" in start[:400].lower() or b"<table" in start[:400].lower() else "XML"
        raise UnreadableFile(
            f"this is {what}, not a table", value=path.name, exists=[READS],
            fix="open it in a spreadsheet and save it as .xlsx or CSV" if what == "a web page" else "save it as CSV",
        )  # fmt: skip
    if path.suffix.lower() in (
        ".xlsx",
        ".xls",
        ".ods",
        ".parquet",
        ".gpkg",
        ".duckdb",
    ) and not _looks_like_text(head):
        raise UnreadableFile(
            f"the content isn't what the ending {path.suffix} says: damaged, or of another format",
            value=path.name,
            exists=[READS],
            fix="export it again",
        )
    return "text"


def _looks_like_text(head: bytes) -> bool:
    return head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" not in head


def _zipped(path: Path) -> Format:
    """Tell workbooks from zipped Shapefiles, and refuse what would unpack to too much."""
    try:
        with zipfile.ZipFile(path) as archive:
            items = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableFile(
            "the file is damaged: it starts as a zip but its directory can't be read",
            value=path.name,
            where=str(path.parent),
            fix="export or download it again",
        ) from error
    size = sum(item.file_size for item in items)
    if size > LARGEST_ZIP or (size > SMALL and size > LARGEST_RATIO * max(path.stat().st_size, 1)):
        raise UnreadableFile(
            f"the file would unpack to {size / 1e6:,.0f} MB from {path.stat().st_size / 1e6:,.1f} MB, which isn't safe to open",
            value=path.name,
            fix="save the table alone, as CSV or Parquet",
        )
    names = [item.filename for item in items]
    if any(item.flag_bits & 1 for item in items):
        raise UnreadableFile("the file is protected by a password", value=path.name, fix="save it without")
    if any(name in ("xl/workbook.xml", "xl/workbook.bin", "content.xml") for name in names):
        return "workbook"
    if any(name.lower().endswith((".shp", ".gpkg", ".geojson")) for name in names):
        return "vector"
    raise UnreadableFile(
        "this zip holds neither a workbook nor a Shapefile",
        value=path.name,
        exists=names,
        fix="unpack it and name the table",
    )
