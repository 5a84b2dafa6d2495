"""What every command shares: the log file, warnings kept off the terminal, and how faults end a run.

Nothing here may import torch, cv2 or av: `remaster-gui --help` has to answer at once.
"""

from __future__ import annotations

import errno
import logging
import os
import signal
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any

from remaster_gui.base.errors import RemasterError, StorageError, is_out_of_memory
from remaster_gui.base.paths import log_file
from remaster_gui.base.system import make_private
from remaster_gui.cli.terminal import EXIT_INTERRUPTED, silence_output

if TYPE_CHECKING:
    from rich.console import Console

LOG_LEVELS = ("debug", "info", "warning", "error")

EXIT_DEFECT = 1
EXIT_FAULT = 2
EXIT_BROKEN_PIPE = 141

_OF_NAMES = (errno.ENAMETOOLONG, errno.ELOOP, errno.EACCES, errno.EPERM)
"""What the system may already say to the question whether something is there."""

_TABLE_WIDTH = 200
_LOG_BYTES = 2_000_000
_LOG_FILES = 3
_LINE = "%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"

log = logging.getLogger(__name__)
# Until there is a log file, nothing is shown; without any handler, logging would print on the terminal.
logging.getLogger("remaster_gui").addHandler(logging.NullHandler())


class _LogFile(RotatingFileHandler):
    """A log for its user's eyes alone, whose own faults, such as a full disk, stop nothing and say nothing."""

    def _open(self) -> Any:
        return open(
            self.baseFilename, self.mode, encoding="utf-8", errors="backslashreplace", opener=_private
        )

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        pass

    def close(self) -> None:
        with suppress(OSError):
            super().close()


@contextmanager
def logging_to_file(level: str, *, verbose: bool) -> Iterator[Path | None]:
    """Send log records of `level` and above, and all warnings, to the log file, whose path is the value.

    With `verbose` our own records are shown on the error stream as well. The value is None where no log can
    be written (a read-only home, say): the program then goes on without one.
    """
    root = logging.getLogger()
    level_before = root.level
    root.setLevel(level.upper())
    logging.captureWarnings(True)
    file, obstacle = _file_handler()
    # Without any handler, logging would print warnings on the terminal.
    handlers: list[logging.Handler] = [file or logging.NullHandler()]
    if verbose:
        handlers.append(_terminal_handler())
    for handler in handlers:
        root.addHandler(handler)
    if obstacle:
        log.warning("there will be no log file: %s", obstacle)
    try:
        yield Path(file.baseFilename) if file else None
    finally:
        logging.captureWarnings(False)
        root.setLevel(level_before)
        for handler in handlers:
            root.removeHandler(handler)
            handler.close()


def guarded(work: Callable[[], int], log_path: Path | None) -> int:
    """Run `work`, return the exit status, whatever becomes of it; a fault ends as one sentence on stderr."""
    try:
        status = work()
        _flush()
    except RemasterError as error:
        log.error("%s", error, exc_info=True)
        _say(str(error))
        return EXIT_FAULT
    except KeyboardInterrupt:
        with _undisturbed():
            log.info("stopped by the user")
            _say("Stopped.")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has left; there is nobody to tell, and Python must not try at its own exit.
        silence_output()
        return EXIT_BROKEN_PIPE
    except Exception as error:
        if is_out_of_memory(error):
            log.error("out of memory", exc_info=True)
            _say(
                "Memory ran out; close other programs or work at a smaller size, and run the same command again."
            )
            return EXIT_FAULT
        if isinstance(error, OSError) and error.errno in _OF_NAMES and error.filename is not None:
            log.error("not caught where it happened", exc_info=True)
            _say(_about_name(error))
            return EXIT_FAULT
        log.critical("unexpected %s", type(error).__name__, exc_info=True)
        where = (
            f"the details are in {log_path}" if log_path else "run it again with --verbose for the details"
        )
        _say(f"Something went wrong inside remaster-gui ({_in_short(error)}); {where}.")
        return EXIT_DEFECT
    return status


def _about_name(error: OSError) -> str:
    """Say what is wrong with the name of a file or folder that was asked for; the libraries for it are dear."""
    from remaster_gui.media.faults import disk_sentence

    return disk_sentence(Path(os.fsdecode(error.filename)), error)


def _file_handler() -> tuple[_LogFile, None] | tuple[None, Exception]:
    """Open the log file, or return what stands in the way."""
    try:
        path = log_file()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = _LogFile(path, maxBytes=_LOG_BYTES, backupCount=_LOG_FILES)
    except (OSError, StorageError) as error:
        return None, error
    handler.setFormatter(logging.Formatter(_LINE))
    return handler, None


def _private(path: str, flags: int) -> int:
    """Open a file that nobody else may read; it names films and folders."""
    handle = os.open(path, flags, 0o600)
    if stat.S_ISREG(os.fstat(handle).st_mode):
        make_private(handle)
    return handle


def _terminal_handler() -> logging.Handler:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    handler.addFilter(logging.Filter("remaster_gui"))
    return handler


def _in_short(error: Exception) -> str:
    """Type and first line of an exception, cut to the length of a sentence."""
    first = next(iter(str(error).splitlines()), "")
    text = f"{type(error).__name__}: {first}" if first else type(error).__name__
    return text if len(text) <= 160 else text[:157] + "..."


def _flush() -> None:
    """Bring what was printed to where it goes, now, while a fault of that place can still be said."""
    if sys.stdout is not None:
        try:
            sys.stdout.flush()
        except StorageError:
            silence_output()
            raise


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ignore further Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def table_console() -> Console:
    """Return a console for tables: as wide as the terminal, or wide enough for any where output goes to a file."""
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=_TABLE_WIDTH)
