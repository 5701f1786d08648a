"""Numbers as people write them: ``20,000``, ``1.5万``, 一千二, 两百零五, 二十点五, 百分之五十."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

#: Nothing of the trade is larger, in any unit.
VALUE_MAX: Final = 10**12
#: Fifteen digits are more than any figure of the trade has; a longer run is no number.
_ARABIC: Final = re.compile(
    r"(?<![0-9][.,])(?!0[0-9])(?:[0-9]{1,3}(?:,[0-9]{3}){1,4}|[0-9]{1,15})(?:\.[0-9]{1,9})?(?![0-9]|[.,][0-9])"
)
_THOUSANDS: Final = re.compile(r"([1-9])千")
_CHINESE: Final = re.compile(
    r"[零\u3007一二两三四五六七八九十百千万亿]{1,20}(?:点[零\u3007一二三四五六七八九]{1,9}万?)?|半"
)
_ENGLISH_SCALE: Final = re.compile(r" ?(k|thousand|million)(?![a-z0-9])")
_DIGITS: Final = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"\u3007": 0, "两": 2}
_SMALL: Final = {"十": 10, "百": 100, "千": 1000}
_LARGE: Final = {"万": 10_000, "亿": 100_000_000}
_SCALES: Final = {**_SMALL, **_LARGE, "k": 1000, "thousand": 1000, "million": 1_000_000}
_PERCENT: Final = "百分之"


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number that ends at `end`: `mantissa` times `scale`; `percent` when it was written 百分之."""

    end: int
    mantissa: Decimal
    scale: int = 1
    percent: bool = False

    @property
    def value(self) -> Decimal:
        """The number itself."""
        return self.mantissa * self.scale


def numeral(text: str, start: int) -> Numeral | None:
    """Return the number that begins at `start` of folded `text`, or None.

    Examples
    --------
    >>> [str(numeral(text, 0).value) for text in ("1.5万亩", "一千二", "两百零五", "20,000m2", "1万2千", "二十点五")]
    ['15000.0', '1200', '205', '20000', '12000.0', '20.5']
    >>> [numeral(text, 0) for text in ("万", "二〇二六", "1234567890123456", "1.2.3", "1,00", "007")]
    [None, None, None, None, None, None]
    """
    percent = text.startswith(_PERCENT, start)
    found = _plain(text, start + len(_PERCENT) * percent)
    if found is None or found.value > VALUE_MAX:
        return None
    return Numeral(found.end, found.mantissa, found.scale, percent)


def _plain(text: str, start: int) -> Numeral | None:
    arabic = _ARABIC.match(text, start)
    if arabic is not None:
        return _scaled(text, arabic.end(), Decimal(arabic[0].replace(",", "")))
    chinese = _CHINESE.match(text, start)
    return None if chinese is None else _chinese(chinese)


def _scaled(text: str, end: int, mantissa: Decimal) -> Numeral:
    """Take in what multiplies a number in digits: 万, 百万, k."""
    scale = 1
    while text[end : end + 1] in ("百", "千", "万", "亿") and scale < 10**9:
        scale *= _SCALES[text[end]]
        end += 1
    thousands = _THOUSANDS.match(text, end) if scale == 10_000 else None
    if thousands is not None:
        return Numeral(thousands.end(), mantissa + Decimal(thousands[1]) / 10, scale)
    if scale == 1:
        english = _ENGLISH_SCALE.match(text, end)
        if english is not None:
            return Numeral(english.end(), mantissa, _SCALES[english[1]])
    return Numeral(end, mantissa, scale)


def _chinese(found: re.Match[str]) -> Numeral | None:
    words = found[0]
    if words == "半":
        return Numeral(found.end(), Decimal("0.5"))
    whole, point, part = words.partition("点")
    scale = 1
    if point and part.endswith("万"):
        part, scale = part[:-1], 10_000
    elif not point and len(whole) > 1 and whole[-1] in _LARGE:
        whole, scale = whole[:-1], _LARGE[whole[-1]]
    read = _whole(whole)
    if read is None:
        return None
    digits = "".join(str(_DIGITS[char]) for char in part)
    return Numeral(found.end(), Decimal(f"{read}.{digits}" if digits else read), scale)


def _whole(words: str) -> int | None:
    """Return a whole number in words, 一千二 being 1200; None for what is no number, such as 万 or 二二."""
    total, section, digit = 0, 0, None
    last, zero = 0, False
    for char in words:
        if char in _DIGITS:
            if digit is not None and digit != 0:
                return None
            digit, zero = _DIGITS[char], zero or _DIGITS[char] == 0
        elif char in _SMALL:
            if digit is None and (char != "十" or section % 100):
                return None
            section += (1 if digit is None else digit) * _SMALL[char]
            digit, last, zero = None, _SMALL[char], False
        else:
            section += digit or 0
            if not section:
                return None
            total = (total + section) * _LARGE[char] if char == "亿" else total + section * _LARGE[char]
            section, digit, last, zero = 0, None, _LARGE[char], False
    short = digit is not None and not zero and last >= 100
    return total + section + (digit or 0) * (last // 10 if short else 1)
