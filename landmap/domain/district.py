"""One district's own facts, from its ``district.toml``: everything local lives there, nothing in code."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from landmap.domain.errors import ConfigError
from landmap.domain.fields import Lang, code_list
from landmap.domain.layers import AS_OF, layers

Degrees = Annotated[float, Field(ge=-180, le=180)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Contact(_Frozen):
    """The public office an investor may call: a unit's landline, never a person."""

    office_zh: str = ""
    office_en: str = ""
    phone: str = ""
    address_zh: str = ""
    address_en: str = ""


class Basemap(_Frozen):
    """One basemap on offer; `file` (a layer of the district's folder) or `url` (same-origin proxy), never both."""

    key: str
    label_zh: str
    label_en: str
    kind: Literal["vector", "mbtiles", "xyz"] = "vector"
    file: str | None = None
    url: str | None = None
    datum: Literal["CGCS2000", "WGS84", "GCJ02", "BD09"] = "CGCS2000"
    attribution: str = ""
    approval_no: str = ""


class Preset(_Frozen):
    """A local group of land-use codes that replaces or adds to the built-in presets."""

    label_zh: str
    label_en: str
    codes: tuple[str, ...]
    new_industry: bool = False


class Rules(_Frozen):
    """Local numbers: how long planning conditions hold, when data count as stale.

    `confirm_days` says per layer (``buildings``) or kind (``buildings.office``) how long a record holds before it must
    be confirmed; after `grace_days` more it turns red. `links_leave_out` is what new links leave out.
    """

    planning_conditions_valid_years: int | None = Field(default=None, ge=1, le=10)
    stale_days: int = Field(default=90, ge=1)
    confirm_days: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    grace_days: int = Field(default=30, ge=0)
    links_leave_out: Literal["none", "red", "overdue"] = "none"
    chinese_ranges: bool = Field(default=True, description="whether the Chinese value ranges of the field tables apply")

    @field_validator("confirm_days")
    @classmethod
    def _known_layers(cls, days: dict[str, int]) -> dict[str, int]:
        for name in days:
            layer, _, kind = name.partition(".")
            known = layers().get(layer)
            if known is None or AS_OF not in known.fields:
                raise ValueError(f"{name!r}: no layer of this name says what day its records are as of")
            field = known.kind_field
            if kind and (field is None or kind not in code_list(known.fields[field].codes)):
                raise ValueError(f"{name!r}: {kind!r} is no kind of {layer}")
        return days


class Source(_Frozen):
    """Where a part of the district's data comes from."""

    name: str
    licence: str = ""
    note: str = ""


class District(_Frozen):
    """Name, code, plane, extent, basemaps, contact and local rules of one district.

    `extent` is west, south, east, north in degrees; `planar_epsg` the plane for lengths and planar areas.
    `land_use_crosswalk` maps local land-use codes to the 2023 scheme; only for districts outside it.
    """

    code: str = Field(pattern=r"^[0-9A-Za-z-]{2,20}$")
    name_zh: str
    name_en: str
    planar_epsg: int
    extent: tuple[Degrees, Degrees, Degrees, Degrees]
    timezone: str = "Asia/Shanghai"
    map_approval_no: str = ""
    sample: bool = False
    notice_zh: str = ""
    notice_en: str = ""
    contact: Contact = Contact()
    basemap: tuple[Basemap, ...] = ()
    presets: dict[str, Preset] = Field(default_factory=dict)
    land_use_crosswalk: dict[str, str] = Field(default_factory=dict)
    rules: Rules = Rules()
    sources: tuple[Source, ...] = ()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{name!r} is no time zone") from error
        return name

    @model_validator(mode="after")
    def _extent_in_order(self) -> Self:
        west, south, east, north = self.extent
        if not (west < east and south < north and south >= -90 and north <= 90):
            raise ValueError("extent must be west, south, east, north in degrees")
        return self

    @classmethod
    def from_toml(cls, path: Path) -> District:
        """Read ``district.toml``; raise ConfigError that names the file, the key and the value found."""
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise ConfigError(f"{path} does not exist", hint="every home has a district.toml") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path} is no TOML file in UTF-8: {error}") from error
        return cls.from_table(table, path.name)

    @classmethod
    def from_table(cls, table: dict[str, Any], name: str = "district.toml") -> District:
        """Build from an already parsed table; raise ConfigError naming the key."""
        try:
            return cls.model_validate(table)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"])
            raise ConfigError(f"{name}: {key}: {first['msg']}; found {first.get('input')!r}") from error

    def name(self, lang: Lang) -> str:
        """Return the district's name in `lang`."""
        return self.name_zh if lang == "zh" else self.name_en

    def notice(self, lang: Lang) -> str:
        """Return the notice every output carries (such as "sample data") in `lang`; may be empty."""
        return self.notice_zh if lang == "zh" else self.notice_en

    def today(self, now: dt.datetime | None = None) -> dt.date:
        """Return the district's local date; `now` must be aware."""
        instant = now if now is not None else dt.datetime.now(dt.UTC)
        return instant.astimezone(ZoneInfo(self.timezone)).date()
