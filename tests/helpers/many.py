"""Thousands of firms with a reminder each, by bulk inserts."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert

from anze.bookings.models import Service, ServiceStatus
from anze.conversations.models import Channel, Conversation, Direction, Message
from anze.identity.models import Person, Right, RightKind
from anze.policies.models import Insured, Policy
from anze.reminders.models import Reminder, ReminderState
from tests.helpers.reminding import World, shanghai

VISIT = shanghai("2026-11-26 09:00")
PIECE = 5000


def phone(number: int) -> str:
    return f"139{number:08d}"


def talk(number: int) -> str:
    return f"c{number}"


def fill(
    world: World, count: int, send_at: Callable[[int], datetime], in_page: Callable[[int], bool] = lambda _: True
) -> None:
    """Firms 1 to `count`, each with a visit and a reminder of it; `in_page`: with a main contact and its talk."""
    now = world.now
    common = {"sector": "other", "industry": "化工", "size_class": "small", "province": "江苏", "city": "南京",
              "address": "化工路1号"}  # fmt: skip
    ids = range(1, count + 1)
    bound = [i for i in ids if in_page(i)]
    rows: dict[Any, list[dict[str, Any]]] = {
        Insured: [{"id": i, "name": f"第{i}厂", "contact_phone": phone(i), **common} for i in ids],
        Policy: [
            {"id": i, "number": f"AZ{i:010d}", "applicant_id": 1, "branch_id": 1, "start_on": date(2026, 1, 1),
             "end_on": date(2027, 6, 30), "premium_cents": 1}
            for i in ids
        ],
        Person: [{"id": i, "name": "王", "phone": phone(i), "created_at": now} for i in bound],
        Right: [
            {"person_id": i, "insured_id": i, "kind": RightKind.MAIN_CONTACT, "proof": "code", "granted_at": now,
             "granted_by": "test"}
            for i in bound
        ],
        Conversation: [
            {"id": talk(i), "channel": Channel.WEB, "person_id": i, "branch_id": 1,
             "state": {"slots": {}, "loop": None}, "created_at": now}
            for i in bound
        ],
        Message: [
            {"conversation_id": talk(i), "direction": Direction.IN, "sender": "user", "text": "你好", "payload": {},
             "at": now}
            for i in bound
        ],
        Service: [
            {"id": i, "number": f"FW{i:011d}", "policy_id": i, "insured_id": i, "item": "d",
             "status": ServiceStatus.DISPATCHED, "requested_at": now, "starts_at": VISIT, "place": "厂区", "people": []}
            for i in ids
        ],
        Reminder: [reminder(f"service:{i}", f"insured:{i}", send_at(i)) for i in ids],
    }  # fmt: skip
    with world.db.write() as session:
        for model, values in rows.items():
            for start in range(0, len(values), PIECE):
                session.execute(insert(model), values[start : start + PIECE])


def reminder(subject: str, recipient: str, send_at: datetime, step: str = "T-3") -> dict[str, Any]:
    return {"kind": "booking_visit", "subject": subject, "step": step, "recipient": recipient,
            "due_on": date(2026, 11, 26), "send_at": send_at, "state": ReminderState.WAITING, "body": {}}  # fmt: skip
