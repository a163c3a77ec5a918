"""One three-party mechanism (9.3): who takes part, its documents and meetings, its end."""

from sqlalchemy.orm import Session

from anze.console.action import Action, Given, day, kept
from anze.console.frame import colleague, frame
from anze.console.html import facts, section, tag
from anze.console.regulators_page import say
from anze.console.visit import Visit
from anze.identity.speaker import Speaker
from anze.regulators import mechanisms
from anze.regulators.kinds import RecordKind
from anze.regulators.rules import KEEPS


async def build(visit: Visit, id_: int) -> None:
    """The page. Raises SignedOutError, not_found; a denied read is kept."""
    who, one = await visit.read(lambda s, me: (colleague(s, me), mechanisms.one(s, me, id_)))
    with frame(visit, who, "regulators", one["name"]):
        members = "\n".join(say("members_of", side=say(f"side.{m['side']}"), name=m["name"]) for m in one["members"])
        facts([
            (say("column.branch"), one["branch"]),
            (say("column.place"), one["province"] + (one["city"] or say("whole_province"))),
            (say("column.agreement"), one["agreement"]), (say("column.members"), members),
            (say("column.since"), one["set_up_on"]), (say("column.ended"), one["ended_on"] or ""),
        ])  # fmt: skip
        with section(say("column.met")), tag("ul", classes="plain-list"):
            for record in one["records"]:
                with tag("li"):
                    tag("span", f"{record['on']} · {say('record.' + record['kind'])} · {record['title']}")
                    tag("p", record["words"], "soft")
                    if record["file"]:
                        tag("a", record["file"], href=f"/api/staff/mechanisms/{id_}/records/{record['id']}/file")
        if who.role in KEEPS and one["ended_on"] is None:
            _record(visit, id_)
            end = Action(visit, "mechanism_end", kept(visit, lambda s, me, given: mechanisms.end(
                s, me, id_, day(given["to_on"]), visit.now()
            )), primary=False)  # fmt: skip
            end.field("to_on", "day").show()
        tag("a", say("back"), href="/staff/regulators")


def _record(visit: Visit, id_: int) -> None:
    kinds = {str(kind): say(f"record.{kind}") for kind in RecordKind}

    def do(session: Session, me: Speaker, given: Given) -> None:
        kind, on = RecordKind(given["record_kind"]), day(given["on"])
        mechanisms.note(session, me, id_, kind, on, given["title"], given["record_words"], given["file"], visit.now())

    action = Action(visit, "mechanism_record", kept(visit, do))
    action.field("record_kind", "choice", kinds, RecordKind.MEETING.value).field("on", "day").field("title", "line")
    action.field("record_words").field("file", "file", optional=True).show()
