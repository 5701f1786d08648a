"""OneMap: a Folium map of our own assets, whose page asks nothing of any other host."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import folium
from branca.element import Figure
from folium.utilities import camelize
from markupsafe import escape

from landmap.domain.errors import InvalidValueError
from landmap.render.map.assets import leaflet_script, leaflet_style, map_script, map_style
from landmap.render.map.elements import JsonBlock, RawElement, script_json
from landmap.render.map.page import STATIC, Assets, InlineScript, InlineStyle, Page, figure_of

Bounds = tuple[float, float, float, float]

_ID = re.compile(r"[a-z][a-z0-9_]*\Z")

#: Options of Folium's that the spec states elsewhere.
_OWN_OPTIONS: Final = frozenset({"zoom", "zoom_control"})

#: Where a map looks that was told nothing: the whole of Shandong's coast is in view.
_NOWHERE: Final = (36.0, 120.0)


class OneMap(folium.Map):
    """A `folium.Map` whose Leaflet, styles and scripts are ours.

    Parameters
    ----------
    location : (latitude, longitude), optional
    bounds : (west, south, east, north), optional
        What to show at first, degrees; wins over `location` and `zoom_start`.
    assets : {"linked", "inline"}
        See `Page`.
    page : Page, optional
        The page to stand in; otherwise one is made.
    title, lang : str
        Of the page that is made.
    id : str
        The map's name in the page; fixed, so that the same map renders to the same bytes.
    texts : mapping of str to str, optional
        What the map's own controls say: ``label``, ``zoom_in``, ``zoom_out``, ``legend``, ``layers``.
    attribution : str
        Plain text in the lower right corner.
    controls : sequence of str
        Of ``zoom``, ``scale``, ``layers``, ``legend``.
    **options
        Further options of Leaflet's Map.

    Examples
    --------
    >>> page = OneMap((36.18, 120.40), zoom_start=13).get_root().render()
    >>> "<script src" in page
    False
    """

    default_js: list[tuple[str, str]] = [("leaflet", f"{STATIC}/vendor/leaflet/leaflet.js")]  # noqa: RUF012 - Folium's
    default_css: list[tuple[str, str]] = [  # noqa: RUF012 - Folium's
        ("leaflet_css", f"{STATIC}/vendor/leaflet/leaflet.css"),
        ("landmap_css", f"{STATIC}/css/map.css"),
    ]

    def __init__(
        self,
        location: Sequence[float] | None = None,
        zoom_start: int = 12,
        *,
        bounds: Bounds | None = None,
        assets: Assets = "inline",
        page: Page | None = None,
        title: str = "landmap",
        lang: str = "zh",
        id: str = "onemap",
        texts: Mapping[str, str] | None = None,
        attribution: str = "",
        controls: Sequence[str] = ("zoom", "scale", "layers", "legend"),
        **options: Any,
    ) -> None:
        if not _ID.match(id):
            raise InvalidValueError(f"{id!r} is no name for a map", hint="small letters, digits and _")
        super().__init__(location=list(location or _NOWHERE), zoom_start=zoom_start, tiles=None, **options)
        self._name = "Map"
        self._id = id
        self.bounds = bounds
        self.lang = lang
        self.texts = dict(texts or {})
        self.attribution = attribution
        self.map_controls = tuple(controls)
        home = page or Page(title=title, lang=lang, assets=assets)
        home.add_child(self, name=id)  # out of the stock Figure that Folium made

    def fit_bounds(self, bounds: Any, *_args: Any, **_kwargs: Any) -> None:
        """Show `bounds`, (south, west) and (north, east) as in Folium, when the map opens."""
        (south, west), (north, east) = bounds
        self.bounds = (west, south, east, north)

    def spec(self) -> dict[str, Any]:
        """Return what the browser builds the map from."""
        return {
            "kind": "map",
            "id": self.get_name(),
            "lang": self.lang,
            "center": list(self.location),
            "zoom": self.options["zoom"],
            "bounds": list(self.bounds) if self.bounds else None,
            "options": {camelize(name): value for name, value in self.options.items() if name not in _OWN_OPTIONS},
            "controls": list(self.map_controls),
            "texts": self.texts,
            "attribution": self.attribution,
        }

    def render(self, **kwargs: Any) -> str:
        """Put the map and everything on it into its page; by itself it renders to nothing."""
        page = figure_of(self)
        name = self.get_name()
        linked = isinstance(page, Page) and page.linked
        if linked:
            self._link_assets(page)
        else:
            self._carry_assets(page)
        label = self.texts.get("label", "")
        page.html.add_child(RawElement(map_box(name, label)), name=name)
        page.html.add_child(JsonBlock(f"{name}_spec", script_json(self.spec()), "map"), name=f"{name}_spec")
        if not linked:
            page.script.add_child(RawElement(f'var {name} = landmap.make("{name}_spec");'), name=name)
        for child in self._children.values():
            child.render(**kwargs)
        return ""

    def _link_assets(self, page: Figure) -> None:
        for key, url in self.default_css:
            page.header.add_child(RawElement(f'<link rel="stylesheet" href="{url}">'), name=key)
        for key, url in self.default_js:
            page.header.add_child(RawElement(f'<script src="{url}" defer></script>'), name=key)

    def _carry_assets(self, page: Figure) -> None:
        page.header.add_child(InlineStyle(leaflet_style()), name="leaflet_css")
        page.header.add_child(InlineStyle(map_style()), name="landmap_css")
        page.header.add_child(InlineScript(leaflet_script()), name="leaflet")
        page.header.add_child(InlineScript(map_script()), name="landmap_js")


def map_box(name: str, label: str) -> str:
    """Return the element that the map is drawn into; `label` is what a screen reader says of it."""
    return f'<div class="folium-map" id="{name}" role="region" aria-label="{escape(label)}" tabindex="0"></div>'
