"""Land-use codes of the parcels: mostly the 2023 scheme, some in the words of older ones, as real files are."""

from __future__ import annotations

from typing import Any, Final

from builder.plots import Plot

#: use: 2023 code, name, GB 50137 code and name, name of the term, most years.
USES: Final[dict[str, tuple[str, str, str, str, str, int]]] = {
    "M": ("1001", "工业用地", "M", "工业用地", "工业", 50),
    "M0": ("100101", "一类工业用地", "M0", "新型产业用地", "工业", 50),
    "M1": ("100101", "一类工业用地", "M1", "一类工业用地", "工业", 50),
    "M2": ("100102", "二类工业用地", "M2", "二类工业用地", "工业", 50),
    "M3": ("100103", "三类工业用地", "M3", "三类工业用地", "工业", 50),
    "W1": ("110101", "一类物流仓储用地", "W1", "一类物流仓储用地", "仓储", 50),
    "W2": ("110102", "二类物流仓储用地", "W2", "二类物流仓储用地", "仓储", 50),
    "A35": ("0802", "科研用地", "A35", "科研用地", "科研", 50),
    "B29": ("0902", "商务金融用地", "B2", "商务用地", "商务金融", 40),
    "B+": ("0902", "商务金融用地", "B2", "商务用地", "商务金融", 40),
    "B1": ("0901", "商业用地", "B1", "商业用地", "商业", 40),
    "R2": ("070102", "二类城镇住宅用地", "R2", "二类居住用地", "城镇住宅", 70),
    "A33": ("080403", "中小学用地", "A33", "中小学用地", "教育", 50),
    "A5": ("080601", "医院用地", "A51", "医院用地", "医疗卫生", 50),
    "A1": ("0801", "机关团体用地", "A1", "行政办公用地", "机关团体", 50),
    "G1": ("1401", "公园绿地", "G1", "公园绿地", "公园绿地", 50),
    "G2": ("1402", "防护绿地", "G2", "防护绿地", "防护绿地", 50),
    "U": ("1303", "供电用地", "U12", "供电用地", "公用设施", 50),
    "S4": ("120803", "社会停车场用地", "S42", "社会停车场用地", "停车场", 50),
}
_UTILITIES: Final = (
    ("1301", "供水用地", "U11"),
    ("1302", "排水用地", "U21"),
    ("1303", "供电用地", "U12"),
    ("1309", "环卫用地", "U22"),
)


def describe_use(plot: Plot) -> dict[str, Any]:
    """Return code, scheme, raw words, mixed shares and the new-industry tag of one parcel."""
    rng = plot.chance("use")
    code, name, old_code, old_name, _, _ = USES[plot.use]
    if plot.use == "U":
        code, name, old_code = rng.choice(_UTILITIES)
        old_name = name
    if plot.use == "M0":
        return _new_industry(plot)
    record: dict[str, Any] = {"land_use_code": code, "land_use_scheme": "ydyh2023", "new_industry_tag": "none"}
    record["land_use_raw"] = rng.choice((name, name, f"{code} {name}", f"{name}（{code}）"))
    draw = rng.random()
    if draw < 0.13:
        record |= {"land_use_scheme": "gb50137", "land_use_raw": f"{old_code} {old_name}"}
    elif draw < 0.2 and plot.use in {"M", "M1", "M2"}:
        record |= {"land_use_code": "1001", "land_use_scheme": "gbt21010", "land_use_raw": "工业用地（0601）"}
    elif draw < 0.23 and plot.use in {"M", "M1", "M2"}:
        record |= {"land_use_code": "1001", "land_use_scheme": "sandiao", "land_use_raw": "0601 工业用地"}
    if plot.use == "B+":
        office = rng.choice((50, 60, 65, 70))
        record["mixed_uses"] = [_share("0902", office), _share("0901", 100 - office)]
        record |= {"land_use_scheme": "ydyh2023", "land_use_raw": f"商务金融用地/商业用地（{office}%/{100 - office}%）"}
    elif plot.use in {"M1", "A35"} and rng.random() < 0.14:
        record |= _production_with_research(plot.use)
    record["current_use_code"] = _current_use(plot, record["land_use_code"])
    return record


def _new_industry(plot: Plot) -> dict[str, Any]:
    rng = plot.chance("new industry")
    code, scheme, raw = rng.choice(
        (
            ("1001", "local", "M0 新型产业用地"),
            ("100101", "local", "M0 新型产业用地"),
            ("1001", "ydyh2023", "工业用地（新型产业用地）"),
            ("100101", "ydyh2023", "一类工业用地（新型产业用地M0）"),
        )
    )
    mixed = None
    if rng.random() < 0.3:
        main = rng.choice((70, 75, 80))
        mixed = [_share(code, main), _share("0802", 100 - main)]
        raw += "+科研用地"
    record = {"land_use_code": code, "land_use_scheme": scheme, "land_use_raw": raw, "new_industry_tag": "M0"}
    return record | {"mixed_uses": mixed, "current_use_code": _current_use(plot, code)}


def _production_with_research(use: str) -> dict[str, Any]:
    first, second = (("100101", "0802"), ("0802", "100101"))[use == "A35"]
    raw = ("一类工业用地+科研用地", "科研用地+一类工业用地")[use == "A35"]
    shares = [_share(first, 70), _share(second, 30)]
    return {"land_use_code": first, "land_use_scheme": "ydyh2023", "land_use_raw": raw, "mixed_uses": shares}


def _share(code: str, percent: int) -> dict[str, Any]:
    return {"code": code, "share_pct": percent, "basis": "gfa"}


def _current_use(plot: Plot, code: str) -> str | None:
    rng = plot.chance("current use")
    if plot.context:
        return code if rng.random() < 0.8 else None
    return rng.choices((code[:4], "1001", "2301", None), (55, 20, 15, 10))[0]
