"""KML as Google Earth, ArcGIS and GDAL write it, and as an attacker would."""

from pathlib import Path
from typing import Any

import pytest
import shapely

from landmap.ingest.faults import RefusedError
from landmap.ingest.readers import READERS, RawLayer, Request
from landmap.ingest.readers.kml import KmlReader
from tests.making_drawings import KML_HEAD, kml_polygon, placemark, write_kml, write_kmz
from tests.making_files import square, write_bytes, write_zip


def read(path: Path) -> list[RawLayer]:
    return KmlReader().read(Request(path, "a"))


def only(path: Path) -> RawLayer:
    (layer,) = read(path)
    return layer


def shapes(layer: RawLayer) -> list[Any]:
    assert layer.geometry is not None
    return list(layer.geometry)


def codes(layer: RawLayer) -> list[tuple[str, int | None]]:
    return [(fault.code, fault.row) for fault in layer.faults]


def refused(path: Path) -> str:
    with pytest.raises(RefusedError) as error:
        read(path)
    return error.value.fault.code


def document(inside: str, head: str = KML_HEAD) -> str:
    return f"{head}<Document>{inside}</Document></kml>"


def owner(path: Path) -> str | None:
    head = path.read_bytes()[:4096]
    return next((reader.key for reader in READERS if reader.recognises(head, path)), None)


class TestAttributes:
    def test_come_from_schema_data_with_their_kinds(self, tmp_path: Path) -> None:
        schema = (
            '<Schema id="s"><SimpleField name="面积" type="double"/><SimpleField name="层数" type="int"/>'
            '<SimpleField name="标准地" type="bool"/></Schema>'
        )
        cells = "".join(
            f'<SimpleData name="{name}">{value}</SimpleData>'
            for name, value in (("面积", "30.5"), ("层数", "六"), ("标准地", "1"), ("备注", "甲"), ("空", ""))
        )
        mark = f'<Placemark><ExtendedData><SchemaData schemaUrl="#s">{cells}</SchemaData></ExtendedData></Placemark>'
        layer = only(write_bytes(tmp_path / "a.kml", document(schema + mark)))
        assert layer.columns == {"面积": [30.5], "层数": ["六"], "标准地": [True], "备注": ["甲"], "空": [None]}

    def test_come_from_a_table_in_the_description_as_arcgis_writes_it(self, tmp_path: Path) -> None:
        html = (
            "<![CDATA[<html><body><table><tr><td>地块</td></tr><tr><td><table>"
            "<tr><td>地块编号</td><td>LC-1</td></tr><tr bgcolor='#D4E4F3'><td>用途</td><td>工业&amp;仓储</td></tr>"
            "<tr><td>备注</td><td>&lt;Null&gt;</td></tr></table></td></tr></table></body></html>]]>"
        )
        layer = only(write_kml(tmp_path / "a.kml", placemark(square(), f"<description>{html}</description>")))
        assert layer.columns == {"地块编号": ["LC-1"], "用途": ["工业&仓储"], "备注": [None]}

    def test_come_from_names_and_plain_descriptions(self, tmp_path: Path) -> None:
        inside = "<name>甲地块</name><description>临街 &lt;b&gt;好&lt;/b&gt;</description>"
        layer = only(write_kml(tmp_path / "a.kml", placemark(square(), inside)))
        assert layer.columns == {"name": ["甲地块"], "description": ["临街 <b>好</b>"]}

    def test_that_stand_twice_keep_what_the_data_say(self, tmp_path: Path) -> None:
        layer = only(write_kml(tmp_path / "a.kml", placemark(square(), "<name>显示名</name>", name="本名")))
        assert layer.columns == {"name": ["本名"]}


class TestShapes:
    def test_keep_their_holes(self, tmp_path: Path) -> None:
        ring = shapely.Polygon(shapely.box(120.39, 36.17, 120.41, 36.19).exterior, [square().exterior])
        layer = only(write_kml(tmp_path / "a.kml", placemark(kml_polygon(ring))))
        assert shapes(layer)[0].equals(ring)

    def test_of_several_parts_become_one(self, tmp_path: Path) -> None:
        inner = f"<MultiGeometry>{kml_polygon(square(1))}</MultiGeometry>"
        several = f"<MultiGeometry>{kml_polygon(square(0))}{inner}</MultiGeometry>"
        (shape,) = shapes(only(write_kml(tmp_path / "a.kml", placemark(several))))
        assert shape.equals(shapely.MultiPolygon([square(0), square(1)]))

    def test_of_several_kinds_become_a_collection(self, tmp_path: Path) -> None:
        point = "<Point><coordinates>120.4,36.2</coordinates></Point>"
        mixed = f"<MultiGeometry>{kml_polygon(square())}{point}</MultiGeometry>"
        (shape,) = shapes(only(write_kml(tmp_path / "a.kml", placemark(mixed))))
        assert [part.geom_type for part in shape.geoms] == ["Polygon", "Point"]

    def test_drop_heights_of_zero_and_keep_others(self, tmp_path: Path) -> None:
        points = "<Point><coordinates>120.4,36.2,0</coordinates></Point>"
        high = "<Point><coordinates> 120.4 , 36.2 , 35 </coordinates></Point>"
        flat, tall = shapes(only(write_kml(tmp_path / "a.kml", placemark(points), placemark(high))))
        assert (flat.has_z, tall.has_z) == (False, True)

    @pytest.mark.parametrize(
        ("element", "code"),
        [
            ("<Point><coordinates>东,北</coordinates></Point>", "coordinate_not_number"),
            ("<Point><coordinates>120.4</coordinates></Point>", "position_length"),
            ("<Point><coordinates>nan,36</coordinates></Point>", "coordinate_not_number"),
            ("<LineString><coordinates>1,1</coordinates></LineString>", "line_too_short"),
            (
                "<Polygon><outerBoundaryIs><LinearRing><coordinates>0,0 1,0 1,1 0,1</coordinates></LinearRing>"
                "</outerBoundaryIs></Polygon>",
                "ring_not_closed",
            ),
            (kml_polygon(square(0)) + kml_polygon(square(1)), "kml_two_geometries"),
        ],
    )
    def test_that_are_broken_cost_their_record_and_no_other(self, tmp_path: Path, element: str, code: str) -> None:
        layer = only(write_kml(tmp_path / "a.kml", placemark(element), placemark(square())))
        assert codes(layer) == [(code, 1)]
        assert [shape is None for shape in shapes(layer)] == [True, False]

    def test_may_be_missing(self, tmp_path: Path) -> None:
        assert shapes(only(write_kml(tmp_path / "a.kml", placemark(None, name="甲")))) == [None]


class TestFolders:
    def test_are_layers_by_their_path(self, tmp_path: Path) -> None:
        inner = f"<Folder><name>东片</name>{placemark(square(1))}</Folder>"
        text = f"<Folder><name>地块</name>{placemark(square(0))}{inner}</Folder>{placemark(square(2))}"
        layers = read(write_bytes(tmp_path / "a.kml", document(f"<name>全部</name>{text}")))
        assert [(layer.name, len(layer.rows)) for layer in layers] == [("地块", 1), ("地块/东片", 1), ("a", 1)]

    def test_without_a_name_belong_to_the_file(self, tmp_path: Path) -> None:
        text = document(f"<Folder>{placemark(square(0))}</Folder><Folder>{placemark(square(1))}</Folder>")
        assert [layer.name for layer in read(write_bytes(tmp_path / "a.kml", text))] == ["a"]


class TestWhatIsNotRead:
    def test_is_counted(self, tmp_path: Path) -> None:
        link = "<NetworkLink><Link><href>http://127.0.0.1:9/x.kml</href></Link></NetworkLink>"
        track = "<gx:Track><when>2026</when></gx:Track>"
        overlay = "<GroundOverlay><Icon><href>/etc/passwd</href></Icon></GroundOverlay>"
        mark = placemark(square(), "<styleUrl>#a</styleUrl><Style/><TimeSpan/>" + track)
        layer = only(write_bytes(tmp_path / "a.kml", document(link * 2 + overlay + mark)))
        counted = {fault.value: fault.words["count"] for fault in layer.faults}
        assert counted == {"NetworkLink": 2, "GroundOverlay": 1, "TimeSpan": 1, "gx:Track": 1}

    def test_alone_is_refused(self, tmp_path: Path) -> None:
        assert refused(write_bytes(tmp_path / "a.kml", document("<NetworkLink/>"))) == "no_placemark"


class TestTheRoot:
    @pytest.mark.parametrize(
        "text",
        [
            "<kml><Placemark><name>甲</name></Placemark></kml>",
            '<?xml version="1.0"?><!-- made by --><kml xmlns="http://earth.google.com/kml/2.1">'
            "<Placemark><name>甲</name></Placemark></kml>",
            '<k:kml xmlns:k="http://www.opengis.net/kml/2.2"><k:Placemark><k:name>甲</k:name></k:Placemark></k:kml>',
            '\ufeff<?xml version="1.0" encoding="utf-8"?>\r\n<kml><Placemark><name>甲</name></Placemark></kml>',
        ],
    )
    def test_may_be_written_in_any_way(self, tmp_path: Path, text: str) -> None:
        path = write_bytes(tmp_path / "a.txt", text)
        assert owner(path) == "kml"
        assert only(path).columns == {"name": ["甲"]}

    @pytest.mark.parametrize("piece", ["<!-- ", "<!---->", "<?a?>", "<!DOCTYPE [ ", "<!DOCTYPE a [ ] >"])
    def test_is_looked_for_in_no_time(self, piece: str) -> None:
        assert not KmlReader().recognises((piece * 4096)[:4096].encode(), Path("a.kml"))

    @pytest.mark.parametrize("text", ["<html><body><kml></kml></body></html>", "<kmlx></kmlx>", "kml", "<gml/>"])
    def test_of_something_else_is_not_ours(self, tmp_path: Path, text: str) -> None:
        assert not KmlReader().recognises(text.encode(), tmp_path / "a.kml")


class TestEncodings:
    def marked(self, encoding: str) -> str:
        return document(placemark(square(), "<name>楼山街道</name>"), KML_HEAD.replace("UTF-8", encoding))

    @pytest.mark.parametrize(
        ("declared", "written", "told"),
        [
            ("UTF-8", "utf-8", "utf-8"),
            ("gb2312", "gb18030", "gb18030"),
            ("GBK", "gb18030", "gb18030"),
            ("UTF-16", "utf-16", "utf-16"),
            ("Big5", "big5", "big5"),
        ],
    )
    def test_that_are_declared_are_followed(self, tmp_path: Path, declared: str, written: str, told: str) -> None:
        name = "樓山街道" if written == "big5" else "楼山街道"
        text = self.marked(declared).replace("楼山街道", name)
        layer = only(write_bytes(tmp_path / "a.kml", text.encode(written)))
        assert (layer.columns["name"], layer.encoding, layer.faults) == ([name], told, ())

    def test_that_are_not_what_they_say_are_told(self, tmp_path: Path) -> None:
        layer = only(write_bytes(tmp_path / "a.kml", self.marked("UTF-8").encode("gb18030")))
        assert layer.columns["name"] == ["楼山街道"]
        assert codes(layer) == [("encoding_guessed", None)]

    @pytest.mark.parametrize("encoding", ["nonsense", "rot13", "base64"])
    def test_that_nobody_knows_are_refused(self, tmp_path: Path, encoding: str) -> None:
        assert refused(write_bytes(tmp_path / "a.kml", self.marked(encoding))) == "xml_encoding"


class TestHostileText:
    @pytest.mark.parametrize(
        "doctype",
        [
            '<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
            '<!DOCTYPE kml SYSTEM "http://127.0.0.1:9/x.dtd">',
            '<!DOCTYPE kml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
            '<!DOCTYPE kml [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
        ],
    )
    def test_that_declares_a_document_type_is_refused_before_it_defines_anything(
        self, tmp_path: Path, doctype: str
    ) -> None:
        text = f'<?xml version="1.0"?>{doctype}<kml><Placemark><name>&x;&b;</name></Placemark></kml>'
        assert refused(write_bytes(tmp_path / "a.kml", text)) == "xml_doctype"

    def test_nested_without_end_is_refused(self, tmp_path: Path) -> None:
        text = document("<Placemark>" + "<MultiGeometry>" * 100_000)
        assert refused(write_bytes(tmp_path / "a.kml", text)) == "xml_too_large"

    def test_of_a_million_elements_in_one_placemark_is_refused(self, tmp_path: Path) -> None:
        assert refused(write_kml(tmp_path / "a.kml", placemark("<x/>" * 200_000))) == "xml_too_large"

    def test_of_a_hundred_megabytes_in_one_placemark_is_refused(self, tmp_path: Path) -> None:
        assert refused(write_kml(tmp_path / "a.kml", placemark(None, "x" * 100_000_000))) == "xml_too_large"

    @pytest.mark.parametrize("end", ["", "<Placemark>", "&undefined;", "<a></b>", "\x00"])
    def test_that_is_broken_is_refused_with_its_line(self, tmp_path: Path, end: str) -> None:
        with pytest.raises(RefusedError) as error:
            read(write_bytes(tmp_path / "a.kml", f"{KML_HEAD}\n<Document>{end}"))
        assert error.value.fault.code == "xml_malformed"
        assert error.value.fault.words["line"] == 3


class TestArchives:
    def kml(self, folder: Path) -> bytes:
        return write_kml(folder / "in.kml").read_bytes()

    def test_of_one_document_and_pictures_are_read_and_the_pictures_never_opened(self, tmp_path: Path) -> None:
        path = write_kmz(tmp_path / "a.kmz", self.kml(tmp_path), {"files/a.png": b"\x89PNG bomb", "b.JPG": b""})
        assert owner(path) == "kml"
        layer = only(path)
        assert len(layer.rows) == 3
        assert [(one.code, one.words["count"]) for one in layer.faults] == [("pictures_unread", 2)]

    def test_may_call_their_document_anything(self, tmp_path: Path) -> None:
        path = write_kmz(tmp_path / "a.kmz", self.kml(tmp_path), name="李沧地块.kml")
        assert owner(path) == "kml"
        assert len(only(path).rows) == 3

    def test_of_several_documents_give_the_layers_of_each(self, tmp_path: Path) -> None:
        link = document("<NetworkLink/>").encode()
        layers = read(write_kmz(tmp_path / "a.kmz", link, {"files/east.kml": self.kml(tmp_path)}))
        assert [len(layer.rows) for layer in layers] == [3]
        assert [one.value for one in layers[0].faults] == ["NetworkLink"]

    def test_with_other_data_are_deliveries_and_no_kmz(self, tmp_path: Path) -> None:
        path = write_zip(tmp_path / "a.zip", {"a.kml": self.kml(tmp_path), "b.csv": "a,b"})
        assert owner(path) is None

    def test_that_are_bombs_are_refused(self, tmp_path: Path) -> None:
        path = write_kmz(tmp_path / "a.kmz", b" " * 30_000_000)
        assert refused(path) == "archive_ratio"

    def test_that_are_broken_are_refused_by_the_door(self, tmp_path: Path) -> None:
        path = write_kmz(tmp_path / "a.kmz", self.kml(tmp_path))
        path.write_bytes(path.read_bytes()[:200])
        assert owner(path) is None
