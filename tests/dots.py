"""A reader of dots, written from their documented form alone."""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass


@dataclass(frozen=True)
class Dots:
    """What an answer of dots tells: the dots by ordinal, as longitude, latitude and class."""

    total: int
    size: int
    at: dict[int, tuple[float, float, str]]


def read(body: bytes) -> Dots:
    """Return the dots of an answer."""
    magic, total, n, size, k, zero, west, south, east, north = struct.unpack_from("<4s5I4d", body)
    assert (magic, zero) == (b"LMD1", 0)
    at = 56
    classes = json.loads(body[at : at + k])
    bits = body[at + k : at + k + -(-size // 8)]
    ordinals = [bit for bit in range(size) if bits[bit >> 3] >> (bit & 7) & 1]
    at += k + len(bits)
    columns = struct.unpack_from(f"<{n}H", body, at)
    rows = struct.unpack_from(f"<{n}H", body, at + 2 * n)
    codes = body[at + 4 * n :]
    assert len(ordinals) == len(codes) == n
    top, bottom = (math.asinh(math.tan(math.radians(one))) for one in (north, south))
    found = {
        ordinal: (
            west + (east - west) * column / 65_535,
            math.degrees(math.atan(math.sinh(top + (bottom - top) * row / 65_535))),
            classes[code],
        )
        for ordinal, column, row, code in zip(ordinals, columns, rows, codes, strict=True)
    }
    return Dots(total, size, found)
