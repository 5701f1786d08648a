"""What stands in a drawing: outlines and texts by layer, through blocks in blocks; everything else is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from landmap.ingest.faults import RefusedError
from landmap.ingest.readers import dxf_curves
from landmap.ingest.readers.dxf_outlines import Outline, outlines_of

if TYPE_CHECKING:
    from ezdxf.document import Drawing
    from ezdxf.entities.dxfgfx import DXFGraphic
    from ezdxf.entities.insert import Insert
    from ezdxf.math import Matrix44

#: Blocks repeat blocks: a few lines can stand for billions of entities.
ENTITIES_MAX: Final = 1_000_000
_DEPTH_MAX: Final = 32
_LINES: Final = frozenset({"LWPOLYLINE", "POLYLINE"})
_FILLS: Final = frozenset({"HATCH", "MPOLYGON"})
_TEXTS: Final = frozenset({"TEXT", "MTEXT", "ATTRIB"})
#: Windows onto the drawing and the form of attributes to come: nothing stands in them.
_NOTHING: Final = frozenset({"VIEWPORT", "ATTDEF"})


@dataclass(frozen=True)
class Shape:
    """One outline, or the boundary paths of one fill, as one entity of the drawing."""

    outlines: tuple[Outline, ...]
    layer: str
    handle: str
    kind: str

    @property
    def chords(self) -> bool:
        """Whether it is a curve that was made into chords as it was read."""
        return self.kind in dxf_curves.KINDS - {"CIRCLE"}

    @property
    def fill(self) -> bool:
        """Whether it is a fill, whose paths say themselves what is a hole."""
        return self.kind in _FILLS


@dataclass(frozen=True)
class Label:
    """A text and where it stands in the world; `tag` names the attribute of a block that it is."""

    text: str
    x: float
    y: float
    tag: str = ""


@dataclass
class Found:
    """What a walk gathered; `layers` counts the entities of each layer, `unread` the kinds that hold no area."""

    shapes: list[Shape] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    layers: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    extended: int = 0


def walk(drawing: Drawing) -> Found:
    """Return what stands in the model space of a drawing; what stands on paper is counted.

    Raises
    ------
    RefusedError
        When its blocks unfold to more than a million entities.
    """
    if _unfolded(drawing.modelspace(), drawing, {}) > ENTITIES_MAX:
        raise RefusedError("drawing_too_large", limit=ENTITIES_MAX)
    found = Found()
    _walk(drawing.modelspace(), found, None, "", ())
    for name in drawing.layouts.names():
        if name != "Model":
            count = sum(one.dxftype() not in _NOTHING for one in drawing.layouts.get(name))
            if count:
                found.unread[f"{name} (paper)"] += count
    return found


def _unfolded(entities: Iterable[DXFGraphic], drawing: Drawing, known: dict[str, int]) -> int:
    """Return how many entities stand in a space once its blocks are unfolded; a block inside itself counts as one."""
    count = 0
    for entity in entities:
        count += 1
        if entity.dxftype() == "INSERT":
            name = entity.dxf.name
            if name not in known:
                known[name] = 1
                known[name] = _unfolded(drawing.blocks.get(name) or (), drawing, known)
            count += entity.mcount * known[name]  # type: ignore[attr-defined]
    return count


def _walk(
    entities: Iterable[DXFGraphic], found: Found, matrix: Matrix44 | None, layer: str, inside: tuple[str, ...]
) -> None:
    """Walk a space; `layer` is that of the block it is, and `inside` names the blocks around it."""
    for entity in entities:
        kind = entity.dxftype()
        own = entity.dxf.get("layer", "0")
        own = layer if layer and own == "0" else own  # layer 0 in a block means the block's own
        found.layers[own] += 1
        found.extended += _tells(entity)
        if kind == "INSERT":
            _insert(entity, found, matrix, own, inside)  # type: ignore[arg-type]
        elif kind in _LINES or kind in _FILLS or kind in dxf_curves.KINDS:
            _shape(entity, kind, found, matrix, own)
        elif kind in _TEXTS:
            _label(entity, found, matrix)
        elif kind not in _NOTHING:
            found.unread[kind] += 1


def _tells(entity: DXFGraphic) -> bool:
    """Whether an entity carries data of an application beyond what CAD itself hangs on everything."""
    return entity.xdata is not None and any(not name.startswith("ACAD") for name in entity.xdata.data)


def _shape(entity: DXFGraphic, kind: str, found: Found, matrix: Matrix44 | None, layer: str) -> None:
    drawn = dxf_curves.curve_of(entity, matrix) if kind in dxf_curves.KINDS else outlines_of(entity, matrix)
    outlines = tuple(one for one in drawn if len(one.points) > 1)
    if not outlines:
        found.unread[f"{kind} (mesh, or fewer than two points)"] += 1
        return
    found.shapes.append(Shape(outlines, layer, entity.dxf.get("handle") or "", kind))


def _insert(insert: Insert, found: Found, matrix: Matrix44 | None, layer: str, inside: tuple[str, ...]) -> None:
    """Walk a block reference, each cell of a grid of them, and the attributes it carries."""
    for attribute in insert.attribs:
        _label(attribute, found, matrix, attribute.dxf.get("tag", ""))
    block = insert.block()
    if block is None or block.block is None or block.block.is_xref or block.block.is_xref_overlay:
        found.unread["INSERT (external, or without block)"] += 1
        return
    if block.name in inside or len(inside) >= _DEPTH_MAX:
        found.unread["INSERT (inside itself, or nested too deeply)"] += 1
        return
    for one in insert.multi_insert() if insert.mcount > 1 else (insert,):
        placed = one.matrix44()
        _walk(block, found, placed if matrix is None else placed * matrix, layer, (*inside, block.name))


def _label(entity: DXFGraphic, found: Found, matrix: Matrix44 | None, tag: str = "") -> None:
    text = entity.plain_text()  # type: ignore[attr-defined]
    if not text.strip():
        return
    if entity.dxftype() == "MTEXT":
        place = entity.dxf.insert
    else:
        _, first, second = entity.get_placement()  # type: ignore[attr-defined]
        place = first if second is None else first.lerp(second)
        place = entity.ocs().to_wcs(place)
    if matrix is not None:
        place = matrix.transform(place)
    found.labels.append(Label(text, float(place.x), float(place.y), tag))
