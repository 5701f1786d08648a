"""Pages for people: the workspace, one record, a link."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["pages"])
