"""Canned answers: read by everybody in the office, written by supervisors and administrators for their branches."""

from typing import Any

from nicegui import ui
from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.canned import usecases
from anze.canned.defaults import load_canned
from anze.canned.rules import Placeholder
from anze.console.frame import button, colleague, frame
from anze.console.html import section, tag
from anze.console.visit import Visit
from anze.console.words import moment, say
from anze.errors import DomainError
from anze.identity.branches import branches_of
from anze.identity.models import Branch, Staff
from anze.identity.speaker import Speaker

_TITLE, _TEXT = 60, 1000


async def build(visit: Visit) -> None:
    """The page. Raises SignedOutError."""
    defaults = load_canned(visit.services.settings.knowledge)

    def read(session: Session, speaker: Speaker) -> tuple[Any, ...]:
        mine = session.get_one(Staff, speaker.staff_id).branch_id
        within = session.scalars(select(Branch).where(Branch.id.in_(branches_of(speaker))).order_by(Branch.path))
        return (
            colleague(session, speaker),
            usecases.kept(session, speaker, defaults),
            {branch.id: branch.name for branch in within},
            mine,
        )

    who, found, branches, mine = await visit.read(read)
    with frame(visit, who, "answers", say("answers.title")):
        tag("p", say("answers.explain", names="、".join(f"{{{one}}}" for one in Placeholder)), "soft")
        page = _Page(visit, branches, mine, may_keep=who.role in usecases.KEEPERS)
        page.show(found["items"])


class _Page:
    """`branches`: those for which an answer may be written, by id."""

    def __init__(self, visit: Visit, branches: dict[int, str], mine: int, *, may_keep: bool) -> None:
        self._visit, self._branches, self._mine, self._may_keep = visit, branches, mine, may_keep

    def show(self, items: list[dict[str, Any]]) -> None:
        if self._may_keep:
            with tag("div", classes="buttons"):
                button(say("answers.new"), self._visit, self._new, "primary")
        self._shown = tag("div", aria_live="polite")
        self._fill(items)

    async def _again(self) -> None:
        defaults = load_canned(self._visit.services.settings.knowledge)
        found = await self._visit.read(lambda s, me: usecases.kept(s, me, defaults))
        self._fill(found["items"])

    def _fill(self, items: list[dict[str, Any]]) -> None:
        self._shown.clear()
        with self._shown:
            for name in dict.fromkeys(one["branch"] for one in items):
                with section(name or say("answers.built_in")):
                    for one in items:
                        if one["branch"] == name:
                            self._one(one)

    def _one(self, one: dict[str, Any]) -> None:
        with tag("article", classes="answer-kept"):
            tag("h3", one["title"])
            tag("p", one["text"], "said")
            if one["saved_at"]:
                tag("p", say("answers.saved", who=one["saved_by"], at=moment(one["saved_at"])), "soft")
            if one["may_change"]:
                with tag("div", classes="buttons"):
                    button(say("answers.change"), self._visit, lambda: self._edit(one))
                    button(say("answers.remove"), self._visit, lambda: self._remove(one["id"]), "quiet")

    async def _new(self) -> None:
        await self._edit({"id": None, "title": "", "text": "", "version": 0})

    async def _edit(self, one: dict[str, Any]) -> None:
        with (
            ui.dialog(value=True).props("no-backdrop-dismiss") as dialog,
            tag("div", classes="dialog", role="document"),
        ):
            tag("h2", say("answers.change" if one["id"] else "answers.new"))
            branch = None
            if not one["id"]:
                branch = ui.select(self._branches, label=say("answers.branch"), value=self._mine).props("outlined")
            title = ui.input(say("answers.name"), value=one["title"]).props(f"outlined maxlength={_TITLE}")
            text = ui.textarea(say("answers.text"), value=one["text"]).props(f"outlined autogrow maxlength={_TEXT}")
            trouble = tag("div", classes="trouble", role="alert")

            def refused(error: DomainError) -> None:
                trouble.clear()
                with trouble:
                    tag("p", error.detail)

            async def save() -> None:
                words, name, now = _clean(text.value), _clean(title.value), self._visit.now()
                if not (words and name):
                    missing = "、".join(say(f"answers.{k}") for k, v in (("name", name), ("text", words)) if not v)
                    trouble.clear()
                    with trouble:
                        tag("p", say("dialog.invalid", fields=missing))
                    return
                where = branch.value if branch is not None else None
                if one["id"]:
                    await self._visit.write(
                        lambda s, me: usecases.change(s, me, one["id"], one["version"], name, words, now)
                    )
                else:
                    await self._visit.write(lambda s, me: usecases.write(s, me, name, words, where, now))
                dialog.close()
                await self._again()

            async def close() -> None:
                dialog.close()

            with tag("div", classes="buttons"):
                button(say("answers.save"), self._visit, save, "primary", refused)
                button(say("dialog.cancel"), self._visit, close)

    async def _remove(self, id_: int) -> None:
        await self._visit.write(lambda s, me: usecases.remove(s, me, id_))
        self._visit.say(say("answers.removed"))
        await self._again()


def _clean(value: Any) -> str:
    return str(value or "").replace("\x00", "").strip()
