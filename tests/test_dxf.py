"""What a drawing holds: outlines with arcs, fills and blocks, and the texts in them as attributes."""

import math
from pathlib import Path

import pytest
import shapely
from ezdxf.document import Drawing
from ezdxf.filemanagement import new
from ezdxf.layouts.layout import Modelspace

from landmap.ingest import check_here as check
from landmap.ingest.faults import RefusedError
from landmap.ingest.readers import RawLayer
from landmap.ingest.readers.dxf import DxfReader
from tests.dxf_tools import only, read, shape, told
from tests.making_drawings import EAST, NORTH, corners, drawing, label
from tests.making_files import town


def test_a_closed_polyline_is_a_record_with_its_layer_and_handle(tmp_path: Path) -> None:
    layer = only(
        drawing(tmp_path / "a.dxf", lambda s: s.add_lwpolyline(corners(), close=True, dxfattribs={"layer": "地块"}))
    )
    assert (layer.name, layer.columns["图层"], layer.rows) == ("地块", ["地块"], (1,))
    assert shape(layer).equals(shapely.Polygon(corners()))
    assert layer.columns["实体句柄"][0]
    assert layer.faults == ()


@pytest.mark.parametrize("version", ["R12", "R2000", "R2004", "R2007", "R2018"])
def test_every_version_is_read(tmp_path: Path, version: str) -> None:
    def draw(space: Modelspace) -> None:
        space.add_polyline2d(corners(), close=True)
        label(space, "LC-1", 50, 50)

    layer = only(drawing(tmp_path / "a.dxf", draw, version=version))
    assert layer.columns["地块编号"] == ["LC-1"]
    assert shape(layer).area == pytest.approx(10_000)


def test_binary_drawings_are_read(tmp_path: Path) -> None:
    made = new("R2010")
    made.modelspace().add_lwpolyline(corners(), close=True, dxfattribs={"layer": "用地红线"})
    made.saveas(tmp_path / "a.dxf", fmt="bin")
    head = (tmp_path / "a.dxf").read_bytes()[:4096]
    assert DxfReader().recognises(head, tmp_path / "a.dxf")
    assert only(tmp_path / "a.dxf").name == "用地红线"


def test_comments_may_stand_before_the_first_section() -> None:
    reader, path = DxfReader(), Path("a")
    assert reader.recognises(b"999\r\nmade by a program\r\n  0\r\nSECTION\r\n", path)
    assert not reader.recognises(b"0\n1\n0\nSECTION\n", path)
    assert not reader.recognises(b"SECTION,0\n1,2\n", path)


class TestRings:
    def test_that_end_where_they_began_are_closed_whatever_their_flag(self, tmp_path: Path) -> None:
        layer = only(drawing(tmp_path / "a.dxf", lambda s: s.add_lwpolyline([*corners(), corners()[0]])))
        assert shape(layer).area == 10_000
        assert layer.faults == ()

    def test_nearly_closed_are_closed_and_said(self, tmp_path: Path) -> None:
        west, south = corners()[0]
        layer = only(drawing(tmp_path / "a.dxf", lambda s: s.add_lwpolyline([*corners(), (west + 0.2, south)])))
        assert shape(layer).is_valid
        assert shape(layer).area == pytest.approx(10_000, abs=15)
        assert told(layer) == {"ring_nearly_closed": pytest.approx(0.2, abs=1e-3)}

    def test_open_lines_and_other_kinds_are_counted_and_layers_of_nothing_else_named(self, tmp_path: Path) -> None:
        def draw(space: Modelspace) -> None:
            space.add_lwpolyline(corners(), close=True)
            space.add_lwpolyline(corners(300)[:3], dxfattribs={"layer": "道路"})
            for _ in range(3):
                space.add_line((EAST, NORTH), (EAST + 1, NORTH))
            space.add_circle((EAST, NORTH), 2)

        layer = only(drawing(tmp_path / "a.dxf", draw))
        counted = {fault.value: fault.words["count"] for fault in layer.faults if fault.code == "part_unread"}
        assert counted == {"LINE": 3, "CIRCLE (symbol)": 1, "LWPOLYLINE (open)": 1}
        assert told(layer)["drawing_layer_without_areas"] == "道路"

    def test_that_enclose_nothing_are_counted(self, tmp_path: Path) -> None:
        def draw(space: Modelspace) -> None:
            space.add_lwpolyline(corners(), close=True)
            space.add_lwpolyline([(EAST, NORTH), (EAST + 9, NORTH)], close=True)

        assert told(only(drawing(tmp_path / "a.dxf", draw)))["part_unread"] == "LWPOLYLINE (no area)"

    def test_on_paper_are_counted(self, tmp_path: Path) -> None:
        path = drawing(
            tmp_path / "a.dxf",
            lambda s: s.add_lwpolyline(corners(), close=True),
            prepare=lambda made: made.layout("Layout1").add_line((0, 0), (1, 1)),
        )
        assert told(only(path))["part_unread"] == "Layout1 (paper)"

    def test_a_drawing_without_any_is_refused_with_what_it_holds(self, tmp_path: Path) -> None:
        path = drawing(tmp_path / "a.dxf", lambda s: s.add_line((EAST, NORTH), (EAST + 1, NORTH)))
        with pytest.raises(RefusedError) as refused:
            read(path)
        assert (refused.value.fault.code, refused.value.fault.value) == ("drawing_without_areas", "LINE × 1")

    def test_drawn_from_below_are_turned_right(self, tmp_path: Path) -> None:
        mirrored = [(-x, y) for x, y in corners()]
        path = drawing(
            tmp_path / "a.dxf",
            lambda s: s.add_lwpolyline(mirrored, close=True, dxfattribs={"extrusion": (0, 0, -1)}),
        )
        assert shape(only(path)).normalize().equals_exact(shapely.Polygon(corners()).normalize(), 1e-6)

    def test_off_the_ground_lose_their_height_and_say_so(self, tmp_path: Path) -> None:
        path = drawing(tmp_path / "a.dxf", lambda s: s.add_polyline3d([(x, y, 35.5) for x, y in corners()], close=True))
        assert "height_dropped" in told(only(path))
        assert not shape(only(path)).has_z


class TestHoles:
    def nested(self, path: Path, *inside: str) -> Path:
        def draw(space: Modelspace) -> None:
            space.add_lwpolyline(corners(), close=True)
            space.add_lwpolyline(corners(40, 40, 20), close=True)
            for text in inside:
                label(space, text, 50, 50)

        return drawing(path, draw)

    def test_are_never_guessed_both_rings_stay_and_the_steward_is_told(self, tmp_path: Path) -> None:
        layer = only(self.nested(tmp_path / "a.dxf"))
        assert [one.area for one in layer.geometry if one] == [10_000, 400]  # type: ignore[union-attr]
        assert [(fault.code, fault.row, fault.words["other"]) for fault in layer.faults] == [("ring_within", 2, 1)]

    def test_are_cut_where_a_text_says_so(self, tmp_path: Path) -> None:
        layer = only(self.nested(tmp_path / "a.dxf", "孔洞"))
        assert len(layer.rows) == 1
        assert shape(layer).area == 9_600
        assert told(layer) == {"holes_cut": None}

    def test_are_cut_where_a_fill_leaves_them_out(self, tmp_path: Path) -> None:
        def draw(space: Modelspace) -> None:
            space.add_lwpolyline(corners(), close=True)
            space.add_lwpolyline(corners(40, 40, 20), close=True)
            hatch = space.add_hatch()
            hatch.paths.add_polyline_path(corners(), flags=1)
            hatch.paths.add_polyline_path(corners(40, 40, 20), flags=16)

        layer = only(drawing(tmp_path / "a.dxf", draw))
        assert len(layer.rows) == 1
        assert shape(layer).area == 9_600
        assert told(layer).keys() == {"outlines_repeated", "holes_cut"}

    def test_with_a_number_of_their_own_are_parcels(self, tmp_path: Path) -> None:
        layer = only(self.nested(tmp_path / "a.dxf", "LC-2"))
        assert layer.columns["地块编号"] == [None, "LC-2"]

    def test_of_another_layer_are_no_holes(self, tmp_path: Path) -> None:
        def draw(space: Modelspace) -> None:
            space.add_lwpolyline(corners(), close=True)
            space.add_lwpolyline(corners(40, 40, 20), close=True, dxfattribs={"layer": "建筑"})

        parcels, buildings = read(drawing(tmp_path / "a.dxf", draw))
        assert (parcels.name, buildings.name) == ("0", "建筑")
        assert parcels.faults == ()


class TestFills:
    def test_stand_for_the_line_around_them_once(self, tmp_path: Path) -> None:
        def draw(space: Modelspace) -> None:
            space.add_lwpolyline(corners(), close=True, dxfattribs={"layer": "地块"})
            space.add_hatch(dxfattribs={"layer": "填充"}).paths.add_polyline_path(corners())

        layer = only(drawing(tmp_path / "a.dxf", draw))
        assert (layer.name, len(layer.rows)) == ("地块", 1)
        assert told(layer)["outlines_repeated"] is None

    def test_alone_are_records(self, tmp_path: Path) -> None:
        path = drawing(tmp_path / "a.dxf", lambda s: s.add_hatch().paths.add_polyline_path(corners()))
        assert shape(only(path)).area == 10_000

    def test_with_edges_of_every_kind_are_followed(self, tmp_path: Path) -> None:
        def draw(space: Modelspace) -> None:
            edges = space.add_hatch().paths.add_edge_path()
            edges.add_line((EAST, NORTH), (EAST + 100, NORTH))
            edges.add_arc((EAST + 100, NORTH + 50), radius=50, start_angle=270, end_angle=90)
            edges.add_line((EAST, NORTH + 100), (EAST + 100, NORTH + 100))  # drawn the other way round
            edges.add_ellipse((EAST, NORTH + 50), major_axis=(0, 50), ratio=0.5, start_angle=0, end_angle=180, ccw=True)

        area = shape(only(drawing(tmp_path / "a.dxf", draw))).area
        assert area == pytest.approx(10_000 + math.pi * 50**2 / 2 + math.pi * 50 * 25 / 2, rel=1e-4)

    def test_have_no_islands_around_texts(self, tmp_path: Path) -> None:
        def draw(space: Modelspace) -> None:
            hatch = space.add_hatch()
            hatch.paths.add_polyline_path(corners(), flags=1)
            hatch.paths.add_polyline_path(corners(40, 40, 20), flags=8)

        assert shape(only(drawing(tmp_path / "a.dxf", draw))).area == 10_000


class TestBlocks:
    def test_bring_their_outlines_texts_and_attributes(self, tmp_path: Path) -> None:
        def prepare(made: Drawing) -> None:
            block = made.blocks.new("plot")
            block.add_lwpolyline([(0, 0), (100, 0), (100, 100), (0, 100)], close=True)
            block.add_text("工业用地", dxfattribs={"insert": (50, 60)})
            block.add_attdef("DKBH", (50, 50))

        def draw(space: Modelspace) -> None:
            for number in range(2):
                where = (EAST + 200 * number, NORTH)
                one = space.add_blockref("plot", where, dxfattribs={"layer": "地块"})
                one.add_attrib("DKBH", f"LC-{number}", (where[0] + 50, where[1] + 50))

        layer = only(drawing(tmp_path / "a.dxf", draw, prepare=prepare))
        assert layer.name == "地块", "layer 0 inside a block is the block's own"
        assert layer.columns["DKBH"] == ["LC-0", "LC-1"]
        assert layer.columns["用途"] == ["工业用地"] * 2
        assert shape(layer, 1).bounds == (EAST + 200, NORTH, EAST + 300, NORTH + 100)

    def test_in_a_grid_are_drawn_in_every_cell(self, tmp_path: Path) -> None:
        def prepare(made: Drawing) -> None:
            made.blocks.new("plot").add_lwpolyline([(0, 0), (10, 0), (10, 10), (0, 10)], close=True)

        def draw(space: Modelspace) -> None:
            grid = {"row_count": 3, "column_count": 4, "row_spacing": 20, "column_spacing": 20}
            space.add_blockref("plot", (EAST, NORTH), dxfattribs=grid)

        assert len(only(drawing(tmp_path / "a.dxf", draw, prepare=prepare)).rows) == 12

    def test_that_unfold_without_end_are_refused(self, tmp_path: Path) -> None:
        def prepare(made: Drawing) -> None:
            made.blocks.new("b0").add_lwpolyline([(0, 0), (1, 0), (1, 1)], close=True)
            for depth in range(1, 9):
                block = made.blocks.new(f"b{depth}")
                for _ in range(10):
                    block.add_blockref(f"b{depth - 1}", (0, 0))

        path = drawing(tmp_path / "a.dxf", lambda s: s.add_blockref("b8", (EAST, NORTH)), prepare=prepare)
        with pytest.raises(RefusedError) as refused:
            read(path)
        assert refused.value.fault.code == "drawing_too_large"

    def test_that_hold_themselves_end(self, tmp_path: Path) -> None:
        def prepare(made: Drawing) -> None:
            block = made.blocks.new("loop")
            block.add_blockref("loop", (1, 1))
            block.add_lwpolyline([(0, 0), (10, 0), (10, 10), (0, 10)], close=True)

        path = drawing(tmp_path / "a.dxf", lambda s: s.add_blockref("loop", (EAST, NORTH)), prepare=prepare)
        assert told(only(path))["part_unread"] == "INSERT (inside itself, or nested too deeply)"

    def test_that_a_million_cells_repeat_are_refused_before_they_are_drawn(self, tmp_path: Path) -> None:
        def prepare(made: Drawing) -> None:
            made.blocks.new("plot").add_lwpolyline([(0, 0), (1, 0), (1, 1)], close=True)

        def draw(space: Modelspace) -> None:
            grid = {"row_count": 32_000, "column_count": 32_000, "row_spacing": 2, "column_spacing": 2}
            space.add_blockref("plot", (EAST, NORTH), dxfattribs=grid)

        with pytest.raises(RefusedError) as refused:
            read(drawing(tmp_path / "a.dxf", draw, prepare=prepare))
        assert refused.value.fault.code == "drawing_too_large"


class TestUnits:
    def at(self, path: Path, factor: float, unit: int) -> RawLayer:
        outline = [(x / factor, y / factor) for x, y in corners()]
        return only(drawing(path, lambda s: s.add_lwpolyline(outline, close=True), header={"$INSUNITS": unit}))

    @pytest.mark.parametrize(("factor", "unit"), [(0.001, 4), (0.001, 0), (0.01, 5)])
    def test_other_than_metres_are_turned_into_metres_and_said(self, tmp_path: Path, factor: float, unit: int) -> None:
        layer = self.at(tmp_path / "a.dxf", factor, unit)
        assert shape(layer).area == pytest.approx(10_000, rel=1e-9)
        assert [(one.code, one.words["metres"]) for one in layer.faults] == [("drawing_scaled", factor)]

    def test_said_to_be_millimetres_of_coordinates_in_metres_are_not_believed(self, tmp_path: Path) -> None:
        layer = self.at(tmp_path / "a.dxf", 1.0, 4)
        assert shape(layer).area == pytest.approx(10_000)
        assert told(layer) == {"drawing_unit_disregarded": 4}

    def test_of_coordinates_that_are_nowhere_are_left_alone(self, tmp_path: Path) -> None:
        outline = [(0, 0), (500, 0), (500, 500), (0, 500)]
        path = drawing(tmp_path / "a.dxf", lambda s: s.add_lwpolyline(outline, close=True), header={"$INSUNITS": 4})
        assert shape(only(path)).area == 250_000


def test_a_labelled_outline_becomes_a_parcel_with_its_number_use_area_and_conditions(tmp_path: Path) -> None:
    texts = ("LC2025—001", "M1 一类工业用地", "S=10001.5㎡", "容积率：1.0-2.0", "绿地率≤20%", "楼山片区")

    def draw(space: Modelspace) -> None:
        space.add_lwpolyline(corners(), close=True)
        for line, text in enumerate(texts):
            label(space, text, 50, 90 - 10 * line)

    staged, report = check([drawing(tmp_path / "a.dxf", draw)], "parcels", town())
    assert staged is not None
    parcel = staged.frame.iloc[0]
    assert (parcel.parcel_no, parcel.parcel_name, parcel.net_area_m2) == ("LC2025—001", "楼山片区", 10001.5)
    assert (parcel.land_use_code, parcel.land_use_raw) == ("100101", "一类工业用地")
    assert (parcel.floor_area_ratio_min, parcel.floor_area_ratio_max) == (1.0, 2.0)
    assert parcel.green_space_ratio_max_pct == 20
    assert report.inputs[0].crs == "EPSG:4528"


def test_what_other_programs_hang_on_entities_is_counted(tmp_path: Path) -> None:
    def draw(space: Modelspace) -> None:
        outline = space.add_lwpolyline(corners(), close=True)
        outline.set_xdata("SOUTH", [(1000, "300000"), (1000, "甲公司")])

    path = drawing(tmp_path / "a.dxf", draw, prepare=lambda made: made.appids.new("SOUTH"))
    (fault,) = only(path).faults
    assert (fault.code, fault.words["count"]) == ("drawing_data_unread", 1)


def test_layers_that_are_off_or_frozen_are_read_and_said(tmp_path: Path) -> None:
    path = drawing(
        tmp_path / "a.dxf",
        lambda s: s.add_lwpolyline(corners(), close=True, dxfattribs={"layer": "备份"}),
        prepare=lambda made: made.layers.add("备份").off(),
    )
    assert told(only(path)) == {"drawing_layer_hidden": "备份"}


def test_a_drawing_with_a_broken_structure_is_mended_and_said(tmp_path: Path) -> None:
    path = drawing(tmp_path / "a.dxf", lambda s: s.add_lwpolyline(corners(), close=True))
    text = path.read_text().replace("  0\nENDSEC", "  0\nENDSEC\n  0\nENDSEC", 1)
    path.write_text(text)
    assert "drawing_recovered" in told(only(path))
