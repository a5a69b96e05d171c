"""What checks that estimate again share: the effect on other rows, or why there is none."""

from __future__ import annotations

import inspect
from typing import Any

from technopole import rooms
from technopole.effects._again import again, made_by, own
from technopole.engine import Expr, sql
from technopole.errors import TechnopoleError
from technopole.result import EffectResult
from technopole.tables import Table

STAGGERED = ("effects.group_time_effects", "effects.event_study", "effects.imputation")


def attempt(
    effect: EffectResult, table: Table | None, *, rows: Expr | None = None, **changes: Any
) -> EffectResult | str:
    """Estimate again, or say why that can't be done with these rows; a wrong or missing table stays an error."""
    own(effect, table)
    try:
        found = again(effect, table, rows=rows, **{**_plain(effect), **changes})
    except TechnopoleError as error:
        return str(error).splitlines()[0]
    if found.estimate != found.estimate:
        return str(found.frames["overall"]["undefined"].iloc[0])
    return found


def takes(effect: EffectResult, argument: str) -> bool:
    """Whether the effect's estimator has this argument."""
    return argument in inspect.signature(rooms.load(effect.design)).parameters


def _plain(effect: EffectResult) -> dict[str, Any]:
    """Leave out uniform bands, which no check reads and which take time."""
    return {"bootstrap": 0} if "bootstrap" in made_by(effect).arguments and takes(effect, "control") else {}


def entry(table: Table) -> Expr:
    """Return the year of entry, 0 for those who never enter within the table's years."""
    entered = table.expr["entered"].fill_null(0)
    last = table.expr["year"].max().to_pyarrow().as_py()
    return sql.ifelse(entered > last, 0, entered)
