"""A service that waits to be arranged: free half days near the insured's own words, one is proposed."""

from typing import Any

from nicegui import ui
from sqlalchemy.orm import Session

from anze.bookings import arranging, desk
from anze.bookings.kinds import COMING
from anze.console.action import Action, taken
from anze.console.frame import button, colleague, frame
from anze.console.html import facts, section, tag
from anze.console.visit import Visit
from anze.console.words import say
from anze.errors import DomainError
from anze.identity.speaker import Speaker
from anze.texts import text


async def build(visit: Visit, number: str) -> None:
    """A service: arrange a time with the insured's own words beside it. Raises SignedOutError, not_found."""
    who, one = await visit.read(lambda s, me: (colleague(s, me), desk.one(s, me, number)))
    with frame(visit, who, "work", say("work.booking", number=one["number"])):
        waits = one["waiting"] or {}
        with section(say("work.facts")):
            facts([
                (say("work.field.firm"), one["insured"]), (say("work.field.policy"), one["policy"]),
                (say("work.field.item"), one["item_name"]),
                (say("work.field.wish"), waits.get("words") or one["wish"] or ""),
                (say("work.field.why"), say(f"work.why.{waits['why']}") if waits.get("why") else ""),
                (say("work.field.when"), one["when"]),
                (say("work.field.provider"), one["provider"] or ""), (say("work.field.place"), one["place"] or ""),
                (say("work.field.contact"), " ".join(filter(None, one["contact"].values()))),
                (say("work.field.note"), one["note"] or ""),
            ])  # fmt: skip
        with section(say("work.stages")), tag("ol", classes="lines"):
            for stage in one["stages"]:
                words = (say(f"work.stage.{stage['state']}"), stage["on"], stage["who"])
                with tag("li"):
                    tag("span", stage["name"])
                    tag("span", " ".join(filter(None, words)), "soft")
        if who.role in arranging.MANAGERS and one["status"] in COMING:
            _Arranging(visit, one).show()


class _Arranging:
    """Find free half days near a time in words, propose one; write down that the provider has confirmed."""

    def __init__(self, visit: Visit, one: dict[str, Any]) -> None:
        self._visit, self._one = visit, one

    def show(self) -> None:
        with section(say("work.action.arrange")), tag("div", classes="form"):
            tag("p", say("work.explain.arrange"), "soft")
            wish = (self._one["waiting"] or {}).get("words") or self._one["wish"] or ""
            self._when = ui.input(say("work.field.near"), value=wish[:60]).props("outlined maxlength=60")
            button(say("work.press.look"), self._visit, self._look)
            self._offers = tag("div", aria_live="polite")
        if self._one["starts_at"] and not self._one["provider_confirmed"]:
            Action(self._visit, "provider_confirmed", taken(self._visit, lambda _: self._confirm), primary=False).show()

    async def _look(self) -> None:
        text, now, days = (self._when.value or "").replace("\x00", ""), self._visit.now(), self._visit.services.calendar
        found = await self._visit.read(
            lambda s, me: desk.free_slots(s, me, self._one["number"], text=text, now=now, calendar=days.calendar())
        )
        self._offers.clear()
        with self._offers:
            if not found["offers"]:
                tag("p", say("work.no_slots"), "error")
                return
            names = {
                one["slot"]: f"{one['title']} · {one['provider']}（{'、'.join(one['people'])}）{_warning(one)}"
                for one in found["offers"]
            }
            self._choice = ui.radio(names, value=next(iter(names)))
            button(say("work.press.arrange"), self._visit, self._propose, "primary")

    async def _propose(self) -> None:
        await taken(self._visit, lambda _: self._proposed)({})

    def _proposed(self, session: Session, speaker: Speaker) -> list[str]:
        _check_manager(speaker)
        made = arranging.propose(
            session, speaker, self._one["number"], version=self._one["version"], slot=str(self._choice.value),
            now=self._visit.now(), calendar=self._visit.services.calendar.calendar(),
        )  # fmt: skip
        return list(made["told"])

    def _confirm(self, session: Session, speaker: Speaker) -> list[str]:
        _check_manager(speaker)
        made = arranging.confirm_for_provider(
            session, speaker, self._one["number"], version=self._one["version"], now=self._visit.now()
        )
        return list(made["told"])


def _check_manager(speaker: Speaker) -> None:
    if speaker.role not in arranging.MANAGERS:
        raise DomainError("forbidden", 403)


def _warning(offer: dict[str, Any]) -> str:
    """What speaks against choosing it: its appraisal (8.1), certificates that have run out by then (3.5)."""
    appraisal, found = offer["appraisal"], []
    if appraisal is None:
        found.append(text("appraisals.warning_missing"))
    elif not appraisal["passed"]:
        found.append(text("appraisals.warning_failed", year=appraisal["year"]))
    if offer["expired"]:
        found.append(text("appraisals.warning_expired", names="、".join(offer["expired"])))
    return "".join(f" · {words}" for words in found)
