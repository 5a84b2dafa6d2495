"""Films that are signed with a certificate of one's own."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.notices import complete
from remaster_gui.base.timebase import FrameRange
from remaster_gui.cli import main
from remaster_gui.engine import signing
from remaster_gui.engine.archive import archive
from remaster_gui.engine.messages import Settings
from remaster_gui.engine.render import render
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.signing import FilmSigner

FRAMES = 4


@pytest.fixture
def pems(tmp_path: Path) -> tuple[Path, Path]:
    """A chain of two certificates, and the key of the first."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl here to make certificates with")

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=tmp_path, check=True, capture_output=True)

    curve = ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
    for name in ("ca", "own"):
        openssl("genpkey", *curve, "-out", f"{name}.key")
    ca = ("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")
    openssl("req", "-x509", "-new", "-key", "ca.key", "-subj", "/CN=CA/O=Archive", "-out", "ca.pem", *ca)
    openssl("req", "-new", "-key", "own.key", "-subj", "/CN=Signer/O=Archive", "-out", "own.csr")
    (tmp_path / "extensions").write_text(
        "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=emailProtection\n"
        "authorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n"
    )
    words = (
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-extfile",
        "extensions",
        "-out",
        "own.pem",
    )
    openssl("x509", "-req", "-in", "own.csr", *words)
    chain = tmp_path / "chain.pem"
    chain.write_text((tmp_path / "own.pem").read_text() + (tmp_path / "ca.pem").read_text())
    return chain, tmp_path / "own.key"


def test_a_signed_film_says_what_it_is_made_of(
    tmp_path: Path, textured: Callable, write_film: Callable, weights: Path, pems: tuple[Path, Path]
) -> None:
    c2pa = pytest.importorskip("c2pa", reason="needs remaster-gui[c2pa]")
    film = write_film(tmp_path / "film.mkv", textured(FRAMES, 64, 80))
    settings = Settings(edge=64, luminance="working", colorization=False)
    request = RenderRequest(
        film,
        tmp_path / "out.mp4",
        weights=weights,
        settings=settings,
        device="cpu",
        shots=(FrameRange(0, FRAMES),),
    )
    report, _ = complete(render(request, Event()))
    complete(archive(request, report))
    before = (tmp_path / "out.mp4.framemd5").read_text()
    FilmSigner(*pems).sign(request.output, report)
    with c2pa.Reader(request.output) as reader:
        said = json.loads(reader.json())
    assert said["validation_state"] == "Valid"
    manifest = said["manifests"][said["active_manifest"]]
    assertions = {each["label"]: each["data"] for each in manifest["assertions"] if "data" in each}
    (action,) = assertions["c2pa.actions.v2"]["actions"]
    assert action["digitalSourceType"].endswith("/algorithmicallyEnhanced")
    assert assertions["org.remaster.render"]["film"] == {"name": "film.mkv", "hash": report.film_hash}
    complete(archive(request, report))
    assert (tmp_path / "out.mp4.framemd5").read_text() == before
    assert not [each for each in tmp_path.iterdir() if each.name.startswith(".")]
    with pytest.raises(SettingsError, match="cannot sign together"):
        FilmSigner(pems[0], tmp_path / "ca.key")


def test_what_cannot_sign_is_refused_before_the_work(
    tmp_path: Path,
    textured: Callable,
    write_film: Callable,
    weights: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    film = write_film(tmp_path / "film.mkv", textured(FRAMES, 64, 80))
    (tmp_path / "chain.pem").write_text("-----BEGIN NOTHING-----\n")

    def said(output: str, key: str) -> str:
        words = ["--weights", weights, "--sign", tmp_path / "chain.pem", tmp_path / key]
        assert main(["render", str(film), "-o", str(tmp_path / output), *map(str, words)]) == 2
        return capsys.readouterr().err

    assert "Only .mp4 and .mov films are signed" in said("out.mkv", "gone.pem")
    assert any(
        why in said("out.mp4", "gone.pem") for why in ("remaster-gui[c2pa]", "gone.pem cannot be read")
    )
    assert not list(tmp_path.glob("out*"))


def test_without_the_library_that_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(signing, "import_module", missing)
    with pytest.raises(SettingsError, match=r"install remaster-gui\[c2pa\]"):
        FilmSigner(tmp_path / "chain.pem", tmp_path / "key.pem")
