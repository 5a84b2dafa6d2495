"""What `check_gpu.py` finds: a plain verdict a line, and all figures as JSON for whoever compares runs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Findings:
    """What was found, in a line each as soon as it is known, and how much time is left."""

    def __init__(self, file: Path | None, seconds: float) -> None:
        """Write figures to a file (None: nowhere) as well; all checks together may take so many seconds."""
        self._file = None if file is None else file.open("w", encoding="utf-8")
        self._began, self._seconds = time.monotonic(), seconds
        self._bad: list[str] = []

    def __enter__(self) -> Findings:
        return self

    def __exit__(self, *error: object) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self._seconds - (time.monotonic() - self._began)

    def shown(self, text: str, **figures: Any) -> None:
        """Tell something of which nothing is asked."""
        self._tell("shown", text, figures)

    def judged(self, passed: bool | None, text: str, **figures: Any) -> None:
        """Tell whether something is as it has to be; None: nothing is asked of it here."""
        self._tell("shown" if passed is None else "good" if passed else "missed", text, figures)

    def timed(
        self,
        what: str,
        value: float,
        *,
        least: float | None = None,
        most: float | None = None,
        **figures: Any,
    ) -> None:
        """Tell a figure, and whether it is at least, or at most, what is asked for; None: nothing is asked."""
        passed, asked = None, ""
        if least is not None:
            passed, asked = value >= least, f", at least {least:g} asked for"
        elif most is not None:
            passed, asked = value <= most, f", at most {most:g} asked for"
        self.judged(passed, f"{what}: {value:.2f}{asked}", value=value, asked=least or most, **figures)

    def attempt(self, check: Callable[[Findings], None]) -> None:
        """Try a check if there is time left."""
        what = getattr(check, "func", check).__name__.replace("_", " ")
        if self.left <= 0:
            self._tell("left out", f"{what}: there is no time left", {})
            return
        began = time.monotonic()
        try:
            check(self)
        except Exception as error:  # the figures that can be had are worth having
            self._tell("failed", f"{what}: {type(error).__name__}: {error}"[:500], {})
        self._write({"check": what, "seconds": round(time.monotonic() - began, 1)})

    def end(self) -> int:
        """Tell how it went, and return the exit status."""
        spent = f"in {self._seconds - self.left:.0f} s"
        if self._bad:
            print(f"In all {len(self._bad)} verdicts are not good, {spent}: {'; '.join(self._bad)}"[:2000])
        else:
            print(f"Everything is good, {spent}.")
        self._write({"check": "end", "passed": not self._bad, "seconds": round(self._seconds - self.left, 1)})
        return int(bool(self._bad))

    def _tell(self, verdict: str, text: str, figures: dict[str, Any]) -> None:
        text = " ".join(text.split())
        print(f"{verdict:9}{text}", flush=True)
        if verdict not in ("good", "shown"):
            self._bad.append(text.partition(":")[0])
        self._write({"verdict": verdict, "text": text, **figures})

    def _write(self, line: dict[str, Any]) -> None:
        if self._file is not None:
            print(json.dumps(line), file=self._file, flush=True)
