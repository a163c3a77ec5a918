"""One case: what it is, what was said, why its days are those, what was done, and what can be done now."""

from dataclasses import dataclass
from typing import Any

from nicegui.element import Element
from sqlalchemy.orm import Session

from anze.complaints import casefile, preparing
from anze.complaints.life import Step
from anze.console import case_parts, letters_part
from anze.console.frame import button, colleague, frame
from anze.console.html import section, tag
from anze.console.signs import Signs
from anze.console.step_dialog import StepDialog
from anze.console.steps import FORMS, offered
from anze.console.talk_panel import TalkPanel
from anze.console.visit import Visit
from anze.console.words import say
from anze.identity.speaker import Speaker
from anze.presence import usecases as presence


async def build(visit: Visit, number: str, step: str = "") -> None:
    """The page; `step`: the form that is opened with it, when that step can be taken; that of a decision has the facts
    and clauses in it that the talk gathered.

    Raises SignedOutError, not_found (kept as a denied read when it is another branch's).
    """
    who, case = await visit.read(lambda s, me: (colleague(s, me), _case(visit, s, me, number)))
    with frame(visit, who, "queue", say("case.title", number=number)):
        page = _Page(visit, who.role, case)
        await page.show()
        if step in offered(case, who.role):
            decides = step == Step.DECIDE
            await page.open(step, await visit.read(lambda s, me: preparing.draft(s, me, number)) if decides else None)


def _case(visit: Visit, session: Session, speaker: Speaker, number: str) -> dict[str, Any]:
    case = casefile.whole(session, speaker, number, visit.services.dates, visit.now())
    case |= {"letters": letters_part.read(session, speaker, number)}
    return case | {"handlers": casefile.handlers(session, speaker, number) if "assign" in offered(case, "") else []}


@dataclass
class _Page:
    """What one open page shows; the case as it was read last."""

    visit: Visit
    role: str
    case: dict[str, Any]

    async def show(self) -> None:
        self._dialogs: dict[str, StepDialog] = {}
        self._dialog_place = tag("div")
        Signs(self.visit, presence.complaint(self.case["number"]), "case").show()
        self._head = tag("div", classes="head", aria_live="polite")
        with tag("div", classes="columns"):
            self._main = tag("div", classes="column")
            with tag("div", classes="column"):
                self._side = tag("div")
                with section(say("case.talk")):
                    await TalkPanel(self.visit, self.case["talk"]["id"], self.case["number"]).show()
        self._fill()

    async def reload(self) -> None:
        """Read the case anew; dialogs with what was typed into them stay."""
        number = self.case["number"]
        self.case = await self.visit.read(lambda s, me: _case(self.visit, s, me, number))
        self._fill()

    def _fill(self) -> None:
        for place, fill in (
            (self._head, self._fill_head),
            (self._main, self._fill_main),
            (self._side, self._fill_side),
        ):
            place.clear()
            with place:
                fill()

    def _fill_head(self) -> None:
        case = self.case
        level = case["colour"]
        with tag("p", classes="chips"):
            tag("span", say(f"status.{case['status']}"), "chip")
            tag("span", case["colour_words"], f"chip urgency {level}")
            if case["working_to"] and level not in {"done", "paused"}:
                tag("span", say("case.working_to", day=case["working_to"]))
        if case["overdue"]:
            tag("p", say("case.overdue"), "error")
        if case["own_cause"]:
            tag("p", say("case.interest", why=case["own_cause"]), "error")
        steps = offered(case, self.role)
        tag("h2", say("case.steps"), "sr")
        if not steps:
            tag("p", say("case.no_steps"), "soft")
        with tag("div", classes="buttons"):
            for step in steps:
                self._step(step)

    def _step(self, step: str) -> Element:
        return button(
            say(f"step.{step}"), self.visit, lambda: self.open(step), "primary" if step in {"accept", "decide"} else ""
        )

    async def open(self, step: str, known: dict[str, str] | None = None) -> None:
        """Show the form of a step; `known`: what stands in it to begin with."""
        await self.visit.speaker()
        if step not in self._dialogs:
            with self._dialog_place:
                self._dialogs[step] = StepDialog(self.visit, FORMS[step], lambda: self.case, self.reload, known or {})
        self._dialogs[step].open()

    def _fill_main(self) -> None:
        case_parts.statements(self.case)
        case_parts.clocks(self.case)
        case_parts.decision(self.case)
        letters_part.letters(self.visit, self.case, self.role, self.reload)
        case_parts.history(self.case)
        case_parts.notices(self.case)
        case_parts.timeline(self.case)

    def _fill_side(self) -> None:
        case_parts.facts_of(self.case)
        case_parts.same(self.case)
