"""What parcels can be asked for."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, ClassVar, Final, Literal

from landmap.query.criteria import Criteria
from landmap.query.declaration import Ask
from landmap.query.land_predicates import AdmitsIndustry, AllGreen, ShownAs, UseInPreset, UseWithin
from landmap.query.land_values import Industry, LandUse, Preset, Shown
from landmap.query.predicates import AtLeast, AtMost, Is, OneOf, Permits, Since, Words
from landmap.query.values import AREA_UNITS, GREEN, MATCHES, Area, CodeOf, Day, Flag, Name, Number, Text

_AREA: Final = ("area_m2",)
_USE: Final = ("land_use_code", "preset", "display_class")
_INTENSITY: Final = "standard_land_indices.investment_intensity_10k_cny_per_mu"
_TAX: Final = "standard_land_indices.tax_per_mu_10k_cny"

#: Each planning condition: lower side, upper side, and the names its reading goes by.
_FAR: Final = ("floor_area_ratio_min", "floor_area_ratio_max", ("floor_area_ratio",))
_COVERAGE: Final = (
    "building_coverage_ratio_min_pct",
    "building_coverage_ratio_max_pct",
    ("building_coverage_ratio", "building_coverage"),
)
_GREEN: Final = ("green_space_ratio_min_pct", "green_space_ratio_max_pct", ("green_space_ratio", "green_space"))
_HEIGHT: Final = ("height_min_m", "height_limit_m", ("height_limit", "height_limit_m", "height"))


class ParcelCriteria(Criteria):
    """Filters of parcels."""

    layer_name: ClassVar[str] = "parcels"

    q: Annotated[
        str | None,
        Ask(
            Words(("parcel_no", "parcel_name", "location_text", "cadastral_parcel_code")),
            Text(),
            "关键词",
            "text",
            "record",
            primary=True,
            help_zh="编号、名称、位置、宗地代码；须含每个词",
            help_en="number, name, location, cadastral code; every word must occur",
        ),
    ] = None
    area_min: Annotated[
        float | None,
        Ask(AtLeast(_AREA, area=True), Area(), "面积", "area", "site", True, _AREA, "area_m2"),
    ] = None
    area_max: Annotated[
        float | None,
        Ask(AtMost(_AREA, area=True), Area(), "面积", "area", "site", True, _AREA, "area_m2"),
    ] = None
    area_unit: Annotated[
        Literal["mu", "m2", "ha"],
        Ask(None, AREA_UNITS, "面积单位", "area unit", "site", True, default="mu"),
    ] = "mu"
    land_use: Annotated[
        tuple[str, ...],
        Ask(
            UseWithin(),
            LandUse(),
            "用地",
            "land use",
            "use",
            True,
            _USE,
            default=(),
            help_zh="用地用海分类代码，含下级，可重复；混合用地任一用途符合即可",
            help_en="land-use code with everything below it, repeatable; any part of a mixed use counts",
        ),
    ] = ()
    include_parent: Annotated[
        bool,
        Ask(
            None,
            Flag(),
            "含未细分用地",
            "with undivided uses",
            "use",
            default=False,
            help_zh="筛选 100101 时也包括只写到 1001 的地块",
            help_en="asking for 100101 also takes land coded 1001 only",
        ),
    ] = False
    primary_only: Annotated[
        bool,
        Ask(
            None,
            Flag(),
            "仅看主要用途",
            "main use only",
            "use",
            default=False,
            help_zh="混合用地只看占比最大的用途",
            help_en="of a mixed use only the part with the largest share counts",
        ),
    ] = False
    preset: Annotated[
        tuple[str, ...],
        Ask(
            UseInPreset(),
            Preset(),
            "用地类别",
            "land-use group",
            "use",
            True,
            ("preset", "land_use_code", "display_class"),
            default=(),
            help_zh="成组的用地，可重复；新型产业含带标签的用地",
            help_en="groups of land uses, repeatable; new industry takes tagged land",
        ),
    ] = ()
    display_class: Annotated[
        tuple[str, ...],
        Ask(
            ShownAs(),
            Shown(),
            "图例类别",
            "class of the legend",
            "use",
            False,
            ("display_class", "preset", "land_use_code"),
            default=(),
            help_zh="地图上的颜色，可重复；每宗地只属一类，带新型产业标签的归新型产业用地",
            help_en="the colour on the map, repeatable; every parcel has one, tagged new industry before its code",
        ),
    ] = ()
    industry: Annotated[
        tuple[str, ...],
        Ask(
            AdmitsIndustry(),
            Industry(),
            "产业",
            "industry",
            "industry",
            True,
            default=(),
            help_zh="GB/T 4754 代码，可重复；准入或鼓励、且未限制的地块",
            help_en="GB/T 4754 code, repeatable; land that admits or encourages it and does not restrict it",
        ),
    ] = ()
    intensity_min: Annotated[
        float | None,
        Ask(
            AtLeast((_INTENSITY,)),
            Number("万元/亩"),
            "投资强度",
            "investment intensity",
            "industry",
            False,
            (_INTENSITY,),
            _INTENSITY,
        ),
    ] = None
    intensity_max: Annotated[
        float | None,
        Ask(
            AtMost((_INTENSITY,)),
            Number("万元/亩"),
            "投资强度",
            "investment intensity",
            "industry",
            False,
            (_INTENSITY,),
            _INTENSITY,
        ),
    ] = None
    tax_min: Annotated[
        float | None,
        Ask(AtLeast((_TAX,)), Number("万元/亩"), "亩均税收", "tax per mu", "industry", False, (_TAX,), _TAX),
    ] = None
    floor_area_ratio_min: Annotated[
        float | None,
        Ask(
            Permits(*_FAR, at_least=True),
            Number(maximum=20),
            "容积率",
            "floor area ratio",
            "planning",
            True,
            _FAR[:2],
            _FAR[1],
        ),
    ] = None
    floor_area_ratio_max: Annotated[
        float | None,
        Ask(
            Permits(*_FAR, at_least=False),
            Number(maximum=20),
            "容积率",
            "floor area ratio",
            "planning",
            True,
            _FAR[:2],
            _FAR[1],
        ),
    ] = None
    coverage_min: Annotated[
        float | None,
        Ask(
            Permits(*_COVERAGE, at_least=True),
            Number("%", maximum=100),
            "建筑密度",
            "building coverage",
            "planning",
            False,
            _COVERAGE[:2],
        ),
    ] = None
    coverage_max: Annotated[
        float | None,
        Ask(
            Permits(*_COVERAGE, at_least=False),
            Number("%", maximum=100),
            "建筑密度",
            "building coverage",
            "planning",
            False,
            _COVERAGE[:2],
        ),
    ] = None
    green_min: Annotated[
        float | None,
        Ask(
            Permits(*_GREEN, at_least=True),
            Number("%", maximum=100),
            "绿地率",
            "green space ratio",
            "planning",
            False,
            _GREEN[:2],
        ),
    ] = None
    green_max: Annotated[
        float | None,
        Ask(
            Permits(*_GREEN, at_least=False),
            Number("%", maximum=100),
            "绿地率",
            "green space ratio",
            "planning",
            False,
            _GREEN[:2],
        ),
    ] = None
    height_min: Annotated[
        float | None,
        Ask(
            Permits(*_HEIGHT, at_least=True),
            Number("m", maximum=1000),
            "建筑高度",
            "building height",
            "planning",
            False,
            _HEIGHT[:2],
            _HEIGHT[1],
        ),
    ] = None
    height_max: Annotated[
        float | None,
        Ask(
            Permits(*_HEIGHT, at_least=False),
            Number("m", maximum=1000),
            "建筑高度",
            "building height",
            "planning",
            False,
            _HEIGHT[:2],
            _HEIGHT[1],
        ),
    ] = None
    match: Annotated[
        Literal["feasible", "guaranteed"],
        Ask(
            None,
            MATCHES,
            "规划指标",
            "planning conditions",
            "planning",
            default="feasible",
            help_zh="feasible 条件允许做到；guaranteed 条件之内必然满足",
            help_en="feasible: the conditions allow it; guaranteed: whatever they allow meets it",
        ),
    ] = "feasible"
    supply_kind: Annotated[
        tuple[str, ...],
        Ask(
            OneOf("supply_kind"), CodeOf("supply_kind"), "来源", "origin", "supply", True, ("supply_kind",), default=()
        ),
    ] = ()
    stage: Annotated[
        tuple[str, ...],
        Ask(
            OneOf("supply_stage"),
            CodeOf("supply_stage"),
            "供应阶段",
            "supply stage",
            "supply",
            True,
            ("supply_stage",),
            default=(),
        ),
    ] = ()
    status: Annotated[
        tuple[str, ...],
        Ask(
            OneOf("land_status"),
            CodeOf("land_status"),
            "土地状态",
            "land status",
            "supply",
            True,
            ("land_status",),
            default=(),
        ),
    ] = ()
    method: Annotated[
        tuple[str, ...],
        Ask(
            OneOf("supply_method"),
            CodeOf("supply_method"),
            "供应方式",
            "supply method",
            "supply",
            False,
            ("supply_method",),
            default=(),
        ),
    ] = ()
    standard_land: Annotated[
        bool | None,
        Ask(Is("standard_land"), Flag(), "标准地", "standard land", "supply", True, ("standard_land",)),
    ] = None
    elastic_term: Annotated[
        bool | None,
        Ask(Is("elastic_term"), Flag(), "弹性年期", "flexible term", "supply", False, ("elastic_term",)),
    ] = None
    with_design: Annotated[
        bool | None,
        Ask(Is("with_design"), Flag(), "带方案出让", "granted with a design", "supply", False, ("with_design",)),
    ] = None
    checklist: Annotated[
        Literal["green"] | None,
        Ask(
            AllGreen(),
            GREEN,
            "用地清单",
            "site assessments",
            "supply",
            help_zh="各事项今日均已通过、无需或免做",
            help_en="every item is passed, not required or exempt as of today",
        ),
    ] = None
    subdistrict: Annotated[
        tuple[str, ...],
        Ask(OneOf("subdistrict"), Name(), "街道", "subdistrict", "place", True, ("subdistrict",), default=()),
    ] = ()
    park: Annotated[
        tuple[str, ...],
        Ask(OneOf("park_name"), Name(), "园区", "park", "place", False, ("park_name",), default=()),
    ] = ()
    as_of_min: Annotated[
        dt.date | None,
        Ask(Since("data_as_of"), Day(), "数据时点", "data", "record"),
    ] = None
