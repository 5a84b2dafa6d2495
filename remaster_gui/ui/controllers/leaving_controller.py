"""Quitting: what would be stopped or lost by it is asked about first."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QAbstractButton, QMessageBox

from remaster_gui.base.counting import counted
from remaster_gui.base.language import tr
from remaster_gui.engine.export_list import ExportJob
from remaster_gui.ui.controllers.export_controller import ExportController
from remaster_gui.ui.controllers.opening_controller import OpeningController
from remaster_gui.ui.editor_widgets import EditorWidgets


class LeavingController(QObject):
    """Knows whether the window may be closed."""

    def __init__(
        self,
        widgets: EditorWidgets,
        opening: OpeningController,
        exports: ExportController,
        save_as: Callable[[], None],
    ) -> None:
        """`save_as` asks where the project is to go on."""
        super().__init__(widgets)
        self._window, self._opening, self._exports = widgets.window, opening, exports
        self._save_as = save_as
        self._may_stop_exports = False
        self._is_leaving = False
        opening.kept_open.connect(self._on_kept_open)

    def may_leave(self) -> bool:
        """Whether the window may be closed now, its film being saved and closed; where not, the user is asked."""
        under_way = [job for job in self._exports.service.jobs if job.state in ("running", "waiting")]
        if under_way and not self._may_stop_exports:
            self._ask_about(under_way)
            return False
        self._is_leaving = True
        try:
            return self._opening.close()
        finally:
            self._is_leaving = False

    def leave(self, *, discard: bool = False) -> None:
        """Close the window; exports are not asked about and go on the next time; `discard`: nor about the project."""
        self._may_stop_exports = True
        if discard:
            self._opening.close(discard=True)
        self._window.close()

    def _ask_about(self, jobs: list[ExportJob]) -> None:
        first = jobs[0]
        what = (
            tr(
                "{output} is being exported: {done} of {frames} are done.",
                output=first.output.name,
                done=first.done,
                frames=counted(first.total, "frame"),
            )
            if len(jobs) == 1
            else tr("{exports} are under way or waiting.", exports=counted(len(jobs), "export"))
        )
        more = (
            tr("It stops here, and can go on where it was the next time.")
            if len(jobs) == 1
            else tr("They stop here, and can go on where they were the next time.")
        )
        box = self._question(what, more)
        quit_ = box.addButton(tr("Quit"), QMessageBox.ButtonRole.AcceptRole)
        self._open(box, {quit_: self.leave})

    def _on_kept_open(self, sentence: str) -> None:
        if not self._is_leaving:
            return
        box = self._question(sentence, tr("What has been done since the last save is lost if you quit now."))
        save = box.addButton(tr("Save as…"), QMessageBox.ButtonRole.ActionRole)
        quit_ = box.addButton(tr("Quit without saving"), QMessageBox.ButtonRole.DestructiveRole)
        self._open(box, {save: self._save_as, quit_: lambda: self.leave(discard=True)})

    def _question(self, text: str, more: str) -> QMessageBox:
        box = QMessageBox(QMessageBox.Icon.Question, tr("Quit Remaster?"), text, parent=self._window)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setInformativeText(more)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return box

    def _open(self, box: QMessageBox, answers: dict[QAbstractButton, Callable[[], None]]) -> None:
        stay = box.addButton(tr("Go on working"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)
        box.setEscapeButton(stay)

        def answered(button: QAbstractButton) -> None:
            # The box has gone before another dialog or the end of the window comes.
            box.hide()
            answer = answers.get(button)
            if answer is not None:
                answer()

        box.buttonClicked.connect(answered)
        box.open()
