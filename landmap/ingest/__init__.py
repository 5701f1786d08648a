"""Files in, findings out: what a steward brings becomes a staged layer and one report that tells everything.

``check`` is the door, and reads in a confined process; ``check_here`` does the same in this one. Formats live in
``readers``; whether a value is acceptable is decided in ``checks``.

Loaded at its first use: who only asks how well files are confined needs no reader.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from landmap.ingest import attached
    from landmap.ingest.attached import Attached, unpacked
    from landmap.ingest.cell_units import written_units
    from landmap.ingest.checking import Progress, StagedLayer
    from landmap.ingest.checking import check as check_here
    from landmap.ingest.checks import compared_with
    from landmap.ingest.confined import attach, check, check_joined, confinement, marked, require_confinement
    from landmap.ingest.datum import Boundary
    from landmap.ingest.door import formats
    from landmap.ingest.faults import RefusedError
    from landmap.ingest.known import number_keys
    from landmap.ingest.ledger.outcomes import Joined, LedgerRow, LedgerShape
    from landmap.ingest.markup import Mark, Markup, Shown
    from landmap.ingest.outlines import Outline
    from landmap.ingest.profiles import Profile, Rule, profile_of
    from landmap.ingest.proposals import ColumnProposal
    from landmap.ingest.readers.sheet_marks import Cover, Line
    from landmap.ingest.record import Edited, check_record
    from landmap.ingest.report import Finding, InputReport, Report, Template, refusal, templates
    from landmap.ingest.silence import BOUND_FIELDS, filled_in

__all__ = [
    "BOUND_FIELDS",
    "Attached",
    "Boundary",
    "ColumnProposal",
    "Cover",
    "Edited",
    "Finding",
    "InputReport",
    "Joined",
    "LedgerRow",
    "LedgerShape",
    "Line",
    "Mark",
    "Markup",
    "Outline",
    "Profile",
    "Progress",
    "RefusedError",
    "Report",
    "Rule",
    "Shown",
    "StagedLayer",
    "Template",
    "attach",
    "attached",
    "check",
    "check_here",
    "check_joined",
    "check_record",
    "compared_with",
    "confinement",
    "filled_in",
    "formats",
    "marked",
    "number_keys",
    "profile_of",
    "refusal",
    "require_confinement",
    "templates",
    "unpacked",
    "written_units",
]

#: The module that a name comes from. No module may be called like a name of another one: it would stand in its place.
_HOMES: Final = {
    "attached": ("Attached", "unpacked"),
    "cell_units": ("written_units",),
    "checking": ("Progress", "StagedLayer"),
    "checks": ("compared_with",),
    "confined": ("attach", "check", "check_joined", "confinement", "marked", "require_confinement"),
    "datum": ("Boundary",),
    "door": ("formats",),
    "faults": ("RefusedError",),
    "known": ("number_keys",),
    "ledger.outcomes": ("Joined", "LedgerRow", "LedgerShape"),
    "markup": ("Mark", "Markup", "Shown"),
    "outlines": ("Outline",),
    "profiles": ("Profile", "Rule", "profile_of"),
    "proposals": ("ColumnProposal",),
    "readers.sheet_marks": ("Cover", "Line"),
    "record": ("Edited", "check_record"),
    "report": ("Finding", "InputReport", "Report", "Template", "refusal", "templates"),
    "silence": ("BOUND_FIELDS", "filled_in"),
}


def __getattr__(name: str) -> Any:
    if name == "check_here":
        return import_module("landmap.ingest.checking").check
    if name == "attached":
        return import_module("landmap.ingest.attached")
    home = next((module for module, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
