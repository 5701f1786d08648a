"""One layer of one file, from raw cells to records in canonical form, with every fault on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landmap.domain import Layer, canonical_frame, crs
from landmap.ingest import checks, shapes
from landmap.ingest.columns import Match, match_columns
from landmap.ingest.coordinates import Located, locate
from landmap.ingest.defaults import fill_defaults
from landmap.ingest.faults import Fault
from landmap.ingest.identity import fill_ids
from landmap.ingest.land_use_in import fill_land_use
from landmap.ingest.planning import BOUNDS, fill_bounds
from landmap.ingest.readers import RawLayer
from landmap.ingest.rents import fill_rents
from landmap.ingest.report import severity
from landmap.ingest.terms import Terms
from landmap.ingest.values import convert

#: Parcel fields that always follow from others (the status here, the areas at publish): a file's own are not used.
COMPUTED: Final = frozenset(
    {"geodesic_area_m2", "planar_area_m2", "area_m2", "area_basis", "area_diff_pct", "planning_parse_status"}
)
#: A column most of whose values cannot be read is another column than its header says.
_UNLIKE: Final = 0.8
_UNLIKE_FROM: Final = 5


@dataclass(frozen=True)
class Examined:
    """The accepted records in canonical form, where they stood, and what was found."""

    frame: pd.DataFrame
    rows: tuple[int, ...]
    read: int
    epsg: int | None
    operation: str | None
    faults: tuple[Fault, ...]


def examine(raw: RawLayer, terms: Terms, *, source: str, may_be_cut: bool = False) -> Examined:
    """Return the records of `raw` that can be accepted, and every fault.

    Parameters
    ----------
    raw : RawLayer
    terms : Terms
    source : str
        What to name as the source of records that name none.
    may_be_cut : bool
        Whether headers may have been cut to ten bytes.

    Raises
    ------
    RefusedError
        When the coordinate system cannot be used.
    """
    layer, rows = terms.layer, raw.rows
    faults = list(raw.faults)
    if not rows:
        return Examined(
            canonical_frame(pd.DataFrame(), layer), (), raw.lost, None, None, (*faults, Fault("layer_empty"))
        )
    matches, found = match_columns(raw.columns, layer, terms.district, may_be_cut=may_be_cut)
    own_ids = raw.columns.get("id") if all(match.header != "id" for match in matches.values()) else None
    faults += [fault for fault in found if not (fault.field == "id" and fault.code == "column_unmatched")]
    located = _located(raw, terms, faults)
    columns = _converted(raw, matches, layer, faults)
    _filled(columns, raw, matches, terms, faults)
    faults += fill_defaults(columns, len(rows), layer, terms.district, visibility=terms.visibility, source=source)
    geometry = None
    if layer.spatial:
        geometry, found = shapes.fit(located.geometry, rows, layer)
        faults += found
    faults += fill_ids(columns, geometry, raw.columns, terms, len(rows), feature_ids=own_ids)
    shapeless = set() if geometry is None else {row for row, shape in zip(rows, geometry, strict=True) if shape is None}
    judged = _judged(columns, rows, terms)
    faults += [one for one in judged if one.code != "key_missing" or one.row not in shapeless]
    if geometry is not None:
        faults += _shape_faults(columns, geometry, rows, terms, faults)
    accepted = _accepted(rows, faults)
    frame = _frame(columns, geometry, accepted, layer)
    kept = tuple(row for row, good in zip(rows, accepted, strict=True) if good)
    return Examined(frame, kept, len(rows) + raw.lost, located.epsg, located.operation, tuple(faults))


def _located(raw: RawLayer, terms: Terms, faults: list[Fault]) -> Located:
    empty = np.full(len(raw.rows), None, dtype=object)
    if not terms.layer.spatial:
        if raw.geometry is not None and any(shape is not None for shape in raw.geometry):
            faults.append(Fault("geometry_unused", field="geometry"))
        return Located(empty, None, None, ())
    if raw.geometry is None:
        return Located(empty, None, None, ())
    located = locate(raw.geometry, raw.rows, raw.crs, terms, raw.standard_crs)
    faults += located.faults
    return located


def _converted(raw: RawLayer, matches: Mapping[str, Match], layer: Layer, faults: list[Fault]) -> dict[str, list[Any]]:
    """Return the values of every matched field; planning texts are left to `planning`."""
    columns: dict[str, list[Any]] = {}
    for name, match in matches.items():
        if name in BOUNDS or name == "geometry":
            continue
        if layer.name == "parcels" and name in COMPUTED:
            faults.append(Fault("derived_recomputed", field=name, value=match.header))
            continue
        cells = raw.columns[match.header]
        unit = "" if name == "rent_raw" else match.unit
        values, found = convert(cells, raw.rows, layer.fields[name], unit)
        filled = sum(cell is not None for cell in cells)
        failed = filled - sum(value is not None for value in values) if found else 0
        if filled >= _UNLIKE_FROM and failed >= _UNLIKE * filled and failed <= len(found):
            words = {"field": name, "failed": failed, "count": filled}
            faults.append(Fault("column_values_unlike", field=match.header, value=match.header, words=words))
            continue
        columns[name] = values
        faults += found
    for match in matches.values():
        for field, code in match.sets:
            given = columns.setdefault(field, [None] * len(raw.rows))
            for index, cell in enumerate(raw.columns[match.header]):
                if cell is not None and given[index] is None:
                    given[index] = code
    return columns


def _filled(
    columns: dict[str, list[Any]], raw: RawLayer, matches: Mapping[str, Match], terms: Terms, faults: list[Fault]
) -> None:
    """Fill what one column tells of several fields: planning texts, land use, rents."""
    if terms.layer.name == "parcels":
        texts = {name: raw.columns[match.header] for name, match in matches.items() if name in BOUNDS}
        limits = frozenset(name for name in texts if matches[name].limit)
        faults += fill_bounds(columns, texts, limits, raw.rows)
        code = matches.get("land_use_code")
        canonical = code is not None and code.exact and "land_use_scheme" in columns
        faults += fill_land_use(columns, raw.rows, terms.district, canonical=canonical)
    if terms.layer.name == "buildings" and "rent_raw" in columns:
        faults += fill_rents(columns, raw.rows, matches["rent_raw"].unit)


def _judged(columns: dict[str, list[Any]], rows: Sequence[int], terms: Terms) -> list[Fault]:
    """Return what the values say by themselves and against each other; bounds last, as they set values aside."""
    layer, district = terms.layer, terms.district
    found = [*checks.check_pairs(columns, rows, layer)]
    if layer.name == "parcels":
        found += checks.check_parcels(columns, rows, district, terms.today or district.today())
    if layer.name == "buildings":
        found += checks.check_buildings(columns, rows)
    found += checks.check_values(columns, rows, layer, district)
    found += checks.check_required(columns, rows, layer)
    found += checks.check_keys(columns, rows, layer)
    return found


def _shape_faults(
    columns: dict[str, list[Any]],
    geometry: NDArray[np.object_],
    rows: Sequence[int],
    terms: Terms,
    faults: Sequence[Fault],
) -> list[Fault]:
    """Return what the shapes say."""
    told = {fault.row for fault in faults if fault.field == "geometry" and severity(fault) == "error"}
    found: list[Fault] = []
    if not terms.layer.fields["geometry"].nullable:
        found += [
            Fault("geometry_missing", row, "geometry")
            for shape, row in zip(geometry, rows, strict=True)
            if shape is None and row not in told
        ]
    found += shapes.duplicates(geometry, rows)
    if terms.layer.name == "parcels":
        found += checks.check_areas(columns, rows, crs.geodesic_area_m2(geometry).tolist())
        found += shapes.overlaps(geometry, rows)
    return found


def _accepted(rows: Sequence[int], faults: Sequence[Fault]) -> NDArray[np.bool_]:
    wrong = {fault.row for fault in faults if fault.row is not None and severity(fault) == "error"}
    return np.array([row not in wrong for row in rows], dtype=np.bool_)


def _frame(
    columns: Mapping[str, Sequence[Any]],
    geometry: NDArray[np.object_] | None,
    accepted: NDArray[np.bool_],
    layer: Layer,
) -> pd.DataFrame:
    kept = np.flatnonzero(accepted).tolist()
    values = {name: pd.Series([column[index] for index in kept], dtype=object) for name, column in columns.items()}
    if geometry is not None:
        values["geometry"] = pd.Series(geometry[kept], dtype=object)
    return canonical_frame(pd.DataFrame(values, index=pd.RangeIndex(len(kept))), layer)
