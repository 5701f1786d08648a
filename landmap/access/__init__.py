"""Who may see and do what, beside the map itself: links, jobs, the queue of edits, confirmations, attachments.

Loaded at its first use: a server is ready before anybody has opened a link.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from landmap.access import edits
    from landmap.access.amendment import Amendment, Conflict, Stage
    from landmap.access.amendments import DEBOUNCE, Amendments
    from landmap.access.attachments import Attachment, Attachments
    from landmap.access.confirmations import CONFIRMATION_DAYS, Confirmation, Confirmations
    from landmap.access.database import Database
    from landmap.access.editing import Answer, Difference, View, approve_edit, propose_edit, view
    from landmap.access.edits import Change, Standing
    from landmap.access.forms import Form, FormAnswer, make_form, read_form, take_form
    from landmap.access.jobs import LEASE, Job, Jobs, Lease, State
    from landmap.access.matching import Matches, match_files, names_of
    from landmap.access.overdue import Due, Offer, due_record, due_records, offered
    from landmap.access.shares import Share, Shares, scope_of
    from landmap.access.soundness import database_faults, mend_database

__all__ = [
    "CONFIRMATION_DAYS",
    "DEBOUNCE",
    "LEASE",
    "Amendment",
    "Amendments",
    "Answer",
    "Attachment",
    "Attachments",
    "Change",
    "Confirmation",
    "Confirmations",
    "Conflict",
    "Database",
    "Difference",
    "Due",
    "Form",
    "FormAnswer",
    "Job",
    "Jobs",
    "Lease",
    "Matches",
    "Offer",
    "Share",
    "Shares",
    "Stage",
    "Standing",
    "State",
    "View",
    "approve_edit",
    "database_faults",
    "due_record",
    "due_records",
    "edits",
    "make_form",
    "match_files",
    "mend_database",
    "names_of",
    "offered",
    "propose_edit",
    "read_form",
    "scope_of",
    "take_form",
    "view",
]

_HOMES: Final = {
    "amendment": ("Amendment", "Conflict", "Stage"),
    "amendments": ("DEBOUNCE", "Amendments"),
    "attachments": ("Attachment", "Attachments"),
    "confirmations": ("CONFIRMATION_DAYS", "Confirmation", "Confirmations"),
    "database": ("Database",),
    "editing": ("Answer", "Difference", "View", "approve_edit", "propose_edit", "view"),
    "edits": ("Change", "Standing"),
    "forms": ("Form", "FormAnswer", "make_form", "read_form", "take_form"),
    "jobs": ("LEASE", "Job", "Jobs", "Lease", "State"),
    "matching": ("Matches", "match_files", "names_of"),
    "overdue": ("Due", "Offer", "due_record", "due_records", "offered"),
    "shares": ("Share", "Shares", "scope_of"),
    "soundness": ("database_faults", "mend_database"),
}


def __getattr__(name: str) -> Any:
    home = next((module for module, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
