"""Arcs, circles, ellipses and splines of a drawing: chords within a stated tolerance."""

import math
from pathlib import Path

import numpy as np
import pytest
import shapely
from ezdxf.document import Drawing
from ezdxf.layouts.layout import Modelspace

from landmap.ingest.readers.dxf_outlines import densified
from tests.dxf_tools import only, shape, told
from tests.making_drawings import EAST, NORTH, corners, drawing


class TestArcs:
    def test_leave_the_true_curve_by_no_more_than_a_millimetre(self, tmp_path: Path) -> None:
        ends = [(EAST, NORTH, 0, 0, 1), (EAST + 200, NORTH, 0, 0, 1)]
        layer = only(drawing(tmp_path / "a.dxf", lambda s: s.add_lwpolyline(ends, close=True)))
        ring = shapely.get_coordinates(shape(layer)) - (EAST + 100, NORTH)
        middles = (ring[1:] + ring[:-1]) / 2
        assert np.hypot(*ring.T) == pytest.approx(100, abs=1e-6)
        assert 100 - np.hypot(*middles.T).min() <= 0.001
        assert shape(layer).area == pytest.approx(math.pi * 100**2, rel=1e-4)
        assert told(layer) == {"arcs_densified": None}

    @pytest.mark.parametrize("bulge", [0.1, -0.4, 1.0, -2.5])
    def test_bend_to_the_side_that_their_sign_says(self, bulge: float) -> None:
        points = densified(np.array([[0.0, 0.0], [10.0, 0.0]]), np.array([bulge, 0.0]), 0.001, closed=False)
        middle = points[len(points) // 2]
        assert middle[1] == pytest.approx(-bulge * 5, rel=0.02)
        assert points[0].tolist() == [0, 0]
        assert points[-1].tolist() == [10, 0]

    def test_of_no_length_or_endless_bulge_do_no_harm(self) -> None:
        points = np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 1.0]])
        assert len(densified(points, np.array([1.0, 1e300, 0.0]), 0.001, closed=True)) < 10_010

    def test_in_a_stretched_block_become_ellipses(self, tmp_path: Path) -> None:
        def prepare(made: Drawing) -> None:
            block = made.blocks.new("circle")
            block.add_lwpolyline([(-10, 0, 0, 0, 1), (10, 0, 0, 0, 1)], close=True)

        def draw(space: Modelspace) -> None:
            space.add_blockref("circle", (EAST, NORTH), dxfattribs={"xscale": 4, "yscale": 2, "rotation": 90})

        layer = only(drawing(tmp_path / "a.dxf", draw, prepare=prepare))
        assert shape(layer).area == pytest.approx(math.pi * 40 * 20, rel=1e-4)
        west, south, east, north = shape(layer).bounds
        assert (east - west, north - south) == pytest.approx((40, 80), abs=0.01)


class TestCurves:
    def test_a_circle_is_an_area_and_its_chords_stay_within_a_millimetre(self, tmp_path: Path) -> None:
        layer = only(drawing(tmp_path / "a.dxf", lambda s: s.add_circle((EAST, NORTH), 50)))
        points = shapely.get_coordinates(shape(layer))
        assert np.abs(np.hypot(points[:, 0] - EAST, points[:, 1] - NORTH) - 50).max() < 1e-6
        assert shape(layer).area == pytest.approx(math.pi * 2500, rel=1e-4)
        assert 0 < math.pi * 2500 - shape(layer).area < 2 * math.pi * 50 * 0.001
        assert told(layer)["arcs_densified"] is None

    def test_a_small_circle_marks_a_point_and_is_counted(self, tmp_path: Path) -> None:
        def draw(space: Modelspace) -> None:
            space.add_lwpolyline(corners(), close=True)
            for x, y in corners():
                space.add_circle((x, y), 0.5)

        layer = only(drawing(tmp_path / "a.dxf", draw))
        assert len(layer.rows) == 1
        assert told(layer)["part_unread"] == "CIRCLE (symbol)"

    def test_a_circle_of_a_scaled_block_is_as_large_as_it_is_drawn(self, tmp_path: Path) -> None:
        def prepare(made: Drawing) -> None:
            made.blocks.new("罐").add_circle((0, 0), 1)

        def draw(space: Modelspace) -> None:
            space.add_blockref("罐", (EAST, NORTH), dxfattribs={"xscale": 30, "yscale": 20})

        layer = only(drawing(tmp_path / "a.dxf", draw, prepare=prepare))
        assert shape(layer).area == pytest.approx(math.pi * 600, rel=1e-4)

    def test_an_ellipse_and_a_closed_spline_are_areas_with_their_tolerance_said(self, tmp_path: Path) -> None:
        def draw(space: Modelspace) -> None:
            space.add_ellipse((EAST, NORTH), (100, 0), 0.5)
            space.add_spline().set_closed([(x + 400, y, 0) for x, y in corners()])

        layer = only(drawing(tmp_path / "a.dxf", draw))
        assert shape(layer, 0).area == pytest.approx(math.pi * 100 * 50, rel=1e-4)
        # The uniform cubic of a square's corners, by its blending functions.
        t = np.linspace(0, 1, 2001)[:-1, None]
        blend = np.hstack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3]) / 6
        run = np.array(corners())
        spline = np.vstack([blend @ np.roll(run, -span, axis=0) for span in range(4)])
        assert shape(layer, 1).area == pytest.approx(shapely.Polygon(spline).area, rel=1e-4)
        (fault,) = [one for one in layer.faults if one.code == "curves_densified"]
        assert (fault.value, fault.words["share"]) == (2, "1/100,000")

    def test_an_arc_of_an_ellipse_and_an_open_spline_enclose_nothing(self, tmp_path: Path) -> None:
        def draw(space: Modelspace) -> None:
            space.add_lwpolyline(corners(), close=True)
            space.add_ellipse((EAST, NORTH), (100, 0), 0.5, 0, math.pi)
            space.add_open_spline([(x, y) for x, y in corners()])

        layer = only(drawing(tmp_path / "a.dxf", draw))
        counted = {fault.value: fault.words["count"] for fault in layer.faults if fault.code == "part_unread"}
        assert counted == {"ELLIPSE (open)": 1, "SPLINE (open)": 1}

    def test_a_spline_without_points_is_counted(self, tmp_path: Path) -> None:
        def draw(space: Modelspace) -> None:
            space.add_lwpolyline(corners(), close=True)
            space.add_spline()

        layer = only(drawing(tmp_path / "a.dxf", draw))
        assert told(layer)["part_unread"] == "SPLINE (mesh, or fewer than two points)"
