"""The report of a render as one page of HTML that needs no other file, for people and for archives."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from remaster_gui.base.timebase import FrameRange

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
h1{font-size:1.6rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0}
tr+tr{border-top:1px solid #ddd}th{font-weight:600;white-space:nowrap}code{font-size:.85em;overflow-wrap:anywhere}
.shot{margin:1.5rem 0;break-inside:avoid}.shot p{margin:.25rem 0}.pair{display:flex;gap:2px}.pair img{width:50%}
.bar{display:flex;height:.5rem}.painted{background:#2a7}.carried{background:#48c}.guessed{background:#d0c}
.key span{display:inline-block;width:.7rem;height:.7rem;margin:0 .3rem 0 1rem}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#1b1b1b}tr+tr{border-color:#444}}
""".strip()
_ORIGINS = ("painted", "carried", "guessed")
_WORDS = {
    "luminance": "luminance", "restoration": "restored", "colorization": "coloured", "edge": "working size",
    "restoration_strength": "strength of restoration", "saturation": "saturation", "vividness": "vividness",
    "grain": "grain", "dirt_sensitivity": "sensitivity for dirt", "following": "colours that follow the motion",
    "authors_scheme": "the authors' scheme",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShotPictures:
    """A frame of a shot before and after, as JPEG, with the timecode of where it lies."""

    shot: FrameRange
    frame: int
    timecode: str
    before: bytes
    after: bytes


def page(report: Mapping[str, Any], pictures: Sequence[ShotPictures], notes: Iterable[str] = ()) -> str:
    """Return the page of a report (what `write_report` has written), with pictures of its shots."""
    film, output = report["film"], report["output"]
    parts = [
        f"<h1>{_text(output['name'])}</h1>",
        f"<p>{_text(report['declaration']['statement'])}</p>",
        _table(_facts(report)),
        "<h2>Made with</h2>",
        _table(_tools(report)),
        "<h2>References</h2>",
        _references(report["references"]),
        "<h2>Colours</h2>",
        _origin(report.get("origin_of_all_colors")),
        "<h2>Shots</h2>",
        *_shots(report, pictures),
    ]
    said = [*report["notes"], *notes]
    if said:
        parts += ["<h2>Notes</h2>", "<ul>", *(f"<li>{_text(each)}</li>" for each in said), "</ul>"]
    head = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; style-src '
        "'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width"><meta name="generator" content="Remaster">'
        f"<title>{_text(film['name'])}, remastered</title><style>{_STYLE}</style></head><body>"
    )
    return head + "\n".join(parts) + "</body></html>\n"


def _facts(report: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    film, output = report["film"], report["output"]
    yield "Film", f"{_text(film['name'])}<br><code>{_text(film['hash'])}</code>"
    yield (
        "Frames",
        f"{_text(output['frames'])} (of the film: {_text(output['range'])}) at {_text(film['rate'])} a second",
    )
    yield "Output", f"{_text(output['size'])}, {_text(output['preset'])}"
    yield "Settings", _settings(report["settings"])
    yield "Kind of source", f"<code>{_text(report['declaration']['source_type'])}</code>"
    yield "Written", _text(report["written"])


def _tools(report: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    weights = report["weights"]
    name = weights.get("name") or "weights of the user's own"
    card = f", described in {_text(weights['card'])}" if weights.get("card") else ""
    yield "Program", _text(f"Remaster {report['application']}")
    yield "Weights", f"{_text(name)}{card}<br><code>{_text(weights['hash'])}</code>"
    libraries = ", ".join(f"{key} {version}" for key, version in report["libraries"].items() if version)
    yield "Libraries", _text(libraries)
    yield "Device", _text(report["device"] or "unknown")


def _references(references: Sequence[Mapping[str, Any]]) -> str:
    if not references:
        return "<p>None.</p>"
    rows = [
        "<tr><th>Name</th><th>Frame</th><th>Counts</th><th>Colours by</th><th>Changed</th><th>Hash</th></tr>",
        *(
            f"<tr><td>{_text(each['name'])}</td><td>{_text('free' if each['frame'] is None else each['frame'])}</td>"
            f"<td>{_text(_validity(each))}</td>"
            f"<td>{_text('the network, guessed' if each['guessed'] else each.get('artist') or 'not stated')}</td>"
            f"<td>{_text(each.get('modified') or '')}</td><td><code>{_text(each['hash'])}</code></td></tr>"
            for each in references
        ),
    ]
    return f"<table>{''.join(rows)}</table>"


def _validity(reference: Mapping[str, Any]) -> str:
    ranges, strength = reference.get("ranges"), reference.get("strength", 1)
    words = [f"in frames {', '.join(ranges)}" if ranges else "everywhere"]
    if strength != 1:
        words.append(f"at {100 * strength:.0f} %")
    if (share := reference.get("region_share", 1)) != 1:
        words.append(f"with {100 * share:.0f} % of its picture")
    return ", ".join(words)


def _shots(report: Mapping[str, Any], pictures: Sequence[ShotPictures]) -> Iterable[str]:
    origins = {each["shot"]: each for each in report["origin_of_colors"]}
    own = report.get("settings_of_shots", {})
    shown = {str(each.shot): each for each in pictures}
    yield (
        '<p class="key">Origin of colours:'
        + "".join(f'<span class="{origin}"></span>{origin}' for origin in _ORIGINS)
        + "</p>"
    )
    for number, shot in enumerate(report["shots"], 1):
        seen = shown.get(shot)
        if seen is None and shot not in origins:
            continue
        where = f" · {_text(seen.timecode)}" if seen else ""
        yield f'<div class="shot"><p><b>Shot {number}</b> · frames {_text(shot)}{where}</p>'
        if seen:
            yield f'<div class="pair">{_image(seen.before, "before", seen)}{_image(seen.after, "after", seen)}</div>'
        if shot in origins:
            yield _origin(origins[shot])
        if shot in own:
            yield f"<p>{_settings(own[shot])}</p>"
        yield "</div>"


def _origin(shares: Mapping[str, Any] | None) -> str:
    if shares is None:
        return "<p>Nothing is known of where colours come from.</p>"
    bars = "".join(
        f'<div class="{each}" style="width:{100 * max(0.0, float(shares[each])):.1f}%"></div>'
        for each in _ORIGINS
    )
    said = ", ".join(f"{each} {100 * float(shares[each]):.0f} %" for each in _ORIGINS)
    return f'<div class="bar">{bars}</div><p>{said}</p>'


def _settings(settings: Mapping[str, Any]) -> str:
    words = []
    for key, value in settings.items():
        name = _WORDS.get(key, key)
        if isinstance(value, bool):
            words.append(name if value else f"not {name}")
        else:
            words.append(f"{name} {value}")
    return _text(", ".join(words))


def _table(rows: Iterable[tuple[str, str]]) -> str:
    return f"<table>{''.join(f'<tr><th>{name}</th><td>{said}</td></tr>' for name, said in rows)}</table>"


def _image(data: bytes, what: str, seen: ShotPictures) -> str:
    encoded = base64.b64encode(data).decode()
    return f'<img alt="Frame {seen.frame} {what}" src="data:image/jpeg;base64,{encoded}">'


def _text(value: object) -> str:
    return escape(str(value))
