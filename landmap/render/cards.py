"""List cards: a few ready lines, an outline and bounds; and the labels beside facet counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import shapely

from landmap.domain import District, Interval, Layer, Words, land_use
from landmap.query import Catalog, Record
from landmap.render import numbers, values
from landmap.render.bounds import interval_text
from landmap.render.cartography import outline_path
from landmap.render.classes import map_class
from landmap.render.forms import rent_text, whole_metres
from landmap.render.sheet import number_of, title

#: The box of a card's outline.
OUTLINE: Final = (100, 70)
#: Decimals of a card's bounds, as of the shapes the map draws.
_DECIMALS: Final = 6
_FLAGS: Final[Mapping[str, str]] = {"true": "sheet.yes", "false": "sheet.no"}
_INDUSTRIES: Final = frozenset({"encouraged_industries", "restricted_industries", "industry_code"})


def card(record: Record, layer: Layer, words: Words, catalog: Catalog) -> dict[str, Any]:
    """Return the card of one record: ordinal, title, class, stage, two lines of text, bounds and outline.

    Parameters
    ----------
    record : Record
        As the audience sees it, drawn from an engine so that it knows its ordinal.
    layer : Layer
    words : Words
    catalog : Catalog
        Whose district the record lies in.
    """
    shown = map_class(layer.name, record.properties)
    stage = record.properties.get("supply_stage")
    return {
        "id": record.id,
        "ordinal": record.ordinal,
        "title": title(record, layer, words),
        "no": number_of(record, layer),
        "class": {"key": shown.key, "label": shown.label(words.lang), "colour": shown.colour},
        "stage": None
        if stage is None
        else {"code": stage, "label": values.code_text("supply_stage", stage, words.lang)},
        "lines": list(card_lines(record, layer, words)),
        "bounds": bounds(record.geometry),
        "outline": outline_path(record.geometry, *OUTLINE),
    }


def bounds(geometry: Any) -> list[float] | None:
    """Return west, south, east, north in degrees with 6 decimals; None without a shape."""
    if geometry is None or shapely.is_empty(geometry):
        return None
    return [round(float(one), _DECIMALS) for one in shapely.bounds(geometry)]


def card_lines(record: Record, layer: Layer, words: Words) -> tuple[str, ...]:
    """Return what a card says below its title: one line what and where, one line how much."""
    lines = _LINES.get(layer.name, _coded_lines)(record.properties, layer, words)
    return tuple(" · ".join(part for part in line if part) for line in lines if any(line))


Parts = list[list[str | None]]


def _parcel_lines(found: Mapping[str, Any], layer: Layer, words: Words) -> Parts:
    area, code = found.get("area_m2"), found.get("land_use_code")
    return [
        [
            None if code is None else values.land_use_name(code, words.lang),
            found.get("subdistrict"),
            _metro(found, words),
        ],
        [
            words("sheet.area_unknown") if area is None else numbers.mu(area, words.lang),
            None if area is None else numbers.square_metres(area, words.lang, whole=area >= 100 or whole_metres(found)),
            _ratio(found, words),
        ],
    ]


def _metro(found: Mapping[str, Any], words: Words) -> str | None:
    metres = found.get("metro_distance_m")
    return None if metres is None else words("sheet.metro", distance=numbers.distance(metres, words.lang))


def _ratio(found: Mapping[str, Any], words: Words) -> str | None:
    """Return the floor area ratio when it was read for certain."""
    status = (found.get("planning_parse_status") or {}).get("floor_area_ratio")
    interval = Interval(
        found.get("floor_area_ratio_min"),
        found.get("floor_area_ratio_max"),
        found.get("floor_area_ratio_min_inclusive") is not False,
        found.get("floor_area_ratio_max_inclusive") is not False,
    )
    text = interval_text(interval, words)
    if status not in (None, "ok", "ok_with_exception", "unspecified"):
        text = words("sheet.to_check")
    return None if text is None else f"{words('sheet.ratio')} {text}"


def _building_lines(found: Mapping[str, Any], layer: Layer, words: Words) -> Parts:
    gross, vacant = found.get("gross_floor_area_m2"), found.get("available_area_m2")
    metres = words.lang
    return [
        [
            *(values.value_text(layer.fields[name], found.get(name), words) for name in ("building_kind", "grade")),
            None if gross is None else numbers.square_metres(gross, metres, whole=True),
        ],
        [
            words("sheet.vacancy_unknown")
            if vacant is None
            else words("sheet.vacant", area=numbers.square_metres(vacant, metres, whole=True)),
            rent_text(found.get("rent_min_cny_m2_day"), found.get("rent_max_cny_m2_day"), words),
            _metro(found, words),
        ],
    ]


def _coded_lines(found: Mapping[str, Any], layer: Layer, words: Words) -> Parts:
    """Return the codes of a record that facets count by: they say what it is."""
    names = [name for name, field in layer.fields.items() if field.facet]
    return [[values.value_text(layer.fields[name], found.get(name), words) for name in names]]


_LINES: Final[Mapping[str, Callable[[Mapping[str, Any], Layer, Words], Parts]]] = MappingProxyType(
    {"parcels": _parcel_lines, "buildings": _building_lines}
)


def code_label(layer: Layer, field: str, code: str, words: Words, district: District) -> str:
    """Return what stands beside the count of one option of a facet.

    Land use shows code and name, presets and display classes their label (the district's own first), codes their
    label, flags yes or no; free text such as a subdistrict stands as it is.
    """
    if field == "preset":
        return values.preset_text(code, district, words.lang)
    if field == "display_class":
        known = {shown.key: shown for shown in land_use.display_classes()}.get(code)
        return code if known is None else known.label_zh if words.lang == "zh" else known.label_en
    if field == "land_use_code":
        return values.land_use_text(code, words.lang, code_first=True)
    if field.rpartition(".")[2] in _INDUSTRIES:
        return values.industry_text(code, words.lang)
    declared = layer.fields.get(field)
    if declared is not None and declared.kind == "boolean":
        return words(_FLAGS[code]) if code in _FLAGS else code
    return code if declared is None or not declared.codes else values.code_text(declared.codes, code, words.lang)
