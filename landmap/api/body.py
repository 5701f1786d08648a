"""Request bodies, read strictly: a size cap, one JSON value in UTF-8, no NaN, and every fault at once."""

from __future__ import annotations

from typing import Final, TypeVar

import orjson
from fastapi import Request
from pydantic import BaseModel, ValidationError

from landmap.domain.errors import InvalidValueError, Place, TooLargeError, shown

MAX_BODY_BYTES: Final = 1_000_000

Model = TypeVar("Model", bound=BaseModel)


async def read_bytes(request: Request, cap: int = MAX_BODY_BYTES) -> bytes:
    """Return the body; TooLargeError as soon as more than `cap` bytes have come, announced or not."""
    announced = request.headers.get("content-length", "0")
    if announced.isascii() and announced.isdigit() and int(announced[:18]) > cap:
        raise _too_large(cap)
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > cap:
            raise _too_large(cap)
        parts.append(part)
    return b"".join(parts)


async def read_body(request: Request, model: type[Model]) -> Model:
    """Return the JSON body as `model`.

    Raises
    ------
    InvalidValueError
        For a body that is no JSON (NaN, a lone surrogate, nesting past 1 000 levels), or does not fit the model.
    TooLargeError
        Past 1 MB.
    """
    raw = await read_bytes(request)
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        text = raw[:80].decode("utf-8", "replace")
        raise InvalidValueError.of(
            "body", text, f"is no JSON: {error.msg}", "send one JSON object", where="body"
        ) from None
    try:
        return model.model_validate(value)
    except ValidationError as error:
        places = tuple(
            Place(
                where="body",
                param=".".join(str(part) for part in one["loc"]) or "body",
                found=shown(one.get("input")),
                hint=one["msg"],
            )
            for one in error.errors(include_url=False, include_context=False)
        )
        told = "; ".join(f"{place.param}: {place.hint}; found {place.found}" for place in places[:10])
        raise InvalidValueError(told, places=places) from None


def _too_large(cap: int) -> TooLargeError:
    return TooLargeError(f"the body is larger than {cap} bytes", hint="send less")
