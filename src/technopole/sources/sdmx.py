"""SDMX-CSV: the columns every statistical office writes, under the names Technopole knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from technopole.tables import Schema

TIME, VALUE = "TIME_PERIOD", "OBS_VALUE"
NAMES: Mapping[str, tuple[str, ...]] = {
    "place": ("REF_AREA", "GEO", "geo"),
    "industry": ("NACE_R2", "ACTIVITY", "nace_r2", "ISIC4"),
    "indicator": ("INDICATOR", "INDIC", "MEASURE", "indic"),
    "unit": ("UNIT_MEASURE", "UNIT", "unit"),
    "year": (TIME,),
    "value": (VALUE,),
    "exporter": ("REF_AREA", "REPORTER"),
    "importer": ("COUNTERPART_AREA", "PARTNER"),
    "product": ("PRODUCT", "COMMODITY"),
}
FLAGS = ("OBS_FLAG", "CONF_STATUS", "OBS_STATUS")


def is_sdmx(names: Sequence[str]) -> bool:
    """Say whether these are the headers of SDMX-CSV."""
    return TIME in names and VALUE in names


def columns_of(names: Sequence[str], schema: Schema, columns: Mapping[str, str]) -> dict[str, str]:
    """Return the user's mapping, completed with what SDMX names mean in this kind of table."""
    full = dict(columns)
    for ours, theirs in NAMES.items():
        known = next((name for name in theirs if name in names and name not in full.values()), None)
        if ours in schema and ours not in full and ours not in names and known:
            full[ours] = known
    value = next((ours for ours, theirs in full.items() if theirs == VALUE), None)
    if schema.value_columns and value is None:
        value = full_name = "value"
        full[full_name] = VALUE
    flag = next((name for name in FLAGS if name in names and name not in full.values()), None)
    if schema.value_columns and value and flag and f"{value}_flag" not in full:
        full[f"{value}_flag"] = flag
    return full
