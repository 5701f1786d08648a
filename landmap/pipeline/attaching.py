"""Files attached to records, many at a time: matched by the number in their names, or to the record somebody names."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from landmap.access import Attachments, Database, match_files, names_of
from landmap.domain import Lang, layer_named
from landmap.domain.errors import InvalidValueError, NotFoundError
from landmap.ingest import RefusedError, refusal, unpacked
from landmap.pipeline.folding import fold_now
from landmap.pipeline.patience import patiently
from landmap.pipeline.working import Done, Task
from landmap.store import Home, open_current

Step = Callable[[str, int, int], None]

_WORDS: Final = frozenset({"kind", "visibility", "caption_zh", "caption_en", "dated", "source"})
_PAYLOAD: Final = _WORDS | {"layer", "record", "assign", "by", "lang"}
#: How far the job is when every file was looked at.
_READ: Final = 0.9


@dataclass
class Told:
    """What became of every file: attached, refused (a finding), possibly of several records, or of none."""

    attached: list[dict[str, str]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    ambiguous: dict[str, list[str]] = field(default_factory=dict)
    unmatched: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return all of it."""
        return dict(self.__dict__)

    @property
    def settled(self) -> bool:
        """Whether every file was attached."""
        return not (self.refused or self.ambiguous or self.unmatched)


def attach_files(
    home: Home,
    database: Database,
    paths: Iterable[Path],
    layer: str,
    *,
    by: str,
    record: str | None = None,
    assign: Mapping[str, str] | None = None,
    lang: Lang = "zh",
    step: Step = lambda _name, _done, _total: None,
    **words: Any,
) -> Told:
    """Attach files to records of the version served; they are shown from the next version on.

    Parameters
    ----------
    home : Home
    database : Database
    paths : iterable of Path
        Pictures and documents, folders and zips of them.
    layer : str
    by : str
    record : str, optional
        The record all of them belong to; matched by number unless told.
    assign : mapping of str to str, optional
        Records by file, as `Told` names the files: these are attached, and no others.
    lang : {"zh", "en"}
        Language of the findings.
    step : callable
        Told each file with its place and how many there are.
    words
        As for `Attachments.add`: ``kind``, ``visibility``, ``caption_zh``, ``caption_en``, ``dated``, ``source``.

    Raises
    ------
    InvalidValueError
        For words that mean nothing.
    NotFoundError
        When nothing is published, or a record that is named does not exist.
    """
    names = names_of(open_current(home).table(layer), layer_named(layer))
    for id in (*([] if record is None else [record]), *(assign or {}).values()):
        if id not in names:
            raise NotFoundError(f"layer {layer!r} has no record {id[:80]!r}")
    told = Told()
    album = Attachments(home, database)
    with tempfile.TemporaryDirectory(prefix="landmap-") as scratch:
        files = _files(paths, Path(scratch), told, lang)
        chosen = _chosen(files, names, record, assign, told)
        for number, (name, id) in enumerate(chosen.items()):
            step(name, number, len(chosen))
            data, now = files[name].read_bytes(), dt.datetime.now(dt.UTC)
            try:
                made = album.add(layer, id, data, name=name, by=by, now=now, **words)
            except RefusedError as error:
                told.refused.append(refusal(error, name, lang).as_dict())
            else:
                told.attached.append({"id": made.id, "file": name, "feature_id": id})
    return told


def attach(task: Task) -> Done:
    """Attach the input files of a job, and publish them.

    The payload is ``{layer, by, record?, assign?, lang?}`` and the words of `Attachments.add`, each as for
    `attach_files`, ``dated`` as ISO 8601. The result is that of `Told`, and the ``version`` that shows them (null when
    nothing was attached).
    """
    given = dict(task.job.payload)
    if not {"layer", "by"} <= set(given) <= _PAYLOAD:
        raise InvalidValueError(f"attaching says layer and by, and perhaps {', '.join(sorted(_PAYLOAD))}")
    dated = given.pop("dated", None)
    database = Database.open(task.home.path / "landmap.db")
    try:
        told = attach_files(
            task.home,
            database,
            sorted(task.inputs.iterdir()),
            given.pop("layer"),
            step=lambda name, done, total: task.report(_READ * done / max(total, 1), name),
            dated=None if dated is None else dt.date.fromisoformat(dated),
            **given,
        )
    finally:
        database.close()
    version = None
    if told.attached:
        task.report(_READ, "publish")
        note = f"附件 {len(told.attached)}"
        version = patiently(task, _READ, lambda: fold_now(task.home, by=given["by"], note=note)[0].id)
    return Done({**told.as_dict(), "version": version})


def _files(paths: Iterable[Path], scratch: Path, told: Told, lang: Lang) -> dict[str, Path]:
    """Return the files behind paths by name, those in archives and folders too; what cannot be opened is told."""
    found: dict[str, Path] = {}
    for number, path in enumerate(paths):
        room = scratch / str(number)
        room.mkdir()
        try:
            inside = unpacked(path, room)
        except RefusedError as error:
            told.refused.append(refusal(error, path.name, lang).as_dict())
            continue
        found |= inside
    return found


def _chosen(
    files: Mapping[str, Path],
    names: Mapping[str, Iterable[str]],
    record: str | None,
    assign: Mapping[str, str] | None,
    told: Told,
) -> dict[str, str]:
    """Return the record of each file that has one; the others are told."""
    if assign is not None:
        return {name: id for name, id in assign.items() if name in files}
    if record is not None:
        return dict.fromkeys(files, record)
    # What stands before the first slash is the folder or archive itself: it numbers nothing.
    inner = {name.partition("/")[2] or name: name for name in files}
    found = match_files(inner, names)
    told.ambiguous = {inner[name]: list(ids) for name, ids in found.ambiguous.items()}
    told.unmatched = [inner[name] for name in found.unmatched]
    return {inner[name]: id for name, id in found.matched.items()}
