"""What estimators of staggered entry ask of a panel, and what a panel can't show."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from technopole.effects._panel import Panel
from technopole.errors import TechnopoleError, WrongOption

FEW = 20  # clusters


def check_options(*, level: float, anticipation: int = 0, bootstrap: int = 0) -> None:
    """Refuse what no estimator can use."""
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)
    if anticipation < 0:
        raise WrongOption("anticipation is a number of years, 0 or more", value=anticipation)
    if bootstrap != 0 and bootstrap < 99:
        raise WrongOption("bootstrap is a number of draws, 99 or more, or 0 for none", value=bootstrap)


def clusters(panel: Panel) -> npt.NDArray[np.intp] | None:
    """Return the cluster of every unit, 0, 1, ...; None where the panel has none. A unit belongs to one cluster."""
    if "cluster" not in panel.rows:
        return None
    seen = panel.rows.groupby("unit")["cluster"]
    if (seen.nunique() > 1).any():
        number = int((seen.nunique() > 1).sum())
        raise TechnopoleError(
            f"{number:,} units change their cluster over the years",
            fix="cluster by something that stays, such as the region of the first year",
        )
    codes, names = pd.factorize(seen.first().sort_index(), sort=True)
    if len(names) < 2:
        raise TechnopoleError("all units are in one cluster", fix="standard errors need two clusters or more")
    return np.asarray(codes, np.intp)


def needs_both(panel: Panel, *, never: bool, instead: str = "not_yet_treated") -> None:
    """Refuse a panel in which nobody enters, or (`never`) everybody does."""
    if not panel.treated:
        raise TechnopoleError(
            "no unit enters within the panel: there is no effect to estimate",
            fix="`entered` is the year of entry, between the first and the last year of the panel",
        )
    if never and not panel.controls:
        raise TechnopoleError(
            "every unit enters within the panel: none is left to compare with",
            fix=f'control="{instead}" compares with units that enter later',
        )
    if panel.rows["year"].nunique() < 2:
        raise TechnopoleError(
            "one year only: an effect needs a before and an after", value=int(panel.rows["year"].iloc[0])
        )


def independent(panel: Panel) -> None:
    """Refuse covariates that don't vary or are combinations of the others."""
    names = list(panel.covariates)
    if not names:
        return
    values = panel.rows[names].to_numpy("float64")
    values = values - values.mean(axis=0)
    size = np.sqrt(np.einsum("ij,ij->j", values, values) / len(values))
    scale = np.maximum(np.abs(panel.rows[names].to_numpy("float64")).max(axis=0), 1e-300)
    for name, still in zip(names, size <= 1e-9 * scale, strict=True):
        if still:
            raise TechnopoleError(
                "the covariate is the same in every row", value=name, fix="leave it out of covariates="
            )
    gram = (values / size).T @ (values / size) / len(values)
    for last in range(1, len(names)):
        if np.linalg.eigvalsh(gram[: last + 1, : last + 1])[0] < 1e-10:
            raise TechnopoleError(
                "the covariate is a combination of the others",
                value=names[last],
                exists=names[:last],
                fix="leave it out of covariates=",
            )


def in_standard_deviations(panel: Panel) -> tuple[pd.DataFrame, float]:
    """Return the rows with outcome and covariates ("covariate 1", ...) around 0 in standard deviations, and that of the outcome."""
    table = panel.rows.drop(columns=list(panel.covariates))
    scale = float(table["outcome"].std(ddof=0)) or 1.0
    table["outcome"] = (table["outcome"] - table["outcome"].mean()) / scale
    for number, name in enumerate(panel.covariates, 1):
        values = panel.rows[name]
        table[f"covariate {number}"] = (values - values.mean()) / values.std(ddof=0)
    return table, scale


def referenced(panel: Panel, reference: int) -> None:
    """Drop cohorts that aren't seen in the year they are compared with, `reference` years from entry."""
    rows = panel.rows
    at = rows["year"] - rows["entered"] == reference
    seen = rows.loc[at & (rows["entered"] > 0), "entered"].unique()
    if panel.treated and not len(seen):
        raise TechnopoleError(
            "no cohort is seen in the year that all others are compared with",
            value=f"{-reference} years before entry",
            fix="fewer years of anticipation=",
        )
    panel.keep(
        (rows["entered"] == 0) | rows["entered"].isin(seen),
        step="seen in the year of reference",
        reason=f"cohorts not seen {-reference} year{'s' if reference < -1 else ''} before entry, with which all other years are compared",
    )


def absorbed(panel: Panel) -> list[str]:
    """Say which covariates a regression with unit effects can't use."""
    rows = panel.rows
    still = [name for name in panel.covariates if (rows.groupby("unit")[name].nunique() <= 1).all()]
    if not still:
        return []
    return [
        f"{', '.join(still)}: the same in all years of a unit, so already in its own effect; tp.effects.group_time_effects holds such covariates equal"
    ]


def restrictions(panel: Panel) -> list[str]:
    """Say what such a panel can't show."""
    units = panel.units
    entered = units.loc[units["entered"] > 0, "entered"]
    said: list[str] = []
    years = np.sort(panel.rows["year"].unique())
    if len(entered) and int(entered.max()) <= int(years[1]):
        said.append(
            "every cohort has one year before entry: trends before entry can't be seen, so nothing here supports the comparison"
        )
    sizes = entered.value_counts()
    lonely = sorted(int(year) for year in sizes[sizes == 1].index)
    if lonely:
        shown = ", ".join(str(year) for year in lonely[:5]) + (" ..." if len(lonely) > 5 else "")
        said.append(
            f"cohorts of one unit ({shown}): the variation of that unit isn't in any standard error, which are too small"
        )
    if len(entered) and panel.controls == 1:
        said.append(
            "one unit never enters: its own variation isn't in any standard error that rests on it, which are too small"
        )
    number = panel.rows["cluster"].nunique() if "cluster" in panel.rows else FEW
    if number < FEW:
        said.append(f"{number} clusters: with fewer than {FEW} standard errors are too small")
    return said
