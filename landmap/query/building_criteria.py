"""What buildings can be asked for."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, ClassVar, Final

from landmap.query.criteria import Criteria
from landmap.query.declaration import Ask
from landmap.query.predicates import AtLeast, AtMost, Fresh, HasAll, OneOf, Since, Words
from landmap.query.values import CodeOf, Day, Flag, Number, Text

_GROSS: Final = ("gross_floor_area_m2",)
_RENTABLE: Final = ("rentable_area_m2",)
_AVAILABLE: Final = ("available_area_m2",)
_OCCUPANCY: Final = ("occupancy_rate_pct",)
_RENT_FROM: Final = ("rent_min_cny_m2_day", "rent_max_cny_m2_day")
_RENT_TO: Final = ("rent_max_cny_m2_day", "rent_min_cny_m2_day")


class BuildingCriteria(Criteria):
    """Filters of buildings; areas in ㎡, rents in 元/㎡·天."""

    layer_name: ClassVar[str] = "buildings"

    q: Annotated[
        str | None,
        Ask(
            Words(("building_name", "address")),
            Text(),
            "关键词",
            "text",
            "record",
            primary=True,
            help_zh="名称、地址；须含每个词",
            help_en="name, address; every word must occur",
        ),
    ] = None
    kind: Annotated[
        tuple[str, ...],
        Ask(
            OneOf("building_kind"),
            CodeOf("building_kind"),
            "楼宇类型",
            "building type",
            "building",
            True,
            ("building_kind",),
            default=(),
        ),
    ] = ()
    grade: Annotated[
        tuple[str, ...],
        Ask(OneOf("grade"), CodeOf("building_grade"), "楼宇等级", "grade", "building", True, ("grade",), default=()),
    ] = ()
    gross_min: Annotated[
        float | None,
        Ask(AtLeast(_GROSS), Number("㎡"), "总建筑面积", "gross floor area", "space", False, _GROSS, _GROSS[0]),
    ] = None
    gross_max: Annotated[
        float | None,
        Ask(AtMost(_GROSS), Number("㎡"), "总建筑面积", "gross floor area", "space", False, _GROSS, _GROSS[0]),
    ] = None
    rentable_min: Annotated[
        float | None,
        Ask(AtLeast(_RENTABLE), Number("㎡"), "可租面积", "rentable area", "space", False, _RENTABLE, _RENTABLE[0]),
    ] = None
    available_min: Annotated[
        float | None,
        Ask(
            AtLeast(_AVAILABLE), Number("㎡"), "可招租面积", "available area", "space", True, _AVAILABLE, _AVAILABLE[0]
        ),
    ] = None
    available_max: Annotated[
        float | None,
        Ask(AtMost(_AVAILABLE), Number("㎡"), "可招租面积", "available area", "space", True, _AVAILABLE, _AVAILABLE[0]),
    ] = None
    occupancy_min: Annotated[
        float | None,
        Ask(
            AtLeast(_OCCUPANCY),
            Number("%", maximum=100),
            "入驻率",
            "occupancy",
            "space",
            False,
            _OCCUPANCY,
            _OCCUPANCY[0],
        ),
    ] = None
    occupancy_max: Annotated[
        float | None,
        Ask(
            AtMost(_OCCUPANCY),
            Number("%", maximum=100),
            "入驻率",
            "occupancy",
            "space",
            False,
            _OCCUPANCY,
            _OCCUPANCY[0],
        ),
    ] = None
    rent_min: Annotated[
        float | None,
        Ask(
            AtLeast(_RENT_TO),
            Number("元/㎡·天", maximum=1000),
            "租金",
            "rent",
            "terms",
            True,
            _RENT_FROM,
            _RENT_FROM[0],
            help_zh="最高租金不低于此数的楼宇",
            help_en="buildings whose highest rent is at least this",
        ),
    ] = None
    rent_max: Annotated[
        float | None,
        Ask(
            AtMost(_RENT_FROM),
            Number("元/㎡·天", maximum=1000),
            "租金",
            "rent",
            "terms",
            True,
            _RENT_FROM,
            _RENT_FROM[0],
            help_zh="最低租金不高于此数的楼宇",
            help_en="buildings whose lowest rent is at most this",
        ),
    ] = None
    floor_height_min: Annotated[
        float | None,
        Ask(AtLeast(("floor_height_m",)), Number("m", maximum=100), "层高", "floor height", "building"),
    ] = None
    load_min: Annotated[
        float | None,
        Ask(AtLeast(("floor_load_kn_m2",)), Number("kN/㎡", maximum=1000), "楼板荷载", "floor load", "building"),
    ] = None
    parking_min: Annotated[
        float | None,
        Ask(AtLeast(("parking_spaces",)), Number("个", maximum=1e6), "停车位", "parking spaces", "building"),
    ] = None
    amenity: Annotated[
        tuple[str, ...],
        Ask(
            HasAll("amenities"),
            CodeOf("amenity"),
            "配套",
            "amenities",
            "building",
            False,
            ("amenities",),
            default=(),
            help_zh="可重复，须全部具备",
            help_en="repeatable, all must be there",
        ),
    ] = ()
    as_of_min: Annotated[
        dt.date | None,
        Ask(Since("data_as_of"), Day(), "数据时点", "data", "record"),
    ] = None
    fresh: Annotated[
        bool | None,
        Ask(
            Fresh("data_as_of"),
            Flag(),
            "数据未过期",
            "data up to date",
            "record",
            help_zh="数据时点在本区规定的更新期限之内",
            help_en="data not older than the district's limit",
        ),
    ] = None
