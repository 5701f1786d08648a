"""The field reference for data stewards, written from the domain's own tables."""

from collections.abc import Iterator, Sequence
from typing import Final

from landmap.domain import Code, Field, Kind, Layer, Visibility, code_lists, layers

KINDS: Final = {
    Kind.TEXT: "文字",
    Kind.INTEGER: "整数",
    Kind.NUMBER: "数值",
    Kind.BOOLEAN: "是/否",
    Kind.DATE: "日期",
    Kind.CODE: "代码",
    Kind.CODES: "代码（可多个）",
    Kind.TEXTS: "文字（可多个）",
    Kind.JSON: "结构",
    Kind.GEOMETRY: "图形",
    Kind.REFERENCE: "引用",
    Kind.URL: "网址",
}

VISIBILITIES: Final = {
    Visibility.PUBLIC: "公开",
    Visibility.PUBLIC_AFTER_NOTICE: "公告后公开",
    Visibility.PARTNER: "合作方",
    Visibility.INTERNAL: "内部",
}

INTRODUCTION: Final = """\
# 字段与代码

<!-- 本页由 `make docs` 按 landmap/domain/data 生成，请勿手改。 -->

导入时列名写英文字段名或中文名均可。“空”一栏为“可”的字段可以不填：不填就是未知，不会当作 0。
“派生”字段由系统计算，不必导入。未注明密级的记录按内部处理。
"""


def field_tables_page() -> str:
    """Return the page: one table per layer, then one per code list."""
    parts = [INTRODUCTION]
    parts += ["\n".join(layer_section(layer)) for layer in layers.layers().values()]
    parts.append("## 代码表\n")
    parts += ["\n".join(codes_section(name, tuple(codes.values()))) for name, codes in code_lists().items()]
    return "\n".join(parts)


def layer_section(layer: Layer) -> Iterator[str]:
    """Yield the lines about one layer."""
    yield f"## {layer.label_zh} `{layer.name}`"
    yield ""
    facts = [layer.label_en, f"标识 {'、'.join(f'`{name}`' for name in layer.key)}"]
    if layer.geometry:
        facts.append(f"图形 {'、'.join(layer.geometry)}")
    if layer.parent:
        facts.append(f"从属于 `{layer.parent}`")
    yield "；".join(facts) + "。"
    yield ""
    yield from table(
        ("字段", "中文", "English", "类型", "单位", "取值", "空", "密级", "说明"),
        (field_row(field) for field in layer.fields.values()),
    )


def field_row(field: Field) -> Sequence[str]:
    """Return the cells about one field."""
    kind = KINDS[field.kind] + ("，派生" if field.derived else "")
    nullable = "可" if field.nullable else "不可"
    return (
        f"`{field.name}`",
        field.label_zh,
        field.label_en,
        kind,
        field.unit,
        accepted(field),
        nullable,
        VISIBILITIES[field.visibility],
        field.help_zh,
    )


def accepted(field: Field) -> str:
    """Return which values a field takes, as a steward reads it; empty when any value will do."""
    if field.codes:
        return f"代码表 `{field.codes}`"
    if field.pattern:
        return f"`{field.pattern}`"
    low = "" if field.minimum is None else f"{'＞' if field.exclusive_minimum else '≥'} {field.minimum:g}"
    high = "" if field.maximum is None else f"≤ {field.maximum:g}"
    return "，".join(bound for bound in (low, high) if bound)


def codes_section(name: str, codes: Sequence[Code]) -> Iterator[str]:
    """Yield the lines about one code list."""
    yield f"### `{name}`"
    yield ""
    yield from table(
        ("代码", "中文", "English", "说明"),
        ((f"`{code.code}`", code.label_zh, code.label_en, code.note) for code in codes),
    )


def table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    """Yield a Markdown table and the empty line after it; a bar inside a cell stays text."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        cells = (cell.replace("|", "\\|") for cell in row)
        yield f"| {' | '.join(cells)} |"
    yield ""
