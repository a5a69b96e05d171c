"""Why a cell isn't a number, in words."""

from __future__ import annotations

import re

SUPPRESSED = (
    "d", "(d)", "s", "(s)", "x", "(x)", "c", "(c)", "z", "*", "**", "***", "****", "suppressed", "confidential", "withheld",
    "secret", "disclosure", "保密", "конф", "конф.", "конфиденциально", "к", "maxfiy",
)  # fmt: skip
UNITS = r"%|‰|[$€£¥₽元]|万|亿|萬|億|млн|млрд|тыс|mln|mlrd|million|billion|thousand"


def explain(value: str, instead: str = "leave the cell empty") -> tuple[str, str]:
    """Return why a cell isn't a number, and what to do; `instead` where there is no number to write."""
    if value.strip().casefold() in SUPPRESSED:
        return "stands for a withheld number, which this column can't hold", f"write the number, or {instead}"
    tests = (
        (r"[+-]?inf(inity)?|nan", "isn't a finite number", f"{instead} where the value is unknown"),
        (r"#[A-Z/0!?]+.*", "is a spreadsheet error", f"correct the formula, or {instead}"),
        (r"\(\s*[\d.,]+\s*\)", "is in brackets, which in accounts means negative", "write it with a minus sign"),
        (r"[+-]?\d{1,3}\.\d{3}", "could be read with three decimals or with a dot between thousands", "say which: decimal='.' or decimal=','"),
        (r"[+-]?[\d.,]+,\d+|[+-]?\d+,\d{3}|[+-]?\d{1,3}\.\d{3}|[\d.,]+", "could be read with a decimal comma or with commas between thousands",
         "say which: decimal=',' or decimal='.'"),
        (r".*\d\s*[°º].*", "is in degrees and minutes", "write decimal degrees: 114.5 for 114°30′"),
        (rf".*({UNITS}).*", "has a unit or sign in the cell", "write the bare number, and the unit in the header"),
        (r"[~≈<>≤≥=]\s*[\d.,]+.*", "is a bound, not a number", "write the number; bounds belong in columns …_low and …_high"),
        (r"\d+\s*[-–—]\s*\d+", "is a range, not a number", "write one number; bounds belong in columns …_low and …_high"),
        (r"=.*", "is a formula without its result", "open the file in a spreadsheet and save it, or write the value"),
        (r"[\dOoIl.,]*[OoIl][\dOoIl.,]*", "has a letter among the digits", "write digits (0 and 1, not O and l)"),
    )  # fmt: skip
    for pattern, why, fix in tests:
        if re.fullmatch(pattern, value, flags=re.IGNORECASE | re.DOTALL):
            return why, fix
    return "isn't a number", f"write a number, or {instead}"
