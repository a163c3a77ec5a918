"""One line of the ledger, one payable, and the forms that make them (7.3)."""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from anze.clock import legal_date
from anze.console.action import Action, Done, Given, taken
from anze.console.fees_page import say, yuan
from anze.console.frame import colleague, frame
from anze.console.html import facts, section, tag
from anze.console.visit import Visit
from anze.console.words import moment
from anze.errors import DomainError
from anze.fees import ledger, payables, targets
from anze.fees.kinds import Purpose, State
from anze.fees.rules import cents_of
from anze.identity.speaker import Speaker
from anze.texts import text


async def build(visit: Visit, id_: int) -> None:
    """One line with what can be done about it. Raises SignedOutError, not_found; a denied read is kept."""

    def read(session: Session, speaker: Speaker) -> Any:
        row = ledger.found(session, speaker, id_)
        return colleague(session, speaker), ledger.views(session, [row])[0], row.entered_by == speaker.actor

    who, one, mine = await visit.read(read)
    with frame(visit, who, "fees", say("entry", number=one["number"])):
        with section(text("console.work.facts")):
            facts([
                (say("field.branch"), one["branch"]), (say("field.policy"), one["policy"]),
                (say("field.on"), one["booked_on"]), (say("field.payee"), one["payee"]),
                (say("field.uscc"), one["payee_uscc"] or ""), (say("field.amount"), yuan(one["amount_cents"])),
                (say("field.purpose"), say(f"purpose.{one['purpose']}")),
                (say("field.behind"), one["service"] or one["support"] or ""), (say("field.note"), one["note"]),
                (say("field.state"), say(f"state.{one['state']}")),
                (say("field.held"), say(f"held_for.{one['held_for']}") if one["held_for"] else ""),
                (say("field.reverses"), f"TZ{one['reverses_id']:08d}" if one["reverses_id"] else ""),
                (say("field.vouchers"), "、".join(one["vouchers"])),
                (say("field.entered"), f"{one['entered_by']} {moment(one['entered_at'])}"),
                (say("field.decided"), one["decided_by"] or ""), (say("field.reason"), one["reason"] or ""),
            ])  # fmt: skip
        if one["state"] == State.HELD and who.role in ledger.DECIDES and not mine:
            Action(visit, "fee_pass", taken(visit, _decided(visit, id_, approved=True))).field("reason").show()
            Action(
                visit, "fee_refuse", taken(visit, _decided(visit, id_, approved=False)), primary=False
            ).field("reason").show()  # fmt: skip
        if who.role in ledger.WRITES and one["state"] == State.COUNTED and not one["reverses_id"]:
            Action(visit, "fee_voucher", taken(visit, _voucher(visit, id_))).field("voucher", "line").show()
            Action(visit, "fee_reverse", taken(visit, _reversed(visit, id_)), primary=False).field("reason").show()
        tag("a", say("title"), href="/staff/fees")


async def build_payable(visit: Visit, id_: int) -> None:
    """What is owed, and its payment. Raises SignedOutError, not_found; a denied read is kept."""
    today = legal_date(visit.now())
    who, one = await visit.read(lambda s, me: (colleague(s, me), payables.one(s, me, id_, today)))
    with frame(visit, who, "fees", say("payable", provider=one["provider"], service=one["service"])):
        with section(text("console.work.facts")):
            facts([
                (say("field.branch"), one["branch"]), (say("field.provider"), one["provider"]),
                (say("field.amount"), yuan(one["amount_cents"])),
                (say("field.due"), f"{one['due_on']} {say('late')}" if one["late"] else one["due_on"]),
                (say("field.terms"), one["terms"]), (say("field.reason"), one["reason"] or ""),
                (say("field.paid"), one["paid_on"] or ""),
            ])  # fmt: skip
        if one["waits"]:
            tag("p", text("errors.fee_waits"))
            tag("a", say("entry", number=f"TZ{one['waits']:08d}"), href=f"/staff/fees/{one['waits']}")
        elif who.role in ledger.WRITES and one["paid_on"] is None:
            Action(visit, "fee_pay", taken(visit, _paid(visit, id_))).field("voucher", "line").show()
            Action(visit, "fee_late", taken(visit, _late(visit, id_)), primary=False).field("reason").show()
        tag("a", say("title"), href="/staff/fees")


async def build_new(visit: Visit, what: str) -> None:
    """The form for a new line, payable or support item. Raises SignedOutError, not_found, forbidden."""
    if what not in _NEW:
        raise DomainError("not_found", 404)

    def read(session: Session, speaker: Speaker) -> Any:
        if speaker.role not in ledger.WRITES:
            raise DomainError("forbidden", 403)
        return colleague(session, speaker), [row for row in targets.supports(session, speaker) if row["approved_at"]]

    who, supports = await visit.read(read)
    with frame(visit, who, "fees", text(f"console.work.action.fee_{what}")):
        _NEW[what](visit, supports)
        tag("a", say("title"), href="/staff/fees")


def _enter(visit: Visit, supports: list[dict[str, Any]]) -> None:
    purposes = {str(one): say(f"purpose.{one}") for one in Purpose}
    named = {"": "—"} | {str(row["id"]): row["name"] for row in supports}
    action = Action(visit, "fee_enter", _made(visit, _entry))
    action.field("policy", "line").field("payee", "line").field("payee_uscc", "line", optional=True)
    action.field("amount", "line").field("purpose", "choice", purposes, Purpose.SERVICE.value)
    action.field("service", "line", optional=True).field("support", "choice", named, "", optional=True)
    action.field("booked_on", "day", value=legal_date(visit.now()).isoformat())
    action.field("voucher", "line", optional=True).field("note").show()


def _owe(visit: Visit, _: list[dict[str, Any]]) -> None:
    action = Action(visit, "fee_owe", _made(visit, _owed))
    action.field("service", "line").field("amount", "line").field("owed_on", "day").field("terms").show()


def _support(visit: Visit, _: list[dict[str, Any]]) -> None:
    Action(visit, "fee_support", _made(visit, _asked)).field("name", "line").field("reason").show()


_NEW: dict[str, Callable[[Visit, list[dict[str, Any]]], None]] = {"enter": _enter, "owe": _owe, "support": _support}


def _made(visit: Visit, do: Callable[[Visit, Given], Callable[[Session, Speaker], str]]) -> Any:
    """One press; the page of what was made is shown."""

    async def work(given: Given) -> None:
        path = await visit.write(do(visit, given))
        visit.say(text("console.work.done"))
        visit.go(path)

    return work


def _entry(visit: Visit, given: Given) -> Callable[[Session, Speaker], str]:
    entry = ledger.Entry(
        policy=given["policy"].upper(), booked_on=_day(given["booked_on"]), payee=given["payee"],
        amount_cents=_cents(given["amount"]), purpose=Purpose(given["purpose"]), note=given["note"],
        payee_uscc=given["payee_uscc"] or None, service=given["service"].upper() or None,
        support=int(given["support"]) if given["support"] else None, voucher=given["voucher"] or None,
    )  # fmt: skip
    return lambda session, speaker: f"/fees/{ledger.enter(session, speaker, entry, visit.now()).id}"


def _owed(visit: Visit, given: Given) -> Callable[[Session, Speaker], str]:
    row = payables.Owed(given["service"].upper(), _cents(given["amount"]), _day(given["owed_on"]), given["terms"])
    return lambda session, speaker: f"/payables/{payables.owe(session, speaker, row, visit.now()).id}"


def _asked(visit: Visit, given: Given) -> Callable[[Session, Speaker], str]:
    def work(session: Session, speaker: Speaker) -> str:
        targets.ask_support(session, speaker, given["name"], given["reason"], visit.now())
        return "/fees"

    return work


def _cents(typed: str) -> int:
    cents = cents_of(typed)
    if cents is None:
        raise DomainError("fee_amount", 422)
    return cents


def _day(iso: str) -> date:
    try:
        return date.fromisoformat(iso)
    except ValueError as error:
        raise DomainError("day_unread", 422) from error


def _decided(visit: Visit, id_: int, *, approved: bool) -> Callable[[Given], Done]:
    return _done(lambda s, me, given: ledger.decide(s, me, id_, approved, given["reason"], visit.now()))


def _reversed(visit: Visit, id_: int) -> Callable[[Given], Done]:
    return _done(lambda s, me, given: ledger.reverse(s, me, id_, given["reason"], visit.now()))


def _voucher(visit: Visit, id_: int) -> Callable[[Given], Done]:
    return _done(lambda s, me, given: ledger.add_voucher(s, me, id_, given["voucher"], visit.now()))


def _paid(visit: Visit, id_: int) -> Callable[[Given], Done]:
    return _done(lambda s, me, given: payables.pay(s, me, id_, given["voucher"], visit.now()))


def _late(visit: Visit, id_: int) -> Callable[[Given], Done]:
    return _done(lambda s, me, given: payables.explain(s, me, id_, given["reason"], visit.now()))


def _done(do: Callable[[Session, Speaker, Given], Any]) -> Callable[[Given], Done]:
    """A use case that speaks in no talk."""

    def of(given: Given) -> Done:
        def work(session: Session, speaker: Speaker) -> list[str]:
            do(session, speaker, given)
            return []

        return work

    return of
