"""Management (7.1, 7.2, 6.4): managers, documents, spot checks, complaint channels, and the forms that keep them."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from anze.clock import legal_date
from anze.console.action import Action, day, kept
from anze.console.frame import button, colleague, frame
from anze.console.html import facts, linked_table, section, table, tag
from anze.console.visit import Visit
from anze.errors import DomainError
from anze.identity.models import Role
from anze.identity.speaker import Speaker
from anze.management import checking, documents, people
from anze.management.kinds import ChannelKind, DocumentKind, Outcome
from anze.procedure import usecases as procedure
from anze.procedure.kinds import Way
from anze.procedure.usecases import Told
from anze.texts import text

SIZE = 100
_DIGITS, _MOST = 3, 500
_SHOWN = 20


def say(key: str, **fields: Any) -> str:
    return text(f"management.{key}", **fields)


async def build(visit: Visit) -> None:
    """The page. Raises SignedOutError."""
    today = legal_date(visit.now())

    def read(session: Session, speaker: Speaker) -> tuple[Any, ...]:
        return (
            colleague(session, speaker), people.listed(session, speaker, today, size=SIZE)["items"],
            documents.listed(session, speaker, today), checking.checks(session, speaker, size=SIZE)["items"],
            checking.channels(session, speaker), procedure.untold(session, speaker, today, size=SIZE),
        )  # fmt: skip

    who, managers, papers, checks, channels, untold = await visit.read(read)
    keeps, issues = who.role in people.KEEPS, who.role in {Role.SUPERVISOR, Role.ADMIN}
    with frame(visit, who, "management", say("title")):
        tag("p", say("explain"), "soft")
        with section(say("managers")):
            _managers(managers)
            _link("manager_new", shown=keeps)
        with section(say("documents")):
            _documents(papers)
            _link("document_new", shown=issues)
        with section(say("checks")):
            _checks(checks)
            _link("quality_draw", shown=keeps)
        with section(say("channels")):
            _channels(visit, channels, may_try=keeps)
            _link("channel_new", shown=keeps)
        with section(text("procedure.title")):
            _untold(untold)
        if who.role in procedure.WRITES:
            _procedure(visit)


def _link(what: str, *, shown: bool) -> None:
    if shown:
        tag("a", text(f"console.work.action.{what}"), href=f"/staff/management/new/{what}")


def _heads(*names: str) -> list[str]:
    return [say(f"column.{name}") for name in names]


def _managers(rows: list[dict[str, Any]]) -> None:
    if not rows:
        tag("p", say("none_managers"), "soft")
        return
    linked_table(_heads("name", "department", "branch", "trained"), [
        (f"/staff/managers/{row['id']}",
         [row["name"], row["department"], row["branch"],
          row["trained_on"] if row["trained_this_year"] else say("not_trained")])
        for row in rows
    ])  # fmt: skip


def _documents(found: dict[str, Any]) -> None:
    missing = "、".join(say(f"document.{kind}") for kind in found["missing"])
    tag("p", say("missing", names=missing) if missing else say("none_missing"), "error" if missing else "soft")
    if found["items"]:
        heads = _heads("kind", "title", "version", "from", "branch")
        rows = [
            [say(f"document.{row['kind']}"), f"{row['title']}（{row['number']}）", say("version", n=row["version"]),
             row["in_force_from"], row["branch"]]
            for row in found["items"]
        ]  # fmt: skip
        table(heads, rows, say("documents"))


def _checks(rows: list[dict[str, Any]]) -> None:
    if not rows:
        tag("p", say("none_checks"), "soft")
        return
    linked_table(_heads("service", "branch", "drawn", "outcome"), [
        (f"/staff/checks/{row['id']}",
         [row["service"], row["branch"], row["drawn_on"],
          say(f"outcome.{row['outcome']}") if row["outcome"] else ""])
        for row in rows
    ])  # fmt: skip


def _channels(visit: Visit, rows: list[dict[str, Any]], *, may_try: bool) -> None:
    if not rows:
        tag("p", say("none_channels"), "soft")
    with tag("ul", classes="plain-list"):
        for row in rows:
            with tag("li"):
                tag("span", f"{row['branch']} · {say('channel.' + row['kind'])} · {row['value']} · {row['hours']} ")
                if row["works"] is None:
                    state = say("untried")
                else:
                    state = say("works" if row["works"] else "broken", on=row["tested_on"])
                tag("span", state, "soft" if row["works"] else "error")
                if may_try:
                    button(say("try_good"), visit, _tried(visit, row["id"], works=True))
                    button(say("try_bad"), visit, _tried(visit, row["id"], works=False))


def _tried(visit: Visit, id_: int, *, works: bool) -> Any:
    async def work() -> None:
        await visit.write(lambda s, me: checking.tried(s, me, id_, works, visit.now()))
        visit.go("/management")

    return work


def _untold(found: dict[str, Any]) -> None:
    if not found["total"]:
        tag("p", text("procedure.all_told"), "soft")
        return
    tag("p", text("procedure.untold", count=found["total"]))
    heads = [text(f"procedure.column.{name}") for name in ("policy", "insured", "since")]
    table(heads, [[row["policy"], row["insured"], row["start_on"]] for row in found["items"][:_SHOWN]])


def _procedure(visit: Visit) -> None:
    ways = {str(way): text(f"procedure.way.{way}") for way in Way if way is not Way.CHAT}
    action = Action(visit, "procedure_told", kept(visit, lambda s, me, given: procedure.note(
        s, me, Told(given["policy"], Way(given["told_way"]), day(given["on"]), given["told_words"],
                    file_id=given["file"]), visit.now()
    )), primary=False)  # fmt: skip
    action.field("policy", "line").field("told_way", "choice", ways, Way.PAPER.value).field("on", "day")
    action.field("told_words", "line").field("file", "file", optional=True).show()


async def build_manager(visit: Visit, id_: int) -> None:
    """One manager. Raises SignedOutError, not_found; a denied read is kept."""
    today = legal_date(visit.now())

    who, one = await visit.read(lambda s, me: (colleague(s, me), people.one(s, me, id_, today)))
    with frame(visit, who, "management", f"{say('manager')} · {one['name']}"):
        facts([
            (say("column.branch"), one["branch"]), (say("column.department"), one["department"]),
            (say("column.from"), one["from_on"]), (say("column.trained"), one["trained_on"] or say("not_trained")),
        ])  # fmt: skip
        if who.role in people.KEEPS:
            train = Action(visit, "manager_train", kept(visit, lambda s, me, given: people.trained(
                s, me, id_, day(given["trained_on"]), given["topic"], _hours(given["hours"]), given["proof"],
                visit.now(),
            )))  # fmt: skip
            train.field("trained_on", "day").field("topic", "line").field("hours", "line").field("proof", "line").show()
            end = Action(visit, "manager_end", kept(visit, lambda s, me, given: people.ended(
                s, me, id_, day(given["to_on"]), visit.now()
            )), primary=False)  # fmt: skip
            end.field("to_on", "day").show()
        tag("a", say("title"), href="/staff/management")


async def build_check(visit: Visit, id_: int) -> None:
    """One spot check. Raises SignedOutError, not_found."""

    who, one = await visit.read(lambda s, me: (colleague(s, me), checking.one(s, me, id_)))
    with frame(visit, who, "management", say("check", service=one["service"])):
        facts([
            (say("column.branch"), one["branch"]), (say("column.drawn"), f"{one['drawn_on']}（{one['seed']}）"),
            (say("column.outcome"), say(f"outcome.{one['outcome']}") if one["outcome"] else ""),
            (text("console.work.field.findings"), one["findings"] or ""),
        ])  # fmt: skip
        tag("a", one["service"], href=f"/staff/bookings/{one['service']}")
        if who.role in people.KEEPS and one["outcome"] is None:
            outcomes = {str(outcome): say(f"outcome.{outcome}") for outcome in Outcome}
            Action(visit, "quality_found", kept(visit, lambda s, me, given: checking.found(
                s, me, id_, Outcome(given["outcome"]), given["findings"], visit.now()
            ))).field("outcome", "choice", outcomes, Outcome.GOOD.value).field("findings").show()  # fmt: skip
        tag("p", "")
        tag("a", say("title"), href="/staff/management")


async def build_new(visit: Visit, what: str) -> None:
    """The form for something new. Raises SignedOutError, not_found, forbidden."""
    if what not in _NEW:
        raise DomainError("not_found", 404)

    def read(session: Session, speaker: Speaker) -> Any:
        if speaker.role not in people.KEEPS:
            raise DomainError("forbidden", 403)
        return colleague(session, speaker)

    who = await visit.read(read)
    with frame(visit, who, "management", text(f"console.work.action.{what}")):
        _NEW[what](visit)
        tag("a", say("title"), href="/staff/management")


def _manager(visit: Visit) -> None:
    action = Action(visit, "manager_new", kept(visit, lambda s, me, given: people.named(
        s, me, given["person"], given["department"], day(given["from_on"]), None, visit.now()
    ), "/management"))  # fmt: skip
    action.field("person", "line").field("department", "line").field("from_on", "day").show()


def _document(visit: Visit) -> None:
    kinds = {str(kind): say(f"document.{kind}") for kind in DocumentKind}
    action = Action(visit, "document_new", kept(visit, lambda s, me, given: documents.issue(
        s, me, DocumentKind(given["document"]), given["title"], given["document_no"], given["changes"],
        day(given["from_on"]), visit.now(),
    ), "/management"))  # fmt: skip
    action.field("document", "choice", kinds, DocumentKind.PROCESS.value).field("title", "line")
    action.field("document_no", "line").field("from_on", "day").field("changes").show()


def _draw(visit: Visit) -> None:
    action = Action(visit, "quality_draw", kept(visit, lambda s, me, given: checking.draw(
        s, me, given["seed"], _hours(given["count"]), visit.now()
    ), "/management"))  # fmt: skip
    action.field("seed", "line").field("count", "line", value="3").show()


def _channel(visit: Visit) -> None:
    kinds = {str(kind): say(f"channel.{kind}") for kind in ChannelKind}
    action = Action(visit, "channel_new", kept(visit, lambda s, me, given: checking.channel(
        s, me, ChannelKind(given["channel"]), given["value"], given["hours_open"], None, visit.now()
    ), "/management"))  # fmt: skip
    action.field("channel", "choice", kinds, ChannelKind.PHONE.value).field("value", "line")
    action.field("hours_open", "line").show()


_NEW: dict[str, Callable[[Visit], None]] = {
    "manager_new": _manager, "document_new": _document, "quality_draw": _draw, "channel_new": _channel,
}  # fmt: skip


def _hours(typed: str) -> int:
    """A whole number of 1–500."""
    digits = typed.lstrip("0")
    if not digits.isascii() or not digits.isdecimal() or len(digits) > _DIGITS or int(digits) > _MOST:
        raise DomainError("number_unread", 422)
    return int(digits)
