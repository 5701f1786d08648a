"""Bytes and pictures of a selection: files, sheets, cards, maps on paper.

The Folium map is a door of its own (``landmap.render.map``), so that a server that does not draw one never loads it.
"""

from landmap.render import brief, cards, cartography, geojson, shapes, sheet
from landmap.render.formats import FORMATS, Format

__all__ = ["FORMATS", "Format", "brief", "cards", "cartography", "geojson", "shapes", "sheet"]
