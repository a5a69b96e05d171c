"""Pictures for the page: advantage in the first and the last year, China's growth in parts, two product spaces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import vl_convert

from photonics_products.findings import Findings

WIDTH = 640


def pictures(found: Findings) -> dict[str, Any]:
    """Return file name -> chart."""
    return {
        "photonics_products_advantage.png": found.optical.plot(width=WIDTH),
        "photonics_products_change.png": found.change.plot(width=WIDTH),
        "photonics_products_space_china.png": found.china.plot(width=WIDTH),
        "photonics_products_space_germany.png": found.germany.plot(width=WIDTH),
    }


def write_png(path: Path, chart: Any) -> None:
    """Write a chart; product spaces with a thousand dots in fewer pixels, as they don't compress."""
    scale = 1.0 if "space" in path.name else 1.4
    path.write_bytes(vl_convert.vegalite_to_png(chart.to_dict(), scale=scale))
