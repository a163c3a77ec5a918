"""A complaint that came by telephone, letter, visit, mail or from a regulator, written down in under two minutes."""

from typing import Any

from nicegui import ui
from pydantic import ValidationError
from sqlalchemy.orm import Session

from anze.clock import legal_date
from anze.complaints import casefile, merging, registering
from anze.complaints.life import HANDLERS
from anze.complaints.models import Source
from anze.complaints.steps_api import RegisterIn
from anze.console.frame import button, colleague, frame
from anze.console.html import section, tag
from anze.console.visit import Visit
from anze.console.words import day, moment, say
from anze.errors import DomainError
from anze.identity.speaker import Speaker

_SOURCES = (Source.PHONE, Source.LETTER, Source.VISIT, Source.EMAIL, Source.REGULATOR)
_FIRST = ("story", "contact_name", "contact_phone", "policy_no")
_MORE = ("wish", "firm", "insured", "standing_right")


async def build(visit: Visit) -> None:
    """The page. Raises SignedOutError; forbidden for who may not register."""

    def read(session: Session, speaker: Speaker) -> Any:
        if speaker.role not in HANDLERS:
            raise DomainError("forbidden", 403)
        return colleague(session, speaker)

    who = await visit.read(read)
    with frame(visit, who, "register", say("register.title")):
        _Page(visit).show()


class _Page:
    """One slip; what was typed stays until it is registered."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._inputs: dict[str, Any] = {}

    def show(self) -> None:
        today = legal_date(self._visit.now()).isoformat()
        with tag("div", classes="form") as self._form:
            names = {str(source): say(f"source.{source}") for source in _SOURCES}
            self._inputs["source"] = ui.select(names, label=say("register.source"), value=str(Source.PHONE)).props(
                "outlined"
            )
            self._line("received_on").props("type=date stack-label").set_value(today)
            late = self._line("reason").bind_visibility_from(
                self._inputs["received_on"], "value", backward=lambda value: bool(value) and value != today
            )
            for name in ("regulator_no", "regulator_due_on"):
                self._line(name).bind_visibility_from(
                    self._inputs["source"], "value", backward=lambda value: value == Source.REGULATOR
                )
            self._inputs["regulator_due_on"].props("type=date stack-label")
            assert late is self._inputs["reason"]
            for name in _FIRST:
                self._area(name) if name == "story" else self._line(name)
            with section(say("register.more"), open_=False):
                for name in _MORE:
                    self._line(name)
            self._trouble = tag("div", classes="trouble", role="alert")
            button(say("register.save"), self._visit, self._save, "primary", self._refused)
        self._result = tag("div", aria_live="polite")

    def _line(self, name: str) -> Any:
        self._inputs[name] = ui.input(say(f"register.{name}")).props("outlined")
        return self._inputs[name]

    def _area(self, name: str) -> None:
        self._inputs[name] = ui.textarea(say(f"register.{name}")).props("outlined autogrow maxlength=4000")

    async def _save(self) -> None:
        self._trouble.clear()
        try:
            slip = _slip({name: one.value for name, one in self._inputs.items()})
        except ValidationError as error:
            names = dict.fromkeys(str(one["loc"][0]) for one in error.errors())
            with self._trouble:
                tag("p", say("dialog.invalid", fields="、".join(say(f"register.{name}") for name in names)))
            return
        visit, now = self._visit, self._visit.now()

        def work(session: Session, speaker: Speaker) -> str:
            return str(registering.register(session, speaker, slip, now, visit.services.dates).number)

        number = await visit.write(work)
        self._saved(await visit.read(lambda s, me: casefile.whole(s, me, number, visit.services.dates, visit.now())))

    def _refused(self, error: DomainError) -> None:
        with self._trouble:
            tag("p", error.detail)

    def _saved(self, case: dict[str, Any]) -> None:
        self._form.set_visibility(False)
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

    def _duplicate(self, case: dict[str, Any], one: dict[str, Any]) -> None:
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

        with tag("li"):
            tag("a", one["number"], href=f"/staff/complaints/{one['number']}", target="_blank")
            tag("span", " " + say("case.alike", share=one["alike"], day=moment(one["received_at"])[:10]), "soft")
            button(say("register.merge", number=one["number"]), self._visit, merge)


def _slip(given: dict[str, Any]) -> registering.Slip:
    """What was filled in, checked as the API checks it. Raises ValidationError."""
    filled = {name: value for name, value in given.items() if value}
    if filled.get("source") != Source.REGULATOR:
        filled = {name: value for name, value in filled.items() if not name.startswith("regulator_")}
    body = RegisterIn(**{name: _clean(value) for name, value in filled.items()})
    return registering.Slip(**(body.model_dump() | {"contact_phone": body.contact_phone or ""}))


def _clean(value: Any) -> Any:
    return value.replace("\x00", "").strip() if isinstance(value, str) else value
