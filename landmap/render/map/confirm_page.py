"""The page behind a confirmation link: what is published of one record, and what holds now; and what follows on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from landmap.domain import District, Words
from landmap.render.inputs import Input
from landmap.render.map.page import Page
from landmap.render.map.pages import common


@dataclass(frozen=True)
class ConfirmView:
    """What the owner of one record has before them; every text is shown as text.

    `facts` are labels and texts of what is published, `inputs` the same fields to be filled in. `problems` tells by
    field what was wrong with what was filled in, `general` what was wrong beside them, `notice` what is to be said
    before everything else; `changing` opens the fields.
    """

    title: str
    number: str
    as_of: str
    expires_on: dt.date
    version: str
    facts: Sequence[tuple[str, str]]
    inputs: Sequence[Input]
    note: str = ""
    notice: str = ""
    problems: Mapping[str, Sequence[str]] = field(default_factory=dict)
    general: Sequence[str] = ()
    changing: bool = False


def confirm_page(view: ConfirmView, *, words: Words, district: District) -> str:
    """Return the page of an open link, readable and answered without script."""
    return _page("confirm.html", words("confirm.title"), words, district, view=view)


def confirmed_page(*, words: Words, district: District) -> str:
    """Return the page after an answer: the same for every answer and every link."""
    return _over(words("confirm.done.title"), words("confirm.done.advice"), words, district)


def no_confirm_page(*, words: Words, district: District) -> str:
    """Return the one page of every confirmation link that is not open: it does not tell whether there ever was one."""
    return _over(words("confirm.gone.title"), words("confirm.gone.advice"), words, district)


def _over(headline: str, advice: str, words: Words, district: District) -> str:
    return _page("confirm_over.html", headline, words, district, headline=headline, advice=advice)


def _page(template: str, title: str, words: Words, district: District, **more: object) -> str:
    context = {**common(words, district, "public"), **more}
    return Page(title=title, lang=words.lang, assets="linked", template=template, context=context).render()
