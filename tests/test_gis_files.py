"""GeoPackage, FlatGeobuf and GeoParquet: one frame, three files."""

import io
import json
import sqlite3
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from landmap.domain import Kind
from landmap.render import FORMATS
from tests import licang


def frame_of(key: str, body: bytes, folder: Path) -> gpd.GeoDataFrame:
    if key == "parquet":
        return gpd.read_parquet(io.BytesIO(body))
    path = folder / f"x.{key}"
    path.write_bytes(body)
    return gpd.read_file(path)


@pytest.mark.parametrize("key", ["gpkg", "fgb", "parquet"])
@pytest.mark.parametrize("name", ["parcels", "buildings", "facilities"])
def test_every_value_comes_back(key: str, name: str, tmp_path: Path) -> None:
    selection = licang.select(name, licang.OFFICER)
    found = frame_of(key, FORMATS[key].write(selection, licang.words()), tmp_path)
    assert found.crs.to_epsg() == 4490
    for (_, row), record in zip(found.iterrows(), selection.records(), strict=True):
        assert shapely.equals_exact(row["geometry"], record.geometry, 1e-9)
        for field in selection.fields.values():
            value, back = record.properties[field.name], row[field.name]
            if value is None:
                assert pd.isna(back), field.name
            elif field.kind is Kind.JSON or field.kind.listed:
                assert json.loads(back) == value, field.name
            elif field.kind.numeric:
                assert float(back) == pytest.approx(value), field.name
            else:
                assert back == value, field.name


def test_a_geopackage_describes_itself(tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    path.write_bytes(FORMATS["gpkg"].write(licang.select("parcels"), licang.words("en")))
    with sqlite3.connect(path) as database:
        rows = database.execute("SELECT table_name, identifier, description FROM gpkg_contents").fetchall()
    database.close()
    ((table, title, text),) = rows
    assert (table, title) == ("parcels", "Parcels")
    assert "Sample data" in text
    assert licang.SNAPSHOT_ID in text


def test_flatgeobuf_says_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "x.fgb"
    path.write_bytes(FORMATS["fgb"].write(licang.select("parcels"), licang.words()))
    about = pyogrio.read_info(path, layer=0)
    assert about["features"] == licang.select("parcels").total
    assert "示例数据" in json.dumps(about["layer_metadata"], ensure_ascii=False)
