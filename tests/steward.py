"""A steward at the pages: opens them, fills in their forms, and reads what they say."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

from landmap import pipeline
from landmap.access import Database, Jobs
from landmap.api.admin import csrf
from landmap.domain import Level
from landmap.store import Home
from tests.served import serving

HTML = {"accept": "text/html"}


@dataclass(frozen=True)
class Steward:
    """A browser without script, on a server for stewards."""

    client: TestClient

    def get(self, path: str, status: int = 200, **query: str) -> str:
        """Return the page at `path`, which must answer with `status`."""
        answer = self.client.get(path, params=query, headers=HTML)
        assert answer.status_code == status, f"{path}: {answer.status_code} {text_of(answer.text)[:600]}"
        return answer.text

    def post(
        self,
        path: str,
        fields: Mapping[str, str | Sequence[str]] | None = None,
        files: Sequence[tuple[str, tuple[str, bytes]]] = (),
        status: int = 303,
        **headers: str,
    ) -> Response:
        """Send a form from our own page, with its token; it must be answered with `status`."""
        if csrf.COOKIE not in self.client.cookies:
            self.get("/admin")
        data: dict[str, Any] = {csrf.FIELD: self.client.cookies[csrf.COOKIE], **(fields or {})}
        sent = list(files) or None
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.client.post(
            path, data=data, files=sent, headers={**HTML, "sec-fetch-site": "same-origin", **named}
        )
        assert answer.status_code == status, f"{path}: {answer.status_code} {text_of(answer.text)[:600]}"
        return answer

    def follow(self, answer: Response) -> str:
        """Return the page that a taken form leads to."""
        return self.get(answer.headers["location"])


@contextmanager
def steward_at(home: Path, **settings: Any) -> Iterator[Steward]:
    """Yield a steward at a server of its own."""
    with serving(home, audience=Level.STEWARD, **settings) as client:
        yield Steward(client)


def text_of(page: str) -> str:
    """Return what a page says, without its marks."""
    body = re.sub(r"(?s)^.*?<main", "<main", page)
    return " ".join(unescape(re.sub(r"(?s)<[^>]*>", " ", body)).split())


def worked(home: Path) -> None:
    """Do every job that waits, as a worker at the side of the server would."""
    database = Database.open(home / "landmap.db")
    try:
        while pipeline.work_once(Home(home), Jobs(database, home / "jobs"), pipeline.KINDS, clock=_now):
            pass
    finally:
        database.close()


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
