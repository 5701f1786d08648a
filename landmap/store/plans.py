"""What a publish would make of every layer it touches, and what becomes of the ids that go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from landmap.domain import District, layer_named
from landmap.domain.errors import InvalidValueError
from landmap.store.fates import Fate, fates_of
from landmap.store.home import Home
from landmap.store.modes import Delivery, named
from landmap.store.plan import Decisions, LayerPlan, fates_in, permanent, plan_layer
from landmap.store.returns import check_returns
from landmap.store.snapshot import Snapshot


def planned(
    home: Home,
    base: Snapshot | None,
    deliveries: Mapping[str, Delivery],
    decisions: Decisions | None,
    district: District,
) -> dict[str, LayerPlan]:
    """Return what deliveries and decisions make of each layer they touch; as `publish` for what is refused."""
    wanted = decisions or Decisions()
    plans: dict[str, LayerPlan] = {}
    open_ = set(wanted.names())
    for name in sorted({*deliveries, *(base.layers if base is not None and open_ else ())}):
        layer, delivery = layer_named(name), deliveries.get(name)
        before = base.given(name) if base is not None and name in base.layers else None
        ids = set() if before is None or not permanent(layer) else set(before[layer.id_field])
        about = wanted.about(ids)
        if delivery is None and not about.names():
            continue
        open_ -= about.names()
        plans[name] = plan_layer(layer, before, delivery, about)
        if permanent(layer) and base is not None:
            check_returns(home, plans[name], fates_of(base.manifest, name), district)
    open_ -= {id for _, id in _explained(base, wanted)}
    if open_:
        raise InvalidValueError(
            f"no record of the current version is called {named(sorted(open_))}",
            hint="ids as `landmap diff` shows them",
        )
    return plans


def fates_after(
    base: Snapshot | None, plans: Mapping[str, LayerPlan], decisions: Decisions | None, district: District
) -> dict[str, Mapping[str, Fate]]:
    """Return what became of ids, by layer, when plans are carried out today."""
    if base is None:
        return {}
    fates: dict[str, Mapping[str, Fate]] = {
        name: fates_of(base.manifest, name) for name in {*base.manifest["aliases"], *base.manifest["withdrawn"]}
    }
    today = district.today().isoformat()
    for name, plan in plans.items():
        if permanent(plan.layer):
            published = base.layer(name) if name in base.layers and any(plan.gone()) else None
            fates[name] = fates_in(plan, fates.get(name, {}), published, base.id, today)
    wanted = decisions or Decisions()
    for name, id in _explained(base, wanted):
        if id in fates[name]:
            told = replace(fates[name][id], reason=wanted.withdraw[id])
            fates[name] = {**fates[name], id: told}
    return fates


def _explained(base: Snapshot | None, decisions: Decisions) -> list[tuple[str, str]]:
    """Return layer and id of what went earlier and is given a reason now."""
    if base is None:
        return []
    return [(name, id) for name, held in base.manifest["withdrawn"].items() for id in decisions.withdraw if id in held]
