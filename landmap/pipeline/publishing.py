"""From checked layers to a version: the derivations are run, and findings and sources are kept with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from landmap.domain import layer_named
from landmap.domain.errors import NotFoundError
from landmap.ingest import BOUND_FIELDS, filled_in
from landmap.pipeline.folding import publish_amended
from landmap.pipeline.waiting_rows import settle
from landmap.store import Decisions, Home, LayerPlan, Mode, Snapshot, Staged, stage, staged, unstage

if TYPE_CHECKING:
    from landmap.ingest import StagedLayer


def publish_layers(home: Home, layers: Sequence[StagedLayer], *, by: str, note: str) -> Snapshot:
    """Publish checked layers, with every derived field computed, and return the version.

    Raises
    ------
    BusyError, SchemaError, StoreError
        As `landmap.store.publish`.
    """
    return publish_amended(
        home,
        {layer.layer: layer.frame for layer in layers},
        sources={layer.layer: sources_of(layer, by=by) for layer in layers},
        findings={layer.layer: [finding.as_dict() for finding in layer.report.findings] for layer in layers},
        by=by,
        note=note,
    )


def stage_layer(home: Home, layer: StagedLayer, *, mode: Mode = "replace", by: str = "") -> Staged:
    """Put a checked layer aside to be published, with who brought it, when, and what was put right in it.

    Raises
    ------
    BusyError, SchemaError
        As `landmap.store.stage`.
    """
    return stage(
        home,
        layer.layer,
        layer.frame,
        sources_of(layer, by=by, mode=mode),
        layer.report.as_dict(),
        mode=mode,
        defaults=filled_in(layer.report, layer_named(layer.layer)),
        bounds=BOUND_FIELDS if layer.layer == "parcels" else {},
    )


def publish_staged(
    home: Home,
    *,
    by: str,
    note: str,
    only: Iterable[str] | None = None,
    decisions: Decisions | None = None,
    watch: Callable[[LayerPlan], None] = lambda _: None,
    fresh: Iterable[Staged] = (),
) -> Snapshot:
    """Publish every staged layer as one version and clear what was staged.

    Parameters
    ----------
    home : Home
    by, note : str
        Who publishes, and why.
    only : iterable of str, optional
        Publish these staged layers alone.
    decisions, watch : optional
        As for `landmap.store.publish`; with decisions there may be nothing staged.
    fresh : iterable of Staged
        What the caller staged just now, and need not be read again.

    Raises
    ------
    NotFoundError
        When nothing is staged, and nothing decided.
    BusyError, InvalidValueError, SchemaError, StoreError
        As `landmap.store.publish`; the layers stay staged.
    """
    at_hand = {one.sha256: one for one in fresh}
    waiting = {name: at_hand.get(one.sha256, one) for name, one in staged(home).items()}
    if only is not None:
        waiting = {name: one for name, one in waiting.items() if name in set(only)}
    if not waiting and not (decisions and decisions.names()):
        raise NotFoundError("nothing is staged", hint="`landmap import FILE --layer NAME` stages a layer")
    deliveries = {name: one.delivery() for name, one in waiting.items()}
    snapshot = publish_amended(
        home,
        deliveries,
        sources={name: one.sources for name, one in waiting.items()},
        findings={name: one.report["findings"] for name, one in waiting.items()},
        decisions=decisions,
        watch=watch,
        by=by,
        note=note,
    )
    for name, one in waiting.items():
        settle(home, one, deliveries[name].frame)
        unstage(home, name, sha256=one.sha256)
    return snapshot


def sources_of(layer: StagedLayer, *, by: str, mode: Mode = "replace") -> list[dict[str, Any]]:
    """Return the sources of a layer as the manifest names them: who brought each when, and what was put right in it."""
    at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    told = [{**source, "mode": mode, "imported_by": by, "imported_at": at} for source in layer.sources]
    for correction in layer.corrections:
        names = (correction["file"], f"{correction['file']}#{correction['layer']}")
        for source in [one for one in told if one["name"] in names] or told[:1]:
            source["corrections"] = [*source.get("corrections", []), dict(correction)]
    return told
