"""A planned render as an Open Job Description: what a studio's own scheduler runs."""

from __future__ import annotations

import json

from remaster_gui.base.files import printable
from remaster_gui.engine.render_job import RenderJob

_LONGEST_NAME = 64

_TEMPLATE = """\
specificationVersion: jobtemplate-2023-09
name: {name}
parameterDefinitions:
  - name: Folder
    type: PATH
    objectType: DIRECTORY
    dataFlow: INOUT
    description: The work folder of the render, which lies beside its output and which all machines see.
  - name: Program
    type: STRING
    default: remaster-gui
    description: How machines start the program, the same version on all of them.
steps:
  - name: Parts
    parameterSpace:
      taskParameterDefinitions:
        - name: Part
          type: INT
          range: "{numbers}"
{requirements}    script:
      actions:
        onRun:
          command: "{{{{Param.Program}}}}"
          args: ["part", "{{{{Param.Folder}}}}", "{{{{Task.Param.Part}}}}"]
  - name: Assemble
    dependencies:
      - dependsOn: Parts
    script:
      actions:
        onRun:
          command: "{{{{Param.Program}}}}"
          args: ["assemble", "{{{{Param.Folder}}}}"]
"""
_CARD = """\
    hostRequirements:
      amounts:
        - name: amount.worker.gpu
          min: 1
"""


def job_template(job: RenderJob) -> str:
    """Return the template (YAML) whose tasks are the parts of a job, and whose last step joins them.

    The work folder is a parameter without a default, so that schedulers map it to where each machine sees it.
    """
    last = len(job.parts) - 1
    shown = "".join(letter for letter in printable(job.output) if letter.isprintable() and letter not in "{}")
    return _TEMPLATE.format(
        name=json.dumps(f"Remaster {shown}"[:_LONGEST_NAME], ensure_ascii=False),
        numbers=f"0-{last}" if last else "0",
        requirements=_CARD if job.device == "cuda" else "",
    )
