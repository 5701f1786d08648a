"""Our map layers as Folium elements: on our own map, on a stock `folium.Map`, or inside a `folium.FeatureGroup`.

A layer carries one JSON block and one line of script that holds nothing but generated names. What a record, a field or
the layer itself is called reaches the page as JSON alone and is shown through ``textContent``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, ClassVar

import folium
from folium.elements import JSCSSMixin

from landmap.domain.errors import InvalidValueError
from landmap.render.map.assets import map_script, map_style
from landmap.render.map.elements import JsonBlock, RawElement, script_json
from landmap.render.map.page import InlineScript, InlineStyle, Page, figure_of


class Piece(JSCSSMixin, folium.map.Layer):
    """What our elements share: a name that Folium cannot run, a JSON block, one line of script.

    Folium prints a layer's name as code (layer control, feature group). It is therefore given a generated name; the
    name meant for people stands in the JSON block, and our script puts it where Folium's would have been shown.

    Parameters
    ----------
    name : str
        Shown in layer controls; any text.
    show, control : bool
        As in Folium.
    spec : mapping
        What the browser builds the piece from, JSON-ready.
    """

    kind: ClassVar[str]

    def __init__(self, name: str, spec: Mapping[str, Any], *, show: bool = True, control: bool = True) -> None:
        full = {"kind": self.kind, "name": name, "show": show, "control": control, **spec}
        self.payload = script_json(full)
        super().__init__(overlay=True, control=control, show=show)
        self._name = type(self).__name__
        self._id = hashlib.sha256(self.payload.encode()).hexdigest()[:16]
        self.layer_name = self.get_name()
        self.shown_name = name

    def render(self, **kwargs: Any) -> str:
        """Put the piece into its figure; by itself it renders to nothing."""
        figure = figure_of(self)
        name, parent = self.get_name(), self._parent.get_name() if self._parent else ""
        block = script_json({"parent": parent})[:-1] + "," + self.payload[1:]
        figure.html.add_child(JsonBlock(f"{name}_spec", block, "layer"), name=f"{name}_spec")
        if not (isinstance(figure, Page) and figure.linked):
            figure.header.add_child(InlineStyle(map_style()), name="landmap_css")
            figure.header.add_child(InlineScript(map_script()), name="landmap_js")
            add = f" {name}.addTo({parent});" if self.show else ""
            figure.script.add_child(RawElement(f'var {name} = landmap.make("{name}_spec");{add}'), name=name)
        for child in self._children.values():
            child.render(**kwargs)
        return ""


class Group(Piece):
    """A feature group whose name may be any text; our layers and stock ones may be put inside."""

    kind = "group"

    def __init__(self, name: str, *, show: bool = True, control: bool = True) -> None:
        super().__init__(name, {}, show=show, control=control)


class FeatureLayer(Piece):
    """Features drawn on canvas, with a tooltip on hover and a popup on click.

    Parameters
    ----------
    url : str, optional
        Where the browser fetches the ``shapes`` answer from (see `landmap.render.shapes`).
    data : mapping, optional
        That answer itself, to be carried inside the page. Exactly one of the two is given.
    name : str, optional
        Shown in layer controls; any text.
    show, control : bool
        As in Folium.
    lang : {"zh", "en"}
        Language of class labels in tooltip and popup.
    popup : bool
        Whether a click opens our popup; the workspace shows the record in its own column instead.

    Raises
    ------
    InvalidValueError
        When neither or both of `url` and `data` are given.

    Examples
    --------
    >>> import folium
    >>> shapes = {"layer": "parcels", "version": "", "features": [], "classes": []}
    >>> layer = ParcelLayer(data=shapes, name="地块").add_to(folium.Map())
    >>> layer.shown_name
    '地块'
    """

    kind = "features"
    #: The layer of the house that is drawn, and what it is called when nobody says otherwise.
    layer: ClassVar[str] = ""
    default_name: ClassVar[str] = ""
    #: Stacking order among our layers; the lowest is drawn first.
    z_index: ClassVar[int] = 300

    def __init__(
        self,
        url: str | None = None,
        data: Mapping[str, Any] | None = None,
        name: str | None = None,
        *,
        show: bool = True,
        control: bool = True,
        lang: str = "zh",
        popup: bool = True,
    ) -> None:
        if (url is None) == (data is None):
            raise InvalidValueError(f"{type(self).__name__} needs either url or data, not both and not none")
        source = {"url": url} if url is not None else {"data": data}
        spec = {"layer": self.layer, "zIndex": self.z_index, "lang": lang, "popup": popup, **source}
        super().__init__(name if name is not None else self.default_name, spec, show=show, control=control)


class ParcelLayer(FeatureLayer):
    """Parcels in the colours of their land use; codes are written on them from zoom 16."""

    layer = "parcels"
    default_name = "地块"
    z_index = 300


class BuildingLayer(FeatureLayer):
    """Office and factory buildings, by kind."""

    layer = "buildings"
    default_name = "楼宇"
    z_index = 340


class ConstraintLayer(FeatureLayer):
    """Control lines and hazard areas: hatched where they prohibit, outlined where they inform."""

    layer = "constraints"
    default_name = "管控要素"
    z_index = 320


class FacilityLayer(FeatureLayer):
    """Stations, ports, utilities and services as points with their names."""

    layer = "facilities"
    default_name = "交通与配套"
    z_index = 360


class DistrictLayer(FeatureLayer):
    """Administrative lines with their names."""

    layer = "districts"
    default_name = "行政区划"
    z_index = 280


class BasemapLayer(FeatureLayer):
    """The district's own offline basemap, drawn from GeoJSON: coast, water, green, roads, rail, metro, lines."""

    kind = "basemap"
    layer = "basemap"
    default_name = "底图"
    z_index = 100
