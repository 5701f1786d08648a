"""What a form refuses, in words of the dictionary: the steward reads what is wrong and what to do."""

from __future__ import annotations

from landmap.domain import Words
from landmap.domain.errors import ForbiddenError, InvalidValueError, LandmapError


class FormError(InvalidValueError):
    """A form that cannot be taken as it is.

    Parameters
    ----------
    key : str
        Of the words that say why.
    values
        What is filled in there; ``field`` is the name of a field, told by its label ``admin.form.NAME``.
    """

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


class ForgedError(ForbiddenError):
    """A form that did not come from our own page; `key` as in `FormError`."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key
        self.values: dict[str, object] = {}


def reason(error: LandmapError, words: Words) -> tuple[str, str]:
    """Return what a page says of `error` in the reader's words, and what the error itself says beside that.

    The first is empty where there are no words, the second where nothing is to be added.
    """
    if not isinstance(error, FormError | ForgedError):
        return words.get(f"admin.problem.{error.code}"), str(error)
    values = dict(error.values)
    if "field" in values:
        values["field"] = words.get(f"admin.form.{values['field']}", str(values["field"]))
    return words(error.key, **values), ""
