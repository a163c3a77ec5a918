"""A talk with its messages, live; in one that was handed over a colleague answers, and gives it back."""

import asyncio
from contextlib import suppress
from typing import Any

from nicegui import background_tasks, ui
from sqlalchemy.orm import Session

from anze.canned import usecases as canned
from anze.canned.defaults import load_canned
from anze.console.frame import button
from anze.console.html import tag
from anze.console.signs import Signs
from anze.console.visit import SignedOutError, Visit
from anze.console.words import moment, say
from anze.conversations import desk
from anze.conversations.models import Handoff
from anze.errors import DomainError
from anze.identity.models import Role
from anze.identity.speaker import Speaker
from anze.presence import usecases as presence

_LONGEST = 4000
_LOOK_SECONDS = 10.0
"""What another process did wakes nobody here: so often the talk is looked at without being woken."""

STATES = {Handoff.PERSON: "person", Handoff.WAITING: "waiting", Handoff.BOT: "meanwhile"}
"""What is said of a talk that was handed over"""


def _read(session: Session, speaker: Speaker, conversation_id: str) -> dict[str, Any] | None:
    """The talk if it was handed over within the speaker's branches; None: the bot has it."""
    rows = {row["conversation_id"]: row for row in desk.waiting(session, speaker)["items"]}
    if conversation_id not in rows:
        return None
    return desk.read(session, speaker, conversation_id) | {
        "handoff": rows[conversation_id]["handoff"], "may_write": speaker.role != Role.AUDITOR,
    }  # fmt: skip


class TalkPanel:
    """One per page. `number`: the case beside it, from which canned answers are filled."""

    def __init__(self, visit: Visit, conversation_id: str, number: str | None = None) -> None:
        self._visit, self._id, self._number = visit, conversation_id, number
        self._open = False
        self._shown: tuple[int, str] | None = None
        self._signs = Signs(visit, presence.talk(conversation_id), "talk", lambda: self._open)

    async def show(self) -> None:
        """Build it, and follow the talk as long as the page is open."""
        self._log = tag("ol", classes="talk", aria_live="polite")
        self._state = tag("p", classes="soft")
        self._signs.show()
        with tag("div", classes="answer") as self._answer:
            self._canned = ui.select({}, label=say("talk.canned")).props("outlined dense options-dense clearable")
            self._canned.on_value_change(self._visit.on(self._insert))
            self._words = ui.textarea(say("talk.reply")).props(f"outlined autogrow maxlength={_LONGEST}")
            self._words.on_value_change(lambda event: self._signs.typed() if event.value else None)
            with tag("div", classes="buttons"):
                button(say("talk.send"), self._visit, self._send, "primary")
                button(say("talk.back"), self._visit, self._give_back)
        await self._fill()
        self._following = background_tasks.create(self._follow(), name="talk")
        self._visit.client.on_delete(self._following.cancel)

    async def _follow(self) -> None:
        """A wake-up is no use of the session: it shows nothing to who is signed out, and keeps nobody signed in."""
        async with self._visit.services.hub.listen(self._id) as woken:
            while True:
                with suppress(TimeoutError):
                    await asyncio.wait_for(woken.wait(), _LOOK_SECONDS)
                woken.clear()
                try:
                    await self._fill(used=False)
                except SignedOutError:
                    self._visit.leave()
                    return
                except DomainError:
                    # The talk was given back to the bot between two reads: the next look shows it as it is.
                    continue

    async def _fill(self, *, used: bool = True) -> None:
        talk = await self._visit.read(lambda s, me: _read(s, me, self._id), used=used)
        shown = (talk["last"], talk["handoff"]) if talk else None
        if not used and shown == self._shown:
            return
        self._shown = shown
        self._open = talk is not None
        self._log.clear()
        self._state.clear()
        may_write = talk is not None and talk["may_write"]
        self._answer.set_visibility(may_write)
        if may_write:
            await self._offer(used=used)
        with self._state:
            tag("span", say(f"talk.{STATES[talk['handoff']] if talk else 'with_bot'}"))
        with self._log:
            for message in talk["items"] if talk else []:
                self._message(message)

    async def _offer(self, *, used: bool) -> None:
        """What can be put into the reply as the case stands now."""
        here, now = self._visit.services, self._visit.now()
        defaults = load_canned(here.settings.knowledge)
        found = await self._visit.read(
            lambda s, me: canned.offered(s, me, self._id, self._number, defaults, now, here.dates), used=used
        )
        self._texts = {one["title"]: one["text"] for one in found["items"]}
        titles = {title: title for title in self._texts}
        if self._canned.options != titles:
            self._canned.set_options(titles)

    async def _insert(self) -> None:
        """Put it behind what is written; the colleague reads it, changes it and presses send."""
        title = self._canned.value
        if title and title in self._texts:
            written = (self._words.value or "").rstrip()
            self._words.value = "\n".join(filter(None, (written, self._texts[title])))[:_LONGEST]
            self._canned.value = None
            self._words.run_method("focus")

    def _message(self, message: dict[str, Any]) -> None:
        with tag("li", classes=f"message {message['sender']}"):
            name = message.get("sender_name") or say(f"talk.sender.{message['sender']}")
            tag("p", f"{name} · {moment(message['at'])}", "soft")
            if message["text"]:
                tag("p", message["text"], "said")
            for file in message["files"]:
                tag("a", say("talk.files", name=file["name"]), href=f"/api/files/{file['file_id']}", target="_blank")

    async def _send(self) -> None:
        words = (self._words.value or "").replace("\x00", "").strip()[:_LONGEST]
        if not words:
            return
        now = self._visit.now()
        await self._visit.write(lambda s, me: desk.reply(s, me, self._id, words, now))
        self._words.value = ""
        self._visit.wake([self._id])
        await self._signs.sent()
        await self._fill()

    async def _give_back(self) -> None:
        now = self._visit.now()
        await self._visit.write(lambda s, me: desk.give_back(s, me, self._id, now))
        self._visit.wake([self._id])
        await self._fill()
