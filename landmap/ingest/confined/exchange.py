"""One job from here to the confined process and back, whatever it is about."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO

from landmap.domain.errors import UnavailableError
from landmap.ingest.confined import child, client, wire


def done(
    job: wire.Job, words: IO[bytes], records: IO[bytes], progress: Callable[[str, int, int], None] | None = None
) -> client.Ended:
    """Have a job done and return how it ended; the answer is in `words` and `records`, to be read from their start.

    A server that was ended from outside is started again, once.

    Raises
    ------
    UnavailableError
        When no process can be started, or it could not be confined as well as this machine can.
    """
    sent = job.to_bytes()
    try:
        ended = client.running().exchange(sent, words, records, job.limits.wall_s, progress)
    except UnavailableError:
        client.stop()
        for begun in (words, records):
            begun.seek(0)
            begun.truncate()
        ended = client.running().exchange(sent, words, records, job.limits.wall_s, progress)
    if ended.code == child.UNCONFINED:
        hint = "`landmap doctor` tells what this machine has"
        raise UnavailableError(f"the process that reads files could not be confined ({job.level})", hint=hint)
    words.seek(0)
    records.seek(0)
    return ended
