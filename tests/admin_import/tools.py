"""What a steward does again and again: make a file, upload it, wait for the job."""

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

from tests.hamlet import square
from tests.steward import HTML, Steward, text_of, worked

BY = {"by": "李晓"}
NOON = dt.datetime(2026, 11, 22, 4, 0, tzinfo=dt.UTC)


def geojson(*records: dict[str, Any]) -> bytes:
    """Return features, each with a square of its own unless it names one."""
    features = [
        {
            "type": "Feature",
            "geometry": json.loads(json.dumps(square(*one.pop("at", (2 * place, 0))).__geo_interface__)),
            "properties": one,
        }
        for place, one in enumerate(dict(record) for record in records)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def record(id: str, **more: Any) -> dict[str, Any]:
    return {
        "parcel_id": id,
        "parcel_no": f"{id}-0",
        "parcel_name": f"{id}地块",
        "supply_stage": "announced",
        "location_text": "兴华路以东",
        "visibility": "public",
        "data_as_of": "2026-01-31",
        **more,
    }


def uploaded(steward: Steward, home: Path, *files: tuple[str, bytes], **fields: str) -> str:
    """Upload, let the worker do its work, and return the address of the report."""
    sent = [("files", one) for one in files]
    answer = steward.post("/admin/import", {**BY, "layer": "parcels", **fields}, sent)
    assert re.fullmatch(r"/admin/jobs/[0-9a-f]+", answer.headers["location"])
    return done(steward, home, answer)


def done(steward: Steward, home: Path, answer: Any) -> str:
    """Let the worker do its work and return where the job leads."""
    worked(home)
    led = steward.client.get(answer.headers["location"], headers=HTML)
    assert led.status_code == 303, text_of(led.text)[:400]
    return str(led.headers["location"])


def token(steward: Steward) -> str:
    steward.get("/admin")
    return str(steward.client.cookies["landmap_form"])


def sent(name: str, content: bytes = b"a,b\n1,2\n") -> tuple[str, tuple[str, bytes]]:
    return ("files", (name, content))
