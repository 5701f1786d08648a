"""What the server writes down: one JSON object a line, without the data it was working on and without link tokens."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

_TOKEN: Final = re.compile(r"lm_s_[A-Za-z0-9_-]+")


def scrub(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take link tokens out of every text of a log entry."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _TOKEN.sub("lm_s_…", value)
    return event


def configure() -> None:
    """Write logs as JSON lines on stderr; a crash is logged with its traceback but without local variables."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            scrub,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        # What stderr is now, not what it was when this was called.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
