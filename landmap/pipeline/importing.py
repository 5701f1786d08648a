"""The import as a job: files are checked outside the request, and the layer waits staged for whoever publishes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from landmap import render
from landmap.domain import LANGS, Lang, compact_json, read_all_words
from landmap.domain.errors import InvalidValueError, SchemaError
from landmap.ingest import Profile, Report, Rule, StagedLayer, check, profile_of
from landmap.pipeline.at_hand import boundaries_of, load_profile
from landmap.pipeline.beside import beside_of, published_of
from landmap.pipeline.comparing import compare_staged, keep_changes
from landmap.pipeline.patience import patiently
from landmap.pipeline.publishing import stage_layer
from landmap.pipeline.waiting_rows import placeable
from landmap.pipeline.working import Done, Task
from landmap.resources import web_root
from landmap.store import Staged, app_version

REPORT: Final = "report.json"
#: What a payload may say; `layer` must be there.
_WORDS: Final = frozenset(
    {
        "layer",
        "visibility",
        "crs",
        "lang",
        "strict",
        "mode",
        "profile",
        "accept",
        "columns",
        "remember",
        "check_only",
        "reports",
        "by",
    }
)
#: How far the job is when the files are checked, the reports written, the layer staged.
_CHECKED, _REPORTED, _STAGED = 0.8, 0.9, 0.95


def import_files(task: Task) -> Done:
    """Check the input files of a job and stage what can be taken.

    The payload is ``{layer, visibility?, crs?, lang?, strict?, mode?, profile?, accept?}``, each as the option of
    ``landmap import`` of that name, and ``{columns?, remember?, check_only?, reports?, by?}``: what columns are,
    as a profile has it, in place of what was proposed; the name to remember them under; whether nothing is to be
    staged; whether the report is wanted as pages and workbook, and what would change beside it; who brings it.

    The result tells ``app`` (the version of the product that wrote it), ``ok``, ``counts`` of findings by severity,
    ``inputs``, ``staged`` (the layer, or null), ``rows`` and ``sha256`` of what is staged, ``unfit`` (why what was
    accepted cannot be staged in this mode, or null), ``placeable`` (the numbers of rows that wait for a shape and have
    it here) and ``remembered``. The whole report is the file ``report.json``; with ``reports`` it is also there as
    ``report.LANG.json``, ``report.LANG.html``, ``report.LANG.svg`` (its map, where there is one) and ``report.xlsx``,
    and what would change as `keep_changes` writes it.
    """
    wanted = _payload(task.job.payload)
    files = sorted(task.inputs.iterdir()) if task.inputs.is_dir() else []
    if not files:
        raise InvalidValueError("an import needs at least one file")

    def progress(text: str, done: int, total: int) -> None:
        task.report(_CHECKED * done / max(total, 1), text)

    task.report(0.0, "")
    profile = _profile(task, wanted)
    mode = wanted.get("mode", "replace")
    layer, report = check(
        files if len(files) == 1 else [task.inputs],
        wanted["layer"],
        task.home.district(),
        visibility=wanted.get("visibility"),
        declared_crs=wanted.get("crs"),
        progress=progress,
        lang=wanted.get("lang", "zh"),
        profile=profile,
        boundaries=boundaries_of(task.home, wanted["layer"]),
        accept=wanted.get("accept", ()),
        beside=beside_of(task.home, wanted["layer"]),
        published=published_of(task.home, wanted["layer"]) if mode == "update" else None,
        mode=mode,
    )
    (task.room / REPORT).write_text(compact_json(report.as_dict()), encoding="utf-8")
    result: dict[str, Any] = {
        "app": app_version(),
        "ok": report.ok,
        "counts": report.counts(),
        "inputs": [one.as_dict() for one in report.inputs],
        "staged": None,
        "rows": 0 if layer is None else len(layer.frame),
        "sha256": None,
        "unfit": None,
        "placeable": [],
        "remembered": _remembered(task, wanted, report, profile),
    }
    names = [REPORT]
    if wanted.get("reports"):
        task.report(_CHECKED, "reports")
        names += _reports(task, files, wanted, layer, report)
    if layer is not None and not wanted.get("check_only") and (report.ok or not wanted.get("strict")):
        task.report(_REPORTED, "stage")
        result |= _kept(task, layer, wanted, names)
    return Done(result, tuple(names))


def _kept(task: Task, layer: StagedLayer, wanted: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    """Put the layer aside and tell what it would change; one that does not fit its mode is told, not staged."""
    mode = wanted.get("mode", "replace")
    by = wanted.get("by") or task.job.owner

    def aside() -> Staged:
        return stage_layer(task.home, layer, mode=mode, by=by)

    try:
        staged = patiently(task, _REPORTED, aside)
    except SchemaError as error:
        return {"unfit": str(error)}
    told: dict[str, Any] = {"staged": staged.layer, "rows": staged.rows, "sha256": staged.sha256}
    told["placeable"] = list(placeable(task.home, layer))
    if wanted.get("reports"):
        task.report(_STAGED, "compare")
        changes = compare_staged(task.home, staged.layer)
        names += keep_changes(task, changes)
        told["changes"] = changes.counts()
    return told


def _profile(task: Task, wanted: Mapping[str, Any]) -> Profile | None:
    """Return what is remembered of the source, with what the steward says of its columns now."""
    name = wanted.get("profile")
    known = None if name is None else load_profile(task.home, name)
    said = wanted.get("columns")
    if not said:
        return known
    rules = {
        header: Rule(rule.get("field"), rule.get("unit", ""), rule.get("open", False)) for header, rule in said.items()
    }
    before = known or Profile(wanted.get("remember") or "upload", wanted["layer"])
    taken = {rule.field for rule in rules.values() if rule.field is not None}
    # A field has one column: what is said now takes it from the column that had it before.
    kept = {header: rule for header, rule in before.columns.items() if rule.field not in taken}
    return Profile.from_json(replace(before, columns={**kept, **rules}).to_json())


def _remembered(task: Task, wanted: Mapping[str, Any], report: Report, profile: Profile | None) -> str | None:
    """Remember how the columns of the first input were read, where a name is given for it; return the name."""
    name = wanted.get("remember")
    found = next((one for one in report.inputs if one.columns), None)
    if not name or found is None:
        return None
    before = load_profile(task.home, name) if name in task.home.profiles() else None
    if before is not None and before.layer != wanted["layer"]:
        raise InvalidValueError(f"what is remembered as {name!r} is of {before.layer}", hint="choose another name")
    made = profile_of(name, wanted["layer"], found, profile or before)
    patiently(task, _CHECKED, lambda: task.home.save_profile(name, made.to_json().encode()))
    return str(name)


def _reports(
    task: Task, files: Sequence[Path], wanted: Mapping[str, Any], layer: StagedLayer | None, report: Report
) -> list[str]:
    """Write the report as pages in both languages and as the steward's own sheet; return the names."""
    district = task.home.district()
    words = read_all_words(web_root() / "i18n")
    shapes = render.report.Shapes.of(layer, report, district)
    now = dt.datetime.now(ZoneInfo(district.timezone))
    names = []
    for lang in LANGS:
        told = report.told(lang).as_dict()
        drawn = render.report.site_map(shapes, told["findings"], words[lang])
        page = render.report.report_html(told, words[lang], layer=wanted["layer"], shapes=drawn, made=now)
        (task.room / f"report.{lang}.html").write_bytes(page)
        if drawn is not None:
            (task.room / f"report.{lang}.svg").write_text(drawn.svg, encoding="utf-8")
            names.append(f"report.{lang}.svg")
        (task.room / f"report.{lang}.json").write_text(compact_json(told), encoding="utf-8")
        names += [f"report.{lang}.html", f"report.{lang}.json"]
    own: Lang = wanted.get("lang", "zh")
    book = render.report.report_xlsx(report.as_dict(), files, words[own], layer=wanted["layer"])
    (task.room / "report.xlsx").write_bytes(book)
    return [*names, "report.xlsx"]


def _payload(payload: Mapping[str, Any]) -> dict[str, Any]:
    strangers = sorted(set(payload) - _WORDS)
    if strangers or not isinstance(payload.get("layer"), str):
        raise InvalidValueError(f"an import says layer, and perhaps {', '.join(sorted(_WORDS - {'layer'}))}")
    return dict(payload)
