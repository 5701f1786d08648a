"""Files, comparison and bounds for the tests of the confined check."""

import json
from pathlib import Path

import numpy as np
import shapely

from tests.making_files import feature, square, write_geojson


def parcels(path: Path, count: int = 3) -> Path:
    """Parcels side by side, sixty in a row."""
    shapes = (
        shapely.transform(square(number % 60), lambda points, up=number // 60: points + np.array([0, 0.003 * up]))
        for number in range(count)
    )
    outlines = (json.loads(shapely.to_geojson(shape)) for shape in shapes)
    return write_geojson(path, *(feature(n, outline, parcel_name="甲地块") for n, outline in enumerate(outlines)))
