"""A process in which the rules of Windows hold, as far as they can be had elsewhere; see `test_portable`.

Modules, functions and flags that only POSIX has are gone, and so is /proc. What is open can be neither renamed nor
removed, folders cannot be opened, only what was opened for writing is brought to disk, and the first byte of what is
locked is nobody else's. Run as ``python -m tests.foreign_system FOLDER FILM WEIGHTS``.
"""

from __future__ import annotations

import builtins
import errno
import fcntl
import io
import os
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Other people's code has made up its mind about the system before it changes.
import av  # noqa: F401
import cv2  # noqa: F401
import filelock
import OpenImageIO  # noqa: F401
import platformdirs  # noqa: F401
import psutil  # noqa: F401
import PySide6.QtWidgets  # noqa: F401
import rich.console
import rich.progress  # noqa: F401
import safetensors.torch  # noqa: F401
import torch

MODULES = ("fcntl", "resource", "pwd", "grp", "termios", "pty", "posix_ipc")
NAMES = (
    "O_NONBLOCK", "O_CLOEXEC", "O_NOCTTY", "O_NOFOLLOW", "O_DIRECTORY", "O_DSYNC", "O_SYNC", "fork",
    "forkpty", "pread", "pwrite", "geteuid", "getuid", "getgid", "getegid", "sysconf", "pathconf",
    "fpathconf", "fchmod", "fchown", "chown", "lchown", "fchdir", "getloadavg", "sched_getaffinity",
    "sched_setaffinity", "setpriority", "getpriority", "nice", "statvfs", "fstatvfs", "mkfifo", "mknod",
    "uname", "killpg", "getpgid", "setsid", "posix_fallocate", "posix_fadvise", "sendfile", "preadv",
    "pwritev", "readv", "writev", "SEEK_DATA", "SEEK_HOLE", "getxattr", "setxattr", "copy_file_range",
    "posix_spawn", "setuid", "setgid", "lchmod", "fdatasync", "sync", "ttyname", "waitid", "wait3", "wait4",
)  # fmt: skip

_looking = threading.local()
_locks: dict[tuple[int, int], int] = {}


def _refused(path: object) -> PermissionError:
    error = PermissionError(errno.EACCES, "The process cannot access the file", str(path))
    error.winerror = 32  # type: ignore[attr-defined]
    return error


def _open_paths() -> list[str]:
    _looking.on = True
    try:
        found = []
        for number in os.listdir("/proc/self/fd"):
            try:
                found.append(os.readlink(f"/proc/self/fd/{number}"))
            except OSError:
                continue
        return found
    finally:
        _looking.on = False


def _check_not_open(*paths: object) -> None:
    held = _open_paths()
    for path in paths:
        whole = os.path.abspath(os.fspath(path))  # type: ignore[call-overload]
        if any(each == whole or each.startswith(f"{whole}/") for each in held):
            raise _refused(path)


def _inode(handle: int | str | Path) -> tuple[int, int]:
    found = os.stat(handle)
    return found.st_dev, found.st_ino


def _lock_descriptor(handle: int, *, blocking: bool = True, poll_interval: float = 0.05) -> bool:
    assert not blocking, "nobody waits here"
    return _locks.setdefault(_inode(handle), handle) == handle


def _check_unlocked(handle: int) -> None:
    if _locks.get(_inode(handle), handle) != handle and os.lseek(handle, 0, os.SEEK_CUR) == 0:
        raise _refused(handle)


def _disk_usage(room: tuple[int, int, int]) -> Callable[[Any], tuple[int, int, int]]:
    def disk_usage(path: Any) -> tuple[int, int, int]:
        os.fspath(path)  # a number of an open file is not taken
        return room

    return disk_usage


def become_windows() -> None:
    """Change this process for good."""
    filelock.lock_descriptor = _lock_descriptor
    room = shutil.disk_usage(Path.cwd())
    shutil.disk_usage = _disk_usage(room)  # type: ignore[assignment]
    for module in MODULES:
        sys.modules[module] = None  # type: ignore[assignment]
    for name in NAMES:
        if hasattr(os, name):
            delattr(os, name)
    shutil._use_fd_functions = False  # type: ignore[attr-defined]

    def hide_proc(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and str(arguments[0]).startswith("/proc") and not getattr(_looking, "on", False):
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", arguments[0])

    sys.addaudithook(hide_proc)

    def wrapped(name: str, check: Callable[..., None]) -> None:
        function = getattr(os, name)

        def call(*arguments: Any, **options: Any) -> Any:
            check(*arguments, **options)
            return function(*arguments, **options)

        setattr(os, name, call)

    def check_open(path: Any, flags: int, *_: Any, **__: Any) -> None:
        if os.path.isdir(path):
            raise PermissionError(errno.EACCES, "Permission denied", path)

    def check_sync(handle: int) -> None:
        if fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
            raise OSError(errno.EBADF, "Bad file descriptor")

    def check_link(*_: Any, **__: Any) -> None:
        raise OSError("A required privilege is not held by the client")

    def forget_lock(handle: int) -> None:
        if _locks.get(_inode(handle)) == handle:
            del _locks[_inode(handle)]

    os.O_ACCMODE = 3  # type: ignore[attr-defined]
    for name in ("rename", "replace", "unlink", "remove"):
        wrapped(name, lambda *paths, **_: _check_not_open(*paths))
    wrapped("open", check_open)
    wrapped("fsync", check_sync)
    wrapped("symlink", check_link)
    wrapped("close", forget_lock)
    wrapped("read", lambda handle, _: _check_unlocked(handle))
    wrapped("write", lambda handle, _: _check_unlocked(handle))

    opened = io.open

    def open_unlocked(file: Any, *arguments: Any, **options: Any) -> Any:
        if not isinstance(file, int) and os.path.exists(file) and _inode(file) in _locks:
            raise _refused(file)
        return opened(file, *arguments, **options)

    io.open = builtins.open = open_unlocked  # type: ignore[assignment]
    sys.platform = "win32"


def main(folder: Path, film: Path, weights: Path) -> None:
    """Start the editor; keep settings; save, lock and open a project; render, twice; cache frames."""
    torch.set_num_threads(1)
    become_windows()
    from remaster_gui.app import make_application
    from remaster_gui.base import system
    from remaster_gui.base.notices import complete
    from remaster_gui.cli import main as remaster
    from remaster_gui.document.settings_file import SettingsFile
    from remaster_gui.media import open_film
    from remaster_gui.project import edits
    from remaster_gui.project.film_identity import identify
    from remaster_gui.project.schema import Project
    from remaster_gui.project.store import ProjectStore
    from remaster_gui.training.decoded_films import cached_frames
    from remaster_gui.ui.main_window import MainWindow

    assert system.IS_WINDOWS and system.free_memory() == system.CAUTIOUS_MEMORY
    application = make_application()
    window = MainWindow()
    window.show()
    window.close()
    application.processEvents()

    settings = SettingsFile(folder / "settings.json")
    settings.set("sound", False)
    settings.write()
    assert SettingsFile(folder / "settings.json").get("sound") is False

    path = folder / "film.remaster"
    with open_film(film) as opened:
        project = Project(identify(opened.info))
    store = ProjectStore.create(path, project)
    second = ProjectStore.open(path)
    assert "is open in another window (since " in second.read_only_reason
    store.load()
    store.save(edits.with_cuts(project, [5]))
    second.close()
    store.close()
    again = ProjectStore.open(path)
    assert not again.read_only and again.load().cuts == (0, 5)
    again.close()

    for name in ("out.mkv", "pictures"):
        more = ["--preset", "png16"] if name == "pictures" else []
        usual = ["render", film, "--weights", weights, "--size", 64, "--device", "cpu"]
        command = [*usual, *more, "--output", folder / name]
        assert remaster([*map(str, command)]) == 0
    assert (
        remaster(["render", str(film), "--weights", str(weights), "--output", str(folder / "con.mkv")]) == 2
    )
    complete(cached_frames(film, folder / "cache"))
    left = sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())
    print("\n".join(left))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
