"""What is kept of a picture or document: which kind it is by its content, and the files made of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from landmap.ingest.attached.pdf import check_pdf
from landmap.ingest.attached.pictures import PICTURES, resized
from landmap.ingest.faults import RefusedError

MAX_BYTES: Final = 64 * 1024**2
_MIB: Final = 1024**2


@dataclass(frozen=True)
class Attached:
    """What is kept of one file.

    Parameters
    ----------
    media_type : str
        Of every file in `files`.
    files : mapping of str to bytes
        A picture by the length of its longest edge in pixels (``"320"``, ``"1280"``, ``"2560"``, none larger than the
        picture was); a document under ``"file"``.
    width, height : int or None
        Of the largest picture, in pixels, as it is looked at.
    taken_on : date or None
        The day the camera wrote down; with everything else it wrote, it is not in the files.
    """

    media_type: str
    files: Mapping[str, bytes]
    width: int | None = None
    height: int | None = None
    taken_on: dt.date | None = None

    @property
    def picture(self) -> bool:
        """Whether it is a picture."""
        return self.width is not None


def recognised(head: bytes) -> bool:
    """Return whether a file that begins like this is of a kind that can be attached."""
    return head.startswith(b"%PDF-") or any(head[place : place + len(magic)] == magic for place, magic in PICTURES)


def made(data: bytes) -> Attached:
    """Return what is kept of a file; its name is not asked.

    Raises
    ------
    RefusedError
        For a file of another kind, one that is too large, a damaged or oversized picture, a document that is damaged,
        encrypted, or would run or carry something. Its fault names the reason.
    """
    if len(data) > MAX_BYTES:
        size, limit = (f"{number / _MIB:,.0f} MB" for number in (len(data), MAX_BYTES))
        raise RefusedError("attachment_too_large", size=size, limit=limit)
    if data.startswith(b"%PDF-"):
        check_pdf(data)
        return Attached("application/pdf", {"file": data})
    if not recognised(data[:32]):
        raise RefusedError("attachment_unknown_kind")
    picture = resized(data)
    return Attached("image/webp", picture.files, picture.width, picture.height, picture.taken_on)
