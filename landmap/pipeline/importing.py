"""The import as a job: files are checked outside the request, and the layer waits staged for whoever publishes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from landmap.domain import compact_json
from landmap.domain.errors import BusyError, InvalidValueError
from landmap.ingest import StagedLayer, check
from landmap.pipeline.at_hand import boundaries_of, load_profile
from landmap.pipeline.beside import beside_of
from landmap.pipeline.publishing import stage_layer
from landmap.pipeline.working import Done, Task
from landmap.store import Staged

REPORT: Final = "report.json"
#: How long a layer waits for another writer to be done before the job fails.
BUSY_WAIT_S: Final = 60.0
_LOOK_EVERY_S: Final = 0.5
#: What a payload may say; `layer` must be there.
_WORDS: Final = frozenset({"layer", "visibility", "crs", "lang", "strict", "mode", "profile", "accept"})


def import_files(task: Task) -> Done:
    """Check the input files of a job and stage what can be taken.

    The payload is ``{layer, visibility?, crs?, lang?, strict?, mode?, profile?, accept?}``, each as the option of
    ``landmap import`` of that name. The result tells ``ok``, ``counts`` of findings by severity, ``inputs``, ``staged``
    (the layer, or null), ``rows`` and ``sha256`` of what is staged; the whole report is the file ``report.json``.
    """
    wanted = _payload(task.job.payload)
    files = sorted(task.inputs.iterdir()) if task.inputs.is_dir() else []
    if not files:
        raise InvalidValueError("an import needs at least one file")

    def progress(text: str, done: int, total: int) -> None:
        task.report(0.95 * done / max(total, 1), text)

    task.report(0.0, "")
    layer, report = check(
        files if len(files) == 1 else [task.inputs],
        wanted["layer"],
        task.home.district(),
        visibility=wanted.get("visibility"),
        declared_crs=wanted.get("crs"),
        progress=progress,
        lang=wanted.get("lang", "zh"),
        profile=None if wanted.get("profile") is None else load_profile(task.home, wanted["profile"]),
        boundaries=boundaries_of(task.home, wanted["layer"]),
        accept=wanted.get("accept", ()),
        beside=beside_of(task.home, wanted["layer"]),
    )
    (task.room / REPORT).write_text(compact_json(report.as_dict()), encoding="utf-8")
    result: dict[str, Any] = {
        "ok": report.ok,
        "counts": report.counts(),
        "inputs": [one.as_dict() for one in report.inputs],
        "staged": None,
        "rows": 0,
        "sha256": None,
    }
    if layer is not None and (report.ok or not wanted.get("strict")):
        task.report(0.97, "stage")
        staged = _staged(task, layer, wanted.get("mode", "replace"))
        result |= {"staged": staged.layer, "rows": staged.rows, "sha256": staged.sha256}
    return Done(result, (REPORT,))


def _staged(task: Task, layer: StagedLayer, mode: Any) -> Staged:
    """Put the layer aside, waiting for a publish under way to end."""
    until = time.monotonic() + BUSY_WAIT_S
    while True:
        try:
            return stage_layer(task.home, layer, mode=mode, by=task.job.owner)
        except BusyError:
            if time.monotonic() > until:
                raise
            task.report(0.97, "busy")
            time.sleep(_LOOK_EVERY_S)


def _payload(payload: Mapping[str, Any]) -> dict[str, Any]:
    strangers = sorted(set(payload) - _WORDS)
    if strangers or not isinstance(payload.get("layer"), str):
        raise InvalidValueError(f"an import says layer, and perhaps {', '.join(sorted(_WORDS - {'layer'}))}")
    return dict(payload)
