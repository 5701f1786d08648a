"""From content to PDF by Typst: the template is ours, everything of the record goes in as data, fonts are our own."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from landmap.domain.errors import ConfigError
from landmap.resources import web_root

TEMPLATE: Final = "brief.typ"


def pdf(content: dict[str, Any], pictures: Mapping[str, bytes]) -> bytes:
    """Return the brief as PDF; the same content gives the same bytes.

    Parameters
    ----------
    content : dict
        What the template prints.
    pictures : mapping of str to bytes
        The files that `content` names.

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

    with tempfile.TemporaryDirectory(prefix="landmap-") as name:
        # The template may read what lies beside it, and nothing else on this machine.
        folder = Path(name)
        (folder / TEMPLATE).write_bytes((root / "print" / TEMPLATE).read_bytes())
        for file, data in pictures.items():
            (folder / file).write_bytes(data)
        made = typst.compile(
            str(folder / TEMPLATE),
            root=name,
            font_paths=[str(fonts)],
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(content, ensure_ascii=False, allow_nan=False, sort_keys=True)},
            format="pdf",
        )
    if not isinstance(made, bytes):
        raise TypeError("Typst answered something else than one PDF")
    return made
