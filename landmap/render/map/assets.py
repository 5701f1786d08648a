"""The map's own scripts and styles as one classic script and one style sheet, for pages that must carry everything.

A page opened from ``file://`` or shown in a notebook can import no ES module. `bundle` joins the modules of
``web/static/map`` in the order of their imports, takes off the ``import`` and ``export`` words and wraps them in one
function that leaves ``window.landmap`` behind. It is no compiler: the modules keep to the few forms it knows, which
``tests/test_folium_elements.py`` enforces by loading the result in a browser.
"""

from __future__ import annotations

import base64
import re
from functools import cache
from pathlib import Path
from typing import Final

from landmap.domain.errors import ConfigError
from landmap.resources import web_root

#: The module whose exports become ``window.landmap``.
ENTRY: Final = "index.js"

_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w.]+)";\n', re.M)
_EXPORT = re.compile(r"^export (?=(?:async )?function |class |const )", re.M)
_REEXPORT = re.compile(r'^export \{([^}]*)\} from "\./([\w.]+)";\n', re.M)
_LEFT_OVER = re.compile(r"^(?:import|export)\b.*$", re.M)
_TOP_LEVEL = re.compile(r"^(?:async )?(?:function|class|const|let) ([A-Za-z_$][\w$]*)", re.M)
_CSS_URL = re.compile(r"url\((images/[\w.-]+\.png)\)")


def module_order(folder: Path, entry: str = ENTRY) -> tuple[str, ...]:
    """Return the modules that `entry` needs, each after those it imports; ConfigError for a circle."""
    order: list[str] = []
    open_: list[str] = []

    def visit(name: str) -> None:
        if name in order:
            return
        if name in open_:
            raise ConfigError(f"{' → '.join([*open_, name])}: map modules import each other in a circle")
        open_.append(name)
        for match in (*_IMPORT.finditer(text_of(folder / name)), *_REEXPORT.finditer(text_of(folder / name))):
            visit(match.group(2))
        open_.pop()
        order.append(name)

    visit(entry)
    return tuple(order)


def bundle(folder: Path, entry: str = ENTRY) -> str:
    """Return the modules of `folder` as one classic script.

    Raises
    ------
    ConfigError
        When a module uses a form of import or export that is not known here, or two modules give the same name to
        different things: in one function they would share it.
    """
    parts: list[str] = []
    owners: dict[str, str] = {}
    offered: list[str] = []
    for name in module_order(folder, entry):
        text = text_of(folder / name)
        if name == entry:
            offered = [item.strip() for match in _REEXPORT.finditer(text) for item in match.group(1).split(",")]
        plain = _EXPORT.sub("", _REEXPORT.sub("", _IMPORT.sub("", text)))
        if left := _LEFT_OVER.search(plain):
            raise ConfigError(f"{name}: {left.group()!r} is a form of import or export the bundle does not know")
        for defined in _TOP_LEVEL.findall(plain):
            if owners.setdefault(defined, name) != name:
                raise ConfigError(f"{name} and {owners[defined]} both define {defined!r}")
        parts.append(f"// {name}\n{plain.strip()}\n")
    body = "\n".join(parts)
    names = ", ".join(sorted(name for name in offered if name))
    return f'(() => {{\n"use strict";\n{body}\nwindow.landmap = Object.freeze({{ {names} }});\n}})();\n'


def text_of(path: Path) -> str:
    """Return a text file; ConfigError names the one that is missing."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{path.name} is missing from this installation", hint="run `make setup`") from None


@cache
def map_script() -> str:
    """Return our map modules as one classic script that expects Leaflet's ``L``."""
    return for_script(bundle(web_root() / "static" / "map"))


@cache
def map_style() -> str:
    """Return the style sheet of our map pieces."""
    return for_style(text_of(web_root() / "static" / "css" / "map.css"))


@cache
def leaflet_script() -> str:
    """Return Leaflet itself."""
    source = text_of(web_root() / "dist" / "vendor" / "leaflet" / "leaflet.js")
    return for_script(re.sub(r"^//# sourceMappingURL=.*$", "", source, flags=re.M))


@cache
def leaflet_style() -> str:
    """Return Leaflet's style sheet with its pictures inside."""
    folder = web_root() / "dist" / "vendor" / "leaflet"

    def inside(match: re.Match[str]) -> str:
        picture = base64.b64encode((folder / match.group(1)).read_bytes()).decode("ascii")
        return f"url(data:image/png;base64,{picture})"

    return for_style(_CSS_URL.sub(inside, text_of(folder / "leaflet.css")))


def for_script(source: str) -> str:
    """Return `source`, which must be able to stand inside ``<script>``."""
    if "</script" in source.lower() or "<!--" in source:
        raise ConfigError("a bundled script holds </script or <!-- and cannot stand inside a page")
    return source


def for_style(source: str) -> str:
    """Return `source`, which must be able to stand inside ``<style>``."""
    if "</style" in source.lower():
        raise ConfigError("a bundled style sheet holds </style and cannot stand inside a page")
    return source
