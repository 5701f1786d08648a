"""one_map: the one function that builds the map of workspace, link, export and notebook alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from landmap.domain import Lang, Layer, Words, read_words
from landmap.query import Selection
from landmap.render.cards import card_lines
from landmap.render.map.layers import (
    BasemapLayer,
    BuildingLayer,
    ConstraintLayer,
    DistrictLayer,
    FacilityLayer,
    ParcelLayer,
)
from landmap.render.map.onemap import Bounds, OneMap
from landmap.render.map.page import Assets, Page
from landmap.render.shapes import Rows
from landmap.render.shapes import shapes as shapes_of
from landmap.resources import web_root

CONTROL_TEXTS: Final = ("label", "zoom_in", "zoom_out", "legend", "layers")
LAYERS: Final = ("districts", "constraints", "parcels", "buildings", "facilities")

#: A ``shapes`` answer to carry inside, or the address it is fetched from.
Source = Mapping[str, Any] | str


def one_map(
    selection: Selection | None = None,
    *,
    layers: Sequence[str] = LAYERS,
    sources: Mapping[str, Source] | None = None,
    basemap: Source | None = None,
    words: Words | None = None,
    lang: Lang = "zh",
    assets: Assets = "inline",
    page: Page | None = None,
    bounds: Bounds | None = None,
    hidden: Sequence[str] = (),
    popup: bool = True,
    title: str = "landmap",
    attribution: str = "",
    controls: Sequence[str] = ("zoom", "scale", "layers", "legend"),
) -> OneMap:
    """Return the map of a selection.

    Parameters
    ----------
    selection : Selection, optional
        Its records are drawn in their own layer, carried inside the page.
    layers : sequence of str
        Which layers may be drawn; of `LAYERS`.
    sources : mapping of str to payload or address, optional
        What the other layers draw; a layer without a source is left out.
    basemap : GeoJSON mapping or address, optional
        What lies underneath.
    words : Words, optional
        The dictionary for names of layers and controls; the product's own in `lang` when not given.
    lang : {"zh", "en"}
        Ignored when `words` is given.
    assets, page, bounds, title, attribution, controls
        See `OneMap`.
    hidden : sequence of str
        Layers that start switched off.
    popup : bool
        See `FeatureLayer`.

    Returns
    -------
    OneMap
        A `folium.Map`: add to it, ``save`` it, show it in a notebook.
    """
    words = words or read_words(lang, web_root() / "i18n")
    drawn: dict[str, Source] = {name: source for name, source in (sources or {}).items() if name in layers}
    if selection is not None and selection.layer.name in layers:
        drawn[selection.layer.name] = shapes_of(selection, rows=_rows(selection.layer, words))
    extent = bounds or (selection.bounds if selection is not None else None)
    m = OneMap(
        bounds=extent,
        assets=assets,
        page=page,
        title=title,
        lang=words.lang,
        texts={key: words(f"page.map.{key}") for key in CONTROL_TEXTS},
        attribution=attribution,
        controls=controls,
    )

    def given(name: str) -> dict[str, Any]:
        source = basemap if name == "basemap" else drawn[name]
        key = "url" if isinstance(source, str) else "data"
        label = words(f"page.layers.{name}")
        return {key: source, "name": label, "lang": words.lang, "popup": popup, "show": name not in hidden}

    if basemap is not None:
        BasemapLayer(**given("basemap")).add_to(m)
    if "districts" in drawn:
        DistrictLayer(**given("districts")).add_to(m)
    if "parcels" in drawn:
        ParcelLayer(**given("parcels")).add_to(m)
    if "constraints" in drawn:
        ConstraintLayer(**given("constraints")).add_to(m)
    if "buildings" in drawn:
        BuildingLayer(**given("buildings")).add_to(m)
    if "facilities" in drawn:
        FacilityLayer(**given("facilities")).add_to(m)
    return m


def _rows(layer: Layer, words: Words) -> Rows:
    """Return what a popup says of a record below its title: the lines of its card."""
    return lambda record: [("", line) for line in card_lines(record, layer, words)]
