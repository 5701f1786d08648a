"""How stored things are written, whatever holds them: the one coordinate system and the one JSON text."""

from __future__ import annotations

import json
from typing import Any, Final

#: CGCS2000, longitude and latitude; shapes are kept with the longitude first.
STORE_EPSG: Final = 4490


def compact_json(value: Any) -> str:
    """Return `value` as the canonical JSON text: no spaces, keys sorted, Chinese kept, no NaN."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
