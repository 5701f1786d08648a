"""Personal and secret columns: told by their header, their field or the shape of their values; never stored for others.

What the schema has an internal field for is kept there, everything else of the kind is not stored at all. The report
says how much there was and of which kind, and never what it was: values of such columns leave every finding.

Source: domain reference §9, which names the statutes; the check digit of identity numbers is that of GB 11643, of bank
cards that of ISO/IEC 7812.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from types import MappingProxyType
from typing import Any, Final

from landmap.domain import Field, Kind, Layer, Visibility
from landmap.ingest.faults import Fault


@dataclass(frozen=True, slots=True)
class Secret:
    """One kind of what is not for others: how it is called, which fields hold it, and what its headers look like."""

    label_zh: str
    label_en: str
    headers: re.Pattern[str]
    fields: frozenset[str] = frozenset()

    @property
    def words(self) -> dict[str, object]:
        """The kind in the words of a finding."""
        return {"kind_zh": self.label_zh, "kind_en": self.label_en}


def _secret(label_zh: str, label_en: str, headers: str, *fields: str) -> Secret:
    return Secret(label_zh, label_en, re.compile(headers), frozenset(fields))


#: By kind; the first whose header pattern is found counts.
SECRETS: Final[Mapping[str, Secret]] = MappingProxyType(
    {
        "id_number": _secret("身份证件号码", "identity numbers", "身份证|证件号|idcard|idnumber|passport|护照"),
        "bank": _secret("银行账号", "bank accounts", "银行|开户行|账号|账户|帐号|bankaccount|iban"),
        "reserve_price": _secret(
            "底价", "reserve prices", "底价|保留价|心理价|reserveprice|bottomprice", "reserve_price_10k_cny"
        ),
        "encumbrance": _secret(
            "抵押查封信息", "mortgages and seizures", "抵押|查封|mortgage|seizure",
            "has_mortgage", "has_seizure", "mortgagee_consent",
        ),
        "tenant": _secret(
            "租户与租约", "tenants and leases", "承租|租户|租约|租赁合同|tenant|lessee",
            "tenant_name", "tenant_names", "lease_end_on",
        ),
        "tax": _secret("税收", "taxes", "税收|纳税|税额|taxpa|taxtotal", "tax_total_10k_cny", "tax_per_m2_cny"),
        "holder": _secret(
            "权利人信息", "right holders", "权利人|使用权人|产权人|所有权人|业主|竞得人|owner|rightholder",
            "right_holder_name", "owner_name", "buyer_name",
        ),
        "phone": _secret("电话号码", "telephone numbers", "电话|手机|联系方式|传真|phone|mobile|telephone"),
        "contact": _secret(
            "个人联系信息", "personal contacts",
            "联系人|法定代表|法人|负责人|经办人|姓名|户主|邮箱|微信|email|wechat|contactname|contactperson",
            "contact_person",
        ),
        "internal": _secret(
            "内部意见", "internal notes", "内部|评审意见|评分|涉密|保密|秘密|confidential", "promotion_stage"
        ),
    }
)  # fmt: skip

_MOBILE: Final = re.compile(r"(?<![0-9.])(?:\+?86[- ]?)?1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}(?![0-9.])")
_IDENTITY: Final = re.compile(
    r"(?<![0-9A-Za-z])[1-9][0-9]{5}(?:19|20)[0-9]{2}[01][0-9][0-3][0-9][0-9]{3}[0-9Xx](?![0-9A-Za-z])"
)
_CARD: Final = re.compile(r"^(?:62|4|5)[0-9]{14,18}$")
_EMAIL: Final = re.compile(r"^[\w.+-]+@[\w-]+(?:\.[\w-]+)+$", re.ASCII)
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
_DIGITS_OF_A_MOBILE: Final = 11
_HALF_WIDTH: Final = {0xFF10 + digit: ord("0") + digit for digit in range(10)}
_FULL_WIDTH: Final = "".join(map(chr, _HALF_WIDTH))
_ENOUGH_DIGITS: Final = re.compile(rf"[0-9{_FULL_WIDTH}](?:[- ]?[0-9{_FULL_WIDTH}]){{10}}")
_NO_DIGITS: Final = bytes(code for code in range(256) if chr(code) not in "0123456789\n")
#: How many values tell what a column is of.
SAMPLE: Final = 500
#: From this share of its values on, a column is of a personal kind.
_MOSTLY: Final = 0.5
#: What stands where a number was taken out of a text.
WITHHELD: Final = "（略）"
#: Words of a finding that quote no value.
_SAFE_WORDS: Final = frozenset(
    {
        *("field", "kept", "count", "failed", "unit", "wanted", "list", "help", "help_en", "fields", "kind_zh"),
        *("kind_en", "minimum", "maximum", "source_zh", "source_en", "profile", "guess"),
    }
)
#: What may be proposed for a whole column: to leave it out, or to keep it in an internal field.
COLUMN_CURES: Final = frozenset({"leave", "keep"})
_NUMBERS_OF_THINGS: Final = ("_no", "_id", "_code", "_ref", "_url")


def by_header(header: str) -> str | None:
    """Return the kind that a header tells of.

    Examples
    --------
    >>> by_header("法定代表人 身份证号"), by_header("出让底价（万元）"), by_header("容积率")
    ('id_number', 'reserve_price', None)
    """
    text = re.sub(r"[\s_\-]+", "", unicodedata.normalize("NFKC", header)).casefold()
    return next((kind for kind, secret in SECRETS.items() if secret.headers.search(text)), None)


def by_field(field: str) -> str | None:
    """Return the kind that a field of ours holds."""
    return next((kind for kind, secret in SECRETS.items() if field in secret.fields), None)


def by_values(values: Iterable[Any]) -> str | None:
    """Return the kind that at least half of the values of a column are of, going by the first few hundred.

    Examples
    --------
    >>> by_values(["13800138000", 13900139000, None]), by_values(["招商局 0532-87890000"])
    ('phone', None)
    """
    texts = [_text(value) for value in islice((one for one in values if one is not None and one != ""), SAMPLE)]
    for kind, told in _SHAPES.items():
        if texts and sum(told(text) for text in texts) >= _MOSTLY * len(texts):
            return kind
    return None


def withheld(text: str) -> tuple[str, tuple[str, ...]]:
    """Return a text without the mobile and identity numbers in it, and the kinds that were taken out.

    Examples
    --------
    >>> withheld("看地请联系 138-0013-8000")
    ('看地请联系 （略）', ('phone',))
    """
    if _ENOUGH_DIGITS.search(text) is None:
        return text, ()
    plain = text.translate(_HALF_WIDTH)
    found = [(match.span(), "id_number") for match in _IDENTITY.finditer(plain) if _checked(match[0])]
    found += [(match.span(), "phone") for match in _MOBILE.finditer(plain)]
    kept, last = [], 0
    for (start, end), _ in sorted(found):
        kept.append(text[last:start])
        last = end
    kept.append(text[last:])
    return WITHHELD.join(kept), tuple(dict.fromkeys(kind for _, kind in found))


def cleaned(value: Any) -> tuple[Any, tuple[str, ...]]:
    """Return a cell without the mobile and identity numbers in it, also inside lists and objects; else as it is."""
    if isinstance(value, str):
        return withheld(value)
    if isinstance(value, list):
        parts = [cleaned(one) for one in value]
        return [one for one, _ in parts], tuple(kind for _, kinds in parts for kind in kinds)
    if isinstance(value, dict):
        named = {name: cleaned(one) for name, one in value.items()}
        kinds = tuple(kind for _, found in named.values() for kind in found)
        return {name: one for name, (one, _) in named.items()}, kinds
    if isinstance(value, int | float) and not isinstance(value, bool):
        text, kinds = withheld(_text(value))
        return (text, kinds) if kinds else (value, ())
    return value, ()


def may_hold_numbers(values: Iterable[Any]) -> bool:
    """Return whether any text of a column has digits enough for a mobile or identity number: a first, quick look."""
    joined = "\n".join({str(value) for value in values if value is not None})
    if any(digit in joined for digit in _FULL_WIDTH):
        joined = joined.translate(_HALF_WIDTH)
    digits = joined.encode("ascii", "ignore").translate(None, _NO_DIGITS)
    return max(map(len, digits.split(b"\n"))) >= _DIGITS_OF_A_MOBILE


def guarded(layer: Layer, name: str) -> bool:
    """Return whether a field is for others to see and may hold free text, so that its cells are looked through."""
    field = layer.fields.get(name)
    return (
        field is not None
        and field.kind in (Kind.TEXT, Kind.TEXTS, Kind.JSON)
        and not _internal(field)
        and not name.endswith(_NUMBERS_OF_THINGS)
    )


def refuge(layer: Layer, kind: str, taken: Collection[str]) -> str | None:
    """Return the free internal field that a column of a personal kind may be kept in; None when there is none.

    Identity and bank numbers have none: a land bureau's map has no use for them.
    """
    if kind not in ("phone", "contact", "email"):
        return None
    return "contact_person" if "contact_person" in layer.fields and "contact_person" not in taken else None


def keeper(layer: Layer, kind: str, taken: Collection[str]) -> str | None:
    """Return the free internal field that a column of a secret kind can be kept in; None when there is none.

    Identity and bank numbers have none.
    """
    own = SECRETS[kind].fields
    free = (name for name, field in layer.fields.items() if name in own and _internal(field) and name not in taken)
    return next(free, None)


def is_public(layer: Layer, name: str) -> bool:
    """Return whether a field (or a planning figure, which all are) is not internal, and holds no numbers of things."""
    field = layer.fields.get(name)
    return not name.endswith(_NUMBERS_OF_THINGS) and (field is None or not _internal(field))


def shielded(faults: Iterable[Fault], hidden: Collection[str]) -> list[Fault]:
    """Return faults that quote nothing personal or secret.

    Those of hidden fields and columns lose their values, also in words and proposals; from the others only mobile and
    identity numbers are taken out.
    """
    return [_silenced(fault, hidden) if fault.field in hidden else _cleaned(fault) for fault in faults]


def _silenced(fault: Fault, hidden: Collection[str]) -> Fault:
    named = fault.value if isinstance(fault.value, str) and fault.value in hidden else None  # a header is no value
    words = {key: value for key, value in fault.words.items() if key in _SAFE_WORDS}
    about_column = fault.proposal is not None and fault.proposal.kind in COLUMN_CURES  # it names fields, no values
    return replace(fault, value=named, words=words, proposal=fault.proposal if about_column else None)


def _cleaned(fault: Fault) -> Fault:
    quoted = [fault.value, *fault.words.values()]
    if (fault.field or "").endswith(_NUMBERS_OF_THINGS) or not may_hold_numbers(quoted):
        return fault
    clean = [withheld(one)[0] if isinstance(one, str) else one for one in quoted]
    return (
        fault
        if clean == quoted
        else replace(fault, value=clean[0], words=dict(zip(fault.words, clean[1:], strict=True)))
    )


def _internal(field: Field) -> bool:
    return field.visibility is Visibility.INTERNAL


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return unicodedata.normalize("NFKC", str(value)).strip()


def _is_identity(text: str) -> bool:
    match = _IDENTITY.search(text)
    return match is not None and _checked(match[0])


def _is_card(text: str) -> bool:
    digits = text.replace(" ", "")
    return _CARD.fullmatch(digits) is not None and _luhn(digits)


def _checked(number: str) -> bool:
    """Whether the last character of an identity number is the check digit of the others."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
    return _CHECKS[total % 11] == number[17].upper()


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


_SHAPES: Final[Mapping[str, Callable[[str], bool]]] = MappingProxyType(
    {
        "id_number": _is_identity,
        "bank": _is_card,
        "phone": lambda text: _MOBILE.search(text) is not None,
        "contact": lambda text: _EMAIL.match(text) is not None,
    }
)
