"""Faults that a user can act on.

The text of each is one complete sentence: what is wrong and what to do about it. Programs print it as it stands;
anything that is not a `RemasterError` is a defect of ours and goes to the log with its traceback.
"""

from __future__ import annotations

import re

_NO_MEMORY = re.compile(
    r"can't allocate memory|not enough memory|bad_alloc|cannot allocate memory|out of memory"
    r"|(could not|failed to) (create|execute|initiali[sz]e) an? (primitive|memory|reorder|stream|engine)"
    r"|failed to map segment",
    re.IGNORECASE,
)
"""How torch's allocators, oneDNN, the library of its convolutions, and the loader of libraries say so."""


class RemasterError(Exception):
    """Base of every fault whose message is meant for the user."""


class MediaError(RemasterError):
    """A film, picture or sound track cannot be read or written."""


class WeightsError(RemasterError):
    """A weight file is missing, damaged or of another kind."""


class DeviceError(RemasterError):
    """The computing device that was asked for is absent or too small."""


class DisplayError(RemasterError):
    """There is no screen to show windows on."""


class SettingsError(RemasterError):
    """What was asked for contradicts itself or the film."""


class StorageError(RemasterError):
    """A folder cannot be written or the disk is full."""


class ProjectError(RemasterError):
    """A project file cannot be opened, or not be changed."""


class DamagedProjectError(ProjectError):
    """A project file is damaged; what can be read of it can be recovered into a new one."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception means that memory ran out, on a processor or a graphics card, whoever says it."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":  # the latter is torch's
        return True
    return isinstance(error, (RuntimeError, ImportError)) and _NO_MEMORY.search(str(error)) is not None
