"""Units convert by exact factors and back; printed areas are read only when they are beyond doubt."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmap.domain import units
from landmap.domain.errors import InvalidValueError
from landmap.domain.units import AreaStatus, parse_area

values = st.floats(min_value=1e-6, max_value=1e12, allow_nan=False)


def test_a_mu_is_two_thousand_thirds_of_a_square_metre() -> None:
    assert float(Fraction(2000, 3)) == units.M2_PER_MU
    assert [units.to_m2(value, "mu") for value in (1.5, 3.0, 15.0)] == [1000.0, 2000.0, 10_000.0]
    assert units.from_m2(units.M2_PER_HA, "mu") == 15.0
    assert units.from_m2(1e6, "mu") == 1500.0


@given(value=values, unit=st.sampled_from(sorted(units.AREA_UNITS)))
def test_an_area_survives_the_way_there_and_back(value: float, unit: str) -> None:
    assert units.from_m2(units.to_m2(value, unit), unit) == pytest.approx(value, rel=1e-14)
    assert units.to_m2(value, unit) == pytest.approx(value * units.AREA_UNITS[unit], rel=1e-14)


def test_arrays_convert_like_numbers_and_unknown_stays_unknown() -> None:
    areas = np.array([1.0, np.nan, 15.0])
    np.testing.assert_array_equal(units.to_m2(areas, "mu"), [units.to_m2(1.0, "mu"), np.nan, 10_000.0])
    np.testing.assert_array_equal(units.from_m2(areas, "ha"), [1e-4, np.nan, 1.5e-3])
    assert units.rent_to_cny_m2_day(areas, "day").tolist()[0] == 1.0


@pytest.mark.parametrize(
    ("value", "unit", "per_mu"),
    [(300.0, "万元/亩", 300.0), (4500.0, "万元/公顷", 300.0), (15.0, "元/㎡", 1.0), (15.0, "元／平方米", 1.0)],
)
def test_investment_intensity_is_per_mu_whatever_was_printed(value: float, unit: str, per_mu: float) -> None:
    assert units.intensity_to_10k_cny_per_mu(value, unit) == per_mu


@pytest.mark.parametrize(("unit", "days"), [("day", 1.0), ("month", 365 / 12), ("year", 365.0)])
def test_rent_is_per_day(unit: str, days: float) -> None:
    assert units.rent_to_cny_m2_day(days, unit) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("value", "unit", "load"),
    [(5.0, "kN/㎡", 5.0), (101.9716, "kg/m²", 1.0), (1.0, "t/m2", 9.80665), (2.0, "kPa", 2.0)],
)
def test_floor_load_is_in_kilonewtons(value: float, unit: str, load: float) -> None:
    assert units.load_to_kn_m2(value, unit) == pytest.approx(load, rel=1e-6)


@pytest.mark.parametrize(
    ("convert", "unit"),
    [
        (units.to_m2, "acre"),
        (units.from_m2, "亩"),
        (units.intensity_to_10k_cny_per_mu, "元"),
        (units.rent_to_cny_m2_day, "week"),
        (units.load_to_kn_m2, "t"),
    ],
)
def test_an_unknown_unit_is_named(convert: object, unit: str) -> None:
    with pytest.raises(InvalidValueError, match=unit):
        convert(1.0, unit)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "m2", "status"),
    [
        ("68507.52平方米(折102.76亩)", 68507.52, "ok"),
        ("68,507.52㎡", 68507.52, "ok"),
        ("面积：约 3.5 公顷", 35_000.0, "ok"),
        ("１５亩", 10_000.0, "ok"),
        ("2.5万平方米", 25_000.0, "ok"),
        ("0.02km²", 20_000.0, "ok"),
        ("68507.52平方米（折112.76亩）", None, "disagree"),
        ("9096㎡", 9096.0, "ok"),
        ("102.76", None, "no_unit"),
        ("68507.52平方米,折102.76", None, "no_unit"),
        ("", None, "unspecified"),
        ("—", None, "unspecified"),
        (None, None, "unspecified"),
        ("*.*亩", None, "unparsed"),
        ("10*亩", None, "unparsed"),
        ("1.2.3亩", None, "unparsed"),
        ("20亩20亩", None, "unparsed"),
        ("20-30亩", None, "unparsed"),
        ("24²亩", None, "unparsed"),
        ("五十亩", None, "unparsed"),
        ("1 5亩", None, "unparsed"),
        ("1\n5亩", None, "unparsed"),
        ("1\u200b5亩", None, "unparsed"),
        ("15 亩", 10_000.0, "ok"),
        ("1,23亩", None, "unparsed"),
        ("亩" * 300, None, "unparsed"),
    ],
)
def test_a_printed_area_is_read_or_not_at_all(text: str | None, m2: float | None, status: str) -> None:
    area, read = parse_area(text)
    assert (area if area is None else pytest.approx(area), read) == (m2, AreaStatus(status))


@given(m2=st.floats(min_value=100, max_value=9e7), error=st.floats(min_value=-0.02, max_value=0.02))
def test_two_printed_forms_must_agree_within_half_a_percent(m2: float, error: float) -> None:
    m2 = round(m2, 2)
    mu = units.from_m2(m2, "mu") * (1 + error)
    area, status = parse_area(f"{m2:.2f}平方米(折{mu:.6f}亩)")
    if abs(error) < 0.00499:
        assert (area, status) == (m2, AreaStatus.OK)
    elif abs(error) > 0.00501:
        assert (area, status) == (None, AreaStatus.DISAGREE)
