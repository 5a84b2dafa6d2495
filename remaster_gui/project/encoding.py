"""The parts of a project that are kept as text: JSON, read back with a check of every value.

Whatever was written by something else raises `ValueError`, never another error.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from remaster_gui.base import plain_data
from remaster_gui.base.choices import (
    GRAINS,
    LUMINANCES,
    MOST_SATURATION,
    MOST_SENSITIVITY,
    PROXIES,
    ShotSettings,
)
from remaster_gui.base.named_colors import MOST_CHROMA, Chroma, NamedRegion
from remaster_gui.base.spot_marks import marks_as_data, marks_of_data
from remaster_gui.base.validity import Validity
from remaster_gui.project.schema import (
    MARKER_COLORS,
    FilmIdentity,
    FrameMarker,
    Palette,
    Project,
    ProjectSettings,
    ShotRecord,
    Swatch,
)

PARTS = (
    "film",
    "cuts",
    "shots",
    "markers",
    "marks",
    "segment",
    "palettes",
    "recent_colors",
    "settings",
    "last_revision",
    "names",
)


def encode(project: Project) -> dict[str, str]:
    """Return every part of a project but the references, by its name."""
    return {name: json.dumps(_ENCODERS[name](project), separators=(",", ":")) for name in PARTS}


def encode_validity(validity: Validity) -> str:
    """Return where a reference counts, and how much."""
    return json.dumps(validity.as_data(), separators=(",", ":"))


def decode_validity(text: Any) -> Validity:
    """Read what `encode_validity` wrote."""
    return Validity.of_data(plain_data.parse(plain_data.text(text, plain_data.LONGEST)))


def decode_part(name: str, text: Any) -> dict[str, Any]:
    """Return the fields of `Project` that a part says."""
    return _DECODERS[name](plain_data.parse(plain_data.text(text, plain_data.LONGEST)))


def _film(film: FilmIdentity) -> dict[str, Any]:
    return {
        "path": str(film.path),
        "byte_count": film.byte_count,
        "digest": film.digest,
        "rate": [film.rate.numerator, film.rate.denominator],
        "frame_count": film.frame_count,
        "width": film.width,
        "height": film.height,
        "deinterlace": film.deinterlace,
    }


def _settings(settings: ProjectSettings) -> dict[str, Any]:
    return {
        "edge": settings.edge,
        "luminance": settings.luminance,
        "restoration": settings.restoration,
        "colorization": settings.colorization,
        "restoration_strength": settings.restoration_strength,
        "saturation": settings.saturation,
        "vividness": settings.vividness,
        "grain": settings.grain,
        "dirt_sensitivity": settings.dirt_sensitivity,
        "following": settings.following,
        "proxy": settings.proxy,
        "weights": None if settings.weights is None else str(settings.weights),
    }


def _shot(record: ShotRecord) -> dict[str, Any]:
    return {"first": record.first, "settings": record.settings.own, "notes": record.notes}


def _marker(marker: FrameMarker) -> dict[str, Any]:
    return {"frame": marker.frame, "name": marker.name, "color": marker.color, "note": marker.note}


def _palettes(palettes: tuple[Palette, ...]) -> list[Any]:
    return [{"name": p.name, "swatches": [[s.name, s.color] for s in p.swatches]} for p in palettes]


_ENCODERS: Mapping[str, Callable[[Project], Any]] = {
    "film": lambda p: _film(p.film),
    "cuts": lambda p: p.cuts,
    "shots": lambda p: [_shot(record) for record in p.shot_records],
    "markers": lambda p: [_marker(marker) for marker in p.markers],
    "marks": lambda p: marks_as_data(p.marks),
    "segment": lambda p: [p.in_point, p.out_point],
    "palettes": lambda p: _palettes(p.palettes),
    "recent_colors": lambda p: p.recent_colors,
    "settings": lambda p: _settings(p.settings),
    "last_revision": lambda p: p.last_revision,
    "names": lambda p: {"regions": [each.as_data() for each in p.named], "wanted": p.wanted},
}


def _read_film(value: Any) -> dict[str, Any]:
    said = plain_data.table(value)
    numerator, denominator = (plain_data.whole(n, 1) for n in plain_data.listed(said["rate"]))
    film = FilmIdentity(
        path=plain_data.path(said["path"]),
        byte_count=plain_data.whole(said["byte_count"]),
        digest=plain_data.text(said["digest"]),
        rate=Fraction(numerator, denominator),
        frame_count=plain_data.whole(said["frame_count"]),
        width=plain_data.whole(said["width"]),
        height=plain_data.whole(said["height"]),
        deinterlace=plain_data.switch(said.get("deinterlace", False)),
    )
    return {"film": film}


def _read_cuts(value: Any) -> dict[str, Any]:
    return {"cuts": None if value is None else tuple(plain_data.whole(n) for n in plain_data.listed(value))}


def _read_shots(value: Any) -> dict[str, Any]:
    return {"shot_records": tuple(_read_shot(plain_data.table(each)) for each in plain_data.listed(value))}


def _read_shot(said: Mapping[str, Any]) -> ShotRecord:
    settings = shot_settings(said["settings"])
    return ShotRecord(plain_data.whole(said["first"]), settings, plain_data.text(said["notes"]))


def _read_markers(value: Any) -> dict[str, Any]:
    return {"markers": tuple(_read_marker(plain_data.table(each)) for each in plain_data.listed(value))}


def _read_marker(said: Mapping[str, Any]) -> FrameMarker:
    return FrameMarker(
        plain_data.whole(said["frame"]),
        plain_data.text(said["name"]),
        plain_data.choice(said["color"], MARKER_COLORS),
        plain_data.text(said["note"]),
    )


def shot_settings(value: Any) -> ShotSettings:
    """Read what `ShotSettings.own` says; raises `ValueError` for what it cannot say."""
    said = plain_data.table(value)
    return ShotSettings(**{name: read(said[name]) for name, read in _OWN.items() if name in said})


def _read_segment(value: Any) -> dict[str, Any]:
    in_point, out_point = (None if n is None else plain_data.whole(n) for n in plain_data.listed(value))
    return {"in_point": in_point, "out_point": out_point}


def _read_palettes(value: Any) -> dict[str, Any]:
    palettes = [plain_data.table(each) for each in plain_data.listed(value)]
    return {
        "palettes": tuple(
            Palette(
                plain_data.text(each["name"]),
                tuple(_read_swatch(swatch) for swatch in plain_data.listed(each["swatches"])),
            )
            for each in palettes
        )
    }


def _read_swatch(value: Any) -> Swatch:
    name, color = (plain_data.text(each) for each in plain_data.listed(value))
    return Swatch(name, color)


def _read_names(value: Any) -> dict[str, Any]:
    said = plain_data.table(value)
    return {
        "named": tuple(NamedRegion.of_data(each) for each in plain_data.listed(said["regions"])),
        "wanted": tuple(_read_wanted(each) for each in plain_data.listed(said["wanted"])),
    }


def _read_wanted(value: Any) -> tuple[str, Chroma]:
    name, color = plain_data.listed(value)
    a, b = (plain_data.number(each, -MOST_CHROMA, MOST_CHROMA) for each in plain_data.listed(color))
    return plain_data.text(name), (a, b)


def _read_recent_colors(value: Any) -> dict[str, Any]:
    return {"recent_colors": tuple(plain_data.text(color) for color in plain_data.listed(value))}


def _read_settings(value: Any) -> dict[str, Any]:
    said = plain_data.table(value)
    weights, usual = said["weights"], ProjectSettings()
    settings = ProjectSettings(
        edge=plain_data.whole(said["edge"]),
        luminance=plain_data.choice(said["luminance"], LUMINANCES),
        restoration=plain_data.switch(said["restoration"]),
        colorization=plain_data.switch(said["colorization"]),
        # Projects of earlier versions do not have these six.
        restoration_strength=plain_data.number(
            said.get("restoration_strength", usual.restoration_strength), 0, 1
        ),
        saturation=plain_data.number(said.get("saturation", usual.saturation), 0, MOST_SATURATION),
        vividness=plain_data.number(said.get("vividness", usual.vividness), 0, 1),
        dirt_sensitivity=plain_data.number(
            said.get("dirt_sensitivity", usual.dirt_sensitivity), 0, MOST_SENSITIVITY
        ),
        # They go on to look as they did.
        grain=plain_data.choice(said.get("grain", "out"), GRAINS),
        following=plain_data.switch(said.get("following", False)),
        proxy=plain_data.choice(said["proxy"], tuple(PROXIES)),
        weights=None if weights is None else plain_data.path(weights),
    )
    return {"settings": settings}


_OWN: Mapping[str, Callable[[Any], Any]] = {
    "luminance": lambda value: plain_data.choice(value, LUMINANCES),
    "restoration": plain_data.switch,
    "colorization": plain_data.switch,
    "restoration_strength": lambda value: plain_data.number(value, 0, 1),
    "saturation": lambda value: plain_data.number(value, 0, MOST_SATURATION),
    "vividness": lambda value: plain_data.number(value, 0, 1),
    "grain": lambda value: plain_data.choice(value, GRAINS),
    "dirt_sensitivity": lambda value: plain_data.number(value, 0, MOST_SENSITIVITY),
    "following": plain_data.switch,
}
"""How what a shot may have of its own is read."""

_DECODERS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "film": _read_film,
    "cuts": _read_cuts,
    "shots": _read_shots,
    "markers": _read_markers,
    "marks": lambda value: {"marks": marks_of_data(value)},
    "segment": _read_segment,
    "palettes": _read_palettes,
    "recent_colors": _read_recent_colors,
    "settings": _read_settings,
    "last_revision": lambda value: {"last_revision": plain_data.whole(value)},
    "names": _read_names,
}
