"""Texts of a drawing: attributes by their form and place, and Chinese in every encoding."""

import io
from pathlib import Path

import pytest
from ezdxf.filemanagement import new
from ezdxf.layouts.layout import Modelspace

from landmap.ingest.faults import RefusedError
from landmap.ingest.readers.dxf_labels import attributes_of
from landmap.ingest.readers.dxf_text import decode_dxf
from landmap.ingest.readers.dxf_walk import Label
from tests.dxf_tools import known, only, read
from tests.making_drawings import EAST, NORTH, corners, drawing, label


@pytest.mark.parametrize("text", ["LC(2025)04", "LC（2025）04", "LC〔2025〕4号", "青李【2025】第12号", "(2024)7"])
def test_a_year_in_brackets_with_a_number_behind_it_is_a_parcel_s_number(text: str) -> None:
    assert attributes_of([Label(text, 0, 0)], lambda header: False)[0] == {"地块编号": text}


@pytest.mark.parametrize("text", ["R(30)", "M(1:500)", "H(2025)", "(2025)", "LC(1825)04", "LC(2025)", "商业(2025)年"])
def test_other_brackets_are_no_number(text: str) -> None:
    assert "地块编号" not in attributes_of([Label(text, 0, 0)], lambda header: False)[0]


class TestLabels:
    @pytest.mark.parametrize(
        ("text", "header", "value"),
        [
            ("LC0102-035", "地块编号", "LC0102-035"),
            ("01-37", "地块编号", "01-37"),
            ("2023GC07007", "地块编号", "2023GC07007"),
            ("370283004115GB02011", "地块编号", "370283004115GB02011"),
            ("三号地块", "地块编号", "三号地块"),
            ("工业用地", "用途", "工业用地"),
            ("商业", "用途", "商业"),
            ("M1", "用地代码", "M1"),
            ("1001", "用地代码", "1001"),
            ("面积：30.5亩", "面积", "30.5亩"),
            ("S=12345.67㎡", "面积", "12345.67m2"),
            ("3.2公顷", "面积", "3.2公顷"),
            ("容积率：1.0-2.0", "容积率", "1.0-2.0"),
            ("容积率≥1.5", "容积率", "≥1.5"),
            ("竞得人: 甲公司", "竞得人", "甲公司"),
            ("九水街道", "名称", "九水街道"),
            ("12", "注记", "12"),
            ("R=30", "注记", "R=30"),
            ("%%c", "注记", "%%c"),
        ],
    )
    def test_are_read_by_their_form(self, text: str, header: str, value: str) -> None:
        assert attributes_of([Label(text, 0, 0)], known) == ({header: value}, {})

    @pytest.mark.parametrize("text", ["M1 一类工业用地", "一类工业用地(M1)", "M1一类工业用地"])
    def test_of_a_use_with_its_code_give_both(self, text: str) -> None:
        assert attributes_of([Label(text, 0, 0)], known)[0] == {"用途": "一类工业用地", "用地代码": "M1"}

    def test_of_several_lines_are_read_line_by_line(self) -> None:
        found, _ = attributes_of([Label("LC-1\n工业用地\n面积 2.5公顷\n\n", 0, 0)], known)
        assert found == {"地块编号": "LC-1", "用途": "工业用地", "面积": "2.5公顷"}

    def test_that_disagree_are_no_attribute_and_are_kept_as_notes(self, tmp_path: Path) -> None:
        def draw(space: Modelspace) -> None:
            space.add_lwpolyline(corners(), close=True)
            label(space, "LC-1", 50, 50)
            label(space, "LC-2", 50, 40)

        layer = only(drawing(tmp_path / "a.dxf", draw))
        assert "地块编号" not in layer.columns
        assert layer.columns["注记"] == ["地块编号: LC-1；地块编号: LC-2"]
        assert [(one.code, one.row, one.field) for one in layer.faults] == [("labels_disagree", 1, "地块编号")]

    def test_free_of_any_form_are_notes_when_there_are_several(self) -> None:
        found, _ = attributes_of([Label("甲公司", 0, 2), Label("规划道路", 0, 1)], known)
        assert found == {"注记": "甲公司；规划道路"}

    def test_belong_to_the_smallest_outline_around_them(self, tmp_path: Path) -> None:
        def draw(space: Modelspace) -> None:
            space.add_lwpolyline(corners(-500, -500, 2000), close=True, dxfattribs={"layer": "图框"})
            space.add_lwpolyline(corners(), close=True, dxfattribs={"layer": "地块"})
            label(space, "LC-1", 50, 50)

        frame, parcels = read(drawing(tmp_path / "a.dxf", draw))
        assert "地块编号" not in frame.columns
        assert parcels.columns["地块编号"] == ["LC-1"]

    def test_outside_every_outline_are_counted(self, tmp_path: Path) -> None:
        def draw(space: Modelspace) -> None:
            space.add_lwpolyline(corners(), close=True)
            label(space, "指北针", 900, 900)
            label(space, "1:500", 900, 800)

        (fault,) = only(drawing(tmp_path / "a.dxf", draw)).faults
        assert (fault.code, fault.value, fault.words["count"]) == ("labels_outside", "指北针", 2)

    def test_that_make_up_fields_without_end_are_refused(self, tmp_path: Path) -> None:
        def draw(space: Modelspace) -> None:
            space.add_lwpolyline(corners(), close=True)
            space.add_mtext(
                "\\P".join(f"字段{number}：值" for number in range(3000)), {"insert": (EAST + 1, NORTH + 1)}
            )

        with pytest.raises(RefusedError, match="columns_too_many"):
            read(drawing(tmp_path / "a.dxf", draw))

    def test_in_paragraphs_lose_their_formatting(self, tmp_path: Path) -> None:
        def draw(space: Modelspace) -> None:
            space.add_lwpolyline(corners(), close=True)
            space.add_mtext(r"{\fSimSun|b0;编号：LC-1}\P\H2.5x;用途：工业用地", {"insert": (EAST + 10, NORTH + 50)})

        layer = only(drawing(tmp_path / "a.dxf", draw))
        assert (layer.columns["编号"], layer.columns["用途"]) == (["LC-1"], ["工业用地"])


class TestChineseTexts:
    def text(self, page: str, version: str = "AC1015", body: bytes = b"") -> bytes:
        head = f"0\nSECTION\n2\nHEADER\n9\n$ACADVER\n1\n{version}\n9\n$DWGCODEPAGE\n3\n{page}\n0\nENDSEC\n"
        return head.encode() + b"1\n" + body + b"\n0\nEOF\n"

    @pytest.mark.parametrize(
        ("page", "version", "encoding", "doubt"),
        [
            ("ANSI_936", "AC1015", "gb18030", False),
            ("ANSI_950", "AC1015", "big5", False),
            ("ANSI_1252", "AC1021", "utf-8", False),
            ("ANSI_1252", "AC1015", "gb18030", True),
            ("ANSI_1252", "AC1015", "utf-8", True),
            ("ANSI_1252", "AC1015", "big5", True),
            ("ANSI_936", "AC1024", "gb18030", True),
            ("NONSENSE", "AC1009", "gb18030", True),
        ],
    )
    def test_are_right_whatever_the_header_says(self, page: str, version: str, encoding: str, doubt: bool) -> None:
        words = "樓山街道工業用地" if encoding == "big5" else "楼山街道工业用地"
        found = decode_dxf(self.text(page, version, words.encode(encoding)))
        assert words in found.text
        assert (found.encoding, bool(found.doubt)) == (encoding, doubt)

    def test_of_european_drawings_stay_european(self) -> None:
        found = decode_dxf(self.text("ANSI_1252", body="Größe 5 m² Café".encode("cp1252")))
        assert "Größe 5 m² Café" in found.text
        assert (found.encoding, found.doubt) == ("cp1252", "")

    @pytest.mark.parametrize("spelt", [r"\U+5730\U+5757", r"\M+5B5D8\M+5BFE9"])
    def test_spelt_in_ascii_are_characters_again(self, spelt: str) -> None:
        assert "地块" in decode_dxf(self.text("ANSI_1252", body=spelt.encode())).text

    def test_spelt_line_ends_stay_spelt(self) -> None:
        assert r"a\U+000Ab" in decode_dxf(self.text("ANSI_1252", body=rb"a\U+000Ab")).text

    def test_of_an_old_drawing_name_its_layers_and_parcels(self, tmp_path: Path) -> None:
        made = new("R2000")
        made.encoding = "gbk"
        made.header["$DWGCODEPAGE"] = "ANSI_936"
        made.modelspace().add_lwpolyline(corners(), close=True, dxfattribs={"layer": "用地红线"})
        made.modelspace().add_text("楼山工业园", dxfattribs={"insert": (EAST + 50, NORTH + 50)})
        stream = io.StringIO()
        made.write(stream)
        (tmp_path / "a.dxf").write_bytes(stream.getvalue().encode("gbk"))
        layer = only(tmp_path / "a.dxf")
        assert (layer.name, layer.columns["名称"], layer.encoding) == ("用地红线", ["楼山工业园"], "gb18030")
