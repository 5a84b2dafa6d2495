"""The process in which inputs are tried: one line of JSON for every input that comes in, two for each that goes out.

The first input of a target comes after a whole one, whose time does not count, as libraries are loaded then.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import re
import resource
import shutil
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

from .inputs import plant, victims_are_well
from .targets import TARGETS, Trial, make
from .targets.faulty import FAULTY

ADDRESS_SPACE = 24 * 2**30
"""Bytes of addresses, so that a worker cannot take down the machine before it is stopped for its memory."""
_LONGEST_SENTENCE = 1000


def main() -> None:
    """Serve until the input ends; ``worker.py FOLDER`` keeps everything below that folder."""
    folder = Path(sys.argv[1])
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    log = (folder / "log").open("ab", buffering=0)
    os.dup2(log.fileno(), 1)
    os.dup2(log.fileno(), 2)
    faulthandler.enable(log)
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    warm: set[str] = set()
    for count, line in enumerate(sys.stdin):
        job = json.loads(line)
        target = TARGETS.get(job["target"], FAULTY)
        if target.name not in warm and target is not FAULTY:
            warm.add(target.name)
            place = _place(folder, f"warm-{count}")
            _try(_planted(make(target, -1, None, folder.parent / "seeds"), place), place / "tree")
        place = _place(folder, str(count))
        trial = _planted(make(target, job["number"], job["steps"], folder.parent / "seeds"), place)
        if job.get("keep"):
            plant(trial.tree, Path(job["keep"]) / "tree")
        log.truncate(0)
        _answer(answers, {"state": "begun", "seed": trial.seed, "steps": trial.steps})
        _answer(answers, {"state": "done", **_try(trial, place / "tree")})


def _end_with(parent: int) -> None:
    """End as soon as whoever asks has ended, also in the midst of an input that never does."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _place(folder: Path, name: str) -> Path:
    """Make a folder that no input had before, as the product remembers files by their places."""
    os.chdir(folder)
    shutil.rmtree(folder / "input", ignore_errors=True)
    place = folder / "input" / name
    _own_user_folders(place / "home")
    return place


def _planted(trial: Trial, place: Path) -> Trial:
    plant(trial.tree, place / "tree")
    return trial


def _answer(answers: Any, content: dict[str, Any]) -> None:
    answers.write(json.dumps(content) + "\n")
    answers.flush()


def _own_user_folders(home: Path) -> None:
    for kind in ("CACHE", "CONFIG", "DATA", "STATE"):
        (home / kind.lower()).mkdir(parents=True, exist_ok=True)
        os.environ[f"XDG_{kind}_HOME"] = str(home / kind.lower())


def _try(trial: Trial, tree: Path) -> dict[str, Any]:
    from remaster_gui.base.errors import RemasterError

    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # peak memory counts from here
    os.chdir(tree)
    began = time.monotonic()
    try:
        outcome: dict[str, Any] = {"outcome": trial.target.call(tree, trial) or "taken"}
    except RemasterError as error:
        outcome = {"outcome": "refused"} | _fault_of(str(error))
    except BaseException as error:
        outcome = {"outcome": "finding", "kind": type(error).__name__, "where": _where(error),
                   "text": traceback.format_exc()[-6000:].encode("ascii", "backslashreplace").decode()}  # fmt: skip
    outcome["seconds"] = time.monotonic() - began
    outcome["peak"], outcome["held"] = _memory("VmHWM"), _memory("VmRSS")
    if outcome["outcome"] != "finding" and not victims_are_well(tree):
        outcome |= {
            "outcome": "finding",
            "kind": "Harm",
            "where": "a file outside the folder was changed",
            "text": "",
        }
    return outcome


def _fault_of(sentence: str) -> dict[str, str]:
    """Return a finding where a refusal is no sentence for a user."""
    # Names of inputs may have line breaks.
    bad = (
        "\n" in sentence.replace("x\ny", "")
        or not sentence.endswith((".", "!", "?", "”", ")"))
        or any(raw in sentence for raw in ("Traceback", "[Errno"))
        or len(sentence) > _LONGEST_SENTENCE
    )
    shown = sentence[:2000].encode("ascii", "backslashreplace").decode()
    if not bad:
        return {"text": shown}
    return {
        "outcome": "finding",
        "kind": "Sentence",
        "where": re.sub(r"\d+", "9", shown)[-60:],
        "text": shown,
    }


def _where(error: BaseException) -> str:
    """Return the innermost place in the product and the innermost of all."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/remaster_gui/" in frame.filename]
    places = [ours[-1]] if ours else []
    places += [frames[-1]] if frames and (not ours or frames[-1] is not ours[-1]) else []
    return " < ".join(f"{Path(frame.filename).name}:{frame.name}:{frame.line}" for frame in reversed(places))[
        :300
    ]


def _memory(name: str) -> int:
    """Bytes that the process holds, by the name that the system has for it."""
    with contextlib.suppress(OSError, IndexError):
        status = Path("/proc/self/status").read_text()
        return int(status.split(f"{name}:")[1].split()[0]) * 1024
    return 0


if __name__ == "__main__":
    main()
