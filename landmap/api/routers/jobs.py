"""Jobs for programs: what its owner asked for, how far it is, what it came to; for stewards alone."""

from __future__ import annotations

import datetime as dt
from typing import Final

from fastapi import APIRouter, Request, Response

from landmap.api import openapi
from landmap.api.admin.frame import require_steward
from landmap.api.admin.jobs import file_answer, owner_of
from landmap.api.answers import json_answer
from landmap.api.deps import pairs_of, refuse_parameters
from landmap.api.openapi import Note
from landmap.api.origin import from_elsewhere
from landmap.api.params import LIMIT_MAX, only, read_limit
from landmap.domain.errors import ForbiddenError

#: Jobs of one answer unless the caller asks.
_PAGE: Final = 100
_LIST: Final = Note(params=("limit",), answer="jobs", faults=(400, 503))
_ONE: Final = Note(path=("id",), answer="job", faults=(400, 404, 503))
_FILE: Final = Note(path=("id", "name"), media_types=("application/octet-stream",), faults=(400, 404, 503))
_CANCEL: Final = Note(path=("id",), answer="job", faults=(400, 403, 404, 409, 503))

router = APIRouter(prefix="/api/jobs", tags=["jobs"])


@router.get("", summary="Your jobs, the newest first", **openapi.route(_LIST))
def list_jobs(request: Request) -> Response:
    """Answer the jobs of the caller."""
    state = require_steward(request)
    params = only(pairs_of(request), ("limit",))
    limit = read_limit("limit", params["limit"]) if "limit" in params else _PAGE
    jobs = state.jobs.owned_by(owner_of(state))[: min(limit, LIMIT_MAX)]
    return _private(json_answer([job.as_dict() for job in jobs]))


@router.get("/{id}", summary="One job", **openapi.route(_ONE))
def one_job(request: Request, id: str) -> Response:
    """Answer one job of the caller; somebody else's is as unknown as any other."""
    state = require_steward(request)
    refuse_parameters(request)
    return _private(json_answer(state.jobs.get(id, owner_of(state)).as_dict()))


@router.delete("/{id}", summary="Cancel a job", **openapi.route(_CANCEL))
def cancel_job(request: Request, id: str) -> Response:
    """End a job that is not over, and answer it."""
    state = require_steward(request)
    refuse_parameters(request)
    if state.settings.version is not None:
        raise ForbiddenError("an old version is shown, to be read only", hint="work where today's is served")
    if from_elsewhere(request):
        raise ForbiddenError("a job is cancelled from our own pages or by a program, not from another site")
    job = state.jobs.cancel(id, owner_of(state), now=dt.datetime.now(dt.UTC))
    return _private(json_answer(job.as_dict()))


@router.get("/{id}/files/{name}", summary="A file that a job left", **openapi.route(_FILE))
def job_file(request: Request, id: str, name: str) -> Response:
    """Answer a result file of one job of the caller."""
    state = require_steward(request)
    refuse_parameters(request)
    return file_answer(state, id, name)


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-store"
    return response
