"""Forms: what was typed, ticked and chosen, taken only from our own pages and only as far as it fits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from landmap.api.admin import csrf
from landmap.api.admin.multipart import FIELDS_BYTES_MAX, FIELDS_MAX, Multipart, Upload
from landmap.api.admin.told import FormError
from landmap.api.body import read_bytes
from landmap.api.deps import state_of
from landmap.domain.errors import ForbiddenError, TooLargeError

MULTIPART: Final = "multipart/form-data"
URLENCODED: Final = "application/x-www-form-urlencoded"
#: Bytes around the files of an upload: its other fields, and the lines between the parts.
_AROUND: Final = FIELDS_BYTES_MAX + 256 * 1024


@dataclass(frozen=True)
class Form:
    """One form as it was sent; `files` lie on disk until the answer is made."""

    fields: tuple[tuple[str, str], ...]
    files: tuple[Upload, ...] = ()

    def raw(self, name: str) -> tuple[str, ...]:
        """Return every value of a field as it came, blank ones too."""
        return tuple(value for said, value in self.fields if said == name)

    def all(self, name: str, *, most: int = FIELDS_MAX, limit: int = 1_000) -> tuple[str, ...]:
        """Return every value of a field that may be said several times; FormError for too many or too long ones."""
        found = tuple(value for said, value in self.fields if said == name and value != "")
        if len(found) > most or any(len(value) > limit for value in found):
            raise FormError("admin.refused.too_long", field=name, limit=limit)
        return found

    def text(self, name: str, *, limit: int = 200, required: bool = False, lines: bool = False) -> str:
        """Return what was typed, without blanks around it; empty when nothing was.

        Raises
        ------
        FormError
            For more than `limit` characters, for control characters (`lines` allows the ends of lines), for a field
            said twice, and for nothing at all where something is `required`.
        """
        found = [value for said, value in self.fields if said == name]
        if len(found) > 1:
            raise FormError("admin.refused.twice", field=name)
        text = "".join(found).replace("\r\n", "\n").strip()
        if len(text) > limit:
            raise FormError("admin.refused.too_long", field=name, limit=limit)
        if any(not (c.isprintable() or c == "\u3000" or (lines and c == "\n")) for c in text):
            raise FormError("admin.refused.unprintable", field=name)
        if required and not text:
            raise FormError("admin.refused.missing", field=name)
        return text

    def choice(self, name: str, offered: Collection[str], *, default: str | None = None) -> str:
        """Return what was chosen among `offered`; `default` when nothing was, FormError for anything else."""
        text = self.text(name)
        if text == "" and default is not None:
            return default
        if text not in offered:
            raise FormError("admin.refused.choice", field=name, found=text[:60])
        return text

    def ticked(self, name: str) -> bool:
        """Return whether a box was ticked."""
        return any(said == name for said, _ in self.fields)

    def uploads(self, name: str) -> tuple[Upload, ...]:
        """Return the files of one field."""
        return tuple(one for one in self.files if one.field == name)


async def _posted(request: Request) -> Form:
    """Return the fields of a form from one of our own pages."""
    _may_write(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == URLENCODED:
        fields = urlencoded(await read_bytes(request, FIELDS_BYTES_MAX))
    elif kind == MULTIPART:
        fields = (await _streamed(request, Multipart(request.headers["content-type"], None, 0))).fields
    else:
        raise FormError("admin.refused.form")
    return _ours(request, Form(tuple(fields)))


async def _uploaded(request: Request) -> AsyncIterator[Form]:
    """Yield a form with files, which lie in a folder of this home until the answer is made."""
    _may_write(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != MULTIPART:
        raise FormError("admin.refused.form")
    state = state_of(request)
    cap = state.settings.max_upload_bytes
    announced = request.headers.get("content-length", "0")
    if announced.isascii() and announced.isdigit() and int(announced[:18]) > cap + _AROUND:
        raise TooLargeError(f"the files are larger than {cap} bytes", hint="send them in parts")
    with state.jobs.incoming() as folder:
        found = await _streamed(request, Multipart(request.headers["content-type"], folder, cap))
        yield _ours(request, Form(tuple(found.fields), tuple(found.files)))


#: A form without files.
Posted = Annotated[Form, Depends(_posted)]
#: A form with files; take what shall stay (`Jobs.add`, `os.replace`) before the answer is returned.
Uploaded = Annotated[Form, Depends(_uploaded)]


def _may_write(request: Request) -> None:
    csrf.refuse_elsewhere(request)
    if state_of(request).settings.version is not None:
        raise ForbiddenError("an old version is shown, to be read only", hint="work where today's is served")


def _ours(request: Request, form: Form) -> Form:
    csrf.refuse_unsaid(request, form.text(csrf.FIELD))
    return form


async def _streamed(request: Request, reader: Multipart) -> Multipart:
    try:
        async for chunk in request.stream():
            # Files are written here: not on the loop that serves everybody.
            await run_in_threadpool(reader.feed, chunk)
    except ClientDisconnect:
        raise FormError("admin.refused.cut") from None
    finally:
        reader.close()
    reader.done()
    return reader


def urlencoded(body: bytes) -> Iterable[tuple[str, str]]:
    """Return the fields of a form without files; FormError for what is none."""
    try:
        return parse_qsl(
            body.decode("ascii"), keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=FIELDS_MAX
        )
    except ValueError:
        raise FormError("admin.refused.form") from None
