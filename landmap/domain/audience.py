"""Who is asking, and what they may see: field by field, record by record.

Three policy classes answer every question about visibility (``public``, ``partner``, ``internal``); six levels and a
scope decide which class an audience falls into and whether it is narrowed to chosen records (a link). Unclassified is
internal.

Source: domain reference §9 (sensitivity) and §10 (visibility column); 政府信息公开条例 14–16 条.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final


class Level(IntEnum):
    """The ladder of trust; a level sees what the levels below it see."""

    PUBLIC = 0
    PARTNER = 1
    OFFICER = 2
    PLANNER = 3
    STEWARD = 4
    ADMIN = 5

    @property
    def key(self) -> str:
        """The name used in settings and on the command line."""
        return self.name.lower()

    @classmethod
    def named(cls, key: str) -> Level:
        """Return the level called `key`; raise ValueError when there is none."""
        for level in cls:
            if level.key == key:
                return level
        raise ValueError(f"{key!r} is no audience; use one of {', '.join(level.key for level in cls)}")


class PolicyClass(StrEnum):
    """The only three answers to "which fields and records exist"."""

    PUBLIC = "public"
    PARTNER = "partner"
    INTERNAL = "internal"


class Visibility(StrEnum):
    """The class of a field in the field tables."""

    PUBLIC = "public"
    PUBLIC_AFTER_NOTICE = "public_after_notice"
    PARTNER = "partner"
    INTERNAL = "internal"


#: Supply stages from which a notice has made price, deposit and cadastral code public (§3.6).
NOTICED_STAGES: Final = frozenset({"announced", "bidding", "sold"})

_RANK: Final = {PolicyClass.PUBLIC: 0, PolicyClass.PARTNER: 1, PolicyClass.INTERNAL: 2}
_FIELD_RANK: Final = {Visibility.PUBLIC: 0, Visibility.PARTNER: 1, Visibility.INTERNAL: 2}


@dataclass(frozen=True)
class Scope:
    """What a link narrows its audience to: ids per layer, and fields per layer (None: all the level allows)."""

    ids: Mapping[str, frozenset[str]]
    fields: Mapping[str, frozenset[str]] | None = None
    key: str = ""


@dataclass(frozen=True)
class Audience:
    """Level and scope; handed to every ``select``."""

    level: Level = Level.PUBLIC
    scope: Scope | None = None

    @property
    def policy_class(self) -> PolicyClass:
        """The class whose records and fields this audience draws from."""
        if self.level >= Level.OFFICER:
            return PolicyClass.INTERNAL
        return PolicyClass.PARTNER if self.level == Level.PARTNER else PolicyClass.PUBLIC

    @property
    def key(self) -> str:
        """A text that differs whenever two audiences could get different answers (for ETags and caches)."""
        return self.policy_class.value if self.scope is None else f"{self.policy_class.value}+{self.scope.key}"


PUBLIC: Final = Audience()


def sees_class(asking: PolicyClass, record: PolicyClass) -> bool:
    """Return whether `asking` may know that a record of class `record` exists."""
    return _RANK[record] <= _RANK[asking]


def sees_field(asking: PolicyClass, field: Visibility, supply_stage: str | None = None, *, staged: bool = True) -> bool:
    """Return whether `asking` may see a field's value on a record in `supply_stage`.

    Parameters
    ----------
    asking : PolicyClass
    field : Visibility
    supply_stage : str or None
        The record's stage; None is unknown and shows nothing that waits for a notice.
    staged : bool
        False for layers that have no stage, where ``public_after_notice`` is public.
    """
    if field is Visibility.PUBLIC_AFTER_NOTICE:
        return asking is PolicyClass.INTERNAL or not staged or supply_stage in NOTICED_STAGES
    return _FIELD_RANK[field] <= _RANK[asking]


def record_class(visibility: str | None, plan_publicity: str | None, review_status: str | None) -> PolicyClass:
    """Return the class of a record that carries its own visibility; anything unclassified is internal.

    Examples
    --------
    >>> record_class("public", "approved_public", "published").value
    'public'
    >>> record_class("public", "not_public", "published").value
    'internal'
    """
    if plan_publicity == "not_public" or review_status != "published":
        return PolicyClass.INTERNAL
    try:
        return PolicyClass(visibility) if visibility is not None else PolicyClass.INTERNAL
    except ValueError:
        return PolicyClass.INTERNAL
