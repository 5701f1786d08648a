"""Attachments as a version shows them: whose they are, and whom each is for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from landmap.domain import Lang, PolicyClass

#: Layer and id of a record.
Key = tuple[str, str]


@dataclass(frozen=True)
class Exhibit:
    """One attachment of one record, as it is shown: not who brought it, nor what it was called then.

    `files` names the kept file of each size: a picture by its longest edge in pixels (``"320"``, ``"1280"``,
    ``"2560"``), a document under ``"file"``. `dated` is an ISO date or None, `width` and `height` are those of the
    largest picture.
    """

    id: str
    layer: str
    feature_id: str
    kind: str
    visibility: PolicyClass
    media_type: str
    files: Mapping[str, str]
    width: int | None
    height: int | None
    caption_zh: str
    caption_en: str
    dated: str | None
    source: str

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Self:
        """Return the attachment that an entry of a version describes."""
        told = {name: entry[name] for name in cls.__dataclass_fields__}
        return cls(**{**told, "visibility": PolicyClass(entry["visibility"])})

    @property
    def picture(self) -> bool:
        """Whether it is a picture."""
        return self.width is not None

    def caption(self, lang: Lang) -> str:
        """Return the caption in `lang`, in the other language where there is none, else empty."""
        own, other = (self.caption_zh, self.caption_en) if lang == "zh" else (self.caption_en, self.caption_zh)
        return own or other

    def nearest(self, edge: int) -> str:
        """Return the name of the smallest picture that is at least `edge` pixels long, else of the largest one."""
        sizes = sorted((int(size), name) for size, name in self.files.items() if size.isdigit())
        return next((name for size, name in sizes if size >= edge), sizes[-1][1]) if sizes else self.files["file"]


def by_record(entries: Iterable[Mapping[str, Any]]) -> dict[Key, tuple[Exhibit, ...]]:
    """Return the attachments of each record, in the order they came."""
    found: dict[Key, tuple[Exhibit, ...]] = {}
    for one in map(Exhibit.of, entries):
        found[one.layer, one.feature_id] = (*found.get((one.layer, one.feature_id), ()), one)
    return found
