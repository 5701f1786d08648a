"""Which system numbers are in: by what is said, by their ranges, by where they then lie."""

import numpy as np
import pytest
import shapely

from landmap.domain import crs
from landmap.domain.errors import SourceError

LICANG = (120.30, 36.10, 120.55, 36.25)
LON, LAT = np.meshgrid(np.linspace(120.35, 120.50, 8), np.linspace(36.12, 36.22, 8))


DEGREES = np.column_stack([LON.ravel(), LAT.ravel()])


def columns(code: int) -> tuple[np.ndarray, np.ndarray]:
    """Return points of Licang in a system: east, north."""
    points = shapely.get_coordinates(crs.transform(shapely.points(DEGREES), 4490, code))
    return points[:, 0], points[:, 1]


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(
    ("stored", "declared", "header_zone", "found"),
    [
        (4490, None, None, 4490),
        (4490, 4490, None, 4490),
        (4490, 4326, None, 4326),
        (4490, 4549, None, 4490),
        (4528, None, None, 4528),
        (4528, 4528, None, 4528),
        (4528, 4490, None, 4528),
        (4528, 4549, None, 4528),
        (4528, 4326, 39, 4528),
        (4549, 4549, None, 4549),
        (4549, 4528, None, 4549),
        (4549, 4490, None, 4549),
        (4549, None, 40, 4549),
        (4549, None, None, 4549),
        (4549, 4546, None, 4549),
        (4549, None, 39, 4549),
        (4498, None, None, 4498),
        (4509, 4509, None, 4509),
        (4509, None, 20, 4509),
        (32651, 32651, None, 32651),
        (3857, 3857, None, 3857),
    ],
)
def test_values_outrank_what_the_file_says(
    stored: int, declared: int | None, header_zone: int | None, found: int, swapped: bool
) -> None:
    east, north = columns(stored)
    first, second = (north, east) if swapped else (east, north)

    guess = crs.detect_coordinates(first, second, declared, header_zone, 4549, LICANG)
    assert (guess.epsg, guess.swap) == (found, swapped)
    assert bool(guess.warnings) == (swapped or declared != found or header_zone not in (None, 40))
    stored_points = np.column_stack([second, first] if guess.swap else [first, second])
    placed = shapely.get_coordinates(crs.transform(shapely.points(stored_points), guess.epsg, 4490))
    np.testing.assert_allclose(placed, DEGREES, atol=1e-6)


@pytest.mark.parametrize(
    ("x", "y", "given", "why"),
    [
        ([540_000.0], [4_005_000.0], {}, "have no zone"),
        ([540_000.0], [4_005_000.0], {"header_zone": 24}, "no zone 24"),
        ([46_540_000.0], [4_005_000.0], {}, "no zone 46"),
        ([24_540_000.0], [4_005_000.0], {}, "no zone 24"),
        ([4_005_000.0], [4_010_000.0], {}, "ambiguous"),
        ([40_540_000.0, 39_540_000.0], [4_005_000.0] * 2, {}, "several zone numbers"),
        ([103_000.0], [112_000.0], {}, "fit no system"),
        ([1e308], [5e-324], {}, "fit no system"),
        ([np.nan, np.inf], [36.0, 36.0], {}, "finite"),
        ([], [], {}, "finite"),
        ([540_000.0], [4_005_000.0], {"header_zone": 38, "district_bounds": LICANG}, "outside the district"),
        ([118.0], [39.0], {"district_bounds": LICANG}, "outside the district"),
        ([40_640_000.0], [4_005_000.0], {"district_bounds": LICANG}, "outside the district"),
    ],
)
def test_what_cannot_be_decided_is_refused(x: list[float], y: list[float], given: dict[str, object], why: str) -> None:
    with pytest.raises(SourceError, match=why):
        crs.detect_coordinates(x, y, **given)  # type: ignore[arg-type]


def test_a_local_grid_is_called_one() -> None:
    with pytest.raises(SourceError) as raised:
        crs.detect_coordinates([180_000.0], [3_950_000.0], None, None, 4549, LICANG)
    assert "疑似地方坐标系" in (raised.value.hint or "")


def test_a_few_wrong_rows_do_not_turn_the_layer() -> None:
    east, north = columns(4528)
    east[:3], north[:3] = north[:3].copy(), east[:3].copy()
    guess = crs.detect_coordinates(east, north, 4528, None, 4549, LICANG)
    assert (guess.epsg, guess.swap) == (4528, False)
    assert any("outside" in warning for warning in guess.warnings)


PHILADELPHIA = (-75.3, 39.85, -74.95, 40.15)


@pytest.mark.parametrize(
    ("x", "y", "declared", "epsg", "swap"),
    [
        (2_700_000.0, 240_000.0, 2272, 2272, False),
        (240_000.0, 2_700_000.0, 2272, 2272, True),
        (-75.16, 39.95, 4326, 4326, False),
        (-75.16, 39.95, None, 4326, False),
        (39.95, -75.16, None, 4326, True),
        (39.95, -75.16, 4326, 4326, True),
    ],
)
def test_a_district_elsewhere_is_read_by_what_it_declares(
    x: float, y: float, declared: int | None, epsg: int, swap: bool
) -> None:
    guess = crs.detect_coordinates([x], [y], declared, None, 2272, PHILADELPHIA)
    assert (guess.epsg, guess.swap) == (epsg, swap)
