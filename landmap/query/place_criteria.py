"""What the layers of places can be asked for: constraints, facilities, administrative areas."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, ClassVar

from landmap.query.criteria import Criteria
from landmap.query.declaration import Ask
from landmap.query.predicates import OneOf, Since, Words
from landmap.query.values import CodeOf, Day, Text


class PlaceCriteria(Criteria):
    """Filters of any layer of named places."""

    q: Annotated[
        str | None,
        Ask(
            Words(("name",)),
            Text(),
            "关键词",
            "text",
            "record",
            primary=True,
            help_zh="名称；须含每个词",
            help_en="name; every word must occur",
        ),
    ] = None


class ConstraintCriteria(PlaceCriteria):
    """Filters of constraints."""

    layer_name: ClassVar[str] = "constraints"

    kind: Annotated[
        tuple[str, ...],
        Ask(
            OneOf("constraint_type"),
            CodeOf("constraint_type"),
            "管控类型",
            "constraint type",
            "place",
            True,
            ("constraint_type",),
            default=(),
        ),
    ] = ()
    effect: Annotated[
        tuple[str, ...],
        Ask(OneOf("effect"), CodeOf("constraint_effect"), "效力", "effect", "place", True, ("effect",), default=()),
    ] = ()


class FacilityCriteria(PlaceCriteria):
    """Filters of facilities."""

    layer_name: ClassVar[str] = "facilities"

    kind: Annotated[
        tuple[str, ...],
        Ask(OneOf("kind"), CodeOf("facility_kind"), "设施类别", "facility type", "place", True, ("kind",), default=()),
    ] = ()
    status: Annotated[
        tuple[str, ...],
        Ask(OneOf("status"), CodeOf("facility_status"), "建设状态", "status", "place", True, ("status",), default=()),
    ] = ()
    as_of_min: Annotated[dt.date | None, Ask(Since("data_as_of"), Day(), "数据时点", "data", "record")] = None


class DistrictCriteria(PlaceCriteria):
    """Filters of administrative areas."""

    layer_name: ClassVar[str] = "districts"

    level: Annotated[
        tuple[str, ...],
        Ask(OneOf("level"), CodeOf("district_level"), "级别", "level", "place", True, ("level",), default=()),
    ] = ()
