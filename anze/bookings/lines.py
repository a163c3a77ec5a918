"""Services, times and places as people read them."""

from datetime import datetime
from typing import Any

from anze.bookings.kinds import Part
from anze.bookings.models import Service
from anze.bookings.slots import HOURS, Half, half_of
from anze.calendar.words import spoken
from anze.clock import SHANGHAI
from anze.identity.models import Branch
from anze.standard.editions import load
from anze.texts import text as say


def item_name(item: str) -> str:
    """What people call a service item: 隐患排查."""
    return next(row.everyday[0] for row in load().service_items if row.letter == item)


def item_title(item: str) -> str:
    """The item as clause 4 names it."""
    return next(row.name for row in load().service_items if row.letter == item)


def item_clause(item: str) -> str:
    return next(row.clause for row in load().service_items if row.letter == item)


def half_line(half: Half) -> str:
    """2026-12-08（周二）上午 9:00–12:00."""
    starts, ends = HOURS[half.part]
    return say(
        f"booking.half.{half.part.value}",
        day=spoken(half.day),
        starts=f"{starts.hour}:{starts:%M}",
        ends=f"{ends.hour}:{ends:%M}",
    )


def time_line(starts_at: datetime | None, ends_at: datetime | None) -> str:
    """The time of a service; 待定 without one."""
    if starts_at is None:
        return say("booking.no_time")
    half = half_of(starts_at)
    if (starts_at, ends_at) == (half.starts_at, half.ends_at):
        return half_line(half)
    here = starts_at.astimezone(SHANGHAI)
    ends = f"–{ends_at.astimezone(SHANGHAI):%H:%M}" if ends_at else ""
    return say("booking.at", day=spoken(here.date()), starts=f"{here:%H:%M}", ends=ends)


def part_name(part: Part) -> str:
    return say(f"booking.part.{part.value}")


def contact_line(name: str | None, phone: str | None) -> str:
    """老王 13800000000; empty when nothing is known."""
    return " ".join(part for part in (name, phone) if part)


def branch_fields(branch: Branch) -> dict[str, Any]:
    """Who looks after it, and how to reach them."""
    return {"branch": branch.name, "hotline": branch.hotline, "hours": branch.hours}


def service_fields(service: Service) -> dict[str, Any]:
    """What a sentence about a service may need."""
    return {
        "number": service.number,
        "item": item_name(service.item),
        "when": time_line(service.starts_at, service.ends_at),
        "provider": service.provider.name if service.provider else say("booking.no_provider"),
        "place": service.place,
        "contact": contact_line(service.contact_name, service.contact_phone) or say("booking.not_known"),
        "people": "、".join(str(p) for p in service.people) or say("booking.no_people"),
        "measures": service.measures or "",
    } | branch_fields(service.policy.branch)


def service_data(service: Service) -> dict[str, Any]:
    """The typed result for programs."""
    return {
        "kind": "booking",
        "number": service.number,
        "item": service.item,
        "status": str(service.status),
        "start": service.starts_at.isoformat() if service.starts_at else None,
        "end": service.ends_at.isoformat() if service.ends_at else None,
        "provider": service.provider.name if service.provider else None,
    }
