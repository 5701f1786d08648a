"""What has a name on the map: subdistricts, areas, roads, facilities, and the numbers of records.

Drawn from what the audience sees, so a hidden record has no name and no number here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Any, Final

import numpy as np

from landmap.domain import District, Table
from landmap.domain.identifiers import number_key
from landmap.query.phrase.lexicon import Lexicon, Sense

#: A road as locations name it: 枣山路以东.
_ROAD: Final = re.compile(r"([^\s，、,;；。（）()]{2,12}?(?:路|街|道|巷))以[东南西北]")
#: The kinds of lines of the basemap that are roads.
_ROADS: Final = ("road_major", "road_minor", "expressway")
#: The columns that hold a record's own numbers.
NUMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "parcels": ("parcel_no", "cadastral_parcel_code"),
    "buildings": (),
}
#: The columns in which a road stands.
_LOCATIONS: Final = {"parcels": "location_text", "buildings": "address"}
#: How many different locations are read for roads; a basemap names them all.
LOCATIONS_MAX: Final = 200_000
#: What names come from, by layer; the geometry tells that an area can be asked for.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "parcels": ("parcel_no", "cadastral_parcel_code", "subdistrict", "park_name", "location_text"),
    "buildings": ("address",),
    "facilities": ("name",),
    "districts": ("district_code", "name", "geometry"),
}


class Places:
    """The names and numbers of one layer, as one policy class sees them.

    Parameters
    ----------
    layer : str
    tables : mapping of str to Table
        What the class sees of the layer, of districts and of facilities.
    basemap : mapping or None
        GeoJSON; its roads are named in two languages.
    district : District
    criteria : collection of str
        Names of the criteria on offer.
    """

    def __init__(
        self,
        layer: str,
        tables: Mapping[str, Table],
        basemap: Mapping[str, Any] | None,
        district: District,
        criteria: Collection[str],
    ) -> None:
        self.layer = layer
        self.district = district
        self._tables = tables
        self._basemap = basemap or {}
        self._criteria = criteria

    @cached_property
    def lexicon(self) -> Lexicon:
        """Every name with what it may ask for."""
        made = Lexicon()
        for name, sense in self.named:
            made.add(name, sense)
        return made

    @cached_property
    def named(self) -> tuple[tuple[str, Sense], ...]:
        """Every name on the map with what it asks for, the surest meaning of a name first."""
        return tuple(dict.fromkeys(self._named()))

    def _named(self) -> Iterator[tuple[str, Sense]]:
        for name in (self.district.name_zh, self.district.name_en):
            yield name, Sense("filler")
        for criterion, column in (("subdistrict", "subdistrict"), ("park", "park_name")):
            if criterion in self._criteria:
                yield from ((name, Sense("value", criterion, name)) for name in self._texts(self.layer, column))
        yield from self._areas()
        yield from ((spelt, Sense("value", "q", road)) for spelt, road in self._roads())
        yield from ((name, Sense("place", "name")) for name in self._texts("facilities", "name"))

    def _areas(self) -> Iterator[tuple[str, Sense]]:
        table = self._tables.get("districts")
        if table is None or "within" not in self._criteria:
            return
        for code, name, shape in zip(table["district_code"], table["name"], table["geometry"], strict=True):
            if name is not None and shape is not None and code != self.district.code:
                yield name, Sense("value", "within", code)

    def _roads(self) -> Iterator[tuple[str, str]]:
        """Yield every road: a name it goes by, and the name that stands in locations."""
        for feature in self._basemap.get("features", ()):
            properties = feature.get("properties") or {}
            name = properties.get("name")
            if name and properties.get("kind") in _ROADS:
                yield name, name
                if properties.get("name_en"):
                    yield properties["name_en"], name
        for location in islice(self._texts(self.layer, _LOCATIONS.get(self.layer, "")), LOCATIONS_MAX):
            yield from ((road, road) for road in _ROAD.findall(location))

    def numbered(self, word: str) -> str | None:
        """Return the number on file that `word` spells, whatever its width, case, dashes and leading zeros."""
        key = number_key(word)
        if not (any(part.isdecimal() for part in key) and any(not part.isdecimal() for part in key)):
            return None
        hashes, texts = self._numbers
        at = int(np.searchsorted(hashes, _hash(key)))
        while at < len(hashes) and hashes[at] == _hash(key):
            if number_key(texts[at]) == key:
                return str(texts[at])
            at += 1
        return None

    @cached_property
    def _numbers(self) -> tuple[np.ndarray[Any, np.dtype[np.int64]], np.ndarray[Any, np.dtype[np.object_]]]:
        """The numbers of the records by the hash of what makes two spellings the same, ascending."""
        texts = [text for column in NUMBERS.get(self.layer, ()) for text in self._texts(self.layer, column)]
        hashes = np.array([_hash(number_key(text)) for text in texts], dtype=np.int64)
        order = np.argsort(hashes, kind="stable")
        return hashes[order], np.array(texts, dtype=object)[order]

    def _texts(self, layer: str, column: str) -> Iterable[str]:
        table = self._tables.get(layer)
        if table is None or column not in table.columns:
            return ()
        return dict.fromkeys(text for text in table[column] if text is not None)


def _hash(key: tuple[str, ...]) -> int:
    return hash(key)
