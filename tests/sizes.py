"""How many cases a test tries: few on every run, many for `make deep`."""

import os
from typing import Final, TypeVar

Size = TypeVar("Size")

#: The one setting of `make deep`.
DEEP: Final = os.environ.get("LANDMAP_DEEP", "") not in {"", "0"}


def sized(quick: Size, deep: Size) -> Size:
    """Return `quick`, or `deep` when `LANDMAP_DEEP` is set."""
    return deep if DEEP else quick
