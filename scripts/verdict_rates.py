"""How often an evaluation of simulated firms ends in which finding: the table on the page of `parks.evaluation`."""

from __future__ import annotations

from collections import Counter
from typing import Any

import technopole as tp

WORLDS: list[tuple[str, dict[str, int], dict[str, Any]]] = [
    ("effect", {"firms": 1000}, {"growth": ["log_sales"]}),
    ("selection", {"firms": 1000}, {"growth": ["log_sales"]}),
    (
        "innovation",
        {"firms": 1500},
        {"growth": ["log_sales"], "innovation": ["patents"], "smallest": {"log_sales": 0.1}},
    ),
    ("own_rd", {"firms": 1500}, {"growth": ["log_sales"], "own_rd": "own_rd"}),
    ("pre_trend", {"firms": 1000}, {"growth": ["log_sales"]}),
    ("null", {"firms": 60, "years": 8}, {"growth": ["log_sales"]}),
]
DRAWS = 40


def main() -> None:
    """Print one row per world."""
    print("| world | firms | findings |\n|---|---:|---|")
    for world, size, options in WORLDS:
        found: Counter[str] = Counter()
        for seed in range(1000, 1000 + DRAWS):
            told = tp.parks.evaluation(tp.simulate_firms(world, seed=seed, **size).firms, **options)
            reason = str(told.conclusion["reason"].iloc[0])
            found[f"{told.finding}{f' ({reason})' if told.finding == 'cannot tell' else ''}"] += 1
        said = ", ".join(f"{finding} {count}" for finding, count in found.most_common())
        print(f"| {world} | {size['firms']} | {said} |", flush=True)


if __name__ == "__main__":
    main()
