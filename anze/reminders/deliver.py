"""Claimed reminders are read again and said: all of a batch in one transaction, which also marks them.

A talk therefore shows each exactly once, whenever the process dies; other channels get a row of the outbox.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from anze.channels.models import OutboxMessage
from anze.conversations import pushing
from anze.conversations.models import Channel, Conversation
from anze.db import insert_missing
from anze.identity.models import Person
from anze.policies.models import Insured
from anze.reminders import content, rules, store, subjects
from anze.reminders.content import Moment, Said
from anze.reminders.message import Item, message, pending, words
from anze.reminders.models import Reminder
from anze.reminders.rows import end, later, new_row, said
from anze.tasks.models import Task, TaskKind
from anze.texts import text as say

FORM_OPEN = timedelta(minutes=2)
"""After so long it is seen again whether the form is done."""

type Spoken = Callable[[Session, Reminder, datetime], None]
"""What another noun does when one of its reminders was said."""


@dataclass(frozen=True)
class Voice:
    """What is needed to say something: the page's address for other channels, what else happens when it is said."""

    public_url: str
    spoken: dict[str, Spoken]


@dataclass(frozen=True)
class _Talk:
    """Where a person is told. `seen`: written in lately; `form`: a form is open and somebody writes in it."""

    id: str
    seen: bool
    form: bool


def deliver(session: Session, ids: Sequence[int], owner: str, moment: Moment, voice: Voice) -> set[str]:
    """Say what of the claimed rows is wanted now; gives the talks in which something was said."""
    items = []
    rows = store.claimed(session, ids, owner)
    # Held until the end: what is read at once here is found again row by row below.
    read_ahead = subjects.read_ahead(session, {row.subject for row in rows})
    for row in rows:
        at = rules.next_allowed(moment.now, moment.policy.hours_of(row.kind, row.step), moment.calendar)
        if at > moment.now:
            later(row, at)
        elif (now_said := content.said_now(session, row, moment)) is None:
            end(row, "not_wanted")
        else:
            items.append(Item(row, now_said))
    by_kind: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        by_kind[item.row.recipient.partition(":")[0]].append(item)
    for item in by_kind.pop("branch", []):
        _to_branch(session, item, moment)
    passed_on = _pass_on(session, by_kind.pop("insured", []), owner, moment, voice)
    spoken = _to_persons(session, [*by_kind.pop("person", []), *passed_on], moment, voice)
    spoken += _to_talks(session, by_kind.pop("conversation", []), moment)
    if by_kind:
        raise LookupError(f"no way to {', '.join(sorted(by_kind))}")
    told = _say(session, spoken, moment)
    del read_ahead
    return told


def _to_branch(session: Session, item: Item, moment: Moment) -> None:
    """A task for staff."""
    row = item.row
    task = moment.policy.kind(row.kind).task
    branch_id = int(row.recipient.partition(":")[2])
    if task is not None:
        kind, subject = TaskKind(task), f"{row.subject}:{row.due_on.isoformat()}"
        _task(session, kind, subject, branch_id, {"number": item.said.number, "said": item.said.text}, moment.now)
    said(row, moment.now)


def _task(
    session: Session, kind: TaskKind, subject: str, branch_id: int, body: dict[str, Any], now: datetime
) -> None:  # fmt: skip
    insert_missing(session, Task, kind=kind, subject=subject, branch_id=branch_id, body=body, created_at=now)


def _pass_on(session: Session, items: list[Item], owner: str, moment: Moment, voice: Voice) -> list[Item]:
    """An insured's reminders become those of its main contacts, each once; without any its phone on file is used."""
    insured_ids = {int(item.row.recipient.partition(":")[2]) for item in items}
    contacts = store.main_contacts(session, insured_ids) if insured_ids else {}
    new: list[dict[str, Any]] = []
    words_of: dict[tuple[str, str, str, Any], Said] = {}
    unbound: dict[int, list[Item]] = defaultdict(list)
    for item in items:
        row, insured_id = item.row, int(item.row.recipient.partition(":")[2])
        persons = contacts.get(insured_id, [])
        for person_id in persons:
            recipient = f"person:{person_id}"
            words_of[row.kind, row.subject, row.step, row.due_on] = item.said
            columns = new_row(
                row.kind, row.subject, row.step, recipient, row.due_on, row.send_at, body={"via": row.recipient}
            )
            new.append(columns | {"state": row.state, "claimed_by": owner, "claimed_until": row.claimed_until})
        if persons:
            end(row, "passed_on")
        else:
            unbound[insured_id].append(item)
    for insured_id, own in unbound.items():
        _to_firm(session, insured_id, own, moment, voice)
    # A person of two firms, or who is told as the booker too, has a row already: that one is said.
    rows = store.add_missing(session, list({_key(columns): columns for columns in new}.values()))
    return [Item(row, words_of[row.kind, row.subject, row.step, row.due_on]) for row in rows]


def _key(columns: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(columns[name] for name in ("kind", "subject", "step", "recipient", "due_on"))


def _to_firm(session: Session, insured_id: int, items: list[Item], moment: Moment, voice: Voice) -> None:
    """Nobody has bound the firm yet: its usual steps go to the telephone on file."""
    usual = []
    for item in items:
        if item.row.step in moment.policy.kind(item.row.kind).steps:
            usual.append(item)
        else:
            end(item.row, "not_chosen")
    wanted = _latest(session, usual, moment)
    insured = session.get_one(Insured, insured_id)
    _mark(session, wanted, moment, voice)
    _elsewhere(session, wanted, insured.name, insured.contact_phone, moment, voice)


def _to_persons(session: Session, items: list[Item], moment: Moment, voice: Voice) -> list[tuple[str, list[Item]]]:
    by_person: dict[int, list[Item]] = defaultdict(list)
    for item in items:
        by_person[int(item.row.recipient.partition(":")[2])].append(item)
    chosen = store.settings_of(session, list(by_person))
    talks = store.talks(session, list(by_person))
    rights = store.insureds_of(session, list(by_person))
    spoken = []
    for person_id, own in sorted(by_person.items()):
        wanted = _rightful(own, rights.get(person_id, set()))
        for item in list(wanted):
            setting, rule = chosen.get((person_id, item.row.kind)), moment.policy.kind(item.row.kind)
            days = setting.days_before if setting is not None else None
            if setting is not None and not setting.wanted and rule.optional:
                _drop(wanted, item, "off")
            elif not rules.said_to(item.row.step, rule.steps, days):
                _drop(wanted, item, "not_chosen")
        wanted = _latest(session, wanted, moment)
        found = talks.get(person_id)
        talk = _talk(*found, moment) if found else None
        wanted = _after_form(wanted, talk, moment)
        _mark(session, wanted, moment, voice)
        if wanted and talk is not None:
            spoken.append((talk.id, wanted))
        if wanted and (talk is None or not talk.seen):
            person = session.get_one(Person, person_id)
            _elsewhere(session, wanted, person.name, person.phone, moment, voice)
    return spoken


def _mark(session: Session, items: list[Item], moment: Moment, voice: Voice) -> None:
    """These are being said. Before any talk is locked: another noun may write to the audit chain here."""
    for item in items:
        said(item.row, moment.now)
        if item.row.kind in voice.spoken:
            voice.spoken[item.row.kind](session, item.row, moment.now)


def _to_talks(session: Session, items: list[Item], moment: Moment) -> list[tuple[str, list[Item]]]:
    """A visitor's wishes: its talk is all that is known of it."""
    by_talk: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        by_talk[item.row.recipient.partition(":")[2]].append(item)
    spoken = []
    for conversation_id, own in by_talk.items():
        found = store.talk(session, conversation_id)
        if found is None:
            for item in own:
                end(item.row, "nobody")
            continue
        wanted = _after_form(_latest(session, own, moment), _talk(*found, moment), moment)
        for item in wanted:
            said(item.row, moment.now)
        if wanted:
            spoken.append((conversation_id, wanted))
    return spoken


def _drop(items: list[Item], item: Item, reason: str) -> None:
    end(item.row, reason)
    items.remove(item)


def _rightful(items: list[Item], own: set[int]) -> list[Item]:
    """What is the person's own matter still: who does not act for a firm any more is not told of it."""
    wanted = []
    for item in items:
        if item.said.insured_ids is None or item.said.insured_ids & own:
            wanted.append(item)
        else:
            end(item.row, "no_right")
    return wanted


def _latest(session: Session, items: list[Item], moment: Moment) -> list[Item]:
    """Of several steps of one reminder the latest, also of those said before; what it overtakes ends."""
    groups: dict[tuple[Any, ...], list[Item]] = defaultdict(list)
    for item in items:
        groups[item.row.recipient, item.row.kind, item.row.subject, item.row.due_on].append(item)
    steps_said = store.steps_said(session, {item.row.subject for item in items})
    kept = []
    for (recipient, kind, subject, due_on), group in groups.items():
        known = steps_said.get((recipient, kind, subject, due_on), set())
        spoken = rules.spoken_of({item.row.step for item in group} | known, moment.policy.kind(kind).legal)
        for item in group:
            if item.row.step in spoken:
                kept.append(item)
            else:
                end(item.row, "overtaken")
    return sorted(kept, key=lambda item: (item.row.send_at, item.number))


def _talk(conversation: Conversation, wrote_at: datetime, moment: Moment) -> _Talk:
    # Read without its lock: who appends to the audit chain below takes that first, and talks after it.
    # What is said in WeChat comes to the phone by itself; when it does not, the outbox knows the next way.
    read_soon = moment.now - wrote_at <= timedelta(days=moment.policy.web_seen_days)
    seen = conversation.channel == Channel.WECHAT or read_soon
    writing = moment.now - wrote_at <= timedelta(minutes=moment.policy.form_left_minutes)
    return _Talk(conversation.id, seen, bool(conversation.state.get("loop")) and writing)


def _after_form(items: list[Item], talk: _Talk | None, moment: Moment) -> list[Item]:
    """While a form is open only what is urgent, or was wished for this very moment, is said."""
    if talk is None or not talk.form:
        return items
    now = []
    for item in items:
        rule = moment.policy.kind(item.row.kind)
        if rule.exact or item.row.step in rule.urgent:
            now.append(item)
        else:
            later(item.row, moment.now + FORM_OPEN)
    return now


def _elsewhere(
    session: Session, items: list[Item], name: str, phone: str | None, moment: Moment, voice: Voice
) -> None:  # fmt: skip
    """Through the outbox: those with the same channels as one message; without an address a call by the branch."""
    groups: dict[tuple[Any, ...], list[Item]] = defaultdict(list)
    for item in items:
        channels = moment.policy.kind(item.row.kind).channels
        groups[channels, item.said.branch_id].append(item)
    for (channels, branch_id), group in groups.items():
        first, call = group[0].number, "phone_task" in channels and branch_id is not None
        if phone and "sms" in channels:
            insert_missing(
                session,
                OutboxMessage,
                channel="sms",
                subject=f"reminder:{first}",
                step="said",
                recipient=phone,
                text=say("outbox.sms", said=words(group), url=voice.public_url),
                body={"reminders": [item.number for item in group], "branch_id": branch_id, "name": name},
                due_at=moment.now,
                fallback=[{"channel": "phone_task", "recipient": f"branch:{branch_id}"}] if call else [],
            )
        elif call:
            body = {"name": name, "phone": phone or "", "said": say("outbox.call", said=words(group))}
            _task(session, TaskKind.PHONE_CALL, f"reminder:{first}", branch_id, body, moment.now)


def _say(session: Session, spoken: list[tuple[str, list[Item]]], moment: Moment) -> set[str]:
    """In one order, so that two workers never wait for each other."""
    session.flush()
    for conversation_id, items in sorted(spoken, key=lambda one: one[0]):
        pushing.push(session, conversation_id, message(items), moment.now, pending(items, moment))
    return {conversation_id for conversation_id, _ in spoken}
