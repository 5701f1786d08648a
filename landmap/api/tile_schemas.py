"""JSON Schemas of what describes tiles: tilesets after OGC API Tiles, and TileJSON."""

from __future__ import annotations

from typing import Final

from landmap.api.schema_words import COUNT, INTERVAL, LINK, NUMBER, TEXT, Schema, keyed, listed, record

_TILESET: Final[dict[str, Schema]] = {
    "title": TEXT,
    "description": TEXT,
    "dataType": {"const": "vector"},
    "crs": TEXT,
    "tileMatrixSetURI": TEXT,
    "links": listed({**LINK, "properties": {**LINK["properties"], "templated": {"type": "boolean"}}}),
}
_ROW: Final = record(
    {"tileMatrix": TEXT, **dict.fromkeys(("minTileRow", "maxTileRow", "minTileCol", "maxTileCol"), COUNT)}
)
TILESET: Final = record(
    {
        **_TILESET,
        "layers": listed(
            record(
                {
                    "id": TEXT,
                    "title": TEXT,
                    "dataType": {"const": "vector"},
                    "minTileMatrix": TEXT,
                    "maxTileMatrix": TEXT,
                    "propertiesSchema": {"type": "object"},
                }
            )
        ),
        "tileMatrixSetLimits": listed(_ROW),
        "boundingBox": record({"lowerLeft": listed(NUMBER), "upperRight": listed(NUMBER), "crs": TEXT}),
    },
    optional=("boundingBox",),
)
TILESETS: Final = record({"tilesets": listed(record(_TILESET))})
TILEJSON: Final = record(
    {
        "tilejson": {"const": "3.0.0"},
        "name": TEXT,
        "description": TEXT,
        "scheme": {"const": "xyz"},
        "tiles": listed(TEXT),
        "minzoom": COUNT,
        "maxzoom": COUNT,
        "vector_layers": listed(record({"id": TEXT, "minzoom": COUNT, "maxzoom": COUNT, "fields": keyed(TEXT)})),
        "bounds": INTERVAL,
    },
    optional=("bounds",),
)
