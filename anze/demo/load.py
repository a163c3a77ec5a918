"""Fills an empty database with the demo data, and tells a demo database from a real one."""

from datetime import datetime

from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.orm import Session

from anze.audit.chain import append_all
from anze.audit.models import AuditEvent, AuditHead
from anze.demo.appraisals import add_appraisals
from anze.demo.archives import add_archives
from anze.demo.branches import add_branches, add_staff
from anze.demo.canned import add_canned
from anze.demo.complaints import add_complaints
from anze.demo.crew import add_crew
from anze.demo.desk import add_desk
from anze.demo.fees import add_fees
from anze.demo.firms import add_firms
from anze.demo.hazards import add_hazards
from anze.demo.management import add_management
from anze.demo.orders import add_orders
from anze.demo.papers import add_papers
from anze.demo.people import add_people
from anze.demo.plans import add_plans
from anze.demo.policies import add_policies
from anze.demo.procedure import add_procedure
from anze.demo.promised import add_promised
from anze.demo.providers import Bench, add_providers
from anze.demo.regulators import add_regulators
from anze.demo.schedule import add_schedule
from anze.demo.services import add_services
from anze.demo.sources import Sources
from anze.demo.surveys import add_surveys
from anze.demo.teams import add_teams
from anze.demo.world import World
from anze.errors import DomainError
from anze.models import Base
from anze.state import AppState

MARK = "demo"
"""The row of app_state that a demo database has; its value is the instant that the data are laid out around."""


def is_demo(session: Session) -> bool:
    """Whether this database holds the demo data (and its logins may work)."""
    return session.get(AppState, MARK) is not None


def load(session: Session, now: datetime, sources: Sources) -> bool:
    """Load the demo data, laid out around `now`; the same `now` gives the same rows. False: they are there already.

    Refused (`demo_not_empty`) on a database that holds anything else.
    """
    if is_demo(session):
        return False
    _refuse_other_data(session.connection())
    # First, so that a second loader at the same moment waits here and then fails on the key.
    session.add(AppState(key=MARK, value=now.isoformat()))
    session.flush()
    world = build(now, sources)
    models = {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}
    for table in Base.metadata.sorted_tables:
        if rows := world.rows.get(models[table]):
            session.execute(insert(models[table]), rows)
    _go_on_numbering(session.connection())
    append_all(session, sorted(world.events, key=lambda event: event.at))
    return True


def build(now: datetime, sources: Sources) -> World:
    """All rows of the demo, not yet in any database."""
    world = World(now)
    branches = add_branches(world)
    staff = add_staff(world, branches, add_providers(world))
    units = add_firms(world, branches, sources.thresholds)
    add_policies(world, units)
    add_promised(world)
    bench = Bench(world)
    add_teams(world, bench)
    add_services(world, bench)
    add_orders(world)
    add_schedule(world)
    add_hazards(world)
    add_surveys(world, sources.calendar.calendar())
    add_people(world)
    add_complaints(world, sources.dates, sources.calendar, staff)
    add_desk(world, branches, staff)
    add_canned(world, branches)
    add_papers(world)
    add_fees(world, staff)
    add_appraisals(world, staff)
    add_management(world, staff)
    add_regulators(world, staff)
    add_archives(world)
    add_plans(world)
    add_procedure(world)
    add_crew(world)
    return world


def _refuse_other_data(connection: Connection) -> None:
    for table in Base.metadata.sorted_tables:
        allowed = 1 if table is AuditHead.__table__ else 0
        count = connection.scalar(select(func.count()).select_from(select(table).limit(allowed + 1).subquery())) or 0
        if count > allowed:
            raise DomainError("demo_not_empty", 409)


def _go_on_numbering(connection: Connection) -> None:
    """PostgreSQL's sequences do not know the ids that were given: set them behind the last one."""
    if connection.dialect.name != "postgresql":
        return
    for table in Base.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None and table not in {AuditEvent.__table__, AuditHead.__table__}:
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), "  # noqa: S608 - our names
                    f"(SELECT max({column.name}) FROM {table.name}))"
                )
            )
