"""What the filters of a page find: drawn anew at each change, with the page's address."""

from collections.abc import Callable

from nicegui import ui
from nicegui.element import Element
from sqlalchemy.orm import Session

from anze.console.html import tag
from anze.console.visit import Visit
from anze.identity.speaker import Speaker


class Found[T]:
    """`read` asks what the controls say now, `draw` shows it, `address` is the page's with those controls."""

    def __init__(
        self, visit: Visit, read: Callable[[Session, Speaker], T], draw: Callable[[T], None],
        address: Callable[[], str], classes: str = "",
    ) -> None:  # fmt: skip
        self._visit, self._read, self._draw, self._address = visit, read, draw, address
        self._place: Element = tag("div", classes=classes, aria_live="polite")
        self._newest = object()

    def show(self, found: T) -> None:
        with self._place:
            self._draw(found)

    async def again(self) -> None:
        """Ask anew. Of two that overlap the later one is shown, whichever is answered first."""
        self._newest = mine = object()
        found = await self._visit.read(self._read)
        if mine is not self._newest:
            return
        self._place.clear()
        self.show(found)
        ui.navigate.history.replace(self._address())
