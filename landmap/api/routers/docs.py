"""The API documentation page: Swagger UI served by ourselves, configured by a script file, so the strict CSP holds."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response

from landmap.api.deps import refuse_parameters

_PAGE: Final = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>landmap API</title>
<link rel="stylesheet" href="/static/vendor/swagger-ui/swagger-ui.css">
<link rel="icon" href="/static/css/mark.svg" type="image/svg+xml"></head>
<body><main id="docs"></main>
<noscript>The API is described in <a href="/api/openapi.json">/api/openapi.json</a>.</noscript>
<script src="/static/vendor/swagger-ui/swagger-ui-bundle.js"></script>
<script src="/static/js/docs.js"></script>
</body></html>
"""

router = APIRouter()


@router.get("/api/docs", include_in_schema=False)
def docs(request: Request) -> Response:
    """Answer the page; everything it loads is ours."""
    refuse_parameters(request)
    return Response(_PAGE, media_type="text/html", headers={"Cache-Control": "no-cache"})
