"""A follow-up: what was said by telephone or on site is written down."""

from sqlalchemy.orm import Session

from anze.console.action import Action, Done, Given, taken
from anze.console.frame import colleague, frame
from anze.console.html import facts, section, tag
from anze.console.visit import Visit
from anze.console.words import day, say
from anze.identity.models import Role
from anze.identity.speaker import Speaker
from anze.surveys import desk
from anze.surveys.models import SurveyChannel, SurveyStatus

_MARKS = range(1, 6)


async def build(visit: Visit, number: str) -> None:
    """A follow-up: write down what was said by telephone or on site. Raises SignedOutError, not_found."""
    who, one = await visit.read(lambda s, me: (colleague(s, me), desk.survey(s, me, number, visit.now())))
    contact = one["contact"]
    with frame(visit, who, "work", say("work.survey", number=one["service"])):
        with section(say("work.facts")):
            facts([
                (say("work.field.firm"), one["firm"]), (say("work.field.item"), one["item"]),
                (say("work.field.provider"), one["provider"] or ""),
                (say("work.field.completed_on"), one["completed_on"] or ""),
                (say("work.field.contact"), " ".join(filter(None, contact.values()))),
                (say("work.field.due_on"), day(one["due_on"], provisional=one["provisional"])),
                (say("work.field.state"), one["status_text"]),
                (say("work.field.mark"), say(f"work.mark.{one['mark']}") if one["mark"] else ""),
                (say("work.field.opinion"), one["opinion"] or ""),
                (say("work.field.answered_by"), one["answered_by"] or ""),
            ])  # fmt: skip
            if one["overdue"]:
                tag("p", say("work.overdue"), "error")
        if one["status"] == SurveyStatus.DONE or who.role == Role.AUDITOR:
            return

        def recorded(given: Given) -> Done:
            def work(session: Session, speaker: Speaker) -> list[str]:
                desk.record(
                    session, speaker, number, channel=SurveyChannel(given["channel"]), mark=int(given["mark"]),
                    opinion=given["opinion"], answered_by=given["answered_by"], now=visit.now(),
                )  # fmt: skip
                return []

            return work

        channels = {str(one): say(f"work.channel.{one}") for one in (SurveyChannel.PHONE, SurveyChannel.SITE)}
        Action(visit, "record", taken(visit, recorded)).field(
            "channel", choices=channels, value=str(SurveyChannel.PHONE)
        ).field("answered_by", "line", value=contact["name"]).field(
            "mark", choices={n: say(f"work.mark.{n}") for n in reversed(_MARKS)}, value=one["mark"]
        ).field("opinion").show()
