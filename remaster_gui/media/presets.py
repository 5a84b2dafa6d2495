"""What can be written: codecs, containers and picture files, each with settings fit for mastering.

Thread counts are fixed, because encoders divide their work by them: the same frames give the same bytes on
every machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.language import tr

THREADS = 4
LAYER_BITS = 10.0
"""Estimate of the bits that a pixel of one layer takes: it changes slowly and shrinks to less than half."""


@dataclass(frozen=True)
class Preset:
    """One way to write a film. `key` names it, with the quality behind a colon where that is not the usual one.

    ``suffixes`` are the file names it goes with, the first one being that of its segments; for a sequence of
    pictures (``is_sequence``) the one suffix is that of each picture and the output is a folder. ``bits``
    counts those of one component. ``bits_per_pixel`` is an estimate for grainy film. ``holds_layers``: whether a
    picture can have further channels beside its colours.
    """

    key: str
    title: str
    suffixes: tuple[str, ...]
    codec: str
    pixel_format: str
    bits: int
    bits_per_pixel: float
    options: Mapping[str, str] = field(default_factory=dict, hash=False)
    is_sequence: bool = False
    smallest: tuple[int, int] = (16, 16)
    codec_tag: str | None = None
    holds_layers: bool = False

    @property
    def is_rgb(self) -> bool:
        """Whether the codec stores RGB, so that no colour matrix applies."""
        return self.pixel_format.startswith(("rgb", "gbr"))

    @property
    def quality(self) -> int | None:
        """The constant rate factor that it is coded with, from 0 (without loss) up; None where there is none."""
        factor = self.options.get("crf")
        return None if factor is None else int(factor)

    @property
    def is_reordered(self) -> bool:
        """Whether packets may follow each other in another order than frames."""
        return self.codec in ("libx264", "libx265")

    def coded_size(self, width: int, height: int) -> tuple[int, int]:
        """Size in pixels that the codec needs for a picture: 4:2:0 and 4:2:2 share chroma between two pixels.

        What is missing is filled by repeating the last column or line; a picture is never scaled or cropped.
        """
        pair_columns = "420" in self.pixel_format or "422" in self.pixel_format
        pair_lines = "420" in self.pixel_format
        return width + (width % 2 if pair_columns else 0), height + (height % 2 if pair_lines else 0)

    def size_note(self, width: int, height: int) -> str | None:
        """Say in a sentence what is added to pictures of this size; None where nothing is."""
        coded = self.coded_size(width, height)
        if coded == (width, height):
            return None
        return tr(
            "{title} needs even sizes, so the frames of {width}x{height} pixels are written as "
            "{coded}x{coded2}, their last column or line repeated; "
            "FFV1, ProRes 4444 and pictures keep {width}x{height}.",
            title=self.title,
            width=width,
            height=height,
            coded=coded[0],
            coded2=coded[1],
        )

    def estimate_bytes(self, width: int, height: int, frames: int, layers: int = 0) -> int:
        """Roughly how much room a film needs, without its sound; with so many `layers` in each picture."""
        return int(width * height * frames * (self.bits_per_pixel + layers * LAYER_BITS) / 8)

    def room_bytes(self, width: int, height: int, frames: int, layers: int = 0) -> int:
        """Roughly how much room a film needs while it is written.

        Parts and the film that is joined from them lie side by side for a while; pictures are only linked.
        """
        return self.estimate_bytes(width, height, frames, layers) * (1 if self.is_sequence else 2)


# With macroblock trees, x264's code for AVX-512 gives other bits from run to run. Threads that share one frame, the
# library's default, would cost two percent.
_X264 = {
    "crf": "16",
    "preset": "slow",
    "threads": str(THREADS),
    "g": "48",
    "x264-params": "open-gop=0:stitchable=1:mbtree=0:sliced-threads=0",
}
_X265 = {
    "crf": "16",
    "preset": "medium",
    "x265-params": f"log-level=none:pools={THREADS}:frame-threads=2:keyint=48:open-gop=0:info=0",
}
_FFV1 = {"level": "3", "coder": "1", "context": "1", "g": "1", "slices": "12", "slicecrc": "1"}

PRESETS: dict[str, Preset] = {
    preset.key: preset
    for preset in (
        Preset(
            "prores-hq",
            tr("ProRes 422 HQ, 10 bit"),
            (".mov",),
            "prores_ks",
            "yuv422p10le",
            10,
            4.6,
            {"profile": "hq", "vendor": "apl0"},
            codec_tag="apch",
        ),
        Preset(
            "prores-4444",
            tr("ProRes 4444, 10 bit"),
            (".mov",),
            "prores_ks",
            "yuv444p10le",
            10,
            7.0,
            {"profile": "4444", "vendor": "apl0"},
            codec_tag="ap4h",
        ),
        Preset(
            "dnxhr-hqx",
            tr("DNxHR HQX, 10 bit"),
            (".mov",),
            "dnxhd",
            "yuv422p10le",
            10,
            4.6,
            {"profile": "dnxhr_hqx"},
            smallest=(256, 120),
        ),
        Preset(
            "ffv1-10", tr("FFV1 lossless, 4:4:4, 10 bit"), (".mkv",), "ffv1", "yuv444p10le", 10, 10.0, _FFV1
        ),
        Preset("ffv1-16", tr("FFV1 lossless, RGB, 16 bit"), (".mkv",), "ffv1", "gbrp16le", 16, 22.0, _FFV1),
        Preset("h264-8", tr("H.264, 8 bit"), (".mp4", ".mov", ".mkv"), "libx264", "yuv420p", 8, 0.9, _X264),
        Preset(
            "h264-10", tr("H.264, 10 bit"), (".mp4", ".mov", ".mkv"), "libx264", "yuv420p10le", 10, 1.0, _X264
        ),
        Preset(
            "hevc-8",
            tr("HEVC, 8 bit"),
            (".mp4", ".mov", ".mkv"),
            "libx265",
            "yuv420p",
            8,
            0.8,
            _X265,
            codec_tag="hvc1",
        ),
        Preset(
            "hevc-10",
            tr("HEVC, 10 bit"),
            (".mp4", ".mov", ".mkv"),
            "libx265",
            "yuv420p10le",
            10,
            0.9,
            _X265,
            codec_tag="hvc1",
        ),
        Preset(
            "png16",
            tr("PNG pictures, 16 bit"),
            (".png",),
            "png",
            "rgb48be",
            16,
            40.0,
            {"compression_level": "1", "pred": "up"},
            is_sequence=True,
        ),
        Preset(
            "tiff16",
            tr("TIFF pictures, 16 bit"),
            (".tif",),
            "tiff",
            "rgb48le",
            16,
            48.0,
            {"compression_algo": "raw"},
            is_sequence=True,
        ),
        Preset("dpx", tr("DPX pictures, 10 bit"), (".dpx",), "dpx", "gbrp10be", 10, 32.0, is_sequence=True),
        Preset(
            "exr",
            tr("OpenEXR pictures, linear light, half float"),
            (".exr",),
            "exr",
            "gbrpf32le",
            16,
            40.0,
            {"compression": "zip1", "format": "half"},
            is_sequence=True,
            holds_layers=True,
        ),
    )
}

WORST_QUALITY = 51
"""The largest constant rate factor."""
_OCTAVE = 6
"""Steps of the rate factor that halve a film."""


@cache
def find_preset(key: str) -> Preset | None:
    """Return the preset of a key such as ``prores-hq`` or, with a rate factor, ``h264-8:20``; None where there is none.

    >>> find_preset("h264-8").key, find_preset("h264-8:16").key, find_preset("h264-8:20").quality
    ('h264-8', 'h264-8', 20)
    """
    name, colon, said = key.partition(":")
    preset = PRESETS.get(name)
    if preset is None or not colon:
        return preset
    usual = preset.quality
    if usual is None or not (said.isascii() and said.isdecimal() and int(said[:3]) <= WORST_QUALITY):
        return None
    factor = int(said)
    if factor == usual:
        return preset
    return replace(
        preset,
        key=f"{name}:{factor}",
        title=tr("{title}, CRF {factor}", title=preset.title, factor=factor),
        options={**preset.options, "crf": str(factor)},
        bits_per_pixel=preset.bits_per_pixel * 2 ** ((usual - factor) / _OCTAVE),
    )


_DEFAULTS = {".mkv": "ffv1-10", ".mov": "prores-hq", ".mp4": "h264-8", "": "png16"}


def preset_for(path: Path, name: str | None = None) -> Preset:
    """Return the preset called ``name``, or the usual one for the suffix of ``path`` (folder: PNG).

    Raises `SettingsError` for an unknown name or one that does not go with the suffix.
    """
    if path.name in ("", ".."):
        raise SettingsError(
            tr("{path} names a folder that is there already; give the output a name of its own.", path=path)
        )
    suffix = path.suffix.lower()
    if name is None:
        if suffix not in _DEFAULTS:
            raise SettingsError(
                tr(
                    "Films are not written as {suffix} files; name the output with .mkv, .mov or "
                    ".mp4, or without a suffix "
                    "for a folder of pictures.",
                    suffix=suffix,
                )
            )
        return PRESETS[_DEFAULTS[suffix]]
    preset = find_preset(name)
    if preset is None:
        raise SettingsError(
            tr("There is no preset {name!r}; choose one of {presets}.", name=name, presets=", ".join(PRESETS))
        )
    if preset.is_sequence and suffix:
        raise SettingsError(
            tr(
                "The preset {name} writes a folder of pictures; name the output without {suffix}.",
                name=name,
                suffix=suffix,
            )
        )
    if not preset.is_sequence and suffix not in preset.suffixes:
        raise SettingsError(
            tr(
                "The preset {name} needs an output name that ends in {suffixes}.",
                name=name,
                suffixes=tr(" or ").join(preset.suffixes),
            )
        )
    return preset
