"""Staged layers: checked, kept, and waiting to be published."""

import pytest

from landmap.domain.errors import NotFoundError, SchemaError, StoreError
from landmap.store import (
    Home,
    stage,
    staged,
    unstage,
)
from tests.hamlet import parcels, stations
from tests.store_tools import home as home
from tests.store_tools import spoiled


def test_staged_layers_wait_with_their_sources_and_report(home: Home) -> None:
    stage(home, "parcels", parcels("A"), [{"name": "a.gpkg"}], {"findings": []})
    stage(home, "parcels", parcels("A", "B"), [{"name": "b.gpkg"}], {"findings": [{"code": "x"}]})
    stage(home, "facilities", stations("S"), [], {})
    waiting = staged(home)
    assert list(waiting) == ["facilities", "parcels"]
    assert sorted(waiting["parcels"].frame()["parcel_id"]) == ["A", "B"]
    assert waiting["parcels"].rows == 2
    assert waiting["parcels"].sources == ({"name": "b.gpkg"},)
    assert waiting["parcels"].report == {"findings": [{"code": "x"}]}
    assert len(list(home.staging.glob("parcels-*.parquet"))) == 1
    unstage(home, "parcels")
    assert list(staged(home)) == ["facilities"]
    with pytest.raises(NotFoundError, match="nothing of layer 'parcels' is staged"):
        unstage(home, "parcels")


def test_unstaging_leaves_what_was_staged_meanwhile(home: Home) -> None:
    old = stage(home, "parcels", parcels("A"), [], {})
    stage(home, "parcels", parcels("B"), [], {})
    unstage(home, "parcels", sha256=old.sha256)
    assert staged(home)["parcels"].frame()["parcel_id"].tolist() == ["B"]


def test_a_damaged_staged_layer_is_told(home: Home) -> None:
    waiting = stage(home, "parcels", parcels("A"), [], {})
    waiting.path.write_bytes(b"rot")
    with pytest.raises(StoreError, match="import it again"):
        staged(home)["parcels"].frame()


def test_only_canonical_frames_of_known_layers_are_staged(home: Home) -> None:
    with pytest.raises(NotFoundError):
        stage(home, "rockets", parcels("A"), [], {})
    with pytest.raises(SchemaError):
        stage(home, "parcels", spoiled("twice"), [], {})
    assert staged(home) == {}
