"""What lies beside a render for archives."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from threading import Event

import fastjsonschema
import numpy as np
import pytest
from PIL import Image

from remaster_gui.base.notices import complete
from remaster_gui.base.packed_regions import pack_region
from remaster_gui.base.timebase import FrameRange
from remaster_gui.base.validity import Validity
from remaster_gui.engine.archive import archive
from remaster_gui.engine.messages import Reference, Settings
from remaster_gui.engine.render import render
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.report import RenderReport
from remaster_gui.engine.report_page import ShotPictures, page

ROOT = Path(__file__).resolve().parents[3]
FRAMES = 12
SHOTS = (FrameRange(0, 6), FrameRange(6, FRAMES))


class _Page(HTMLParser):
    """What stands on a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.images: list[str] = []
        self.tags: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "img":
            self.images.append(dict(attrs)["src"] or "")

    def handle_data(self, data: str) -> None:
        self.words += f" {data}"


@pytest.fixture
def request_(
    tmp_path: Path, two_shots: Callable, write_film: Callable, weights: Path, references: Path
) -> RenderRequest:
    film = write_film(tmp_path / "film & <co>.mkv", two_shots(FRAMES, 96, 128))
    first = sorted(references.glob("*.png"))[0]
    with Image.open(first) as picture:
        exif = picture.getexif()
        exif[0x013B] = "Lotte R."
        picture.save(first, exif=exif)
    return RenderRequest(
        film, tmp_path / "out.mkv", references, weights=weights, preset="ffv1-10", settings=Settings(edge=64),
        device="cpu", shots=SHOTS,
    )  # fmt: skip


def rendered(request: RenderRequest) -> RenderReport:
    report, _ = complete(render(request, Event()))
    assert isinstance(report, RenderReport)
    return report


def test_report_page_and_checksums_of_a_render(request_: RenderRequest) -> None:
    report = rendered(request_)
    data = json.loads(Path(f"{request_.output}.report.json").read_text())
    fastjsonschema.compile(json.loads((ROOT / "docs" / "report.schema.json").read_text()))(data)
    assert "Lotte R." in [each["artist"] for each in data["references"]]
    assert all(each["modified"] for each in data["references"])
    assert data["weights"]["name"] is None
    written, notices = complete(archive(request_, report))
    assert not notices
    assert [path.name for path in written] == [
        "out.mkv.report.html",
        "out.mkv.source.framemd5",
        "out.mkv.framemd5",
    ]
    seen = _Page(written[0].read_text())
    assert len(seen.images) == 4 and all(each.startswith("data:image/jpeg;base64,") for each in seen.images)
    for word in ("film & <co>.mkv", "Lotte R.", "Shot 2", "frames 6:12", data["weights"]["hash"]):
        assert word in seen.words
    for path in written[1:]:
        frames = [line for line in path.read_text().splitlines() if not line.startswith("#")]
        assert len(frames) == FRAMES and len({line.rpartition(", ")[2] for line in frames}) == FRAMES


def test_report_and_page_say_where_references_count(request_: RenderRequest) -> None:
    mask = np.zeros((4, 8), bool)
    mask[:, :2] = True
    partly = Validity((FrameRange(0, 3), FrameRange(8, 12)), 0.5, pack_region(mask))
    picture = np.random.default_rng(3).integers(0, 256, (96, 128, 3), np.uint8)
    given = (
        Reference("partly.png", "a", lambda: picture, 2, validity=partly),
        Reference("wholly.png", "b", lambda: picture),
    )
    report = rendered(replace(request_, references=given))
    data = json.loads(Path(f"{request_.output}.report.json").read_text())
    fastjsonschema.compile(json.loads((ROOT / "docs" / "report.schema.json").read_text()))(data)
    names = ("ranges", "strength", "region_share")
    said = {each["name"]: tuple(each[name] for name in names) for each in data["references"]}
    assert said["partly.png"] == (["0:3", "8:12"], 0.5, 0.25) and said["wholly.png"] == ([], 1, 1)
    written, _ = complete(archive(request_, report))
    words = _Page(written[0].read_text()).words
    assert "in frames 0:3, 8:12, at 50 %, with 25 % of its picture" in words and "everywhere" in words


def test_what_cannot_be_made_is_said_and_the_rest_is_there(request_: RenderRequest) -> None:
    report = rendered(request_)
    Path(f"{request_.output}.report.json").write_text("{")
    written, notices = complete(archive(request_, report))
    assert [path.suffix for path in written] == [".framemd5", ".framemd5"]
    assert [notice.text.partition(":")[0] for notice in notices] == ["The page about the render"]


def test_names_on_a_page_are_no_markup() -> None:
    shares = {"painted": 0.5, "carried": 0.25, "guessed": 0.25}
    strange = "<script>alert(1)</script>"
    report = {
        "film": {"name": strange, "hash": "0", "rate": "24"},
        "output": {"name": strange, "frames": 1, "range": "0:1", "size": "1x1", "preset": "exr"},
        "declaration": {"statement": strange, "source_type": strange},
        "settings": {"edge": 64, "restoration": False}, "written": "", "application": "0", "device": None,
        "weights": {"hash": "0", "name": None, "card": None}, "libraries": {"torch": None},
        "references": [{"name": strange, "frame": None, "guessed": False, "hash": "0", "artist": strange}],
        "origin_of_all_colors": shares, "origin_of_colors": [{"shot": "0:1", **shares}], "shots": ["0:1"],
        "settings_of_shots": {"0:1": {"saturation": 0.5}}, "notes": [strange],
    }  # fmt: skip
    seen = _Page(page(report, [ShotPictures(FrameRange(0, 1), 0, strange, b"a", b"b")], [strange]))
    assert "script" not in seen.tags and seen.words.count(strange) >= 8
    assert "saturation 0.5" in seen.words and "not restored" in seen.words
    assert "painted 50 %, carried 25 %, guessed 25 %" in seen.words


def test_a_film_says_that_a_network_has_coloured_it(request_: RenderRequest) -> None:
    rendered(request_)
    assert b"compositeWithTrainedAlgorithmicMedia" in request_.output.read_bytes()
