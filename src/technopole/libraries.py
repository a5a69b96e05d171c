"""The estimation libraries, imported when first used; their warnings become the result's."""

from __future__ import annotations

import importlib
import os
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from technopole.errors import TechnopoleError


def library(name: str) -> Any:
    """Import a module of the extra `effects` ("diff_diff", "statsmodels.api", ...), or say how to install it.

    diff-diff sums in as many parts as there are processors, and so ends in other last digits on other machines: it gets one.
    """
    os.environ["RAYON_NUM_THREADS"] = "1"
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise TechnopoleError(
            "this is estimated with a library that isn't installed",
            value=name.partition(".")[0],
            fix="pip install 'technopole[effects]'",
        ) from error


@contextmanager
def heard(into: list[str]) -> Generator[None]:
    """Turn what a library warns of into texts, each once.

    Deprecations inside the library and NumPy's "invalid value encountered in sqrt" are nobody's business here: numbers that aren't
    defined say so in their own rows.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        warnings.filterwarnings("ignore", message=".* encountered in ", category=RuntimeWarning)
        yield
    for warning in caught:
        said = " ".join(str(warning.message).split())
        if said not in into:
            into.append(said)
