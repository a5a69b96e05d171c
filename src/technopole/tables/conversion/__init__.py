"""From one classification to another: bundled official concordances, chains of them, and tables converted along one."""

from technopole.tables.conversion.concordance import Concordance, concordance
from technopole.tables.conversion.convert import Conversion, check_conversion, convert
from technopole.tables.conversion.recognise import recognise

__all__ = ["Concordance", "Conversion", "check_conversion", "concordance", "convert", "recognise"]
