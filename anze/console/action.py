"""A form of one action on a page: fields, what went wrong, a button. What was typed stays until it was taken."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any

from nicegui import ui
from sqlalchemy.orm import Session

from anze.console.files import FileInput
from anze.console.frame import button
from anze.console.html import section, tag
from anze.console.visit import Visit
from anze.console.words import say
from anze.errors import DomainError
from anze.identity.speaker import Speaker

type Given = dict[str, Any]
type Done = Callable[[Session, Speaker], list[str]]
"""One use case in an open session; the talks that it spoke in"""


class Action:
    """`name` finds the words (work.action.<name>, work.explain.<name>); fields are added to it before `show`."""

    def __init__(
        self, visit: Visit, name: str, do: Callable[[Given], Awaitable[None]], *, primary: bool = True
    ) -> None:
        self._visit, self._name, self._do, self._primary = visit, name, do, primary
        self._fields: list[tuple[str, str, Mapping[Any, str] | None, Any, bool]] = []

    def field(
        self, name: str, kind: str = "area", choices: Mapping[Any, str] | None = None, value: Any = None,
        *, optional: bool = False,
    ) -> "Action":  # fmt: skip
        """`kind`: line, area, day, choice, file (its id), files (their ids)."""
        self._fields.append((name, kind, choices, value, optional))
        return self

    def show(self) -> None:
        with section(say(f"work.action.{self._name}")), tag("div", classes="form"):
            tag("p", say(f"work.explain.{self._name}"), "soft")
            self._inputs = {
                name: _input(self._visit, name, kind, choices, value) for name, kind, choices, value, _ in self._fields
            }
            self._trouble = tag("div", classes="trouble", role="alert")
            words = say(f"work.press.{self._name}")
            button(words, self._visit, self._press, "primary" if self._primary else "", self._refused)

    async def _press(self) -> None:
        self._trouble.clear()
        given = {name: _clean(one.value) for name, one in self._inputs.items()}
        missing = [name for name, _, _, _, optional in self._fields if not optional and given[name] in (None, "")]
        if missing:
            with self._trouble:
                tag("p", say("dialog.invalid", fields="、".join(say(f"work.field.{name}") for name in missing)))
            return
        await self._do(given)

    def _refused(self, error: DomainError) -> None:
        with self._trouble:
            tag("p", error.detail)


def _input(visit: Visit, name: str, kind: str, choices: Mapping[Any, str] | None, value: Any) -> Any:
    label = say(f"work.field.{name}")
    if choices is not None:
        return ui.select(dict(choices), label=label, value=value).props("outlined")
    if kind in {"file", "files"}:
        return FileInput(visit, label, many=kind == "files")
    if kind == "area":
        return ui.textarea(label, value=value or "").props("outlined autogrow maxlength=4000")
    made = ui.input(label, value=value or "").props("outlined maxlength=60")
    return made.props("type=date stack-label") if kind == "day" else made


def _clean(value: Any) -> Any:
    return value.replace("\x00", "").strip() if isinstance(value, str) else value


def taken(visit: Visit, do: Callable[[Given], Done]) -> Callable[[Given], Awaitable[None]]:
    """One press: the use case in one unit, the talks it spoke in are woken, the page shows what is so now."""

    async def work(given: Given) -> None:
        visit.wake(await visit.write(do(given)))
        arrived(visit)

    return work


def kept(
    visit: Visit, do: Callable[[Session, Speaker, Given], Any], path: str | None = None
) -> Callable[[Given], Awaitable[None]]:
    """One press of a use case that speaks in no talk; then the page `path`, or this one anew."""

    async def work(given: Given) -> None:
        await visit.write(lambda session, speaker: do(session, speaker, given) and None)
        arrived(visit, path)

    return work


def arrived(visit: Visit, path: str | None = None) -> None:
    """Say that it is done, and show the page `path`, or this one anew."""
    visit.say(say("work.done"))
    visit.go(path or visit.request.url.path.removeprefix("/staff"))


def day(iso: str) -> date:
    """The day of a field. Raises day_unread."""
    try:
        return date.fromisoformat(iso)
    except ValueError as error:
        raise DomainError("day_unread", 422) from error
