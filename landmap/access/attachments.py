"""Attachments: photos, drone pictures, plans and documents of a record, each with its class, captions, day and source.

What is kept is made anew or checked (`landmap.ingest.attach`), and lies in the home folder named by its hash. Nothing
is shown outside unless somebody says so: the class of a new attachment is internal. Like edits, attachments enter
answers by a publish only: each version lists its own.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, func, insert, select, update

from landmap.access.database import Database
from landmap.access.tables import ATTACHMENTS
from landmap.access.tokens import moment, new_id, stamp
from landmap.domain import PolicyClass, code_list, compact_json, layer_named
from landmap.domain.errors import InvalidValueError, NotFoundError
from landmap.ingest import Attached, attach
from landmap.query import Exhibit
from landmap.store import Home, put_blob, read_blob

_SUFFIXES: Final[Mapping[str, str]] = {"image/webp": "webp", "application/pdf": "pdf"}
CAPTION_MAX: Final = 200
_WORDS: Final = ("kind", "visibility", "caption_zh", "caption_en", "dated", "source")


@dataclass(frozen=True)
class Attachment:
    """One attachment of one record.

    `files` names the kept file of each size (``"320"``, ``"1280"``, ``"2560"`` of a picture, ``"file"`` of a document);
    `dated` is the day it was taken or issued, `name` what it was called when it came.
    """

    id: str
    layer: str
    feature_id: str
    kind: str
    visibility: PolicyClass
    name: str
    media_type: str
    sha256: str
    files: Mapping[str, str]
    width: int | None
    height: int | None
    caption_zh: str
    caption_en: str
    dated: dt.date | None
    source: str
    by: str
    at: str

    def as_dict(self) -> dict[str, Any]:
        """Return the attachment as a version lists it: what is shown, not who brought it."""
        hidden = ("by", "at", "name")
        told = {name: value for name, value in self.__dict__.items() if name not in hidden}
        day = None if self.dated is None else self.dated.isoformat()
        return {**told, "visibility": self.visibility.value, "files": dict(self.files), "dated": day}

    @property
    def exhibit(self) -> Exhibit:
        """The attachment as a version shows it."""
        return Exhibit.of(self.as_dict())


@dataclass(frozen=True)
class Attachments:
    """The attachments of one home; `make` turns the bytes of a file into what is kept of it, in a confined process."""

    home: Home
    database: Database
    make: Callable[[bytes], Attached] = attach

    def add(
        self,
        layer: str,
        feature_id: str,
        data: bytes,
        *,
        name: str,
        by: str,
        now: dt.datetime,
        kind: str | None = None,
        visibility: str = "internal",
        caption_zh: str = "",
        caption_en: str = "",
        dated: dt.date | None = None,
        source: str = "",
    ) -> Attachment:
        """Attach a file to a record; that the record is there is the caller's to check.

        Parameters
        ----------
        layer, feature_id : str
        data : bytes
            The file as it came.
        name : str
            What it is called.
        by : str
        now : aware datetime
        kind : str, optional
            A code of ``attachment_kind``; a photo or a document unless told.
        visibility : {"internal", "partner", "public"}
        caption_zh, caption_en : str
        dated : date, optional
            The day it was taken or issued; the day the camera wrote down unless told.
        source : str

        Returns
        -------
        Attachment
            The one that is there already when the record has the very same file.

        Raises
        ------
        RefusedError
            As `landmap.ingest.attach`.
        InvalidValueError
            For a kind or class that is none, or a caption that is too long.
        """
        layer_named(layer)
        _check({"kind": kind, "visibility": visibility, "caption_zh": caption_zh, "caption_en": caption_en})
        kept = self.make(data)
        files = {size: put_blob(self.home, one, _SUFFIXES[kept.media_type]) for size, one in kept.files.items()}
        largest = list(files.values())[-1]
        day = dated or kept.taken_on
        row = {
            "id": new_id(),
            "layer": layer,
            "feature_id": feature_id,
            "kind": kind or ("photo" if kept.picture else "document"),
            "visibility": visibility,
            "name": name,
            "media_type": kept.media_type,
            "sha256": largest.partition(".")[0],
            "files": compact_json({"names": files, "width": kept.width, "height": kept.height}),
            "caption_zh": caption_zh,
            "caption_en": caption_en,
            "dated": None if day is None else day.isoformat(),
            "source": source,
            "by": by,
            "at": stamp(now),
            "changed_at": stamp(now),
        }
        same = [ATTACHMENTS.c[name] == row[name] for name in ("layer", "feature_id", "sha256")]
        with self.database.writing() as connection:
            there = connection.execute(select(ATTACHMENTS).where(*same, ATTACHMENTS.c.removed_at.is_(None))).first()
            if there is not None:
                return _attachment(there)
            connection.execute(insert(ATTACHMENTS).values(row))
        return self.get(str(row["id"]))

    def listed(
        self, layer: str | None = None, feature_id: str | None = None, asking: PolicyClass = PolicyClass.INTERNAL
    ) -> tuple[Attachment, ...]:
        """Return the attachments of a record (or layer, or all) that exist for `asking`, in the order they came."""
        given = ((ATTACHMENTS.c.layer, layer), (ATTACHMENTS.c.feature_id, feature_id))
        wanted = [column == value for column, value in given if value is not None]
        seen = [one.value for one in PolicyClass if _RANKS[one] <= _RANKS[asking]]
        open_ = (ATTACHMENTS.c.removed_at.is_(None), ATTACHMENTS.c.visibility.in_(seen))
        with self.database.reading() as connection:
            rows = connection.execute(select(ATTACHMENTS).where(*wanted, *open_).order_by(ATTACHMENTS.c.number)).all()
        return tuple(map(_attachment, rows))

    def get(self, id: str, asking: PolicyClass = PolicyClass.INTERNAL) -> Attachment:
        """Return one attachment; NotFoundError for an unknown one, one removed, or one hidden from `asking`."""
        with self.database.reading() as connection:
            open_ = (ATTACHMENTS.c.id == id, ATTACHMENTS.c.removed_at.is_(None))
            row = connection.execute(select(ATTACHMENTS).where(*open_)).one_or_none()
        found = None if row is None else _attachment(row)
        if found is None or _RANKS[found.visibility] > _RANKS[asking]:
            raise NotFoundError(f"no attachment has the id {id[:40]!r}")
        return found

    def describe(self, id: str, *, now: dt.datetime, **words: Any) -> Attachment:
        """Change the kind, class, captions, day or source of an attachment; InvalidValueError for anything else."""
        strangers = sorted(set(words) - set(_WORDS))
        if strangers:
            raise InvalidValueError.of(strangers[0], words[strangers[0]], "cannot be changed", where="body")
        _check(words)
        self.get(id)
        values = {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in words.items()}
        with self.database.writing() as connection:
            connection.execute(
                update(ATTACHMENTS).where(ATTACHMENTS.c.id == id).values({**values, "changed_at": stamp(now)})
            )
        return self.get(id)

    def remove(self, id: str, *, now: dt.datetime) -> None:
        """Take an attachment off its record from the next version on; older ones and links keep what they show."""
        self.get(id)
        with self.database.writing() as connection:
            connection.execute(
                update(ATTACHMENTS).where(ATTACHMENTS.c.id == id).values(removed_at=stamp(now), changed_at=stamp(now))
            )

    def changed_at(self) -> dt.datetime | None:
        """Return when an attachment was last added, described or removed; None when there never was one."""
        with self.database.reading() as connection:
            return moment(connection.execute(select(func.max(ATTACHMENTS.c.changed_at))).scalar_one())

    def read(self, attachment: Attachment, size: str) -> bytes:
        """Return the file of a size; NotFoundError for a size that there is not."""
        if size not in attachment.files:
            raise NotFoundError(f"attachment {attachment.id} has no size {size[:20]!r}")
        return read_blob(self.home, attachment.files[size])


_RANKS: Final = {PolicyClass.PUBLIC: 0, PolicyClass.PARTNER: 1, PolicyClass.INTERNAL: 2}


def _check(words: Mapping[str, Any]) -> None:
    kind, visibility = words.get("kind"), words.get("visibility")
    if kind is not None and kind not in code_list("attachment_kind"):
        choices = "、".join(code_list("attachment_kind"))
        raise InvalidValueError.of("kind", kind, "is no kind of attachment", choices, where="body")
    if visibility is not None and visibility not in list(PolicyClass):
        raise InvalidValueError.of("visibility", visibility, "is no class", ", ".join(PolicyClass), where="body")
    for name in ("caption_zh", "caption_en"):
        if len(words.get(name) or "") > CAPTION_MAX:
            raise InvalidValueError.of(name, words[name], f"is longer than {CAPTION_MAX} characters", where="body")


def _attachment(row: Row[Any]) -> Attachment:
    files = json.loads(row.files)
    return Attachment(
        id=row.id,
        layer=row.layer,
        feature_id=row.feature_id,
        kind=row.kind,
        visibility=PolicyClass(row.visibility),
        name=row.name,
        media_type=row.media_type,
        sha256=row.sha256,
        files=files["names"],
        width=files["width"],
        height=files["height"],
        caption_zh=row.caption_zh,
        caption_en=row.caption_en,
        dated=None if row.dated is None else dt.date.fromisoformat(row.dated),
        source=row.source,
        by=row.by,
        at=row.at,
    )
