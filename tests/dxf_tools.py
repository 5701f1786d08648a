"""Reading one drawing, for the tests of drawings."""

from pathlib import Path
from typing import Any

from landmap.domain import layer_named
from landmap.ingest.columns import knows
from landmap.ingest.readers import RawLayer, Request
from landmap.ingest.readers.dxf import DxfReader


def known(text: str) -> bool:
    return knows(layer_named("parcels"), text)


def read(path: Path) -> list[RawLayer]:
    return DxfReader().read(Request(path, "a", known))


def only(path: Path) -> RawLayer:
    (layer,) = read(path)
    return layer


def shape(layer: RawLayer, index: int = 0) -> Any:
    assert layer.geometry is not None
    return layer.geometry[index]


def told(layer: RawLayer) -> dict[str, Any]:
    return {fault.code: fault.value for fault in layer.faults}
