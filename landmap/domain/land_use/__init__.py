"""Land use: the 2023 classes and their hierarchy, older schemes, mixed uses, presets and map colours.

A code's digits never tell its scheme: 0601 is a rural road in 2023 and industry in GB/T 21010. The scheme travels with
the data, and `detect_scheme` says when it cannot be known.
"""

from landmap.domain.land_use.classes import (
    LandUseClass,
    classes,
    code_of_name,
    expand,
    family,
    land_use_class,
    matches,
    named_uses,
)
from landmap.domain.land_use.mixed import UseShare, mixed_shares, split_mixed
from landmap.domain.land_use.new_industry import new_industry_tag, new_industry_tags
from landmap.domain.land_use.palette import DisplayClass, colour, display_class, display_classes
from landmap.domain.land_use.presets import Preset, PresetLike, preset_named, presets
from landmap.domain.land_use.schemes import (
    Collision,
    Counterpart,
    Detection,
    LandUseScheme,
    collisions,
    counterparts,
    detect_scheme,
    scheme_named,
    to_2023,
)

#: The built-in presets by key.
PRESETS = presets()

__all__ = [
    "PRESETS",
    "Collision",
    "Counterpart",
    "Detection",
    "DisplayClass",
    "LandUseClass",
    "LandUseScheme",
    "Preset",
    "PresetLike",
    "UseShare",
    "classes",
    "code_of_name",
    "collisions",
    "colour",
    "counterparts",
    "detect_scheme",
    "display_class",
    "display_classes",
    "expand",
    "family",
    "land_use_class",
    "matches",
    "mixed_shares",
    "named_uses",
    "new_industry_tag",
    "new_industry_tags",
    "preset_named",
    "presets",
    "scheme_named",
    "split_mixed",
    "to_2023",
]
