"""The OpenAPI document: every parameter from its declaration, every schema inline, for the audience that is served.

Routes read their query strings themselves (strictly, all faults at once), so FastAPI does not know the parameters; each
route leaves a note of what it takes and answers, and `document` writes it out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from landmap.api import schemas
from landmap.api.params import LIMIT_MAX
from landmap.api.schema_words import Schema
from landmap.domain import LANGS, PolicyClass
from landmap.query import SPOKEN, Declaration, declarations

NOTE: Final = "x-landmap"
JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"

_PARAMS: Final[Mapping[str, Schema]] = {
    "limit": {
        "schema": {"type": "integer", "minimum": 1},
        "description": f"Records per page; more than {LIMIT_MAX} is served as {LIMIT_MAX}.",
    },
    "after": {
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,2000}$"},
        "description": "Cursor of a `next` link.",
    },
    "sort": {
        "schema": {"type": "string", "minLength": 1},
        "description": "One to five fields joined by commas, `-` before one for descending; unknown values come last.",
    },
    "sortby": {
        "schema": {"type": "string", "minLength": 1},
        "description": "The same as `sort`; give one of the two.",
    },
    "lang": {"schema": {"type": "string", "enum": list(LANGS)}, "description": "Language of labels."},
    "text": {
        "required": True,
        "schema": {"type": "string"},
        "description": "What was typed, Chinese or English: at most 500 characters of a phrase, 100 of a name.",
    },
    "layer": {
        "schema": {"type": "string", "enum": list(SPOKEN)},
        "description": "Whose places and criteria are offered, and whose records come first.",
    },
    "v": {
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9]{1,64}$"},
        "description": "Key of the answer's content, as search answers tell it; makes the answer cacheable for good.",
    },
}
_FAULTS: Final[Mapping[int, str]] = {
    400: "A parameter is wrong; `errors` names each with what was found and what to do",
    403: "This is not allowed",
    404: "There is nothing here",
    410: "The record was withdrawn; `detail` says when and why",
    409: "Somebody else is writing",
    413: "The request is too large",
    503: "Out of reach for now",
}
#: What may become of a record's own address, which lasts: the record may be withdrawn, or have a new number (301).
LASTING: Final = (400, 404, 410, 503)


@dataclass(frozen=True)
class Note:
    """What one route takes and answers.

    Parameters
    ----------
    layer : str, optional
        The collection it speaks of.
    criteria : bool
        Whether it takes the collection's criteria.
    params, path : tuple of str
        Further query parameters, and those in the path.
    formats : tuple of str
        Values of ``f``; none means that there is no such parameter.
    answer : str, optional
        Key of the answer's schema in `schemas.ANSWERS`.
    media_types : tuple of str
        The first is the one `answer` describes.
    body : Schema, optional
        Schema of the JSON body.
    faults : tuple of int
        Statuses it may answer with beside success.
    empty : str
        What it means when it answers 204; empty for a route that never does.
    """

    layer: str | None = None
    criteria: bool = False
    params: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    answer: str | None = None
    media_types: tuple[str, ...] = (JSON,)
    body: Schema | None = None
    faults: tuple[int, ...] = (400, 503)
    empty: str = ""


def route(note: Note) -> dict[str, Any]:
    """Return the settings of a route that leaves `note`."""
    return {"openapi_extra": {NOTE: asdict(note)}, "response_model": None}


class Described(Protocol):
    """A route that FastAPI does not know of and that describes itself."""

    @property
    def path_format(self) -> str:
        """Its path, with the names of its parameters in braces."""
        ...

    def operation(self) -> dict[str, Any]:
        """Return its description, with its note."""
        ...


def document(app: FastAPI, asking: PolicyClass, plain: Iterable[Described] = ()) -> dict[str, Any]:
    """Return the OpenAPI document of `app` as `asking` may know it; `plain` are the routes FastAPI does not know of."""
    made = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        servers=[{"url": "/"}],
    )
    for route in plain:
        made["paths"][route.path_format] = {"get": route.operation()}
    for operations in made["paths"].values():
        for operation in operations.values():
            _fill(operation, Note(**operation.pop(NOTE)), asking)
    made.pop("components", None)
    return made


def parameters_of(note: Note, asking: PolicyClass) -> list[dict[str, Any]]:
    """Return every parameter that a route takes from `asking`."""
    found = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in note.path]
    if note.layer is not None and note.criteria:
        found += [parameter for one in declarations(note.layer, asking) for parameter in _criterion(one)]
    found += [{"name": name, "in": "query", **_PARAMS[name]} for name in note.params]
    if note.formats:
        schema = {"type": "string", "enum": list(note.formats)}
        found.append({"name": "f", "in": "query", "schema": schema, "description": "Format; wins over `Accept`."})
    return found


def _criterion(declared: Declaration) -> Iterable[dict[str, Any]]:
    told = declared.help("en") or declared.label("en")
    for name, schema in declared.schemas().items():
        yield {"name": name, "in": "query", "description": told, "schema": schema}


def _fill(operation: dict[str, Any], note: Note, asking: PolicyClass) -> None:
    operation["parameters"] = parameters_of(note, asking)
    if note.body is not None:
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": note.body}}}
    status = next(code for code in operation["responses"] if code.startswith("2"))
    told: dict[str, Any] = {"description": "The answer"}
    if status != "204":
        described = {} if note.answer is None else schemas.answer(note.answer, note.layer, asking)
        first, *others = note.media_types
        told["content"] = {first: {"schema": described}, **{media: {"schema": {}} for media in others}}
    operation["responses"] = {
        status: told,
        **({"301": {"description": "The record has a new number; `Location` names it"}} if 410 in note.faults else {}),
        **({"204": {"description": note.empty}} if note.empty else {}),
        **({"304": {"description": "You hold this answer already"}} if status == "200" else {}),
        **{str(fault): _problem(_FAULTS[fault]) for fault in note.faults},
    }


def _problem(text: str) -> dict[str, Any]:
    return {"description": text, "content": {PROBLEM: {"schema": schemas.PROBLEM}}}
