"""Archives that climb out of their folder, link elsewhere, lie about their size, or never end."""

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tests.hostile.bait import Bait
from tests.making_files import square

Maker = Callable[[Path, Bait], Path]

GOOD: Final = f'parcel_no,wkt\n1,"{square().wkt}"\n'.encode()


def named(*names: str) -> Maker:
    """An archive whose members are called like this."""

    def make(folder: Path, bait: Bait) -> Path:
        with zipfile.ZipFile(folder / "a.zip", "w") as archive:
            for name in names:
                member = zipfile.ZipInfo()
                member.filename = bait.fill(name)
                archive.writestr(member, GOOD)
        return folder / "a.zip"

    return make


def moded(mode: int, target: str) -> Maker:
    """An archive with a member of another kind than a file."""

    def make(folder: Path, bait: Bait) -> Path:
        with zipfile.ZipFile(folder / "a.zip", "w") as archive:
            member = zipfile.ZipInfo("a.csv")
            member.external_attr = mode << 16
            archive.writestr(member, bait.fill(target))
            archive.writestr("a.csv/b.csv", GOOD)
        return folder / "a.zip"

    return make


def holding(name: str, content: Callable[[Bait], bytes], method: int = zipfile.ZIP_DEFLATED) -> Maker:
    """An archive of one member."""

    def make(folder: Path, bait: Bait) -> Path:
        with zipfile.ZipFile(folder / "a.zip", "w", method) as archive:
            archive.writestr(name, content(bait))
        return folder / "a.zip"

    return make


def patched(*changes: tuple[bytes, int, bytes]) -> Maker:
    """A sound archive with bytes changed at an offset from a signature."""

    def make(folder: Path, bait: Bait) -> Path:
        data = bytearray(holding("a.csv", lambda _: GOOD)(folder, bait).read_bytes())
        for signature, offset, value in changes:
            at = data.index(signature) + offset
            data[at : at + len(value)] = value
        path = folder / "a.zip"
        path.write_bytes(data)
        return path

    return make


def lying(folder: Path, bait: Bait) -> Path:
    """One member that says it has ten bytes and unpacks to two gigabytes."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = bytes(1 << 24)
    packed = b"".join(deflater.compress(block) for _ in range(128)) + deflater.flush()
    return _raw(folder / "a.zip", {"a.csv": (packed, 10)})


def overlapping(folder: Path, bait: Bait) -> Path:
    """Two hundred members that all unpack the same bytes: small in the file, large together."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = deflater.compress(bytes(9_000_000)) + deflater.flush()
    head = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 0, 0, len(packed), 9_000_000, 5, 0) + b"a.csv"
    entries = b"".join(
        struct.pack(
            "<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, 0, 8, 0, 0, 0, len(packed), 9_000_000, 7, 0, 0, 0, 0, 0, 0
        )
        + f"{number:03}.csv".encode()
        for number in range(200)
    )
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 200, 200, len(entries), len(head) + len(packed), 0)
    path = folder / "a.zip"
    path.write_bytes(head + packed + entries + end)
    return path


def _raw(path: Path, members: Mapping[str, tuple[bytes, int]]) -> Path:
    """Write an archive whose list says what it is told, whatever the members hold."""
    body, listed = b"", b""
    for name, (packed, size) in members.items():
        offset, raw = len(body), name.encode()
        body += (
            struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 0, 0, len(packed), size, len(raw), 0) + raw + packed
        )
        listed += struct.pack(
            "<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, 0, 8, 0, 0, 0, len(packed), size, len(raw), 0, 0, 0, 0, 0, offset
        )
        listed += raw
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, len(members), len(members), len(listed), len(body), 0)
    path.write_bytes(body + listed + end)
    return path


def _zip(members: Mapping[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return sink.getvalue()


def tarball(folder: Path, bait: Bait) -> Path:
    """A tar archive with a link out of it, packed."""
    with tarfile.open(folder / "a.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo("a.csv")
        member.type, member.linkname = tarfile.SYMTYPE, str(bait.canary)
        archive.addfile(member)
    return folder / "a.tar.gz"


def truncated(folder: Path, bait: Bait) -> Path:
    """An archive without its list."""
    path = holding("a.csv", lambda _: GOOD * 50)(folder, bait)
    path.write_bytes(path.read_bytes()[:-60])
    return path


_LOCAL, _CENTRAL, _END = b"PK\3\4", b"PK\1\2", b"PK\5\6"

#: What is made, and the finding that tells it.
ARCHIVES: Final[Mapping[str, tuple[Maker, str]]] = {
    "a member above its folder": (named("../a.csv"), "archive_path"),
    "a member that goes down and up": (named("a/b/../../../c.csv"), "archive_path"),
    "a member above its folder, by backslash": (named("..\\a.csv"), "archive_path"),
    "an absolute member": (named("/etc/cron.d/a.csv"), "archive_path"),
    "the canary's own path": (named("CANARY"), "archive_path"),
    "a drive letter": (named("C:\\Windows\\a.csv"), "archive_path"),
    "a network share": (named("\\\\127.0.0.1\\share\\a.csv"), "archive_path"),
    "a name with a zero byte": (patched((_LOCAL, 31, b"\0"), (_CENTRAL, 47, b"\0")), ""),
    "a symbolic link": (moded(0o120777, "CANARY"), "archive_link"),
    "a symbolic link to a folder": (moded(0o120777, "/etc"), "archive_link"),
    "a device": (moded(0o020666, ""), "archive_link"),
    "a pipe": (moded(0o010666, ""), "archive_link"),
    "a password": (patched((_LOCAL, 6, b"\1\0"), (_CENTRAL, 8, b"\1\0")), "archive_encrypted"),
    "an archive in the archive": (holding("b.zip", lambda _: _zip({"a.csv": GOOD})), "archive_nested"),
    "an archive under another name": (holding("b.csv", lambda _: _zip({"c.csv": GOOD})), "archive_nested"),
    "a packed tar in the archive": (holding("b.tar.gz", lambda _: b"\x1f\x8b" + bytes(99)), "archive_nested"),
    "two hundred and one files": (named(*(f"{number}.csv" for number in range(201))), "archive_too_many"),
    "a member that unpacks a thousandfold": (holding("a.csv", lambda _: bytes(60_000_000)), "archive_ratio"),
    "a member that lies about its size": (lying, "archive_damaged"),
    "members that share their bytes": (overlapping, "archive_too_large"),
    "two members of one name": (named("a.csv", "a.csv"), "archive_name_twice"),
    "two members of one name, by letter case": (named("a.csv", "A.CSV"), "archive_name_twice"),
    "an unknown way of packing": (patched((_LOCAL, 8, b"\x63\0"), (_CENTRAL, 10, b"\x63\0")), "archive_damaged"),
    "a wrong checksum": (patched((_LOCAL, 14, b"\0\0\0\0"), (_CENTRAL, 16, b"\0\0\0\0")), "archive_damaged"),
    "a list that is cut off": (truncated, "archive_damaged"),
    "a list that points nowhere": (patched((_END, 16, b"\xff\xff\xff\x7f")), "archive_damaged"),
    "nothing": (named(), "folder_empty"),
    "folders alone": (named("a/", "b/"), "folder_empty"),
    "a packed tar": (tarball, "format_unsupported"),
    "a name of ten thousand letters": (named("a" * 10_000 + ".csv"), "crs_found"),
    "a name with an escape sequence": (named("\x1b[31m\n甲\u202egpj.csv"), "crs_found"),
    "a name like a remote file system": (named("vsicurl/http:/127.0.0.1:PORT/a.csv"), "crs_found"),
    "a name like a command": (named("$(touch owned); rm -rf *.csv"), "crs_found"),
}
