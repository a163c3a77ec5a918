"""The second fixed customer's follow-ups: one that was asked, one that is over, and more on demand."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.bookings.models import Service, ServiceStatus
from anze.policies.models import Policy
from anze.surveys import usecases as surveys
from anze.surveys.models import Survey
from tests.helpers.firm import SECOND, Firm, firm_of, write
from tests.helpers.gateway import Gateway

ASKED = "FW20261031004"
"""A hazard check, completed on 9 November; the last day of its follow-up is 23 November 2026."""
OVER = "FW20260807005"
"""A drill whose follow-up was done long ago."""


@pytest.fixture
async def firm(demo_gateway: Gateway) -> Firm:
    return await firm_of(demo_gateway)


@pytest.fixture
def completed(demo_gateway: Gateway) -> Callable[[date], str]:
    """Complete the firm's coming service on a day, as bookings do; gives its number."""

    def complete(day: date) -> str:
        def work(session: Session) -> str:
            coming = session.scalars(
                select(Service)
                .join(Policy, Policy.id == Service.policy_id)
                .where(Policy.number == SECOND[0], Service.status == ServiceStatus.CONFIRMED)
            ).one()
            coming.status, coming.completed_on = ServiceStatus.COMPLETED, day
            session.flush()
            services = demo_gateway.services
            surveys.plan(session, coming, services.calendar, services.clock.now())
            return coming.number

        return write(demo_gateway, work)

    return complete


def survey_of(gateway: Gateway, number: str) -> Survey:
    with gateway.db.read() as session:
        return session.scalars(select(Survey).join(Service).where(Service.number == number)).one()


def standing(gateway: Gateway, number: str) -> tuple[str, int | None, str | None, datetime | None]:
    """State, mark, opinion, when it was done."""
    row = survey_of(gateway, number)
    return str(row.status), row.mark, row.opinion, row.done_at
