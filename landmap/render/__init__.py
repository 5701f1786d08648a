"""Bytes and pictures of a selection: files, sheets, cards, maps on paper, the Folium map.

The Folium map, the brief and the check report are loaded at their first use: a server is ready before anybody has
opened a page.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from landmap.render import album, cards, cartography, geojson, inputs, numbers, shapes, sheet, tiles
from landmap.render.formats import FORMATS, Format
from landmap.render.fragments import Fragments
from landmap.render.operator_form import form_bytes
from landmap.render.outlines import outline_paths
from landmap.render.recent import Recent
from landmap.render.values import value_text

if TYPE_CHECKING:
    from landmap.render import brief, map, report

__all__ = [
    "FORMATS",
    "Format",
    "Fragments",
    "Recent",
    "album",
    "brief",
    "cards",
    "cartography",
    "form_bytes",
    "geojson",
    "inputs",
    "map",
    "numbers",
    "outline_paths",
    "report",
    "shapes",
    "sheet",
    "tiles",
    "value_text",
]


def __getattr__(name: str) -> ModuleType:
    if name in ("brief", "map", "report"):
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
