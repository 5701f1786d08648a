"""Small files that grow, and shapes and values that libraries choke on."""

from collections.abc import Mapping
from typing import Final

from tests.hostile import drawing_bombs, table_bombs, text_bombs
from tests.hostile.archives import Maker

BOMBS: Final[Mapping[str, tuple[Maker, str]]] = {**text_bombs.BOMBS, **table_bombs.BOMBS, **drawing_bombs.BOMBS}
