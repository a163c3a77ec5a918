"""A colleague's talk with the bot: what was said, buttons, tables, clauses, files, and a line to write.

A message is stored before the line is emptied, so nothing that was typed is lost. An answer that comes late appears by
itself: the panel follows the talk, and adds what it has not shown yet.
"""

from typing import Any
from uuid import uuid4

from nicegui import background_tasks, ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from anze.console import chat_message
from anze.console.frame import button
from anze.console.html import tag
from anze.console.visit import SignedOutError, Visit
from anze.console.words import say
from anze.conversations import exchange

_ENTER = """(event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
}"""
"""Enter sends, but not the Enter by which a word is chosen from an input method."""
_SUBMIT = """(event) => {
  event.preventDefault();
  emit(event.target.querySelector("textarea").value);
}"""
"""The words go with the event: what was typed before the page was connected may reach the server after it."""


class ChatPanel:
    """One per page."""

    def __init__(self, visit: Visit, conversation_id: str) -> None:
        self._visit, self._id = visit, conversation_id
        self._shown = 0
        """The newest message on the page"""
        self._sending = False

    async def show(self) -> None:
        """Build it, and follow the talk as long as the page is open."""
        self._log = tag("ol", classes="talk chat", aria_live="polite", aria_label=say("chat.title"))
        self._wait = tag("p", classes="soft", role="status")
        with tag("form", classes="answer composer") as form:
            self._words = ui.textarea(say("chat.words")).props("outlined autogrow")
            self._words.on("keydown", js_handler=_ENTER)
            with tag("div", classes="buttons"):
                tag("button", say("chat.send"), "button primary", type="submit")
                tag("span", say("chat.enter"), "soft")
        form.on("submit", self._submitted, js_handler=_SUBMIT)
        await self._add_new()
        self._following = background_tasks.create(self._follow(), name="chat")
        self._visit.client.on_delete(self._following.cancel)

    async def _follow(self) -> None:
        """A wake-up is no use of the session: it shows nothing to who is signed out, and keeps nobody signed in."""
        async with self._visit.services.hub.listen(self._id) as woken:
            while True:
                await woken.wait()
                woken.clear()
                try:
                    await self._add_new(used=False)
                except SignedOutError:
                    self._visit.leave()
                    return

    async def _submitted(self, event: GenericEventArguments) -> None:
        words = str(event.args).strip()
        if not words or self._sending:
            return

        async def sent() -> None:
            await self._send(words)
            self._words.value = words  # else the line, whose words may not have come yet, would count as empty already
            self._words.value = ""

        self._sending = True
        try:
            await self._visit.on(sent)()
        finally:
            self._sending = False

    async def _send(self, words: str) -> None:
        """Store it; the answer is shown when it is there. Raises DomainError for what cannot be kept."""
        await self._visit.speaker()
        here = self._visit.services
        message_id = await exchange.receive(here, self._id, words, uuid4().hex, [])
        await self._add_new()
        self._waits(True)
        background_tasks.create(self._answered(message_id), name="chat answer")

    async def _answered(self, message_id: int) -> None:
        try:
            await exchange.answer(self._visit.services, self._id, message_id)
            await self._add_new(used=False)
        except SignedOutError:
            self._visit.leave()
        finally:
            self._waits(False)

    def _waits(self, waiting: bool) -> None:
        self._wait.clear()
        if waiting:
            with self._wait:
                tag("span", say("chat.waiting"))

    async def _add_new(self, *, used: bool = True) -> None:
        """Show what was said since; each message once, however many tell of it at the same time."""

        read = self._visit.read(lambda session, _: exchange.since(session, self._id, self._shown), used=used)
        for message in await read:
            if message["id"] > self._shown:
                self._shown = message["id"]
                with self._log:
                    chat_message.show(message, self._button)
        with self._visit.client:
            ui.run_javascript("document.querySelector('.chat > :last-child')?.scrollIntoView({block: 'nearest'})")

    def _button(self, offered: dict[str, Any]) -> Element:
        async def pressed() -> None:
            await self._send(offered["payload"])

        return button(offered["title"], self._visit, pressed)
