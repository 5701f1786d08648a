"""The bureau's headline figures, computed from the written files as any reader of them could.

``python geodata/builder/headline.py [FOLDER]`` prints them.
"""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LICANG = Path(__file__).parents[1] / "licang"
FIRST, LAST = "2021-01-01", "2023-12-31"


@dataclass(frozen=True)
class Headline:
    """What was sold 2021–2023 (宗, 亩), the old plants finished and their new floor area, key-office occupancy."""

    sold: int
    sold_mu: float
    plants: int
    gfa_added_m2: float
    key_buildings: int
    occupancy: float


def headline(folder: Path = LICANG) -> Headline:
    """Return the figures of the layer files in `folder`."""
    parcels = {p["parcel_id"]: p for p in _features(folder / "parcels.geojson")}
    sold = [
        e
        for e in _rows(folder / "supply_events.csv")
        if e["stage"] == "sold" and FIRST <= e["on"] <= LAST and _industrial(parcels[e["parcel_id"]])
    ]
    plants = [
        r
        for r in _rows(folder / "redevelopments.csv")
        if r["kind"] == "old_plant_conversion" and r["status"] == "completed" and FIRST <= r["completed_on"] <= LAST
    ]
    offices = [
        b
        for b in _features(folder / "buildings.geojson")
        if b["building_kind"] == "office" and b["grade"] in {"super_A", "A"} and "available_area_m2" in b
    ]
    rentable = sum(b["rentable_area_m2"] for b in offices)
    return Headline(
        sold=len(sold),
        sold_mu=sum(float(e["area_m2"]) for e in sold) * 3 / 2000,
        plants=len(plants),
        gfa_added_m2=sum(float(r["gfa_added_m2"]) for r in plants),
        key_buildings=len(offices),
        occupancy=1 - sum(b["available_area_m2"] for b in offices) / rentable,
    )


def _industrial(parcel: dict[str, Any]) -> bool:
    """Return whether the parcel counts as 产业用地: industry, warehousing, research, offices, or a new-industry tag."""
    code, tag = str(parcel["land_use_code"]), parcel["new_industry_tag"]
    return code.startswith(("1001", "11", "0802", "0902")) or tag != "none"


def _features(path: Path) -> list[dict[str, Any]]:
    return [f["properties"] for f in json.loads(path.read_text(encoding="utf-8"))["features"]]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


if __name__ == "__main__":
    print(headline(Path(sys.argv[1]) if len(sys.argv) > 1 else LICANG))
