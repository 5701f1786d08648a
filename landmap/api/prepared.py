"""What is encoded once of a version: features and tiles of each layer, and which records a query chooses.

It lives as long as the catalog it was made from, and is kept by policy class: what one class may see never stands in
an answer to another.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from weakref import WeakKeyDictionary

from landmap.domain import PolicyClass
from landmap.query import Catalog
from landmap.render import Fragments, Recent, tiles

#: How many choices of a layer are kept: a map asks for all tiles of a view with one.
CHOICES_MAX: Final = 64
#: Bytes of packed tiles kept of a layer.
PACKED_MAX: Final = 32 * 2**20


@dataclass(frozen=True, slots=True)
class Choice:
    """Which records a query string asks for: those of `bitmap`, or all without one.

    `tag` tells it from every other choice; `lasting` says that its address names the version, so that the answer never
    changes.
    """

    tag: str
    bitmap: bytes | None
    lasting: bool


@dataclass(frozen=True, eq=False)
class Prepared:
    """A layer as one policy class sees it, ready to be spliced."""

    tiles: tiles.TileLayer
    choices: Recent[Choice] = field(default_factory=lambda: Recent(CHOICES_MAX))
    packed: Recent[bytes] = field(default_factory=lambda: Recent(PACKED_MAX, len))

    def packed_once(self, key: Hashable, pack: Callable[[], bytes]) -> bytes:
        """Return what `pack` makes, kept under `key`."""
        found = self.packed.get(key)
        if found is None:
            found = pack()
            self.packed.put(key, found)
        return found

    @cached_property
    def fragments(self) -> Fragments:
        """Its features as GeoJSON."""
        return Fragments(self.tiles.source.shapes)


@dataclass(frozen=True)
class Preparations:
    """Everything prepared, by catalog; thread-safe."""

    _kept: WeakKeyDictionary[Catalog, dict[Any, Prepared]] = field(default_factory=WeakKeyDictionary)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def held(self, catalog: Catalog, layer: str, asking: PolicyClass) -> Prepared | None:
        """Return what is prepared already."""
        return self._kept.get(catalog, {}).get((layer, asking))

    def of(self, catalog: Catalog, layer: str, asking: PolicyClass) -> Prepared:
        """Return a collection prepared for a policy class; of a layer that is not there, NotFoundError."""
        return self._once(catalog, (layer, asking), lambda: tiles.table_source(catalog.table(layer, asking)))

    def basemap(self, catalog: Catalog, asking: PolicyClass) -> Prepared | None:
        """Return the district's own basemap; None when it has none."""
        drawn = catalog.basemap()
        if drawn is None:
            return None
        key = (tiles.BASEMAP_LAYER, asking)
        return self._once(catalog, key, lambda: tiles.basemap_source(drawn["features"]))

    def _once(self, catalog: Catalog, key: tuple[str, PolicyClass], make: Callable[[], tiles.Source]) -> Prepared:
        with self._lock:
            kept = self._kept.setdefault(catalog, {})
            if key not in kept:
                kept[key] = Prepared(tiles.TileLayer(make()))
            return kept[key]
