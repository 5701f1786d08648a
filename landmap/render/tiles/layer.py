"""The tiles of one layer for one policy class: each made at its first use, kept, and spliced for every filter."""

from __future__ import annotations

import threading
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from landmap.domain import deadline
from landmap.query import Ordinals
from landmap.render.recent import Recent
from landmap.render.tiles.clip import clipped
from landmap.render.tiles.commands import drawn
from landmap.render.tiles.grid import WORLD_BITS, TileAddress, Whole
from landmap.render.tiles.index import Index
from landmap.render.tiles.paths import spans
from landmap.render.tiles.source import Source
from landmap.render.tiles.tile import Tile, fragments, head_of, tail_of

MEDIA_TYPE: Final = "application/vnd.mapbox-vector-tile"
#: Bytes of tiles kept of one layer; the ones not asked for longest go first.
CAPACITY: Final = 64 * 2**20
#: Of so many values it is quicker to mark which occur than to sort those that do.
_FEW_VALUES: Final = 4096


class TileLayer:
    """The tiles of a source; thread-safe.

    Parameters
    ----------
    source : Source
    capacity : int
        Bytes of tiles kept.
    """

    def __init__(self, source: Source, capacity: int = CAPACITY) -> None:
        self.source = source
        self._head = head_of(source.name)
        self._held: Recent[Tile] = Recent(capacity, lambda tile: tile.size)
        self._index: Index | None = None
        self._making = threading.Lock()

    @property
    def index(self) -> Index:
        """Where everything lies; made once, whoever asks together."""
        with self._making:
            if self._index is None:
                self._index = Index.of(self.source.shapes)
            return self._index

    @cached_property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north of everything, degrees; None when nothing has a shape."""
        if not len(self.index.paths.features):
            return None
        west, south, east, north = map(float, shapely.total_bounds(self.source.shapes))
        return west, south, east, north

    def span(self, zoom: int) -> tuple[int, int, int, int] | None:
        """Return the first and last tiles of a zoom that something lies in: columns from the west, rows from the north.

        West, north, east, south; None when nothing has a shape.
        """
        blocks = self.index.blocks
        if self.bounds is None:
            return None
        corners = (*blocks[:, :2].min(axis=0).tolist(), *blocks[:, 2:].max(axis=0).tolist())
        west, north, east, south = (corner >> WORLD_BITS - zoom for corner in corners)
        return west, north, east, south

    def held(self, address: TileAddress) -> Tile | None:
        """Return a tile that is kept; None for one that has yet to be made."""
        return self._held.get(address)

    def tile(self, address: TileAddress) -> Tile:
        """Return a tile, empty where nothing lies."""
        tile = self.held(address)
        if tile is None:
            deadline.check()
            tile = self._made(address)
            self._held.put(address, tile)
        return tile

    def _made(self, address: TileAddress) -> Tile:
        rows, large = self.index.inside(address)
        owners, kinds, counts, places = self.index.local(rows[~large], address)
        if large.any():
            cut = clipped(self.source.shapes[rows[large]], address)
            owners = np.concatenate([owners, rows[large][cut.features]])
            kinds, lengths = np.concatenate([kinds, cut.kinds]), np.concatenate([counts, np.diff(cut.starts)])
            places = np.concatenate([places, cut.places])
            order = np.argsort(owners, kind="stable")
            places = places[spans((np.cumsum(lengths) - lengths)[order], lengths[order])]
            owners, kinds, counts = owners[order], kinds[order], lengths[order]
        if not len(owners):
            return Tile(np.zeros(0, dtype=np.uint32), b"", np.zeros(1, dtype=np.int64), self._head, b"")
        shown = owners[np.flatnonzero(np.diff(owners, prepend=-1))].astype(np.uint32)
        tags, tail = self._tags(shown, address.z)
        body, ends = fragments(shown, tags, drawn(owners, kinds, counts, places))
        return Tile(shown, body, ends, self._head, tail)

    def _tags(self, rows: Ordinals, zoom: int) -> tuple[npt.NDArray[np.int64], bytes]:
        """Return the tags of some records, and the tail they count in, where only values that occur stand."""
        columns = [column for column in self.source.columns if column.since <= zoom]
        tags: Whole = np.full((len(rows), len(columns)), -1, dtype=np.int64)
        values: list[str | int] = []
        for place, column in enumerate(columns):
            codes = column.codes[rows]
            known = codes >= 0
            present, positions = _occurring(codes[known], len(column.values))
            tags[known, place] = positions + len(values)
            values += [column.values[code] for code in present.tolist()]
        return tags, tail_of([column.key for column in columns], values)


def _occurring(codes: Whole, size: int) -> tuple[Whole, Whole]:
    """Return the codes below `size` that occur, ascending, and the position among them of each one given."""
    if size > _FEW_VALUES:
        present, positions = np.unique(codes, return_inverse=True)
        return present, positions
    seen = np.zeros(size, dtype=np.bool_)
    seen[codes] = True
    return np.flatnonzero(seen), (np.cumsum(seen) - 1)[codes]
