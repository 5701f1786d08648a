"""Files whose tables are wrong: heads, columns, values, planning conditions, what fields say of each other."""

from typing import Final

from tests.bad_files.making import Case, building_csv, content, csv_rows, far_cell, formula, geojson, parcel_csv
from tests.making_files import (
    feature,
    square,
    write_xlsx,
)

CASES: Final[dict[str, Case]] = {
    # tables
    "header only": Case(csv_rows(("编号", "面积")), "layer_empty", "没有记录"),
    "no header": Case(lambda f: write_xlsx(f / "a.xlsx", [(1, 2), (3, 4)]), "header_missing", "表头", refused=True),
    "header twice": Case(csv_rows(("编号", "坐落", "坐落"), ("A", "甲", "乙")), "header_twice", "坐落"),
    "nameless column": Case(csv_rows(("编号", ""), ("A", "甲")), "column_nameless", "第 2 列"),
    "row too long": Case(csv_rows(("编号", "坐落"), ("A", "甲"), ("B", "乙", "z")), "row_too_long", "如 z", 3),
    "unclosed quote": Case(
        content("a.csv", b'parcel_no,name\n1,"' + b"x" * 17_000_000), "csv_malformed", "读不出", refused=True
    ),
    "sheet too large": Case(far_cell, "table_too_large", "50000", refused=True),
    "formula error": Case(
        lambda f: write_xlsx(f / "a.xlsx", [("编号", "净用地面积"), ("A", "#REF!")]), "cell_error", "B2", 2
    ),
    "formula without value": Case(formula, "formula_unsaved", "B2"),
    "no encoding": Case(
        content("a.csv", "parcel_no,parcel_name\n1,Café Zoé\n".encode("cp1252")), "encoding_guessed", "cp1252"
    ),
    "mojibake": Case(parcel_csv("parcel_name", "地块".encode("gbk").decode("latin-1")), "text_garbled", "乱码", 2),
    "WKT that is none": Case(
        csv_rows(("编号", "wkt"), ("A", square().wkt), ("B", "POLYGON((1 2")), "shape_text_malformed", "几何文字", 3
    ),
    # columns and values
    "unknown column": Case(parcel_csv("心情", "好"), "column_unmatched", "心情"),
    "one field in two columns": Case(
        csv_rows(("parcel_no", "坐落", "土地位置"), ("1", "甲", "乙")), "field_twice", "坐落/位置"
    ),
    "vague header": Case(parcel_csv("面积", 39_925), "header_ambiguous", "净用地"),
    "number in words": Case(parcel_csv("净用地面积", "很大", "39925"), "number_malformed", "很大", 2),
    "infinite number": Case(geojson(feature(net_area_m2=float("inf"))), "number_not_finite", "不是有限", 1),
    "unit of another kind": Case(parcel_csv("净用地面积", "5万元"), "unit_unlike", "万元", 2),
    "two units that disagree": Case(
        parcel_csv("净用地面积", "68507.52平方米(折112.76亩)"), "area_units_disagree", "对不上", 2
    ),
    "fraction of a storey": Case(parcel_csv("层数上限", "6.5"), "number_not_whole", "整数", 2),
    "negative area": Case(parcel_csv("净用地面积", -5), "value_out_of_range", "-5", 2),
    "no such day": Case(parcel_csv("规划条件出具日", "2025-02-30"), "date_malformed", "2025-02-30", 2),
    "day or month": Case(parcel_csv("规划条件出具日", "03/04/2025"), "date_ambiguous", "日月", 2),
    "neither yes nor no": Case(parcel_csv("标准地", "也许"), "boolean_malformed", "也许", 2),
    "unknown code": Case(parcel_csv("供应方式", "赠送"), "code_unknown", "赠送", 2),
    "unknown land use": Case(
        csv_rows(("parcel_no", "land_use_code", "land_use_scheme"), ("1", "9999", "ydyh2023")),
        "land_use_unknown",
        "9999",
        2,
    ),
    "digits of no scheme": Case(parcel_csv("地类编码", "0601"), "land_use_scheme_unknown", "0601"),
    "bad cadastral code": Case(parcel_csv("宗地代码", "370213XX"), "pattern_unmet", "370213XX", 2),
    "script for an address": Case(parcel_csv("公告链接", "javascript:alert(1)"), "url_malformed", "不是网址", 2),
    "broken structure": Case(parcel_csv("site_services", '{"road"'), "json_cell_malformed", "结构", 2),
    # planning conditions
    "reversed interval": Case(parcel_csv("容积率", "2.5-1.5"), "interval_reversed", "2.5-1.5", 2),
    "reversed bounds": Case(
        csv_rows(("parcel_no", "容积率下限", "容积率上限"), ("1", 2.5, 1.5)), "interval_reversed", "颠倒", 2
    ),
    "lost sign": Case(parcel_csv("容积率", "R1.5"), "interval_no_operator", "R1.5", 2),
    "masked digits": Case(parcel_csv("容积率", "≥*.*"), "interval_masked", "≥*.*", 2),
    "lost decimal point": Case(parcel_csv("容积率", "≥16"), "implausible_value", "16", 2),
    # what fields say of each other
    "duplicate id": Case(geojson(feature(), feature(1, parcel_id="P0")), "key_duplicate", "第 1 条重复", 2),
    "no id": Case(geojson(feature(parcel_id=None)), "key_made", "生成"),
    "assessment without an item": Case(
        csv_rows(("parcel_id", "item"), ("P1", None)), "key_missing", "事项", 2, layer="site_assessments"
    ),
    "net above gross": Case(
        csv_rows(("parcel_no", "净用地面积", "总用地面积"), ("1", 200, 100)), "net_area_exceeds_gross", "大于", 2
    ),
    "area in another unit": Case(parcel_csv("登记面积", 59.9), "area_unit_suspected", "亩", 2),
    "low deposit": Case(
        csv_rows(("parcel_no", "起始价", "starting_price_basis", "保证金"), ("1", 1000, "total", 100)),
        "deposit_below_fifth",
        "20%",
        2,
    ),
    "price without a basis": Case(parcel_csv("起始价", 1000), "price_basis_missing", "口径", 2),
    "term too long": Case(parcel_csv("出让年限", "商业50年"), "term_exceeds_statutory", "40", 2),
    "shares above a hundred": Case(
        geojson(feature(mixed_uses=[{"code": "0901", "share_pct": 70}, {"code": "0902", "share_pct": 60}])),
        "shares_exceed_hundred",
        "130",
        1,
    ),
    "more to let than there is": Case(
        building_csv(available_area_m2=900, rentable_area_m2=800), "available_exceeds_rentable", "900", 2, "buildings"
    ),
    "monthly rent": Case(building_csv(租金="28元/㎡·天"), "rent_looks_monthly", "月租金", 2, "buildings"),
    "rent without a period": Case(building_csv(租金="28元/㎡"), "rent_unread", "租金读不出", 2, "buildings"),
    "occupancy against areas": Case(
        building_csv(available_area_m2=400, rentable_area_m2=800, occupancy_rate_pct=90),
        "occupancy_disagrees",
        "50.0",
        2,
        "buildings",
    ),
    "clear height above the storey": Case(
        building_csv(clear_height_m=5, floor_height_m=4.2), "clear_height_exceeds_floor_height", "净高", 2, "buildings"
    ),
    "unit larger inside": Case(
        csv_rows(("unit_id", "building_id", "unit_area_m2", "usable_area_m2"), ("U", "B", 80, 90)),
        "pair_reversed",
        "90",
        2,
        "building_units",
    ),
    "nothing required given": Case(geojson(feature()), "required_column_missing", "数据时点"),
    "half required given": Case(
        geojson(feature(data_as_of="2026-01-01"), feature(1)), "required_value_missing", "数据时点", 2
    ),
}
