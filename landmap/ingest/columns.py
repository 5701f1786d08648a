"""Which column of a file is which field, how sure that is, and which columns are nobody else's business.

In this order: what is remembered of the source; name, label, alias or unit in the header; the codes or the build of the
values. What fits no field, two fields, or a field already taken is told and not stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from landmap.domain import District, Layer
from landmap.ingest import privacy
from landmap.ingest.faults import Change, Fault, Proposal
from landmap.ingest.planning import BOUNDS
from landmap.ingest.profiles import Profile
from landmap.ingest.proposals import ColumnProposal, Treatment, proposal, sample_of
from landmap.ingest.readers.headers import plain_header
from landmap.ingest.recognise import field_of_codes, field_of_pattern, guesses
from landmap.ingest.vocabulary import Match, cut_entries, entries, knows

__all__ = ["Match", "Matched", "knows", "match_columns"]


@dataclass(frozen=True)
class Matched:
    """The columns of a layer, sorted out.

    Parameters
    ----------
    matches : dict of field to Match
        Columns that are stored.
    columns : dict of header to values
        The file's columns, with personal numbers taken out of texts that others see.
    proposals : tuple of ColumnProposal
        One for every column, in file order.
    faults : list of Fault
    hidden : frozenset of str
        Fields and headers whose values no finding may quote.
    """

    matches: dict[str, Match]
    columns: dict[str, Sequence[Any]]
    proposals: tuple[ColumnProposal, ...]
    faults: list[Fault]
    hidden: frozenset[str]


@dataclass
class _Sorting:
    """What is known so far of the columns of one layer."""

    columns: dict[str, Sequence[Any]]
    layer: Layer
    district: District
    profile: Profile | None
    may_be_cut: bool
    found: dict[str, Match] = field(default_factory=dict)
    strangers: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    fate: dict[str, Treatment] = field(default_factory=dict)
    lost: dict[str, Match] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)

    def tell(self, code: str, header: str, proposal: Proposal | None = None, /, **words: object) -> None:
        """Add the fault of a column."""
        self.faults.append(Fault(code, field=header, value=header, words=words, proposal=proposal))


def match_columns(
    columns: Mapping[str, Sequence[Any]],
    layer: Layer,
    district: District,
    *,
    may_be_cut: bool = False,
    profile: Profile | None = None,
) -> Matched:
    """Return the column of each field, what is proposed for every column, and what could not be matched.

    Parameters
    ----------
    columns : Mapping of header to values
    layer : Layer
    district : District
        Its local land-use codes tell a column of them.
    may_be_cut : bool
        Whether headers may be cut to ten bytes (Shapefile).
    profile : Profile, optional
        What is remembered of the source.
    """
    run = _Sorting(dict(columns), layer, district, profile, may_be_cut)
    _remembered(run)
    for header in run.columns:
        if header not in run.fate:
            _named(header, run)
    known = {fault.field for fault in run.faults}
    for header in run.strangers:
        _by_values(header, run, told=header in known)
    for match in list(run.found.values()):
        _kept(match, run)
    return Matched(
        run.found,
        run.columns,
        tuple(_proposed(header, run) for header in columns),
        run.faults,
        frozenset(run.hidden),
    )


def _remembered(run: _Sorting) -> None:
    """Take the columns that the source's profile settles; tell of those it names that are not there."""
    if run.profile is None:
        return
    for header in run.columns:
        rule = run.profile.rule(header)
        if rule is None:
            continue
        if rule.field is None:
            run.fate[header] = "left"
        elif rule.field in run.found:
            run.fate[header] = "held"
            run.tell("field_twice", header, field=rule.field, kept=run.found[rule.field].header)
        else:
            alias = next((one for one in entries(run.layer, header) if one.field == rule.field), None)
            note = alias.note if alias is not None and alias.ambiguous is None else ""
            run.found[rule.field] = Match(header, rule.field, "profile", rule.unit, note)
            run.fate[header] = "stored"
    present = {plain_header(header) for header in run.columns}
    for header in run.profile.columns:
        if plain_header(header) not in present:
            run.tell("profile_column_missing", header, profile=run.profile.name)


def _named(header: str, run: _Sorting) -> None:
    """Match one column by its header; report what is ambiguous."""
    found = entries(run.layer, header)
    if not found and run.may_be_cut:
        found = cut_entries(run.layer, header)
        if len({entry.field for entry in found}) == 1:
            run.tell("header_cut", header, field=found[0].field)
    names = list(dict.fromkeys(entry.field for entry in found))
    if len(names) == 1:
        _take(_settled(replace(found[0], header=header), run), run)
        return
    if names:
        run.tell("column_ambiguous", header, fields="、".join(names))
    run.strangers.append(header)


def _settled(match: Match, run: _Sorting) -> Match:
    """Return a match under a vague header, settled by its values or told."""
    why = match.ambiguous
    if why is None:
        return match
    other = field_of_pattern(run.columns[match.header], run.layer)
    if other is not None and other != match.field:
        return Match(match.header, other, "pattern")
    run.tell("header_ambiguous", match.header, field=match.field, note_zh=why["zh"], note_en=why["en"])
    return match


def _take(match: Match, run: _Sorting) -> None:
    """Give the field to the better named column; the other is reported, not stored. An empty one gives way unsaid."""
    taken = run.found.get(match.field)
    if taken is None:
        run.found[match.field] = match
        run.fate[match.header] = "stored"
        return
    empty = [one for one in (match, taken) if all(value is None for value in run.columns[one.header])]
    better = taken if match in empty or match.rank >= taken.rank else match
    better = match if taken in empty and match not in empty else better
    worse = match if better is taken else taken
    run.found[match.field] = better
    run.fate |= {better.header: "stored", worse.header: "held"}
    run.lost[worse.header] = worse
    if not empty:
        run.tell("field_twice", worse.header, field=match.field, kept=better.header)


def _by_values(header: str, run: _Sorting, *, told: bool) -> None:
    """Match a column without a known header by its values; tell what it may be, or that it is nobody's business."""
    values = run.columns[header]
    kind = privacy.by_header(header) or privacy.by_values(values)
    if kind is not None:
        run.fate[header] = "private"
        _conceal(header, kind, run)
        return
    name = field_of_pattern(values, run.layer)
    how = "pattern" if name is not None and name not in run.found else "codes"
    if how == "codes":
        name = field_of_codes(values, run.layer, run.district, run.found)
    if name is not None:
        run.found[name] = Match(header, name, "pattern" if how == "pattern" else "codes")
        run.fate[header] = "stored"
        run.tell("column_by_values", header, field=name)
        return
    run.fate[header] = "unmatched"
    if not told and any(value is not None for value in values):
        likely = guesses(header, values, run.layer, run.found)
        run.tell("column_unmatched", header, guess=likely[0][0] if likely else None)


def _conceal(header: str, kind: str, run: _Sorting) -> None:
    """Tell of a column that is not stored because of what it holds; how much it was, not what."""
    run.hidden.add(header)
    count = _filled(run.columns[header])
    if count:
        field = privacy.keeper(run.layer, kind, run.found)
        keep = None if field is None else Proposal("keep", (Change(header, None, field),))
        run.tell("column_private", header, keep, count=count, **privacy.SECRETS[kind].words)


def _kept(match: Match, run: _Sorting) -> None:
    """Look at what a matched column holds: secrets stay inside, what is personal leaves."""
    rule = run.profile.rule(match.header) if run.profile is not None else None
    kind = privacy.by_field(match.field)
    if kind is not None:
        _confine(match, kind, run)
    elif rule is None or not rule.open:
        _cleared(match, run)
    if match.field in run.found:
        _as_percent(match, run)


def _confine(match: Match, kind: str, run: _Sorting) -> None:
    """Keep a secret column in its internal field, and its values out of the report."""
    found = privacy.by_values(run.columns[match.header])
    if found in ("id_number", "bank"):
        _drop(match, found, run)
        return
    run.fate[match.header] = "internal"
    run.hidden |= {match.header, match.field}
    count = _filled(run.columns[match.header])
    if count:
        leave = Proposal("leave", (Change(match.header, match.field, None),))
        words = privacy.SECRETS[kind].words
        run.tell("column_internal", match.header, leave, field=match.field, count=count, **words)


def _cleared(match: Match, run: _Sorting) -> None:
    """Keep personal numbers out of what others see: the column moves, goes, or loses the numbers in its texts."""
    if not privacy.is_public(run.layer, match.field):
        return
    values = run.columns[match.header]
    kind = privacy.by_values(values)
    guarded = privacy.guarded(run.layer, match.field)
    if kind in ("id_number", "bank") or (kind is not None and not guarded):
        _drop(match, kind, run)
    elif kind is not None and (kind != "phone" or all(_bare(value) for value in values if value is not None)):
        refuge = privacy.refuge(run.layer, kind, run.found)
        _drop(match, kind, run, told=refuge is None)
        if refuge is not None:
            run.found[refuge] = Match(match.header, refuge, "pattern")
            _confine(run.found[refuge], kind, run)
    elif guarded:
        _without_numbers(match, run)


def _bare(value: Any) -> bool:
    """Whether a value is little more than a number: what stands around it is no text worth keeping."""
    clean, kinds = privacy.withheld(str(value))
    return bool(kinds) and len(clean.replace(privacy.WITHHELD, "").strip()) <= 4


def _without_numbers(match: Match, run: _Sorting) -> None:
    """Take mobile and identity numbers out of the texts of a column."""
    if not privacy.may_hold_numbers(run.columns[match.header]):
        return
    kinds: dict[str, int] = {}
    values = list(run.columns[match.header])
    for index, value in enumerate(values):
        values[index], found = privacy.cleaned(value)
        for kind in found:
            kinds[kind] = kinds.get(kind, 0) + 1
    run.columns[match.header] = values
    for kind, count in kinds.items():
        run.tell("text_private", match.header, count=count, **privacy.SECRETS[kind].words)


def _drop(match: Match, kind: str, run: _Sorting, *, told: bool = True) -> None:
    """Do not store a column after all."""
    del run.found[match.field]
    run.fate[match.header] = "private"
    run.hidden.add(match.header)
    if told:
        _conceal(match.header, kind, run)


def _as_percent(match: Match, run: _Sorting) -> None:
    """Turn planning figures that are known to be shares into percentages: they are texts, which no factor reaches."""
    if run.layer.name == "parcels" and match.field in BOUNDS and match.unit == "ratio":
        run.columns[match.header] = [_percent(value) for value in run.columns[match.header]]


def _percent(value: Any) -> Any:
    return round(value * 100, 10) if isinstance(value, int | float) else value


def _filled(values: Sequence[Any]) -> int:
    return sum(value is not None and bool(str(value).strip()) for value in values)


def _proposed(header: str, run: _Sorting) -> ColumnProposal:
    """Return the row of the proposal table for one column."""
    fate, values = run.fate[header], run.columns[header]
    match = next((one for one in run.found.values() if one.header == header), None)
    if match is not None:
        return proposal(match, values, run.layer, fate)
    if header in run.lost:
        return proposal(run.lost[header], values, run.layer, fate)
    if fate in ("private", "left"):
        return ColumnProposal(header, None, 1.0, "profile" if fate == "left" else None, fate)
    likely = guesses(header, values, run.layer, run.found)
    return ColumnProposal(header, None, 0.0, None, fate, sample=sample_of(values), guesses=likely)
