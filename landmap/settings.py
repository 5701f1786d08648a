"""Settings: one frozen value, made once at the door from options, ``LANDMAP_*`` variables and a TOML file."""

from __future__ import annotations

import difflib
import ipaddress
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Self

from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from landmap.domain import Level
from landmap.domain.errors import ConfigError

PREFIX: Final = "LANDMAP_"
#: Names beside the settings: the file itself, options of single commands, and those of tests and benchmarks.
OTHERS: Final = frozenset({"CONFIG", "BY", "ALLOW_UNCONFINED", "CHECK_HERE", "TEST_DATA", "DEEP", "BENCH", "CHROMIUM"})


def default_home() -> Path:
    """Return the home folder when none is named: ``landmap`` in the user's data folder (XDG)."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "landmap"


def _level(value: object) -> object:
    return Level.named(value) if isinstance(value, str) else value


class Settings(BaseSettings):
    """How one server runs.

    An argument wins over a ``LANDMAP_*`` variable, that over the TOML file named by ``LANDMAP_CONFIG``, that over the
    default. Make it with `from_environ`, which tells of misspelt names.
    """

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    home: Path = Field(default_factory=default_home, description="folder that holds the published versions")
    host: str = Field("127.0.0.1", min_length=1, description="address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    audience: Annotated[Level, BeforeValidator(_level)] = Field(
        Level.PUBLIC, description="whom everybody counts as; more than public on this machine only"
    )
    version: str | None = Field(
        None, pattern=r"^[0-9a-f]{4,64}$", description="an old version to show, read-only, by the beginning of its id"
    )
    base_url: str | None = Field(
        None, pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$", description="address others reach it by"
    )
    page_size: int = Field(50, ge=1, le=1000, description="records per answer unless the caller asks")
    max_limit: int = Field(10_000, ge=1, le=100_000, description="most records one answer holds")
    request_timeout_s: float = Field(
        15.0, gt=0, le=600, description="deadline of one request, seconds: to be received, and again to be answered"
    )
    answers_at_once: int = Field(16, ge=1, le=32, description="answers made at the same time; others wait their turn")
    max_body_bytes: int = Field(1_000_000, ge=1_000, description="most bytes a request may carry")
    max_upload_bytes: int = Field(
        512_000_000, ge=1_000, description="most bytes of the files that a steward uploads at once"
    )
    share_days: int = Field(30, ge=1, le=365, description="how long a link holds unless its maker says otherwise")

    @field_validator("base_url")
    @classmethod
    def _no_trailing_slash(cls, url: str | None) -> str | None:
        return url.rstrip("/") if url else url

    @model_validator(mode="after")
    def _more_than_public_stays_here(self) -> Self:
        if self.audience is not Level.PUBLIC and not _is_loopback(self.host):
            raise ValueError(
                f"audience {self.audience.key} is served on this machine only, and {self.host} can be reached from "
                "outside; use host 127.0.0.1 or audience public"
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read arguments, then the environment, then the TOML file if one is named."""
        file = os.environ.get(f"{PREFIX}CONFIG")
        toml = [TomlConfigSettingsSource(settings_cls, Path(file))] if file else []
        return (init_settings, env_settings, *toml)

    @classmethod
    def from_environ(cls, **given: Any) -> Self:
        """Return the settings of this process; `given` wins over environment and file.

        Raises
        ------
        ConfigError
            For a ``LANDMAP_*`` variable or a key that is no setting (with the name that was probably meant), a value
            that does not fit, or a file that cannot be read. The message names the setting and the value found.
        """
        _refuse_misspelt(os.environ)
        file = os.environ.get(f"{PREFIX}CONFIG")
        if file and not Path(file).is_file():
            raise ConfigError(f"{PREFIX}CONFIG names {file!r}, which is no file")
        try:
            return cls(**given)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{file} is no TOML file: {error}") from error
        except ValidationError as error:
            raise ConfigError("; ".join(_told(dict(fault)) for fault in error.errors())) from error


def _refuse_misspelt(environ: Mapping[str, str]) -> None:
    known = {f"{PREFIX}{name}" for name in OTHERS} | {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    strangers = sorted(name for name in environ if name.upper().startswith(PREFIX) and name.upper() not in known)
    if strangers:
        close = difflib.get_close_matches(strangers[0].upper(), sorted(known), n=1)
        hint = f"did you mean {close[0]}?" if close else f"known: {', '.join(sorted(known))}"
        raise ConfigError(f"{strangers[0]} is no setting", hint=hint)


def _told(fault: dict[str, Any]) -> str:
    name = ".".join(str(part) for part in fault["loc"])
    message = str(fault["msg"]).removeprefix("Value error, ")
    if fault["type"] == "extra_forbidden":
        close = difflib.get_close_matches(name, Settings.model_fields, n=1)
        return f"{name} is no setting" + (f"; did you mean {close[0]}?" if close else "")
    return f"{name}: {message}; found {fault['input']!r}" if name else message


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
