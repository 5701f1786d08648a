"""Which criteria belong to which layer, and what an audience class may use of them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from landmap.domain import District, Layer, PolicyClass, layer_named
from landmap.domain.errors import NotFoundError
from landmap.query.building_criteria import BuildingCriteria
from landmap.query.criteria import Criteria, asks
from landmap.query.declaration import Declaration
from landmap.query.parcel_criteria import ParcelCriteria
from landmap.query.place_criteria import ConstraintCriteria, DistrictCriteria, FacilityCriteria

_CLASSES: Final[Mapping[str, type[Criteria]]] = MappingProxyType(
    {
        made.layer_name: made
        for made in (ParcelCriteria, BuildingCriteria, ConstraintCriteria, FacilityCriteria, DistrictCriteria)
    }
)


def criteria_class(layer: str) -> type[Criteria]:
    """Return the criteria of a collection; NotFoundError for any other layer."""
    try:
        return _CLASSES[layer_named(layer).name]
    except KeyError:
        raise NotFoundError(f"layer {layer!r} is no collection", hint=f"collections: {', '.join(_CLASSES)}") from None


def declarations(
    layer: str, asking: PolicyClass = PolicyClass.INTERNAL, district: District | None = None
) -> tuple[Declaration, ...]:
    """Return the criteria of a collection in form order.

    Parameters
    ----------
    layer : str
        A collection; NotFoundError otherwise.
    asking : PolicyClass
        Only what this class may use is listed.
    district : District, optional
        Whose presets are offered.
    """
    declared = asks(criteria_class(layer)).items()
    return tuple(
        Declaration(name, ask, district)
        for name, ask in declared
        if all(exists(layer_named(layer), path, asking) for path in ask.needs)
    )


def exists(layer: Layer, path: str, asking: PolicyClass) -> bool:
    """Return whether a field, or a nested one written ``layer.field``, exists for a policy class."""
    nested, dot, name = path.rpartition(".")
    owner = layer_named(nested) if dot else layer
    return name in owner.fields_for(asking)
