"""What the server writes down: one JSON object a line, without the data it was working on and without link tokens."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from typing import Any, Final

import structlog

_TOKEN: Final = re.compile(r"(lm_[sc]_)[A-Za-z0-9_-]+")


def scrub(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take link tokens out of every text of a log entry."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _TOKEN.sub(r"\1…", value)
    return event


def trace(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace an exception by its class and the lines it passed: its message may quote what is nobody's business."""
    error = event.pop("exc_info", None)
    if isinstance(error, BaseException):
        event["exception"] = list(_passed(error))
    return event


def _passed(error: BaseException) -> Iterator[str]:
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"{frame.filename}:{frame.lineno} {frame.name}"
    yield f"{type(error).__module__}.{type(error).__qualname__}"
    if error.__cause__ is not None:
        yield "caused by"
        yield from _passed(error.__cause__)


class _ToldByUs(logging.Filter):
    """Leaves out what the web server says of a crash, message and all: `trace` has told it."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not record.msg.startswith("Exception in ASGI application")


_TOLD_BY_US: Final = _ToldByUs()


def configure() -> None:
    """Write logs as JSON lines on stderr; of a crash the lines it passed, neither its message nor any variable."""
    logging.getLogger("uvicorn.error").addFilter(_TOLD_BY_US)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            trace,
            scrub,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        # What stderr is now, not what it was when this was called.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
