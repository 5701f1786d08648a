"""Request bodies, read strictly: a size cap, one JSON value in UTF-8, no NaN, and every fault at once."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, TypeVar

import orjson
from fastapi import Request
from pydantic import BaseModel, ValidationError

from landmap.domain.errors import InvalidValueError, Place, TooLargeError, shown

Model = TypeVar("Model", bound=BaseModel)


async def read_bytes(request: Request, cap: int) -> bytes:
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


async def read_body(request: Request, model: type[Model], cap: int) -> Model:
    """Return the JSON body as `model`, of at most `cap` bytes.

    Raises
    ------
    InvalidValueError
        For a body that is no JSON (NaN, a lone surrogate, nesting past a few hundred levels), says a name twice, or
        does not fit the model.
    TooLargeError
    """
    raw = await read_bytes(request, cap)
    try:
        # The first reader is strict about text and numbers, the second sees a name that is said twice.
        orjson.loads(raw)
        json.loads(raw, object_pairs_hook=_said_once)
    except (ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        raise InvalidValueError.of(
            "body", raw[:80].decode("utf-8", "replace"), f"cannot be read: {reason}", "send one JSON object", "body"
        ) from None
    try:
        return model.model_validate_json(raw)
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


def _said_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise ValueError(f"the name {shown(twice, 40)} is said twice")
    return found


def _too_large(cap: int) -> TooLargeError:
    return TooLargeError(f"the body is larger than {cap} bytes", hint="send less")
