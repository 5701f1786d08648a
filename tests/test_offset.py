"""GCJ-02 and BD-09: the shift is that of the web maps, and taking it back leads to where one started."""

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmap.domain.crs import SHIFT_ACCURACY_M, Datum, shifted, unshifted
from landmap.domain.crs.names import chinese_system, datum_named
from tests.sizes import sized

SHIFTED = (Datum.GCJ02, Datum.BD09)
GRS80 = pyproj.Geod(ellps="GRS80")
#: The corner of Licang that figures are published for.
LICANG = np.array([[120.41, 36.18]])


def points(count: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    draw = np.random.default_rng(7)
    return np.column_stack([draw.uniform(74, 134, count), draw.uniform(18, 53, count)])


@pytest.mark.parametrize("datum", Datum)
def test_a_round_trip_over_china_closes_to_well_under_a_millimetre(datum: Datum) -> None:
    true = points(sized(20_000, 200_000))
    back = unshifted(shifted(true, datum), datum)
    assert np.abs(back - true).max() < 1e-11


@given(st.floats(73, 135), st.floats(4, 54), st.sampled_from(Datum))
def test_every_place_comes_back_to_itself(lon: float, lat: float, datum: Datum) -> None:
    true = np.array([[lon, lat]])
    assert np.abs(unshifted(shifted(true, datum), datum) - true).max() < 1e-6


@pytest.mark.parametrize(("datum", "least", "most"), [(Datum.GCJ02, 425, 470), (Datum.BD09, 1225, 1275)])
def test_the_shift_at_licang_is_of_the_size_that_was_measured(datum: Datum, least: float, most: float) -> None:
    draw = np.random.default_rng(1)
    true = np.column_stack([draw.uniform(120.37, 120.48, 500), draw.uniform(36.13, 36.23, 500)])
    _, _, metres = GRS80.inv(*true.T, *shifted(true, datum).T)
    assert metres.min() > least
    assert metres.max() < most


def test_known_places_are_where_others_put_them() -> None:
    # eviltransform 0.1.1 and coord-convert 0.2.1 agree on these to 2 cm
    assert shifted(LICANG, Datum.GCJ02)[0] == pytest.approx([120.4151371, 36.1803098], abs=2e-7)
    beijing = np.array([[116.404, 39.915]])
    assert shifted(beijing, Datum.GCJ02)[0] == pytest.approx([116.4102445, 39.9164043], abs=2e-7)
    assert shifted(beijing, Datum.BD09)[0] == pytest.approx([116.4166273, 39.9226996], abs=2e-7)


def test_nothing_is_shifted_abroad_and_what_is_no_number_stays_none() -> None:
    abroad = np.array([[-75.15, 39.95], [np.nan, 36.0], [120.41, np.inf]])
    for datum in (Datum.CGCS2000, Datum.GCJ02):
        assert np.array_equal(shifted(abroad[:1], datum), abroad[:1])
        assert np.array_equal(unshifted(abroad, datum)[0], abroad[0])
        assert not np.isfinite(unshifted(abroad, datum)[1:]).all(axis=1).any()


def test_the_input_is_left_alone_and_true_coordinates_are_a_copy() -> None:
    before = LICANG.copy()
    for datum in Datum:
        unshifted(LICANG, datum)
        shifted(LICANG, datum)
    assert np.array_equal(LICANG, before)
    assert shifted(LICANG, Datum.CGCS2000) is not LICANG


def test_the_approximation_says_how_good_it_is() -> None:
    assert 1 <= SHIFT_ACCURACY_M <= 5


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2000国家大地坐标系", 4490),
        ("CGCS2000", 4490),
        ("国家2000坐标系 3度带 中央经线120°", 4549),
        ("CGCS2000 三度带", 4490),
        ("CGCS2000_3_Degree_GK_Zone_40", 4528),
        ("2000国家大地坐标系，3度分带，带号40", 4528),
        ("2000国家大地坐标系 6度带 中央子午线 123", 4510),
        ("WGS84", 4326),
        ("西安80", 4610),
        ("1980西安坐标系", 4610),
        ("80国家大地坐标系", 4610),
        ("Xian_1980_3_Degree_GK_Zone_40", 4610),
        ("1954年北京坐标系", 4214),
        ("北京54", 4214),
        ("新北京54", 4555),
        ("火星坐标系", 4326),
        ("青岛市城建坐标系", None),
        ("NAD83 / Pennsylvania South (ftUS)", None),
    ],
)
def test_chinese_names_of_systems_are_understood(text: str, code: int | None) -> None:
    assert chinese_system(text) == code


@pytest.mark.parametrize(
    ("text", "datum"),
    [
        ("GCJ-02", Datum.GCJ02),
        ("gcj02", Datum.GCJ02),
        ("火星坐标", Datum.GCJ02),
        ("高德地图坐标", Datum.GCJ02),
        ("腾讯经纬度", Datum.GCJ02),
        ("BD-09", Datum.BD09),
        ("百度坐标系", Datum.BD09),
        ("CGCS2000", None),
        ("EPSG:4326", None),
    ],
)
def test_web_map_coordinates_are_known_by_name(text: str, datum: Datum | None) -> None:
    assert datum_named(text) is datum
