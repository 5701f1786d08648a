"""The colours of a map: one set for paper, one for dark screens. Land-use fills are those of every other map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Tone = Literal["print", "dark"]


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by what they fill or draw, each #rrggbb."""

    ground: str
    sea: str
    water: str
    green: str
    hill: str
    block: str
    street: str
    street_edge: str
    expressway: str
    rail: str
    metro: str
    line: str
    subline: str
    veil: str
    edge: str
    text: str
    soft_text: str
    halo: str
    focus: str
    limit: str
    panel: str
    area_opacity: float


_PRINT: Final = Palette(
    ground="#f4f2ec",
    sea="#cfe3ee",
    water="#b9d7e8",
    green="#dbead2",
    hill="#e3ecda",
    block="#ebe8df",
    street="#ffffff",
    street_edge="#d8d3c6",
    expressway="#f3d58a",
    rail="#7d828b",
    metro="#7d3c98",
    line="#5b6774",
    subline="#9aa3ad",
    veil="#ffffff",
    edge="#ffffff",
    text="#1d2733",
    soft_text="#5b6774",
    halo="#ffffff",
    focus="#c81e3a",
    limit="#8a4b08",
    panel="#ffffff",
    area_opacity=0.62,
)
_DARK: Final = Palette(
    ground="#1b2129",
    sea="#16293a",
    water="#1d3a52",
    green="#20352a",
    hill="#22322b",
    block="#232a33",
    street="#3a434f",
    street_edge="#14181e",
    expressway="#6b5a2c",
    rail="#8b929c",
    metro="#b98ad0",
    line="#aab4bf",
    subline="#66717d",
    veil="#10141a",
    edge="#14181e",
    text="#f0f3f6",
    soft_text="#aab4bf",
    halo="#14181e",
    focus="#ff5c77",
    limit="#e0a458",
    panel="#1b2129",
    area_opacity=0.7,
)
PALETTES: Final[Mapping[Tone, Palette]] = MappingProxyType({"print": _PRINT, "dark": _DARK})
