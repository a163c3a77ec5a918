"""What was typed into a slip and not yet registered: kept for the browser's tab, in memory, until it is registered.

It is a colleague's own: whoever signs in later in the same tab does not get it.
"""

from typing import Any

from nicegui import app

from anze.console.visit import Visit

_KEY = "slip"


class SlipDraft:
    """Of one page; usable once the page has its line."""

    def __init__(self, visit: Visit, staff_id: int) -> None:
        self._visit, self._staff_id = visit, staff_id

    def read(self) -> dict[str, Any]:
        """The fields as they were typed last; {} for none."""
        kept = self._tab().get(_KEY)
        return dict(kept["fields"]) if kept and kept["staff_id"] == self._staff_id else {}

    def keep(self, fields: dict[str, Any]) -> None:
        self._tab()[_KEY] = {"staff_id": self._staff_id, "fields": fields}

    def forget(self) -> None:
        self._tab().pop(_KEY, None)

    def _tab(self) -> Any:
        """Empty while the page has no line: nothing is lost by it, the page itself still shows what was typed."""
        with self._visit.client:
            return app.storage.tab if self._visit.client.has_socket_connection else {}
