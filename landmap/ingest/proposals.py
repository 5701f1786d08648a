"""The proposal table: of every column, which field it is taken for, how sure that is, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from landmap.domain import Layer
from landmap.ingest import cell_units
from landmap.ingest.planning import BOUNDS
from landmap.ingest.privacy import withheld
from landmap.ingest.recognise import readable
from landmap.ingest.vocabulary import CONFIDENCE, How, Match

#: What becomes of a column: stored in its field; stored where only officers see it; not stored because it is nobody's
#: business, because a person has to decide, because its source says so, or because no field is known.
Treatment = Literal["stored", "internal", "private", "held", "left", "unmatched"]

#: A header that may mean something else is that much less sure.
_AMBIGUOUS: Final = 0.7
_SHOWN: Final = 40
#: Factors as people write them, where the decimal says less.
_WRITTEN: Final = {
    ("mu", "㎡"): "× 2000/3",
    ("10k_cny_per_ha", "万元/亩"): "÷ 15",
    ("cny_m2_month", "元/㎡·天"): "× 12/365",
    ("cny_m2_year", "元/㎡·天"): "÷ 365",
}


@dataclass(frozen=True, slots=True)
class ColumnProposal:
    """What is proposed for one column of a file.

    `confidence` is 0 to 1; `how` the column is known; `unit` what its numbers are in, where it is not the field's own
    unit, and `conversion` how they get there; `sample` one value (None for what is personal or secret); `guesses` other
    fields it may be, each with its confidence.
    """

    header: str
    field: str | None
    confidence: float
    how: How | None
    treatment: Treatment
    unit: str = ""
    conversion: str = ""
    sample: str | None = None
    guesses: tuple[tuple[str, float], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the proposal as the check report has it."""
        names = ("header", "field", "confidence", "how", "treatment", "unit", "conversion", "sample")
        told = {name: getattr(self, name) for name in names}
        return told | {"guesses": [{"field": name, "confidence": likely} for name, likely in self.guesses]}


def proposal(match: Match, values: Sequence[Any], layer: Layer, treatment: Treatment) -> ColumnProposal:
    """Return what is proposed for a column that is known."""
    sure = CONFIDENCE[match.how] * (_AMBIGUOUS if match.ambiguous else 1.0)
    if match.how != "profile":
        sure *= 0.5 + 0.5 * readable(values, match.field, layer, match.unit)
    sample = sample_of(values) if treatment in ("stored", "held") else None
    text = conversion(match, layer)
    return ColumnProposal(match.header, match.field, round(sure, 2), match.how, treatment, match.unit, text, sample)


def conversion(match: Match, layer: Layer) -> str:
    """Return how a column's numbers get into the unit of its field; "" where they are in it already.

    Examples
    --------
    >>> from landmap.domain import layer_named
    >>> conversion(Match("面积（亩）", "net_area_m2", "unit", "mu"), layer_named("parcels"))
    '亩 → ㎡：× 2000/3'
    """
    own = _own_unit(match.field, layer)
    factor = cell_units.factor(match.unit, own) if match.unit and own else None
    if factor is None or factor == 1:
        return ""
    written = _WRITTEN.get((match.unit, own)) or (f"× {factor:g}" if factor > 1 else f"÷ {1 / factor:g}")
    return f"{cell_units.printed(match.unit)} → {own}：{written}"


def sample_of(values: Sequence[Any]) -> str | None:
    """Return the first value of a column that says something, on one short line and without personal numbers."""
    first = next((value for value in values if value is not None and str(value).strip()), None)
    if first is None:
        return None
    text, _ = withheld(" ".join(str(first)[: 4 * _SHOWN].split()))
    text = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _own_unit(name: str, layer: Layer) -> str:
    if name == "rent_raw":
        return "元/㎡·天"
    if name in BOUNDS:
        return BOUNDS[name].unit or ""
    return layer.fields[name].unit if name in layer.fields else ""
