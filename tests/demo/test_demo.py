"""The demo data are the same every time, whole, and in every state that a rule can tell apart."""

import hashlib
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from anze.appraisals.models import Appraisal
from anze.archives.models import ArchiveItem
from anze.audit import chain
from anze.audit.models import AuditEvent
from anze.bookings.models import Audience, Service, ServiceSerial, ServiceStatus, ServiceStep, SlotClaim
from anze.bookings.slots import half_of
from anze.channels.models import OutboxMessage
from anze.clock import legal_date
from anze.complaints.models import (
    Complaint,
    ComplaintForm,
    ComplaintKind,
    ComplaintSerial,
    ComplaintStatus,
    Statement,
    StatementKind,
)
from anze.complaints.registering import BY_HAND
from anze.conversations.files import FileStore
from anze.conversations.models import Channel, Conversation, File, Handoff, Message, SharedFile
from anze.db import Database
from anze.demo.load import build, is_demo, load
from anze.demo.papers import keep
from anze.demo.sources import Sources, sources
from anze.demo.world import World
from anze.errors import DomainError
from anze.fees.models import LedgerEntry, LedgerVoucher, Payable
from anze.hazards.models import DateState, Hazard, HazardDate, HazardFile, HazardLevel, HazardSerial, HazardStatus
from anze.hazards.rules import Bearing, DateFact, HazardFacts, State, standing
from anze.identity.models import (
    Branch,
    BranchLevel,
    Person,
    RequestState,
    Right,
    RightKind,
    RightRequest,
    Role,
    Staff,
)
from anze.models import Base
from anze.policies.models import (
    Applicant,
    Insured,
    Policy,
    PolicyInsured,
    PolicyYear,
    PromisedService,
    Sector,
    SizeClass,
)
from anze.policies.rules import policy_years, size_class
from anze.policies.usecases import in_force
from anze.providers.models import Provider, Qualification, Team, TeamLeave
from anze.reports.models import Candidate, CandidateState
from anze.settings import Settings
from anze.surveys.models import Survey, SurveyStatus
from anze.tasks.models import Task, TaskKind
from tests.conftest import NOW
from tests.helpers.staffing import quicken

DAYS = ["2024-02-29", "2026-02-28", "2026-03-01", "2026-06-14", "2026-11-23", "2026-12-31", "2027-01-01", "2028-02-29"]


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T10:00+08:00").astimezone(UTC)


@cache
def known() -> Sources:
    return sources(Settings())


@cache
def world(now: datetime) -> World:
    return build(now, known())


def fingerprint(session: Session) -> str:
    """One digest over every row of every table."""
    hashed = hashlib.sha256()
    for table in Base.metadata.sorted_tables:
        for row in session.execute(select(table).order_by(*table.primary_key.columns)):
            hashed.update(repr((table.name, tuple(row))).encode())
    return hashed.hexdigest()


def test_the_same_moment_gives_the_same_rows(database: Database, demo_database: Database) -> None:
    with database.write() as session:
        assert load(session, NOW, known())
        quicken(session)
        once = fingerprint(session)
    with demo_database.read() as session:
        assert fingerprint(session) == once


def test_loading_twice_changes_nothing(demo_database: Database) -> None:
    with demo_database.write() as session:
        before = fingerprint(session)
        assert is_demo(session)
        assert not load(session, NOW + timedelta(days=3), known())
        assert fingerprint(session) == before


def test_a_database_with_other_data_is_left_alone(database: Database) -> None:
    with database.write() as session:
        session.add(Person(name="甲", phone="13900000000", created_at=NOW))
    with database.write() as session:
        before = fingerprint(session)
        with pytest.raises(DomainError, match="demo_not_empty") as refused:
            load(session, NOW, known())
        assert "空的数据库" in refused.value.detail
        assert fingerprint(session) == before
        assert not is_demo(session)


def test_references_and_chain_are_whole(demo_database: Database) -> None:
    with demo_database.read() as session:
        if demo_database.engine.dialect.name == "sqlite":
            assert session.execute(text("PRAGMA foreign_key_check")).all() == []
        assert chain.verify(session) == []
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.seq)).all()
        assert len(events) > 150
        assert all(one.at <= other.at for one, other in pairwise(events))
        for statement in session.scalars(select(Statement)):
            said = [e for e in events if e.subject == f"complaint:{statement.complaint_id}"]
            assert any(chain.digest(statement.text) in event.body for event in said)
        bodies = "".join(event.body for event in events)
        assert "138" + "0000" not in bodies


def test_new_rows_get_new_ids(demo_database: Database) -> None:
    with demo_database.write() as session:
        last = session.scalar(select(func.max(Person.id)))
        person = Person(name="甲", phone="13900000000", created_at=NOW)
        session.add(person)
        session.flush()
        assert last is not None
        assert person.id == last + 1


def test_logins(demo_database: Database) -> None:
    expected = {
        "intake": (Role.INTAKE, "江苏省分公司"),
        "service": (Role.SERVICE, "南京分公司"),
        "supervisor": (Role.SUPERVISOR, "总公司"),
        "auditor": (Role.AUDITOR, "总公司"),
        "admin": (Role.ADMIN, "总公司"),
        "provider": (Role.PROVIDER, "江苏省分公司"),
    }
    with demo_database.read() as session:
        for username, (role, branch) in expected.items():
            member = session.scalars(select(Staff).where(Staff.username == username)).one()
            assert (member.role, member.branch.name, member.demo) == (role, branch, True)
            assert PasswordHasher().verify(member.password_hash, "demo-anze")
            assert (member.provider_id is not None) == (role == Role.PROVIDER)
        assert all(session.scalars(select(Staff.demo)))


@pytest.mark.parametrize("day", ["2026-11-23", "2028-02-29"])
def test_the_fixed_customers(database: Database, day: str) -> None:
    now, today = at(day), date.fromisoformat(day)
    with database.write() as session:
        load(session, now, known())
        for number, phone in (("AZ2026000001", "13800000001"), ("AZ2026000002", "13800000002")):
            policy = session.scalars(select(Policy).where(Policy.number == number)).one()
            (insured,) = policy.insureds
            assert policy in in_force(session, insured.id, today)
            assert (insured.contact_phone, policy.applicant.contact_phone) == (phone, phone)
            assert policy.branch.short_name == "南京"
            services = session.scalars(select(Service).where(Service.policy_id == policy.id)).all()
            done = [s for s in services if s.item == "d" and s.status == ServiceStatus.COMPLETED]
            (check,) = done
            assert check.completed_on is not None
            assert 14 <= (today - check.completed_on).days <= 16
            assert check.provider is not None
            assert check.report_no
            coming = [s for s in services if s.starts_at and s.starts_at > now]
            assert [s.status for s in coming] == [ServiceStatus.CONFIRMED]
        group = session.scalars(select(Policy).where(Policy.number == "AZ2026000003")).one()
        assert group.applicant.contact_phone == "13800000003"
        assert len(group.insureds) == 5
        assert all(group in in_force(session, insured.id, today) for insured in group.insureds)
        assert group.applicant.uscc not in {insured.uscc for insured in group.insureds}
        first = session.scalars(select(Insured).where(Insured.contact_phone == "13800000001")).one()
        (case,) = session.scalars(select(Complaint).where(Complaint.insured_id == first.id))
        assert (case.status, case.number is not None, case.closed_at is not None) == (ComplaintStatus.TOLD, True, True)


@pytest.mark.parametrize("day", DAYS)
def test_counts_do_not_depend_on_the_day(day: str) -> None:
    rows = world(at(day)).rows
    assert len(rows[Branch]) == 12
    assert len({row["province"] for row in rows[Branch]} - {None}) == 3
    assert len(rows[Insured]) == 400
    assert len(rows[Policy]) == 500
    assert len(rows[Provider]) == 15
    # Serials, filed archives and follow-ups whose term is just over, what is booked twenty days after a service, and
    # the word that a decision waits to be read, follow the days of the week.
    by_day = {
        Appraisal, ArchiveItem, ComplaintSerial, File, HazardSerial, LedgerEntry, LedgerVoucher, OutboxMessage, Payable,
        ServiceSerial, ServiceStep, Task,
    }  # fmt: skip
    here = {model: len(found) for model, found in rows.items() if model not in by_day}
    assert here == {model: len(found) for model, found in world(NOW).rows.items() if model not in by_day}
    states = Counter((row["item"], row["status"]) for row in rows[Service])
    assert states == Counter((row["item"], row["status"]) for row in world(NOW).rows[Service])


@pytest.mark.parametrize(
    ("model", "column", "values"),
    [
        (Branch, "level", BranchLevel),
        (Staff, "role", Role),
        (Right, "kind", RightKind),
        (RightRequest, "state", RequestState),
        (Insured, "sector", Sector),
        (Insured, "size_class", SizeClass),
        (Service, "status", ServiceStatus),
        (Complaint, "status", ComplaintStatus),
        (Complaint, "kind", ComplaintKind),
        (Complaint, "form", ComplaintForm),
        (Statement, "kind", StatementKind),
        (Task, "kind", TaskKind),
        (Hazard, "level", HazardLevel),
        (Hazard, "status", HazardStatus),
        (HazardDate, "state", DateState),
        (Candidate, "state", CandidateState),
        (Survey, "status", SurveyStatus),
        (Conversation, "channel", Channel),
        (Conversation, "handoff", Handoff),
    ],
)
def test_every_value_occurs(model: type[Base], column: str, values: type[StrEnum]) -> None:
    assert {row[column] for row in world(NOW).rows[model]} == set(values)


def test_every_service_item_and_every_size_in_every_sector_occurs() -> None:
    rows = world(NOW).rows
    assert {row["item"] for row in rows[Service]} == set("abcdefg")
    assert {(row["sector"], row["size_class"]) for row in rows[Insured]} == {(a, b) for a in Sector for b in SizeClass}


def _ended(policy: dict[str, Any]) -> date:
    found: date = policy["ended_early_on"] or policy["end_on"]
    return found


@pytest.mark.parametrize(
    ("name", "least", "holds"),
    [
        ("in force", 290, lambda p, today: p["start_on"] <= today <= _ended(p)),
        ("not begun", 20, lambda p, today: p["start_on"] > today),
        ("expired", 100, lambda p, today: p["end_on"] < today),
        ("ended early", 10, lambda p, today: p["ended_early_on"] is not None and p["ended_early_on"] < today),
        ("two years", 30, lambda p, today: (p["end_on"] - p["start_on"]).days > 700),
        ("renewal", 130, lambda p, today: p["renews_id"] is not None),
    ],
)
@pytest.mark.parametrize("day", DAYS)
def test_policies_of_every_kind(day: str, name: str, least: int, holds: Callable[[Any, date], bool]) -> None:
    assert sum(holds(policy, date.fromisoformat(day)) for policy in world(at(day)).rows[Policy]) >= least, name


@pytest.mark.parametrize("day", DAYS)
def test_policies_and_their_years_agree(day: str) -> None:
    rows = world(at(day)).rows
    members = Counter(row["policy_id"] for row in rows[PolicyInsured])
    policies = {row["id"]: row for row in rows[Policy]}
    assert len({row["number"] for row in rows[Policy]}) == 500
    assert sum(count > 1 for count in members.values()) >= 12
    for policy in policies.values():
        years = [(y["no"], y["from_on"], y["to_on"]) for y in rows[PolicyYear] if y["policy_id"] == policy["id"]]
        expected = policy_years(policy["start_on"], policy["end_on"], policy["ended_early_on"])
        assert years == [(year.no, year.from_on, year.to_on) for year in expected]
        assert years
        if policy["renews_id"]:
            assert policies[policy["renews_id"]]["end_on"] + timedelta(days=1) == policy["start_on"]


@pytest.mark.parametrize("day", DAYS)
def test_services_fit_their_policies_and_the_present(day: str) -> None:
    now, today = at(day), date.fromisoformat(day)
    rows = world(now).rows
    policies = {row["id"]: row for row in rows[Policy]}
    members = {(row["policy_id"], row["insured_id"]) for row in rows[PolicyInsured]}
    coming = {ServiceStatus.REQUESTED, ServiceStatus.CONFIRMED, ServiceStatus.DISPATCHED}
    assert len({row["number"] for row in rows[Service]}) == len(rows[Service])
    for row in rows[Service]:
        policy = policies[row["policy_id"]]
        assert (row["policy_id"], row["insured_id"]) in members
        assert row["requested_at"] < min(now, row["starts_at"] or now)
        if row["starts_at"]:
            assert policy["start_on"] <= legal_date(row["starts_at"]) <= _ended(policy)
            assert (row["starts_at"] > now) == (row["status"] in coming)
        if row["completed_on"]:
            assert row["completed_on"] < today
            assert row["completed_on"].weekday() < 5
            assert row["status"] == ServiceStatus.COMPLETED
    completed = [row for row in rows[Service] if row["status"] == ServiceStatus.COMPLETED]
    faults = Counter((bool(row["completed_on"]), bool(row["report_no"])) for row in completed)
    assert all(faults[fault] for fault in [(True, True), (True, False), (False, True), (False, False)])
    assert min(row["completed_on"] for row in completed if row["completed_on"]) < today - timedelta(days=600)


def test_the_yearly_duty_is_met_in_every_way_and_missed() -> None:
    """Of large and medium insureds in force: by d, by b alone, booked, cancelled, without evidence, not at all."""
    rows = world(NOW).rows
    today = legal_date(NOW)
    sizes = {row["id"]: row["size_class"] for row in rows[Insured]}
    running = {y["policy_id"]: y for y in rows[PolicyYear] if y["from_on"] <= today <= y["to_on"]}
    found: Counter[str] = Counter()
    for link in rows[PolicyInsured]:
        year = running.get(link["policy_id"])
        if year is None or sizes[link["insured_id"]] not in {SizeClass.LARGE, SizeClass.MEDIUM}:
            continue
        own = [
            (row["item"], row["status"], bool(row["completed_on"] and row["report_no"]))
            for row in rows[Service]
            if (row["policy_id"], row["insured_id"]) == (link["policy_id"], link["insured_id"])
            and row["item"] in "bd"
            and (row["completed_on"] is None or year["from_on"] <= row["completed_on"] <= year["to_on"])
        ]
        done = {item for item, status, evident in own if status == ServiceStatus.COMPLETED and evident}
        states = {status for _, status, _ in own}
        found["d" if "d" in done else "b" if "b" in done else max(states, default="nothing")] += 1
    assert {"d", "b", "nothing", "completed", "cancelled", "confirmed", "dispatched"} <= set(found)
    assert min(found["d"], found["b"], found["nothing"]) >= 10


def test_size_classes_follow_from_their_figures() -> None:
    for row in world(NOW).rows[Insured]:
        basis = row["size_basis"] or {}
        figures = [basis.get(name) for name in ("nbs_industry", "employees", "revenue_wan", "assets_wan")]
        assert row["size_class"] == size_class(known().thresholds, *figures)


def test_names_and_numbers_belong_to_one() -> None:
    rows = world(NOW).rows
    for model, column in ((Insured, "name"), (Insured, "uscc"), (Applicant, "uscc"), (Provider, "uscc")):
        values = [row[column] for row in rows[model]]
        assert len(set(values)) == len(values), column
    owners: dict[str, str] = {}
    for row in [*rows[Insured], *rows[Applicant]]:
        assert owners.setdefault(row["contact_phone"], row["contact_name"]) == row["contact_name"]
    assert [row["name"] for row in rows[Insured] if row["contact_phone"] == "13800000001"] == ["南京安屿化工有限公司"]


def test_some_qualifications_have_run_out() -> None:
    ends = [row["valid_to"] for row in world(NOW).rows[Qualification]]
    assert any(end is not None and end < legal_date(NOW) for end in ends)
    assert None in ends


@pytest.mark.parametrize("day", DAYS)
def test_complaints_agree_with_themselves(day: str) -> None:
    now = at(day)
    rows = world(now).rows
    serials: Counter[str] = Counter()
    messages = {row["id"]: row for row in rows[Message]}
    conversations = {row["id"]: row for row in rows[Conversation]}
    policies = {row["id"]: row for row in rows[Policy]}
    services = {row["id"]: row for row in rows[Service]}
    granted = {row["person_id"]: row["granted_at"] for row in rows[Right]}
    for row in rows[Complaint]:
        if row["policy_id"]:
            policy = policies[row["policy_id"]]
            assert policy["start_on"] <= legal_date(row["received_at"]) <= _ended(policy)
            assert policy["branch_id"] == row["branch_id"]
        if row["service_id"]:
            assert services[row["service_id"]]["insured_id"] == row["insured_id"]
        if row["person_id"]:
            assert granted[row["person_id"]] <= row["received_at"]
        status, closed = row["status"], row["closed_at"] is not None
        assert closed == (status in {"told", "withdrawn", "dropped", "merged"})
        assert (row["number"] is None) == (status in {"draft", "dropped"})
        assert (row["filed_at"] is None) == (status in {"draft", "dropped", "intake"})
        assert (row["second_due_on"] is None) == (row["number"] is None or row["paused"])
        if status in {"handling", "decided", "told"}:
            assert row["accepted_at"]
            assert row["handler_id"]
        moments = [row["received_at"], row["filed_at"], row["closed_at"], now]
        assert all(one <= other for one, other in pairwise(moment for moment in moments if moment))
        if row["filed_at"]:
            undated = row["kind"] == ComplaintKind.OTHER or row["form"] == ComplaintForm.REVIEW or row["paused"]
            assert (row["due_on"] is None) == undated
            assert row["contact_phone"] or row["source"] in BY_HAND
        if row["due_on"]:
            assert row["due_on"] >= legal_date(row["received_at"]) + timedelta(days=14)
        if row["number"]:
            serials[row["number"][2:10]] += 1
        said = [one for one in rows[Statement] if one["complaint_id"] == row["id"]]
        assert said[0]["at"] == row["received_at"]
        for one in said:
            assert messages[one["message_id"]]["conversation_id"] == row["conversation_id"]
            assert messages[one["message_id"]]["text"] == one["text"]
        assert conversations[row["conversation_id"]]["person_id"] == row["person_id"]
        told_to = conversations[row["conversation_id"]]["branch_id"]
        above = rows[Branch][told_to - 1]["parent_id"]
        assert row["branch_id"] == (above if row["form"] == ComplaintForm.REVIEW else told_to)
    assert serials == {f"{row['day']:%Y%m%d}": row["last"] for row in rows[ComplaintSerial]}


def test_one_open_complaint_is_late_and_one_closed_one_was() -> None:
    today = legal_date(NOW)
    rows = [row for row in world(NOW).rows[Complaint] if row["due_on"]]
    assert any(row["due_on"] < today for row in rows if row["status"] == ComplaintStatus.HANDLING)
    assert any(today <= row["due_on"] for row in rows if row["status"] == ComplaintStatus.FILED)
    assert any(row["due_on"] < legal_date(row["closed_at"]) for row in rows if row["status"] == ComplaintStatus.TOLD)


@pytest.mark.parametrize("day", DAYS)
def test_coming_services_have_a_half_day_of_a_team_each(day: str) -> None:
    now = at(day)
    rows = world(now).rows
    teams = {row["id"]: row for row in rows[Team]}
    claims = {row["service_id"]: row for row in rows[SlotClaim]}
    assert len({(row["team_id"], row["day"], row["part"]) for row in claims.values()}) == len(rows[SlotClaim])
    coming = {ServiceStatus.REQUESTED, ServiceStatus.CONFIRMED, ServiceStatus.DISPATCHED}
    held = [s for s in rows[Service] if s["status"] in coming and s["starts_at"] and s["provider_id"]]
    assert {row["id"] for row in held} == set(claims)
    assert len(held) > 30
    for row in held:
        claim, team = claims[row["id"]], teams[row["team_id"]]
        half = half_of(row["starts_at"])
        assert (claim["team_id"], claim["day"], claim["part"]) == (team["id"], half.day, half.part)
        assert (row["starts_at"], row["ends_at"]) == (half.starts_at, half.ends_at)
        assert team["provider_id"] == row["provider_id"]
        assert row["item"] in team["items"]
        assert row["starts_at"] > now
        away = [leave for leave in rows[TeamLeave] if leave["team_id"] == team["id"]]
        assert not any(leave["from_on"] <= half.day <= leave["to_on"] for leave in away)


def test_every_provider_has_teams_and_a_training_has_an_audience() -> None:
    rows = world(NOW).rows
    counts = Counter(row["provider_id"] for row in rows[Team])
    assert set(counts) == {row["id"] for row in rows[Provider]}
    assert set(counts.values()) == {2, 3}
    assert {row["audience"] for row in rows[Service] if row["item"] == "a"} == set(Audience)
    assert {row["audience"] for row in rows[Service] if row["item"] != "a"} == {None}


def test_steps_tell_what_the_rows_say() -> None:
    rows = world(NOW).rows
    steps: dict[int, list[str]] = {}
    for row in rows[ServiceStep]:
        assert row["at"] <= NOW
        steps.setdefault(row["service_id"], []).append(row["stage"])
    for row in rows[Service]:
        agreed = bool(row["insured_confirmed_at"] and row["provider_confirmed_at"])
        told = set(steps[row["id"]])
        assert steps[row["id"]][0] == "requested"
        assert ({"insured_confirmed", "provider_confirmed"} <= told) == agreed
        assert ("archived" in told) == (row["archived_on"] is not None)
        if row["status"] in {ServiceStatus.CONFIRMED, ServiceStatus.DISPATCHED}:
            assert agreed
            assert (row["status"] == ServiceStatus.DISPATCHED) == bool(row["people"])


def test_the_login_of_the_provider_has_orders_of_every_kind() -> None:
    rows = world(NOW).rows
    (provider_id,) = [row["provider_id"] for row in rows[Staff] if row["username"] == "provider"]
    own = [row for row in rows[Service] if row["provider_id"] == provider_id]
    assert {row["status"] for row in own} == set(ServiceStatus)
    today = [row for row in own if row["status"] == ServiceStatus.DISPATCHED and row["starts_at"].date() == NOW.date()]
    assert today


def test_contracts_leave_something_use_something_up_and_leave_something_out() -> None:
    rows = world(NOW).rows
    promised = {(row["policy_id"], row["item"]): row["per_year"] for row in rows[PromisedService]}
    years = {row["policy_id"]: row for row in rows[PolicyYear] if row["from_on"] <= legal_date(NOW) <= row["to_on"]}
    found: Counter[str] = Counter()
    for link in rows[PolicyInsured]:
        year = years.get(link["policy_id"])
        for item in "abcdefg" if year else "":
            per_year = promised.get((link["policy_id"], item), 0)
            used = sum(
                1
                for row in rows[Service]
                if (row["policy_id"], row["insured_id"], row["item"]) == (link["policy_id"], link["insured_id"], item)
                and row["status"] not in {"cancelled", "no_show", "refused"}
                and row["starts_at"]
                and year
                and year["from_on"] <= legal_date(row["starts_at"]) <= year["to_on"]
            )
            found["out" if not per_year else "left" if per_year > used else "used up"] += 1
    assert min(found["out"], found["left"], found["used up"]) > 30


def test_photos_and_reports_open_as_what_they_are(tmp_path: Path) -> None:
    store = FileStore(tmp_path, 10**7)
    keep(store)
    keep(store)
    rows = world(NOW).rows
    assert {Path(row["name"]).suffix for row in rows[File]} == {".jpg", ".pdf"}
    for row in rows[File]:
        content = store.path(row["sha256"]).read_bytes()
        assert store.put(content, row["name"]).mime == row["mime"]
        assert len(content) == row["size"]
    assert {row["subject"].partition(":")[0] for row in rows[SharedFile]} == {"hazard", "service"}


@pytest.mark.parametrize("day", DAYS)
def test_hazards_stand_in_every_way(day: str) -> None:
    """By the rules over the rows."""
    now = at(day)
    rows = world(now).rows
    states: set[State] = set()
    bearings: set[Bearing] = set()
    breaches: set[str] = set()
    shown = {row["hazard_id"] for row in rows[HazardFile] if row["kind"] == "rectified"}
    for row in rows[Hazard]:
        dates = tuple(
            DateFact(d["no"], d["due_on"], d["state"], d["reason"], d["interim_measures"], d["agreed_at"])
            for d in rows[HazardDate]
            if d["hazard_id"] == row["id"]
        )
        facts = HazardFacts(row["level"], row["status"], row["rectified_at"], row["id"] in shown, dates)
        found = standing(facts, legal_date(now))
        assert found.due_on == row["agreed_on"], "the column follows the rules"
        assert all(moment <= now for d in dates if (moment := d.agreed_at))
        states.add(found.state)
        bearings |= set(found.counting.bearings.values())
        if found.breach:
            breaches.add(f"hazard:{row['id']}")
    assert states == set(State)
    assert bearings == set(Bearing) - {Bearing.INCOMPLETE}
    assert breaches == {row["subject"] for row in rows[Candidate] if row["kind"] == "a"}
    first, second = (
        [h for h in rows[Hazard] if h["insured_id"] == link["insured_id"]]
        for number in ("AZ2026000001", "AZ2026000002")
        for policy in rows[Policy]
        if policy["number"] == number
        for link in rows[PolicyInsured]
        if link["policy_id"] == policy["id"]
    )
    assert sorted((h["level"], h["status"], h["agreed_on"]) for h in first) == [
        ("general", "open", None),
        ("major", "open", None),
    ]
    assert second == []
