"""Links: an officer makes one for chosen records; whoever holds it reads a page, nothing more."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from landmap import access
from landmap.api import openapi
from landmap.api.answers import json_answer
from landmap.api.body import read_body
from landmap.api.deps import refuse_parameters, state_of
from landmap.api.fates import renamed
from landmap.api.openapi import Note
from landmap.api.origin import from_elsewhere
from landmap.api.state import State, today
from landmap.domain import PUBLIC, Lang, Level
from landmap.domain.errors import ForbiddenError, InvalidValueError
from landmap.query import Catalog

MAX_RECORDS: Final = 200
#: Text of one line, or of several in a note; nothing that a page cannot show.
_PLAIN: Final = r"^[^\x00-\x1f\x7f]*$"
Id = Annotated[str, Field(min_length=1, max_length=120, pattern=_PLAIN)]
Line = Annotated[str, Field(max_length=120, pattern=_PLAIN)]


class NewShare(BaseModel):
    """What an officer asks of a link; `days` as the settings say unless given."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    parcels: tuple[Id, ...] = ()
    buildings: tuple[Id, ...] = ()
    title: Line = ""
    note: Annotated[str, Field(max_length=600, pattern=r"^[^\x00-\x09\x0b-\x1f\x7f]*$")] = ""
    sender: Line = ""
    lang: Lang = "zh"
    days: Annotated[int, Field(ge=1, le=365)] | None = None


_CREATE: Final = Note(body=NewShare.model_json_schema(), answer="new_share", faults=(400, 403, 404, 409, 413, 503))
_LIST: Final = Note(answer="shares", faults=(400, 403, 503))
_REVOKE: Final = Note(path=("public_id",), faults=(400, 403, 404, 409, 503))

router = APIRouter(prefix="/api/shares", tags=["shares"])


@router.post("", summary="Make a link", status_code=201, **openapi.route(_CREATE))
async def create(request: Request) -> Response:
    """Make a link to chosen parcels and buildings; the address is shown this once."""
    refuse_parameters(request)
    state = state_of(request)
    _officer(request)
    wanted = await read_body(request, NewShare, state.settings.max_body_bytes)
    # Reading records and writing to the database take their time: not on the loop that serves everybody.
    token, share, left_out = await run_in_threadpool(make_share, state, wanted)
    told = {**_told(share), "token": token, "url": f"/s/{token}", "left_out": [_overdue(*one) for one in left_out]}
    return Response(
        json_answer(told).body,
        201,
        {"Location": f"/s/{token}", "Cache-Control": "no-store"},
        "application/json",
    )


def make_share(state: State, wanted: NewShare) -> tuple[str, access.Share, tuple[tuple[str, access.Due], ...]]:
    """Make the link; return its token, told this once, and the chosen records it does not hold, with their layers."""
    catalog = state.holder.current()
    chosen = {"parcels": wanted.parcels, "buildings": wanted.buildings}
    chosen = {layer: renamed(catalog, layer, ids, PUBLIC) for layer, ids in chosen.items()}
    offer = offer_of(catalog, chosen)
    token, share = state.shares.create(
        snapshot_id=catalog.snapshot_id,
        parcels=offer.kept["parcels"],
        buildings=offer.kept["buildings"],
        lang=wanted.lang,
        title=wanted.title,
        note=wanted.note,
        sender=wanted.sender,
        days=wanted.days or state.settings.share_days,
        owner=state.settings.audience.key,
        now=dt.datetime.now(dt.UTC),
    )
    return token, share, offer.left_out


def offer_of(catalog: Catalog, chosen: dict[str, tuple[str, ...]]) -> access.Offer:
    """Return which of the chosen records the link holds.

    Raises
    ------
    InvalidValueError
        For no record or more than 200.
    NotFoundError, ForbiddenError
        As `landmap.access.offered`.
    """
    total = sum(len(ids) for ids in chosen.values())
    if not 1 <= total <= MAX_RECORDS:
        raise InvalidValueError.of("parcels", total, "a link names 1 to 200 records", "choose some", where="body")
    return access.offered(catalog, chosen, today(catalog))


@router.get("", summary="Links made here", **openapi.route(_LIST))
def list_shares(request: Request) -> Response:
    """Answer the links of this server, newest first; never their tokens."""
    refuse_parameters(request)
    _officer(request)
    state = state_of(request)
    return json_answer([_told(share) for share in state.shares.list(state.settings.audience.key)])


@router.delete("/{public_id}", summary="Revoke a link", status_code=204, **openapi.route(_REVOKE))
def revoke(request: Request, public_id: str) -> Response:
    """Revoke a link; it answers 410 from now on."""
    refuse_parameters(request)
    _officer(request)
    state_of(request).shares.revoke(public_id, now=dt.datetime.now(dt.UTC))
    return Response(status_code=204)


def _officer(request: Request) -> None:
    if state_of(request).audience.level < Level.OFFICER:
        raise ForbiddenError(
            "making links is for officers", hint="serve with --audience officer on the bureau's own machine"
        )
    if request.method != "GET" and state_of(request).settings.version is not None:
        raise ForbiddenError("an old version is shown, to be read only", hint="make links where today's is served")
    if request.method != "GET" and from_elsewhere(request):
        raise ForbiddenError("a link is made from our own pages or by a program, not from another site")


def _overdue(layer: str, one: access.Due) -> dict[str, Any]:
    days = {"as_of": one.as_of, "confirm_by": one.due}
    told = {name: None if day is None else day.isoformat() for name, day in days.items()}
    return {"layer": layer, "id": one.id, "title": one.title, **told, "reason": one.reason}


def _told(share: access.Share) -> dict[str, Any]:
    return {
        "id": share.public_id,
        "title": share.title,
        "parcels": list(share.parcels),
        "buildings": list(share.buildings),
        "created_at": share.created_at.isoformat(),
        "expires_at": share.expires_at.isoformat(),
        "revoked_at": share.revoked_at.isoformat() if share.revoked_at else None,
        "opens": share.opens,
    }
