"""The dialog of one step. What was typed stays until it was taken, whatever happens to the case meanwhile."""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.value_element import ValueElement

from anze.console import steps
from anze.console.frame import button
from anze.console.html import tag
from anze.console.steps import Field, Form
from anze.console.visit import Visit
from anze.console.words import say
from anze.errors import DomainError
from anze.texts import text

CHANGED = "complaint_changed"


class StepDialog:
    """One per step and page. `case` gives the case as the page shows it now; `reload` reads it anew; `known`: what
    stands in the fields to begin with."""

    def __init__(
        self,
        visit: Visit,
        form: Form,
        case: Callable[[], dict[str, Any]],
        reload: Callable[[], Awaitable[None]],
        known: dict[str, str],
    ) -> None:
        self._visit, self._form, self._case, self._reload = visit, form, case, reload
        self._inputs: dict[str, ValueElement[Any]] = {}
        name = say(f"step.{form.step}")
        with ui.dialog().props("no-backdrop-dismiss") as self._dialog, tag("div", classes="dialog", role="document"):
            tag("h2", name)
            tag("p", say(f"explain.{form.step}"), "soft")
            for field in form.fields:
                self._inputs[field.name] = _input(field, case())
                if field.name in known:
                    self._inputs[field.name].value = known[field.name]
            if form.step == "decide":
                self._remedies()
            self._trouble = tag("div", classes="trouble", role="alert")
            with tag("div", classes="buttons"):
                button(say("dialog.send"), visit, self._send, "primary", self._refused)
                button(say("dialog.cancel"), visit, self._close)

    def open(self) -> None:
        """Show it, with the choices that the case has now."""
        for field in self._form.fields:
            chosen = self._inputs[field.name]
            if field.choices is not None and isinstance(chosen, ui.select):
                options = dict(field.choices(self._case()))
                chosen.set_options(options, value=chosen.value if chosen.value in options else _only(options))
        self._dialog.open()

    async def _close(self) -> None:
        self._dialog.close()

    async def _send(self) -> None:
        self._trouble.clear()
        given = {name: value.value for name, value in self._inputs.items()}
        try:
            body = steps.read_form(self._form, given, self._case()["version"])
        except steps.InvalidError as error:
            fields = "、".join(say(f"label.{name}") for name in error.names if name in self._inputs)
            with self._trouble:
                tag("p", say("dialog.invalid", fields=fields))
            return
        visit, number = self._visit, self._case()["number"]
        talks = await visit.write(steps.taken(self._form, body, number, visit.services, visit.now()))
        visit.wake(talks)
        for value in self._inputs.values():
            value.value = None if isinstance(value, ui.select) else ""
        self._dialog.close()
        visit.say(say("dialog.done", step=say(f"step.{self._form.step}")))
        await self._reload()

    def _refused(self, error: DomainError) -> None:
        with self._trouble:
            if error.code != CHANGED:
                tag("p", error.detail)
                return
            tag("p", say("dialog.changed"))
            button(say("dialog.reload"), self._visit, self._seen)

    async def _seen(self) -> None:
        await self._reload()
        self._trouble.clear()
        with self._trouble:
            tag("p", say("dialog.reloaded"))

    def _remedies(self) -> None:
        tag("p", say("label.remedies"), "soft")
        with tag("ul"):
            for way in self._case()["usual_remedies"]:
                if not way["by_contract"]:
                    tag("li", f"{text('complaint.remedy.' + way['way'])}：{way['where']} {way['phone']}")


def _only(options: dict[str, str]) -> str | None:
    return next(iter(options)) if len(options) == 1 else None


def _input(field: Field, case: dict[str, Any]) -> Any:
    label = say(f"label.{field.name}")
    if field.choices is not None:
        options = dict(field.choices(case))
        return ui.select(options, label=label, value=_only(options)).props("outlined")
    if field.kind == "area":
        return ui.textarea(label).props("outlined autogrow")
    kinds = {"day": "date", "moment": "datetime-local"}
    made: Element = ui.input(label).props("outlined")
    if field.kind in kinds:
        made.props(f"type={kinds[field.kind]} stack-label")
    return made
