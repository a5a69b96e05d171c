"""A member as a command: its first argument is a file, its other arguments are options."""

from __future__ import annotations

import inspect
import tomllib
import typing
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from technopole import rooms
from technopole.cli.bars import shown
from technopole.cli.pairs import pairs
from technopole.cli.printing import Format, show
from technopole.cli.reading import further, further_table, of_further, own_table
from technopole.docstrings import Description, describe
from technopole.errors import MissingColumn, TechnopoleError, UnknownName, WrongOption
from technopole.member import choices
from technopole.result import Result, load_result
from technopole.study import checked
from technopole.tables import Sector, Table, sector, sectors

READING = {
    "column": (list[str], "STANDARD=YOURS", "Your name of a standard column; repeatable."),
    "year": (int, "YEAR", "Year of a table without a year column; of one with it, the rows to keep."),
    "crs": (str, "CRS", "Coordinates of x, y: EPSG:4326, planar-km ..."),
    "sheet": (str, "NAME", "Sheet of a workbook, by name or number."),
    "layer": (str, "NAME", "Layer of a GeoPackage, or table of a database."),
    "encoding": (str, "NAME", "Text encoding; none = found out."),
    "header": (int, "ROW", "Row that holds the headers; none = found out."),
    "decimal": (str, "SIGN", "Decimal sign, . or ,; none = found out."),
    "pad": (list[str], "COLUMN=DIGITS", "Codes whose lost zeros are put back in front; repeatable."),
}
SECTOR = {
    "scheme": (str, "SCHEME", "Classification the sector's codes are in: NAICS-2017, NACE-2, ISIC-4 ..."),
    "code": (list[str], "CODE", "Code or prefix of a sector of your own; repeatable."),
    "exclude": (list[str], "CODE", "Code or prefix the sector leaves out; repeatable."),
}
FURTHER = {
    "read": (
        list[str],
        "TABLE.OPTION=VALUE",
        "How a further table is read: {0}.sheet=2, {0}.crs=planar-km ...; its columns: --column {0}.STANDARD=YOURS, and "
        "--pad {0}.COLUMN=DIGITS. Repeatable.",
    )
}
_FILE = "{} table: CSV, Excel, Parquet ..."
_OR_RESULT = "; or the folder of a saved result"
LIKELY = {int: "WHOLE NUMBER", float: "NUMBER", str: "TEXT"}


def command(room: str, name: str) -> Callable[..., Any]:
    """Return the command of one member."""
    function = rooms.load(f"{room}.{name}")
    signature = inspect.signature(function)
    hints = typing.get_type_hints(inspect.unwrap(function))
    first, *others = signature.parameters
    nouns = [kind.schema.name for kind in choices(hints[first]) if _is(kind, Table)]
    folders = _collection(choices(hints[first]), Sequence) is not None
    or_result = bool(nouns) and any(_is(kind, Result) for kind in choices(hints[first]))
    own = {key: hints[key] for key in others}
    tables = [key for key, hint in own.items() if any(_is(kind, Table) for kind in choices(hint))]
    extra = {
        **(READING if nouns else {key: READING[key] for key in ("column", "pad") if tables}),
        **({"read": (*FURTHER["read"][:2], FURTHER["read"][2].format(tables[0]))} if tables else {}),
        **(_sector_options(own) if any(Sector in choices(hint) for hint in own.values()) else {}),
    }
    said = describe(function)
    parameters = [
        _argument("file", Path, "FILE", _FILE.format(" or ".join(nouns)) + (_OR_RESULT if or_result else ""))
        if nouns
        else _argument(
            "file",
            list[Path] if folders else Path,
            "DIR",
            f"Folder{'s' if folders else ''} of saved results: {said.parameters.get(first, '')}",
        ),
        *(
            [_option("as_", "as", Literal[tuple(nouns)], None, "What the file is; none = what fits.")]
            if nouns
            else []
        ),
        *(_own(key, hint, _meaning(said, signature.parameters[key])) for key, hint in own.items()),
        *(
            _option(f"read_{key}", f"file-{key}" if key in own else key, kind, shown, text)
            for key, (kind, shown, text) in extra.items()
        ),
        _option("format_", "format", Format, None, "How the table is printed.", default="table"),
        _option("out", "out", Path, "DIR", "Also save the result as a folder."),
    ]

    def call(**given: Any) -> None:
        reading = {key: given.pop(f"read_{key}") or None for key in extra}
        file, as_, format_, out = (given.pop(key, None) for key in ("file", "as_", "format_", "out"))
        codes = {key: reading.pop(key, None) for key in SECTOR}
        if "scheme" not in extra:
            codes["scheme"] = given.get("scheme")
        listed = (reading.pop(key, None) or () for key in ("column", "pad", "read"))
        for key in own:
            if signature.parameters[key].default is inspect.Parameter.empty and not given[key]:
                flag = f"--{key.strip('_').replace('_', '-')}"
                raise typer.BadParameter(f"is needed: {said.parameters.get(key, key)}", param_hint=flag)
        how = further(tables, *listed)
        how[""] |= {key: value for key, value in reading.items() if value}
        try:
            options = {
                key: _value(key, value, own[key], codes, how)
                for key, value in given.items()
                if value is not None and value != []
            }
        except TechnopoleError as error:
            raise _usage(error) from error
        if nouns and not (or_result and (file / "result.json").is_file()):
            table: Any = own_table(file, nouns, as_, how[""])
        else:
            table = [load_result(folder) for folder in file] if folders else load_result(file)
        try:
            with shown():
                result: Result = function(table, **options)
        except WrongOption as error:
            raise _usage(error) from error
        except MissingColumn as error:
            for key in tables:
                if key in options and options[key].source == error.where:
                    of_further(error, key)
            raise
        if out is not None:
            result.save(out)
        show(result, title=said.title, format_=format_)

    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    formula = f"\n\n\b\n    {said.formula}" if said.formula else ""
    app.command(name.replace("_", "-"), help=f"{said.title}{formula}", epilog=said.citation)(call)
    return typer.main.get_command(app)


def _argument(name: str, kind: Any, shown: str, text: str) -> inspect.Parameter:
    hint = Annotated[kind, typer.Argument(metavar=shown, help=text)]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=hint)


def _option(
    name: str, flag: str, kind: Any, shown: str | None, text: str, default: Any = None
) -> inspect.Parameter:
    hint = Annotated[
        kind if default is not None else kind | None,
        typer.Option(f"--{flag}", metavar=shown, help=text, show_default=default is not None),
    ]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint)


def _meaning(said: Description, parameter: inspect.Parameter) -> str:
    """Return what the docstring says of an argument, and its default."""
    text = said.parameters.get(parameter.name, "").replace("`", "").replace(", or a Graph", "")
    if parameter.default is parameter.empty:
        return f"{text} [required]"
    if parameter.default in (None, ()):
        return text
    return f"{text} [default: {parameter.default}]"


def _own(name: str, hint: Any, text: str) -> inspect.Parameter:
    """Return the option for one of the member's own arguments."""
    flag = name.strip("_").replace("_", "-")
    kinds = [kind for kind in choices(hint) if kind is not type(None)]
    if kinds == [bool]:
        return _option(name, f"{flag}/--no-{flag}", bool, None, text)
    if all(typing.get_origin(kind) is Literal for kind in kinds):
        options = tuple(str(item) for kind in kinds for item in typing.get_args(kind))
        return _option(name, flag, Literal[options], None, text)
    if Sector in kinds and _collection(kinds, Sequence):
        said = f"{text} A sector's name with --scheme, or codes; repeatable."
        return _option(name, flag, list[str], "NAME", said)
    if Sector in kinds:
        return _option(name, flag, str, "NAME", text)
    if any(_is(kind, Table) for kind in kinds):
        return _option(name, flag, str, "FILE", text)
    if any(_is(kind, Result) for kind in kinds):
        return _option(name, flag, str, "DIR", f"{text} (folder of a saved result)")
    if _collection(kinds, Mapping):
        return _option(name, flag, list[str], "NAME=VALUE", f"{text} Repeatable.")
    if several := _collection(kinds, Sequence):
        shown = "ONE,OTHER" if _nested(several) else "VALUE"
        return _option(name, flag, list[str], shown, f"{text} Repeatable.")
    return _option(name, flag, str, next((LIKELY[kind] for kind in kinds if kind in LIKELY), "VALUE"), text)


def _value(name: str, value: Any, hint: Any, codes: Mapping[str, Any], how: Mapping[str, Any]) -> Any:
    """Return an option's text as what the argument takes."""
    kinds = choices(hint)
    nouns = [kind.schema.name for kind in kinds if _is(kind, Table)]
    if nouns:
        return further_table(name, nouns, value, how[name])
    if any(_is(kind, Result) for kind in kinds):
        return load_result(value)
    if Sector in kinds and _names_sector(value, kinds, codes):
        return _sector(value[0] if isinstance(value, list) else value, codes)
    plain = [kind for kind in kinds if kind is not Sector]
    if isinstance(value, list):
        value = _listed(value, plain, f"--{name.strip('_').replace('_', '-')}")
    try:
        return checked(value, plain, f"--{name.strip('_').replace('_', '-')}")
    except WrongOption:
        try:
            parsed = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            parsed = value
        return checked(parsed, plain, f"--{name.strip('_').replace('_', '-')}")


def _listed(given: list[str], kinds: Sequence[Any], flag: str) -> Any:
    """Return what a repeatable option was given as a mapping, a list of lists, a list, or the one text it may also be."""
    if mapping := _collection(kinds, Mapping):
        if str in kinds and "=" not in given[0]:
            return given[0]
        return {
            key: text.split(",") if _nested(mapping) else text for key, text in pairs(given, flag).items()
        }
    alone = [item for kind in kinds if typing.get_origin(kind) is Literal for item in typing.get_args(kind)]
    if len(given) == 1 and (str in kinds or given[0] in alone):
        return given[0]
    several = _collection(kinds, Sequence)
    if typing.get_args(several)[0] is float:
        return [number for item in given for number in item.split(",")]
    return [item.split(",") for item in given] if _nested(several) else given


def _collection(kinds: Sequence[Any], base: type) -> Any:
    return next((kind for kind in kinds if typing.get_origin(kind) is base), None)


def _nested(kind: Any) -> bool:
    return typing.get_origin(typing.get_args(kind)[-1]) is Sequence


def _sector_options(own: Mapping[str, Any]) -> dict[str, Any]:
    """A member that takes a classification as `scheme` itself has that for its sectors too."""
    taken = [key for key, hint in own.items() if key == "scheme" and str in choices(hint)]
    return {key: said for key, said in SECTOR.items() if key not in taken}


def _names_sector(value: Any, kinds: Sequence[Any], codes: Mapping[str, Any]) -> bool:
    """Whether text where a sector may stand is one's name: with a scheme, unless it is codes; a bundled one's needs its scheme."""
    named = value if isinstance(value, list) else [value]
    if not _collection(kinds, Sequence) and str not in kinds:
        return True
    if not codes["scheme"]:
        if schemes := [scheme for name, scheme in sectors() if named == [name]]:
            raise WrongOption(
                "a sector needs the classification of its codes",
                value=named[0],
                exists=schemes,
                fix="add --scheme",
            )
        return False
    return len(named) == 1 and (bool(codes["code"]) or not any(letter.isdigit() for letter in named[0]))


def _sector(name: str, codes: Mapping[str, Any]) -> Sector:
    if not codes["scheme"]:
        raise WrongOption("a sector needs the classification of its codes", value=name, fix="add --scheme")
    return sector(name, scheme=codes["scheme"], codes=codes["code"] or None, exclude=codes["exclude"] or ())


def _is(kind: Any, base: type) -> bool:
    return isinstance(kind, type) and issubclass(kind, base)


def _usage(error: TechnopoleError) -> Exception:
    if not isinstance(error, (WrongOption, UnknownName)):
        return error
    typer.echo(f"technopole: {error}", err=True)
    return typer.Exit(2)
