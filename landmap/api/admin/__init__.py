"""The steward's pages: server-rendered forms that work without script, for nobody below the steward level."""

from __future__ import annotations

from fastapi import APIRouter


def routers() -> tuple[APIRouter, ...]:
    """Return the routers of every page under ``/admin``."""
    # Only stewards need them, and what they load: the public's server takes the readers of forms from here.
    from landmap.api.admin import (
        amendments,
        attachments,
        changes,
        editing,
        freshness,
        imports,
        jobs,
        operator_forms,
        overview,
        reports,
        unplaced,
        versions,
    )

    return (
        overview.router,
        imports.router,
        reports.router,
        changes.router,
        versions.router,
        # Pages with a name of their own before the pages of single edits.
        editing.router,
        operator_forms.router,
        amendments.router,
        freshness.router,
        attachments.router,
        unplaced.router,
        jobs.router,
    )
