"""Publishing as a job: what was looked at is made a version, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from landmap.domain.errors import InvalidValueError, NotFoundError
from landmap.pipeline.comparing import staged_as
from landmap.pipeline.patience import patiently
from landmap.pipeline.publishing import publish_staged
from landmap.pipeline.working import Done, Task
from landmap.store import Decisions, LayerPlan, Snapshot

_WORDS: Final = frozenset({"layer", "sha256", "before", "by", "note", "renumber", "withdraw"})


def release(task: Task) -> Done:
    """Publish one staged layer as a new version.

    The payload is ``{layer, sha256, before, by, note, renumber?, withdraw?}``: which content of which layer was looked
    at, against which version (null when there was none), and what was decided about ids that go. The result tells
    ``version``, ``unexplained`` (how many records went without a reason) and ``proposed`` (how many look renumbered).

    Raises
    ------
    NotFoundError
        When something else is staged by now, or was published: what was looked at is not what would come.
    """
    given = _payload(task.job.payload)
    held = staged_as(task.home, given["layer"], given["sha256"])
    if (task.home.current_id() or None) != given["before"]:
        raise NotFoundError(
            "another version was published since the changes were looked at", hint="compare again, and publish then"
        )
    plans: list[LayerPlan] = []
    decided = Decisions(dict(given.get("renumber", {})), dict(given.get("withdraw", {})))

    def publish() -> Snapshot:
        plans.clear()
        return publish_staged(
            task.home,
            by=given["by"],
            note=given["note"],
            only=[held.layer],
            decisions=decided,
            watch=plans.append,
        )

    task.report(0.2, "publish")
    snapshot = patiently(task, 0.2, publish)
    return Done(
        {
            "version": snapshot.id,
            "unexplained": sum(len(plan.unexplained()) for plan in plans),
            "proposed": sum(len(plan.proposed) for plan in plans),
        }
    )


def _payload(payload: Mapping[str, Any]) -> dict[str, Any]:
    if not {"layer", "sha256", "before", "by", "note"} <= set(payload) <= _WORDS:
        raise InvalidValueError(f"a publish says {', '.join(sorted(_WORDS))}")
    return dict(payload)
