"""What a hostile file reaches for: a file with a secret beside the staging folder, and somebody who listens."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

SECRET: Final = "CANARY-7f3a91"


@dataclass
class Bait:
    """A file with a secret, an address of this machine, and who came to that address."""

    canary: Path
    port: int
    callers: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Return an address that nobody may fetch."""
        return f"http://127.0.0.1:{self.port}/secret"

    def fill(self, text: str) -> str:
        """Return `text` with the canary's path and the address filled in."""
        return text.replace("CANARY", str(self.canary)).replace("URL", self.url).replace("PORT", str(self.port))


@contextmanager
def laid_out(folder: Path) -> Iterator[Bait]:
    """Put out the bait and listen, over TCP and UDP, until the block ends."""
    canary = folder / "canary.csv"
    canary.write_text(f"parcel_no,parcel_name\n{SECRET},{SECRET}\n")
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        bait = Bait(canary, tcp.getsockname()[1])
        udp.bind(("127.0.0.1", bait.port))
        listeners = [threading.Thread(target=_take, args=(tcp, bait)), threading.Thread(target=_hear, args=(udp, bait))]
        for one in listeners:
            one.start()
        try:
            yield bait
        finally:
            with socket.create_connection(("127.0.0.1", bait.port)) as last:
                last.sendall(b"end")
            udp.sendto(b"end", ("127.0.0.1", bait.port))
            for one in listeners:
                one.join()


def _take(listener: socket.socket, bait: Bait) -> None:
    while True:
        caller, _ = listener.accept()
        with caller:
            caller.settimeout(2)
            said = caller.recv(4096)
        if said == b"end":
            return
        bait.callers.append(f"tcp {said!r}")


def _hear(listener: socket.socket, bait: Bait) -> None:
    while (said := listener.recv(4096)) != b"end":
        bait.callers.append(f"udp {said!r}")
