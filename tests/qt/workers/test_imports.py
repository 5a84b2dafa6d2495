"""What the main window imports of this room must not load torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import remaster_gui.workers

MODULES = sorted(path.stem for path in Path(remaster_gui.workers.__file__).parent.glob("[a-z]*.py"))


def test_no_worker_module_loads_torch_or_widgets() -> None:
    imports = "; ".join(f"import remaster_gui.workers.{name}" for name in MODULES)
    code = f"import sys; {imports}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "PySide6.QtCore" in run.stdout.split()
    assert {"torch", "PySide6.QtWidgets"} & set(run.stdout.split()) == set()
