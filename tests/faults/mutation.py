"""Sound files damaged at random, from a seed: bytes, numbers and pieces changed, also inside an archive's members."""

import io
import random
import re
import zipfile
from pathlib import Path
from typing import Final

#: What sits at the edge of some parser's idea of a number or a length.
_EDGES: Final = (
    *(b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x80\0\0\0", bytes(4), bytes(8)),
    *(b"\0\0\0\0\0\0\xf8\x7f", b"\0\0\0\0\0\0\xf0\x7f", b"\xff\xff\xff\xff\xff\xff\xef\x7f", b"\1\0\0\0\0\0\0\0"),
)
_WORDS: Final = (
    *(b"NaN", b"-1", b"1e999", b"-1e308", b"5e-324", b"999999999999999999999", b"null", b"[[[[", b"]}", b"<![CDATA["),
    *(b"&#0;", b'"', b"\\ud800", b"\xef\xbb\xbf", b"\r\n\r\n", b"\0", b"POLYGON((", b"EMPTY", b"\xe5\x9c", b"@", b","),
)
_NUMBER: Final = re.compile(rb"[-+]?[0-9]+(?:\.[0-9]+)?")


def damage(data: bytes, rng: random.Random) -> bytes:
    """Return `data` with one to many small changes; an archive is as often changed inside a member as outside."""
    if data.startswith(b"PK\3\4") and rng.random() < 0.7:
        inside = _repacked(data, rng)
        if inside is not None:
            return inside
    mutant = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4, 8, 32))):
        _change(mutant, rng)
    if rng.random() < 0.1:
        del mutant[rng.randrange(len(mutant) + 1) :]
    return bytes(mutant)


def damage_files(files: dict[Path, bytes], rng: random.Random) -> dict[Path, bytes]:
    """Return the parts of one file, at least one of them damaged."""
    chosen = set(rng.sample(sorted(files), k=rng.randint(1, min(3, len(files)))))
    return {path: damage(data, rng) if path in chosen else data for path, data in files.items()}


def _change(mutant: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(mutant) + 1)
    match rng.randrange(8):
        case 0:
            mutant[at : at + 1] = bytes([rng.randrange(256)])
        case 1 if at < len(mutant):
            mutant[at] ^= 1 << rng.randrange(8)
        case 2:
            del mutant[at : at + rng.choice((1, 2, 16, 300))]
        case 3:
            mutant[at:at] = mutant[at : at + rng.choice((1, 16, 64, 1000))] * rng.choice((1, 1, 50))
        case 4:
            edge = rng.choice(_EDGES)
            mutant[at : at + len(edge)] = edge
        case 5:
            word = rng.choice(_WORDS)
            mutant[at : at + rng.choice((0, len(word)))] = word
        case 6:
            other = rng.randrange(len(mutant) + 1)
            size = rng.choice((4, 32, 256))
            mutant[at : at + size] = mutant[other : other + size]
        case _:
            numbers = list(_NUMBER.finditer(bytes(mutant[at : at + 400])))
            if numbers:
                start, end = rng.choice(numbers).span()
                mutant[at + start : at + end] = rng.choice(_WORDS[:6])


def _repacked(data: bytes, rng: random.Random) -> bytes | None:
    """Return an archive with one member damaged and packed anew; None when it cannot be opened."""
    sink = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as target:
            names = source.namelist()
            chosen = rng.choice(names)
            for name in names:
                content = source.read(name)
                target.writestr(name, damage(content, rng) if name == chosen else content)
    except (zipfile.BadZipFile, IndexError):
        return None
    return sink.getvalue()
