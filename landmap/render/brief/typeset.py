"""From content to PDF by Typst: the template is ours, everything of the record goes in as data, fonts are our own."""

from __future__ import annotations

import json
from typing import Any, Final

from landmap.domain.errors import ConfigError
from landmap.resources import web_root

TEMPLATE: Final = "brief.typ"


def pdf(content: dict[str, Any]) -> bytes:
    """Return the brief as PDF; the same content gives the same bytes.

    Raises
    ------
    ConfigError
        When the print fonts are not installed.
    """
    root = web_root()
    fonts = root / "dist" / "fonts"
    if not any(fonts.glob("*.ttf")):
        raise ConfigError(f"no print fonts in {fonts.parent.name}/{fonts.name}", hint="run `make setup`, or reinstall")
    import typst  # loaded at the first brief: a server is ready before it

    made = typst.compile(
        str(root / "print" / TEMPLATE),
        root=str(root / "print"),
        font_paths=[str(fonts)],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(content, ensure_ascii=False, allow_nan=False, sort_keys=True)},
        format="pdf",
    )
    if not isinstance(made, bytes):
        raise TypeError("Typst answered something else than one PDF")
    return made
