"""Whatever becomes of the bytes of a project: it is read, or told and recovered; never a defect, never a hang."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from remaster_gui.base.errors import DamagedProjectError, ProjectError
from remaster_gui.painting.raster import Raster
from remaster_gui.project import edits
from remaster_gui.project.database import PAGE
from remaster_gui.project.recovery import recover
from remaster_gui.project.schema import FilmIdentity, Project
from remaster_gui.project.store import ProjectStore

PLACES = st.floats(0, 1, exclude_max=True)
STEPS = st.one_of(
    st.tuples(st.just("byte"), PLACES, st.integers(0, 255)),
    st.tuples(st.just("swap"), PLACES, PLACES),
    st.tuples(st.just("cut"), PLACES, st.just(0)),
    st.tuples(st.just("zeros"), PLACES, PLACES),
)


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory, make_raster: Callable[..., Raster]) -> bytes:
    """A small project with small pages' worth of everything."""
    path = tmp_path_factory.mktemp("whole") / "film.remaster"
    project = Project(FilmIdentity(Path("/a.mp4"), 1, "", Fraction(24), 600, 96, 64))
    project = edits.with_cuts(project, range(0, 600, 7))
    rasters = []
    for frame in (3, 9, 40):
        record = edits.new_reference(project, "painted", frame, f"Frame {frame}", 96, 64, colored=True)
        project = edits.with_reference(project, record)
        rasters.append((record.id, make_raster(frame, 96, 64)))
    ProjectStore.create(path, project, rasters).close()
    return path.read_bytes()


def _changed(content: bytes, steps: list[tuple[str, float, float]]) -> bytes:
    changed = bytearray(content)
    for kind, first, second in steps:
        at = int(first * len(changed))
        page = at // PAGE * PAGE
        match kind:
            case "byte" if changed:
                changed[at] = int(second)
            case "swap":
                other = int(second * len(changed)) // PAGE * PAGE
                changed[page : page + PAGE], changed[other : other + PAGE] = (
                    changed[other : other + PAGE],
                    changed[page : page + PAGE],
                )
            case "cut":
                del changed[at:]
            case "zeros":
                changed[page : page + PAGE] = bytes(len(changed[page : page + PAGE]))
    return bytes(changed)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(STEPS, min_size=1, max_size=4))
def test_any_damage_is_told_and_recovered(
    content: bytes, tmp_path: Path, steps: list[tuple[str, float, float]]
) -> None:
    path, into = tmp_path / "film.remaster", tmp_path / "recovered.remaster"
    path.write_bytes(_changed(content, steps))
    into.unlink(missing_ok=True)
    film = None
    try:
        store = ProjectStore.open(path)
        try:
            project = store.load()
            film = project.film
            store.thumbnails(project.references)
            for record in project.references:
                store.load_raster(record.id)
            return
        finally:
            store.close()
    except DamagedProjectError:
        pass
    except ProjectError as error:
        assert "is not a project" in str(error) or "newer version" in str(error)
        return
    try:
        recover(path, into, film)
    except ProjectError:
        return
    store = ProjectStore.open(into)
    for record in store.load().references:
        store.load_raster(record.id)
    store.close()
