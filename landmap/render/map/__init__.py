"""The map: Folium elements of our own, the pages they stand in, and the one function that puts a map together.

The only package that imports Folium and branca. Data never passes through either as code: see `elements`.
"""

from landmap.render.map.admin_pages import admin_page
from landmap.render.map.confirm_page import ConfirmView, confirm_page, confirmed_page, no_confirm_page
from landmap.render.map.elements import JsonBlock, RawElement, script_json
from landmap.render.map.layers import (
    BasemapLayer,
    BuildingLayer,
    ConstraintLayer,
    DistrictLayer,
    FacilityLayer,
    FeatureLayer,
    Group,
    ParcelLayer,
)
from landmap.render.map.one_map import LAYERS, one_map
from landmap.render.map.onemap import OneMap
from landmap.render.map.page import Page
from landmap.render.map.pages import (
    ShareView,
    find_page,
    gone_page,
    problem_page,
    record_page,
    share_page,
    workspace_page,
)

__all__ = [
    "LAYERS",
    "BasemapLayer",
    "BuildingLayer",
    "ConfirmView",
    "ConstraintLayer",
    "DistrictLayer",
    "FacilityLayer",
    "FeatureLayer",
    "Group",
    "JsonBlock",
    "OneMap",
    "Page",
    "ParcelLayer",
    "RawElement",
    "ShareView",
    "admin_page",
    "confirm_page",
    "confirmed_page",
    "find_page",
    "gone_page",
    "no_confirm_page",
    "one_map",
    "problem_page",
    "record_page",
    "script_json",
    "share_page",
    "workspace_page",
]
