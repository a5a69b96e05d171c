"""Runs a study in child processes, kills them with SIGKILL at seeded random moments, and says what was left.

    python killing.py STUDY FOLDER KILLS

Prints one JSON object: `undisturbed` (file -> hash), and per kill that hit a running child `visible` (files there right after the kill
that are neither the undisturbed run's nor the earlier study's), `resumed` (file -> hash after running again).
Libraries are imported once, before the forks; the engine starts in the children only.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import random
import signal
import sys
import time
import traceback
from pathlib import Path

from technopole import rooms, study
from technopole.study import keys


def files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def start(file: Path, out: Path) -> int:
    child = os.fork()
    if child:
        return child
    try:
        study.run(study.load(file), out)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def finish(file: Path, out: Path) -> dict[str, str]:
    _, status = os.waitpid(start(file, out), 0)
    assert status == 0, f"a run that nobody killed ended with {status}"
    return files(out)


def main(file: Path, folder: Path, kills: int) -> None:
    for module in ("ibis.backends.duckdb", *(f"technopole.{room}" for room in rooms.ROOMS)):
        importlib.import_module(module)
    keys.code()
    undisturbed = finish(file, folder / "undisturbed")
    began = time.perf_counter()
    finish(file, folder / "timed")  # the first run warms caches: its length says little
    length = time.perf_counter() - began
    earlier = file.with_name("earlier.toml")
    earlier.write_text(
        file.read_text(encoding="utf-8").replace("level = 0.9", "level = 0.8"), encoding="utf-8"
    )
    moments = random.Random(20)
    said: list[dict[str, object]] = []
    for number in range(5 * kills):
        if len(said) == kills:
            break
        out = folder / str(number)
        before = (
            finish(earlier, out) if number % 4 == 0 else {}
        )  # so that results are also replaced under fire
        child = start(file, out)
        time.sleep(moments.uniform(0, length))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):  # it had ended: too late, so aim earlier
            length *= 0.9
            continue
        visible = files(out) if out.exists() else {}
        lock = out / "study.lock.json"
        if lock.exists():
            json.loads(lock.read_text(encoding="utf-8"))
        said.append(
            {
                "seen": len(visible),
                "visible": [
                    name
                    for name, digest in visible.items()
                    if name != "study.lock.json" and digest not in (undisturbed.get(name), before.get(name))
                ],
                "resumed": finish(file, out),
            }
        )
    print(json.dumps({"undisturbed": undisturbed, "kills": said, "seconds": length}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
