"""The saved views above the queue: choose one, save what is shown under a name, remove one."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from anze.complaints import views
from anze.complaints.wanted import Wanted
from anze.console.frame import button
from anze.console.html import tag
from anze.console.visit import Visit
from anze.console.words import say

_NAME = 60
_WITHOUT_CONTROL = ("kind", "form", "source", "due_before", "branch", "sort", "order")


class ViewsBar:
    """`own`: the colleague's views; `chosen`: the id of the one that is shown, 0 for none."""

    def __init__(self, visit: Visit, own: list[dict[str, Any]], chosen: int, wanted: Callable[[], Wanted]) -> None:
        self._visit, self._own, self._chosen, self._wanted = visit, own, chosen, wanted

    def show(self) -> None:
        with tag("div", classes="views"):
            if self._own:
                names = {0: say("views.none")} | {one["id"]: one["name"] for one in self._own}
                choice = ui.select(names, label=say("views.choose"), value=self._chosen).props("outlined dense")
                choice.on_value_change(lambda event: self._visit.go(f"/?view={event.value}" if event.value else "/"))
            button(say("views.save"), self._visit, self._ask, "quiet")
            if self._chosen:
                button(say("views.remove"), self._visit, self._remove, "quiet")
        if more := self._more():
            tag("p", say("views.more", words=more), "soft")

    def _more(self) -> str:
        """What a view holds beyond the controls (a program saved it), so that nothing is left out unseen."""
        held = self._wanted().model_dump(mode="json", exclude_defaults=True)
        return "、".join(
            f"{say(f'views.field.{name}')} {_word(name, held[name])}" for name in _WITHOUT_CONTROL if name in held
        )

    def _name(self) -> str:
        return next((one["name"] for one in self._own if one["id"] == self._chosen), "")

    async def _ask(self) -> None:
        with ui.dialog(value=True) as dialog, tag("div", classes="dialog", role="document"):
            tag("h2", say("views.save"))
            tag("p", say("views.explain"), "soft")
            name = ui.input(say("views.name"), value=self._name()).props(f"outlined autofocus maxlength={_NAME}")

            async def save() -> None:
                words = (name.value or "").replace("\x00", "").strip()
                if not words:
                    self._visit.say(say("dialog.invalid", fields=say("views.name")), "negative")
                    return
                wanted, now = self._wanted(), self._visit.now()
                kept = await self._visit.own(lambda s, me: views.save(s, me, words, wanted, now))
                dialog.close()
                self._visit.go(f"/?view={kept['id']}")

            async def close() -> None:
                dialog.close()

            name.on("keydown.enter", self._visit.on(save), args=[])
            with tag("div", classes="buttons"):
                button(say("views.keep"), self._visit, save, "primary")
                button(say("dialog.cancel"), self._visit, close)

    async def _remove(self) -> None:
        await self._visit.own(lambda s, me: views.forget(s, me, self._chosen))
        self._visit.go("/")


def _word(name: str, value: Any) -> str:
    return say(f"{name}.{value}") if name in {"kind", "form", "source"} else str(value)
