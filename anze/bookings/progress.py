"""How far services are, in words: 申请 → 确认 → 派单 → 服务中 → 完成 → 回访 → 归档."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.bookings import store
from anze.bookings.kinds import COMING, ServiceStatus, Step
from anze.bookings.lines import service_data, service_fields
from anze.bookings.models import Service, ServiceStep
from anze.bookings.rules import both_confirmed
from anze.bookings.stages import Shown, Standing, Taken, stages
from anze.clock import SHANGHAI, legal_date
from anze.surveys.models import Survey
from anze.texts import text as say


def progress(services: Sequence[Service], session: Session) -> dict[str, Any]:
    """{"services": [{"number", "item", "title", "fields", "data", "table", "stages"}], "table"} in the order given."""
    ids = [service.id for service in services]
    taken = store.steps(session, ids)
    asked = session.scalars(select(Survey).where(Survey.service_id.in_(ids)))
    followed = {survey.service_id: survey.done_at for survey in asked}
    shown = [_one(service, taken.get(service.id, []), followed.get(service.id)) for service in services]
    columns = [say(f"booking.column.{name}") for name in ("number", "item", "when", "stage")]
    rows = [[one["number"], one["fields"]["item"], one["fields"]["when"], one["fields"]["stage"]] for one in shown]
    return {"services": shown, "table": {"columns": columns, "rows": rows}}


def line(service: Service, taken: Sequence[ServiceStep], followed_up_at: datetime | None) -> list[Shown]:
    """The stages of a service."""
    standing = Standing(
        ServiceStatus(service.status),
        service.requested_at,
        both_confirmed(service.insured_confirmed_at, service.provider_confirmed_at),
        service.started_at,
        _noon(service.completed_on),
        followed_up_at,
        _noon(service.archived_on),
        service.ended_at,
    )
    known = {step.value for step in Step}
    return stages(standing, [Taken(Step(s.stage), s.at, s.who) for s in taken if s.stage in known])


def stage_rows(shown: Sequence[Shown]) -> list[dict[str, Any]]:
    """Plain data: stage, its name, state, day and who."""
    return [
        {
            "stage": one.stage.value,
            "name": say(f"booking.stage.{one.stage.value}"),
            "state": one.state,
            "on": legal_date(one.at).isoformat() if one.at else None,
            "who": one.who,
        }
        for one in shown
    ]


def _one(service: Service, taken: Sequence[ServiceStep], followed_up_at: datetime | None) -> dict[str, Any]:
    shown = line(service, taken, followed_up_at)
    now = next((one for one in shown if one.state == "now"), shown[0])
    said = service_fields(service) | {
        "stage": say(f"booking.now.{now.stage.value}"),
        "next": _next(service, shown),
    }
    rows = stage_rows(shown)
    columns = [say(f"booking.column.{name}") for name in ("stage", "at", "who")]
    table = [[row["name"], row["on"] or "—", row["who"] or "—"] for row in rows]
    return {
        "number": service.number,
        "item": service.item,
        "title": say(f"booking.{'title' if service.starts_at else 'title_no_time'}", **said),
        "fields": said,
        "data": service_data(service),
        "table": {"columns": columns, "rows": table},
        "stages": rows,
    }


def _next(service: Service, shown: Sequence[Shown]) -> str:
    """What comes next, and whose move it is."""
    if service.status in COMING:
        if service.starts_at is None:
            return say("booking.next.wish")
        if service.insured_confirmed_at is None:
            return say("booking.next.insured")
        if service.provider_confirmed_at is None:
            return say("booking.next.provider")
    ahead = next((one for one in shown if one.state == "next"), None)
    return say(f"booking.next.{ahead.stage.value}" if ahead else "booking.next.done")


def _noon(day: Any) -> datetime | None:
    return datetime.combine(day, time(12), SHANGHAI) if day else None
