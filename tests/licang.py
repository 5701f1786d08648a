"""The demo district as it is published, in memory, for tests that draw and print."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import pandas as pd

from landmap.domain import Audience, Level, Words, read_words
from landmap.pipeline import DERIVATIONS
from landmap.query import Catalog, Record, Selection, criteria_class
from landmap.resources import web_root
from tests.query_data import DEMO, FakeSnapshot, demo_district, demo_frames

TODAY = dt.date(2026, 11, 22)
SNAPSHOT_ID = "5a" * 32
PUBLIC = Audience(Level.PUBLIC)
OFFICER = Audience(Level.OFFICER)
PLANNER = Audience(Level.PLANNER)


@cache
def catalog() -> Catalog:
    """Return the demo district, ready to answer."""
    return catalog_of(demo_frames())


def catalog_of(frames: Mapping[str, pd.DataFrame]) -> Catalog:
    """Return a catalog of the demo district with these frames, derived as a publish derives them."""
    made = dict(frames)
    for derive in DERIVATIONS:
        made |= derive(made, demo_district())
    assets = {"basemap.geojson": DEMO / "basemap.geojson"}
    return Catalog.load(FakeSnapshot(SNAPSHOT_ID, demo_district(), made, assets))


@cache
def words(lang: Literal["zh", "en"] = "zh") -> Words:
    """Return the dictionary of a language."""
    return read_words(lang, web_root() / "i18n")


def select(
    layer: str = "parcels", audience: Audience = PUBLIC, sort: tuple[str, ...] = (), **criteria: Any
) -> Selection:
    """Return a selection of the demo district."""
    wanted = criteria_class(layer).from_query([(key, str(one)) for key, one in criteria.items()], demo_district())
    return catalog().engine.select(layer, wanted, audience, today=TODAY, sort=sort)


def record(layer: str, id: str, audience: Audience = PUBLIC) -> Record:
    """Return one record of the demo district."""
    return catalog().engine.record(layer, id, audience, today=TODAY)
