"""Units of a phrase, each turned into the one unit that a criterion takes; exact, in decimals."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from types import MappingProxyType
from typing import Final

from landmap.query.phrase.numerals import Numeral

#: 亩 in one of each unit of area; all three are finite decimals, so limits in two units meet in 亩 without loss.
MU_IN: Final[Mapping[str, Decimal]] = MappingProxyType({"mu": Decimal(1), "ha": Decimal(15), "m2": Decimal("0.0015")})
#: What a number without a unit is measured in, where a criterion has one unit of its own.
BARE: Final = ""
#: Limits are written to the ten-thousandth, as the figures on file are.
_STEP: Final = Decimal("0.0001")
_YEAR_DAYS: Final = 365
#: Standard gravity: kN in a tonne.
_KN_PER_T: Final = Decimal("9.80665")

#: By the unit of a criterion: what one of each unit of a phrase is worth in it, as numerator and denominator.
_WORTH: Final[Mapping[str, Mapping[str, tuple[Decimal | int, int]]]] = MappingProxyType(
    {
        "": {BARE: (1, 1)},
        "%": {BARE: (1, 1), "%": (1, 1)},
        "m": {BARE: (1, 1), "m": (1, 1), "km": (1000, 1), "li": (500, 1)},
        "㎡": {BARE: (1, 1), "m2": (1, 1)},
        "个": {BARE: (1, 1), "个": (1, 1)},
        "万元/亩": {
            BARE: (1, 1),
            "cny": (1, 10_000),
            "cny_mu": (1, 10_000),
            "10k_cny_mu": (1, 1),
            "cny_ha": (1, 150_000),
            "cny_m2": (1, 15),
        },
        "元/㎡·天": {
            BARE: (1, 1),
            "cny": (1, 1),
            "cny_m2": (1, 1),
            "cny_m2_day": (1, 1),
            "cny_m2_month": (12, _YEAR_DAYS),
            "cny_m2_year": (1, _YEAR_DAYS),
        },
        "kN/㎡": {BARE: (1, 1), "kN_m2": (1, 1), "kg_m2": (_KN_PER_T, 1000), "t_m2": (_KN_PER_T, 1)},
    }
)


def accepts(criterion_unit: str, unit: str) -> bool:
    """Return whether a number in `unit` is one that a criterion in `criterion_unit` can take."""
    return unit in _WORTH.get(criterion_unit, {})


def in_unit(number: Numeral, unit: str, criterion_unit: str) -> Decimal:
    """Return a number of a phrase in the unit of a criterion.

    Money is said in 元: 300万元/亩 is three million, and so is a bare 300万 of a criterion in 万元; a bare 300 is
    300 of the criterion's own unit.

    Examples
    --------
    >>> str(in_unit(Numeral(4, Decimal(4500), 10_000), "cny_ha", "万元/亩"))
    '300'
    >>> str(in_unit(Numeral(2, Decimal(45)), "cny_m2_month", "元/㎡·天"))
    '1.4795'
    """
    if unit == BARE and criterion_unit.startswith("万元") and number.scale >= 10_000:
        unit = "cny"
    worth, per = _WORTH[criterion_unit][unit]
    return tidy((number.value * worth / per).quantize(_STEP, ROUND_HALF_EVEN))


def tidy(value: Decimal) -> Decimal:
    """Return a number without zeros to spare and without an exponent."""
    plain = value.normalize()
    return plain.quantize(Decimal(1)) if plain == plain.to_integral_value() else plain
