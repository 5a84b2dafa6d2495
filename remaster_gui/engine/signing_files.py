"""What a film is signed with, and whether it can be: known without the library that signs, and without torch."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.files import printable
from remaster_gui.base.language import tr
from remaster_gui.engine.render_request import RenderRequest

SIGNED_SUFFIXES = (".mp4", ".mov")
_LONGEST = 2**20


@dataclass(frozen=True, slots=True)
class SigningFiles:
    """Where a chain of certificates and its key lie, both PEM."""

    certificates: Path
    key: Path

    def check(self, request: RenderRequest) -> None:
        """Raise `SettingsError` where the films of a render cannot be signed with these, before there is any work."""
        check_signable(request)
        if find_spec("c2pa") is None:
            raise SettingsError(
                tr(
                    "Signing needs a library that is not installed; install it by: pip install 'remaster-gui[c2pa]'"
                )
            )
        for each in (self.certificates, self.key):
            read_pem(each)


def check_signable(request: RenderRequest) -> None:
    """Raise `SettingsError` where films of this kind are not signed."""
    suffix = request.output.suffix.lower() if request.delivery is None else request.kind.suffixes[0]
    if request.kind.is_sequence or suffix not in SIGNED_SUFFIXES:
        raise SettingsError(
            tr(
                "Only {signed_suffixes} films are signed; choose such an output or do not sign it.",
                signed_suffixes=tr(" and ").join(SIGNED_SUFFIXES),
            )
        )


def read_pem(path: Path) -> bytes:
    """Return what stands in a PEM file; raises `SettingsError` for anything else."""
    try:
        with path.open("rb") as file:
            data = file.read(_LONGEST + 1)
    except OSError as error:
        raise SettingsError(
            tr(
                "{path} cannot be read ({reason}); check its name.",
                path=printable(path),
                reason=error.strerror,
            )
        ) from error
    if len(data) > _LONGEST or b"-----BEGIN" not in data or b"\0" in data:
        raise SettingsError(
            tr("{path} is no PEM file; give certificates and their key as PEM.", path=printable(path))
        )
    return data
