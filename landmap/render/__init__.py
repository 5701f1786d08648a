"""Bytes and pictures of a selection: files, sheets, cards, maps on paper, the Folium map.

The Folium map is loaded at its first use, so that a server or command that does not draw one never loads Folium.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from landmap.render import brief, cards, cartography, geojson, shapes, sheet
from landmap.render.formats import FORMATS, Format

if TYPE_CHECKING:
    from landmap.render import map

__all__ = ["FORMATS", "Format", "brief", "cards", "cartography", "geojson", "map", "shapes", "sheet"]


def __getattr__(name: str) -> ModuleType:
    if name == "map":
        return import_module("landmap.render.map")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
