"""Records for pages of the steward: found by number or name, named as a reader knows them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from landmap.api.held import keys_of
from landmap.domain import Layer, Table, Words, layer_named
from landmap.query import Catalog

#: Fields beside key and title that people know a record by.
_KNOWN_BY: Final = ("parcel_no", "building_id", "unit_no", "location_text", "address")


@dataclass(frozen=True)
class Named:
    """One record: its key, and what people call it."""

    layer: str
    id: str
    title: str
    layer_label: str


def named(catalog: Catalog, layer: str, id: str, words: Words) -> Named:
    """Return a record's names; one that is not there is called by its number."""
    target = layer_named(layer)
    table = catalog.tables.get(layer)
    rows = [] if table is None else (keys_of(table) == id).nonzero()[0]
    title = "" if table is None or not len(rows) else _title(table, int(rows[0]))
    return Named(layer, id, title or id, target.label(words.lang))


def found(catalog: Catalog, layer: Layer, text: str, words: Words, *, most: int = 40) -> list[Named]:
    """Return the records of a layer that hold every word of `text` in number, name or address, the first `most`."""
    table = catalog.tables.get(layer.name)
    wanted = [_plain(word) for word in text.split()]
    if table is None or not wanted:
        return []
    hits = sorted(_hits(table, wanted), key=lambda hit: hit[1])[:most]
    return [Named(layer.name, id, _title(table, row) or id, layer.label(words.lang)) for row, id in hits]


def _hits(table: Table, wanted: list[str]) -> Iterator[tuple[int, str]]:
    names = [name for name in (table.layer.title, *_KNOWN_BY) if name is not None and name in table.columns]
    for row, id in enumerate(keys_of(table)):
        said = _plain(" ".join([id, *(str(table[name][row] or "") for name in names)]))
        if all(word in said for word in wanted):
            yield row, str(id)


def _title(table: Table, row: int) -> str:
    """Return what a record is called: its title, or for what lies in a building its floor and room."""
    if table.layer.title is not None:
        return str(table[table.layer.title][row] or "")
    names = [name for name in ("floor_label", "unit_no") if name in table.columns]
    return " ".join(str(table[name][row]) for name in names if table[name][row])


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()
