"""Land use on the way in: which scheme the codes are written in, their 2023 codes, mixed uses and the new-industry tag.

The digits of a code do not tell its scheme; when nothing tells it, the code stays unknown and the source's words stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final

from landmap.domain import District, land_use
from landmap.domain.land_use import LandUseScheme
from landmap.ingest.faults import Fault

_AGREE: Final = 0.9


def fill_land_use(
    columns: dict[str, list[Any]], rows: Sequence[int], district: District, *, canonical: bool
) -> list[Fault]:
    """Fill code, scheme, raw text, tag and mixed uses of `columns`, in place.

    Parameters
    ----------
    columns : dict of str to list, each of length n
    rows : sequence of int, length n
    district : District
        Its crosswalk translates local codes.
    canonical : bool
        The code column is called by our own field name and a scheme column stands beside it: the codes are of 2023
        already, and the scheme tells what the raw text was written in.
    """
    count = len(rows)
    for name in ("land_use_code", "land_use_scheme", "land_use_raw", "new_industry_tag", "mixed_uses"):
        columns.setdefault(name, [None] * count)
    codes, raws = columns["land_use_code"], columns["land_use_raw"]
    written = [None if code is None else str(code).strip() for code in codes]
    columns["land_use_raw"] = [raw if raw is not None else code for raw, code in zip(raws, written, strict=True)]
    faults: list[Fault] = []
    if canonical:
        faults += _check_codes(codes, rows)
    elif any(written):
        faults += _translate(columns, written, rows, district)
    faults += _from_names(columns, written, rows)
    _fill_tags(columns, written)
    faults += _fill_mixed(columns, rows)
    return faults


def _check_codes(codes: list[Any], rows: Sequence[int]) -> Iterable[Fault]:
    for index, row in enumerate(rows):
        if codes[index] is not None and codes[index] not in land_use.classes():
            yield Fault("land_use_unknown", row, "land_use_code", codes[index])
            codes[index] = None


def _translate(
    columns: dict[str, list[Any]], written: list[str | None], rows: Sequence[int], district: District
) -> list[Fault]:
    """Replace codes as written by those of 2023; what has none becomes unknown."""
    schemes = columns["land_use_scheme"]
    faults: list[Fault] = []
    open_rows = [index for index, code in enumerate(written) if code and schemes[index] is None]
    if open_rows:
        scheme, fault = _detected(
            [written[index] for index in open_rows], [columns["land_use_raw"][index] for index in open_rows], district
        )
        faults.append(fault)
        for index in open_rows:
            schemes[index] = scheme
    told: set[tuple[str, str]] = set()
    to_2023 = cache(lambda code, scheme: _to_2023(code, LandUseScheme(scheme), district))
    for index, code in enumerate(written):
        if not code:
            continue
        scheme = schemes[index]
        found, relation = (None, "none") if scheme is None else to_2023(code, scheme)
        columns["land_use_code"][index] = found
        if scheme is None:
            continue
        if found is None:
            faults.append(Fault("land_use_unmapped", rows[index], "land_use_code", code, {"scheme": scheme}))
        elif relation == "≈" and (code, scheme) not in told:
            told.add((code, scheme))
            words = {"scheme": scheme, "code": found}
            faults.append(Fault("land_use_approximate", None, "land_use_code", code, words))
    return faults


def _to_2023(code: str, scheme: LandUseScheme, district: District) -> tuple[str | None, str]:
    return land_use.to_2023(code, scheme, district.land_use_crosswalk)


def _detected(codes: list[str | None], names: list[Any], district: District) -> tuple[str | None, Fault]:
    """Return the scheme of codes that come without one, and what to tell about it."""
    local = sum(code in district.land_use_crosswalk for code in codes)
    if local >= _AGREE * len(codes):
        words = {"scheme": LandUseScheme.LOCAL.value, "reason": "district.toml"}
        return LandUseScheme.LOCAL.value, Fault("land_use_scheme_detected", field="land_use_scheme", words=words)
    beside = [name if isinstance(name, str) and name != code else None for name, code in zip(names, codes, strict=True)]
    found = land_use.detect_scheme(codes, beside)
    if found.scheme is None:
        return None, Fault(
            "land_use_scheme_unknown", field="land_use_code", value=codes[0], words={"reason": found.reason}
        )
    words = {"scheme": found.scheme.value, "reason": found.reason}
    return found.scheme.value, Fault("land_use_scheme_detected", field="land_use_scheme", words=words)


def _from_names(columns: dict[str, list[Any]], written: list[str | None], rows: Sequence[int]) -> Iterable[Fault]:
    """Give the code of the main use by its name where no code stands beside it, or one whose scheme nothing tells.

    A name means the same in every scheme; with digits of an unknown scheme beside it, the scheme stays unknown.
    """
    named = 0
    for index, row in enumerate(rows):
        raw = columns["land_use_raw"][index]
        told = raw is not None and raw != written[index]
        if not told or columns["land_use_code"][index] or (columns["land_use_scheme"][index] and written[index]):
            continue
        main = land_use.split_mixed(str(raw))[:1] or (str(raw),)
        code = land_use.code_of_name(main[0])
        if code is None and land_use.new_industry_tag(main[0]) not in (land_use.new_industry.NONE, "1004", "100104"):
            code = "1001"
        if code is None:
            yield Fault("land_use_name_unknown", row, "land_use_raw", raw)
            continue
        named += 1
        columns["land_use_code"][index] = code
        if written[index] is None:
            columns["land_use_scheme"][index] = LandUseScheme.YDYH2023.value
    if named:
        yield Fault("land_use_from_name", field="land_use_code", value=named, words={"count": named})


def _fill_tags(columns: dict[str, list[Any]], written: list[str | None]) -> None:
    """Fill the tag from the raw text or code; a record whose land use is known and untagged has none."""
    tags, tag_of = columns["new_industry_tag"], cache(_tag)
    told = zip(columns["land_use_raw"], written, columns["land_use_scheme"], strict=True)
    for index, (raw, code, scheme) in enumerate(told):
        if tags[index] is None and raw:
            tags[index] = tag_of(str(raw), code, scheme)


def _tag(raw: str, code: str | None, scheme: str | None) -> str:
    found = [land_use.new_industry_tag(text) for text in (raw, code or "") if text]
    tag = next((one for one in found if one != land_use.new_industry.NONE), land_use.new_industry.NONE)
    ambiguous = tag in ("1004", "100104") and scheme in ("gbt21010", "sandiao")
    return land_use.new_industry.NONE if ambiguous else tag


def _fill_mixed(columns: dict[str, list[Any]], rows: Sequence[int]) -> Iterable[Fault]:
    """Fill mixed uses from a raw text that names several."""
    shares_of = cache(land_use.mixed_shares)
    for index, row in enumerate(rows):
        raw = columns["land_use_raw"][index]
        if columns["mixed_uses"][index] is not None or not raw or columns["land_use_code"][index] is None:
            continue
        parts = shares_of(str(raw))
        if len(parts) < 2:
            continue
        scheme = LandUseScheme(columns["land_use_scheme"][index] or LandUseScheme.YDYH2023)
        codes = [land_use.code_of_name(part.text) or land_use.to_2023(part.text, scheme)[0] for part in parts]
        if None in codes:
            yield Fault("mixed_use_unread", row, "mixed_uses", raw)
            continue
        columns["mixed_uses"][index] = [
            {"code": code, "basis": "land"} | ({} if part.share_pct is None else {"share_pct": part.share_pct})
            for code, part in zip(codes, parts, strict=True)
        ]
