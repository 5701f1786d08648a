"""What waits for its place on the map, as officers and stewards find it: told apart, in no count of records."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import Any, Final

from landmap.domain import Level, layer_named
from landmap.domain.identifiers import number_key
from landmap.store import Home, Unplaced, WaitingRow, unplaced_stamp, waiting

#: Who may know of what is not on the map yet.
LEVEL: Final = Level.OFFICER
#: How many rows an answer names; the others are counted.
NAMED: Final = 5
#: Fields that a row is found by, beside its number.
_TEXTS: Final = ("parcel_name", "building_name", "name", "location_text", "address")
_BLANK: Final = re.compile(r"\s+")


@dataclass
class WaitingRows:
    """The rows that wait in a home, read again when they change; thread-safe."""

    home: Home
    _held: dict[str, tuple[object, Unplaced]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, layer: str) -> Unplaced:
        """Return what waits of a layer; StoreError when its file is damaged."""
        stamp = unplaced_stamp(self.home, layer)
        if not stamp:
            return Unplaced(layer)
        with self._lock:
            held = self._held.get(layer)
            if held is None or held[0] != stamp:
                held = self._held[layer] = (stamp, waiting(self.home, layer))
            return held[1]

    def found(self, layer: str, text: str) -> tuple[WaitingRow, ...]:
        """Return the rows of a layer in which every word of `text` is a part of their number, name or place."""
        wanted = [(_plain(word), "-".join(number_key(word))) for word in text.split()]
        rows = self.of(layer).rows if wanted else ()
        return tuple(one for one in rows if all(_says(one, *word) for word in wanted))


def title_of(row: WaitingRow, layer: str) -> str:
    """Return what a row is called: its name, else its number, else where it stands in its file."""
    name = row.values.get(layer_named(layer).title or "")
    return str(name or row.number or f"{row.source}:{row.row}")


def told(rows: tuple[WaitingRow, ...], layer: str, *, steward: bool) -> dict[str, Any]:
    """Return found rows as a search answer has them; `steward` adds where each is given its place."""
    front = f"/admin/unplaced/{layer}/"
    return {
        "total": len(rows),
        "rows": [
            {
                "number": one.number,
                "title": title_of(one, layer),
                "since": one.since.isoformat(),
                "href": f"{front}{one.ref}" if steward else None,
            }
            for one in rows[:NAMED]
        ],
    }


def _says(row: WaitingRow, plain: str, key: str) -> bool:
    said = _plain(" ".join(str(text) for text in (row.number, *map(row.values.get, _TEXTS)) if text))
    return plain in said or (key != "" and key in row.key)


def _plain(text: str) -> str:
    return _BLANK.sub("", text).casefold()
