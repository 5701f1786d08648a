"""Where the product's own files lie: web assets and the demo district, in a checkout or inside an installed wheel."""

from __future__ import annotations

from pathlib import Path

from landmap.domain.errors import ConfigError

_PACKAGE = Path(__file__).parent
_CHECKOUT = _PACKAGE.parent


def _found(packed: str, checkout: str) -> Path:
    for folder in (_PACKAGE / packed, _CHECKOUT / checkout):
        if folder.is_dir():
            return folder
    raise ConfigError(
        f"the folder {checkout!r} is missing from this installation", hint="run `make setup`, or reinstall"
    )


def web_root() -> Path:
    """Return the folder of templates, static files, dictionaries and built assets (``dist/``)."""
    return _found("_web", "web")


def geodata_root() -> Path:
    """Return the folder that holds one sub-folder per bundled district."""
    return _found("_geodata", "geodata")


def version() -> str:
    """Return the version of the installed product."""
    from importlib.metadata import version as installed

    return installed("landmap")
