"""What long work yields is shown on the stream of messages, whole and in order, and its result comes back."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from remaster_gui.base.notices import Notice, Progress, Reveal, Update, complete
from remaster_gui.cli.following import follow

LONG = "The sound (PCM [s16le]) is converted to AAC, " + "because .mp4 files cannot hold it as it is, " * 5


def work(end: BaseException | None = None) -> Generator[Update, None, int]:
    yield Progress(0, 40, doing="Trying the sound")
    yield Notice("warning", LONG)
    yield Progress(20, 40, 10.0)
    if end is not None:
        raise end
    yield Notice("note", "Work was kept in .out.remaster.", (Reveal("/out/.out.remaster"),))  # type: ignore[arg-type]
    return 7


def test_notices_and_the_rate_are_said_where_no_bar_can_be_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    assert follow(work(), "Remastering") == 7
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        LONG,
        "20 of 40 frames, 10.00 frames/s, 0:02 left",
        "Work was kept in .out.remaster.",
    ]


def test_what_begins_anew_is_told_anew(capsys: pytest.CaptureFixture[str]) -> None:
    def stages() -> Generator[Update, None, None]:
        for total in (4, 2):
            yield Progress(0, total, doing="A stage", unit="iterations")
            for done in range(1, total + 1):
                yield Progress(done, total, 1.0, "A stage", "iterations")

    follow(stages(), "Training")
    told = [line.partition(" iterations")[0] for line in capsys.readouterr().err.splitlines()]
    assert told == ["1 of 4", "2 of 4", "3 of 4", "4 of 4", "1 of 2", "2 of 2"]


def test_what_ends_the_work_comes_through(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt):
        follow(work(KeyboardInterrupt()), "Remastering")
    assert LONG in capsys.readouterr().err


def test_all_of_the_work_is_done_where_nothing_is_shown() -> None:
    value, notices = complete(work())
    assert value == 7 and [notice.kind for notice in notices] == ["warning", "note"]
