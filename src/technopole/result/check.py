"""What every check returns: whether an effect stands it, by which number, and what that means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Literal, Self

import pandas as pd

from technopole.result.base import Chart, Field, Result

Answer = Literal["yes", "no", "cannot tell"]

FIELDS = MappingProxyType(
    {
        "check": Field("the check"),
        "passed": Field("whether the effect stands it: yes, no, or cannot tell"),
        "statistic": Field("the number the answer rests on", "", 4),
        "statistic_name": Field("what that number is"),
        "threshold": Field("what it is held against", "", 4),
        "p_value": Field("p-value, where the check is a test", "", 4),
        "undefined": Field("why there is no answer; empty where there is one"),
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class CheckResult(Result):
    """A check of an effect. Frames: `table` (the check's own) and `finding` (one row: the columns of `FIELDS`)."""

    kind: ClassVar[str] = "check"

    @classmethod
    def finding_of(
        cls,
        check: str,
        passed: Answer,
        *,
        table: pd.DataFrame,
        text: str,
        fields: Mapping[str, Field],
        statistic: float | None = None,
        statistic_name: str = "",
        threshold: float | None = None,
        p_value: float | None = None,
        undefined: str = "",
        chart: Chart | None = None,
        warnings: Sequence[str] = (),
        **parts: pd.DataFrame,
    ) -> Self:
        """Build a check's result; `undefined` says why there is no answer where `passed` is "cannot tell"."""
        numbers = {"statistic": statistic, "threshold": threshold, "p_value": p_value}
        row = {
            "check": check,
            "passed": passed,
            **{name: float("nan") if value is None else float(value) for name, value in numbers.items()},
            "statistic_name": statistic_name,
            "undefined": undefined,
        }
        finding = pd.DataFrame([row])[list(FIELDS)]
        return cls.of(
            table,
            text=text,
            fields={**FIELDS, **fields},
            chart=chart,
            warnings=warnings,
            finding=finding,
            **parts,
        )

    @property
    def name(self) -> str:
        """The check."""
        return str(self.frames["finding"]["check"].iloc[0])

    @property
    def passed(self) -> bool | None:
        """Whether the effect stands the check; None where that can't be told."""
        said = str(self.frames["finding"]["passed"].iloc[0])
        return {"yes": True, "no": False}.get(said)

    @property
    def statistic(self) -> float:
        """The number the answer rests on."""
        return float(self.frames["finding"]["statistic"].iloc[0])
