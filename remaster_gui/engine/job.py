"""The work folder of a render: finished parts that a rerun of the same command takes up again."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from remaster_gui.base import plain_data
from remaster_gui.base.errors import SettingsError, StorageError
from remaster_gui.base.files import (
    Draft,
    discard,
    printable,
    read_record,
    replace_text,
    sweep,
    sync,
    with_ending,
)
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice, Reveal
from remaster_gui.base.system import link_or_copy, put_in_place, user_number
from remaster_gui.engine import published
from remaster_gui.engine.device import Plan
from remaster_gui.engine.job_records import JOB, SetAside, described, differ_in_references_alone, read_job
from remaster_gui.engine.kept_parts import is_part, record_path, work_folder
from remaster_gui.engine.output_lock import hold_output
from remaster_gui.engine.part_drafts import draft_name, remove_leftover
from remaster_gui.engine.parts import Part, PartFacts
from remaster_gui.engine.sealed_records import digest_of, file_digest, folder_digest, write_sealed
from remaster_gui.media import Preset, Segment, find_preset
from remaster_gui.media.faults import writing

log = logging.getLogger(__name__)

_REFERENCES = ".references"


class WorkFolder:
    """Where the parts of one render wait until all are there; it lies beside the output.

    Every part has a record of what it was made from and a checksum, and counts only as long as both agree. Whoever
    plans a render or joins its parts holds the lock (`held`); parts may be made here by any number of processes, on any
    machines that see the folder. The folder is its user's alone; a link in its place is not followed.
    """

    def __init__(self, output: Path, preset: Preset) -> None:
        """Name the folder; nothing is created yet."""
        self.path = work_folder(output)
        self.output, self.preset = output, preset
        self._key = self._identity = ""
        self._lock_path = with_ending(output, "remaster.lock", hidden=True)
        self.former: SetAside | None = None
        """Parts of an earlier run, which `open` has found to be of the same job but for its references."""

    @staticmethod
    def at(path: Path) -> tuple[WorkFolder, Mapping[str, Any], Plan]:
        """Return the work folder that lies at `path`, what `describe` has said of it, and the plan to follow.

        Raises `SettingsError` for anything that is no planned job of this version.
        """
        job = None if path.is_symlink() else read_job(path)
        task = None if job is None else job.get("task")
        preset = None if job is None else find_preset(str(job["identity"].get("preset")))
        if job is None or preset is None or not isinstance(task, dict) or not _is_name(task.get("output")):
            raise SettingsError(
                tr(
                    "There is no job in {path}, or none of this version of the program; check the path, or run "
                    "the command that plans it again.",
                    path=printable(path),
                )
            )
        work = WorkFolder(path.with_name(task["output"]), preset)
        if work.path != path:
            raise SettingsError(
                tr(
                    "The job {path} was made under the name {path2}; give it that name.",
                    path=printable(path),
                    path2=printable(work.path.name),
                )
            )
        plan = Plan(**job["plan"])
        work.take_up(job["identity"], plan)
        return work, task, plan

    def clear_leftovers(self) -> None:
        """Remove what a run that was killed at its very end left beside an output that is complete."""
        with writing(self.output):
            sweep(self.output)
            if self._lock_path.exists():
                with contextlib.suppress(SettingsError), self.held():
                    pass  # a lock that nobody holds goes as it is given back

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other renders of the same output away.

        Raises `SettingsError` where one is under way, `StorageError` where the folder may not be written.
        """
        with hold_output(self.output, self._lock_path):
            yield

    def open(self, identity: dict[str, Any], plan: Plan) -> Generator[Notice, None, Plan]:
        """Create the folder, or take up the one that an earlier run of the same job left; returns the plan to follow.

        `identity` says all that every part depends on. Work of another job is not removed but set aside, which a notice
        says; where only the references are others, it is `former`, and its plan is followed. What is damaged is made
        anew.
        """
        with writing(self.path / "job"):
            found = self._found()
            if found is not None and found["identity"] != identity:
                yield from self._set_aside(found)
                if self.former is not None and differ_in_references_alone(found["identity"], identity):
                    plan = Plan(**found["plan"])
                else:
                    self.forget_former()
            if not self.path.exists() and (aside := self._aside(identity)) is not None:
                put_in_place(aside, self.path)
            self._make_own()
            found = self._found()
            if found is not None:
                plan = Plan(**found["plan"])
            if found is None:
                write_sealed(self.path / JOB, described(identity, plan))
            self.take_up(identity, plan)
            self._tidy()
        return plan

    def take_up(self, identity: dict[str, Any], plan: Plan) -> None:
        """Know parts by the job that they are of; `open` does it, too."""
        self._key, self._identity = digest_of(described(identity, plan)), digest_of(identity)

    def task(self) -> Mapping[str, Any] | None:
        """Return what an earlier run has said of the job by `describe`, if anything."""
        job = self._found()
        return None if job is None or not isinstance(job.get("task"), dict) else job["task"]

    def describe(self, task: dict[str, Any]) -> None:
        """Write down what else whoever makes parts has to know; after `open`."""
        with writing(self.path / JOB):
            job = self._found()
            if job is None:
                raise StorageError(
                    tr("The folder {path} has gone; run the same command again.", path=printable(self.path))
                )
            write_sealed(self.path / JOB, job | {"task": task})
            sync(self.path)

    @property
    def references(self) -> Path:
        """Where copies of the reference pictures lie."""
        return self.path / _REFERENCES

    def _found(self) -> dict[str, Any] | None:
        """Return the description of the job that an earlier run left here; None where there is no sound one."""
        if self.path.is_symlink() or not self.path.is_dir():
            return None
        return read_job(self.path)

    def _make_own(self) -> None:
        """Make the folder, or use the one that is there if it is the user's."""
        if self.path.is_symlink() or not self.path.is_dir():
            discard(self.path)
            self.path.mkdir(0o700)
        if self.path.lstat().st_uid != user_number():
            raise SettingsError(
                tr(
                    "The folder {path} belongs to somebody else; remove it or choose another output.",
                    path=printable(self.path),
                )
            )
        self.path.chmod(0o700)

    def _aside(self, identity: dict[str, Any]) -> Path | None:
        """Return the folder in which work of this job was set aside."""
        path = self.path.with_name(self._aside_name(identity))
        if path.is_symlink() or not path.is_dir():
            return None
        job = read_job(path)
        return path if job is not None and job["identity"] == identity else None

    def _set_aside(self, job: dict[str, Any]) -> Iterator[Notice]:
        """Keep the work of another job out of the way, if it is worth keeping."""
        if not self.has_finished_parts():
            discard(self.path)
            return
        is_published = self.published() is not None
        path = self.path.with_name(self._aside_name(job["identity"]))
        discard(path)
        put_in_place(self.path, path)
        self.former = SetAside(path, job, is_published)
        if is_published:
            return
        yield Notice(
            "note",
            tr(
                "Unfinished work with other settings was kept in {path}, where the command that began it "
                "finds it; delete that folder if it is no longer wanted.",
                path=printable(path.name),
            ),
            (Reveal(path),),
        )

    def beside(self, other: SetAside) -> tuple[WorkFolder, Mapping[str, Any]]:
        """Return work that was set aside, and what was said of its job by `describe`."""
        work = WorkFolder(self.output, self.preset)
        work.path = other.path
        work.take_up(other.job["identity"], Plan(**other.job["plan"]))
        return work, other.job.get("task") or {}

    def forget_former(self) -> None:
        """Give up the parts of an earlier run whose output is complete."""
        former, self.former = self.former, None
        if former is not None and former.is_published:
            with writing(former.path):
                discard(former.path)

    def _aside_name(self, identity: dict[str, Any]) -> str:
        return with_ending(self.output, f"{digest_of(identity)[:8]}.remaster", hidden=True).name

    def _tidy(self) -> None:
        """Remove what killed processes were in the middle of writing, but nothing that is written just now."""
        for path in self.path.iterdir():
            if path.name.startswith(".") and path.name != _REFERENCES and path.suffix != ".json":
                remove_leftover(path)

    # --- parts ---

    def draft_path(self, part: Part) -> Path:
        """Return where this process is to write a part."""
        return self.path / draft_name(part)

    def keep(self, part: Part, facts: PartFacts) -> Segment:
        """Take a part that lies at its draft's path for finished, with a record of it; from then on it has a name.

        Where somebody else has finished it meanwhile, theirs stays. `facts`: what `facts_of` returns later.
        """
        draft, path = self.draft_path(part), self._part_path(part)
        with writing(path):
            made = self._record(part, draft)
            theirs = self.finished(part)
            if theirs is None or made == self._record(part, theirs.path):
                replace_text(self._record_path(part), json.dumps(made | {"facts": facts.as_dict()}))
            if theirs is None:
                theirs = self._named(part, draft, path)
            discard(draft)
            sync(self.path)
        return theirs

    def _named(self, part: Part, draft: Path, path: Path) -> Segment:
        """Give a finished part its name, unless somebody has been faster."""
        try:
            if self.preset.is_sequence:
                discard(path)
            put_in_place(draft, path)
        except OSError:
            if (theirs := self.finished(part)) is None:
                raise
            return theirs
        return Segment(path, len(part.span))

    def finished(self, part: Part) -> Segment | None:
        """Return a part's segment if it is there, of this job, and just as it was written."""
        path = self._part_path(part)
        try:
            record = read_record(self._record_path(part))
            if isinstance(record, dict):
                record.pop("facts", None)
            # What has another size need not be read: a damaged part may be larger than any disk.
            is_part = isinstance(record, dict) and record.get("bytes") == self._bytes(path)
            if is_part and record == self._record(part, path):
                return Segment(path, len(part.span))
            log.warning("the part %s is damaged or of another job; it is made anew", path)
        except FileNotFoundError:
            if path.exists():
                log.warning("the part %s has no record; it is made anew", path)
        except (OSError, ValueError):
            log.warning("the part %s cannot be read; it is made anew", path, exc_info=True)
        return None

    def facts_of(self, part: Part) -> PartFacts | None:
        """Return what was said of a finished part; None where that cannot be read, or is of another job."""
        with contextlib.suppress(OSError, ValueError):
            record = plain_data.table(read_record(self._record_path(part)))
            if all(record[name] == value for name, value in self._about(part).items()):
                return PartFacts.from_dict(record["facts"])
        return None

    def adopt(self, part: Part, other: WorkFolder, facts: PartFacts) -> None:
        """Take over a part that another job has finished, which keeps it; whether it is sound is seen in use."""
        path = self._part_path(part)
        with writing(path):
            record = plain_data.table(read_record(other._record_path(part)))
            discard(path)
            link_or_copy(other._part_path(part), path)
            told = dict(record) | self._about(part) | {"facts": facts.as_dict()}
            replace_text(self._record_path(part), json.dumps(told))

    def drop(self, part: Part) -> None:
        """Remove a finished part, which is to be made anew."""
        with writing(self._part_path(part)):
            discard(self._record_path(part))
            discard(self._part_path(part))

    def _part_path(self, part: Part) -> Path:
        return self.path / (part.name + ("" if self.preset.is_sequence else self.preset.suffixes[0]))

    def _record_path(self, part: Part) -> Path:
        return record_path(self.path, part.name)

    def _record(self, part: Part, path: Path) -> dict[str, Any]:
        """Return what a part's record says if the part is what lies at `path`."""
        return self._about(part) | {
            "bytes": self._bytes(path),
            "content": folder_digest(path) if self.preset.is_sequence else file_digest(path),
        }

    def _about(self, part: Part) -> dict[str, Any]:
        return {
            "job": self._key,
            "shot": str(part.shot),
            "span": str(part.span),
            "settings": dataclasses.asdict(part.settings),
            "guided": part.guided_by,
            **({"marks": part.marked} if part.marks else {}),
        }

    def _bytes(self, path: Path) -> int:
        return sum(each.lstat().st_size for each in (path.iterdir() if self.preset.is_sequence else [path]))

    def has_finished_parts(self) -> bool:
        """Whether there is anything worth keeping."""
        if self.path.is_symlink() or not self.path.is_dir():
            return False
        return any(is_part(path) for path in self.path.iterdir())

    def nbytes(self) -> int:
        """Bytes on disk that an earlier run has left here, copies of references apart."""
        if self.path.is_symlink():
            return 0
        found = (path for path in self.path.rglob("*") if path.parent.name != _REFERENCES)
        return sum(path.lstat().st_size for path in found if path.is_file() and not path.is_symlink())

    # --- the end ---

    def note_published(
        self, draft: Path, sound: Path | None, joining: dict[str, Any], notices: Sequence[Notice]
    ) -> None:
        """Write down that `draft` is about to become the output, and `sound` lie beside it; `notices` were said of it.

        `joining` says what beside the job's identity decides what is in it: which parts, and what goes with them.
        """
        published.note_published(self.path, self._identity, joining, draft, sound, notices)

    def published(self, joining: dict[str, Any] | None = None) -> list[Notice] | None:
        """Return the notices of an output that an earlier run has published and that is still as it was; else None.

        Before `open`, and without `joining`, that may be any output; afterwards the one that was asked for.
        """
        return published.published(self.path, self.output, self._identity, joining)

    def remove_sound_alone(self) -> None:
        """Remove sound that an earlier run has published, if it was killed before the pictures followed."""
        published.remove_sound_alone(self.path, self.output)

    def remove(self) -> None:
        """Delete the folder and all in it; until the end it says that the output is there, if it is."""
        with writing(self.path):
            if self.path.is_dir() and not self.path.is_symlink():
                for path in self.path.iterdir():
                    if path.name != published.DONE:
                        discard(path)
                with Draft(self.output, is_folder=True) as bin_:
                    self.path.replace(bin_.path)
            discard(self.path)

    def give_up(self) -> None:
        """Delete the folder, unless a render is just writing there."""
        try:
            with self.held():
                self.remove()
        except SettingsError:
            log.info("the parts of %s are in use and stay", self.output, exc_info=True)


def _is_name(value: object) -> bool:
    """Whether plain data is the name of a file without a folder."""
    return isinstance(value, str) and bool(value) and Path(value).name == value
