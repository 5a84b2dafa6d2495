"""What long work yields is passed on, said once, and kept."""

from __future__ import annotations

from collections.abc import Generator

from remaster_gui.base.notices import Notice, Progress, Update, complete, noted

FIRST, SECOND = Notice("note", "The first sentence."), Notice("warning", "The second sentence.")


def _work() -> Generator[Update, None, str]:
    yield FIRST
    yield Progress(1, 2)
    yield Notice("warning", FIRST.text)
    yield SECOND
    return "done"


def test_sentences_are_passed_on_once_and_remembered() -> None:
    notices: list[Notice] = []
    passed: list[Update] = []

    def outer() -> Generator[Update, None, str]:
        return (yield from noted(_work(), notices))

    work = outer()
    while True:
        try:
            passed.append(next(work))
        except StopIteration as end:
            assert end.value == "done"
            break
    assert passed == [FIRST, Progress(1, 2), SECOND] and notices == [FIRST, SECOND]


def test_work_that_nobody_goes_on_with_is_ended() -> None:
    ended = False

    def endless() -> Generator[Update, None, None]:
        nonlocal ended
        try:
            while True:
                yield Progress(0, 1)
        finally:
            ended = True

    work = noted(endless(), [])
    next(work)
    work.close()
    assert ended


def test_complete_returns_the_value_and_the_notices() -> None:
    value, notices = complete(noted(_work(), []))
    assert value == "done" and notices == [FIRST, SECOND]
