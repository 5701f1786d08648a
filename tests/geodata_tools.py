"""The demo district's files as its tests read them."""

import csv
import importlib.util
import json
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from pyproj import Geod
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

GEODATA = Path(__file__).parents[1] / "geodata"


LICANG = GEODATA / "licang"


COLLECTIONS = ("parcels", "buildings", "constraints", "facilities", "districts", "parks", "projects")


GRS80 = Geod(ellps="GRS80")


@cache
def features(name: str) -> tuple[tuple[BaseGeometry, dict[str, Any]], ...]:
    found = json.loads((LICANG / f"{name}.geojson").read_text(encoding="utf-8"))["features"]
    return tuple((shape(f["geometry"]), f["properties"]) for f in found)


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    with (LICANG / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))


def records(name: str) -> list[dict[str, Any]]:
    return [record for _, record in features(name)]


@cache
def flaws() -> tuple[tuple[str, str, str, str], ...]:
    """Return layer, id, field and expected finding of every planted flaw."""
    lines = (GEODATA / "FLAWS.md").read_text(encoding="utf-8").splitlines()
    cells = [[c.strip(" `") for c in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return tuple((layer, ident, field, finding) for layer, ident, field, _, finding in cells[1:])


def program(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def area_m2(geometry: BaseGeometry) -> float:
    return abs(float(GRS80.geometry_area_perimeter(geometry)[0]))
