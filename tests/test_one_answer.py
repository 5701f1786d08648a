"""Twenty wishes, asked in the address, over the API, on the command line and in Python: the same records in order."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import orjson
import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

import landmap
from landmap.cli import command_line
from tests.test_http import paged

app = command_line()

WISHES: dict[str, tuple[str, dict[str, object], str]] = {
    "large parcels": ("parcels", {"area_min": 60}, ""),
    "a band of hectares": ("parcels", {"area_min_ha": 1, "area_max_ha": 3}, "-area_m2"),
    "industrial land": ("parcels", {"land_use": ["1001"]}, ""),
    "industry and stores, largest first": ("parcels", {"land_use": ["1001", "11"], "include_parent": True}, "-area_m2"),
    "offices as the main use": ("parcels", {"land_use": "0902", "primary_only": True}, "parcel_no"),
    "a preset of the district": ("parcels", {"preset": "advanced_manufacturing"}, "-data_as_of,parcel_no"),
    "dense enough": ("parcels", {"floor_area_ratio_min": 2}, ""),
    "dense enough for certain": ("parcels", {"floor_area_ratio_min": 2, "match": "guaranteed"}, ""),
    "low houses to be checked": ("parcels", {"height_max": 24, "bucket": "pending"}, "area_m2"),
    "on offer": ("parcels", {"stage": ["announced", "bidding"], "method": "listing"}, "supply_stage,-area_m2"),
    "standard land near the metro": ("parcels", {"standard_land": True, "near": "metro_station:1500"}, ""),
    "near metro and motorway": ("parcels", {"near": ["metro_station:2000", "expressway_ramp:5000"]}, "area_m2"),
    "in a box": ("parcels", {"bbox": "120.36,36.14,120.44,36.2"}, ""),
    "in a drawn shape": ("parcels", {"within": "POLYGON((120.36 36.14,120.46 36.14,120.4 36.24,120.36 36.14))"}, ""),
    "by a word": ("parcels", {"q": "地块"}, "-parcel_no"),
    "fit for machines": ("parcels", {"industry": "35", "intensity_min": 300}, ""),
    "perhaps all checked": ("parcels", {"checklist": "green", "bucket": "pending", "as_of_min": "2024-01-01"}, ""),
    "offices with room": ("buildings", {"available_min": 500, "rent_max": 3}, "rent_min_cny_m2_day"),
    "rent to be checked": ("buildings", {"rent_max": 2, "bucket": "pending"}, "-gross_floor_area_m2"),
    "large buildings near the metro": ("buildings", {"gross_min": 10_000, "near": "metro_station:1000"}, ""),
}


def pairs(criteria: dict[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in criteria.items():
        for one in value if isinstance(value, list) else [value]:
            yield name, str(one).lower() if isinstance(one, bool) else str(one)


@pytest.fixture(scope="module")
def town(demo_home: Path) -> landmap.OpenMap:
    return landmap.open(demo_home)


def by_search(client: TestClient, layer: str, query: str) -> list[str]:
    """Return the records of the workspace's list, page by page, as its script asks for them."""
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        more = f"&after={cursor}" if cursor else ""
        body = client.get(f"/api/collections/{layer}/search?{query}&limit=40{more}").json()
        found += [card["id"] for card in body["records"]]
        cursor = body["next"]
    return found


@pytest.mark.parametrize("wish", WISHES)
def test_a_wish_has_one_answer_wherever_it_is_asked(
    wish: str, client: TestClient, town: landmap.OpenMap, demo_home: Path, tmp_path: Path
) -> None:
    layer, criteria, sort = WISHES[wish]
    said = list(pairs(criteria))
    query = urlencode([*said, *([("sort", sort)] if sort else [])])
    selection = town.select(layer, sort=tuple(key for key in sort.split(",") if key), **criteria)
    expected = list(selection.ids())
    assert selection.total == len(expected)
    assert by_search(client, layer, query) == expected
    assert paged(client, f"/api/collections/{layer}/items?{query}&limit=30") == expected
    file = tmp_path / "selection.geojson"
    words = [f"{name}={value}" for name, value in said]
    done = CliRunner().invoke(
        app, ["export", "--home", str(demo_home), "--layer", layer, "-o", str(file), "--sort", sort, "--", *words]
    )
    assert done.exit_code == 0, done.output
    assert [feature["id"] for feature in orjson.loads(file.read_bytes())["features"]] == expected
    assert list(selection.to_geodataframe().index) == expected


def test_the_wishes_are_worth_asking(town: landmap.OpenMap) -> None:
    totals = {wish: town.select(layer, **criteria).total for wish, (layer, criteria, _) in WISHES.items()}
    sizes = {layer: town.select(layer).total for layer in ("parcels", "buildings")}
    assert len(totals) == 20
    assert {wish for wish, total in totals.items() if total == 0} == set()
    assert all(total < sizes[WISHES[wish][0]] for wish, total in totals.items() if wish != "by a word")
