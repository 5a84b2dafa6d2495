"""Build ``.venv`` with pinned packages and see to the system's libraries; ``make`` runs it when needed.

Uses nothing but the standard library of Python 3.11. Installs system packages itself where it may (as root on
a system with apt-get); elsewhere it prints the one line to type and goes on if it can.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
READY = VENV / ".ready"
"""Its time tells ``make`` whether the environment is older than what describes it."""

INSTALLER = ("pip", "hatchling", "editables")
"""Comes first: a pip that knows dependency groups, and what building our own package needs."""

# What the wheels of PySide6 and OpenCV expect of the system, and Debian's package for it.
LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libSM.so.6": "libsm6",
    "libICE.so.6": "libice6",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    # Sound; QtMultimedia does not load without the first, nor its FFmpeg backend without the second.
    "libpulse.so.0": "libpulse0",
    "libXrandr.so.2": "libxrandr2",
}


def main() -> int:
    """Make the environment usable; return the exit status."""
    READY.unlink(missing_ok=True)
    missing = missing_packages()
    if missing and not apt_install(missing):
        line = f"apt-get install -y {' '.join(missing)}"
        say(f"Parts of the system are missing. On Debian or Ubuntu, type as root:\n    {line}")
    if not has_ensurepip():
        say("Python cannot make virtual environments before that is done.")
        return 1
    try:
        if not works(PYTHON):
            say(f"Making .venv with Python {sys.version.split()[0]}")
            run(sys.executable, "-m", "venv", "--clear", str(VENV))
        say("Installing pinned packages; the first time this fetches a few gigabytes and takes minutes")
        pip_install(*INSTALLER)
        pip_install(
            "--no-build-isolation",
            "--editable",
            f"{ROOT}[farm]",
            "--group",
            f"{ROOT / 'pyproject.toml'}:dev",
            "--group",
            f"{ROOT / 'pyproject.toml'}:docs",
        )
    except subprocess.CalledProcessError as error:
        say(f"The step above failed with status {error.returncode}; once its cause is gone, run make again.")
        return 1
    except KeyboardInterrupt:
        say("\nStopped; make goes on from here when it is run again.")
        return 130
    READY.touch()
    return 0


def missing_packages() -> list[str]:
    """Return the Debian packages that would bring what this system lacks."""
    missing = [package for library, package in LIBRARIES.items() if not loads(library)]
    if not has_ensurepip():
        missing.append(f"python{sys.version_info.major}.{sys.version_info.minor}-venv")
    return missing


def loads(library: str) -> bool:
    """Whether the system's loader finds `library`."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_ensurepip() -> bool:
    """Whether this Python can put pip into a new environment (Debian ships that apart)."""
    importlib.invalidate_caches()
    return importlib.util.find_spec("ensurepip") is not None


def works(python: Path) -> bool:
    """Whether an environment made earlier still has an interpreter, recent enough and with pip."""
    check = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    return (
        python.exists() and subprocess.run([python, "-c", check], stderr=subprocess.DEVNULL).returncode == 0
    )


def apt_install(packages: list[str]) -> bool:
    """Install Debian packages where that is allowed; return whether they are there now."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    say(f"Installing system packages: {' '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-qq", "--no-install-recommends", *packages]):
        if subprocess.run(["apt-get", "-y", *command], env=environment, stdout=subprocess.DEVNULL).returncode:
            return False
    return True


def pip_install(*arguments: str) -> None:
    """Install with the environment's own pip, everything pinned."""
    run(str(PYTHON), "-m", "pip", "install", "--constraint", str(ROOT / "constraints.txt"), *arguments)


def run(*command: str) -> None:
    """Run `command` with its output on the terminal; raises `CalledProcessError` when it fails."""
    subprocess.run(command, check=True)


def say(text: str) -> None:
    """Print at once, and in step with what pip prints."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
