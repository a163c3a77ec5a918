"""What a person wants to be reminded of: kinds on and off, days before, and the list of it all."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from anze.calendar.data import CalendarStore
from anze.calendar.words import spoken_time
from anze.conversations.normalise import normalise
from anze.conversations.turn import Turn
from anze.errors import DomainError
from anze.identity.speaker import Speaker
from anze.reminders import rules, store
from anze.reminders.ahead import ahead
from anze.reminders.models import ReminderSetting
from anze.reminders.policy import KindPolicy, ReminderPolicy, load_policy
from anze.reminders.rows import new_row
from anze.texts import text as say

ALL = "all"
LONGEST_BEFORE, MOST_DAYS = 30, 5
"""Working days before a date, and how many of them somebody may choose."""


def _person(speaker: Speaker) -> int:
    if speaker.person_id is None:
        raise DomainError("reminder_not_bound", 403)
    return speaker.person_id


def switch(session: Session, turn: Turn, kind: str | None, wanted: bool) -> dict[str, Any]:
    """Switch a kind of reminder on or off for the speaker; without a kind the words say which, or it is asked.

    {"kind": "switched" | "legal" (cannot be switched off) | "which", "fields": {"what"},
    "choices": [{"title", "kind"}]}; the kind `all` is every one that can be switched. Raises reminder_not_bound.
    """
    person_id = _person(turn.speaker)
    policy = load_policy()
    meant = _meant(policy, kind, normalise(turn.text))
    fixed = [name for name in meant if not policy.kind(name).optional]
    free = [name for name in meant if policy.kind(name).optional]
    if not meant or (len(free) > 1 and kind is None):
        choices = free or [name for name, one in policy.kinds.items() if one.optional]
        named = [{"title": policy.kind(name).name, "kind": name} for name in choices]
        return {"kind": "which", "fields": {}, "choices": [*named, {"title": say("reminder.everything"), "kind": ALL}]}
    if fixed and not free and not wanted:
        return {"kind": "legal", "fields": {"what": policy.kind(fixed[0]).name}, "choices": []}
    for name in free:
        setting = _setting(session, turn, person_id, name)
        setting.wanted, setting.changed_at = wanted, turn.now
    what = say("reminder.everything") if kind == ALL else policy.kind((free or fixed)[0]).name
    return {"kind": "switched", "fields": {"what": what}, "choices": []}


def _meant(policy: ReminderPolicy, kind: str | None, text: str) -> list[str]:
    if kind == ALL:
        return [name for name, one in policy.kinds.items() if one.optional]
    if kind is not None:
        return [kind] if kind in policy.kinds else []
    return [
        name for name, one in policy.kinds.items() if one.name in text or any(word in text for word in one.words)
    ]  # fmt: skip


def _setting(session: Session, turn: Turn, person_id: int, kind: str) -> ReminderSetting:
    setting = session.get(ReminderSetting, (person_id, kind), with_for_update=True)
    if setting is None:
        setting = ReminderSetting(person_id=person_id, kind=kind, wanted=True, days_before=None, changed_at=turn.now)
        session.add(setting)
        session.flush()
    return setting


def choose_ahead(session: Session, turn: Turn, calendar: CalendarStore, earlier: str = "") -> dict[str, Any]:
    """How many working days before a date a kind of reminder is said, from the words.

    As `choose_days`, and {"kind": "other"} when the words say no such thing, "which_days" when no number is said,
    "which" with "choices": [{"title"}…] when no kind is; the title of a choice says all that is needed. `earlier`: the
    words that were asked back for, which the turn answers. Raises reminder_not_bound.
    """
    text = normalise(f"{earlier} {turn.text}")
    wanted = ahead(text, answering=bool(earlier))
    if wanted is None:
        return {"kind": "other", "fields": {}, "choices": []}
    policy = load_policy()
    dated = [name for name, one in policy.kinds.items() if one.to != ("branch",) and _days_before(one)]
    meant = [name for name in _meant(policy, None, text) if name in dated]
    if not wanted.said:
        return {"kind": "which_days", "fields": {}, "choices": []}
    if len(meant) != 1:
        titles = [_title(policy.kind(name), wanted.days) for name in meant or dated]
        return {"kind": "which", "fields": {}, "choices": [{"title": title} for title in titles]}
    return choose_days(session, turn, calendar, meant[0], wanted.days)


def _title(rule: KindPolicy, days: tuple[int, ...] | None) -> str:
    """What chooses these days for this kind when it is said."""
    if not days:
        return say(f"reminder.ahead.{'usual' if days is None else 'on_day'}", what=rule.name)
    return say("reminder.ahead.days", what=rule.name, days=say("reminder.days_joiner").join(map(str, days)))


def choose_days(
    session: Session, turn: Turn, calendar: CalendarStore, kind: str, days: Iterable[int] | None
) -> dict[str, Any]:
    """Be reminded so many working days before, not the usual ones; None: the usual again, none: no day before.

    {"kind": "set" | "added" | "bad_days", "fields": {"what", "days"}, "choices": []}. The day itself and later steps
    stay, and of a kind that cannot be switched off the usual days before too (`added`). What is planned already
    follows. Raises reminder_not_bound, not_found for a kind without days.
    """
    person_id = _person(turn.speaker)
    policy = load_policy()
    rule = policy.kinds.get(kind)
    if rule is None or not _days_before(rule):
        raise DomainError("not_found", 404)
    chosen = sorted(set(days), reverse=True) if days is not None else None
    if chosen is not None and not _possible(rule, chosen):
        return {"kind": "bad_days", "fields": {"what": rule.name, "days": str(LONGEST_BEFORE)}, "choices": []}
    if chosen is not None and not rule.optional:
        chosen = sorted({*chosen, *_days_before(rule)}, reverse=True)
    setting = _setting(session, turn, person_id, kind)
    setting.days_before, setting.changed_at = chosen, turn.now
    _add_steps(session, turn, calendar, kind, rule, policy, chosen or [])
    fields = {"what": rule.name, "days": _days(rule, chosen)}
    return {"kind": "set" if rule.optional else "added", "fields": fields, "choices": []}


def _days_before(rule: KindPolicy) -> list[int]:
    """The usual working days before the date."""
    return [-days for step in rule.steps if (days := rules.offset(step)) < 0]


def _possible(rule: KindPolicy, days: list[int]) -> bool:
    """A few days within reason; none at all only when the day itself is left."""
    if not days:
        return "T" in rule.steps
    return len(days) <= MOST_DAYS and all(1 <= day <= LONGEST_BEFORE for day in days)


def _add_steps(
    session: Session,
    turn: Turn,
    calendar: CalendarStore,
    kind: str,
    rule: KindPolicy,
    policy: ReminderPolicy,
    chosen: list[int],
) -> None:
    """Rows for the chosen days of whatever waits for the speaker already."""
    insureds = store.main_contacts(session, turn.speaker.insured_ids)
    recipients = [f"insured:{id_}" for id_, persons in insureds.items() if turn.speaker.person_id in persons]
    planned: set[tuple[str, str, date]] = {
        (row.subject, row.recipient, row.due_on)
        for row in store.waiting_for(session, kind, [*recipients, f"person:{turn.speaker.person_id}"])
    }
    new = []
    for subject, recipient, due_on in sorted(planned):
        for step in rules.steps_for((), chosen):
            hours = policy.hours_of(kind, step)
            if hours is None:
                continue
            send_at = rules.send_instant(due_on, rules.offset(step), hours, calendar.calendar())
            if send_at > turn.now:
                new.append(new_row(kind, subject, step, recipient, due_on, send_at))
    store.add_missing(session, new)


def settings(session: Session, turn: Turn) -> dict[str, Any]:
    """All kinds with their state, and the one-off reminders to come.

    {"kinds": [{"kind", "title", "wanted", "optional", "days"}], "wishes": [{"id", "title"}], "table": {"columns",
    "rows"}}. Raises reminder_not_bound.
    """
    person_id = _person(turn.speaker)
    chosen = store.settings_of(session, [person_id])
    kinds = []
    for name, rule in load_policy().kinds.items():
        if rule.to == ("branch",):
            continue
        row = chosen.get((person_id, name))
        wanted = row is None or row.wanted or not rule.optional
        days = _days(rule, row.days_before if row is not None else None)
        kinds.append({"kind": name, "title": rule.name, "wanted": wanted, "optional": rule.optional, "days": days})
    wishes = store.wishes(session, turn.speaker, turn.now)
    rows = [[one["title"], _state(one), one["days"]] for one in kinds]
    rows += [[row.note or "", say("reminder.state.wish"), spoken_time(row.send_at)] for row in wishes]
    columns = [say(f"reminder.column.{name}") for name in ("name", "state", "days")]
    return {
        "kinds": kinds,
        "wishes": [{"id": str(row.id), "title": say("reminder.wish_title", what=row.note or "")} for row in wishes],
        "table": {"columns": columns, "rows": rows},
    }


def _state(one: dict[str, Any]) -> str:
    if not one["optional"]:
        return say("reminder.state.always")
    return say(f"reminder.state.{'on' if one['wanted'] else 'off'}")


def _days(rule: KindPolicy, chosen: list[int] | None) -> str:
    """提前几个工作日, in words."""
    if not rule.steps:
        return say("reminder.not_limited")
    steps = [rules.offset(step) for step in rule.steps]
    before = sorted(chosen, reverse=True) if chosen is not None else _days_before(rule)
    words = [str(days) for days in before]
    words += [say("reminder.days_on_day")] if 0 in steps else []
    words += [say("reminder.days_after", days=days) for days in steps if days > 0]
    return say("reminder.days_joiner").join(words)
