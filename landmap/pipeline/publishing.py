"""From checked layers to a version: the derivations are run, and findings and sources are kept with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from landmap.domain.errors import NotFoundError
from landmap.pipeline.derivations import DERIVATIONS
from landmap.store import Home, Snapshot, publish, staged, unstage

if TYPE_CHECKING:
    from landmap.ingest import StagedLayer


def publish_layers(home: Home, layers: Sequence[StagedLayer], *, by: str, note: str) -> Snapshot:
    """Publish checked layers, with every derived field computed, and return the version.

    Raises
    ------
    BusyError, SchemaError, StoreError
        As `landmap.store.publish`.
    """
    return publish(
        home,
        {layer.layer: layer.frame for layer in layers},
        sources={layer.layer: layer.sources for layer in layers},
        findings={layer.layer: [finding.as_dict() for finding in layer.report.findings] for layer in layers},
        by=by,
        note=note,
        derivations=DERIVATIONS,
    )


def publish_staged(home: Home, *, by: str, note: str) -> Snapshot:
    """Publish every staged layer as one version and clear what was staged.

    Raises
    ------
    NotFoundError
        When nothing is staged.
    BusyError, SchemaError, StoreError
        As `landmap.store.publish`; the layers stay staged.
    """
    waiting = staged(home)
    if not waiting:
        raise NotFoundError("nothing is staged", hint="`landmap import FILE --layer NAME` stages a layer")
    snapshot = publish(
        home,
        {name: one.frame() for name, one in waiting.items()},
        sources={name: one.sources for name, one in waiting.items()},
        findings={name: one.report["findings"] for name, one in waiting.items()},
        by=by,
        note=note,
        derivations=DERIVATIONS,
    )
    for name, one in waiting.items():
        unstage(home, name, sha256=one.sha256)
    return snapshot
