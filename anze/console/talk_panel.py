"""A talk with its messages, live; in one that was handed over a colleague answers, and gives it back."""

from typing import Any

from nicegui import background_tasks, ui
from sqlalchemy.orm import Session

from anze.console.frame import button
from anze.console.html import tag
from anze.console.visit import SignedOutError, Visit
from anze.console.words import moment, say
from anze.conversations import desk
from anze.conversations.models import Handoff
from anze.identity.models import Role
from anze.identity.speaker import Speaker

_LONGEST = 4000


def _read(session: Session, speaker: Speaker, conversation_id: str) -> dict[str, Any] | None:
    """The talk if it was handed over within the speaker's branches; None: the bot has it."""
    rows = {row["conversation_id"]: row for row in desk.waiting(session, speaker)["items"]}
    if conversation_id not in rows:
        return None
    return desk.read(session, speaker, conversation_id) | {
        "handoff": rows[conversation_id]["handoff"], "may_write": speaker.role != Role.AUDITOR,
    }  # fmt: skip


class TalkPanel:
    """One per page."""

    def __init__(self, visit: Visit, conversation_id: str) -> None:
        self._visit, self._id = visit, conversation_id

    async def show(self) -> None:
        """Build it, and follow the talk as long as the page is open."""
        self._log = tag("ol", classes="talk", aria_live="polite")
        self._state = tag("p", classes="soft")
        with tag("div", classes="answer") as self._answer:
            self._words = ui.textarea(say("talk.reply")).props(f"outlined autogrow maxlength={_LONGEST}")
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
                await woken.wait()
                woken.clear()
                try:
                    await self._fill(used=False)
                except SignedOutError:
                    self._visit.leave()
                    return

    async def _fill(self, *, used: bool = True) -> None:
        talk = await self._visit.read(lambda s, me: _read(s, me, self._id), used=used)
        self._log.clear()
        self._state.clear()
        self._answer.set_visibility(talk is not None and talk["may_write"])
        with self._state:
            name = "with_bot" if talk is None else "person" if talk["handoff"] == Handoff.PERSON else "waiting"
            tag("span", say(f"talk.{name}"))
        with self._log:
            for message in talk["items"] if talk else []:
                self._message(message)

    def _message(self, message: dict[str, Any]) -> None:
        with tag("li", classes=f"message {message['sender']}"):
            name = message.get("sender_name") or say(f"talk.sender.{message['sender']}")
            tag("p", f"{name} · {moment(message['at'])}", "soft")
            if message["text"]:
                tag("p", message["text"], "said")
            for file in message["files"]:
                tag("p", say("talk.files", name=file["name"]), "soft")

    async def _send(self) -> None:
        words = (self._words.value or "").replace("\x00", "").strip()[:_LONGEST]
        if not words:
            return
        now = self._visit.now()
        await self._visit.write(lambda s, me: desk.reply(s, me, self._id, words, now))
        self._words.value = ""
        self._visit.wake([self._id])
        await self._fill()

    async def _give_back(self) -> None:
        now = self._visit.now()
        await self._visit.write(lambda s, me: desk.give_back(s, me, self._id, now))
        self._visit.wake([self._id])
        await self._fill()
