"""Whatever is wrong with what the user gives: one clear sentence, status 2, and nothing left behind."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from remaster_gui.cli import main
from remaster_gui.media import open_film

Film = Callable[[Path, NDArray[np.float32]], Path]


@pytest.fixture
def film(tmp_path: Path, textured: Callable[[int, int, int], NDArray[np.float32]], write_film: Film) -> Path:
    return write_film(tmp_path / "film.mkv", textured(8, 64, 96))


def _files(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


@pytest.fixture
def refused(tmp_path: Path, weights: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run ``render``, expect a refusal, and return its one sentence."""

    def run(film: Path, *options: object, output: Path | None = None) -> str:
        before = _files(tmp_path)
        arguments = ["render", film, "--output", output or tmp_path / "out.mkv", "--device", "cpu"]
        if "--weights" not in options:
            arguments += ["--weights", weights]
        assert main([str(a) for a in (*arguments, *options)]) == 2
        assert _files(tmp_path) == before
        captured = capsys.readouterr()
        lines = captured.err.splitlines()
        assert len(lines) == 1, captured.err
        assert lines[0].endswith(".")
        assert "Traceback" not in captured.err
        return lines[0]

    return run


def test_missing_film(refused: Callable[..., str], tmp_path: Path) -> None:
    assert "missing.mp4" in refused(tmp_path / "missing.mp4")


def test_text_named_as_film(refused: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "notes.mp4"
    path.write_text("This is no film at all. " * 100)
    assert "notes.mp4" in refused(path)


def test_empty_file(refused: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "empty.mov"
    path.touch()
    assert "empty.mov" in refused(path)


def test_film_without_pictures(refused: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "sound.mka"
    with av.open(str(path), "w", format="matroska") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        frame.sample_rate, frame.pts = 8000, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert "sound.mka" in refused(path)


def test_film_of_no_frames(refused: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "none.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "gray"
        container.start_encoding()
    assert "none.mkv" in refused(path)


@pytest.mark.parametrize("options", [[], ["--strict"]])
def test_truncated_film(
    film: Path, tmp_path: Path, weights: Path, options: list[str], refused: Callable[..., str],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    path = tmp_path / "short [b].mkv"
    content = film.read_bytes()
    path.write_bytes(content[: len(content) * 6 // 10])
    if options:
        assert path.name in refused(path, *options)
        return
    output = tmp_path / "out.mkv"
    assert (
        main(["render", str(path), "--output", str(output), "--weights", str(weights), "--size", "64"]) == 0
    )
    with open_film(output) as result:
        assert 1 <= result.info.frame_count < 8
    assert capsys.readouterr().err.count(f"{path.name} is cut short") == 1


@pytest.mark.parametrize("options", [[], ["--strict"]])
def test_film_damaged_in_its_middle(
    tmp_path: Path, weights: Path, options: list[str], refused: Callable[..., str],
    textured: Callable[..., NDArray[np.float32]], write_film: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    film, path = write_film(tmp_path / "film.mov", textured(8, 64, 96), "prores-hq"), tmp_path / "torn.mov"
    with av.open(str(film)) as container:
        torn = [bytes(packet) for packet in container.demux(video=0) if packet.size][4]
    path.write_bytes(film.read_bytes().replace(torn, bytes(len(torn))))
    if options:
        assert "torn.mov" in refused(path, *options, "--size", "64")
        return
    output = tmp_path / "out.mkv"
    assert (
        main(["render", str(path), "--output", str(output), "--weights", str(weights), "--size", "64"]) == 0
    )
    with open_film(output) as result:
        assert result.info.frame_count == 8
    assert capsys.readouterr().err.count("Frame 4 of torn.mov is damaged") == 1


@pytest.mark.parametrize(("width", "height"), [(1, 1), (16384, 64)])
def test_extreme_sizes(width: int, height: int, refused: Callable[..., str], tmp_path: Path) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    for index in range(2):
        cv2.imwrite(str(folder / f"{index:06d}.png"), np.full((height, width), 128, np.uint8))
    assert f"{width}x{height}" in refused(folder)


@pytest.mark.parametrize("span", ["5:99", "7:3", "9:", "-4:-2", "two:four", "3:3"])
def test_range_outside_the_film(span: str, refused: Callable[..., str], film: Path) -> None:
    refused(film, f"--range={span}")


def test_unreadable_reference(
    refused: Callable[..., str], film: Path, references: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told at once, not after a long film was searched for cuts."""
    (references / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 50)
    monkeypatch.setattr(
        "remaster_gui.engine.render_plan.shots_of", lambda *_, **__: pytest.fail("looks for cuts")
    )
    assert "broken.png" in refused(film, "--references", references)


def test_empty_reference_folder(refused: Callable[..., str], film: Path, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    assert "none" in refused(film, "--references", tmp_path / "none")


def test_missing_reference_folder(refused: Callable[..., str], film: Path, tmp_path: Path) -> None:
    assert "nowhere" in refused(film, "--references", tmp_path / "nowhere")


@pytest.mark.parametrize(
    "options",
    [
        ("--restoration-strength", "0.5", "--no-restoration"),
        ("--restoration-strength", "0.5", "--luminance", "source"),
        ("--saturation", "1.5", "--no-colorization"),
        ("--saturation", "1.5", "--compat", "authors"),
    ],
)
def test_strengths_of_what_is_not_there(
    options: tuple[str, ...], refused: Callable[..., str], film: Path
) -> None:
    assert options[0] in refused(film, *options)


def test_wrong_weights(refused: Callable[..., str], film: Path, tmp_path: Path) -> None:
    path = tmp_path / "wrong.pth.tar"
    torch.save({"modelR": {}}, path)
    assert "wrong.pth.tar" in refused(film, "--weights", path)
    other = tmp_path / "picture.safetensors"
    cv2.imwrite(str(tmp_path / "x.png"), np.zeros((4, 4), np.uint8))
    (tmp_path / "x.png").rename(other)
    assert "picture.safetensors" in refused(film, "--weights", other)


def test_output_is_the_film(refused: Callable[..., str], film: Path) -> None:
    before = film.read_bytes()
    refused(film, output=film)
    assert film.read_bytes() == before


def test_output_folder_is_missing(refused: Callable[..., str], film: Path, tmp_path: Path) -> None:
    assert "nowhere" in refused(film, output=tmp_path / "nowhere" / "out.mkv")


def _lock(path: Path) -> Path:
    path.chmod(0o500 if path.name == "output" else 0)
    return path


@pytest.fixture
def locked(tmp_path: Path, film: Path, references: Path, weights: Path) -> Iterator[dict[str, Path]]:
    """Whatever may be locked, by name."""
    places = {name: tmp_path / name for name in ("output", "folder", "sequence", "pictures")}
    for place in places.values():
        place.mkdir()
    picture = np.zeros((64, 64, 3), np.uint8)
    for place in (places["sequence"], places["pictures"]):
        cv2.imwrite(str(place / "0000.png"), picture)
    places["film"] = tmp_path / "locked.mkv"
    places["weights"] = tmp_path / "locked.safetensors"
    for name, source in (("film", film), ("weights", weights)):
        places[name].write_bytes(source.read_bytes())
    places["reference"] = references / "b.jpg"
    for place in places.values():
        _lock(place)
    yield places
    for place in places.values():
        place.chmod(0o700)


RUN_ALL = """\
import contextlib, io, json, sys
from remaster_gui.cli import main
for arguments in json.load(sys.stdin):
    errors = io.StringIO()
    with contextlib.redirect_stderr(errors):
        status = main(arguments)
    print(json.dumps([status, errors.getvalue()]))
"""


def test_what_may_not_be_read_or_written(
    locked: dict[str, Path], film: Path, references: Path, weights: Path, tmp_path: Path
) -> None:
    """Tried in a process that permissions hold for, whoever runs the tests."""
    out = tmp_path / "out.mkv"
    cases: list[tuple[str, list[object]]] = [
        ("output", [film, "--output", locked["output"] / "out.mkv"]),
        ("folder", [film, "--output", locked["folder"] / "out.mkv"]),
        ("folder", [locked["folder"] / "film.mkv", "--output", out]),
        ("locked.mkv", [locked["film"], "--output", out]),
        ("sequence", [locked["sequence"], "--output", out]),
        ("locked.safetensors", [film, "--output", out, "--weights", locked["weights"]]),
        ("pictures", [film, "--output", out, "--references", locked["pictures"]]),
        ("b.jpg", [film, "--output", out, "--references", references]),
    ]
    drop: list[str] = []
    if os.geteuid() == 0:
        drop = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
        if subprocess.run([*drop, "true"], capture_output=True, check=False).returncode:
            pytest.skip("needs the right to give up the superuser's")
    commands = [["render", *map(str, arguments)] for _, arguments in cases]
    for command in commands:
        if "--weights" not in command:
            command += ["--weights", str(weights)]
    before = _files(tmp_path)
    run = subprocess.run(
        [*drop, sys.executable, "-c", RUN_ALL], input=json.dumps(commands), capture_output=True, text=True,
        check=False, timeout=600,
    )  # fmt: skip
    found = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(found) == len(cases), run.stderr
    for (name, _), (status, errors) in zip(cases, found, strict=True):
        (sentence,) = errors.splitlines()
        assert status == 2, sentence
        assert name in sentence and "permission" in sentence and sentence.endswith(".")
    assert _files(tmp_path) == before


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_cuda_where_there_is_none(refused: Callable[..., str], film: Path) -> None:
    refused(film, "--device", "cuda")


def test_unknown_preset_and_suffix(refused: Callable[..., str], film: Path, tmp_path: Path) -> None:
    refused(film, "--preset", "vhs")
    refused(film, output=tmp_path / "out.docx")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 400 KiB, where this user may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("needs the right to mount a small disk")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_film_that_the_disk_cannot_hold_is_not_begun(
    refused: Callable[..., str], small_disk: Path, textured: Callable[..., NDArray[np.float32]],
    write_film: Film, tmp_path: Path,
) -> None:  # fmt: skip
    film = write_film(tmp_path / "large.mkv", textured(24, 240, 320))
    assert "free" in refused(film, "--preset", "ffv1-16", output=small_disk / "out.mkv")


def test_a_disk_that_fills_up_keeps_finished_shots(
    small_disk: Path, two_shots: Callable[..., NDArray[np.float32]], write_film: Film, tmp_path: Path,
    weights: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The estimate before the start may be wrong, or others write to the same disk."""
    film = write_film(tmp_path / "two.mkv", two_shots(24, 96, 128))
    command = ["render", film, "--output", small_disk / "out.mkv", "--weights", weights, "--size", "96"]
    roomy = shutil.disk_usage(tmp_path)._replace(free=10**12)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: roomy)
    (small_disk / "others").write_bytes(b"\0" * 200_000)
    assert main([*map(str, command), "--preset", "ffv1-16"]) == 2
    errors = " ".join(capsys.readouterr().err.split())
    assert "Traceback" not in errors
    assert not (small_disk / "out.mkv").exists()
    (small_disk / "others").unlink()
    subprocess.run(["mount", "-o", "remount,size=8m", small_disk], check=True)
    assert main([*map(str, command), "--preset", "ffv1-16"]) == 0
    with open_film(small_disk / "out.mkv") as result:
        assert result.info.frame_count == 24
        assert result.info.rate == Fraction(24)
