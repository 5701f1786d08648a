"""The one SVG cartographer: maps for sheets, briefs and pages, outlines for thumbnails."""

from landmap.render.cartography.outline import outline_path

__all__ = ["outline_path"]
