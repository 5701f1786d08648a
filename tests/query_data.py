"""What the query tests ask: the demo district as canonical frames, read straight from its files."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from landmap.domain import District, Kind, Layer, Table, canonical_frame, crs, frame_of, layer_named, layers, table_of
from landmap.domain.errors import NotFoundError
from landmap.query import Catalog

DEMO = Path(__file__).resolve().parent.parent / "geodata" / "licang"


@dataclass(frozen=True)
class FakeSnapshot:
    """A snapshot held in memory; `assets` are files beside the layers."""

    id: str
    district: District
    frames: Mapping[str, pd.DataFrame]
    assets: Mapping[str, Path]
    attached: Sequence[Mapping[str, Any]] = ()

    @property
    def layers(self) -> tuple[str, ...]:
        return tuple(self.frames)

    def table(self, name: str) -> Table:
        return table_of(self.frames[name], layer_named(name))

    def asset(self, name: str) -> Path:
        if name not in self.assets:
            raise NotFoundError(f"no file {name}")
        return self.assets[name]

    def attachments(self) -> list[dict[str, Any]]:
        return [dict(one) for one in self.attached]


def frames_in(catalog: Catalog) -> dict[str, pd.DataFrame]:
    """Return everything a catalog holds, as canonical frames."""
    return {name: frame_of(table) for name, table in catalog.tables.items()}


@cache
def demo_district() -> District:
    return District.from_toml(DEMO / "district.toml")


@cache
def demo_frames() -> Mapping[str, pd.DataFrame]:
    """Return every layer of the demo district as published: canonical, with the areas that filters read."""
    return {name: _frame(layer) for name, layer in layers.layers().items() if _file(name) is not None}


@cache
def demo_catalog() -> Catalog:
    snapshot = FakeSnapshot("demo", demo_district(), demo_frames(), {"basemap.geojson": DEMO / "basemap.geojson"})
    return Catalog.load(snapshot)


@cache
def rough_catalog() -> Catalog:
    """Return the demo district with values torn out at random, texts of every sort, and some outlines missing."""
    return Catalog.load(FakeSnapshot("rough", demo_district(), rough_frames(), {}))


@cache
def rough_frames() -> Mapping[str, pd.DataFrame]:
    rng = random.Random(7)
    return {name: _torn(frame, layers.layer_named(name), rng) for name, frame in demo_frames().items()}


#: Kept whole: they say who may see a record, or which one it is.
_WHOLE = {"visibility", "review_status", "plan_publicity", "parcel_id", "building_id", "district_code"}
_TEXTS = (
    "35 专用设备制造业",
    "C39 电子",
    "351",
    "专用设备制造业",
    "智能制造",
    "化学原料和化学制品制造业",
    "高端装备",
    "",
)


def _torn(frame: pd.DataFrame, layer: Layer, rng: random.Random) -> pd.DataFrame:
    kept = {*_WHOLE, *layer.key, *(("geometry",) if layer.name in ("facilities", "districts") else ())}
    columns = {
        name: [None if name not in kept and rng.random() < 0.15 else value for value in frame[name].astype(object)]
        for name in frame.columns
    }
    for name in {"encouraged_industries", "restricted_industries"} & columns.keys():
        columns[name] = [rng.choice((None, (), tuple(rng.sample(_TEXTS, rng.randint(1, 2))))) for _ in columns[name]]
    torn = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})
    return canonical_frame(torn, layer)


def _file(name: str) -> Path | None:
    found = [DEMO / f"{name}{ending}" for ending in (".geojson", ".csv")]
    return next((path for path in found if path.is_file()), None)


def _frame(layer: Layer) -> pd.DataFrame:
    path = _file(layer.name)
    assert path is not None
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [{k: v for k, v in row.items() if k in layer.fields} for row in csv.DictReader(file)]
        return canonical_frame(pd.DataFrame(_typed(rows, layer), dtype=object), layer)
    collection = json.loads(path.read_text(encoding="utf-8"))
    rows = [{k: v for k, v in one["properties"].items() if k in layer.fields} for one in collection["features"]]
    columns = _typed(rows, layer)
    shapes = gpd.GeoDataFrame.from_features(collection["features"], crs=4490).geometry
    if layer.name == "parcels":
        columns["geodesic_area_m2"] = crs.geodesic_area_m2(shapes.to_numpy()).tolist()
        known = zip(*(columns[f"{name}_area_m2"] for name in ("net", "registered", "geodesic")), strict=True)
        columns["area_m2"] = [next(area for area in areas if area is not None) for areas in known]
    frame = pd.DataFrame(columns, dtype=object)
    return canonical_frame(gpd.GeoDataFrame(frame, geometry=shapes, crs=4490), layer)


def _typed(rows: list[dict[str, Any]], layer: Layer) -> dict[str, list[Any]]:
    """Return the columns of a file as the values they stand for."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [_value(row.get(name), layer.fields[name].kind) for row in rows] for name in names}


def _value(value: Any, kind: Kind) -> Any:
    if value is None or value == "" or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, str):
        if kind is Kind.BOOLEAN:
            return value.lower() == "true"
        if kind.numeric:
            return float(value) if kind is Kind.NUMBER else int(float(value))
        if kind.listed:
            return value.split(";")
        if kind is Kind.JSON:
            return json.loads(value)
    return value
