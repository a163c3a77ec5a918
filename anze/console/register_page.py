"""A complaint that came by telephone, letter, visit, mail or from a regulator, written down in under two minutes."""

import asyncio
from typing import Any

from nicegui import ui
from nicegui.element import Element
from pydantic import ValidationError
from sqlalchemy.orm import Session

from anze.clock import legal_date
from anze.complaints import casefile, duplicates, merging, registering
from anze.complaints.life import HANDLERS
from anze.complaints.models import Source
from anze.complaints.steps_api import RegisterIn
from anze.console.files import file_field
from anze.console.frame import button, colleague, frame
from anze.console.html import section, tag
from anze.console.slip_draft import SlipDraft
from anze.console.visit import Visit
from anze.console.words import day, moment, say
from anze.errors import DomainError
from anze.identity.speaker import Speaker

_SOURCES = (Source.PHONE, Source.LETTER, Source.VISIT, Source.EMAIL, Source.REGULATOR)
_FIRST = ("story", "contact_name", "contact_phone", "policy_no")
_MORE = ("wish", "firm", "insured", "standing_right")
_TOLD_BY = ("policy_no", "insured", "firm", "contact_phone", "story")
"""Fields by which another record of the same grievance is found"""
_MOST_FILES = 20
_REST_SECONDS = 0.4


async def build(visit: Visit) -> None:
    """The page. Raises SignedOutError; forbidden for who may not register."""

    def read(session: Session, speaker: Speaker) -> Any:
        if speaker.role not in HANDLERS:
            raise DomainError("forbidden", 403)
        return colleague(session, speaker), speaker.staff_id

    who, staff_id = await visit.read(read)
    with frame(visit, who, "register", say("register.title")):
        _Page(visit, SlipDraft(visit, staff_id)).show()


class _Page:
    """One slip; what was typed stays until it is registered, also over a reload of the page."""

    def __init__(self, visit: Visit, draft: SlipDraft) -> None:
        self._visit, self._draft = visit, draft
        self._inputs: dict[str, Any] = {}
        self._files: dict[str, str] = {}
        self._typing = 0
        self._today = legal_date(visit.now()).isoformat()

    def show(self) -> None:
        with tag("div", classes="columns"):
            with tag("div", classes="form") as self._form:
                self._fields()
                self._trouble = tag("div", classes="trouble", role="alert")
                button(say("register.save"), self._visit, lambda: self._save(None), "primary", self._refused)
                tag("p", say("register.kept"), "soft")
            self._likely = tag("div", aria_live="polite")
        self._result = tag("div", aria_live="polite")
        for name, one in self._inputs.items():
            one.on_value_change(self._keep)
            if name in _TOLD_BY:
                one.on_value_change(self._visit.on(self._look_soon))
        ui.timer(0, self._visit.on(self._restore), once=True)

    def _fields(self) -> None:
        with tag("div", classes="pair"):
            names = {str(source): say(f"source.{source}") for source in _SOURCES}
            source = ui.select(names, label=say("register.source"), value=str(Source.PHONE)).props("outlined")
            self._inputs["source"] = source
            self._line("received_on").props("type=date stack-label").set_value(self._today)
        self._line("reason").bind_visibility_from(
            self._inputs["received_on"], "value", backward=lambda value: bool(value) and value != self._today
        )
        for name in ("regulator_no", "regulator_due_on"):
            self._line(name).bind_visibility_from(
                self._inputs["source"], "value", backward=lambda value: value == Source.REGULATOR
            )
        self._inputs["regulator_due_on"].props("type=date stack-label")
        for name in _FIRST:
            self._area(name) if name == "story" else self._line(name)
        self._inputs["contact_phone"].props("inputmode=tel")
        self._insureds = tag("div", aria_live="polite")
        with section(say("register.more"), open_=False):
            for name in _MORE:
                self._line(name)
        file_field(self._visit, say("register.files"), self._taken, many=True)
        self._shown_files = tag("ul", classes="plain-list")

    def _line(self, name: str) -> Any:
        self._inputs[name] = ui.input(say(f"register.{name}")).props("outlined")
        return self._inputs[name]

    def _area(self, name: str) -> None:
        props = "outlined autogrow maxlength=4000"
        self._inputs[name] = ui.textarea(say(f"register.{name}")).props(props)

    def _typed(self) -> dict[str, Any]:
        return {name: one.value for name, one in self._inputs.items()}

    async def _restore(self) -> None:
        kept = self._draft.read()
        self._files = dict(kept.pop("files", {}))
        for name, value in kept.items():
            if name in self._inputs and value:
                self._inputs[name].value = value
        self._show_files()
        if kept:
            await self._look()

    def _keep(self) -> None:
        self._draft.keep(self._typed() | {"files": self._files})

    async def _taken(self, file_id: str, name: str) -> None:
        if len(self._files) < _MOST_FILES:
            self._files[file_id] = name
        self._show_files()
        self._keep()

    def _show_files(self) -> None:
        self._shown_files.clear()
        with self._shown_files:
            for file_id, name in self._files.items():
                with tag("li"):
                    tag("span", name)
                    button(say("register.without"), self._visit, self._without(file_id), "quiet")

    def _without(self, file_id: str) -> Any:
        async def remove() -> None:
            self._files.pop(file_id, None)
            self._show_files()
            self._keep()

        return remove

    async def _look_soon(self) -> None:
        """Once the typing rests."""
        self._typing += 1
        mine = self._typing
        await asyncio.sleep(_REST_SECONDS)
        if mine == self._typing:
            await self._look()

    async def _look(self) -> None:
        """Whether it is written down already, by what is filled in so far."""
        given = {name: str(_clean(self._inputs[name].value) or "") for name in _TOLD_BY}
        phone = given.pop("contact_phone")
        found = await self._visit.read(lambda s, me: duplicates.likely_before(s, me, phone=phone, **given), used=False)
        self._insureds.clear()
        with self._insureds:
            self._of_policy(given["policy_no"], found["insureds"])
        self._likely.clear()
        if found["items"]:
            with self._likely, section(say("register.likely")):
                tag("p", say("register.likely_explain"), "soft")
                with tag("ul", classes="plain-list"):
                    for one in found["items"]:
                        self._before(one)

    def _of_policy(self, policy_no: str, insureds: list[str]) -> None:
        if not policy_no:
            return
        if not insureds:
            tag("p", say("register.policy_unknown"), "error")
        elif len(insureds) == 1:
            tag("p", say("register.policy_of", firm=insureds[0]), "soft")
        else:
            tag("p", say("register.policy_several"), "soft")
            choice = ui.radio(insureds, value=self._inputs["insured"].value or None)
            choice.on_value_change(lambda event: self._inputs["insured"].set_value(event.value))

    def _before(self, one: dict[str, Any]) -> None:
        with tag("li"):
            tag("a", one["number"], href=f"/staff/complaints/{one['number']}", target="_blank")
            tag("span", " ".join(filter(None, (one["firm"], _alike(one)))), "soft")
            if one["mergeable"]:
                words = say("register.save_into", number=one["number"])
                button(words, self._visit, lambda: self._save(one["number"]), "", self._refused)

    async def _save(self, into: str | None) -> None:
        """Register it; with `into` the record goes into that case in the same transaction."""
        self._trouble.clear()
        try:
            slip = _slip(self._typed() | {"file_ids": list(self._files)})
        except ValidationError as error:
            names = dict.fromkeys(str(one["loc"][0]) for one in error.errors())
            with self._trouble:
                tag("p", say("dialog.invalid", fields="、".join(say(f"register.{name}") for name in names)))
            return
        visit, now = self._visit, self._visit.now()

        def work(session: Session, speaker: Speaker) -> dict[str, Any]:
            case = registering.register(session, speaker, slip, now, visit.services.dates)
            if into is not None:
                merging.merge(session, speaker, str(case.number), case.version, into, now, visit.services.dates)
            return casefile.whole(session, speaker, str(case.number), visit.services.dates, now)

        case = await visit.write(work)
        self._draft.forget()
        if into is not None:
            visit.go(f"/complaints/{into}")
        else:
            self._saved(case)

    def _refused(self, error: DomainError) -> None:
        with self._trouble:
            tag("p", error.detail)

    def _saved(self, case: dict[str, Any]) -> None:
        for place in (self._form, self._likely):
            place.set_visibility(False)
        self._result.clear()
        with self._result, section(say("register.saved", number=case["number"])):
            due = day(case["due_on"], provisional=case["provisional"])
            tag("p", say("register.dates", due=due, second=day(case["second_due_on"])))
            with tag("div", classes="buttons"):
                tag("a", say("register.open"), "button primary", href=f"/staff/complaints/{case['number']}")
                tag("a", say("register.another"), "button", href="/staff/register")
            if case["likely_same"]:
                tag("p", say("register.same"))
                with tag("ul", classes="plain-list"):
                    for one in case["likely_same"]:
                        self._duplicate(case, one)

    def _duplicate(self, case: dict[str, Any], one: dict[str, Any]) -> Element:
        async def merge() -> None:
            visit, now = self._visit, self._visit.now()
            talks = await visit.write(
                lambda s, me: merging.merge(
                    s, me, case["number"], case["version"], one["number"], now, visit.services.dates
                )
            )
            visit.wake(talks)
            visit.say(say("register.merged", number=one["number"]))
            visit.go(f"/complaints/{one['number']}")

        with tag("li") as line:
            tag("a", one["number"], href=f"/staff/complaints/{one['number']}", target="_blank")
            tag("span", _alike(one), "soft")
            button(say("register.merge", number=one["number"]), self._visit, merge)
        return line


def _alike(one: dict[str, Any]) -> str:
    return say("case.alike", share=one["alike"], day=moment(one["received_at"])[:10])


def _slip(given: dict[str, Any]) -> registering.Slip:
    """What was filled in, checked as the API checks it. Raises ValidationError."""
    filled = {name: value for name, value in given.items() if value}
    if filled.get("source") != Source.REGULATOR:
        filled = {name: value for name, value in filled.items() if not name.startswith("regulator_")}
    body = RegisterIn(**{name: _clean(value) for name, value in filled.items()})
    return registering.Slip(**(body.model_dump() | {"contact_phone": body.contact_phone or ""}))


def _clean(value: Any) -> Any:
    return value.replace("\x00", "").strip() if isinstance(value, str) else value
