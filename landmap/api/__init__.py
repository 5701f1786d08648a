"""HTTP: routes parse, call one function, answer."""

from landmap.api.app import create_app
from landmap.api.logs import configure as configure_logs
from landmap.api.security import DeadlineProtocol

__all__ = ["DeadlineProtocol", "configure_logs", "create_app"]
