"""Links: an officer makes one for chosen records; whoever holds it reads a page, nothing more."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from landmap.access import Share
from landmap.api import openapi
from landmap.api.answers import json_answer
from landmap.api.body import read_body
from landmap.api.deps import pairs_of, state_of
from landmap.api.params import only, read_lang
from landmap.api.routers.features import refuse_parameters
from landmap.domain import PUBLIC, Level
from landmap.domain.errors import ForbiddenError, InvalidValueError, NotFoundError
from landmap.query import Catalog

MAX_RECORDS: Final = 200
Id = Annotated[str, Field(min_length=1, max_length=120)]


class NewShare(BaseModel):
    """What an officer asks of a link."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    parcels: tuple[Id, ...] = ()
    buildings: tuple[Id, ...] = ()
    title: str = Field(default="", max_length=120)
    note: str = Field(default="", max_length=600)
    sender: str = Field(default="", max_length=120)
    lang: str = Field(default="zh", max_length=2)
    days: int = Field(default=30, ge=1, le=365)


router = APIRouter(prefix="/api/shares", tags=["shares"])


@router.post("", summary="Make a link", status_code=201, **openapi.body(NewShare))
async def create(request: Request) -> Response:
    """Make a link to chosen parcels and buildings; the address is shown this once."""
    refuse_parameters(request)
    state = state_of(request)
    _officer(request)
    wanted = await read_body(request, NewShare)
    catalog = state.holder.current()
    chosen = {"parcels": wanted.parcels, "buildings": wanted.buildings}
    check_chosen(catalog, chosen)
    token, share = state.shares.create(
        snapshot_id=catalog.snapshot_id,
        parcels=wanted.parcels,
        buildings=wanted.buildings,
        lang=read_lang("lang", wanted.lang),
        title=wanted.title,
        note=wanted.note,
        sender=wanted.sender,
        days=wanted.days,
        owner=state.settings.audience.key,
        now=dt.datetime.now(dt.UTC),
    )
    return Response(
        json_answer({**_told(share), "token": token, "url": f"/s/{token}"}).body,
        201,
        {"Location": f"/s/{token}", "Cache-Control": "no-store"},
        "application/json",
    )


def check_chosen(catalog: Catalog, chosen: dict[str, tuple[str, ...]]) -> None:
    """Raise unless every chosen record exists for the public, who will open the link.

    Raises
    ------
    InvalidValueError
        For no record or more than 200.
    NotFoundError
        For a record that the public may not see.
    """
    total = sum(len(ids) for ids in chosen.values())
    if not 1 <= total <= MAX_RECORDS:
        raise InvalidValueError.of("parcels", total, "a link names 1 to 200 records", "choose some", where="body")
    now = catalog.district.today()
    for layer, ids in chosen.items():
        for id in ids:
            try:
                catalog.engine.record(layer, id, PUBLIC, today=now)
            except NotFoundError as error:
                raise NotFoundError(f"{layer}: {error.message}", hint="a link holds public records only") from error


@router.get("", summary="Links made here", **openapi.plain(()))
def list_shares(request: Request) -> Response:
    """Answer the links of this server, newest first; never their tokens."""
    refuse_parameters(request)
    _officer(request)
    state = state_of(request)
    return json_answer([_told(share) for share in state.shares.list(state.settings.audience.key)])


@router.delete("/{public_id}", summary="Revoke a link", status_code=204, **openapi.plain((), path=("public_id",)))
def revoke(request: Request, public_id: str) -> Response:
    """Revoke a link; it answers 410 from now on."""
    only(pairs_of(request), ())
    _officer(request)
    state_of(request).shares.revoke(public_id, now=dt.datetime.now(dt.UTC))
    return Response(status_code=204)


def _officer(request: Request) -> None:
    if state_of(request).audience.level < Level.OFFICER:
        raise ForbiddenError(
            "making links is for officers", hint="serve with --audience officer on the bureau's own machine"
        )
    site = request.headers.get("sec-fetch-site", "same-origin")
    if request.method != "GET" and site not in ("same-origin", "none"):
        raise ForbiddenError("a link is made from our own pages or a program, not from another site")


def _told(share: Share) -> dict[str, Any]:
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
