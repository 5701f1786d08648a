"""Who may see and do what, beside the map itself: the database, and links for those outside."""

from landmap.access.database import Database
from landmap.access.shares import Share, Shares, scope_of

__all__ = ["Database", "Share", "Shares", "scope_of"]
