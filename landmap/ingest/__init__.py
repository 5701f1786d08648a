"""Files in, findings out: what a steward brings becomes a staged layer and one report that tells everything.

``check`` is the door. Formats live in ``readers``; whether a value is acceptable is decided in ``checks``.
"""

from landmap.ingest.check import Progress, StagedLayer, check
from landmap.ingest.door import formats
from landmap.ingest.report import Finding, InputReport, Report

__all__ = ["Finding", "InputReport", "Progress", "Report", "StagedLayer", "check", "formats"]
