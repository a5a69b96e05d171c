"""What every analysis returns: frozen tables with their words, units, citation and provenance; save and load."""

from technopole.result.base import ROWS_OF_FIRMS as ROWS_OF_FIRMS
from technopole.result.base import Chart as Chart
from technopole.result.base import Field as Field
from technopole.result.base import Input as Input
from technopole.result.base import Provenance as Provenance
from technopole.result.base import Result as Result
from technopole.result.check import CheckResult as CheckResult
from technopole.result.effect import EffectResult as EffectResult
from technopole.result.loading import load_result as load_result
from technopole.result.verdict import Verdict as Verdict
