"""The two ways of remastering a film: the product's own, and the authors' for comparison with their results."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from threading import Event
from typing import ClassVar, Protocol

import torch

from remaster_gui.base.named_colors import Recoloring
from remaster_gui.base.notices import Notice
from remaster_gui.base.spot_marks import FrameMarks
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.authors_session import AuthorsSession
from remaster_gui.engine.device import Plan, device_faults
from remaster_gui.engine.loaded import LoadedNetwork
from remaster_gui.engine.messages import Reference, RemasteredWindow, Settings
from remaster_gui.engine.session import FrameReader, Session
from remaster_gui.engine.sizes import Size, working_size
from remaster_gui.engine.stages import Stages
from remaster_gui.media import Channels
from remaster_gui.model.colorization import ReferenceFeatures
from remaster_gui.model.precision import FULL, Precision, best_precision


class Remastering(Protocol):
    """What remasters the shots of one film with one set of references, and counts what its stages do."""

    stages: Stages

    def begin_anew(self, plan: Plan) -> None:
        """Follow a plan, and count from nothing, as it would in another process."""

    def remaster(
        self,
        read: FrameReader,
        shot: FrameRange,
        span: FrameRange,
        cancel: Event,
        marks: FrameMarks = (),
    ) -> Generator[RemasteredWindow | Notice]:
        """Yield the frames of `span`, which lies inside `shot`, in order; raises `CancelledError`.

        marks: what is decided about single spots of these frames.
        """


class Scheme(ABC):
    """What one way of remastering a film has otherwise than the other."""

    regards_cuts: ClassVar[bool]
    channels: ClassVar[Channels]
    """What it reads of the film's frames."""

    @abstractmethod
    def precision(self, device: torch.device) -> Precision:
        """Return what the network computes in on a device."""

    @abstractmethod
    def output_size(self, film_size: Size, settings: Settings) -> Size:
        """Return the size of what is written."""

    @abstractmethod
    def session(
        self,
        loaded: LoadedNetwork,
        references: Sequence[Reference],
        film_size: Size,
        settings: Settings,
        plan: Plan,
        *,
        traces: bool = False,
        recolorings: Sequence[Recoloring] = (),
    ) -> Remastering:
        """Prepare the references, which takes a while; `traces`: frames say which of them they draw from.

        `recolorings`: of named colours.
        """


class OwnScheme(Scheme):
    """Shot by shot, without seams between windows, at the film's size."""

    regards_cuts = True
    channels = "luma"

    def precision(self, device: torch.device) -> Precision:
        """Return what the device is fast and right in."""
        return best_precision(device)

    def output_size(self, film_size: Size, settings: Settings) -> Size:
        """Return the film's."""
        return film_size

    def session(
        self,
        loaded: LoadedNetwork,
        references: Sequence[Reference],
        film_size: Size,
        settings: Settings,
        plan: Plan,
        *,
        traces: bool = False,
        recolorings: Sequence[Recoloring] = (),
    ) -> Remastering:
        """Encode the references."""
        features: Sequence[ReferenceFeatures] = ()
        if settings.colorization:
            with device_faults():
                working = working_size(film_size, settings.edge)
                features = loaded.references.all_features(references, working)
        return Session(
            loaded.network,
            features,
            film_size=film_size,
            settings=settings,
            plan=plan,
            given=references,
            traces=traces,
            recolorings=recolorings,
        )


class AuthorsScheme(Scheme):
    """Exactly what the authors' script computes: blocks of five frames, no regard for cuts, at working size."""

    regards_cuts = False
    channels = "opencv"

    def precision(self, device: torch.device) -> Precision:
        """Return float32: the authors' numbers come of it alone."""
        return FULL

    def output_size(self, film_size: Size, settings: Settings) -> Size:
        """Return the working size."""
        return working_size(film_size, settings.edge)

    def session(
        self,
        loaded: LoadedNetwork,
        references: Sequence[Reference],
        film_size: Size,
        settings: Settings,
        plan: Plan,
        *,
        traces: bool = False,
        recolorings: Sequence[Recoloring] = (),
    ) -> Remastering:
        """Load the references, which are encoded again for every block; nothing is traced."""
        return AuthorsSession(loaded.network, references, film_size=film_size, settings=settings)


def scheme_of(settings: Settings) -> Scheme:
    """Return the way that settings ask for."""
    return AuthorsScheme() if settings.authors_scheme else OwnScheme()
