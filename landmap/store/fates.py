"""What became of ids that are no longer in use: each version hands the list to the next, so that none is used twice.

In the manifest, by layer: ``aliases`` of old ids, each ``{to, on, seen_by, version}``, and ``withdrawn`` ids, each
``{reason, on, seen_by, version}``. `seen_by` is the narrowest class that saw the record, `version` the last one that
held it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from landmap.domain import Lang, PolicyClass
from landmap.domain.audience import sees_class

#: What is said of a record that vanished without a word: a delivery did not hold it any more.
_NOT_DELIVERED: Final[Mapping[Lang, str]] = {"zh": "{on}的交付数据中没有", "en": "not in the delivery of {on}"}


@dataclass(frozen=True)
class Fate:
    """What became of one id: it has a successor (`to`), or was withdrawn.

    `on` is the district's date (ISO 8601); `reason` is None for a record that no delivery named any more.
    """

    id: str
    to: str | None
    reason: str | None
    on: str
    seen_by: PolicyClass
    version: str

    def known_to(self, asking: PolicyClass) -> bool:
        """Return whether `asking` could see the record while it was there."""
        return sees_class(asking, self.seen_by)

    def told(self, lang: Lang) -> str:
        """Return the reason in words."""
        return self.reason or _NOT_DELIVERED[lang].format(on=self.on)

    def entry(self) -> dict[str, Any]:
        """Return the fate as the manifest holds it."""
        told = {"on": self.on, "seen_by": self.seen_by.value, "version": self.version}
        return {"reason": self.reason, **told} if self.to is None else {"to": self.to, **told}


def fates_of(manifest: Mapping[str, Any], layer: str) -> dict[str, Fate]:
    """Return what became of every id of a layer that is no longer in use, by id."""
    held = {**manifest["withdrawn"].get(layer, {}), **manifest["aliases"].get(layer, {})}
    return {
        id: Fate(id, entry.get("to"), entry.get("reason"), entry["on"], PolicyClass(entry["seen_by"]), entry["version"])
        for id, entry in held.items()
    }


def fate_of(manifest: Mapping[str, Any], layer: str, id: str) -> Fate | None:
    """Return what became of `id` in the end; None for one that is in use, or was never known.

    An id whose successor was withdrawn counts as withdrawn; whoever could not see both knows of neither.
    """
    fates = fates_of(manifest, layer)
    first = fates.get(id)
    last = None if first is None or first.to is None else fates.get(first.to)
    if first is None or last is None:
        return first
    seen_by = last.seen_by if sees_class(last.seen_by, first.seen_by) else first.seen_by
    return Fate(id, last.to, last.reason, last.on, seen_by, last.version)


def entries_of(fates: Mapping[str, Mapping[str, Fate]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return fates by layer as the manifest's ``aliases`` and ``withdrawn``; layers without any are left out."""
    made: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    for layer, held in sorted(fates.items()):
        for id, fate in sorted(held.items()):
            made[fate.to is None].setdefault(layer, {})[id] = fate.entry()
    return made
