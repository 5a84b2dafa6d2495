"""What an export needs to know, and whether it can be done: free of Qt."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from remaster_gui.base.choices import DEFAULT_EDGE, DEFAULT_GRAIN, Grain, Luminance, SoundChoice
from remaster_gui.base.counting import counted
from remaster_gui.base.errors import RemasterError, StorageError
from remaster_gui.base.language import tr
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.delivery import Delivery
from remaster_gui.engine.farm_address import FarmPlace
from remaster_gui.engine.origin_layers import LAYERS
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.signing_files import SigningFiles
from remaster_gui.engine.sizes import Size, delivered_size, working_size
from remaster_gui.media import PRESETS, FilmInfo, Preset, check_output, find_preset
from remaster_gui.media.cryptomatte import CHANNELS
from remaster_gui.media.own_presets import OwnPreset
from remaster_gui.ui.wording import byte_size, duration, rough_duration

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (tr("Mastering"), ("prores-hq", "prores-4444", "dnxhr-hqx")),
    (tr("Archive, lossless"), ("ffv1-10", "ffv1-16")),
    (tr("Viewing"), ("h264-8", "h264-10", "hevc-8", "hevc-10")),
    (tr("Folder of pictures"), ("tiff16", "dpx", "exr", "png16")),
)
"""Presets in the order in which the dialog shows them."""

PRESET_HINTS: dict[str, str] = {
    "prores-hq": tr("For editing and grading; opens in every editing program."),
    "prores-4444": tr("As ProRes 422 HQ, with colour at full resolution."),
    "dnxhr-hqx": tr("For editing in Avid and Resolve."),
    "ffv1-10": tr("Keeps every value of 10 bit; what archives prefer."),
    "ffv1-16": tr("Keeps every value of 16 bit; large."),
    "h264-8": tr("Plays everywhere; for viewing, not for further work."),
    "h264-10": tr("Smoother gradients than 8 bit; plays in fewer places."),
    "hevc-8": tr("Smaller than H.264; plays on newer devices."),
    "hevc-10": tr("Smaller and smoother; plays on newer devices."),
    "tiff16": tr("One uncompressed picture for each frame, as scanners deliver."),
    "dpx": tr("One picture for each frame, with timecode, for film laboratories."),
    "exr": tr("One picture for each frame in linear light, for compositing."),
    "png16": tr("One lossless picture for each frame that any program opens."),
}

LUMINANCE_NAMES: dict[Luminance, str] = {
    "restored": tr("Restored at full size"),
    "working": tr("Restored at working size, enlarged"),
    "source": tr("The source’s own, untouched"),
}


GRAIN_NAMES: dict[Grain, str] = {
    "out": tr("Grain taken out"),
    "keep": tr("Grain kept"),
    "measured": tr("Grain put back"),
}


SOUND_NAMES: dict[SoundChoice, str] = {
    "copy": tr("Copied, converted where it has to be"),
    "convert": tr("Converted"),
    "none": tr("Left out"),
}


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """One export, as the dialog hands it over."""

    span: FrameRange
    output: Path
    preset: str = "prores-hq"
    edge: int = DEFAULT_EDGE
    luminance: Luminance = "restored"
    sound: SoundChoice = "copy"
    grain: Grain = DEFAULT_GRAIN
    """What becomes of the film's grain where luminance is restored."""
    layers: bool = False
    """Whether pictures say where their colours come from."""
    mattes: bool = False
    """Whether pictures hold mattes of named colours."""
    lut: Path | None = None
    """What is baked into the pictures."""
    farm: FarmPlace | None = None
    """Who makes its parts; None: this machine."""
    keeps_parts: bool = False
    """Whether parts stay for the next export to this name."""
    height: int | None = None
    """Lines that are written where the film has more; None: as many as it has."""
    delivery: Delivery | None = None
    """How a file is written for each shot, into a folder; None: one film."""
    archives: bool = False
    """Whether a page and checksums are written beside it."""
    signing: SigningFiles | None = None
    """What films are signed with; None: they are not."""

    @property
    def kind(self) -> Preset:
        """What it is written as."""
        found = find_preset(self.preset)
        assert found is not None, "choices name presets that there are"
        return found

    @property
    def is_folder(self) -> bool:
        """Whether it is written into a folder."""
        return self.kind.is_sequence or self.delivery is not None

    def size(self, film: FilmInfo) -> Size:
        """Return the size of the pictures that are written."""
        return delivered_size(Size(film.width, film.height), self.height)

    def by(self, preset: OwnPreset, film: FilmInfo) -> ExportChoice:
        """Return the same export as a preset of the user's has it."""
        return replace(
            self,
            output=fitted_output(preset.output(film.path), preset.preset, self.delivery),
            preset=preset.key,
            height=preset.height,
            layers=self.layers and preset.preset.holds_layers,
            mattes=self.mattes and preset.preset.holds_layers,
        )

    @property
    def layer_count(self) -> int:
        """Channels that a picture has beside its colours."""
        return (len(LAYERS) if self.layers else 0) + (len(CHANNELS) if self.mattes else 0)


def suffix_of(preset: Preset) -> str:
    """Return the suffix that a new output gets; '' for a folder of pictures."""
    return "" if preset.is_sequence else preset.suffixes[0]


def fitted_output(output: Path, preset: Preset, delivery: Delivery | None = None) -> Path:
    """Give `output` a suffix that goes with the preset, keeping one that does already; a folder has none."""
    if not preset.is_sequence and delivery is None and output.suffix.lower() in preset.suffixes:
        return output
    known = {suffix for each in PRESETS.values() for suffix in each.suffixes}
    bare = output.with_suffix("") if output.suffix.lower() in known else output
    return bare.with_name(bare.name + ("" if delivery is not None else suffix_of(preset)))


def usual_output(film: Path, preset: Preset) -> Path:
    """Return the name that is proposed: beside the film, never the film itself."""
    return film.with_name(f"{film.stem}-remastered{suffix_of(preset)}")


def find_fault(film: FilmInfo, choice: ExportChoice, taken: frozenset[Path] = frozenset()) -> str:
    """Say in a sentence why this export cannot be done; '' where it can. Asks the disk: not for the GUI thread.

    `taken`: outputs of exports that wait or run.
    """
    preset = choice.kind
    if not choice.output.name or not choice.output.is_absolute():
        return tr("Choose where the export is to be written.")
    if choice.output in taken:
        return tr("Another export writes to this name already; choose another one.")
    size = choice.size(film)
    if size.width < preset.smallest[0] or size.height < preset.smallest[1]:
        least = f"{preset.smallest[0]}×{preset.smallest[1]}"
        return tr(
            "{title} needs at least {least} pixels; choose another format.", title=preset.title, least=least
        )
    try:
        if choice.farm is not None:
            choice.farm.read()
        working_size(Size(film.width, film.height), choice.edge)
        request = RenderRequest(film.path, choice.output, preset=choice.preset, delivery=choice.delivery)
        check_output(choice.output, film.path, is_folder=request.is_folder)
        if choice.delivery is not None:
            choice.delivery.clips((FrameRange(0, film.frame_count),), choice.span, film, preset)
        if choice.signing is not None:
            choice.signing.check(request)
        free = shutil.disk_usage(choice.output.parent).free
    except RemasterError as error:
        return str(error)
    except OSError as error:
        return str(
            StorageError(
                tr(
                    "The folder {parent} cannot be used: {reason}.",
                    parent=choice.output.parent,
                    reason=error.strerror,
                )
            )
        )
    needed = preset.room_bytes(size.width, size.height, len(choice.span), choice.layer_count)
    if free < needed:
        return tr(
            "The export needs about {size}, but the disk has {size2} free; "
            "choose another place, format or range.",
            size=byte_size(needed),
            size2=byte_size(free),
        )
    return ""


def find_faults(film: FilmInfo, choices: Sequence[ExportChoice], taken: frozenset[Path]) -> str:
    """Say why several exports in one go cannot be done, see `find_fault`."""
    for choice in choices:
        fault = find_fault(film, choice, taken)
        if fault:
            return fault if len(choices) == 1 else f"{choice.output.name}: {fault}"
        taken |= {choice.output}
    return ""


def pattern_of(output: Path, film: Path, name: str) -> str:
    """Write an output as a destination for other films, too: what it has of the film's place and name stands in it.

    >>> pattern_of(Path("/films/out/reel-web.mp4"), Path("/films/reel.mov"), "web")
    '{folder}/out/{film}-{preset}'
    """
    known = {suffix for each in PRESETS.values() for suffix in each.suffixes}
    bare = output.with_suffix("") if output.suffix.lower() in known else output
    stem = bare.name.replace(film.stem, "{film}", 1)
    if name and name in stem:
        stem = stem.replace(name, "{preset}", 1)
    folder = str(bare.parent)
    place = str(film.parent)
    if folder == place or folder.startswith(place.rstrip("/") + "/"):
        folder = "{folder}" + folder[len(place.rstrip("/")) :]
    return f"{folder}/{stem}"


def find_note(film: FilmInfo, choice: ExportChoice) -> str:
    """Say what is worth knowing before an export that can be done; '' for nothing. Asks the disk."""
    preset = choice.kind
    if not choice.is_folder and choice.output.exists():
        return tr(
            "{output} exists and will be replaced when the export is complete.", output=choice.output.name
        )
    size = choice.size(film)
    return preset.size_note(size.width, size.height) or ""


def describe_span(span: FrameRange, rate: Fraction) -> str:
    """Write how long a range is: ``240 frames · 0:10``."""
    return f"{counted(len(span), 'frame')} · {duration(float(len(span) / rate))}"


def describe_estimate(film: FilmInfo, choice: ExportChoice, rate: float | None) -> str:
    """Write size and time of an export; `rate` is in frames a second at `choice`'s settings, None if unknown."""
    written, frames = choice.size(film), len(choice.span)
    size = byte_size(choice.kind.estimate_bytes(written.width, written.height, frames, choice.layer_count))
    time = rough_duration(frames / rate) if rate else tr("time known once the first frames are done")
    return tr("about {size} · {time}", size=size, time=time)
