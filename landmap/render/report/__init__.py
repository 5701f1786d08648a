"""The check report for people: a page with a small map, and the steward's own sheet with its cells marked."""

from landmap.render.report.change_map import change_map, layer_map
from landmap.render.report.content import overview
from landmap.render.report.page import content_security_policy, report_html
from landmap.render.report.site_map import Shapes, SiteMap, site_map
from landmap.render.report.workbook import report_xlsx

__all__ = [
    "Shapes",
    "SiteMap",
    "change_map",
    "content_security_policy",
    "layer_map",
    "overview",
    "report_html",
    "report_xlsx",
    "site_map",
]
