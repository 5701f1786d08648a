"""How much of the machine one check may take: little for small files, more for large ones, never all."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final, Self

MIB: Final = 1024**2
#: What every check may take, and what each byte of input adds: records in memory take up to twenty times their file,
#: and an archive a quarter of what it holds.
_MEMORY, _MEMORY_PER_BYTE = 1024 * MIB, 80
_WALL_S, _WALL_S_PER_MIB = 60.0, 8.0
_WRITTEN, _WRITTEN_PER_BYTE = 1100 * MIB, 8
#: A hostile file may not starve the server beside it.
_SHARE_OF_MEMORY: Final = 0.75


@dataclass(frozen=True)
class Limits:
    """What one check may take.

    `memory` is counted beyond that of the idle process, bytes; `cpu_s` and `cpu_s_per_mib` hold for each input by its
    own size, `wall_s` for all together, seconds; `written` is the largest file written, bytes; `handles` files open.
    """

    memory: int
    wall_s: float
    written: int
    cpu_s: float = 12.0
    cpu_s_per_mib: float = 4.0
    handles: int = 256

    @classmethod
    def of(cls, size: int) -> Self:
        """Return the limits for inputs of `size` bytes together.

        Examples
        --------
        >>> small = Limits.of(10_000)
        >>> small.memory // MIB, small.cpu_for(10_000)
        (1024, 12)
        """
        return cls(
            memory=max(_MEMORY, min(size * _MEMORY_PER_BYTE, int(_physical() * _SHARE_OF_MEMORY))),
            wall_s=_WALL_S + _WALL_S_PER_MIB * size / MIB,
            written=_WRITTEN + _WRITTEN_PER_BYTE * size,
        )

    def cpu_for(self, size: int) -> int:
        """Return how long the processor may work on one input of `size` bytes, seconds."""
        return round(self.cpu_s + self.cpu_s_per_mib * size / MIB)


def _physical() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
