"""Named colours through a render: mattes in its pictures, other colours in them, and what its report says."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import fastjsonschema
import numpy as np
import OpenImageIO
import pytest

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.named_colors import NamedRegion, Recoloring
from remaster_gui.base.notices import complete
from remaster_gui.engine.cut_lists import markers_of_report
from remaster_gui.engine.messages import Reference
from remaster_gui.engine.render import render
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.media.cryptomatte import CHANNELS, id_of

ROOT = Path(__file__).parents[3]


def _named(request: RenderRequest) -> tuple[Reference, ...]:
    """The request's reference, all of which has a name."""
    assert isinstance(request.references, tuple)
    named = (NamedRegion("sky", "any", b"", (10.0, -20.0)),)
    return tuple(replace(each, names=("sky", "tree"), named=named) for each in request.references)


def _read(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read the channels and the header of the first picture."""
    file = OpenImageIO.ImageInput.open(str(min(folder.glob("*.exr"))))
    spec, samples = file.spec(), file.read_image("float")
    file.close()
    channels = {name: np.ascontiguousarray(samples[..., n]) for n, name in enumerate(spec.channelnames)}
    return channels, {each.name: each.value for each in spec.extra_attribs}


def test_mattes_and_other_colors_of_a_film(two_scenes: Callable[..., RenderRequest], tmp_path: Path) -> None:
    plain = two_scenes("out", 4, ("ref_000001.png", "ref_000003.png"), painted=0, preset="exr")
    references = _named(plain)
    for wrong, said in (
        (replace(plain, mattes=True), "nothing has a name"),
        (replace(plain, mattes=True, preset="png16", references=references), "OpenEXR"),
    ):
        with pytest.raises(SettingsError, match=said):
            complete(render(wrong, Event()))
    request = replace(plain, references=references, mattes=True)
    report = complete(render(request, Event()))[0]
    channels, header = _read(request.output)
    is_sky = channels[CHANNELS[0]].view(np.uint32) == id_of("sky")
    assert is_sky.any() and 0.05 < channels[CHANNELS[1]].mean() <= 1
    (manifest,) = [value for key, value in header.items() if key.endswith("/manifest")]
    assert list(json.loads(manifest)) == ["sky", "tree"]
    data = json.loads(report.path.read_text()) if report.path is not None else {}
    fastjsonschema.compile(json.loads((ROOT / "docs" / "report.schema.json").read_text()))(data)
    assert {each["name"] for each in data["named_colors"]} == {"sky"}
    data["named_colors"][0]["drift"] = 7.25
    report_path = tmp_path / "said.json"
    report_path.write_text(json.dumps(data))
    (drifting,) = [each for each in markers_of_report(report_path) if "drifts" in each.text]
    assert drifting.text == "The colour of “sky” drifts by Delta E 7.2"
    change = Recoloring("sky", (40.0, 45.0), (0.0, -45.0))
    other = replace(request, output=request.output.with_name("other"), recolorings=(change,))
    complete(render(other, Event()))
    recolored, _ = _read(other.output)
    assert np.array_equal(recolored[CHANNELS[1]], channels[CHANNELS[1]])
    blue = [float(each["B"].mean() - each["R"].mean()) for each in (channels, recolored)]
    assert blue[1] > blue[0] + 0.02
