"""What the bureau knows: units, intervals, land use, coordinates, identifiers, fields, layers, audience, district.

Other rooms import the modules listed here (``from landmap.domain import units``) or the names (``from landmap.domain
import Layer``).
"""

from landmap.domain import (
    audience,
    crs,
    errors,
    fields,
    frames,
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
from landmap.domain.frames import STORE_EPSG, canonical_frame, compact_json
from landmap.domain.intervals import Interval
from landmap.domain.layers import Layer, children_of, collections, layer_named
from landmap.domain.policy import redact, redact_among, visible_records
from landmap.domain.words import Words, read_all_words, read_words

__all__ = [
    "LANGS",
    "PUBLIC",
    "STORE_EPSG",
    "Audience",
    "Basemap",
    "Code",
    "Contact",
    "District",
    "Field",
    "Interval",
    "Kind",
    "Lang",
    "Layer",
    "Level",
    "PolicyClass",
    "Preset",
    "Scope",
    "Visibility",
    "Words",
    "audience",
    "canonical_frame",
    "children_of",
    "code_list",
    "code_lists",
    "collections",
    "compact_json",
    "crs",
    "errors",
    "fields",
    "frames",
    "identifiers",
    "intervals",
    "land_use",
    "layer_named",
    "layers",
    "policy",
    "read_all_words",
    "read_words",
    "redact",
    "redact_among",
    "units",
    "visible_records",
    "words",
]
