"""Hazards as people and programs read them: state, date, who agreed, what each date means."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from anze.calendar.rules import WorkCalendar
from anze.calendar.words import spoken
from anze.clock import legal_date
from anze.hazards import store
from anze.hazards.models import DateState, Hazard, HazardDate, HazardLevel, HazardStatus
from anze.hazards.rules import DateFact, HazardFacts, Standing, standing
from anze.identity.names import names
from anze.texts import text as say


@dataclass(frozen=True)
class Shown:
    """A hazard with its standing on the day of asking. `days_left`: working days to the counting date, open ones only.

    `who`: display names by actor.
    """

    row: Hazard
    standing: Standing
    days_left: int | None
    who: dict[str, str]


def fact_of(row: HazardDate) -> DateFact:
    return DateFact(
        row.no,
        row.due_on,
        DateState(row.state),
        row.reason,
        row.interim_measures,
        row.agreed_at,
        row.supervised_at,
    )


def facts_of(row: Hazard, *, evidence: bool) -> HazardFacts:
    """What the rules know of a stored hazard."""
    return HazardFacts(
        HazardLevel(row.level),
        HazardStatus(row.status),
        row.rectified_at,
        evidence,
        tuple(fact_of(one) for one in row.dates),
    )


def shown(session: Session, rows: Sequence[Hazard], today: date, calendar: WorkCalendar) -> list[Shown]:
    """Several hazards, in their order, in a fixed number of queries."""
    evident = store.with_evidence(session, [row.id for row in rows])
    actors = {actor for row in rows for actor in _actors(row)}
    who = names(session, actors)
    found = []
    for row in rows:
        now = standing(facts_of(row, evidence=row.id in evident), today)
        running = now.due_on is not None and row.status == HazardStatus.OPEN
        left = calendar.workdays_between(today, now.due_on) if running and now.due_on else None
        found.append(Shown(row, now, left, who))
    return found


def _actors(row: Hazard) -> set[str | None]:
    dates = {actor for one in row.dates for actor in (one.proposed_by, one.agreed_by, one.supervised_by, one.ended_by)}
    return dates | {row.found_by, row.closed_by}


def state_text(one: Shown) -> str:
    return say(f"hazard.state.{one.standing.state}")


def due_text(one: Shown) -> str:
    """The counting date; 待约定 for a major hazard without one, a dash for a general one."""
    if one.standing.due_on is not None:
        return spoken(one.standing.due_on)
    return say("hazard.to_agree" if one.row.level == HazardLevel.MAJOR else "hazard.none")


def left_text(one: Shown) -> str:
    """还有 3 个工作日, of an open hazard with a date."""
    if one.days_left is None:
        return say("hazard.none")
    if one.standing.breach:
        return say("hazard.overdue")
    return say("hazard.left", days=one.days_left) if one.days_left else say("hazard.left_today")


def agreed_text(one: Shown) -> str:
    """Who agreed to the counting date: both sides by name, and the supervisor."""
    date_ = next(
        (d for d in one.row.dates if one.standing.counting.date and d.no == one.standing.counting.date.no), None
    )
    if date_ is None:
        return say("hazard.none")
    both = [one.who.get(actor, "") for actor in (date_.proposed_by, date_.agreed_by, date_.supervised_by) if actor]
    return "、".join(dict.fromkeys(both))


def date_views(one: Shown) -> list[dict[str, Any]]:
    """Every date that was ever proposed, with who agreed when and what it means for 9.2 a)."""
    views = []
    for row in one.row.dates:
        bearing = one.standing.counting.bearings.get(row.no)
        views.append(
            {
                "no": row.no,
                "due_on": row.due_on.isoformat(),
                "reason": row.reason,
                "interim_measures": row.interim_measures,
                "state": row.state,
                "state_text": say(f"hazard.date_state.{row.state}"),
                "bearing": bearing.value if bearing else None,
                "bearing_text": say(f"hazard.bearing.{bearing}") if bearing else None,
                "proposed_side": row.proposed_side,
                "proposed_at": row.proposed_at.isoformat(),
                "proposed_by": one.who.get(row.proposed_by),
                "agreed_at": row.agreed_at.isoformat() if row.agreed_at else None,
                "agreed_by": one.who.get(row.agreed_by or ""),
                "supervised_at": row.supervised_at.isoformat() if row.supervised_at else None,
                "supervised_by": one.who.get(row.supervised_by or ""),
                "ended_at": row.ended_at.isoformat() if row.ended_at else None,
                "ended_by": one.who.get(row.ended_by or ""),
                "end_reason": row.end_reason,
            }
        )
    return views


def data(one: Shown) -> dict[str, Any]:
    """One hazard typed for programs."""
    row, now = one.row, one.standing
    return {
        "number": row.number,
        "level": row.level,
        "level_text": say(f"hazard.level.{row.level}"),
        "place": row.place,
        "description": row.description,
        "status": row.status,
        "state": now.state.value,
        "state_text": state_text(one),
        "due_on": now.due_on.isoformat() if now.due_on else None,
        "days_left": one.days_left,
        "overdue": now.breach,
        "red": now.red,
        "missing_evidence": now.missing_evidence,
        "firm": row.insured.name,
        "found_on": legal_date(row.found_at).isoformat(),
    }
