"""Options by which a steward says what a delivery is, and what becomes of ids that go."""

from __future__ import annotations

from typing import Annotated

import typer

from landmap import store
from landmap.domain.errors import InvalidValueError
from landmap.store import MODES, Decisions

Mode = Annotated[
    str, typer.Option("--mode", help="; ".join(f"{mode}: {meaning}" for mode, meaning in MODES.items()) + ".")
]
Renumber = Annotated[
    list[str] | None,
    typer.Option("--renumber", metavar="OLD=NEW", help="The record has a new id, and its old address leads there."),
]
Withdraw = Annotated[
    list[str] | None,
    typer.Option("--withdraw", metavar="ID=REASON", help="The record is gone, and why; its old address says so."),
]
AcceptRenumbered = Annotated[
    bool, typer.Option("--accept-renumbered", help="Take every proposed new id: the same land under another number.")
]


def mode_option(text: str) -> store.Mode:
    """Return the mode of delivery called `text`."""
    for mode in MODES:
        if text == mode:
            return mode
    raise InvalidValueError.of("--mode", text, "is no mode", f"one of {', '.join(MODES)}", where="cli")


def decisions(renumber: list[str] | None, withdraw: list[str] | None, accept_renumbered: bool) -> Decisions:
    """Return what is decided about ids; a usage error for a word without ``=``, or an id named twice."""
    return Decisions(_by_id("--renumber", renumber), _by_id("--withdraw", withdraw), accept_renumbered)


def _by_id(option: str, words: list[str] | None) -> dict[str, str]:
    told: dict[str, str] = {}
    for word in words or []:
        id, _, value = word.partition("=")
        if not id or not value.strip() or id in told:
            hint = "ID=… once for each record"
            raise InvalidValueError.of(option, word, "names no id of its own, or nothing after =", hint, where="cli")
        told[id] = value.strip()
    return told
