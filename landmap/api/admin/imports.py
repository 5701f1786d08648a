"""Uploads: files come in, a job checks them, and whoever brought them follows it from page to page."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from fastapi import Request, Response

from landmap.access import Job
from landmap.api.admin import frame
from landmap.api.admin.forms import Form, Posted, Uploaded
from landmap.api.admin.jobs import owner_of, row
from landmap.api.admin.multipart import Upload
from landmap.api.admin.paging import paged
from landmap.api.admin.times import local
from landmap.api.admin.told import FormError
from landmap.api.deps import state_of
from landmap.api.state import State
from landmap.domain import District, Words, crs, layers
from landmap.domain.errors import LandmapError, NotFoundError
from landmap.ingest import formats, require_confinement
from landmap.store import MODES, staged, unstage

CLASSES: Final = ("public", "partner", "internal")
_GPS: Final = 4326
#: Bytes of a file name that every file system holds, with room for a suffix.
_NAME_MAX: Final = 200
_PROFILE_MAX: Final = 60

router = frame.pages()


@router.get("/admin/import")
def upload_page(request: Request) -> Response:
    """Answer the form for files, what waits to be published, and the imports so far."""
    state, words = state_of(request), frame.words_of(request)
    found = [job for job in state.jobs.owned_by(owner_of(state)) if job.kind == "import"]
    pager = paged(request, found, size=20)
    return frame.page(
        request,
        "import.html",
        section="import",
        title=words("admin.section.import"),
        pager=pager,
        rows=[row(state, job, words) for job in pager.entries],
        staged=staged_rows(state, words),
        largest=state.settings.max_upload_bytes // 1_000_000,
        formats=" ".join(dict.fromkeys(end for ends in formats().values() for end in ends)),
        **choices(state, words),
    )


@router.post("/admin/import")
def upload(request: Request, form: Uploaded) -> Response:
    """Take files in and have them checked."""
    require_confinement()
    state = state_of(request)
    by = frame.signature(form)
    payload = {**settings_of(form, state), "by": by, "lang": frame.words_of(request).lang, "reports": True}
    files = named(form.uploads("files"))
    job = state.jobs.add(
        "import",
        payload,
        owner=owner_of(state),
        level=state.audience.level,
        now=dt.datetime.now(dt.UTC),
        files={name: one.path for name, one in files.items()},
    )
    return frame.sign(request, frame.go(request, f"/admin/jobs/{job.id}"), by)


@router.post("/admin/staged/{layer}/compare")
def compare(request: Request, layer: str, form: Posted) -> Response:
    """Have told what a layer that waits would change."""
    state = state_of(request)
    held = staged(state.holder.home).get(layer)
    if held is None:
        raise NotFoundError(f"nothing of layer {layer[:40]!r} waits")
    job = asked(state, "compare", {"layer": layer, "sha256": held.sha256})
    return frame.go(request, f"/admin/jobs/{job.id}")


@router.post("/admin/staged/{layer}/discard")
def discard(request: Request, layer: str, form: Posted) -> Response:
    """Forget a layer that waits, as long as it is the one that was seen."""
    home = state_of(request).holder.home
    words = frame.words_of(request)
    if layer not in staged(home):
        raise NotFoundError(f"nothing of layer {layer[:40]!r} waits")
    unstage(home, layer, sha256=form.text("sha256", required=True))
    return frame.go(request, "/admin/import", "admin.notice.discarded", layer=words.get(f"layer.{layer}", layer))


def asked(state: State, kind: str, payload: Mapping[str, Any], after: str | None = None) -> Job:
    """Queue a job of this steward."""
    return state.jobs.add(
        kind,
        payload,
        owner=owner_of(state),
        level=state.audience.level,
        now=dt.datetime.now(dt.UTC),
        after=after,
    )


def choices(state: State, words: Words) -> dict[str, Any]:
    """Return what the settings of an import can be chosen from."""
    return {
        "layers": [(name, words(f"layer.{name}")) for name in layers.layers()],
        "modes": [(mode, words(f"admin.mode.{mode}"), words(f"admin.mode.{mode}_note")) for mode in MODES],
        "classes": [(one, words(f"admin.class.{one}")) for one in CLASSES],
        "profiles": state.holder.home.profiles(),
        "systems": systems_of(state.holder.home.district(), words),
    }


def settings_of(form: Form, state: State) -> dict[str, Any]:
    """Return what a form says of how files are to be read."""
    said: dict[str, Any] = {
        "layer": form.choice("layer", tuple(layers.layers())),
        "mode": form.choice("mode", tuple(MODES), default="replace"),
        "visibility": form.choice("visibility", CLASSES, default="") or None,
        "profile": form.choice("profile", state.holder.home.profiles(), default="") or None,
        "remember": form.text("remember", limit=_PROFILE_MAX) or None,
        "crs": crs_of(form.text("crs", limit=12)),
        "check_only": form.ticked("check_only"),
    }
    return {name: value for name, value in said.items() if value not in (None, False)}


def staged_rows(state: State, words: Words) -> list[dict[str, Any]]:
    """Return the layers that wait to be published, as lines of a list."""
    district = state.holder.home.district()
    return [
        {
            "layer": one.layer,
            "label": words(f"layer.{one.layer}"),
            "rows": one.rows,
            "mode": words(f"admin.mode.{one.mode}"),
            "files": list(dict.fromkeys(str(source["name"]) for source in one.sources)),
            "by": next((str(source.get("imported_by") or "") for source in one.sources), ""),
            "when": local(next((source.get("imported_at") for source in one.sources), ""), district),
            "sha256": one.sha256,
        }
        for one in staged(state.holder.home).values()
    ]


def named(files: tuple[Upload, ...]) -> dict[str, Upload]:
    """Return uploads by names that are safe in any folder.

    Raises
    ------
    FormError
        Without a file, for an empty one, for a name that is none, and for two files of one name.
    """
    if not files:
        raise FormError("admin.refused.no_file")
    found: dict[str, Upload] = {}
    for one in files:
        name = file_name(one.name)
        if one.size == 0:
            raise FormError("admin.refused.empty_file", file=name)
        if any(name.casefold() == other.casefold() for other in found):
            raise FormError("admin.refused.same_name", file=name)
        found[name] = one
    return found


def file_name(said: str) -> str:
    r"""Return a file name as it was said, without its folders and without what no folder can hold.

    Examples
    --------
    >>> file_name("C:\\台账\\地块.xlsx"), file_name("../../etc/passwd"), file_name("a\tb.csv")
    ('地块.xlsx', 'passwd', 'a_b.csv')
    """
    name = unicodedata.normalize("NFC", said.replace("\\", "/").rsplit("/", 1)[-1]).strip()
    name = "".join(c if c.isprintable() and c not in '<>:"|?*' else "_" for c in name).lstrip(".")
    if not name.strip(" ._"):
        raise FormError("admin.refused.file_name", file=said[:60] or "—")
    path = PurePosixPath(name)
    stem = path.stem.encode()[: _NAME_MAX - len(path.suffix.encode())].decode("utf-8", "ignore")
    if len(path.suffix.encode()) >= _NAME_MAX // 2:
        raise FormError("admin.refused.file_name", file=name[:60])
    return f"{stem}{path.suffix}"


def crs_of(text: str) -> int | None:
    """Return the EPSG code somebody wrote; FormError for one that cannot be used."""
    digits = text.upper().removeprefix("EPSG:").strip()
    if not digits:
        return None
    try:
        code = int(digits) if digits.isascii() and digits.isdigit() else 0
        crs.check_epsg(code)
    except LandmapError:
        raise FormError("admin.refused.crs", found=text) from None
    return code


def systems_of(district: District, words: Words) -> list[tuple[int, str]]:
    """Return the coordinate systems to choose from; any other EPSG code can be written."""
    codes = dict.fromkeys((crs.STORE_CRS, _GPS, district.planar_epsg))
    return [(code, crs.gauss_kruger_label(code) if words.lang == "zh" else f"EPSG:{code}") for code in codes]
