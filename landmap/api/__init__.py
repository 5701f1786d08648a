"""HTTP: routes parse, call one function, answer."""

from landmap.api.app import create_app
from landmap.api.security import DeadlineProtocol

__all__ = ["DeadlineProtocol", "create_app"]
