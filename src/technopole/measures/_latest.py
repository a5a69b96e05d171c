"""Words for a table of several years of which the text speaks of the last."""

from __future__ import annotations

import pandas as pd


def of_latest(text: str, years: pd.Series) -> str:
    """Return the text, headed by the last year where there are several."""
    return f"In {int(years.max())}: {text}" if years.nunique() > 1 else text
