"""The records that a layer has already: which of them a row means, and what stays as it is where the row is silent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from landmap.domain import Kind, Layer, crs, layer_named
from landmap.ingest.arrange import cell_of
from landmap.ingest.defaults import UNSTATED
from landmap.ingest.faults import Fault
from landmap.ingest.ledger.numbers import Key, key_text, number_field, number_text, same
from landmap.ingest.readers.raw import object_array

#: A point that stands for a parcel may lie so far off its outline. Mark: own, an address or a gate, not the next block.
FAR_M: Final = 200.0

Places = NDArray[np.intp]
Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class Known:
    """The records of `layer` as they are, a canonical frame; a place is the number of one, -1 for none."""

    layer: Layer
    frame: pd.DataFrame

    @cached_property
    def _numbers(self) -> Mapping[Key, str | None]:
        """The ids by number; None for a number that several records have."""
        found: dict[Key, str | None] = {}
        texts = map(number_text, self.frame[number_field(self.layer)])
        for text, id in zip(texts, self.frame[self.layer.id_field], strict=True):
            if text is not None:
                key = same(text)
                found[key] = None if key in found else str(id)
        return found

    @cached_property
    def _keys(self) -> pd.Index[Any]:
        return pd.Index(object_array(_texts([self.frame[name].tolist() for name in self.layer.key])))

    def id_of(self, number: str | None) -> str | None:
        """Return the one record that has a number, whatever its spelling; None for none or several."""
        return None if number is None else self._numbers.get(same(number))

    def record(self, id: str | None, number: str | None) -> str | None:
        """Return the id of the record that a row means, by its own id before its number; None for none."""
        return id if id is not None and id in self._keys else self.id_of(number)

    def shape(self, id: str) -> Any:
        """Return the shape of a record; None where it has none."""
        return self.frame["geometry"].iloc[self._keys.get_loc(id)]

    def name(self, columns: dict[str, list[Any]], rows: Sequence[int], code: str) -> list[Fault]:
        """Fill the ids of rows that give a number and no id, in place; one made of `code` and the number is none."""
        field, layer = number_field(self.layer), self.layer
        numbers = columns.get(field)
        if numbers is None or field == layer.id_field or len(layer.key) > 1:
            return []
        ids = columns.setdefault(layer.id_field, [None] * len(rows))
        found = [
            self.id_of(number_text(number))
            if id is None or (id == f"{code}-{number}" and id not in self._keys)
            else None
            for id, number in zip(ids, numbers, strict=True)
        ]
        count = sum(id is not None for id in found)
        columns[layer.id_field] = [id if made is None else made for id, made in zip(ids, found, strict=True)]
        return [Fault("key_found", field=layer.id_field, value=count, words={"count": count})] if count else []

    def places(self, columns: Mapping[str, Sequence[Any]], count: int) -> Places:
        """Return the place of the record that each of `count` rows means, by its key."""
        keys = [columns.get(name) or [None] * count for name in self.layer.key]
        return np.asarray(self._keys.get_indexer(pd.Index(object_array(_texts(keys)))), dtype=np.intp)

    def strange(self, columns: Mapping[str, Sequence[Any]], places: Places, rows: Sequence[int]) -> list[Fault]:
        """Return a fault for every row whose key no record has; one without a key is told elsewhere."""
        keys = [columns.get(name) or [None] * len(rows) for name in self.layer.key]
        texts = _texts(keys)
        lost = [index for index in np.flatnonzero(places < 0).tolist() if texts[index] is not None]
        return [Fault("update_unknown", rows[index], self.layer.key[-1], texts[index]) for index in lost]

    def without_points(self, geometry: Shapes, places: Places, rows: Sequence[int]) -> tuple[Shapes, list[Fault]]:
        """Return geometries, EPSG:4490, without the points that only stand for an outline; it stays as it is."""
        pointed = shapely.get_dimensions(geometry) == 0
        if {"Point", "MultiPoint"} & set(self.layer.geometry) or not pointed.any():
            return geometry, []
        left = geometry.copy()
        left[pointed] = None
        faults = [Fault("shape_stays", rows[index], "geometry", "Point") for index in np.flatnonzero(pointed).tolist()]
        return left, faults + self._far(geometry, np.flatnonzero(pointed & (places >= 0)), places, rows)

    def _far(self, points: Shapes, which: Places, places: Places, rows: Sequence[int]) -> list[Fault]:
        """Return a fault for each of some points that lies far off the record it stands for."""
        if not len(which):
            return []
        there = np.asarray(self.frame["geometry"], dtype=object)[places[which]]
        centre = float(np.mean(shapely.bounds(points[which])[:, 0]))
        metres = shapely.distance(crs.local_metres(points[which], centre), crs.local_metres(there, centre))
        return [
            Fault("point_off_record", rows[index], "geometry", None, {"metres": f"{far:,.0f}"})
            for index, far in zip(which.tolist(), metres.tolist(), strict=True)
            if far > FAR_M
        ]

    def stay(self, columns: dict[str, list[Any]], places: Places) -> None:
        """Fill what every record must have and the rows leave open with what the records say, in place."""
        for name, field in self.layer.fields.items():
            if field.kind in (Kind.GEOMETRY, Kind.JSON) or field.derived or name in self.layer.key:
                continue
            if field.nullable and name not in UNSTATED:
                continue
            given = columns.get(name) or [None] * len(places)
            held = self.frame[name].tolist()
            columns[name] = [
                cell_of(held[place], field.kind) if value is None and place >= 0 else value
                for value, place in zip(given, places.tolist(), strict=True)
            ]


def number_keys(frame: pd.DataFrame, layer: str) -> frozenset[str]:
    """Return what all spellings of the numbers in a canonical frame share, one text for each."""
    texts = map(number_text, frame[number_field(layer_named(layer))])
    return frozenset(key_text(text) for text in texts if text is not None)


def _texts(keys: Sequence[Sequence[Any]]) -> list[str | None]:
    """Return one text per record of its key; None where a part of it is unknown."""
    return [None if None in key else " / ".join(map(str, key)) for key in zip(*keys, strict=True)]
