"""Signing films as the C2PA specifies it, with a certificate of the user's own and without any service.

The library is an optional part of the program, `remaster-gui[c2pa]`. What is signed says the same as the film's own
declaration, and from which film, weights and references it was made.
"""

from __future__ import annotations

import io
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from remaster_gui import __version__
from remaster_gui.base.errors import SettingsError, StorageError
from remaster_gui.base.files import Draft, printable
from remaster_gui.base.language import tr
from remaster_gui.engine.archive import files_of
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.report import RenderReport
from remaster_gui.engine.signing_files import SigningFiles, check_signable, read_pem
from remaster_gui.media.declaration import ENHANCED
from remaster_gui.media.faults import writing

_MEDIA_TYPES = {".mp4": "video/mp4", ".mov": "video/quicktime"}
_KINDS = (b"es256", b"ps256", b"es384", b"ed25519", b"es512", b"ps384", b"ps512")
"""Ways of signing, of which a key suits one."""


class FilmSigner:
    """Signs films with one certificate."""

    def __init__(self, certificates: Path, key: Path) -> None:
        """Read the chain of certificates (PEM, the own one first) and its key (PEM, PKCS#8, without a password).

        Raises `SettingsError` where the library is missing, a file cannot be read, or the two do not belong together.
        """
        try:
            self._library: Any = import_module("c2pa")
        except ImportError as error:
            raise SettingsError(
                tr(
                    "Signing needs a library that is not installed; install remaster-gui[c2pa], or do not sign."
                )
            ) from error
        self._signer = self._found(read_pem(certificates), read_pem(key))

    def _found(self, chain: bytes, key: bytes) -> Any:
        reason: Exception | None = None
        for kind in _KINDS:
            info = self._library.C2paSignerInfo(alg=kind, sign_cert=chain, private_key=key, ta_url=None)
            try:
                signer = self._library.Signer.from_info(info)
                self._try(signer)
                return signer
            except self._library.C2paError as error:
                reason = reason or error
        raise SettingsError(
            tr(
                "The certificates and the key cannot sign together; give a chain of X.509 certificates for "
                "signing content "
                "and its key without a password, both as PEM."
            )
        ) from reason

    def _try(self, signer: Any) -> None:
        """Sign a picture of one pixel, as only a signature shows whether key and certificate belong together."""
        _, pixel = cv2.imencode(".png", np.zeros((1, 1, 3), np.uint8))
        action = {"action": "c2pa.created", "digitalSourceType": ENHANCED}
        manifest = {"assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [action]}}]}
        with self._library.Builder(json.dumps(manifest)) as builder:
            builder.sign(signer, "image/png", io.BytesIO(pixel.tobytes()), io.BytesIO())

    def sign_all(self, output: Path, report: RenderReport) -> None:
        """Sign each file of a render that is complete; raises `StorageError`."""
        for path, _ in files_of(output, report):
            self.sign(path, report)

    def sign(self, film: Path, report: RenderReport) -> None:
        """Put a signed film in the place of one that is complete; its frames and sound stay as they are.

        Raises `StorageError` where the disk or the library refuses; the film is as it was then.
        """
        manifest = json.dumps(_manifest(film, report))
        with writing(film), Draft(film) as draft:
            try:
                with (
                    film.open("rb") as source,
                    draft.path.open("w+b") as target,
                    self._library.Builder(manifest) as builder,
                ):
                    builder.sign(self._signer, _MEDIA_TYPES[film.suffix.lower()], source, target)
            except self._library.C2paError as error:
                raise StorageError(
                    tr(
                        "{film} could not be signed ({error}); it is complete without.",
                        film=printable(film),
                        error=str(error).rstrip("."),
                    )
                ) from error
            draft.publish()


def signer_for(request: RenderRequest, files: SigningFiles) -> FilmSigner:
    """Return what signs the films of a render; raises `SettingsError` where it cannot, before there is any work."""
    check_signable(request)
    return FilmSigner(files.certificates, files.key)


def _manifest(film: Path, report: RenderReport) -> dict[str, Any]:
    said = report.declaration
    action = {
        "action": "c2pa.created",
        "digitalSourceType": said.source_type,
        "description": said.statement,
    }
    made = {
        "film": {"name": printable(report.film), "hash": report.film_hash},
        "weights": report.weights_hash,
        "references": [{"name": printable(each.name), "hash": each.digest} for each in report.references],
    }
    return {
        "claim_generator_info": [{"name": "Remaster", "version": __version__}],
        "title": printable(film.name),
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [action]}},
            {"label": "org.remaster.render", "data": made},
        ],
    }
