"""A strict reader of vector tiles, written from the specification alone: whatever it forbids is a `MalformedError`.

Source: Mapbox Vector Tile Specification 2.1; Protocol Buffers encoding.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry

POINT, LINE, POLYGON = 1, 2, 3


class MalformedError(Exception):
    """The tile breaks the specification."""


@dataclass
class Feature:
    """One feature: `commands` are its geometry as it is coded."""

    type: int
    commands: list[int]
    tags: list[int]
    id: int | None = None
    properties: dict[str, Any] = field(default_factory=dict)

    @property
    def geometry(self) -> BaseGeometry:
        """The shape in units of the tile, rows counted from the north."""
        return _shape(self.type, _drawn(self.type, self.commands))


@dataclass
class Layer:
    """One layer."""

    name: str
    version: int
    extent: int
    keys: list[str]
    values: list[Any]
    features: list[Feature]


def read(body: bytes) -> list[Layer]:
    """Return the layers of a tile."""
    layers = []
    for number, wire, value in _fields(body):
        if (number, wire) != (3, 2):
            raise MalformedError(f"a tile has no field {number}")
        layers.append(_layer(value))
    if len({layer.name for layer in layers}) < len(layers):
        raise MalformedError("two layers have one name")
    return layers


def _fields(body: bytes) -> Iterator[tuple[int, int, Any]]:
    at = 0
    while at < len(body):
        key, at = _varint(body, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value: Any
            value, at = _varint(body, at)
        elif wire == 2:
            size, at = _varint(body, at)
            value, at = body[at : at + size], at + size
            if len(value) < size:
                raise MalformedError("a field ends after its message")
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
            value, at = body[at : at + size], at + size
        else:
            raise MalformedError(f"there is no wire type {wire}")
        yield number, wire, value


def _varint(body: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(body):
            raise MalformedError("a number ends after its message")
        value |= (body[at] & 127) << shift
        at += 1
        if body[at - 1] < 128:
            return value & (1 << 64) - 1, at
    raise MalformedError("a number has more than ten bytes")


_LAYER: Final = {15: 0, 1: 2, 2: 2, 3: 2, 4: 2, 5: 0}


def _layer(body: bytes) -> Layer:
    once: dict[int, Any] = {}
    keys, values, coded = [], [], []
    for number, wire, value in _fields(body):
        if _LAYER.get(number) != wire:
            raise MalformedError(f"a layer has no field {number} of wire type {wire}")
        if number == 2:
            coded.append(value)
        elif number == 3:
            keys.append(value.decode())
        elif number == 4:
            values.append(_value(value))
        elif number in once:
            raise MalformedError(f"field {number} of a layer is given twice")
        else:
            once[number] = value
    if once.get(15) not in (1, 2):
        raise MalformedError("a layer has version 1 or 2")
    if 1 not in once or not once[1]:
        raise MalformedError("a layer has a name")
    layer = Layer(once[1].decode(), once[15], once.get(5, 4096), keys, values, [])
    layer.features = [_feature(one, layer) for one in coded]
    return layer


def _value(body: bytes) -> Any:
    found = list(_fields(body))
    if len(found) != 1:
        raise MalformedError("a value is of one kind")
    ((number, wire, value),) = found
    if {1: 2, 2: 5, 3: 1, 4: 0, 5: 0, 6: 0, 7: 0}.get(number) != wire:
        raise MalformedError(f"a value has no field {number} of wire type {wire}")
    if number == 1:
        return value.decode()
    if number in (2, 3):
        return struct.unpack("<f" if number == 2 else "<d", value)[0]
    if number == 4:
        return value - (1 << 64) if value >> 63 else value
    return value if number == 5 else _signed(value) if number == 6 else bool(value)


def _feature(body: bytes, layer: Layer) -> Feature:
    once: dict[int, Any] = {}
    for number, wire, value in _fields(body):
        if {1: 0, 2: 2, 3: 0, 4: 2}.get(number) != wire:
            raise MalformedError(f"a feature has no field {number} of wire type {wire}")
        if number in once:
            raise MalformedError(f"field {number} of a feature is given twice")
        once[number] = value
    if 3 not in once or 4 not in once:
        raise MalformedError("a feature has a type and a geometry")
    if once[3] > POLYGON:
        raise MalformedError(f"there is no geometry type {once[3]}")
    tags = _packed(once.get(2, b""))
    if len(tags) % 2:
        raise MalformedError("tags come in pairs")
    feature = Feature(once[3], _packed(once[4]), tags, once.get(1))
    for key, value in zip(tags[::2], tags[1::2], strict=True):
        if key >= len(layer.keys) or value >= len(layer.values):
            raise MalformedError("a tag counts beyond the layer's keys or values")
        feature.properties[layer.keys[key]] = layer.values[value]
    if feature.type:
        _drawn(feature.type, feature.commands)
    return feature


def _packed(body: bytes) -> list[int]:
    found, at = [], 0
    while at < len(body):
        value, at = _varint(body, at)
        found.append(value)
    return found


def _signed(value: int) -> int:
    return (value >> 1) ^ -(value & 1)


Run = list[tuple[int, int]]


def _drawn(kind: int, commands: list[int]) -> list[Run]:
    """Return the runs of places that the commands draw, rings without their closing place."""
    runs: list[Run] = []
    waiting = iter(commands)
    x = y = 0
    before = 7
    left = len(commands)
    for command in waiting:
        left -= 1
        verb, count = command & 7, command >> 3
        if verb == 7:
            if kind != POLYGON or before != 2 or count != 1:
                raise MalformedError("only a ring that was drawn is closed, and once")
        elif verb in (1, 2):
            if not 1 <= count <= left // 2:
                raise MalformedError("a command has as many places as it says")
            if verb == 1 and (before != (2 if kind == LINE and runs else 7) or (kind != POINT and count != 1)):
                raise MalformedError("a path begins once")
            if verb == 2 and (before != 1 or kind == POINT or (kind == POLYGON and count < 2)):
                raise MalformedError("a path goes on where it began")
            run: Run = [] if verb == 1 else runs[-1]
            for _ in range(count):
                step = _signed(next(waiting)), _signed(next(waiting))
                if verb == 2 and step == (0, 0):
                    raise MalformedError("a path stands still")
                x, y = x + step[0], y + step[1]
                run.append((x, y))
            left -= 2 * count
            if verb == 1:
                runs.append(run)
        else:
            raise MalformedError(f"there is no command {verb}")
        before = verb
    if not runs or before != {POINT: 1, LINE: 2, POLYGON: 7}[kind] or (kind == POINT and len(runs) > 1):
        raise MalformedError("a shape is drawn to its end")
    return runs


def area(run: Run) -> float:
    """Return the area of a ring by the surveyor's formula: positive for a shell."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(run, run[1:] + run[:1], strict=True)) / 2


def _shape(kind: int, runs: list[Run]) -> BaseGeometry:
    if kind == POINT:
        return shapely.Point(runs[0][0]) if len(runs[0]) == 1 else shapely.MultiPoint(runs[0])
    if kind == LINE:
        return shapely.LineString(runs[0]) if len(runs) == 1 else shapely.MultiLineString(runs)
    parts: list[tuple[Run, list[Run]]] = []
    for run in runs:
        turning = area(run)
        if turning == 0:
            raise MalformedError("a ring has an area")
        if turning > 0:
            parts.append((run, []))
        elif not parts:
            raise MalformedError("a hole lies in a shell")
        else:
            parts[-1][1].append(run)
    made = [shapely.Polygon(shell, holes) for shell, holes in parts]
    return made[0] if len(made) == 1 else shapely.MultiPolygon(made)
