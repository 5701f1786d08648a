"""Pictures and documents that belong to a record: made anew or checked, before anything of them is kept.

``made`` is a pure function from bytes to files, so that it can be run wherever files are opened.
"""

from landmap.ingest.attached.bundle import unpacked
from landmap.ingest.attached.made import MAX_BYTES, Attached, made, recognised
from landmap.ingest.attached.pictures import printed

__all__ = ["MAX_BYTES", "Attached", "made", "printed", "recognised", "unpacked"]
