"""Queries: criteria in, one selection out.

Load a `Catalog`, build criteria (``criteria_class(layer).from_query(pairs, district)``), and let
``catalog.engine.select`` answer.
"""

from landmap.query.building_criteria import BuildingCriteria
from landmap.query.catalog import Catalog, SnapshotLike
from landmap.query.criteria import Chip, Criteria
from landmap.query.declaration import Declaration
from landmap.query.engine import Engine, Facet, Histogram, Ordinals, Page, Record, Selection
from landmap.query.exhibits import Exhibit
from landmap.query.memory import MemoryEngine
from landmap.query.names import NameBook, Suggestion, Suggestions
from landmap.query.parcel_criteria import ParcelCriteria
from landmap.query.parse import Bbox, Near, area_of, boxes, number, parse_bbox, parse_near, parse_within
from landmap.query.phrase import PHRASE_MAX, SPOKEN, Part, PhraseBook, Reading
from landmap.query.place_criteria import ConstraintCriteria, DistrictCriteria, FacilityCriteria, PlaceCriteria
from landmap.query.registry import criteria_class, declarations

__all__ = [
    "PHRASE_MAX",
    "SPOKEN",
    "Bbox",
    "BuildingCriteria",
    "Catalog",
    "Chip",
    "ConstraintCriteria",
    "Criteria",
    "Declaration",
    "DistrictCriteria",
    "Engine",
    "Exhibit",
    "Facet",
    "FacilityCriteria",
    "Histogram",
    "MemoryEngine",
    "NameBook",
    "Near",
    "Ordinals",
    "Page",
    "ParcelCriteria",
    "Part",
    "PhraseBook",
    "PlaceCriteria",
    "Reading",
    "Record",
    "Selection",
    "SnapshotLike",
    "Suggestion",
    "Suggestions",
    "area_of",
    "boxes",
    "criteria_class",
    "declarations",
    "number",
    "parse_bbox",
    "parse_near",
    "parse_within",
]
