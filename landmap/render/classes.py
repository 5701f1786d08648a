"""Map classes: by what a layer is coloured, its legend, and the criteria a click on the legend means.

Parcels take the display classes of their land use; the other layers take one code each, coloured by
``data/map_classes.csv``. A code without a colour, and an unknown value, is grey and says so.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlencode

from landmap.domain import Lang, Table, code_list, land_use

GREY: Final = "#9aa0a6"
#: Key of the class of features whose value is unknown.
UNKNOWN: Final = "unknown"

#: The field whose code is the class, and the criterion that filters by it (empty: none).
_CODED: Final[Mapping[str, tuple[str, str, str]]] = {
    "buildings": ("building_kind", "building_kind", "kind"),
    "constraints": ("constraint_type", "constraint_type", ""),
    "facilities": ("kind", "facility_kind", ""),
    "districts": ("level", "district_level", ""),
}
#: The fields that decide the class of a parcel.
_LAND_USE: Final = ("land_use_code", "new_industry_tag")
_NO_TAG: Final = frozenset({None, "", "none"})


@dataclass(frozen=True, slots=True)
class MapClass:
    """One entry of a legend; `colour` is #rrggbb, `query` the criteria that select it (empty: not selectable)."""

    key: str
    label_zh: str
    label_en: str
    colour: str
    query: str = ""

    def label(self, lang: Lang) -> str:
        """Return the label in `lang`."""
        return self.label_zh if lang == "zh" else self.label_en

    def as_dict(self) -> dict[str, str]:
        """Return the class as the ``shapes`` answer states it."""
        return {
            "key": self.key,
            "label_zh": self.label_zh,
            "label_en": self.label_en,
            "colour": self.colour,
            "query": self.query,
        }


@cache
def map_classes(layer: str) -> Mapping[str, MapClass]:
    """Return the classes of `layer` by key, in legend order; the unknown class is the last."""
    made = _land_use_classes() if layer == "parcels" else _code_classes(layer)
    unknown = MapClass(UNKNOWN, "未知", "Unknown", GREY)
    return MappingProxyType({**{one.key: one for one in made}, UNKNOWN: unknown})


def map_class(layer: str, properties: Mapping[str, Any]) -> MapClass:
    """Return the class of one feature of `layer`.

    Examples
    --------
    >>> map_class("parcels", {"land_use_code": "0902", "new_industry_tag": "none"}).key
    'B2'
    >>> map_class("buildings", {"building_kind": None}).label_en
    'Unknown'
    """
    known = map_classes(layer)
    if layer == "parcels":
        code, tagged = properties.get("land_use_code"), properties.get("new_industry_tag") not in _NO_TAG
        return known[land_use.display_class(code, tagged).key] if code or tagged else known[UNKNOWN]
    field = _CODED[layer][0]
    return known.get(str(properties.get(field)), known[UNKNOWN])


def map_keys(table: Table) -> list[str]:
    """Return the key of the class of every record of a redacted table."""
    layer = table.layer.name
    fields = [name for name in (_LAND_USE if layer == "parcels" else (_CODED[layer][0],)) if name in table.columns]
    known: dict[tuple[str | None, ...], str] = {}
    rows = zip(*(table[name] for name in fields), strict=True) if fields else [()] * len(table)
    return [
        known.get(row) or known.setdefault(row, map_class(layer, dict(zip(fields, row, strict=True))).key)
        for row in rows
    ]


def _land_use_classes() -> list[MapClass]:
    return [
        MapClass(shown.key, shown.label_zh, shown.label_en, shown.colour, urlencode([("display_class", shown.key)]))
        for shown in land_use.display_classes()
    ]


def _code_classes(layer: str) -> list[MapClass]:
    _, listed, criterion = _CODED[layer]
    text = files("landmap.render").joinpath("data", "map_classes.csv").read_text(encoding="utf-8")
    colours = {row["key"]: row["colour"] for row in csv.DictReader(text.splitlines()) if row["layer"] == layer}
    return [
        MapClass(
            code.code,
            code.label_zh,
            code.label_en,
            colours.get(code.code, GREY),
            urlencode([(criterion, code.code)]) if criterion else "",
        )
        for code in code_list(listed).values()
    ]
