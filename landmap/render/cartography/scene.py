"""What a map shows, decided before it is drawn: a site with its neighbours, a place in the district, a chosen few."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import shapely

from landmap.domain import Audience, Lang, Words, collections, layer_named
from landmap.query import Catalog, Record
from landmap.render import numbers
from landmap.render.cartography.board import Base, around, basemap, every, on_plane
from landmap.render.cartography.frame import Frame
from landmap.render.cartography.marks import Marks, marks, strip_height
from landmap.render.cartography.palette import Tone
from landmap.render.classes import GREY, map_class
from landmap.render.sheet import number_of, title

#: A site fills at most this share of its map, which is at least so wide.
SITE_SHARE: Final = 0.4
SITE_LEAST_M: Final = 520.0
#: More than this many chosen places are not numbered.
NUMBERED_MAX: Final = 30
#: A label is cut to so many characters.
LABEL_MAX: Final = 22
#: Facilities worth a name on a site map; the rest are context for other maps.
_SPOTS: Final = frozenset(
    {"rail_station", "bus_hub", "expressway_ramp", "school", "hospital", "park", "hotel", "talent_apartment", "port"}
)
_STANDING: Final = frozenset({"existing", "under_construction"})


@dataclass(frozen=True, slots=True)
class Area:
    """One filled feature; `code` is the short text of its class, `label` what must be written on it.

    Without a `colour` it stands out by its border alone; a `badge` is a number in a circle.
    """

    shape: Any
    colour: str
    code: str
    legend: str
    label: str = ""
    badge: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """One facility: a point and its name."""

    shape: Any
    name: str


@dataclass(frozen=True, slots=True)
class Tie:
    """The way from the site to its nearest metro station, and what is written on it."""

    line: Any
    station: str
    distance: str


@dataclass(frozen=True, slots=True)
class Limit:
    """The border of a constraint that touches the site."""

    shape: Any
    name: str


@dataclass(frozen=True, slots=True)
class Scene:
    """A map ready to draw; every shape lies on the district's plane, in metres.

    `overview` maps show the district as a whole: no street names, the world outside veiled.
    """

    frame: Frame
    base: tuple[Base, ...]
    areas: tuple[Area, ...]
    focus: tuple[Area, ...]
    marks: Marks
    words: Words
    legend: tuple[tuple[str, str], ...] = ()
    focus_text: str = ""
    spots: tuple[Spot, ...] = ()
    limits: tuple[Limit, ...] = ()
    tie: Tie | None = None
    veil: Any = None
    overview: bool = False
    tone: Tone = "print"

    @property
    def lang(self) -> Lang:
        """The language of the map's words."""
        return self.words.lang


def site_scene(
    record: Record,
    layer: str,
    catalog: Catalog,
    audience: Audience,
    words: Words,
    *,
    today: dt.date,
    size: tuple[float, float],
    tone: Tone = "print",
) -> Scene:
    """Return the map of one parcel or building: its neighbours, streets, facilities and way to the metro.

    Parameters
    ----------
    record : Record
        With a geometry.
    size : width, height
        Units of the drawing, of which a line of text takes 9.
    """
    (shape,) = on_plane([record.geometry], catalog.district)
    said = marks(catalog.district, record.properties.get("data_as_of"), words)
    below = strip_height(said, size[0])
    frame = Frame.around(shapely.bounds(shape), size, share=SITE_SHARE, least_m=SITE_LEAST_M, below=below)
    found = around(catalog, "parcels", audience, today, frame.box)
    areas = [_neighbour(one, outline, words) for one, outline in found if _other(one, record, layer)]
    focus = _chosen(record, shape, words)
    return Scene(
        frame=frame,
        base=_visible(basemap(catalog), frame),
        areas=tuple(areas),
        focus=(focus,),
        marks=said,
        words=words,
        legend=_legend((focus, *areas)),
        focus_text=words(f"map_sheet.focus_{layer}"),
        spots=tuple(_spots(catalog, audience, today, frame)),
        limits=tuple(_limits(catalog, audience, today, shape)),
        tie=_tie(record, shape, catalog, audience, words, today),
        tone=tone,
    )


def index_scene(
    records: Sequence[Record],
    catalog: Catalog,
    audience: Audience,
    words: Words,
    *,
    today: dt.date,
    size: tuple[float, float],
    tone: Tone = "print",
) -> Scene:
    """Return the map of the whole district with the places of some records on it."""
    outline = _outline(catalog, audience, today)
    said = marks(catalog.district, None, words)
    frame = Frame.around(shapely.bounds(outline), size, share=0.94, below=strip_height(said, size[0]))
    shapes = on_plane([record.geometry for record in records], catalog.district)
    chosen = [_chosen(record, shape, words) for record, shape in zip(records, shapes, strict=True)]
    return Scene(
        frame=frame,
        base=_visible(basemap(catalog), frame),
        areas=(),
        focus=tuple(chosen),
        marks=said,
        words=words,
        veil=shapely.difference(frame.box, outline),
        overview=True,
        tone=tone,
    )


def selection_scene(
    records: Iterable[Record],
    catalog: Catalog,
    audience: Audience,
    words: Words,
    *,
    today: dt.date,
    size: tuple[float, float],
    tone: Tone = "print",
) -> Scene:
    """Return the map of some chosen records, numbered in the order given, with what the audience sees around them."""
    chosen = [one for one in records if one.geometry is not None and not shapely.is_empty(one.geometry)]
    if not chosen:
        return index_scene((), catalog, audience, words, today=today, size=size, tone=tone)
    shapes = on_plane([one.geometry for one in chosen], catalog.district)
    as_of = max((str(one.properties["data_as_of"]) for one in chosen if one.properties.get("data_as_of")), default=None)
    said = marks(catalog.district, as_of, words)
    around_all = shapely.total_bounds(shapes)
    below = strip_height(said, size[0])
    frame = Frame.around(around_all, size, share=0.72, least_m=SITE_LEAST_M, below=below)
    numbered = 1 < len(chosen) <= NUMBERED_MAX
    focus = [
        _chosen(record, shape, words, badge=str(rank) if numbered else "")
        for rank, (record, shape) in enumerate(zip(chosen, shapes, strict=True), start=1)
    ]
    named = {one.id for one in chosen}
    found = around(catalog, "parcels", audience, today, frame.box)
    areas = [_neighbour(one, outline, words) for one, outline in found if one.id not in named]
    return Scene(
        frame=frame,
        base=_visible(basemap(catalog), frame),
        areas=tuple(areas),
        focus=tuple(focus),
        marks=said,
        words=words,
        legend=_legend((*focus, *areas)),
        focus_text=words("map_sheet.focus"),
        tone=tone,
    )


def _other(found: Record, record: Record, layer: str) -> bool:
    return layer != "parcels" or found.id != record.id


def _neighbour(record: Record, shape: Any, words: Words) -> Area:
    shown = map_class("parcels", record.properties)
    code = "" if shown.key in ("other", "unknown") else shown.key
    return Area(shape, shown.colour, code, shown.label(words.lang))


def _chosen(record: Record, shape: Any, words: Words, badge: str = "") -> Area:
    """Return what the map is about: a parcel in the colour of its use with its number, a building with its name."""
    layer = _layer_of(record)
    if layer == "parcels":
        plain = _neighbour(record, shape, words)
        return replace(plain, label="" if badge else _short(number_of(record, layer_named(layer))), badge=badge)
    name = title(record, layer_named(layer), words)
    return Area(shape, "", "", "", "" if badge else _short(name), badge)


def _short(text: str) -> str:
    return text if len(text) <= LABEL_MAX else f"{text[: LABEL_MAX - 1]}…"


def _layer_of(record: Record) -> str:
    """Return the collection a record is of: its first field is that layer's id."""
    first = next(iter(record.properties), "")
    return next((name for name in collections() if layer_named(name).id_field == first), "parcels")


def _legend(areas: Iterable[Area]) -> tuple[tuple[str, str], ...]:
    """Return colour and label of every class present, grey last, the site's own first."""
    found = dict.fromkeys((area.colour, area.legend) for area in areas if area.colour)
    return tuple(sorted(found, key=lambda one: one[0] == GREY))


def _visible(base: Iterable[Base], frame: Frame) -> tuple[Base, ...]:
    box = frame.box
    return tuple(one for one in base if shapely.intersects(one.shape, box))


def _spots(catalog: Catalog, audience: Audience, today: dt.date, frame: Frame) -> Iterable[Spot]:
    for record, shape in around(catalog, "facilities", audience, today, frame.box):
        about = record.properties
        if about.get("kind") in _SPOTS and about.get("status") in _STANDING:
            yield Spot(shapely.centroid(shape), str(about.get("name") or ""))


def _limits(catalog: Catalog, audience: Audience, today: dt.date, site: Any) -> Iterable[Limit]:
    for record, shape in around(catalog, "constraints", audience, today, site):
        if shapely.intersects(shape, site):
            yield Limit(shape, str(record.properties.get("name") or ""))


def _tie(record: Record, site: Any, catalog: Catalog, audience: Audience, words: Words, today: dt.date) -> Tie | None:
    """Return the way to the nearest standing metro station; its distance is the record's own where that is known."""
    stations = [
        (float(shapely.distance(site, shape)), str(one.properties.get("name") or ""), shape)
        for one, shape in every(catalog, "facilities", audience, today)
        if one.properties.get("kind") == "metro_station" and one.properties.get("status") == "existing"
    ]
    if not stations:
        return None
    metres, name, shape = min(stations, key=lambda one: (one[0], one[1]))
    known = record.properties.get("metro_distance_m")
    said = metres if known is None or record.properties.get("metro_station") != name else float(known)
    return Tie(shapely.shortest_line(site, shape), name, numbers.distance(said, words.lang))


def _outline(catalog: Catalog, audience: Audience, today: dt.date) -> Any:
    """Return the district's outline: the county of the districts layer, else all divisions, else the extent."""
    found = every(catalog, "districts", audience, today)
    counties = [shape for record, shape in found if record.properties.get("level") == "county"]
    shapes = counties or [shape for _, shape in found]
    if shapes:
        return shapely.union_all(shapes)
    return on_plane([shapely.box(*catalog.district.extent)], catalog.district)[0]
