"""The check report for people: a page with a small map, and the steward's own sheet with its cells marked."""

from landmap.render.report.page import content_security_policy, report_html
from landmap.render.report.site_map import Shapes
from landmap.render.report.workbook import report_xlsx

__all__ = ["Shapes", "content_security_policy", "report_html", "report_xlsx"]
