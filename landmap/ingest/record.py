"""One record's edit, checked as a row of a file is: the same values, the same findings, all of them at once."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from landmap.domain import STORE_EPSG, District, Field, Kind, Lang, Layer, crs, layer_named
from landmap.ingest.arrange import cell_of, unknown
from landmap.ingest.checks.neighbours import OVERLAP_M2
from landmap.ingest.examine import COMPUTED, Examined, examine
from landmap.ingest.faults import Fault, RefusedError
from landmap.ingest.planning import BOUNDS
from landmap.ingest.readers.raw import RawLayer, object_array
from landmap.ingest.report import Finding, place, severity
from landmap.ingest.terms import Terms
from landmap.ingest.values import convert

#: A shape given as text is no longer than this.
SHAPE_TEXT_MAX: Final = 2_000_000
#: What follows from another field and is computed again when that one is edited.
_FOLLOWS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "buildings": {"rent_raw": ("rent_min_cny_m2_day", "rent_max_cny_m2_day", "rent_unit")},
}


@dataclass(frozen=True)
class Edited:
    """What an edit comes to.

    `values` are the fields that differ from before, with what follows from them, as cells of a canonical frame; empty
    when nothing does, or when a finding is an error.
    """

    values: Mapping[str, Any]
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing speaks against taking the edit."""
        return all(finding.severity != "error" for finding in self.findings)


def check_record(
    record: Mapping[str, Any],
    edits: Mapping[str, Any],
    layer: str,
    district: District,
    *,
    fixed: Iterable[str] = (),
    beside: Mapping[str, Any] | None = None,
    today: dt.date | None = None,
    lang: Lang = "zh",
) -> Edited:
    """Return what `edits` make of one record, with every finding they give rise to.

    Parameters
    ----------
    record : mapping of str to value
        The record as a canonical frame has it.
    edits : mapping of str to value
        The fields to change, as somebody writes them: text with units, labels of codes, dates as people write them; a
        shape as GeoJSON or WKT in longitude and latitude of CGCS2000. None, or a blank text, makes a value unknown.
    layer : str
    district : District
    fixed : iterable of str
        Fields that cannot be edited.
    beside : mapping of str to geometry, optional
        The other records' shapes by id; a new shape is held against them.
    today : date, optional
    lang : {"zh", "en"}

    Returns
    -------
    Edited
        What was wrong with the record before and has nothing to do with the edit is not told again.
    """
    target = layer_named(layer)
    terms = Terms(target, district, today=today or district.today())
    faults = [Fault("edit_field_unknown", field=name, value=name) for name in edits if name not in target.fields]
    faults += [Fault("edit_field_fixed", field=name, value=name) for name in edits if name in set(fixed)]
    wanted = {name: value for name, value in edits.items() if name in target.fields and name not in set(fixed)}
    if "geometry" in wanted:
        wanted["geometry"] = _shape(wanted["geometry"], faults)
    held = _readable(record, target)
    wanted = {name: value for name, value in wanted.items() if not _already(value, held[name], target.fields[name])}
    before, after = _examined(held, terms), _examined(_with(held, wanted, target), terms)
    known = {_told(fault) for fault in before.faults}
    faults += [one for one in after.faults if one.field in wanted or _told(one) not in known]
    faults = [_of_one_row(one) for one in [*faults, *_unread(wanted, after)]]
    if "geometry" in wanted:
        faults += _overlaps(after.frame, beside or {})
    findings = tuple(place(fault, "", layer, lang, layer) for fault in _once(faults, wanted))
    accepted = not any(severity(fault) == "error" for fault in faults)
    return Edited(_differences(before.frame, after.frame, target) if accepted else {}, findings)


def _already(value: Any, held: Any, field: Field) -> bool:
    """Return whether a record says already what an edit wants to say."""
    if field.kind is Kind.GEOMETRY:
        return value is None and held is None
    (read,), faults = convert([value], [1], field)
    return not faults and held == (list(read) if isinstance(read, tuple) else read)


def _unread(edits: Mapping[str, Any], after: Examined) -> list[Fault]:
    """Return a fault for every value that somebody gave and that nobody can read: it must not become unknown."""
    warned = {fault.field for fault in after.faults if severity(fault) == "warning"}
    lost = [name for name in edits if name in warned and len(after.frame) and unknown(after.frame[name].iloc[0])]
    return [Fault("edit_value_unread", field=name, value=edits[name]) for name in lost if edits[name] not in (None, "")]


def _of_one_row(fault: Fault) -> Fault:
    if fault.code != "required_column_missing":
        return fault
    return Fault("required_value_missing", fault.row, fault.field)


def _readable(record: Mapping[str, Any], layer: Layer) -> dict[str, Any]:
    """Return a canonical record as a reader would hand it over."""
    return {
        name: cell_of(record.get(name), field.kind)
        for name, field in layer.fields.items()
        if not field.derived and not (layer.name == "parcels" and name in COMPUTED)
    }


def _with(record: Mapping[str, Any], edits: Mapping[str, Any], layer: Layer) -> dict[str, Any]:
    """Return a record with its edits, and without what must follow from them anew."""
    changed = {**record, **edits}
    for name, followers in _FOLLOWS.get(layer.name, {}).items():
        if name in edits:
            changed |= {follower: None for follower in followers if follower not in edits}
    if layer.name != "parcels":
        return changed
    texts = dict(record["planning_raw"] or {})
    for bound in BOUNDS.values():
        sides = (bound.minimum, bound.maximum, *(bound.inclusive or ()))
        if "planning_raw" in edits:
            changed |= {side: None for side in sides if side not in edits}
        elif any(side in edits for side in sides):
            texts.pop(bound.key, None)
            changed["planning_raw"] = texts
    return changed


def _examined(record: Mapping[str, Any], terms: Terms) -> Examined:
    plain = {name: [value] for name, value in record.items() if name != "geometry"}
    geometry = object_array([record.get("geometry")]) if terms.layer.spatial else None
    raw = RawLayer(terms.layer.name, plain, (1,), geometry, crs=f"EPSG:{STORE_EPSG}")
    try:
        return examine(raw, terms, source="")
    except RefusedError as error:
        return Examined(pd.DataFrame(columns=list(terms.layer.fields)), (), 1, None, None, (error.fault,))


def _shape(value: Any, faults: list[Fault]) -> Any:
    """Return the shape somebody drew, from GeoJSON or WKT; None, with a fault, when it is neither."""
    if value is None or isinstance(value, shapely.Geometry) or (isinstance(value, str) and not value.strip()):
        return value or None
    text = value if isinstance(value, str) else json.dumps(value)
    reader = shapely.from_geojson if text.lstrip().startswith("{") else shapely.from_wkt
    try:
        if len(text) <= SHAPE_TEXT_MAX:
            return reader(text)
        reason = f"> {SHAPE_TEXT_MAX}"
    except (shapely.errors.ShapelyError, TypeError, ValueError) as error:
        reason = str(error)
    faults.append(Fault("edit_shape_unread", field="geometry", value=text[:80], words={"reason": reason[:160]}))
    return None


def _overlaps(frame: pd.DataFrame, beside: Mapping[str, Any]) -> list[Fault]:
    """Return a fault for every other record whose polygon shares more than 1 ㎡ with the edited one's."""
    if frame.empty or not beside:
        return []
    shape = frame["geometry"].iloc[0]
    names, others = list(beside), object_array(list(beside.values()))
    near = np.flatnonzero(shapely.intersects(others, shape) & ~shapely.touches(others, shape))
    shared = crs.geodesic_area_m2(shapely.intersection(others[near], shape))
    return [
        Fault("edit_overlaps", field="geometry", value=round(float(area), 1), words={"other": names[index]})
        for index, area in zip(near, shared, strict=True)
        if area > OVERLAP_M2
    ]


def _differences(before: pd.DataFrame, after: pd.DataFrame, layer: Layer) -> dict[str, Any]:
    """Return the fields of the edited record that differ; a record that was not accepted before differs in all."""
    found = {}
    for name, field in layer.fields.items():
        if name not in after.columns or (field.derived and name != "planning_parse_status"):
            continue
        new = after[name].iloc[0]
        old = before[name].iloc[0] if len(before) else None
        if not _same(old, new):
            found[name] = new
    return found


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, shapely.Geometry) and isinstance(new, shapely.Geometry):
        return bool(shapely.equals_identical(shapely.normalize(old), shapely.normalize(new)))
    missing = [unknown(old), unknown(new)]
    return all(missing) or (not any(missing) and bool(old == new))


def _told(fault: Fault) -> tuple[str, str | None, str]:
    return fault.code, fault.field, str(fault.value)


def _once(faults: Sequence[Fault], edits: Mapping[str, Any]) -> list[Fault]:
    """Return each fault once; a note about a field that nobody touched says nothing of the edit."""
    kept: dict[tuple[str, str | None, str], Fault] = {}
    for fault in faults:
        if severity(fault) != "info" or fault.field in edits:
            kept.setdefault(_told(fault), fault)
    return list(kept.values())
