"""Bars N5 and N6 over every member that draws random numbers: p in (0, 1], and the same bytes on any number of threads."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys

import pandas as pd
import pytest
from cases import arguments, once, run, table_parameters

from technopole import rooms
from technopole.kernels import blocks


def drawing() -> list[str]:
    return [name for name in rooms.catalogue() if "seed" in inspect.signature(rooms.load(name)).parameters]


@pytest.mark.slow
@pytest.mark.parametrize("name", drawing())
def test_p_values_lie_above_zero_and_up_to_one(name: str) -> None:
    for frame in once(name).frames.values():
        for column in frame.columns:
            if column in ("p_value", "q_value") or column.endswith(("_p_value", "_q_value")):
                known = frame[column].dropna()
                assert ((known > 0) & (known <= 1)).all(), (name, column)


@pytest.mark.slow
@pytest.mark.parametrize("name", drawing())
def test_runs_on_one_two_and_five_threads_are_equal(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    digests = {once(name).digest}
    for threads in {1, 2, 5} - {blocks.available()}:
        monkeypatch.setattr(blocks, "available", lambda threads=threads: threads)
        digests.add(run(name).digest)
    assert len(digests) == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", drawing())
def test_the_order_of_the_rows_changes_no_bit(name: str) -> None:
    before = once(name)
    for parameter in table_parameters(name):
        table = arguments(name).get(parameter)
        if table is None or name.startswith("checks."):
            continue  # a check takes the very table its effect was estimated from
        frame = table if isinstance(table, pd.DataFrame) else table.to_pandas()
        turned = frame.sample(frac=1, random_state=5)
        given = turned if isinstance(table, pd.DataFrame) else type(table).of(turned, crs=table.crs)
        after = run(name, **{parameter: given})
        assert list(after.frames) == list(before.frames)
        for key, frame in before.frames.items():
            pd.testing.assert_frame_equal(
                pd.DataFrame(after.frames[key]), pd.DataFrame(frame), check_exact=True
            )


CODE = """
import os
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {{min(os.sched_getaffinity(0))}})
from cases import arguments
from technopole import rooms
print(*[rooms.load(name)(**arguments(name)).digest for name in {names!r}])
"""


@pytest.mark.slow
def test_another_process_hash_seed_locale_and_one_processor_give_the_same_bytes() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(names=rooms.catalogue())],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "PYTHONHASHSEED": "2",
            "LC_ALL": "de_DE.UTF-8",
            "LANG": "de_DE.UTF-8",
            **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [once(name).digest for name in rooms.catalogue()]
