"""What would change, or did: compared outside the request, kept as data and as a small map."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

from landmap import render
from landmap.domain import LANGS, compact_json, layer_named, read_all_words
from landmap.domain.errors import NotFoundError
from landmap.pipeline.folding import Effect, effects_of
from landmap.pipeline.working import Done, Task
from landmap.resources import web_root
from landmap.store import Home, LayerDiff, Staged, app_version, diff, diff_staged, open_current, open_version, staged

CHANGES: Final = "changes.json"
#: So many added, and so many changed, records of a layer are listed; their counts are always those of all.
LISTED: Final = 5_000


@dataclass(frozen=True)
class Changes:
    """What changes from one state to another.

    `before` is the version that is compared with, None when there is none; `after` the other version, None for what is
    staged. `effects` are the edits in force that the delivery does not simply go along with.
    """

    before: str | None
    after: str | None
    diffs: tuple[LayerDiff, ...]
    effects: tuple[Effect, ...] = ()
    sha256: str | None = None

    def counts(self) -> dict[str, int]:
        """Return how many records are added, changed, removed and renumbered."""
        kinds = ("added", "changed", "removed", "renumbered", "proposed")
        return {kind: sum(len(getattr(one, kind)) for one in self.diffs) for kind in kinds}

    def as_dict(self) -> dict[str, Any]:
        """Return the changes as JSON-ready values, without the shapes.

        Of every layer the first `LISTED` added and changed records are listed, and all that go; ``counts`` and
        ``fields`` (in how many records a field changes, and in how many of those its value is lost) are of all.
        """
        return {
            "before": self.before,
            "after": self.after,
            "sha256": self.sha256,
            "layers": [_told(one) for one in self.diffs],
            "effects": [one.as_dict() for one in self.effects],
        }


def compare(task: Task) -> Done:
    """Tell what changes, as a job.

    The payload is ``{layer, sha256}`` for what is staged, or ``{before, after}`` for two versions. The result has
    ``changes``, the counts, and ``app``, the version of the product that wrote it; the rest is as `keep_changes` writes
    it.
    """
    given = task.job.payload
    task.report(0.1, "compare")
    if "before" in given:
        changes = compare_versions(task.home, str(given["before"]), str(given["after"]))
    else:
        held = staged_as(task.home, str(given.get("layer")), str(given.get("sha256")))
        changes = compare_staged(task.home, held.layer)
    task.report(0.7, "map")
    names = keep_changes(task, changes)
    return Done({"app": app_version(), "changes": changes.counts(), "sha256": changes.sha256}, tuple(names))


def compare_staged(home: Home, layer: str) -> Changes:
    """Return what publishing a staged layer would change; raise as `landmap.store.diff_staged`."""
    held = staged(home)[layer]
    found = diff_staged(home, layer)
    return Changes(home.current_id() or None, None, (found,), effects_of(home, {layer: held.delivery()}), held.sha256)


def compare_versions(home: Home, before: str, after: str) -> Changes:
    """Return what changed from one version to another; raise as `landmap.store.open_version`."""
    found = diff(open_version(home, before), open_version(home, after))
    return Changes(found.before, found.after, tuple(found.layers.values()))


def keep_changes(task: Task, changes: Changes) -> list[str]:
    """Write ``changes.json`` and, where something has a place, ``changes.LANG.svg`` into the room; return the names."""
    (task.room / CHANGES).write_text(compact_json(changes.as_dict()), encoding="utf-8")
    names = [CHANGES]
    spatial = [one for one in changes.diffs if layer_named(one.layer).spatial]
    standing = _standing(task.home, changes, spatial)
    words = read_all_words(web_root() / "i18n")
    for lang in LANGS:
        drawn = render.report.change_map(spatial, standing, task.home.district(), words[lang])
        if drawn:
            (task.room / f"changes.{lang}.svg").write_text(drawn, encoding="utf-8")
            names.append(f"changes.{lang}.svg")
    return names


def _told(diff: LayerDiff) -> dict[str, Any]:
    fields: dict[str, list[int]] = {}
    for values in diff.changed.values():
        for name, (_, after) in values.items():
            told = fields.setdefault(name, [0, 0])
            told[0] += 1
            told[1] += after is None
    few = replace(diff, added=diff.added[:LISTED], changed=dict(islice(diff.changed.items(), LISTED)))
    counts = {kind: len(getattr(diff, kind)) for kind in ("added", "changed", "removed", "renumbered")}
    return few.as_dict() | {"counts": counts, "fields": fields}


def staged_as(home: Home, layer: str, sha256: str) -> Staged:
    """Return what is staged of a layer, when it still is what was looked at.

    Raises
    ------
    NotFoundError
        When nothing of the layer is staged any more, or something else is.
    """
    held = staged(home).get(layer)
    if held is None or held.sha256 != sha256:
        raise NotFoundError(
            f"what was staged of {layer} is not there any more: it was published, or another import took its place",
            hint="import the files again",
        )
    return held


def _standing(home: Home, changes: Changes, diffs: list[LayerDiff]) -> list[Any]:
    """Return the shapes of the changed layers as they stand before."""
    if changes.before is None:
        return []
    base = open_version(home, changes.before) if changes.after is not None else open_current(home)
    names = [one.layer for one in diffs if one.layer in base.layers]
    return [shape for name in names for shape in base.table(name).columns["geometry"]]
