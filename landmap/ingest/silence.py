"""What a file left open and the check filled in: an update must not take it for something the file says."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from landmap.domain import Layer
from landmap.ingest.defaults import UNSTATED
from landmap.ingest.planning import BOUNDS
from landmap.ingest.report import Report

#: By key of ``planning_parse_status``, the fields that one text tells together.
BOUND_FIELDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        bound.key: (bound.minimum, bound.maximum, *(bound.inclusive or ()), *([bound.floors] if bound.floors else []))
        for bound in BOUNDS.values()
    }
)


def filled_in(report: Report, layer: Layer) -> dict[str, tuple[Any, ...]]:
    """Return by field the values that the check filled in where the files were silent."""
    found: dict[str, tuple[Any, ...]] = {name: ("unspecified",) for name in UNSTATED if name in layer.fields}
    for finding in report.findings:
        if finding.code == "filled_default" and finding.field is not None:
            found[finding.field] = (*found.get(finding.field, ()), finding.value)
    return found
