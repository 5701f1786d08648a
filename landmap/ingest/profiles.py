"""What is remembered of a source: which of its columns is which field, in what unit, in which coordinate system."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from landmap.domain import Layer, layer_named
from landmap.domain.crs import Datum, check_epsg
from landmap.domain.errors import ConfigError, LandmapError
from landmap.ingest.cell_units import UNITS, factor
from landmap.ingest.planning import BOUNDS
from landmap.ingest.readers.headers import plain_header

if TYPE_CHECKING:
    from landmap.ingest.report import InputReport

RecordClass = Literal["public", "partner", "internal"]

_SCHEMA: Final = 1
_NAME: Final = re.compile(r"^[\w-][\w. -]{0,59}$")
_MEMBERS: Final = frozenset({"schema", "name", "layer", "columns", "crs", "datum", "visibility"})
_RULE_MEMBERS: Final = frozenset({"field", "unit", "open"})
#: What parcels' planning figures may be given in, beside what the texts say themselves.
_BOUND_UNITS: Final = frozenset({"", "ratio", "pct", "m"})


@dataclass(frozen=True, slots=True)
class Rule:
    """What one column is: its field (None: not to be stored) and the unit of its numbers ("": the field's own).

    `open` is the steward's word that its texts hold nothing personal, so that they are not looked through.
    """

    field: str | None
    unit: str = ""
    open: bool = False


@dataclass(frozen=True)
class Profile:
    """One source as it was settled once: it outranks what headers and values seem to say.

    Parameters
    ----------
    name : str
    layer : str
    columns : Mapping of header to Rule
    crs : int, optional
        EPSG code of its coordinates.
    datum : Datum, optional
        The shifted datum of its longitudes and latitudes (a map service's points of interest).
    visibility : {"public", "partner", "internal"}, optional
        The class of records that name none.
    """

    name: str
    layer: str
    columns: Mapping[str, Rule] = field(default_factory=dict)
    crs: int | None = None
    datum: Datum | None = None
    visibility: RecordClass | None = None

    def rule(self, header: str) -> Rule | None:
        """Return what is remembered of the column called `header`, however it is spaced or capitalised now."""
        wanted = plain_header(header)
        return next((rule for name, rule in self.columns.items() if plain_header(name) == wanted), None)

    def to_json(self) -> str:
        """Return the profile as JSON, for a person to read and change."""
        columns = {
            header: {"field": rule.field}
            | ({"unit": rule.unit} if rule.unit else {})
            | ({"open": True} if rule.open else {})
            for header, rule in self.columns.items()
        }
        members = {
            "schema": _SCHEMA,
            "name": self.name,
            "layer": self.layer,
            "crs": self.crs,
            "datum": self.datum.value if self.datum else None,
            "visibility": self.visibility,
            "columns": columns,
        }
        return json.dumps(members, ensure_ascii=False, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Profile:
        """Read a profile; raise ConfigError naming the member that is wrong and what was found."""
        try:
            members = json.loads(text)
        except json.JSONDecodeError as error:
            raise ConfigError(f"the profile is no JSON: {error}", hint="save it anew with --save-profile") from None
        if not isinstance(members, dict) or members.get("schema") != _SCHEMA:
            raise ConfigError("this is no profile of schema 1", hint="save it anew with --save-profile")
        _known_members(members, _MEMBERS, "the profile")
        name = profile_name(members.get("name"))
        where = f"profile {name!r}"
        layer = _layer(members.get("layer"), where)
        columns = members.get("columns", {})
        if not isinstance(columns, dict):
            raise ConfigError(f"{where}: columns is no object", hint='{"台账编号": {"field": "parcel_no"}}')
        rules = {header: _rule(rule, layer, f"{where}, column {header!r}") for header, rule in columns.items()}
        _once(rules, where)
        return cls(
            name,
            layer.name,
            MappingProxyType(rules),
            _crs(members.get("crs"), where),
            _datum(members.get("datum"), where),
            _record_class(members.get("visibility"), where),
        )


def profile_of(name: str, layer: str, found: InputReport, before: Profile | None = None) -> Profile:
    """Return what a check found out about a source, to be remembered under `name`.

    Parameters
    ----------
    name, layer : str
    found : InputReport
        Columns that are stored are remembered with their field and unit; those that are private, held back or without a
        field are left for the next check to see.
    before : Profile, optional
        What was remembered so far; its other rules, datum and class stay.

    Raises
    ------
    ConfigError
        When no file can be called by `name`.
    """
    kept = dict(before.columns) if before is not None else {}
    for column in found.columns:
        if column.field is not None and column.treatment in ("stored", "internal"):
            rule = kept.get(column.header)
            kept[column.header] = Rule(column.field, column.unit, open=rule is not None and rule.open)
    code = int(found.crs.removeprefix("EPSG:")) if found.crs is not None else None
    return Profile(
        profile_name(name),
        layer,
        MappingProxyType(kept),
        code if code is not None else before.crs if before is not None else None,
        before.datum if before is not None else None,
        before.visibility if before is not None else None,
    )


def profile_name(name: Any) -> str:
    """Return `name` when a file can be called by it; raise ConfigError otherwise."""
    if not isinstance(name, str) or not _NAME.match(name) or name != name.strip() or name.endswith("."):
        raise ConfigError(f"{name!r} is no name for a profile", hint="up to 60 letters, digits, - and _")
    return name


def _rule(given: Any, layer: Layer, where: str) -> Rule:
    if not isinstance(given, dict) or "field" not in given:
        raise ConfigError(
            f"{where}: names no field; found {given!r}", hint='{"field": "parcel_no"}, or null to leave out'
        )
    _known_members(given, _RULE_MEMBERS, where)
    name, unit, open_ = given["field"], given.get("unit", ""), given.get("open", False)
    planning = layer.name == "parcels" and isinstance(name, str) and name in BOUNDS
    if name is not None and not planning and not (isinstance(name, str) and name in layer.fields):
        raise ConfigError(f"{where}: layer {layer.name!r} has no field {name!r}", hint=f"landmap docs: {layer.name}")
    if not isinstance(open_, bool):
        raise ConfigError(f"{where}: open is true or false; found {open_!r}")
    fits = isinstance(unit, str) and unit in _BOUND_UNITS if planning else _fits(unit, name, layer)
    if not fits:
        raise ConfigError(f"{where}: {unit!r} is no unit of {name!r}", hint=f"one of {', '.join(UNITS)}")
    return Rule(name, unit, open_)


def _fits(unit: Any, name: str | None, layer: Layer) -> bool:
    if unit == "":
        return True
    if not isinstance(unit, str) or unit not in UNITS or name is None:
        return False
    return (name == "rent_raw" and UNITS[unit].dimension == "rent") or factor(unit, layer.fields[name].unit) is not None


def _once(rules: Mapping[str, Rule], where: str) -> None:
    named = [rule.field for rule in rules.values() if rule.field is not None]
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        raise ConfigError(f"{where}: two columns are {twice!r}", hint="a field has one column")


def _known_members(found: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    strange = sorted(set(found) - known)
    if strange:
        raise ConfigError(f"{where}: unknown member {strange[0]!r}", hint=f"one of {', '.join(sorted(known))}")


def _layer(name: Any, where: str) -> Layer:
    try:
        return layer_named(str(name))
    except LandmapError as error:
        raise ConfigError(f"{where}: {error.message}", hint=error.hint) from None


def _crs(code: Any, where: str) -> int | None:
    if code is None:
        return None
    if not isinstance(code, int) or isinstance(code, bool):
        raise ConfigError(f"{where}: crs is an EPSG code; found {code!r}", hint="such as 4549")
    try:
        check_epsg(code)
    except LandmapError as error:
        raise ConfigError(f"{where}: {error.message}", hint=error.hint) from None
    return code


def _datum(name: Any, where: str) -> Datum | None:
    if name is None:
        return None
    if name not in list(Datum):
        raise ConfigError(f"{where}: there is no datum {name!r}", hint=", ".join(Datum))
    return Datum(name)


def _record_class(name: Any, where: str) -> RecordClass | None:
    if name is not None and name not in get_args(RecordClass):
        raise ConfigError(f"{where}: visibility is {name!r}", hint=", ".join(get_args(RecordClass)))
    found: RecordClass | None = name
    return found
