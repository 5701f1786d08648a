"""What the bureau knows: units, intervals, land use, coordinates, identifiers, fields, layers, audience, district.

Other rooms import the modules listed here (``from landmap.domain import units``) or the names (``from landmap.domain
import Layer``). Frames are loaded at their first use: what only serves answers has no use for them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from landmap.domain import (
    audience,
    crs,
    deadline,
    errors,
    fields,
    freshness,
    identifiers,
    intervals,
    land_use,
    layers,
    policy,
    units,
    words,
)
from landmap.domain.audience import PUBLIC, Audience, Level, PolicyClass, Scope, Visibility
from landmap.domain.district import Basemap, Contact, District, Preset
from landmap.domain.fields import LANGS, Code, Field, Kind, Lang, code_list, code_lists
from landmap.domain.freshness import Freshness, confirm_by, freshness_of, left_out
from landmap.domain.intervals import Interval
from landmap.domain.layers import Layer, children_of, collections, layer_named
from landmap.domain.policy import redact, redact_among, visible_records
from landmap.domain.stored import STORE_EPSG, compact_json
from landmap.domain.table import NO_INTEGER, Table
from landmap.domain.words import Words, read_all_words, read_words

if TYPE_CHECKING:
    from landmap.domain import frames
    from landmap.domain.frames import canonical_frame, frame_of, table_of

__all__ = [
    "LANGS",
    "NO_INTEGER",
    "PUBLIC",
    "STORE_EPSG",
    "Audience",
    "Basemap",
    "Code",
    "Contact",
    "District",
    "Field",
    "Freshness",
    "Interval",
    "Kind",
    "Lang",
    "Layer",
    "Level",
    "PolicyClass",
    "Preset",
    "Scope",
    "Table",
    "Visibility",
    "Words",
    "audience",
    "canonical_frame",
    "children_of",
    "code_list",
    "code_lists",
    "collections",
    "compact_json",
    "confirm_by",
    "crs",
    "deadline",
    "errors",
    "fields",
    "frame_of",
    "frames",
    "freshness",
    "freshness_of",
    "identifiers",
    "intervals",
    "land_use",
    "layer_named",
    "layers",
    "left_out",
    "policy",
    "read_all_words",
    "read_words",
    "redact",
    "redact_among",
    "table_of",
    "units",
    "visible_records",
    "words",
]

_LATE: Final = ("canonical_frame", "frame_of", "table_of")


def __getattr__(name: str) -> Any:
    if name == "frames":
        return import_module("landmap.domain.frames")
    if name in _LATE:
        return getattr(import_module("landmap.domain.frames"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
