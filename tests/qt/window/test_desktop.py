"""What the desktop is told, heard on a bus of the test's own."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtDBus import QDBusConnection
from PySide6.QtWidgets import QWidget

from remaster_gui.ui.desktop import Desktop


class Bus:
    """A bus with somebody who listens to all of it."""

    def __init__(self, address: str, monitor: subprocess.Popen[str]) -> None:
        self.connection = QDBusConnection.connectToBus(address, "remaster test")
        self._monitor = monitor

    def heard(self, last: str) -> str:
        """Return what has been said up to a line that holds `last`."""
        assert self._monitor.stdout is not None
        said = []
        for line in self._monitor.stdout:
            said.append(line)
            if last in line:
                return "".join(said)
        raise AssertionError("the bus has ended")


@pytest.fixture
def bus(qapp: Any) -> Iterator[Bus]:
    if shutil.which("dbus-daemon") is None or shutil.which("dbus-monitor") is None:
        pytest.skip("needs dbus-daemon and dbus-monitor, which this machine lacks")
    daemon = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address=1"], stdout=subprocess.PIPE, text=True
    )
    assert daemon.stdout is not None
    address = daemon.stdout.readline().strip()
    monitor = subprocess.Popen(
        ["stdbuf", "-oL", "dbus-monitor", "--address", address], stdout=subprocess.PIPE, text=True
    )
    bus = Bus(address, monitor)
    # What never comes ends the test, not the patience of all.
    guard = threading.Timer(300, monitor.kill)
    guard.start()
    try:
        # It says who has come before anything that is sent afterwards.
        bus.heard("NameAcquired")
        yield bus
    finally:
        guard.cancel()
        QDBusConnection.disconnectFromBus("remaster test")
        for process in (monitor, daemon):
            process.terminate()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()


def test_the_task_bar_is_told_how_far_an_export_is(bus: Bus, qapp: Any) -> None:
    window = QWidget()
    desktop = Desktop(window, bus.connection)
    desktop.show_progress(0.25)
    said = bus.heard("boolean")
    assert "interface=com.canonical.Unity.LauncherEntry; member=Update" in said
    assert 'string "application://remaster-gui.desktop"' in said
    assert "double 0.25" in said and "boolean true" in said
    desktop.show_progress(0.2501)
    desktop.show_progress(None)
    said = bus.heard("boolean")
    assert said.count("member=Update") == 1, "only what can be seen is sent"
    assert "boolean false" in said


def test_who_works_elsewhere_is_told_what_has_ended(bus: Bus, qapp: Any) -> None:
    window = QWidget()
    desktop = Desktop(window, bus.connection)
    desktop.tell("Export finished", "film.mov is exported.")
    said = bus.heard("film.mov is exported.")
    assert "interface=org.freedesktop.portal.Notification; member=AddNotification" in said


def test_without_a_bus_nothing_fails(qapp: Any) -> None:
    window = QWidget()
    desktop = Desktop(window, QDBusConnection("never connected"))
    desktop.show_progress(0.5)
    desktop.show_progress(None)
    desktop.tell("Export finished", "film.mov is exported.")
