"""One error shape: RFC 9457 problem+json, from the error tree of the domain; never a traceback, never a 422."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount

from landmap.api.moved import MovedError, reason_in, redirect
from landmap.api.problem_pages import presented
from landmap.api.security import HEADERS
from landmap.domain import errors
from landmap.domain.errors import LandmapError, Place, as_dict, shown

MEDIA_TYPE: Final = "application/problem+json"

#: The one table from error class to status; a test checks that it names every class.
STATUS: Final[Mapping[type[LandmapError], HTTPStatus]] = {
    errors.InvalidValueError: HTTPStatus.BAD_REQUEST,
    errors.UnknownParameterError: HTTPStatus.BAD_REQUEST,
    errors.InvalidFilterError: HTTPStatus.BAD_REQUEST,
    errors.UnknownFieldError: HTTPStatus.BAD_REQUEST,
    errors.TooCostlyError: HTTPStatus.BAD_REQUEST,
    errors.UnauthenticatedError: HTTPStatus.UNAUTHORIZED,
    errors.ForbiddenError: HTTPStatus.FORBIDDEN,
    errors.NotFoundError: HTTPStatus.NOT_FOUND,
    errors.BusyError: HTTPStatus.CONFLICT,
    errors.ConflictError: HTTPStatus.CONFLICT,
    errors.GoneError: HTTPStatus.GONE,
    errors.TooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.RateLimitedError: HTTPStatus.TOO_MANY_REQUESTS,
    errors.UnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.StoreError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.SchemaError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.SourceError: HTTPStatus.BAD_REQUEST,
    errors.ConfigError: HTTPStatus.SERVICE_UNAVAILABLE,
}

TITLES: Final[Mapping[str, str]] = {
    "invalid_value": "A parameter has a value that means nothing here",
    "unknown_parameter": "A parameter is not known",
    "invalid_filter": "The filter cannot be read",
    "unknown_field": "There is no such field",
    "too_costly": "The request costs too much",
    "unauthenticated": "Please sign in",
    "forbidden": "This is not allowed",
    "not_found": "There is nothing here",
    "busy": "Somebody else is writing",
    "conflict": "The state has changed",
    "gone": "This is no longer available",
    "too_large": "The request is too large",
    "rate_limited": "Too many requests",
    "unavailable": "A part of the service is out of reach",
    "error": "Something went wrong on our side",
    "method_not_allowed": "This method is not offered here",
}

_HTTP_CODES: Final = {
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    401: "unauthenticated",
    403: "forbidden",
}
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_PUBLIC_UNAVAILABLE: Final = "the data cannot be read for now; the operator has been told"


def status_of(error: LandmapError) -> HTTPStatus:
    """Return the HTTP status for an error, by its nearest class in `STATUS`."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR


def problem(
    code: str,
    status: int,
    detail: str,
    path: str,
    places: tuple[Place, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return one problem+json answer."""
    body: dict[str, Any] = {
        "type": f"urn:landmap:problem:{code}",
        "title": TITLES.get(code, TITLES["error"]),
        "status": status,
        "detail": detail,
        "instance": path,
        "code": code,
        "errors": [as_dict(place) for place in places],
    }
    fixed = {"Cache-Control": "no-store", **(headers or {})}
    return Response(orjson.dumps(body), status, media_type=MEDIA_TYPE, headers=fixed)


def of_error(error: LandmapError, path: str) -> Response:
    """Return the answer for an error of ours; what concerns the operator alone is logged and not told."""
    status = status_of(error)
    headers = {"Retry-After": "5"} if status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.CONFLICT) else {}
    if status == HTTPStatus.SERVICE_UNAVAILABLE and not isinstance(error, errors.UnavailableError):
        structlog.get_logger("landmap").error("unavailable", code=error.code, message=error.message)
        return problem("unavailable", status, _PUBLIC_UNAVAILABLE, path, headers=headers)
    return problem(error.code, status, str(error), path, error.places, headers)


def instance_of(request: Request) -> str:
    """Return the path of a request as it may be repeated and logged: short, printable, without the token of a link."""
    text = shown(request.url.path, 200)[1:-1]
    return f"{text[:3]}…" if text.startswith(("/s/", "/c/")) else text


def told(request: Request, error: LandmapError) -> Response:
    """Return the answer for an error of ours, as a page where a person opened the address."""
    return presented(request, of_error(error, instance_of(request)), error.code, reason_in(request, error))


async def _on_landmap(request: Request, error: Exception) -> Response:
    assert isinstance(error, LandmapError)
    return told(request, error)


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return _not_allowed(request)
    code = _HTTP_CODES.get(error.status_code, "invalid_value" if error.status_code < 500 else "error")
    answer = problem(code, error.status_code, TITLES[code], instance_of(request), headers=error.headers)
    return presented(request, answer, code)


def _not_allowed(request: Request) -> Response:
    """Answer 405 with every method the address takes, whichever route offers it."""
    offered = []
    # A mounted application has moved the root; the routes are those of the whole.
    root = request.scope.get("app_root_path", request.scope.get("root_path", ""))
    for method in _METHODS:
        scope = {**request.scope, "method": method, "root_path": root}
        routes = [route for route in request.app.routes if route.matches(scope)[0] is Match.FULL]
        if any(not isinstance(route, Mount) for route in routes) or (routes and method == "GET"):
            offered += [method, "HEAD"] if method == "GET" else [method]
    detail = f"{shown(request.method, 20)} is not offered at this address; {', '.join(offered)} is"
    path = instance_of(request)
    return problem(
        "method_not_allowed", HTTPStatus.METHOD_NOT_ALLOWED, detail, path, headers={"Allow": ", ".join(offered)}
    )


async def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    places = tuple(
        Place(
            where=str(one["loc"][0]),
            param=".".join(map(str, one["loc"][1:])),
            found=shown(one.get("input")),
            hint=one["msg"],
        )
        for one in error.errors()
    )
    return problem("invalid_value", 400, "the request does not have the expected form", instance_of(request), places)


async def _on_crash(request: Request, error: Exception) -> Response:
    reference = uuid.uuid4().hex[:12]
    structlog.get_logger("landmap").error("crash", reference=reference, path=instance_of(request), exc_info=error)
    # A crash is answered outside the middleware that adds the fixed headers.
    return problem("error", 500, f"reference {reference}", instance_of(request), headers=HEADERS)


def install(app: FastAPI) -> None:
    """Make every error of `app` one of ours."""
    app.add_exception_handler(LandmapError, _on_landmap)
    app.add_exception_handler(MovedError, redirect)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(Exception, _on_crash)
