"""The browser's own modules, each asked directly: state and URL, geometry, histograms, trees, legends."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.driving import ORIGIN, given, visiting

pytestmark = pytest.mark.browser
SHELL = '<!DOCTYPE html><script src="/static/vendor/leaflet/leaflet.js"></script><p id="ready">'


@pytest.fixture(scope="module")
def shell(browser: Browser) -> Iterator[Page]:
    """Return a page that can import the product's modules."""
    with visiting(browser, given({"/": SHELL})) as (page, watch):
        page.goto(ORIGIN)
        yield page
        assert watch.complaints == []


def asked(page: Page, module: str, body: str, given: Any = None) -> Any:
    """Return what `body` returns, a function of the module `m` and `given`."""
    return page.evaluate(f"given => import('/static/{module}').then((m) => ({body})(m, given))", given)


@pytest.mark.parametrize(
    ("search", "canonical"),
    [
        ("", "?layer=parcels"),
        ("?layer=buildings&sort=-a&id=x%2Fy", "?layer=buildings&sort=-a&id=x%2Fy"),
        ("?land_use=1001&land_use=11&area_min=30", "?layer=parcels&land_use=1001&land_use=11&area_min=30"),
        ("?layer=castles", "?layer=parcels"),
        ("?view=36.18,120.4,13.5&lang=en", "?layer=parcels&view=36.18000%2C120.40000%2C13.5&lang=en"),
        ("?view=1,2", "?layer=parcels"),
        ("?view=91,2,3", "?layer=parcels"),
        ("?q=%E9%87%91%E6%B0%B4&foo=", "?layer=parcels&q=%E9%87%91%E6%B0%B4"),
    ],
)
def test_an_address_is_a_state_and_a_state_is_an_address(shell: Page, search: str, canonical: str) -> None:
    twice = "(m, search) => [m.format(m.parse(search)), m.format(m.parse(m.format(m.parse(search))))]"
    assert asked(shell, "js/state.js", twice, search) == [canonical, canonical]


@pytest.mark.parametrize(
    ("search", "bare"), [("", True), ("?lang=en&view=1,2,3", True), ("?layer=parcels", False), ("?q=a", False)]
)
def test_the_first_view_stands_in_only_where_nothing_is_said(shell: Page, search: str, bare: bool) -> None:
    assert asked(shell, "js/state.js", "(m, search) => m.bare(search)", search) is bare


def test_criteria_are_replaced_by_name_and_empty_values_dropped(shell: Page) -> None:
    criteria = [["q", "a"], ["land_use", "10"], ["land_use", "11"]]
    body = "(m, given) => m.withValues(given, 'land_use', ['07', '', null])"
    assert asked(shell, "js/state.js", body, criteria) == [["q", "a"], ["land_use", "07"]]


@pytest.mark.parametrize(
    ("x", "y", "inside"), [(1, 1, True), (5, 5, False), (9, 9, True), (11, 1, False), (-1, 5, False)]
)
def test_a_hole_is_outside(shell: Page, x: float, y: float, inside: bool) -> None:
    rings = [[0, 0, 10, 0, 10, 10, 0, 10, 0, 0], [4, 4, 6, 4, 6, 6, 4, 6, 4, 4]]
    assert asked(shell, "map/hit.js", "(m, [rings, x, y]) => m.insideRings(rings, x, y)", [rings, x, y]) is inside


@pytest.mark.parametrize(("x", "y", "metres"), [(5, 3, 3), (-4, 3, 5), (13, 4, 5), (5, 0, 0)])
def test_the_distance_to_a_line_is_to_its_nearest_point(shell: Page, x: float, y: float, metres: float) -> None:
    body = "(m, [x, y]) => m.distanceToLine([0, 0, 5, 0, 5, 0, 10, 0], x, y)"
    assert asked(shell, "map/hit.js", body, [x, y]) == metres


def test_the_square_of_mercator_and_degrees_undo_each_other(shell: Page) -> None:
    body = "(m, given) => given.map(([lon, lat]) => m.fromSquare(...m.toSquare(lon, lat)))"
    places = [[120.4, 36.18], [0, 0], [-179.9, -80], [179.9, 80]]
    for found, place in zip(asked(shell, "map/source.js", body, places), places, strict=True):
        assert found == pytest.approx(place, abs=1e-9)


def test_a_label_of_a_bent_parcel_stands_inside_it(shell: Page) -> None:
    ring = [[0, 0], [10, 0], [10, 1], [1, 1], [1, 9], [10, 9], [10, 10], [0, 10], [0, 0]]
    body = """(m, ring) => {
        const feature = m.readFeature({ g: { type: "Polygon", coordinates: [ring] } });
        return import("/static/map/hit.js").then((hit) => hit.insideRings(feature.parts, ...feature.anchor));
    }"""
    assert asked(shell, "map/source.js", body, ring) is True


def test_a_tile_answers_with_what_touches_it_and_nothing_far_away(shell: Page) -> None:
    body = """(m) => {
        const point = (id, lon) => ({ id, o: 0, g: { type: "Point", coordinates: [lon, 0] } });
        const source = new m.MemorySource([point("west", -90), point("east", 90), { id: "odd", g: { type: "Mist" } }]);
        return [source.features.length, source.tile(2, 0, 0).map((one) => one.id), source.tile(1, 0, 0).length];
    }"""
    assert asked(shell, "map/source.js", body) == [2, ["west"], 2]


def test_labels_do_not_overlap(shell: Page) -> None:
    body = """(m) => {
        const taken = new m.Occupied();
        const boxes = [[0, 0, 100, 20], [90, 10, 200, 30], [101, 0, 200, 20], [500, 500, 510, 510]];
        return boxes.map((box) => taken.take(box));
    }"""
    assert asked(shell, "map/labels.js", body) == [True, False, True, True]


def test_bits_are_read_least_significant_first(shell: Page) -> None:
    body = "(m) => [0, 1, 8, 9, 99].map((o) => m.matches(Uint8Array.of(2, 1), o)).concat(m.matches(null, 5))"
    assert asked(shell, "map/feature_layer.js", body) == [False, True, True, False, False, True]


@pytest.mark.parametrize(
    ("kind", "drawn"),
    [
        ({"kind": "sea"}, "sea"),
        ({"kind": "road", "class": "motorway"}, "expressway"),
        ({"kind": "railway"}, "rail"),
        ({"kind": "constructor"}, None),
        ({"kind": "__proto__"}, None),
        ({}, None),
    ],
)
def test_a_basemap_feature_is_drawn_by_its_kind(shell: Page, kind: dict[str, str], drawn: str | None) -> None:
    assert asked(shell, "map/basemap.js", "(m, given) => m.kindOf(given)", kind) == drawn


@pytest.mark.parametrize(("span", "step"), [(200, 1), (201, 2), (900, 5), (1, 0.005), (0, 1)])
def test_a_slider_moves_in_round_steps(shell: Page, span: float, step: float) -> None:
    assert asked(shell, "js/histogram.js", "(m, span) => m.niceStep(span)", span) == pytest.approx(step)


def test_a_class_counts_what_is_below_it(shell: Page) -> None:
    body = "(m) => Object.fromEntries(m.rolledUp([['100101', 2], ['1001', 3], ['11', 1]]))"
    assert asked(shell, "js/tree.js", body) == {"10": 5, "1001": 5, "100101": 2, "11": 1}


def test_two_limits_make_one_field_with_their_common_name(shell: Page) -> None:
    body = """(m) => {
        const limit = (name, label) => ({ name, label, kind: "number" });
        const made = m.paired([limit("a_min", "面积下限"), limit("a_max", "面积上限"), limit("b_min", "Tax, min."),
            { name: "as_of_min", kind: "date", label: "数据" }]);
        return [[...made.keys()], m.commonLabel(made.get("a")), m.commonLabel(made.get("b"))];
    }"""
    assert asked(shell, "js/filters.js", body) == [["a", "b", "as_of_min"], "面积", "Tax"]


def test_the_map_ends_where_the_sea_was_cut_and_not_at_a_shore(shell: Page) -> None:
    body = """(m) => {
        const ring = (...points) => Float64Array.from(points.flat());
        const area = (kind, ...points) => {
            const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
            return { kind, type: "polygon", parts: [ring(...points, points[0])],
                     box: [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] };
        };
        const road = { kind: "road_major", type: "line", parts: [], box: [0.1, 0.1, 0.9, 0.9] };
        const place = { kind: "place", type: "point", parts: [], box: [0, 0, 1, 1] };
        const shore = [[0.4, 0.201], [0.45, 0.4], [0.35, 0.6], [0.4, 0.8]];
        const sea = area("sea", [0.2, 0.2], ...shore, [0.201, 0.8]);
        const lake = area("water", [0.3, 0.3], [0.4, 0.3], [0.4, 0.4], [0.3, 0.4]);
        return [m.frameOf([road, place, lake, sea]), m.frameOf([road, lake]), m.frameOf([place])];
    }"""
    cut, whole, nothing = asked(shell, "map/frame.js", body)
    assert cut == pytest.approx([0.201, 0.201, 0.9, 0.8])
    assert (whole, nothing) == ([0.1, 0.1, 0.9, 0.9], None)


def test_a_click_on_the_legend_adds_a_class_and_a_second_takes_it_away(shell: Page) -> None:
    body = """(m) => {
        const query = "land_use=12&land_use=13";
        const on = m.withClass([["q", "a"], ["land_use", "12"]], query);
        return [on, m.isAsked(on, query), m.withClass(on, query)];
    }"""
    on = [["q", "a"], ["land_use", "12"], ["land_use", "13"]]
    assert asked(shell, "js/legend.js", body) == [on, True, [["q", "a"]]]


@pytest.mark.parametrize(("share", "height"), [(0.1, "peek"), (0.5, "half"), (0.9, "full")])
def test_the_sheet_snaps_to_the_nearest_height(shell: Page, share: float, height: str) -> None:
    assert asked(shell, "js/phone.js", "(m, share) => m.snap(share)", share) == height


def test_an_address_is_copied_where_the_clipboard_is_closed(shell: Page) -> None:
    body = """async (m) => {
      const { config } = await import("/static/js/words.js");
      config.words["page.detail.copied"] = "copied";
      const closed = { writeText: () => Promise.reject() };
      Object.defineProperty(navigator, "clipboard", { configurable: true, value: closed });
      const taken = [];
      document.execCommand = () => taken.push(document.activeElement.value);
      const button = document.createElement("button");
      await m.copy(button, "/parcels/A?x=1");
      delete navigator.clipboard;
      return [taken, button.textContent, document.querySelectorAll("textarea").length];
    }"""
    taken, said, left = asked(shell, "js/copy.js", body)
    assert [address.removeprefix(ORIGIN) for address in taken] == ["/parcels/A?x=1"]
    assert (said, left) == ("copied", 0)
