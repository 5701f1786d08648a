"""What a record is when its file does not say: its class, review, district, source. All of it is reported."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from landmap.domain import District, Layer
from landmap.ingest.faults import Fault

#: Fields with a word for "not stated"; it says no more than an empty cell.
UNSTATED: Final = ("floor_area_ratio_basis", "building_coverage_kind", "rent_area_basis")


def fill_defaults(
    columns: dict[str, list[Any]], count: int, layer: Layer, district: District, *, visibility: str | None, source: str
) -> Iterator[Fault]:
    """Fill class, review, district code, version and source where the file is silent, in place.

    An unclassified record is internal and a draft; `visibility` says otherwise for the whole input. A yes or no that is
    not given stays unknown.
    """
    filled: dict[str, Any] = dict.fromkeys(UNSTATED, "unspecified")
    filled |= {
        "visibility": visibility or "internal",
        "review_status": "published" if visibility else "draft",
        "version": 1,
        "source_ref": source,
    }
    if layer.name != "districts":
        filled["district_code"] = district.code
    for name, value in filled.items():
        if name not in layer.fields:
            continue
        values = columns.get(name)
        missing = count if values is None else values.count(None)
        if missing:
            columns[name] = [value if one is None else one for one in values] if values is not None else [value] * count
        if missing and name not in UNSTATED:
            yield Fault("filled_default", field=name, value=value, words={"count": missing})
