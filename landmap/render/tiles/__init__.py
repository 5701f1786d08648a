"""Vector tiles (MVT 2.1) of WebMercatorQuad: each feature encoded once for each tile, spliced for every filter."""

from landmap.render.tiles.dots import DOTS_TYPE, dots
from landmap.render.tiles.grid import EXTENT, MAX_ZOOM, SCALE_0, TileAddress
from landmap.render.tiles.layer import MEDIA_TYPE, TileLayer
from landmap.render.tiles.source import BASEMAP_LAYER, Source, basemap_source, detail_zoom, table_source
from landmap.render.tiles.tile import Tile, kept_of

__all__ = [
    "BASEMAP_LAYER",
    "DOTS_TYPE",
    "EXTENT",
    "MAX_ZOOM",
    "MEDIA_TYPE",
    "SCALE_0",
    "Source",
    "Tile",
    "TileAddress",
    "TileLayer",
    "basemap_source",
    "detail_zoom",
    "dots",
    "kept_of",
    "table_source",
]
