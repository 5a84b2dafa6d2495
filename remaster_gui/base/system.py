"""What operating systems do differently, in one place; everything else calls this and runs on all of them.

A system that lacks something gets the nearest to it: a file that is opened through a link, a priority that stays, a
cautious number.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path, PureWindowsPath
from typing import Any, TypeVar

import psutil

from remaster_gui.base.language import tr

T = TypeVar("T")

IS_WINDOWS = sys.platform == "win32"
"""There an open file can be neither renamed nor removed, and a lock keeps others from what it locks."""

PLAIN = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOINHERIT", 0)
"""Opens bytes as they are, for this process alone."""
NO_LINKS = PLAIN | getattr(os, "O_NOFOLLOW", 0)
"""Opens no link."""
SYNCED = PLAIN | (os.O_RDWR if IS_WINDOWS else os.O_RDONLY)
"""Opens what is to be brought to disk."""
SYNCS_FOLDERS = hasattr(os, "O_DIRECTORY")
"""Whether the names in a folder can be brought to disk."""
NO_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
"""Opens a pipe without waiting for its other end, so that its kind can be looked at."""

CAUTIOUS_MEMORY = 2 * 2**30
"""Bytes that are taken to be free where the system does not say."""

RETRY_SECONDS = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 0.8)
"""Seconds between tries at a file that another program has open."""
_IN_USE = (32, 33)
"""Numbers of Windows for files that are open, or locked, elsewhere."""
_LONGEST_PATH = 259
"""Characters that Windows takes unless long paths are allowed in its settings."""
_RESERVED = {"CON", "PRN", "AUX", "NUL"} | {
    f"{name}{number}" for name in ("COM", "LPT") for number in "0123456789¹²³"
}
_FORBIDDEN = frozenset('<>:"/\\|?*')


# --- files ---


def patiently(action: Callable[[], T]) -> T:
    """Rename or remove something; where it is refused while other programs look at the file, try again for a while.

    Virus scanners, search and previews of Windows open each new file for a moment.
    """
    if IS_WINDOWS:
        for seconds in RETRY_SECONDS:
            try:
                return action()
            except PermissionError:
                time.sleep(seconds)
    return action()


def put_in_place(source: Path, target: Path) -> None:
    """Rename a file or folder; a file takes the place of a file, a folder that of an empty one. Raises `OSError`."""
    if IS_WINDOWS and source.is_dir() and target.is_dir():
        target.rmdir()
    patiently(lambda: source.replace(target))


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file, or all in a folder, a second name, or copy it where disks know none. Raises `OSError`."""
    if source.is_dir():
        target.mkdir()
        for each in source.iterdir():
            link_or_copy(each, target / each.name)
        return
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copyfile(source, target, follow_symlinks=False)


def is_in_use(path: Path, error: OSError) -> bool:
    """Whether a file was refused because another program has it open."""
    if getattr(error, "winerror", None) in _IN_USE:
        return True
    return IS_WINDOWS and isinstance(error, PermissionError) and path.is_file() and os.access(path, os.W_OK)


def is_too_long(path: Path) -> bool:
    """Whether a path may be longer than the system takes as it is set up."""
    return IS_WINDOWS and len(str(path.absolute())) > _LONGEST_PATH


def name_fault(name: str) -> str:
    """Say what keeps a name from being that of a file on this system; '' where nothing does."""
    return windows_name_fault(name) if IS_WINDOWS else ""


def windows_name_fault(name: str) -> str:
    """Say what keeps a name from being that of a file under Windows; '' where nothing does.

    >>> windows_name_fault("aux.mov"), windows_name_fault("film.mov")
    ('Windows keeps this name for a device', '')
    """
    if name.partition(".")[0].rstrip(" ").upper() in _RESERVED:
        return tr("Windows keeps this name for a device")
    if name.endswith((".", " ")):
        return tr("names end neither with a dot nor with a space under Windows")
    strange = sorted({each for each in name if each in _FORBIDDEN or each < " "})
    return tr("a name cannot hold {strange!r} under Windows", strange=strange[0]) if strange else ""


def from_any_system(text: str) -> Path:
    r"""Return a whole path that was noted down on any system.

    A path of Windows is kept elsewhere as ``/C:/films/film.mp4`` or ``//server/share/film.mp4``: it leads nowhere, but
    its name is told, and Windows finds the file again.

    >>> from_any_system(r"C:\films\reel.mov").name
    'reel.mov'
    """
    if IS_WINDOWS:
        return Path(text[1:] if PureWindowsPath(text[1:]).drive.endswith(":") else text)
    path = PureWindowsPath(text)
    if path.drive and path.root and not text.startswith("/"):
        return Path(path.as_posix() if path.drive.startswith("\\") else f"/{path.as_posix()}")
    return Path(text)


def read_at(handle: int, count: int, start: int) -> bytes:
    """Read from a place of a file; where reading goes on stays as it is. Raises `OSError`."""
    if hasattr(os, "pread"):
        return os.pread(handle, count, start)
    place = os.lseek(handle, 0, os.SEEK_CUR)
    try:
        os.lseek(handle, start, os.SEEK_SET)
        return os.read(handle, count)
    finally:
        os.lseek(handle, place, os.SEEK_SET)


def stored_parts(handle: int) -> Iterator[tuple[int, int]]:
    """Yield from where to where a file has content on its disk: what a hole of terabytes says need not be read.

    Where the system tells nothing of holes, all is content. Leaves the place of reading anywhere. Raises `OSError`.
    """
    end, size = 0, os.fstat(handle).st_size
    while end < size:
        start, stop = end, size
        if hasattr(os, "SEEK_DATA"):
            try:
                start = os.lseek(handle, end, os.SEEK_DATA)
            except OSError as error:
                if error.errno == errno.ENXIO:  # nothing but a hole up to the end
                    return
                raise
            stop = os.lseek(handle, start, os.SEEK_HOLE)
        yield start, stop
        end = stop


def longest_name(folder: Path) -> int | None:
    """Bytes of the longest name that the disk of a folder takes, at most 255; None where it does not say."""
    try:
        return min(255, os.pathconf(folder, "PC_NAME_MAX"))
    except (AttributeError, OSError, ValueError):
        return None


def make_private(handle: int) -> None:
    """Let nobody else read an open file; where the system has no such rights, its folder has them."""
    with contextlib.suppress(OSError, AttributeError):
        os.fchmod(handle, 0o600)


def hand_down(handle: int) -> tuple[int, dict[str, Any]]:
    """Let a child process inherit an open file; returns the number for its `inherited`, and options of its start."""
    if sys.platform == "win32":
        import msvcrt

        handed = msvcrt.get_osfhandle(handle)
        os.set_handle_inheritable(handed, True)
        return handed, {"close_fds": False}
    return handle, {"pass_fds": (handle,)}


def inherited(number: int) -> int:
    """Return the descriptor of a file that was inherited from the parent process."""
    if sys.platform == "win32":
        import msvcrt

        return msvcrt.open_osfhandle(number, os.O_RDWR | os.O_BINARY)
    return number


def user_number() -> int:
    """Return the user's number; 0, as files say, where the system has none."""
    return os.geteuid() if hasattr(os, "geteuid") else 0


# --- processors and memory ---


def usable_cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def lower_priority(thread: int, niceness: int) -> None:
    """Let a thread yield to others where the machine is busy; only Linux can. Raises `OSError`."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, thread, max(niceness, os.getpriority(os.PRIO_PROCESS, thread)))


WORKED_ENOUGH = -int(getattr(signal, "SIGXCPU", 0)) or None
"""Status with which a process ends that `limit_work` has stopped; None where there is no such thing."""


def limit_work(seconds: int) -> None:
    """Let the system end this process once it has worked for so long, however long others keep it waiting."""
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def total_memory() -> int:
    """Bytes of memory that this machine has; twice a cautious number where the system does not say."""
    try:
        return int(psutil.virtual_memory().total)
    except (OSError, psutil.Error):
        return 2 * CAUTIOUS_MEMORY


def free_memory() -> int:
    """Bytes of memory that can still be had."""
    try:
        return int(psutil.virtual_memory().available)
    except (OSError, psutil.Error):
        return CAUTIOUS_MEMORY


def used_memory() -> int:
    """Bytes of memory that this process has; 0 where the system does not say."""
    try:
        return int(psutil.Process().memory_info().rss)
    except (OSError, psutil.Error):
        return 0


def peak_memory() -> int:
    """Bytes of memory that this process had at most, since `forget_peak` where that works; 0 where nobody knows."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    try:
        import resource
    except ImportError:
        return int(getattr(psutil.Process().memory_info(), "peak_wset", 0))
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024


def forget_peak() -> None:
    """Let the highest use of memory be counted anew, where the system can."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
