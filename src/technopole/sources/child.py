"""The child process: takes an order as JSON, caps itself, reads one file, leaves Arrow and a JSON answer.

Run as ``python -m technopole.sources.child``; it imports nothing of Technopole that is heavy.
"""

from __future__ import annotations

import importlib
import json
import os
import sys

from technopole.sources.refused import Refused

os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

READERS = {"workbook": "workbook", "vector": "vector", "duckdb": "database", "sqlite": "database"}


class Without:
    """An import finder that hides what pyarrow and pyogrio can do without: it is slow to load."""

    hidden = ("pandas", "geopandas", "shapely")

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        """Refuse the hidden packages, leave the others to the next finder."""
        if name in self.hidden:
            raise ModuleNotFoundError(f"{name} isn't used here", name=name)


def cap(megabytes: int, seconds: int) -> None:
    """Limit this process, where the system can (Linux, macOS in part)."""
    try:
        import resource
    except ImportError:
        return
    size = megabytes << 20
    for name, limit in (
        ("RLIMIT_DATA", size),
        ("RLIMIT_AS", 2 * size),
        ("RLIMIT_CPU", seconds),
        ("RLIMIT_CORE", 0),
    ):
        try:
            resource.setrlimit(getattr(resource, name), (limit, limit))
        except (AttributeError, ValueError, OSError):
            continue


def main() -> int:
    """Carry out the order on standard input."""
    order = json.loads(sys.stdin.read())
    sys.meta_path.insert(0, Without())  # type: ignore[arg-type]
    import pyarrow as pa

    reader = importlib.import_module(f"technopole.sources.{READERS[order['format']]}")
    reader.prepare()
    cap(order["megabytes"], order["seconds"])
    try:
        table, answer = reader.read(order)
        with pa.OSFile(order["target"], "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table, max_chunksize=65536)
    except Refused as refused:
        answer = refused.answer
    except MemoryError:
        sys.stderr.write("out of memory\n")
        return 1
    print(json.dumps(answer, ensure_ascii=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
