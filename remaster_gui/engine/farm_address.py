"""Where a farm is, and what keeps others out of it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.files import printable
from remaster_gui.base.language import tr

_LOCAL = "local:"
TLS_FILES = ("ca.pem", "cert.pem", "key.pem")
"""Names of who signs for a farm, of this machine's certificate and of its key in a folder."""


@dataclass(frozen=True, slots=True)
class Tls:
    """Files by which both ends know each other: certificates of who signs, of ours, and our key."""

    authority: Path
    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class FarmAddress:
    """Where a farm is: `workers` processes of this machine, or a scheduler at `url`."""

    workers: int
    url: str
    tls: Tls | None = None

    @staticmethod
    def read(text: str, tls: Tls | None = None) -> FarmAddress:
        """Read ``local:N``, ``HOST:PORT`` or ``tls://HOST:PORT``; raises `SettingsError`."""
        if text.startswith(_LOCAL):
            count = text.removeprefix(_LOCAL)
            if not (count.isascii() and count.isdigit() and 0 < int(count) <= 1024):
                raise SettingsError(
                    tr("{text!r} is no number of processes; write --farm local:N, like local:2.", text=text)
                )
            return FarmAddress(int(count), "")
        scheme, _, place = text.rpartition("://")
        host, _, port = place.rpartition(":")
        if scheme not in ("", "tcp", "tls") or not host or not (port.isascii() and port.isdigit()):
            raise SettingsError(
                tr(
                    "{text!r} is no address of a farm; write local:N, HOST:PORT or tls://HOST:PORT as its "
                    "scheduler does.",
                    text=text,
                )
            )
        if scheme == "tls" or (tls is not None and not scheme):
            if tls is None:
                raise SettingsError(
                    tr(
                        "An address with tls:// needs the three files by which both ends know each other: "
                        "give --tls-ca, "
                        "--tls-cert and --tls-key, or their folder in the editor's preferences."
                    )
                )
            return FarmAddress(0, f"tls://{place}", tls)
        if not _is_loopback(host.strip("[]")):
            raise SettingsError(
                tr(
                    "Whoever reaches the farm at {place} could run code on all its machines, as nothing is encrypted; "
                    "start its scheduler and workers with TLS and give --tls-ca, --tls-cert and --tls-key, "
                    "or their folder "
                    "in the editor's preferences.",
                    place=place,
                )
            )
        return FarmAddress(0, f"tcp://{place}")


@dataclass(frozen=True, slots=True)
class FarmPlace:
    """A farm as it is chosen in the editor: its address, and the folder of its TLS files, `TLS_FILES`."""

    address: str
    files: Path | None = None

    def read(self) -> FarmAddress:
        """Return the address; raises `SettingsError` where it is none, or something is missing."""
        check_installed()
        tls = None if self.files is None else Tls(*(self.files / name for name in TLS_FILES))
        for each in () if tls is None else (tls.authority, tls.certificate, tls.key):
            if not each.is_file():
                raise SettingsError(
                    tr(
                        "{each} is missing; the folder of the farm's TLS files holds {tls_files}.",
                        each=printable(each),
                        tls_files=", ".join(TLS_FILES),
                    )
                )
        return FarmAddress.read(self.address, tls)


def check_installed() -> None:
    """Raise `SettingsError` where what a farm needs is not installed."""
    if find_spec("distributed") is None:
        raise SettingsError(
            tr("Rendering on a farm needs dask.distributed; install it by: pip install 'remaster-gui[farm]'")
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
