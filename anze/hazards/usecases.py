"""Hazards in the dialogue, for whoever acts for the insured; and what other parts call. Never commits."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from anze.audit.chain import append, digest
from anze.calendar.data import CalendarStore
from anze.calendar.when import first
from anze.calendar.when.resolve import day_of
from anze.calendar.words import spoken
from anze.clock import legal_date
from anze.conversations.normalise import normalise
from anze.conversations.turn import Turn
from anze.errors import DomainError
from anze.hazards import agreement, store, views, words
from anze.hazards.finding import add_files as attach
from anze.hazards.finding import found
from anze.hazards.models import DateState, Hazard, HazardDate, HazardLevel, HazardStatus, Side
from anze.hazards.overdue import mark_overdue
from anze.hazards.rules import Bearing, is_past
from anze.hazards.telling import branch_fields, note_sent
from anze.texts import text as say

__all__ = [
    "add_files",
    "answer_date",
    "asks_the_rule",
    "day_in",
    "found",
    "mark_overdue",
    "mine",
    "note_sent",
    "open_ones",
    "propose",
    "report_done",
]

_NEXT_YEARS = timedelta(days=270)
"""What is unsure and so far ahead was said of a day that has passed: 11月20号前, on 23 November."""
COLUMNS = ("number", "level", "place", "state", "due", "left", "agreed_by")


def mine(session: Session, turn: Turn, calendar: CalendarStore) -> dict[str, Any]:
    """The firm's hazards: {"count", "fields": {count, major, open}, "table", "data"}; open and major ones first."""
    rows = store.of_firm(session, turn.speaker)
    shown = views.shown(session, rows, legal_date(turn.now), calendar.calendar())
    table = {
        "columns": [say(f"hazard.column.{name}") for name in COLUMNS],
        "rows": [
            [
                one.row.number,
                say(f"hazard.level.{one.row.level}"),
                one.row.place,
                views.state_text(one),
                views.due_text(one),
                views.left_text(one),
                views.agreed_text(one),
            ]
            for one in shown
        ],
    }
    fields = {
        "count": len(rows),
        "major": sum(row.level == HazardLevel.MAJOR for row in rows),
        "open": sum(row.status != HazardStatus.CLOSED for row in rows),
    }
    data = {"kind": "hazards", "items": [views.data(one) for one in shown]}
    return {"count": len(rows), "fields": fields, "table": table, "data": data}


def open_ones(
    session: Session, turn: Turn, calendar: CalendarStore, named: str | None, major_only: bool = False
) -> dict[str, Any]:
    """Which open hazard is meant: {"one": {number, level, agreed} or None, "choices": [{"title", "number"}]}.

    By its number, by the words of the turn (place, what was found), as the only one; else the choices. A named one
    is given as long as it is not closed, whatever its level. `agreed`: the counting date in words, None without one.
    """
    named = named or words.number_in(turn.text)
    if named:
        row = store.firm_hazard(session, turn.speaker, named)
        return {"one": _brief(row) if row and row.status != HazardStatus.CLOSED else None, "choices": []}
    rows = [row for row in store.of_firm(session, turn.speaker) if row.status == HazardStatus.OPEN]
    if major_only:
        rows = [row for row in rows if row.level == HazardLevel.MAJOR] or rows
    if len(rows) == 1:
        return {"one": _brief(rows[0]), "choices": []}
    said = normalise(turn.text) if turn.intent is None else ""
    meant = words.meant(said, [words.Named(row.number, row.place, row.description) for row in rows])
    if meant is not None:
        return {"one": _brief(next(row for row in rows if row.number == meant)), "choices": []}
    titles = [
        {"title": say("hazard.choice", number=row.number, place=row.place[:20]), "number": row.number} for row in rows
    ]
    return {"one": None, "choices": titles}


def _brief(row: Hazard) -> dict[str, Any]:
    return {"number": row.number, "level": row.level, "agreed": spoken(row.agreed_on) if row.agreed_on else None}


def asks_the_rule(session: Session, turn: Turn) -> bool:
    """Whether the turn's words ask what the standard says of such dates: no proposal, whoever asks."""
    return turn.intent is None and words.asks_the_rule(normalise(turn.text))


def day_in(session: Session, turn: Turn, calendar: CalendarStore) -> dict[str, Any]:
    """The day that the turn's words name: {"day": ISO or None, "past": bool}.

    Of a span (12月15号前, 下周) its last day. A choice (周三或周四) and a mere length (十天) are no day, and a day that
    has passed this year is not next year's.
    """
    said = first(turn.text, turn.now, calendar=calendar.calendar())
    if said.kind not in {"date", "datetime", "range"} or said.end is None:
        return {"day": None, "past": False}
    day, today = day_of(said.end), legal_date(turn.now)
    if said.confirm:
        return {"day": None, "past": day - today > _NEXT_YEARS}
    past = day < today
    return {"day": None if past else day.isoformat(), "past": past}


def propose(
    session: Session,
    turn: Turn,
    calendar: CalendarStore,
    number: str | None,
    day: str | date | None = None,
    reason: str | None = None,
    measures: str | None = None,
) -> dict[str, Any]:
    """Propose a date for a major hazard; without `day` the one that the turn's words name. {"kind", "fields"}.

    Kinds: proposed_first (待约定), proposed (one counts already), proposed_late (the old one has passed: recorded,
    cures nothing); explain_day, past_day, ask_reason (a new date needs reason and interim measures); general,
    not_found, none_open (reported or closed meanwhile).
    """
    hazard = store.firm_hazard(session, turn.speaker, number or "")
    if hazard is None:
        return {"kind": "not_found", "fields": {"number": number or ""}}
    fields = {"number": hazard.number, "agreed": spoken(hazard.agreed_on) if hazard.agreed_on else ""}
    fields |= branch_fields(session, hazard)
    if day is None:
        named = day_in(session, turn, calendar)
        if named["day"] is None:
            return {"kind": "past_day" if named["past"] else "explain_day", "fields": fields}
        day = named["day"]
    due_on = date.fromisoformat(day) if isinstance(day, str) else day
    try:
        agreement.propose(
            session, hazard, due_on, reason, measures, side=Side.INSURED, actor=turn.speaker.actor, now=turn.now
        )
    except DomainError as error:
        return {"kind": _REFUSED[error.code], "fields": fields | {"due": spoken(due_on)}}
    late = is_past(agreement.judged(hazard), legal_date(turn.now))
    kind = "proposed_late" if late else "proposed" if hazard.agreed_on else "proposed_first"
    return {"kind": kind, "fields": fields | {"due": spoken(due_on)}}


_REFUSED = {
    "hazard_general": "general",
    "hazard_not_open": "none_open",
    "hazard_day_past": "past_day",
    "hazard_needs_reason": "ask_reason",
}


def answer_date(session: Session, turn: Turn, calendar: CalendarStore, number: str, accept: bool) -> dict[str, Any]:
    """Accept or refuse the date that our side proposed: {"kind", "fields"}.

    Kinds: agreed, agreed_supervisor (waits for the supervisor), proposed_late (agreed after the old one had passed:
    cures nothing), refused, past_day (the day itself is over), not_found. A second yes is told the same again.
    """
    hazard, row = _asked(session, turn, number)
    if hazard is None or row is None:
        return {"kind": "not_found", "fields": {"number": number}}
    fields = {"number": hazard.number, "due": spoken(row.due_on)} | branch_fields(session, hazard)
    fields["agreed"] = spoken(hazard.agreed_on) if hazard.agreed_on else ""
    if row.state == DateState.PROPOSED:
        if not accept:
            agreement.refuse(session, hazard, row, actor=turn.speaker.actor, now=turn.now)
            return {"kind": "refused", "fields": fields}
        if row.due_on < legal_date(turn.now):
            return {"kind": "past_day", "fields": fields}
        agreement.consent(session, hazard, row, actor=turn.speaker.actor, now=turn.now, calendar=calendar)
    if row.state == DateState.SUPERVISOR:
        return {"kind": "agreed_supervisor", "fields": fields}
    counts = agreement.judged(hazard).bearings[row.no] in {Bearing.COUNTS, Bearing.REPLACED}
    return {"kind": "agreed" if counts else "proposed_late", "fields": fields}


def _asked(session: Session, turn: Turn, number: str) -> tuple[Hazard | None, HazardDate | None]:
    """The hazard and the date of ours that waits for the firm's word, or that it gave its word to before."""
    rows = store.of_firm(session, turn.speaker)
    if number:
        rows = [row for row in rows if row.number == number.strip().upper()]
    waiting = [row for row in rows if (date_ := agreement.waiting(row)) and _ours(date_, DateState.PROPOSED)]
    if len(waiting) == 1:
        hazard = store.firm_hazard(session, turn.speaker, waiting[0].number)
        return hazard, agreement.waiting(hazard) if hazard else None
    if waiting or len(rows) != 1:
        return None, None
    answered = [d for d in rows[0].dates if d.agreed_by == turn.speaker.actor]
    return rows[0], answered[-1] if answered else None


def _ours(row: HazardDate, state: DateState) -> bool:
    return row.state == state and row.proposed_side == Side.INSURER


def report_done(session: Session, turn: Turn, number: str | None) -> dict[str, Any]:
    """It was put right, with the turn's words and photos: {"kind": "reported", "fields": {number, files}}.

    `files` counts the photos of the rectification so far. More words and photos may follow until it is closed; the
    moment of the first report stands. Raises DomainError not_found.
    """
    hazard = store.firm_hazard(session, turn.speaker, number or "")
    if hazard is None or hazard.status == HazardStatus.CLOSED:
        raise DomainError("not_found", 404)
    said = turn.text.strip() if turn.intent is None else ""
    hazard.rectification = "\n".join(part for part in (hazard.rectification, said) if part) or None
    added = attach(session, hazard, list(turn.file_ids), "rectified", turn.now)
    again = hazard.status == HazardStatus.REPORTED
    if not again:
        hazard.status, hazard.rectified_at = HazardStatus.REPORTED, turn.now
    hazard.version += 1
    whole = digest(hazard.rectification) if hazard.rectification else None
    body = {"files": added, "rectification_sha256": whole} | ({"text_sha256": digest(said)} if said else {})
    kind = "hazard.report_added" if again else "hazard.reported"
    append(
        session, at=turn.now, kind=kind, subject=f"hazard:{hazard.id}", actor=turn.speaker.actor, body=body
    )  # fmt: skip
    photos = sum(link.kind == "rectified" for link, _ in store.files(session, hazard.id))
    return {"kind": "reported", "fields": {"number": hazard.number, "files": photos}}


def add_files(session: Session, turn: Turn) -> dict[str, Any]:
    """Files sent alone after a report: to the one hazard that waits to be verified. {"attached", "target", "count"}."""
    reported = [r for r in store.of_firm(session, turn.speaker) if r.status == HazardStatus.REPORTED]
    if len(reported) != 1 or not turn.file_ids:
        return {"attached": False, "count": len(turn.file_ids)}
    done = report_done(session, turn, reported[0].number)
    return {"attached": True, "target": done["fields"]["number"], "count": len(turn.file_ids)}
