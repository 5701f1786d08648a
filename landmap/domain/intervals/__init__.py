"""Planning bounds: intervals with inclusiveness, and the parser of the texts they come from."""

from landmap.domain.intervals.interval import Interval, feasible_mask, guaranteed_mask, reach
from landmap.domain.intervals.parse import ParsedBound, ParseStatus, parse_bound

__all__ = ["Interval", "ParseStatus", "ParsedBound", "feasible_mask", "guaranteed_mask", "parse_bound", "reach"]
