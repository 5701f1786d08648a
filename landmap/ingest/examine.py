"""One layer of one file, from raw cells to records in canonical form, with every fault on the way."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from dataclasses import field as made
from itertools import islice
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from landmap.domain import Layer, canonical_frame, crs
from landmap.ingest import shapes
from landmap.ingest.agreed_columns import match_as_agreed
from landmap.ingest.arrange import arranged
from landmap.ingest.checks import Batch, judge
from landmap.ingest.columns import Match
from landmap.ingest.coordinates import Located, locate
from landmap.ingest.corrections import PASSES_MAX, Corrections
from landmap.ingest.datum import Agreed
from landmap.ingest.defaults import fill_defaults
from landmap.ingest.faults import Fault
from landmap.ingest.identity import fill_ids
from landmap.ingest.known import Known, Places
from landmap.ingest.land_use_in import fill_land_use
from landmap.ingest.outlines import OUTLINES_MAX, shapes_at
from landmap.ingest.planning import BOUNDS, fill_bounds
from landmap.ingest.privacy import shielded
from landmap.ingest.proposals import ColumnProposal
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
#: The layer whose outlines are looked at in blocks, which is worth beginning early.
_IN_BLOCKS: Final = "parcels"
#: Cells that are of the field all the same, though they tell nothing.
_SILENT: Final = frozenset({"date_sentinel", "value_masked"})


@dataclass(frozen=True)
class Examined:
    """The accepted records in canonical form, where they stood, and what was found.

    `faulty` has the shapes of rows with an error or a warning as they came, EPSG:4490. `aside` and `aside_rows` are the
    records that were set aside, whatever is wrong with them.
    """

    frame: pd.DataFrame
    rows: tuple[int, ...]
    read: int
    epsg: int | None
    operation: str | None
    faults: tuple[Fault, ...]
    proposals: tuple[ColumnProposal, ...] = ()
    located: Located | None = None
    cured: tuple[Fault, ...] = ()
    faulty: Mapping[int, Any] = made(default_factory=dict)
    aside: pd.DataFrame | None = None
    aside_rows: tuple[int, ...] = ()

    @property
    def datum(self) -> dict[str, Any] | None:
        """What a boundary at hand says of the datum; None when there was none to compare with."""
        verdict = self.located.verdict if self.located is not None else None
        return None if verdict is None else verdict.as_dict()

    @property
    def approximation(self) -> dict[str, Any]:
        """What is to be remembered of coordinates that were taken out of a shifted datum; empty for all others."""
        shifted = self.located.corrected if self.located is not None else None
        return {} if shifted is None else {"datum": shifted.label, "approximate_m": crs.SHIFT_ACCURACY_M}


def examine(
    raw: RawLayer,
    terms: Terms,
    *,
    source: str,
    may_be_cut: bool = False,
    agreed: Agreed = lambda fault: False,
    aside: Collection[int] = (),
) -> Examined:
    """Return the records of `raw` that can be accepted, and every fault.

    Parameters
    ----------
    raw : RawLayer
    terms : Terms
    source : str
        What to name as the source of records that name none.
    may_be_cut : bool
        Whether headers may have been cut to ten bytes.
    agreed : callable, optional
        Whether the steward agreed to the proposal of a fault.
    aside : collection of int
        Rows that are not to be accepted now: they may lack a shape, and are kept apart whatever is wrong with them.

    Raises
    ------
    RefusedError
        When the coordinate system cannot be used.
    """
    corrections = Corrections()
    with ThreadPoolExecutor(max_workers=1) as drawing:
        for _ in range(PASSES_MAX):
            found = _examined(
                corrections.kept(raw),
                terms,
                corrections,
                drawing,
                source=source,
                may_be_cut=may_be_cut,
                agreed=agreed,
                aside=aside,
            )
            if not corrections.take(found.faults, agreed):
                break
    read = len(raw.rows) + raw.lost
    return replace(
        found, read=read, faults=(*found.faults, *corrections.notes()), cured=(*found.cured, *corrections.cured())
    )


def _examined(
    raw: RawLayer,
    terms: Terms,
    corrections: Corrections,
    drawing: ThreadPoolExecutor,
    *,
    source: str,
    may_be_cut: bool,
    agreed: Agreed,
    aside: Collection[int],
) -> Examined:
    """Examine a layer once, with what was corrected so far; outlines are worked on beside the columns, by `drawing`."""
    layer, rows = terms.layer, raw.rows
    faults = list(raw.faults)
    if not rows:
        return Examined(
            canonical_frame(pd.DataFrame(), layer), (), raw.lost, None, None, (*faults, Fault("layer_empty"))
        )
    matched, settled = match_as_agreed(
        raw.columns, layer, terms.district, may_be_cut=may_be_cut, profile=terms.profile, agreed=agreed
    )
    matches, raw = matched.matches, replace(raw, columns=matched.columns)
    own_ids = raw.columns.get("id") if all(match.header != "id" for match in matches.values()) else None
    faults += [fault for fault in matched.faults if not (fault.field == "id" and fault.code == "column_unmatched")]
    placing = drawing.submit(_located, raw, terms, agreed)
    read: list[Fault] = []
    columns = _converted(raw, matches, layer, read)
    corrections.correct(columns, rows)
    _filled(columns, raw, matches, terms, read, corrections)
    located = placing.result()
    faults += [*located.faults, *read]
    known = None if terms.published is None else Known(layer, terms.published)
    places = None if known is None else _meant(columns, raw.columns, known, terms, rows, own_ids, faults)
    if not terms.update:
        faults += fill_defaults(columns, len(rows), layer, terms.district, visibility=terms.record_class, source=source)
    geometry = None
    if layer.spatial:
        given = located.geometry
        if known is not None and places is not None:
            given, found = known.without_points(given, places, rows)
            faults += found
        geometry, found = shapes.fit(given, rows, layer)
        for index, shape in corrections.of("geometry", rows).items():
            geometry[index] = shape
        faults += found
    if places is None:
        faults += fill_ids(columns, geometry, raw.columns, terms, len(rows), feature_ids=own_ids)
    if geometry is not None and not terms.update:
        faults += [one for one in _missing_shapes(geometry, rows, layer, faults) if one.row not in aside]
    today = terms.today or terms.district.today()
    batch = Batch(
        layer, terms.district, today, np.array(rows, dtype=np.int64), columns, geometry, terms.beside, terms.update
    )
    if layer.name == _IN_BLOCKS:
        drawing.submit(getattr, batch, "blocks")
    shapeless = set() if geometry is None or terms.update else set(batch.rows[shapely.is_missing(geometry)].tolist())
    faults += [
        one
        for one in judge(batch)
        if not (one.code == "key_missing" and one.row in shapeless)
        and not (one.code == "key_duplicate" and one.row in aside)  # it is no record yet
    ]
    faults = [one for one in faults if not (one.code == "update_unknown" and one.row in aside)]
    if known is not None and places is not None:
        known.stay(columns, places)
    numbers = batch.rows
    del batch  # its outlines are not needed any more, and large
    held = np.isin(numbers, list(aside))
    accepted = _accepted(rows, faults) & ~held
    frame = arranged(columns, geometry, accepted, layer)
    kept = tuple(rows) if accepted.all() else tuple(np.array(rows)[accepted].tolist())
    told = tuple(shielded(faults, matched.hidden))
    faulty = shapes_at(located.geometry, rows, {one.row for one in told if one.row and severity(one) != "info"})
    faulty |= dict(islice(located.strays.items(), OUTLINES_MAX))
    return Examined(
        frame,
        kept,
        len(rows) + raw.lost,
        located.epsg,
        located.operation,
        told,
        matched.proposals,
        located,
        (*located.cured, *settled),
        faulty,
        arranged(columns, geometry, held, layer) if held.any() else None,
        tuple(numbers[held].tolist()),
    )


def _meant(
    columns: dict[str, list[Any]],
    source: Mapping[str, Sequence[Any]],
    known: Known,
    terms: Terms,
    rows: Sequence[int],
    feature_ids: Sequence[Any] | None,
    faults: list[Fault],
) -> Places | None:
    """Name the records that rows give by number; of an update also return the place of each row's record."""
    faults += known.name(columns, rows, terms.district.code)
    if not terms.update:
        return None
    faults += fill_ids(columns, None, {}, terms, len(rows), feature_ids=feature_ids)
    places = known.places(columns, len(rows))
    faults += known.strange(columns, places, rows)
    return places


def _located(raw: RawLayer, terms: Terms, agreed: Agreed) -> Located:
    empty = np.full(len(raw.rows), None, dtype=object)
    if not terms.layer.spatial:
        unused = raw.geometry is not None and any(shape is not None for shape in raw.geometry)
        return Located(empty, None, None, (Fault("geometry_unused", field="geometry"),) if unused else ())
    if raw.geometry is None:
        return Located(empty, None, None, ())
    return locate(raw.geometry, raw.rows, raw.crs, terms, raw.standard_crs, agreed=agreed)


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
        filled = len(cells) - list(cells).count(None) if found else 0
        failed = filled - (len(values) - values.count(None))
        failed -= sum(fault.code in _SILENT for fault in found)
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
    columns: dict[str, list[Any]],
    raw: RawLayer,
    matches: Mapping[str, Match],
    terms: Terms,
    faults: list[Fault],
    corrections: Corrections,
) -> None:
    """Fill what one column tells of several fields: planning texts, land use, rents."""
    if terms.layer.name == "parcels":
        code = matches.get("land_use_code")
        canonical = code is not None and code.exact and "land_use_scheme" in columns
        faults += fill_land_use(columns, raw.rows, terms.district, canonical=canonical)
        texts = {name: raw.columns[match.header] for name, match in matches.items() if name in BOUNDS}
        limits = frozenset(name for name in texts if matches[name].limit)
        faults += fill_bounds(columns, texts, limits, raw.rows, corrections.texts(raw.rows))
    if terms.layer.name == "buildings" and "rent_raw" in columns:
        faults += fill_rents(columns, raw.rows, matches["rent_raw"].unit)


def _missing_shapes(
    geometry: NDArray[np.object_], rows: Sequence[int], layer: Layer, faults: Sequence[Fault]
) -> list[Fault]:
    """Return a fault for every record without a shape that the layer asks for, unless why is told already."""
    if layer.fields["geometry"].nullable:
        return []
    told = {fault.row for fault in faults if fault.field == "geometry" and severity(fault) == "error"}
    return [
        Fault("geometry_missing", rows[index], "geometry")
        for index in np.flatnonzero(shapely.is_missing(geometry)).tolist()
        if rows[index] not in told
    ]


def _accepted(rows: Sequence[int], faults: Sequence[Fault]) -> NDArray[np.bool_]:
    wrong = {fault.row for fault in faults if fault.row is not None and severity(fault) == "error"}
    return ~np.isin(np.array(rows, dtype=np.int64), np.array(sorted(wrong), dtype=np.int64))
