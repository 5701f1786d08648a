"""The attachments of a record in words: what page, detail and brief say beside each picture and document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from landmap.domain import PolicyClass, Words
from landmap.query import Exhibit
from landmap.render import numbers, values

#: Kinds that are drawn: cutting them to fill a frame would take part of them away.
DRAWN: Final = frozenset({"plan"})


@dataclass(frozen=True, slots=True)
class Picture:
    """One attachment in words.

    `label` names its kind, `caption` is empty where nobody wrote one, `note` tells the day and the source, `alt` what
    stands for a picture that is not seen, `restricted` whom it is for when it is not for everybody.
    """

    exhibit: Exhibit
    label: str
    caption: str
    note: str
    alt: str
    restricted: str

    @property
    def drawn(self) -> bool:
        """Whether it must be shown whole."""
        return self.exhibit.kind in DRAWN

    def as_dict(self, address: Callable[[str], str]) -> dict[str, Any]:
        """Return the attachment as a sheet states it, smaller files first; `address` leads to a kept file."""
        ordered = sorted(self.exhibit.files.items(), key=lambda one: (len(one[0]), one[0]))
        files: Mapping[str, str] = {size: address(name) for size, name in ordered}
        return {
            "kind": self.exhibit.kind,
            "label": self.label,
            "caption": self.caption,
            "note": self.note,
            "alt": self.alt,
            "restricted": self.restricted,
            "drawn": self.drawn,
            "media_type": self.exhibit.media_type,
            "width": self.exhibit.width,
            "height": self.exhibit.height,
            "files": files,
        }


def album(exhibits: Iterable[Exhibit], title: str, words: Words) -> tuple[Picture, ...]:
    """Return attachments in words, photos before plans before documents and otherwise in the order they came.

    Parameters
    ----------
    exhibits : iterable of Exhibit
        Those that may be shown.
    title : str
        What the record is called.
    words : Words
    """
    ordered = sorted(exhibits, key=lambda one: (not one.picture, one.kind in DRAWN))
    return tuple(_picture(one, title, words) for one in ordered)


def _picture(one: Exhibit, title: str, words: Words) -> Picture:
    label, caption = values.code_text("attachment_kind", one.kind, words.lang), one.caption(words.lang)
    day = None if one.dated is None else numbers.day(one.dated, words.lang)
    note = " · ".join(text for text in (day, one.source) if text)
    restricted = "" if one.visibility is PolicyClass.PUBLIC else words(f"album.{one.visibility.value}")
    return Picture(one, label, caption, note, caption or words("album.alt", kind=label, title=title), restricted)
