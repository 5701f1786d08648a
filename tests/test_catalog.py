"""A snapshot becomes a catalog: whole, frozen, and redacted when tables are handed out."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from landmap.domain import PolicyClass, collections
from landmap.domain.errors import NotFoundError
from landmap.query import Catalog, criteria_class
from tests.query_data import FakeSnapshot, demo_catalog
from tests.query_town import DISTRICT, OFFICER, PARCELS, TODAY, frame_of, town


def test_it_knows_its_snapshot() -> None:
    assert (town().snapshot_id, town().district) == ("town", DISTRICT)
    assert town().engine.snapshot_id == "town"
    assert town().engine.district is town().district


def test_layers_a_snapshot_does_not_have_are_empty() -> None:
    only = Catalog.load(FakeSnapshot("one", DISTRICT, {"parcels": frame_of("parcels", PARCELS)}, {}))
    for layer in collections():
        wish = criteria_class(layer)()
        selection = only.engine.select(layer, wish, OFFICER, today=TODAY)
        assert selection.total == (len(PARCELS) if layer == "parcels" else 0)
        assert selection.facets() is not None
        assert len(selection.to_geodataframe()) == selection.total
    record = only.engine.record("parcels", "A", OFFICER, today=TODAY)
    assert record.properties["site_assessments"] == []


@pytest.mark.parametrize(
    ("asking", "ids"), [(PolicyClass.PUBLIC, "ABCD"), (PolicyClass.PARTNER, "ABCDE"), (PolicyClass.INTERNAL, "ABCDEF")]
)
def test_tables_are_redacted(asking: PolicyClass, ids: str) -> None:
    table = town().table("parcels", asking)
    assert "".join(table["parcel_id"]) == ids
    assert ("land_status" in table.columns) == (asking is not PolicyClass.PUBLIC)


def test_a_table_handed_out_may_be_changed() -> None:
    town().table("parcels", PolicyClass.PUBLIC)["area_m2"][:] = 0.0
    assert np.nanmax(town().table("parcels", PolicyClass.PUBLIC)["area_m2"]) == 30_000.0


def test_layers_that_are_no_collection_have_tables_too() -> None:
    assert len(demo_catalog().table("parks", PolicyClass.PUBLIC)) > 0
    with pytest.raises(NotFoundError, match="no layer 'nothing'"):
        town().table("nothing", PolicyClass.PUBLIC)


def test_the_basemap_comes_from_the_snapshot(tmp_path: Path) -> None:
    path = tmp_path / "map.geojson"
    path.write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    frames: dict[str, pd.DataFrame] = {}
    there = Catalog.load(FakeSnapshot("x", DISTRICT, frames, {"basemap.geojson": path}))
    lost = Catalog.load(FakeSnapshot("x", DISTRICT, frames, {"basemap.geojson": tmp_path / "gone"}))
    assert there.basemap() == {"type": "FeatureCollection", "features": []}
    assert lost.basemap() is None
    assert town().basemap() is None
