"""Bringing in the library of the network on a worker's thread without holding up the window.

Importing it plainly stops all of Python twice for longer than a frame: while the system loads its machine code, and
while garbage is looked for among the hundred thousand objects that it leaves behind for good.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Lock, Thread

from remaster_gui.base.frozen_objects import freeze_until_thaw, thaw_count
from remaster_gui.base.threads import lower_priority

log = logging.getLogger(__name__)

_LIBRARY = "libtorch_python.so"
_LOADED = "remaster_gui.engine.loaded"
_POLL = 0.05
"""Seconds between two looks whether it is still waited for."""
lock = Lock()


def import_torch() -> None:
    """Import it unless that was done before. Any thread but the GUI's."""
    with lock:
        if _LOADED in sys.modules:
            return
        since = thaw_count()
        _load_machine_code()
        collects = gc.isenabled()
        gc.disable()
        try:
            import remaster_gui.engine.attention_reader
            import remaster_gui.engine.colorist
            import remaster_gui.engine.loaded
            import remaster_gui.engine.preview  # noqa: F401
        finally:
            # Nothing of it is ever garbage, but a film that is open will be.
            freeze_until_thaw(since)
            if collects:
                gc.enable()


def bring_in_torch(cancel: Event) -> bool:
    """Import it on a thread of its own and wait for that; False once `cancel` is set, as nothing can stop an import.

    For work that a window waits for when it closes: on a busy machine the import takes longer than anybody waits.
    """
    if _LOADED not in sys.modules:
        aside = Thread(target=_import_aside, name="importing", daemon=True)
        aside.start()
        while aside.is_alive():
            if cancel.is_set():
                return False
            aside.join(_POLL)
    import_torch()  # done by now, unless it has failed: then this says how
    return True


def _import_aside() -> None:
    lower_priority()
    with suppress(Exception):  # whoever waits tries it again, and tells of that
        import_torch()


def is_importing() -> bool:
    """Whether it is being imported right now: what comes into being meanwhile is not worth looking for garbage."""
    return lock.locked()


def _load_machine_code() -> None:
    """Let the system load the library's machine code; called as a function of C, which does not hold Python up."""
    spec = find_spec("torch")
    if sys.platform != "linux" or spec is None or spec.origin is None:
        return
    library = Path(spec.origin).parent / "lib" / _LIBRARY
    if library.is_file():
        load = ctypes.CDLL(None).dlopen
        load.restype, load.argtypes = ctypes.c_void_p, [ctypes.c_char_p, ctypes.c_int]
        if not load(os.fsencode(library), os.RTLD_NOW):
            log.info("%s cannot be loaded ahead", library)
