"""What we hand out comes back through our own door: the same ids, values, shapes to a millimetre, and Chinese text."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pytest
import shapely

from landmap.domain import Field, Kind
from landmap.ingest import StagedLayer
from landmap.ingest import check_here as check
from landmap.ingest.examine import COMPUTED
from landmap.query import Selection
from landmap.render import FORMATS
from tests import licang
from tests.making_files import write_bytes
from tests.query_data import demo_district

#: Formats that carry every field and the whole geometry, and the reader that takes each back.
VECTOR: Final = {
    "geojson": "geojson",
    "geojsonl": "geojsonseq",
    "gpkg": "gpkg",
    "fgb": "flatgeobuf",
    "parquet": "geoparquet",
}
#: A millimetre of latitude, degrees.
MILLIMETRE: Final = 9e-9
LAYERS: Final = ("parcels", "buildings", "constraints", "facilities", "districts")


@dataclass(frozen=True)
class Trip:
    """A selection, what the door made of it once it was written in a format, and those records by id."""

    key: str
    selection: Selection
    staged: StagedLayer
    rows: Mapping[str, Any]


def trip(folder: Path, key: str, layer: str) -> Trip:
    selection = licang.select(layer, licang.PLANNER)
    made = FORMATS[key]
    path = write_bytes(folder / f"a.{made.extension}", made.write(selection, licang.words("zh")))
    staged, report = check([path], layer, demo_district(), today=licang.TODAY)
    assert staged is not None, [one.refused for one in report.inputs]
    first = report.inputs[0]
    assert (first.rows_read, first.rows_accepted) == (selection.total, selection.total)
    return Trip(key, selection, staged, {row[selection.layer.id_field]: row for row in staged.frame.to_dict("records")})


@pytest.fixture(scope="module", params=[(key, layer) for layer in LAYERS for key in VECTOR], ids="-".join)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Trip:
    """Return a journey through each vector format and layer, made once."""
    return trip(tmp_path_factory.mktemp("trip"), *request.param)


def plain(value: Any, field: Field) -> Any:
    """Return a stored value as records give it."""
    if value is None or (not isinstance(value, list | dict | tuple) and pd.isna(value)):
        return None
    if field.kind is Kind.JSON and isinstance(value, str):
        return json.loads(value)
    if isinstance(value, pd.Timestamp | dt.date):
        return value.isoformat()[:10]
    if field.kind.listed:
        return list(value)
    return float(value) if field.kind.numeric else value


class TestEveryVectorFormat:
    def test_brings_back_every_id_and_value(self, made: Trip) -> None:
        assert made.staged.sources[0]["reader"] == VECTOR[made.key]
        assert made.rows.keys() == set(made.selection.ids())
        for record in made.selection.records():
            for name, field in made.selection.fields.items():
                if name in COMPUTED or name not in made.staged.frame:
                    continue
                told = plain(record.properties.get(name), field)
                found = plain(made.rows[record.id][name], field)
                assert found == (pytest.approx(told, rel=1e-9) if isinstance(told, float) else told), name

    def test_brings_back_every_shape_to_a_millimetre(self, made: Trip) -> None:
        for record in made.selection.records():
            shape = made.rows[record.id]["geometry"]
            assert shapely.hausdorff_distance(shape, record.geometry) <= MILLIMETRE
            assert shape.geom_type == record.geometry.geom_type

    def test_loses_no_field(self, made: Trip) -> None:
        lost = {name for name in made.selection.fields if name not in made.staged.frame}
        assert lost <= {"building_units"} | COMPUTED


@pytest.mark.parametrize(
    ("key", "layer", "names"),
    [
        ("guotu_txt", "parcels", ("parcel_no", "parcel_name")),
        ("csv", "facilities", ("name", "kind", "status")),
        ("xlsx", "facilities", ("name", "kind", "status")),
    ],
)
def test_narrower_formats_bring_back_what_they_hold(
    tmp_path: Path, key: str, layer: str, names: tuple[str, ...]
) -> None:
    back = trip(tmp_path, key, layer)
    for record in back.selection.records():
        row = back.rows[record.id]
        assert [row[name] for name in names] == [record.properties[name] for name in names]
        assert shapely.hausdorff_distance(row["geometry"], record.geometry) <= MILLIMETRE


def test_every_format_we_write_is_tried_here() -> None:
    assert {*VECTOR, "csv", "xlsx", "guotu_txt"} == FORMATS.keys()
