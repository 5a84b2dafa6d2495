"""The parts of a project that are kept as text: JSON, read back with a check of every value.

Whatever was written by something else raises `ValueError`, never another error.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from remaster_gui.project.schema import FilmIdentity, Palette, Project, ProjectSettings, Swatch

PARTS = ("film", "cuts", "segment", "palettes", "recent_colors", "settings", "last_revision")


def encode(project: Project) -> dict[str, str]:
    """Return every part of a project but the references, by its name."""
    return {name: json.dumps(_ENCODERS[name](project), separators=(",", ":")) for name in PARTS}


def decode_part(name: str, text: str) -> dict[str, Any]:
    """Return the fields of `Project` that a part says."""
    try:
        value = json.loads(text)
        return _DECODERS[name](value)
    except (KeyError, TypeError, AttributeError, ZeroDivisionError, RecursionError, OverflowError) as error:
        raise ValueError(f"not a {name} part: {text[:100]!r}") from error


def _film(film: FilmIdentity) -> dict[str, Any]:
    return {
        "path": str(film.path),
        "byte_count": film.byte_count,
        "digest": film.digest,
        "rate": [film.rate.numerator, film.rate.denominator],
        "frame_count": film.frame_count,
        "width": film.width,
        "height": film.height,
    }


def _settings(settings: ProjectSettings) -> dict[str, Any]:
    return {
        "edge": settings.edge,
        "luminance": settings.luminance,
        "restoration": settings.restoration,
        "colorization": settings.colorization,
        "proxy": settings.proxy,
        "weights": None if settings.weights is None else str(settings.weights),
    }


def _palettes(palettes: tuple[Palette, ...]) -> list[Any]:
    return [{"name": p.name, "swatches": [[s.name, s.color] for s in p.swatches]} for p in palettes]


_ENCODERS: Mapping[str, Callable[[Project], Any]] = {
    "film": lambda p: _film(p.film),
    "cuts": lambda p: p.cuts,
    "segment": lambda p: [p.in_point, p.out_point],
    "palettes": lambda p: _palettes(p.palettes),
    "recent_colors": lambda p: p.recent_colors,
    "settings": lambda p: _settings(p.settings),
    "last_revision": lambda p: p.last_revision,
}


def _read_film(value: Any) -> dict[str, Any]:
    numerator, denominator = (_whole(n) for n in value["rate"])
    film = FilmIdentity(
        path=_path(value["path"]),
        byte_count=_whole(value["byte_count"]),
        digest=_text(value["digest"]),
        rate=Fraction(numerator, denominator),
        frame_count=_whole(value["frame_count"]),
        width=_whole(value["width"]),
        height=_whole(value["height"]),
    )
    return {"film": film}


def _read_segment(value: Any) -> dict[str, Any]:
    in_point, out_point = (None if n is None else _whole(n) for n in value)
    return {"in_point": in_point, "out_point": out_point}


def _read_palettes(value: Any) -> dict[str, Any]:
    palettes = [
        Palette(_text(p["name"]), tuple(Swatch(_text(name), _text(color)) for name, color in p["swatches"]))
        for p in value
    ]
    return {"palettes": tuple(palettes)}


def _read_settings(value: Any) -> dict[str, Any]:
    settings = ProjectSettings(
        edge=_whole(value["edge"]),
        luminance=value["luminance"],
        restoration=_switch(value["restoration"]),
        colorization=_switch(value["colorization"]),
        proxy=value["proxy"],
        weights=None if value["weights"] is None else _path(value["weights"]),
    )
    return {"settings": settings}


_DECODERS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "film": _read_film,
    "cuts": lambda value: {"cuts": None if value is None else tuple(_whole(n) for n in value)},
    "segment": _read_segment,
    "palettes": _read_palettes,
    "recent_colors": lambda value: {"recent_colors": tuple(_text(c) for c in value)},
    "settings": _read_settings,
    "last_revision": lambda value: {"last_revision": _whole(value)},
}


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise ValueError(f"not a whole number: {value!r}"[:100])
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"not a text: {value!r}"[:100])
    return value


def _path(value: Any) -> Path:
    text = _text(value)
    if not text or "\0" in text:
        raise ValueError(f"not a path: {text!r}"[:100])
    return Path(text)


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"neither true nor false: {value!r}"[:100])
    return value
