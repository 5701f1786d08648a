"""Small texts that grow or choke a library: GeoJSON and CSV."""

from collections.abc import Mapping
from typing import Final

from tests.hostile.archives import Maker
from tests.hostile.making import (
    cell_shape,
    collection,
    late,
    nested,
    raw,
    ring,
    scattered,
    shaped,
    table,
)
from tests.making_files import feature, write_geojson

#: What is made, and the findings of which one tells it.
BOMBS: Final[Mapping[str, tuple[Maker, str]]] = {
    # GeoJSON
    "JSON a hundred thousand deep": (raw("a.json", lambda: b"[" * 100_000 + b"]" * 100_000), "json_too_deep"),
    "properties a hundred thousand deep": (
        raw(
            "a.json",
            lambda: collection(
                '{"type":"Feature","geometry":null,"properties":{"a":' + "[" * 99_999 + "]" * 99_999 + "}}"
            )(),
        ),
        "json_too_deep",
    ),
    "a ring of a million points": (late(lambda: shaped(ring(1_000_000))), "too_many_vertices"),
    "denormal coordinates": (
        shaped([[-2.2e-309, 5e-324], [5e-324, -5e-324], [0, 2.2e-309], [-2.2e-309, 5e-324]]),
        "geometry_collapsed",
    ),
    "coordinates of 1e308": (
        shaped([[1e308, 1e308], [-1e308, 1e308], [1e308, -1e308], [1e308, 1e308]]),
        "out_of_bounds",
    ),
    "coordinates past any number": (
        raw(
            "a.json",
            collection('{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1e999,-1e999]}}'),
        ),
        "coordinate_not_number",
    ),
    "a number of a hundred thousand digits": (
        raw("a.json", lambda: b'{"type":"Point","coordinates":[' + b"9" * 100_000 + b",1]}"),
        "json_malformed",
    ),
    "an empty hole": (shaped(ring(9), [], []), ""),
    "a hole of nothing": (shaped(ring(9), None), "coordinates_depth"),
    "a hundred thousand equal points": (late(lambda: shaped([[120.4, 36.17]] * 100_001)), "ring_too_short"),
    "ten thousand crossing lines": (
        shaped(
            [
                [120.4 + 0.01 * (n * 7919 % 99991) / 99991, 36.17 + 0.01 * (n * 104729 % 99989) / 99989]
                for n in [*range(3000), 0]
            ]
        ),
        "check_too_long",
    ),
    "a cell of ten megabytes": (
        lambda folder, bait: write_geojson(folder / "a.json", feature(0, remarks="长" * 10_000_000), feature(1)),
        "text_cut",
    ),
    "twenty thousand properties, each once": (raw("a.json", scattered), "columns_too_many"),
    "a million features of nothing": (
        late(lambda: raw("a.json", collection(*["null"] * 1_000_000))),
        "feature_malformed",
    ),
    "collections in collections": (
        raw("a.json", lambda: b'{"type":"GeometryCollection","geometries":[' * 5000 + b"]}" * 5000),
        "json_too_deep",
    ),
    "words that only look like text": (
        raw("a.json", lambda: '{"type":"Point","coordinates":[120.4,36.17]}'.encode("utf-16-le")),
        "json_malformed",
    ),
    "half a character": (
        raw("a.json", collection('{"type":"Feature","geometry":null,"properties":{"parcel_name":"\\ud800"}}')),
        "text_broken",
    ),
    "names that a program might run": (
        lambda folder, bait: write_geojson(
            folder / "a.json", feature(0, __class__="x", parcel_name="{{7*7}}{%x%}=cmd|'/c'!A0")
        ),
        "column_unmatched",
    ),
    # CSV
    "one cell of ten megabytes": (late(lambda: table("备注", "长" * 10_000_000)), "text_cut"),
    "an outline of ten megabytes": (
        raw("a.csv", lambda: b'parcel_no,wkt\n1,"POLYGON((' + b"120.4 36.17," * 900_000 + b'120.4 36.17))"\n'),
        "too_many_vertices",
    ),
    "a hundred thousand columns": (
        raw("a.csv", lambda: b",".join(b"c%d" % n for n in range(100_000)) + b"\n" + b"1," * 99_999 + b"1\n"),
        "table_too_large",
    ),
    "a quote that never ends": (raw("a.csv", lambda: b'parcel_no,wkt\n"' + b"x\n" * 5_000_000), "text_cut"),
    "zero bytes": (raw("a.csv", lambda: b"parcel_no,wkt\n" + bytes(1_000_000)), "geometry_missing"),
    "an outline nested ten thousand deep": (
        cell_shape("GEOMETRYCOLLECTION(" * 10_000 + "POINT(0 0)" + ")" * 10_000),
        "shape_text_malformed",
    ),
    "hexadecimal nested ten thousand deep": (
        late(lambda: cell_shape(nested(10_000).hex().upper())),
        "shape_text_malformed",
    ),
    **{
        f"a figure of a hundred thousand characters: {text[:6]}": (
            table("容积率", (text * 100_000)[:100_000] + "x"),
            "text_cut",
        )
        for text in ("1", "≥1.0且", "1-", "1.", " ", "(", "不", "1,", "<=")
    },
}
