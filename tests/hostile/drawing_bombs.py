"""KML, drawings and surveyors' texts that grow or choke a library."""

from collections.abc import Mapping
from typing import Final

from tests.hostile.archives import Maker
from tests.hostile.making import (
    BLOCK,
    GUOTU,
    INSERT,
    LAUGHS,
    OUTLINE,
    PLACE,
    dxf,
    kml,
    kml_file,
    kmz,
    late,
    outline,
    png,
    raw,
    ring,
)
from tests.making_files import write_zip

#: What is made, and the findings of which one tells it.
BOMBS: Final[Mapping[str, tuple[Maker, str]]] = {
    # KML
    "KML with an entity that reads a file": (
        kml_file(PLACE.replace("A-1", "&e;"), '<!DOCTYPE kml [<!ENTITY e SYSTEM "file://CANARY">]>'),
        "xml_doctype",
    ),
    "KML with an entity that asks a host": (
        kml_file(PLACE.replace("A-1", "&e;"), '<!DOCTYPE kml [<!ENTITY e SYSTEM "URL">]>'),
        "xml_doctype",
    ),
    "KML with a document type at an address": (kml_file(PLACE, '<!DOCTYPE kml SYSTEM "URL">'), "xml_doctype"),
    "KML with entities that multiply": (kml_file(PLACE.replace("A-1", "&j;"), LAUGHS.decode()), "xml_doctype"),
    "KML that includes a file": (
        kml_file(PLACE + '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="CANARY" parse="text"/>'),
        "",
    ),
    "KML that links a file and a host": (
        kml_file(
            PLACE
            + "<NetworkLink><Link><href>CANARY</href></Link></NetworkLink>"
            + "<NetworkLink><Link><href>URL</href></Link></NetworkLink>"
        ),
        "part_unread",
    ),
    "KML with a picture at an address": (
        kml_file(PLACE + "<GroundOverlay><Icon><href>URL</href></Icon></GroundOverlay>"),
        "part_unread",
    ),
    "KML with a style sheet": (kml_file(PLACE, '<?xml-stylesheet type="text/xsl" href="URL"?>'), ""),
    "KML a hundred thousand folders deep": (
        late(lambda: kml_file("<Folder>" * 100_000 + PLACE + "</Folder>" * 100_000)),
        "xml_too_large",
    ),
    "KML with a ring of a million points": (
        late(lambda: kml_file(PLACE.replace(OUTLINE, " ".join(f"{x},{y}" for x, y in ring(1_000_000))))),
        "too_many_vertices",
    ),
    "KML with coordinates of 1e308": (
        kml_file(PLACE.replace(OUTLINE, "1e308,1e308 -1e308,1e308 1e308,-1e308 1e308,1e308")),
        "out_of_bounds",
    ),
    "KMZ with a picture of gigabytes": (late(lambda: kmz(PLACE, files__bomb_png=png(60_000))), "pictures_unread"),
    "KMZ that climbs": (
        lambda folder, bait: write_zip(folder / "a.kmz", {"../../doc.kml": kml(PLACE)(bait)}),
        "archive_path",
    ),
    "KMZ that unpacks a thousandfold": (
        lambda folder, bait: write_zip(folder / "a.kmz", {"doc.kml": kml(PLACE + " " * 400_000_000)(bait)}),
        "archive_ratio",
    ),
    "KMZ that links its neighbour": (
        kmz(PLACE + "<NetworkLink><Link><href>../../CANARY</href></Link></NetworkLink>"),
        "part_unread",
    ),
    # DXF
    "a drawing of a drawing": (
        dxf(
            *INSERT, blocks=((0, "BLOCK"), (8, "0"), (2, "B"), (70, 4), (1, "CANARY"), (10, 0), (20, 0), (0, "ENDBLK"))
        ),
        "drawing_without_areas",
    ),
    "a block that holds itself": (dxf(*INSERT, blocks=(*BLOCK, *INSERT, (0, "ENDBLK"))), "drawing_without_areas"),
    "a block a million times": (
        dxf(*INSERT, (70, 32_000), (71, 32_000), (44, 1), (45, 1), blocks=(*BLOCK, *outline(5), (0, "ENDBLK"))),
        "drawing_too_large",
    ),
    "blocks that multiply": (
        dxf(
            (0, "INSERT"),
            (8, "0"),
            (2, "B9"),
            (10, 0),
            (20, 0),
            blocks=tuple(
                pair
                for n in range(10)
                for pair in (
                    (0, "BLOCK"),
                    (8, "0"),
                    (2, f"B{n}"),
                    (70, 0),
                    (10, 0),
                    (20, 0),
                    *(outline(5) if n == 0 else [(0, "INSERT"), (8, "0"), (2, f"B{n - 1}"), (10, 0), (20, 0)] * 10),
                    (0, "ENDBLK"),
                )
            ),
        ),
        "drawing_too_large",
    ),
    "an outline of two hundred thousand points": (late(lambda: dxf(*outline(200_000))), "too_many_vertices"),
    "a bulge past any number": (dxf(*outline(5), (42, "1e308"), (42, "nan")), "arcs_densified"),
    "a picture in a drawing": (dxf((0, "IMAGE"), (8, "0"), (340, "FF"), (1, "CANARY")), "file_damaged"),
    "a drawing in bytes": (raw("a.dxf", lambda: b"AutoCAD Binary DXF\r\n\x1a\0" + b"\xff" * 5000), "file_damaged"),
    # 国土 TXT
    "a plot of three hundred thousand points": (
        raw(
            "a.txt",
            lambda: (
                GUOTU
                + "300000,1.0,1,甲,面,,工业,,@\n"
                + "".join(
                    f"J{n},1,{y * 1.1e5:.3f},{40_500_000 + (x - 120) * 9e4:.3f}\n"
                    for n, (x, y) in enumerate(ring(300_000))
                )
            ).encode("gb18030"),
        ),
        "too_many_vertices",
    ),
    "a plot with numbers past any": (
        raw(
            "a.txt",
            lambda: (
                GUOTU + "4,1.0,1,甲,面,,工业,,@\nJ1,1,1e999,1e308\nJ2,1,nan,inf\nJ3,1,-1e308,5e-324\nJ1,1,1e999,1e308\n"
            ).encode("gb18030"),
        ),
        "guotu_line_unread",
    ),
}
