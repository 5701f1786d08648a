"""A home in which every field of every record holds a text, number or day found nowhere else, and who may see which.

Whatever leaves the product is searched for them (`seen_in`). Who may see one is decided here a second time, from the
field tables and the rules as they are written down, not by the code under test.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import pandas as pd
import shapely

from landmap.domain import layers
from landmap.store import Home, Snapshot, publish, put_blob
from tests.hamlet import layer_frame, make_home, square

FIELD_TABLES: Final = Path(layers.__file__).parent / "data" / "fields"
RANK: Final = {"public": 0, "partner": 1, "internal": 2}
AUDIENCES: Final = tuple(RANK)
ABOVE: Final = AUDIENCES[1:]
#: Layers whose records have documents attached, one of each class.
PAPERED: Final = ("parcels", "buildings")
NOTICED: Final = ("announced", "bidding", "sold")
FIRST_NUMBER: Final = 9_000_000
FIRST_DAY: Final = dt.date(2070, 1, 1)
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

#: Who may see a record, and its stage: visibility, publicity of its plan, review, supply stage.
PARCELS: Final = (
    ("public", "approved_public", "published", "announced"),
    ("public", "approved_public", "published", "ready"),
    ("internal", "approved_public", "published", "announced"),
    ("public", "publicized_draft", "published", "bidding"),
    ("partner", "approved_public", "published", "sold"),
    ("public", None, "published", "sold"),
    ("partner", "approved_public", "published", "planning"),
    (None, "approved_public", "published", "sold"),
    ("public", "approved_public", "published", None),
    ("public", "not_public", "published", "announced"),
    ("public", "approved_public", "draft", "announced"),
    ("public", "approved_public", None, "bidding"),
    ("Public", "approved_public", "published", "sold"),
    ("public", "approved_public", "published", "withdrawn"),
)
BUILDINGS: Final = ("public", "internal", "partner", "public", None)
CONSTRAINTS: Final = ("partner", "public", None, "public", "internal")
FACILITIES: Final = ("planned", "existing", None, "under_construction")
PROJECTS: Final = ("internal", "public")
#: Fields that decide who may see a record; every other one holds a canary.
DECIDING: Final = frozenset({"visibility", "plan_publicity", "review_status", "supply_stage"})
#: Objects as the product reads them; any other is one name with a text.
SHAPED: Final = {
    "mixed_uses": lambda text: [{"code": text, "share_pct": 60, "basis": text}],
    "tenant_industry_mix": lambda text: [{"code": text, "share_pct": 60}],
    "term_years": lambda text: [{"use": text, "years": 50}],
    "site_services": lambda text: {"water": text, text: "yes"},
}


@dataclass(frozen=True)
class Canary:
    """One value of one record; `readers` are the audiences that may see it."""

    layer: str
    field: str
    record: str
    serial: int
    visibility: str
    readers: frozenset[str]

    @property
    def text(self) -> str:
        return f"qx{self.serial:05d}xq"

    @property
    def number(self) -> float:
        return FIRST_NUMBER + self.serial + 0.25

    @property
    def day(self) -> dt.date:
        return FIRST_DAY + dt.timedelta(days=self.serial)

    def __str__(self) -> str:
        return f"{self.layer}.{self.field} of {self.record}"


@dataclass(frozen=True)
class Row:
    """One record: `name` in messages, `readers` who may know of it, `stage` of its supply."""

    layer: str
    name: str
    readers: frozenset[str]
    stage: str | None
    values: Mapping[str, Any]
    id: str

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Where it lies, for a spatial layer."""
        return shapely.bounds(self.values["geometry"]).tolist()  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Paper:
    """One attachment: a document whose captions, source and bytes each hold a canary."""

    layer: str
    record: str
    visibility: str
    readers: frozenset[str]
    body: bytes
    entry: Mapping[str, Any]

    @property
    def file(self) -> str:
        """The name under which its bytes are kept."""
        return str(self.entry["files"]["file"])


@dataclass(frozen=True)
class Flock:
    """Every record and canary of the home."""

    rows: tuple[Row, ...]
    canaries: Mapping[int, Canary]
    papers: tuple[Paper, ...]

    def of(self, layer: str) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.layer == layer)

    def ids(self, layer: str, audience: str, *, hidden: bool = False) -> tuple[str, ...]:
        """Return the ids that `audience` may know, or those it may not."""
        return tuple(row.id for row in self.of(layer) if (audience in row.readers) != hidden)

    def visible(self, audience: str) -> frozenset[Canary]:
        return frozenset(one for one in self.canaries.values() if audience in one.readers)

    def frames(self) -> dict[str, pd.DataFrame]:
        return {name: layer_frame(name, [row.values for row in self.of(name)]) for name in layers.layers()}

    def frames_for(self, audience: str) -> dict[str, pd.DataFrame]:
        """Return the frames of a bureau that never had more than `audience` may see."""
        known = {row.id for row in self.rows if audience in row.readers}
        made = {}
        for name in layers.layers():
            rows = [_without_secrets(row, audience, known) for row in self.of(name) if audience in row.readers]
            made[name] = layer_frame(name, rows)
        return made

    def seen_in(self, text: str) -> frozenset[Canary]:
        """Return every canary that `text` tells, however its numbers and days are written."""
        merged = _GROUPED.sub("", text)
        serials = {int(found) for found in _TEXT.findall(text)}
        serials |= {int(found) for source in (text, merged) for found in _NUMBER.findall(source)}
        serials |= {(day - FIRST_DAY).days for day in _days(text)}
        return frozenset(self.canaries[serial] for serial in serials if serial in self.canaries)


_TEXT: Final = re.compile(r"qx([0-9]{5})xq", re.I)
_GROUPED: Final = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
#: As it is, or in CNY instead of ten thousands of them.
_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z_.])9([0-9]{6})(?:2500)?(?![0-9A-Za-z_])")
_ISO: Final = re.compile(r"(?<![0-9])(20[789][0-9])-([0-9]{2})-([0-9]{2})")
_ENGLISH: Final = re.compile(rf"([0-9]{{1,2}})\s({'|'.join(MONTHS)})\s(20[789][0-9])")


def _days(text: str) -> Iterator[dt.date]:
    for year, month, day in _ISO.findall(text):
        yield dt.date(int(year), int(month), int(day))
    for day, name, year in _ENGLISH.findall(text):
        yield dt.date(int(year), MONTHS.index(name) + 1, int(day))


@cache
def declared(layer: str) -> Mapping[str, Mapping[str, str]]:
    """Return the field table of a layer as it stands in its file."""
    with (FIELD_TABLES / f"{layer}.csv").open(encoding="utf-8", newline="") as file:
        return {row["field"]: row for row in csv.DictReader(file)}


def readers_of_field(visibility: str, stage: str | None, *, staged: bool) -> frozenset[str]:
    """Return who may see a field on a record in `stage`; `staged` layers hold some fields back until a notice."""
    if visibility == "public_after_notice":
        return frozenset(AUDIENCES if not staged or stage in NOTICED else ("internal",))
    return frozenset(one for one in AUDIENCES if RANK[one] >= RANK[visibility])


def hidden_fields(layer: str, audience: str) -> tuple[str, ...]:
    """Return the fields of a layer that do not exist for `audience`."""
    found = declared(layer).items()
    return tuple(name for name, row in found if RANK.get(row["visibility"], 0) > RANK[audience])


def _without_secrets(row: Row, audience: str, known: Collection[str]) -> dict[str, Any]:
    staged = layers.layer_named(row.layer).staged
    kept = {}
    for field, about in declared(row.layer).items():
        value = row.values.get(field)
        seen = audience in readers_of_field(about["visibility"], row.stage, staged=staged)
        astray = about["kind"] == "reference" and value not in known
        kept[field] = value if field in DECIDING or (seen and not astray) else None
    return kept


def _readers(visibility: str | None, publicity: str | None = None, review: str | None = "published") -> frozenset[str]:
    open_to = RANK.get(visibility or "", 2)
    if publicity == "not_public" or review != "published":
        open_to = 2
    return frozenset(one for one in AUDIENCES if RANK[one] >= open_to)


@cache
def flock() -> Flock:
    """Return the flock: the same every time."""
    made = _Making()
    for place, (visibility, publicity, review, stage) in enumerate(PARCELS):
        about = {"visibility": visibility, "plan_publicity": publicity, "review_status": review, "supply_stage": stage}
        shape = shapely.MultiPolygon([square(3 * place, 0)])
        parcel = made.row("parcels", _readers(visibility, publicity, review), {**about, "geometry": shape}, stage)
        for child in ("standard_land_indices", "site_assessments", "supply_events", "redevelopments"):
            made.row(child, parcel.readers, {"parcel_id": parcel.id})
    # Every building stands on a parcel; some of them on one that fewer people know of.
    for place, visibility in enumerate(BUILDINGS):
        about = {"visibility": visibility, "parcel_id": made.rows[0].id, "geometry": square(3 * place, 10)}
        if place in (0, 2):
            about["parcel_id"] = next(row.id for row in made.rows if row.readers == {"internal"})
        building = made.row("buildings", _readers(visibility), about)
        made.row("building_units", building.readers, {"building_id": building.id, "floor_no": place + 1})
    for place, visibility in enumerate(CONSTRAINTS):
        made.row("constraints", _readers(visibility), {"visibility": visibility, "geometry": square(3 * place, 20)})
    for place, status in enumerate(FACILITIES):
        # A plan that was not published is internal, and so is what nobody classified.
        open_to = frozenset(AUDIENCES if status in ("existing", "under_construction") else ("internal",))
        spot = shapely.Point(square(3 * place, 30).centroid)
        made.row("facilities", open_to, {"status": status, "geometry": spot, "kind": "metro_station"})
    made.row("districts", frozenset(AUDIENCES), {"geometry": shapely.MultiPolygon([square(-2, -2, 60)])})
    made.row("parks", frozenset(AUDIENCES), {"geometry": shapely.MultiPolygon([square(0, 40)])})
    for visibility in PROJECTS:
        about = {"visibility": visibility, "geometry": square(0, 45), "parcel_id": made.rows[0].id}
        made.row("projects", _readers(visibility), about)
    papers = [
        made.paper(row, visibility) for layer in PAPERED for row in made.of(layer) for visibility in ("public", *ABOVE)
    ]
    return Flock(tuple(made.rows), made.canaries, tuple(papers))


class _Making:
    """Rows as they are made: each field gets the next canary unless its value is given."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.canaries: dict[int, Canary] = {}

    def of(self, layer: str) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.layer == layer)

    def paper(self, row: Row, visibility: str) -> Paper:
        """Attach a document to a row."""
        readers = row.readers & _readers(visibility)
        told = {}
        for field in ("caption_zh", "caption_en", "source", "bytes"):
            canary = Canary("attachments", field, row.name, len(self.canaries) + 1, visibility, readers)
            self.canaries[canary.serial] = canary
            told[field] = canary.text
        body = f"a document: {told.pop('bytes')}".encode()
        digest = hashlib.sha256(body).hexdigest()
        entry = {
            "id": digest[:16],
            "layer": row.layer,
            "feature_id": row.id,
            "kind": "document",
            "visibility": visibility,
            "media_type": "application/pdf",
            "sha256": digest,
            "files": {"file": f"{digest}.pdf"},
            "width": None,
            "height": None,
            "dated": None,
            **told,
        }
        return Paper(row.layer, row.id, visibility, readers, body, entry)

    def row(self, layer: str, readers: frozenset[str], given: Mapping[str, Any], stage: str | None = None) -> Row:
        known = layers.layer_named(layer)
        name = f"{layer} {sum(row.layer == layer for row in self.rows) + 1}"
        values: dict[str, Any] = {}
        for field, row in declared(layer).items():
            if field in given:
                values[field] = given[field]
            elif field not in DECIDING:
                seen = readers & readers_of_field(row["visibility"], stage, staged=known.staged)
                canary = Canary(layer, field, name, len(self.canaries) + 1, row["visibility"], seen)
                values[field] = _value(canary, row["kind"])
                if row["kind"] != "boolean":
                    self.canaries[canary.serial] = canary
        made = Row(layer, name, readers, stage, values, str(values[known.id_field]))
        self.rows.append(made)
        return made


def _value(canary: Canary, kind: str) -> Any:
    plain: Mapping[str, Any] = {
        "number": canary.number,
        "integer": int(canary.number),
        "boolean": True,
        "date": canary.day,
        "codes": (canary.text,),
        "texts": (canary.text,),
        "url": f"https://example.org/{canary.text}",
    }
    if kind == "json":
        return SHAPED.get(canary.field, lambda text: {text: text})(canary.text)
    return plain.get(kind, canary.text)


def publish_flock(folder: Path, *, audience: str | None = None) -> tuple[Home, Snapshot]:
    """Publish the flock as it is, nothing derived; what the version says of itself holds texts of its own.

    With an `audience`, only what that audience may see is published.
    """
    home = make_home(folder)
    papers = [one for one in flock().papers if audience is None or audience in one.readers]
    told = {name: [{"name": "qxsourcexq.csv", "sha256": "0" * 64}] for name in layers.layers()}
    finding = {
        "code": "x",
        "severity": "warning",
        "file": "qxsourcexq",
        "value": "qxfindingxq",
        "message": "qxfindingxq",
    }
    made = publish(
        home,
        flock().frames() if audience is None else flock().frames_for(audience),
        by="qxbyxq",
        note="qxnotexq",
        sources=told,
        findings={"parcels": [finding]},
        attachments=lambda: [dict(one.entry) for one in papers],
    )
    for one in papers:
        put_blob(home, one.body, "pdf")
    return home, made
