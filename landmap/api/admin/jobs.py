"""Jobs as their owner sees them: how far they are, what they came to, and the files they left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from fastapi import Request, Response

from landmap.access import Job
from landmap.api.admin import frame
from landmap.api.admin.forms import Posted
from landmap.api.admin.paging import paged
from landmap.api.admin.times import local
from landmap.api.deps import state_of
from landmap.api.state import State
from landmap.domain import Words
from landmap.domain.errors import NotFoundError
from landmap.render import report

#: Seconds between two looks at a job that goes on.
LOOK_EVERY_S: Final = 2
#: A job that nobody took for so long has no worker to wait for.
NOBODY_AFTER: Final = dt.timedelta(seconds=20)
_TAGS: Final[Mapping[str, str]] = {"queued": "", "running": "live", "done": "ok", "failed": "bad", "cancelled": ""}
_KINDS: Final = ("import", "compare", "publish", "attach", "place")
#: The page that shows what a job came to, by kind, and the section it belongs to.
_OUTCOMES: Final[Mapping[str, str]] = {
    "compare": "/admin/changes/{id}",
    "attach": "/admin/attachments/added/{id}",
    "place": "/admin/unplaced/checked/{id}",
}
_SECTIONS: Final[Mapping[str, str]] = {"publish": "versions", "attach": "attachments", "place": "unplaced"}
_MEDIA: Final[Mapping[str, str]] = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: A file that is opened as a page may do nothing but be looked at.
_LOCKED: Final = "default-src 'none'; frame-ancestors 'none'; sandbox"

router = frame.pages()


@router.get("/admin/jobs")
def listed(request: Request) -> Response:
    """Answer the jobs of this steward, the newest first."""
    state, words = state_of(request), frame.words_of(request)
    pager = paged(request, state.jobs.owned_by(owner_of(state)))
    rows = [row(state, job, words) for job in pager.entries]
    return frame.page(request, "jobs.html", section="jobs", title=words("admin.section.jobs"), pager=pager, rows=rows)


@router.get("/admin/jobs/{id}")
def one(request: Request, id: str) -> Response:
    """Answer how far a job is; one that is done leads to what it came to."""
    state, words = state_of(request), frame.words_of(request)
    job = state.jobs.get(id, owner_of(state))
    if job.state == "done":
        state.holder.expect()
        notice = {"publish": "admin.notice.published"}.get(job.kind, "")
        version = str((job.result or {}).get("version", ""))[:12]
        return frame.go(request, outcome(job), notice, version=version)
    waited = dt.datetime.now(dt.UTC) - job.created_at
    return frame.page(
        request,
        "job.html",
        section=_SECTIONS.get(job.kind, "import"),
        title=title_of(job, words),
        refresh=None if job.state.over else LOOK_EVERY_S,
        job=row(state, job, words),
        step=step_of(job, words),
        percent=round(100 * job.progress),
        nobody=job.state == "queued" and waited > NOBODY_AFTER,
        reason=failure_of(job, words),
        again=str(job.payload.get("import") or ""),
        retry=job.kind == "import",
        back=frame.SECTIONS[_SECTIONS.get(job.kind, "import")],
    )


@router.post("/admin/jobs/{id}/cancel")
def cancel(request: Request, id: str, form: Posted) -> Response:
    """End a job that is not over."""
    state = state_of(request)
    job = state.jobs.cancel(id, owner_of(state), now=dt.datetime.now(dt.UTC))
    return frame.go(request, f"/admin/jobs/{job.id}")


@router.get("/admin/jobs/{id}/files/{name}")
def file(request: Request, id: str, name: str) -> Response:
    """Answer a file that a job left."""
    state = state_of(request)
    return file_answer(state, id, name)


def file_answer(state: State, id: str, name: str) -> Response:
    """Return a result file to its owner; a page among them under the strictest policy it works with."""
    path = state.jobs.file(id, owner_of(state), name)
    try:
        body = path.read_bytes()
    except FileNotFoundError:
        raise NotFoundError(f"the file {name[:80]!r} is not kept any more", hint="do the work again") from None
    suffix = path.suffix.lower()
    headers = {**frame.PRIVATE, "Content-Security-Policy": _LOCKED}
    if suffix == ".html":
        headers["Content-Security-Policy"] = f"{report.content_security_policy()}; frame-ancestors 'none'"
    if suffix not in (".html", ".svg"):
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return Response(body, media_type=_MEDIA.get(suffix, "application/octet-stream"), headers=headers)


def owner_of(state: State) -> str:
    """Return whose jobs these are: until there are accounts, those of everybody at this level."""
    return state.audience.level.key


def outcome(job: Job) -> str:
    """Return the page that shows what a job came to."""
    if job.kind == "publish":
        return f"/admin/versions/{(job.result or {}).get('version', '')}"
    return _OUTCOMES.get(job.kind, "/admin/import/{id}").replace("{id}", job.id)


def row(state: State, job: Job, words: Words) -> dict[str, Any]:
    """Return a job as a line of a list."""
    district = state.holder.home.district()
    ended = job.finished_at or dt.datetime.now(dt.UTC)
    return {
        "id": job.id,
        "title": title_of(job, words),
        "state": job.state.value,
        "tag": _TAGS[job.state.value],
        "label": words(f"admin.job.state.{job.state.value}"),
        "over": job.state.over,
        "at": outcome(job) if job.state == "done" else f"/admin/jobs/{job.id}",
        "created": local(job.created_at, district),
        "seconds": round((ended - job.created_at).total_seconds()),
        "by": str(job.payload.get("by") or job.owner),
        "files": [path.name for path in sorted(state.jobs.input_of(job.id).glob("*"))],
    }


def title_of(job: Job, words: Words) -> str:
    """Return what a job is about."""
    kind = job.kind if job.kind in _KINDS else "other"
    layer = str(job.payload.get("layer") or "")
    return " · ".join(filter(None, [words(f"admin.job.kind.{kind}"), words.get(f"layer.{layer}", layer)]))


def step_of(job: Job, words: Words) -> str:
    """Return what a job is doing: a step of ours, or the file that is being read."""
    if job.state == "queued":
        return words("admin.job.waiting")
    return words.get(f"admin.job.step.{job.message}") or words("admin.job.reading", file=job.message or "…")


def failure_of(job: Job, words: Words) -> str:
    """Return why a job failed; empty when it did not."""
    if job.state != "failed":
        return ""
    known = job.message if job.message == "worker_lost" else str((job.result or {}).get("error", ""))
    plain = words.get(f"admin.job.failed.{known}")
    return plain if known == job.message else "\n".join(filter(None, [plain, job.message]))
