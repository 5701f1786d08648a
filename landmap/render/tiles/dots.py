"""Records as dots: where the zoom is too coarse for outlines, every record that matches is still on the map.

The form, numbers in little-endian order::

    bytes           what
    4               "LMD1"
    4  uint32       total: how many records match
    4  uint32       n: how many of them have a shape, the dots that follow
    4  uint32       size: how many records there are for this audience
    4  uint32       k: bytes of the list of classes
    4               zero
    32 4 × float64  west, south, east, north of the dots, degrees of longitude and latitude; zero without any
    k               the keys of the classes, JSON list in UTF-8
    ⌈size/8⌉        which records the dots are: bit i = ordinal i, lowest bit first; the dots follow in that order
    2n uint16       columns: from the west, in 65535ths of the box as Web Mercator draws it
    2n uint16       rows: from the north
    n  uint8        class: position in the list

A dot stands in the middle of its record's box. A box of 30 km gives steps of half a metre.
"""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
import orjson

from landmap.query import Selection
from landmap.render.tiles.grid import WORLD_BITS, Numbers
from landmap.render.tiles.layer import TileLayer

DOTS_TYPE: Final = "application/vnd.landmap.dots"
MAGIC: Final = b"LMD1"
_HEAD: Final = struct.Struct("<4s4I4x4d")
_STEPS: Final = 65_535


def dots(layer: TileLayer, selection: Selection) -> bytes:
    """Return the records of a selection as dots.

    Parameters
    ----------
    layer : TileLayer
        Of the layer and policy class that the selection is drawn from.
    selection : Selection
    """
    size = len(layer.source.shapes)
    ordinals = selection.ordinals()
    boxes = layer.index.boxes[ordinals].astype(np.float64)
    drawn = boxes[:, 2] >= boxes[:, 0]
    ordinals, middles = ordinals[drawn], (boxes[drawn, :2] + boxes[drawn, 2:]) / 2
    west, north = middles.min(axis=0) if len(middles) else (0.0, 0.0)
    east, south = middles.max(axis=0) if len(middles) else (0.0, 0.0)
    widths = np.maximum([east - west, south - north], 1.0)
    steps = np.rint((middles - [west, north]) / widths * _STEPS).astype("<u2")
    bits = np.zeros(size, dtype=np.bool_)
    bits[ordinals] = True
    code = layer.source.columns[0]
    classes = orjson.dumps(list(code.values))
    corners = _degrees(np.array([[west, south], [east, north]])).ravel() if len(middles) else np.zeros(4)
    return b"".join(
        (
            _HEAD.pack(MAGIC, selection.total, len(ordinals), size, len(classes), *corners),
            classes,
            np.packbits(bits, bitorder="little").tobytes(),
            steps[:, 0].tobytes(),
            steps[:, 1].tobytes(),
            code.codes[ordinals].astype(np.uint8).tobytes(),
        )
    )


def _degrees(places: Numbers) -> Numbers:
    """Return longitude and latitude of places on the grid of the world; shape (n, 2)."""
    shares = places / (1 << WORLD_BITS)
    latitudes = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * shares[:, 1]))))
    return np.column_stack([(shares[:, 0] - 0.5) * 360, latitudes])
