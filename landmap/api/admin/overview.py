"""The first page: what waits for the steward, and what is published."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from landmap.access import Amendments, Stage
from landmap.api.admin import frame
from landmap.api.admin.imports import staged_rows
from landmap.api.admin.jobs import owner_of, row
from landmap.api.admin.times import local
from landmap.api.deps import state_of
from landmap.api.state import State
from landmap.domain import Words, layers
from landmap.domain.errors import UnavailableError
from landmap.store import Snapshot, waiting

#: Jobs that the first page shows.
_FEW = 5

router = frame.pages()


@router.get("/admin")
def overview(request: Request) -> Response:
    """Answer the page everything starts from."""
    state, words = state_of(request), frame.words_of(request)
    jobs = state.jobs.owned_by(owner_of(state))
    return frame.page(
        request,
        "overview.html",
        section="overview",
        title=words("admin.section.overview"),
        current=_current(state, words),
        staged=staged_rows(state, words),
        proposed=len(Amendments(state.database).listed(state=Stage.PROPOSED)),
        placeless=_placeless(state),
        running=sum(not job.state.over for job in jobs),
        jobs=[row(state, job, words) for job in jobs[:_FEW]],
    )


def _current(state: State, words: Words) -> dict[str, Any] | None:
    """Return what is published; None before the first version."""
    try:
        snapshot = state.holder.current().snapshot
    except UnavailableError:
        return None
    assert isinstance(snapshot, Snapshot)
    return {
        "id": snapshot.id,
        "short": snapshot.id[:12],
        "created": local(snapshot.manifest["created_at"], state.holder.home.district()),
        "by": snapshot.manifest["by"],
        "note": snapshot.manifest["note"],
        "rows": [(words(f"layer.{name}"), snapshot.rows(name)) for name in layers.layers() if name in snapshot.layers],
        "warnings": list(state.holder.warnings),
    }


def _placeless(state: State) -> int:
    """Return how many rows wait for a place on the map."""
    home = state.holder.home
    held = [waiting(home, name) for name, layer in layers.layers().items() if layer.spatial]
    return sum(one.staged_as is None for unplaced in held for one in unplaced.rows)
