"""The kinds of work that can be asked for, by name: growing the list is one row."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from landmap.pipeline.attaching import attach
from landmap.pipeline.comparing import compare
from landmap.pipeline.importing import import_files
from landmap.pipeline.placing import place
from landmap.pipeline.releasing import release
from landmap.pipeline.working import Work

KINDS: Final[Mapping[str, Work]] = MappingProxyType(
    {"import": import_files, "compare": compare, "publish": release, "attach": attach, "place": place}
)
