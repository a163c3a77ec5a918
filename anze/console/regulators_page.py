"""Cooperation with authorities (9.1–9.3): reports, hand-overs, mechanisms, evaluations, and the forms for new ones."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from anze.clock import legal_date
from anze.console.action import Action, Given, arrived, day, kept
from anze.console.frame import button, colleague, frame
from anze.console.html import linked_table, section, table, tag
from anze.console.visit import Visit
from anze.errors import DomainError
from anze.identity.models import Staff
from anze.identity.speaker import Speaker
from anze.regulators import authorities, evaluations, handover, issuing, mechanisms, reporting
from anze.regulators.kinds import AuthorityKind, AuthorityLevel, Side
from anze.regulators.rules import KEEPS
from anze.texts import text

SIZE = 100


def say(key: str, **fields: Any) -> str:
    return text(f"regulators.{key}", **fields)


def heads(*names: str) -> list[str]:
    return [say(f"column.{name}") for name in names]


def sent(row: dict[str, Any]) -> str:
    """2026-11-20 公文，文号; empty while nothing was sent."""
    if not row["sent_on"]:
        return ""
    return say("sent", on=row["sent_on"], way=say(f"way.{row['sent_way']}"), number=row["document_no"])


def receipt(row: dict[str, Any]) -> str:
    """2026-11-22，number; empty while nothing came back."""
    return say("receipt_of", on=row["receipt_on"], number=row["receipt_no"]) if row["receipt_on"] else ""


async def build(visit: Visit) -> None:
    """The page. Raises SignedOutError."""
    today = legal_date(visit.now())

    def read(session: Session, speaker: Speaker) -> tuple[Any, ...]:
        return (
            colleague(session, speaker), session.get_one(Staff, speaker.staff_id).branch.level,
            reporting.cases(session, speaker, size=SIZE)["items"],
            handover.listed(session, speaker, size=SIZE)["items"],
            mechanisms.listed(session, speaker, size=SIZE)["items"],
            evaluations.listed(session, speaker, today, size=SIZE)["items"],
            authorities.listed(session, speaker, today, province=None, page=1, size=SIZE)["items"],
        )  # fmt: skip

    who, level, reports, handovers, known, asked, places = await visit.read(read)
    keeps = who.role in KEEPS
    with frame(visit, who, "regulators", say("title")):
        tag("p", say("explain"), "soft")
        with section(say("reports")):
            _reports(reports)
        with section(say("evaluations")):
            _evaluations(asked)
            _link("evaluation_new", shown=keeps)
        with section(say("handovers")):
            _handovers(handovers)
            _link("handover_new", shown=keeps and level in handover.MAKERS)
        with section(say("mechanisms")):
            _mechanisms(known)
            _link("mechanism_new", shown=keeps)
        with section(say("authorities"), open_=False):
            _authorities(visit, places, keeps=keeps)
            _link("authority_new", shown=keeps)


def _link(what: str, *, shown: bool) -> None:
    if shown:
        tag("a", text(f"console.work.action.{what}"), href=f"/staff/regulators/new/{what}")


def _shown(none: str, rows: list[dict[str, Any]], columns: tuple[str, ...],
           line: Callable[[dict[str, Any]], tuple[str, list[str]]]) -> None:  # fmt: skip
    if rows:
        linked_table(heads(*columns), map(line, rows))
    else:
        tag("p", say(none), "soft")


def _reports(rows: list[dict[str, Any]]) -> None:
    _shown("none_reports", rows, ("case", "firm", "branch", "state"), lambda row: (
        f"/staff/candidates/{row['id']}",
        [f"{row['clause']} {row['kind_text']}", row["firm"], row["branch"],
         say(f"state.{row['draft']}") if row["draft"] else row["state_text"]],
    ))  # fmt: skip


def _evaluations(rows: list[dict[str, Any]]) -> None:
    def line(row: dict[str, Any]) -> tuple[str, list[str]]:
        answered = row["answered_on"] or (say("late") if row["late"] else "")
        return (f"/staff/evaluations/{row['id']}",
                [row["number"], row["authority"], row["branch"], row["received_on"], row["due_on"] or "", answered],
                )  # fmt: skip

    _shown("none_evaluations", rows, ("number", "authority", "branch", "received", "due", "answered"), line)


def _handovers(rows: list[dict[str, Any]]) -> None:
    _shown("none_handovers", rows, ("period", "province", "counts", "sent", "receipt"), lambda row: (
        f"/staff/handovers/{row['id']}",
        [row["period"], row["province"], say("counts", **row["counts"]), sent(row), receipt(row)],
    ))  # fmt: skip


def _mechanisms(rows: list[dict[str, Any]]) -> None:
    _shown("none_mechanisms", rows, ("name", "place", "agreement", "since", "ended"), lambda row: (
        f"/staff/mechanisms/{row['id']}",
        [row["name"], row["province"] + (row["city"] or say("whole_province")), row["agreement"], row["set_up_on"],
         row["ended_on"] or ""],
    ))  # fmt: skip


def _authorities(visit: Visit, rows: list[dict[str, Any]], *, keeps: bool) -> None:
    if not rows:
        tag("p", say("none_authorities"), "soft")
        return
    if not keeps:
        table(heads("name", "kind", "place", "contact"), [
            [row["name"], say(f"kind.{row['kind']}"), _place(row), row["contact"]] for row in rows
        ])  # fmt: skip
        return
    with tag("ul", classes="plain-list"):
        for row in rows:
            with tag("li"):
                tag("span", f"{row['name']} · {say('kind.' + row['kind'])} · {_place(row)} ")
                tag("span", row["contact"], "soft")
                button(say("end_authority"), visit, _ended(visit, row["id"]), "quiet")


def _place(row: dict[str, Any]) -> str:
    return "".join(filter(None, (row["province"], row["city"], row["county"])))


def _ended(visit: Visit, id_: int) -> Any:
    async def work() -> None:
        await visit.write(lambda s, me: authorities.end(s, me, id_, visit.now()))
        arrived(visit, "/regulators")

    return work


async def build_new(visit: Visit, what: str) -> None:
    """The form for something new. Raises SignedOutError, not_found, forbidden."""
    if what not in _NEW:
        raise DomainError("not_found", 404)
    today = legal_date(visit.now())

    def read(session: Session, speaker: Speaker) -> Any:
        if speaker.role not in KEEPS:
            raise DomainError("forbidden", 403)
        branch = session.get_one(Staff, speaker.staff_id).branch
        places = authorities.listed(session, speaker, today, province=None, page=1, size=SIZE)["items"]
        return colleague(session, speaker), branch.province or "", branch.city or "", places

    who, province, city, places = await visit.read(read)
    with frame(visit, who, "regulators", text(f"console.work.action.{what}")):
        _NEW[what](visit, province, city, {one["id"]: one["name"] for one in places})
        tag("a", say("back"), href="/staff/regulators")


def _authority(visit: Visit, province: str, city: str, _: dict[int, str]) -> None:
    kinds = {str(kind): say(f"kind.{kind}") for kind in AuthorityKind}
    levels = {str(level): say(f"level.{level}") for level in AuthorityLevel}

    def do(session: Session, me: Speaker, given: Given) -> None:
        authorities.add(session, me, authorities.Given(
            AuthorityKind(given["authority_kind"]), AuthorityLevel(given["authority_level"]), given["province"],
            given["city"] or None, given["county"] or None, given["name"], given["contact"],
        ), None, visit.now())  # fmt: skip

    action = Action(visit, "authority_new", kept(visit, do, "/regulators")).field("name", "line")
    action.field("authority_kind", "choice", kinds, AuthorityKind.EMERGENCY.value)
    level = AuthorityLevel.CITY if city else AuthorityLevel.PROVINCE
    action.field("authority_level", "choice", levels, level.value)
    action.field("province", "line", value=province).field("city", "line", value=city, optional=True)
    action.field("county", "line", optional=True).field("contact", "line", optional=True).show()


def _handover(visit: Visit, province: str, _: str, __: dict[int, str]) -> None:
    async def do(given: Given) -> None:
        speaker = await visit.speaker()
        made = issuing.hand_over(visit.services, speaker, None, given["province"], given["period"], None, visit.now())
        found, _ = await visit.kept(made)
        arrived(visit, f"/handovers/{found['id']}")

    Action(visit, "handover_new", do).field("province", "line", value=province).field("period", "line").show()


def _mechanism(visit: Visit, province: str, city: str, _: dict[int, str]) -> None:
    def do(session: Session, me: Speaker, given: Given) -> None:
        mechanisms.add(session, me, mechanisms.Given(
            given["province"], given["city"] or None, given["name"], given["agreement"], members(given["members"]),
            day(given["set_up_on"]),
        ), None, visit.now())  # fmt: skip

    action = Action(visit, "mechanism_new", kept(visit, do, "/regulators")).field("name", "line")
    action.field("agreement", "line").field("province", "line", value=province)
    action.field("city", "line", value=city, optional=True).field("set_up_on", "day").field("members").show()


def members(typed: str) -> list[tuple[Side, str]]:
    """One a line, 保险机构：某某公司. Raises mechanism_members."""
    sides = {say(f"side.{side}"): side for side in Side}
    found = []
    for line in filter(None, map(str.strip, typed.splitlines())):
        side, _, name = line.replace("：", ":").partition(":")
        if side.strip() not in sides or not name.strip():
            raise DomainError("mechanism_members", 422)
        found.append((sides[side.strip()], name.strip()))
    return found


def _evaluation(visit: Visit, _: str, __: str, places: dict[int, str]) -> None:
    def do(session: Session, me: Speaker, given: Given) -> None:
        due = day(given["answer_due"]) if given["answer_due"] else None
        evaluations.receive(session, me, evaluations.Given(
            given["authority"], given["document_no"], day(given["received_on"]), due, given["asked"],
        ), None, visit.now())  # fmt: skip

    action = Action(visit, "evaluation_new", kept(visit, do, "/regulators"))
    action.field("authority", "choice", places).field("document_no", "line").field("received_on", "day")
    action.field("answer_due", "day", optional=True).field("asked").show()


_NEW: dict[str, Callable[[Visit, str, str, dict[int, str]], None]] = {
    "authority_new": _authority, "handover_new": _handover, "mechanism_new": _mechanism, "evaluation_new": _evaluation,
}  # fmt: skip
