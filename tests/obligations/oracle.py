"""An independent judge of the duties that can be checked: plain Python over loaded rows, written from the clauses.

It shares nothing with anze/obligations. Every duty is one function that says, of one subject, what the clause asks;
`judged` puts that into a status by the table of docs/obligations.md.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.bookings.models import Service
from anze.complaints.handling_models import Classification, Extension, Notice, Pause
from anze.complaints.models import Complaint, Decision, Statement
from anze.hazards.models import Hazard, HazardDate
from anze.identity.models import Branch
from anze.policies.models import Insured, Policy, PolicyInsured, PolicyYear, PromisedService
from anze.providers.models import Provider, Qualification
from anze.reports.models import Candidate
from anze.surveys.models import Survey
from tests.obligations.casewalk import Case, Dates, dates_of, nth_ahead, working_term

SHANGHAI = ZoneInfo("Asia/Shanghai")
ARRANGED = ("confirmed", "dispatched", "ongoing", "completed")
ENDED = ("told", "withdrawn", "merged")
NEVER_FILED = ("draft", "dropped")


def day_of(instant: datetime | None) -> date | None:
    return instant.astimezone(SHANGHAI).date() if instant else None


def said(text: str | None) -> bool:
    return bool(text and text.strip())


class Rows:
    """All rows that duties are about, by what they belong to."""

    def __init__(self, session: Session) -> None:
        def every[T](kind: type[T]) -> list[T]:
            return list(session.scalars(select(kind)))

        def by[K, T](rows: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
            found: dict[K, list[T]] = {}
            for row in rows:
                found.setdefault(key(row), []).append(row)
            return found

        self.branches = {row.id: row for row in every(Branch)}
        self.insureds = {row.id: row for row in every(Insured)}
        self.policies = {row.id: row for row in every(Policy)}
        self.named = by(every(PolicyInsured), lambda row: row.policy_id)
        self.policies_of = by((row for rows in self.named.values() for row in rows), lambda row: row.insured_id)
        self.years = by(every(PolicyYear), lambda row: row.policy_id)
        self.promises = by(every(PromisedService), lambda row: row.policy_id)
        self.services = {row.id: row for row in every(Service)}
        self.given = by(self.services.values(), lambda row: (row.policy_id, row.insured_id))
        self.providers = {row.id: row for row in every(Provider)}
        self.qualifications = by(every(Qualification), lambda row: row.provider_id)
        self.surveys = {row.service_id: row for row in every(Survey)}
        self.hazards = {row.id: row for row in every(Hazard)}
        self.dates = by(every(HazardDate), lambda row: row.hazard_id)
        self.candidates = every(Candidate)
        self.complaints = {row.id: row for row in every(Complaint)}
        self.classifications = {row.complaint_id: row for row in every(Classification)}
        self.extensions = by(every(Extension), lambda row: row.complaint_id)
        self.pauses = by(every(Pause), lambda row: row.complaint_id)
        self.notices = by(every(Notice), lambda row: row.complaint_id)
        self.statements = by(every(Statement), lambda row: row.complaint_id)
        self.decisions = {row.complaint_id: row for row in every(Decision)}


@dataclass(frozen=True)
class Subject:
    """One thing that a duty is about, with what questions filter and group by. `row`: what the clause looks at."""

    key: tuple[Any, ...]
    branch_id: int
    row: Any
    day: date | None = None
    reference: bool = False
    named: dict[str, Any] = field(default_factory=dict)
    """province, sector, size, item, provider, insured"""
    phase: str = ""
    from_on: date | None = None
    to_on: date | None = None


@dataclass(frozen=True)
class Asked:
    """What a clause asks of one subject. `done`: a day, or a truth. `due` None: there is no last day."""

    done: date | bool | None
    due: date | None = None
    applies: bool = True
    unknown: bool = False
    claimed: bool = False
    proven: bool = True
    breach: bool = False
    soon: date | None = None
    """The day until which a last day is near"""
    part: str | None = None


@dataclass(frozen=True)
class Judged:
    subject: Subject
    status: str
    part: str
    due_on: date | None
    late: bool


def judged(subject: Subject, asked: Asked, today: date) -> Judged:
    """The table of docs/obligations.md, from the top."""
    after = isinstance(asked.done, date) and asked.due is not None and asked.done > asked.due
    late = after or asked.breach
    if asked.unknown:
        status = "unknown"
    elif not asked.applies:
        status = "not_applicable"
    elif late:
        status = "overdue"
    elif asked.done:
        status = "met" if asked.proven else "unproven"
    elif asked.claimed:
        status = "unproven"
    elif asked.due is None:
        status = "not_due"
    elif today > asked.due:
        status = "overdue"
    elif asked.due == today or (asked.soon is not None and asked.due <= asked.soon):
        status = "due_soon"
    else:
        status = "not_due"
    return Judged(subject, status, asked.part or status, asked.due, late)


class Oracle:
    """All rows as of a day. `year`: the calendar year that is meant instead.

    Subjects of later days, days of doing and a completion are not seen; states without a day are as they stand now.
    """

    def __init__(self, rows: Rows, today: date, year: int | None = None) -> None:
        self.rows, self.today, self.year = rows, today, year
        self._dates: dict[int, tuple[Case, Dates]] = {}

    def judge(self, check: str) -> list[Judged]:
        subjects, duty = DUTIES[check]
        return [judged(one, duty(self, one), self.today) for one in subjects(self)]

    def seen(self, instant: datetime | date | None) -> date | None:
        """The day of something that was there by today."""
        day = day_of(instant) if isinstance(instant, datetime) else instant
        return day if day is not None and day <= self.today else None

    # Policies -----------------------------------------------------------------------------------------------------

    def _of_insured(self, insured: Insured | None) -> dict[str, Any]:
        if insured is None:
            return {}
        return {"province": insured.province, "sector": insured.sector, "size": insured.size_class,
                "insured": insured.name}  # fmt: skip

    def _reference(self, insured: Insured | None) -> bool:
        """Clause 1: all but the four sectors."""
        return insured is not None and insured.sector == "other"

    def _phase(self, first: date, last: date, *, cut: bool) -> str:
        if first > self.today:
            return "coming"
        if last >= self.today:
            return "current"
        return "ended_early" if cut else "ended"

    @cached_property
    def insured_years(self) -> list[Subject]:
        """(policy, insured, policy year); or (insured, calendar year) under the policy that stands for it."""
        if self.year is not None:
            return list(self._calendar_years(self.year))
        found = []
        for policy in self.rows.policies.values():
            for one in self.rows.named.get(policy.id, ()):
                insured = self.rows.insureds[one.insured_id]
                for year in self.rows.years.get(policy.id, ()):
                    found.append(Subject(
                        (policy.id, insured.id, year.no), policy.branch_id, (policy, insured, year, None), year.to_on,
                        self._reference(insured), self._of_insured(insured),
                        self._phase(year.from_on, year.to_on, cut=cut(policy, year.to_on)), year.from_on, year.to_on,
                    ))  # fmt: skip
        return found

    def _calendar_years(self, year: int) -> Iterator[Subject]:
        first, last = date(year, 1, 1), date(year, 12, 31)
        for insured in self.rows.insureds.values():
            all_ = [self.rows.policies[one.policy_id] for one in self.rows.policies_of.get(insured.id, ())]
            there = [
                one for one in all_
                if one.start_on <= min(last, self.today) and last_covered(one) >= max(first, one.start_on)
                and last_covered(one) >= min(one.end_on, last, self.today)
            ]  # fmt: skip
            if not there:
                continue
            policy = max(there, key=lambda one: (one.start_on, one.id))
            yield Subject(
                (policy.id, insured.id), policy.branch_id, (policy, insured, None, None), last,
                self._reference(insured), self._of_insured(insured), "current", first, last,
            )  # fmt: skip

    @cached_property
    def promised(self) -> list[Subject]:
        """(policy, insured, policy year, item that the contract promises)."""
        found = []
        years = Oracle(self.rows, self.today).insured_years if self.year else self.insured_years
        for year in years:
            for promise in self.rows.promises.get(year.row[0].id, ()):
                found.append(Subject(
                    (*year.key, promise.item), year.branch_id, (*year.row[:3], promise), year.day, year.reference,
                    year.named | {"item": promise.item}, year.phase, year.from_on, year.to_on,
                ))  # fmt: skip
        return found

    @cached_property
    def contracts(self) -> list[Subject]:
        """(policy, insured)."""
        found = []
        for policy in self.rows.policies.values():
            last = last_covered(policy)
            if last < policy.start_on:
                continue
            for one in self.rows.named.get(policy.id, ()):
                insured = self.rows.insureds[one.insured_id]
                found.append(Subject(
                    (policy.id, insured.id), policy.branch_id, policy, last, self._reference(insured),
                    self._of_insured(insured), self._phase(policy.start_on, last, cut=cut(policy, last)),
                    policy.start_on, last,
                ))  # fmt: skip
        return found

    def completed_in(self, year: Subject, items: str = "abcdefg") -> Iterator[tuple[date, Service]]:
        """Completed services in the year; one without a day stands on that of its visit, else of the request."""
        policy, insured = year.row[:2]
        if self.year is None or len(year.key) != 2:
            rows: Iterable[Service] = self.rows.given.get((policy.id, insured.id), ())
        else:
            of = [one.policy_id for one in self.rows.policies_of.get(insured.id, ())]
            rows = (row for id_ in of for row in self.rows.given.get((id_, insured.id), ()))
        assert year.from_on is not None
        assert year.to_on is not None
        for row in rows:
            day = self.seen(row.completed_on or row.starts_at or row.requested_at)
            if row.status == "completed" and row.item in items and day and year.from_on <= day <= year.to_on:
                yield day, row

    # Services, hazards, candidates, providers ---------------------------------------------------------------------

    def service_day(self, row: Service) -> date:
        return row.completed_on or day_of(row.starts_at) or day_of(row.requested_at) or self.today

    def visit_day(self, row: Service) -> date | None:
        """What has to be there before the service: by its first day. A request without a time has none yet."""
        return day_of(row.starts_at) or (self.service_day(row) if row.status == "completed" else None)

    def service_status(self, row: Service) -> str:
        """What was completed since was under way then."""
        return "ongoing" if row.completed_on is not None and row.completed_on > self.today else row.status

    @cached_property
    def visits(self) -> list[Subject]:
        found = []
        for row in self.rows.services.values():
            if self.seen(row.requested_at) is None:
                continue
            insured, provider = self.rows.insureds[row.insured_id], self.rows.providers.get(row.provider_id or 0)
            found.append(Subject(
                (row.id,), self.rows.policies[row.policy_id].branch_id, row, self.service_day(row),
                self._reference(insured),
                self._of_insured(insured) | {"item": row.item, "provider": provider and provider.short_name},
            ))  # fmt: skip
        return found

    @cached_property
    def found_hazards(self) -> list[Subject]:
        found = []
        for row in self.rows.hazards.values():
            if (day := self.seen(row.found_at)) is None:
                continue
            insured, service = self.rows.insureds[row.insured_id], self.rows.services[row.service_id]
            provider = self.rows.providers.get(service.provider_id or 0)
            found.append(Subject(
                (row.id,), row.branch_id, row, day, self._reference(insured),
                self._of_insured(insured) | {"item": service.item, "provider": provider and provider.short_name},
            ))  # fmt: skip
        return found

    @cached_property
    def noted(self) -> list[Subject]:
        return [
            Subject((row.id,), row.branch_id, row, day, self._reference(self.rows.insureds[row.insured_id]),
                    self._of_insured(self.rows.insureds[row.insured_id]))
            for row in self.rows.candidates if (day := self.seen(row.found_at))
        ]  # fmt: skip

    @cached_property
    def engaged(self) -> list[Subject]:
        """(provider, branch that entrusts it), from the day of the first service on."""
        days: dict[tuple[int, int], list[date]] = {}
        for one in self.visits:
            if one.row.provider_id is not None:
                assert one.day is not None
                days.setdefault((one.row.provider_id, one.branch_id), []).append(one.day)
        return [
            Subject((provider_id, branch_id), branch_id, (self.rows.providers[provider_id], min(found)), max(found),
                    named={"province": self.rows.providers[provider_id].province,
                           "provider": self.rows.providers[provider_id].short_name})
            for (provider_id, branch_id), found in days.items()
        ]  # fmt: skip

    def qualified(self, row: Service) -> bool:
        """5, 5 a), 5 b): valid for the item on the day of the service, of the kind that it needs."""
        day, kinds = self.service_day(row), None
        if row.item == "a" and row.audience in {"principal", "managers", "special"}:
            kinds = {"AQ8011"}
        if row.item == "b" and row.statutory:
            kinds = {"evaluation", "testing"}
        return any(
            row.item in one.items and one.valid_from <= day and (one.valid_to is None or day <= one.valid_to)
            and (kinds is None or one.kind in kinds)
            for one in self.rows.qualifications.get(row.provider_id or 0, ())
        )  # fmt: skip

    def followed_up(self, row: Service) -> date | None:
        survey = self.rows.surveys.get(row.id)
        return self.seen(survey.done_at) if survey and survey.status == "done" else None

    def agreed(self, row: Hazard) -> date | None:
        """AMB-18: the last date agreed by both before the old one had passed; none was agreed after its own day."""
        if row.level != "major":
            return None
        agreements = []
        for one in self.rows.dates.get(row.id, ()):
            if one.state == "agreed" and one.agreed_at is not None:
                whole_at = max(one.agreed_at, one.supervised_at or one.agreed_at)
                agreements.append((whole_at, one))
        counts: HazardDate | None = None
        anew = 0
        for at, one in sorted(agreements, key=lambda pair: (pair[0], pair[1].no)):
            day = day_of(at)
            assert day is not None
            if day > one.due_on or (counts is not None and day > counts.due_on):
                continue
            if counts is not None:
                if not (one.reason and one.interim_measures) or (anew and one.supervised_at is None):
                    continue
                anew += 1
            counts = one
        return counts.due_on if counts else None

    def rectified(self, row: Hazard) -> date | None:
        return self.seen(row.rectified_at) or self.seen(row.closed_at)

    # Complaints ---------------------------------------------------------------------------------------------------

    @cached_property
    def cases(self) -> list[Subject]:
        return [
            one for row in self.rows.complaints.values()
            if row.status not in {*NEVER_FILED, "merged"} and (one := self._case(row, (row.id,), row))
        ]  # fmt: skip

    def _case(self, case: Complaint, key: tuple[Any, ...], row: Any) -> Subject | None:
        if (day := self.seen(case.received_at)) is None:
            return None
        # 令2020年第3号 binds in every sector: no complaint is 参照.
        insured = self.rows.insureds.get(case.insured_id or 0)
        return Subject(key, case.branch_id, row, day, False, self._of_insured(insured))

    @cached_property
    def asked_extensions(self) -> list[Subject]:
        return self._parts(self.rows.extensions, lambda row: row.asked_at)

    @cached_property
    def commissions(self) -> list[Subject]:
        return self._parts(self.rows.pauses, lambda row: row.commissioned_on)

    def _parts(self, rows: dict[int, list[Any]], began: Callable[[Any], Any]) -> list[Subject]:
        return [
            one for complaint_id, parts in rows.items() for row in parts
            if self.rows.complaints[complaint_id].status not in NEVER_FILED and self.seen(began(row))
            and (one := self._case(self.rows.complaints[complaint_id], (row.id,), row))
        ]  # fmt: skip

    def told(self, complaint_id: int, about: str, no: int = 1) -> date | None:
        """The day from which a telling counts: a page when read, anything else when sent, none that failed."""
        found = [
            notice.read_at if notice.channel == "page" else notice.sent_at
            for notice in self.rows.notices.get(complaint_id, ())
            if notice.about == about and notice.about_no == no and notice.failed_at is None
        ]
        return min((day for at in found if (day := day_of(at))), default=None)

    def ended(self, case: Complaint) -> date | None:
        return day_of(case.closed_at) if case.status in ENDED else None

    def clocks(self, case: Complaint) -> tuple[Case, Dates]:
        if case.id not in self._dates:
            facts = self._facts(case)
            self._dates[case.id] = facts, dates_of(facts)
        return self._dates[case.id]

    def _facts(self, case: Complaint) -> Case:
        made = self.rows.classifications.get(case.id)
        classified = day_of(made.at) if made else None
        told = self.told(case.id, "classification")
        granted = next((one for one in self.rows.extensions.get(case.id, ()) if one.state == "approved"), None)
        head = self.rows.branches[case.branch_id].parent_id is None
        return Case(
            received=day_of(case.received_at) or self.today,
            complex_told=max(classified, told) if classified and told else None,
            granted=day_of(granted.answered_at) if granted else None,
            grant_told=self.told(case.id, "extension", granted.no) if granted else None,
            grant_allowed=bool(granted and (not head or granted.approver == "head_office_executive")),
            pauses=tuple(
                (one.commissioned_on, one.returned_on, self.told(case.id, "pause", one.no))
                for one in self.rows.pauses.get(case.id, ())
            ),
            new_facts=tuple(
                day for one in self.rows.statements.get(case.id, ())
                if one.kind == "supplement" and (day := day_of(one.at))
            ),
            ended=self.ended(case),
            outside=case.kind == "other",
            review=case.form == "review",
        )  # fmt: skip


def cut(policy: Policy, last: date) -> bool:
    """AMB-14: an early end closed the year before its twelve months, or the policy, were over."""
    early = policy.ended_early_on
    if early is None or early >= policy.end_on or last != early:
        return False
    return early + timedelta(days=1) not in _anniversaries(policy.start_on)


def last_covered(policy: Policy) -> date:
    return min(policy.end_on, policy.ended_early_on or policy.end_on)


def _anniversaries(start: date) -> list[date]:
    """The first days of the policy years after the first; 29 February is 1 March where there is none."""
    found = []
    for year in range(start.year + 1, start.year + 12):
        leap = year % 4 == 0
        found.append(date(year, 3, 1) if (start.month, start.day) == (2, 29) and not leap else start.replace(year=year))
    return found


# What each clause asks -----------------------------------------------------------------------------------------------


def _last_day(one: Oracle, year: Subject) -> date | None:
    """AMB-14: what an early end cut off is no breach, so it has no last day."""
    policy, _, policy_year = year.row[:3]
    if policy_year is not None and cut(policy, policy_year.to_on):
        return None
    return year.to_on


def yearly_check(one: Oracle, year: Subject) -> Asked:
    """4: at least one b) or d) in each policy year, completed and reported, for every large or medium insured."""
    insured = year.row[1]
    found = list(one.completed_in(year, "bd"))
    whole = {row.item for _, row in found if row.completed_on and said(row.report_no)}
    days = [day for day, row in found if row.completed_on and said(row.report_no)]
    claimed = any(row.completed_on is None or not said(row.report_no) for _, row in found)
    if year.reference:
        part = "reference"
    elif insured.size_class in {"small", "micro"}:
        part = "small"
    elif insured.size_class == "unknown":
        part = "size_unknown"
    elif "d" in whole:
        part = "done_d"
    elif "b" in whole:
        part = "done_b"
    else:
        part = "unproven" if claimed else "nothing"
    return Asked(
        min(days, default=None), _last_day(one, year), insured.size_class in {"large", "medium"},
        insured.size_class == "unknown", claimed, soon=one.today + timedelta(days=90), part=part,
    )  # fmt: skip


def any_service(one: Oracle, year: Subject) -> Asked:
    """4: prevention work is helped with while the policy runs."""
    days = [day for day, row in one.completed_in(year) if row.completed_on]
    return Asked(min(days, default=None), _last_day(one, year), soon=one.today + timedelta(days=60))


def promised_services(one: Oracle, promise: Subject) -> Asked:
    """4: as often as the contract says, in the policy year."""
    _, _, _, said_ = promise.row
    given = sum(1 for _, row in one.completed_in(promise, said_.item) if row.completed_on)
    return Asked(given >= said_.per_year, _last_day(one, promise), soon=one.today + timedelta(days=60))


def contract_terms(one: Oracle, policy: Subject) -> Asked:
    """4: content and frequency are agreed in the contract."""
    return Asked(bool(one.rows.promises.get(policy.row.id)), policy.row.start_on, soon=one.today + timedelta(days=30))


def _arranged(one: Oracle, service: Subject, done: bool, ahead: int, *, only: bool = True) -> Asked:
    status = one.service_status(service.row)
    return Asked(done, service.day, only and status in ARRANGED, soon=nth_ahead(one.today, ahead))


def entrusted(one: Oracle, service: Subject) -> Asked:
    """5: by an agency."""
    return _arranged(one, service, service.row.provider_id is not None, 5)


def provider_qualified(one: Oracle, service: Subject) -> Asked:
    """5 c): qualified on the day."""
    return _arranged(one, service, one.qualified(service.row), 5, only=service.row.provider_id is not None)


def training_provider(one: Oracle, service: Subject) -> Asked:
    """5 a): AQ 8011 for the three kinds of trainees."""
    row = service.row
    needed = row.item == "a" and row.audience in {"principal", "managers", "special"}
    return _arranged(one, service, one.qualified(row), 5, only=needed)


def statutory_provider(one: Oracle, service: Subject) -> Asked:
    """5 b): a licence for statutory evaluation and testing."""
    return _arranged(
        one, service, one.qualified(service.row), 5, only=service.row.item == "b" and service.row.statutory
    )


def people_named(one: Oracle, service: Subject) -> Asked:
    """5: professionals are there for it."""
    status = one.service_status(service.row)
    return Asked(
        bool(service.row.people), one.visit_day(service.row), status in {"dispatched", "ongoing", "completed"},
        soon=nth_ahead(one.today, 3),
    )  # fmt: skip


def provider_legal(_: Oracle, provider: Subject) -> Asked:
    """5: can bear liability alone, when it is selected."""
    row, first = provider.row
    return Asked(said(row.legal_status), first)


def confirmed_before(one: Oracle, service: Subject) -> Asked:
    """6.2: item, measures and time confirmed by both before each service."""
    row = service.row
    both = row.insured_confirmed_at, row.provider_confirmed_at
    done = all(both) and said(row.measures)
    if done and (begun := row.started_at or row.starts_at):
        done = max(both) <= begun
    elif done:
        done = (day_of(max(both)) or one.today) <= one.service_day(row)
    return Asked(
        done, one.visit_day(row),
        one.service_status(row) in {"requested", *ARRANGED}, soon=nth_ahead(one.today, 1),
    )  # fmt: skip


def site_rules(one: Oracle, service: Subject) -> Asked:
    """6.2: the people keep to the rules of the site, which they have read."""
    return Asked(
        service.row.rules_seen_at is not None, service.day,
        one.service_status(service.row) in {"ongoing", "completed"},
    )  # fmt: skip


def _after_completion(one: Oracle, service: Subject, done: date | bool | None, days: int, ahead: int) -> Asked:
    """6.3; AMB-11: done without the day of completion is missing evidence."""
    row = service.row
    completed = one.service_status(row) == "completed"
    on = one.seen(row.completed_on)
    undated = completed and on is None
    return Asked(
        done, working_term(on, days) if on else None, completed, claimed=undated, proven=not undated,
        soon=nth_ahead(one.today, ahead),
    )  # fmt: skip


def follow_up(one: Oracle, service: Subject) -> Asked:
    """6.3: within 10 working days."""
    return _after_completion(one, service, one.followed_up(service.row), 10, 3)


def service_record(one: Oracle, service: Subject) -> Asked:
    """6.3: eight things are recorded, the follow-up among them, within the 20 working days of filing."""
    row = service.row
    survey = one.rows.surveys.get(row.id)
    whole = all((
        row.starts_at or row.completed_on, said(row.place), row.provider_id, row.people, row.item, said(row.measures),
        said(row.process), survey is not None and survey.status == "done",
    ))  # fmt: skip
    return _after_completion(one, service, whole, 20, 5)


def archived(one: Oracle, service: Subject) -> Asked:
    """6.3: within 20 working days."""
    return _after_completion(one, service, one.seen(service.row.archived_on), 20, 5)


def _option(item: str) -> Callable[[Oracle, Subject], Asked]:
    """4 a), c), e)–g): an option with no term of its own; what was planned for a day is near it, then past it."""

    def duty(one: Oracle, service: Subject) -> Asked:
        row, status = service.row, one.service_status(service.row)
        applies = row.item == item and status in {"requested", *ARRANGED}
        done = status == "completed" and one.seen(row.completed_on) is not None
        return Asked(
            done, one.visit_day(row), applies, claimed=status == "completed" and not done, soon=nth_ahead(one.today, 5)
        )

    return duty


def hazard_told(one: Oracle, hazard: Subject) -> Asked:
    """6.2: 及时; our target is the next working day."""
    assert hazard.day is not None
    return Asked(one.seen(hazard.row.notified_at), working_term(hazard.day, 1))


def hazard_rectified(one: Oracle, hazard: Subject) -> Asked:
    """6.2: by the date that counts."""
    return Asked(one.rectified(hazard.row), one.agreed(hazard.row), soon=nth_ahead(one.today, 5))


def hazard_advice(_: Oracle, hazard: Subject) -> Asked:
    """6.2: with advice, when it is found."""
    return Asked(said(hazard.row.advice), hazard.day)


def hazard_date(one: Oracle, hazard: Subject) -> Asked:
    """6.2: a date is agreed for a major one; our target is three working days."""
    assert hazard.day is not None
    return Asked(one.agreed(hazard.row) is not None, working_term(hazard.day, 3), hazard.row.level == "major")


def hazard_reported(one: Oracle, hazard: Subject) -> Asked:
    """9.2 a): the date passed unrectified; our target for noting it is the next working day."""
    agreed = one.agreed(hazard.row)
    rectified = day_of(hazard.row.rectified_at) or day_of(hazard.row.closed_at)
    missed = agreed is not None and (rectified or one.today) > agreed
    noted = [
        day for row in one.rows.candidates
        if row.kind == "a" and row.subject == f"hazard:{hazard.row.id}" and (day := one.seen(row.found_at))
    ] if missed else []  # fmt: skip
    return Asked(min(noted, default=None), working_term(agreed, 1) if agreed else None, missed)


def candidates(one: Oracle, candidate: Subject) -> Asked:
    """9.2: 及时; our target is five working days."""
    row = candidate.row
    assert candidate.day is not None
    # 核实完: struck by who handles it, or approved by a supervisor; confirmed alone still waits for one.
    done = {"struck": one.seen(row.decided_at), "approved": one.seen(row.approved_at)}.get(row.state)
    return Asked(done, working_term(candidate.day, 5), soon=nth_ahead(one.today, 2))


def _candidate(kind: str) -> Callable[[Oracle, Subject], Asked]:
    def duty(one: Oracle, candidate: Subject) -> Asked:
        found = candidates(one, candidate)
        return Asked(found.done, found.due, candidate.row.kind == kind)

    return duty


def complaint_answer(one: Oracle, case: Subject) -> Asked:
    """6.4 a)–d) and 令2020年第3号: the decision told by the earlier date; what was missed once stays missed."""
    if case.row.form == "review":
        return Asked(None, one.clocks(case.row)[1].earlier, applies=False)
    return _answered(one, case)


def review_answer(one: Oracle, case: Subject) -> Asked:
    """6.4 e), AMB-08: thirty days from the request."""
    if case.row.form != "review":
        return Asked(None, one.clocks(case.row)[1].earlier, applies=False)
    return _answered(one, case)


def _answered(one: Oracle, case: Subject) -> Asked:
    _, dates = one.clocks(case.row)
    ended = one.ended(case.row)
    passed = dates.remedial or (ended is not None and dates.earlier is not None and ended > dates.earlier)
    # Withdrawn in time: there is no decision to be told any more.
    gone = case.row.status == "withdrawn" and ended is not None and not passed
    return Asked(one.seen(ended), dates.earlier, not gone, breach=dates.remedial, soon=nth_ahead(one.today, 5))


def complex_reason(one: Oracle, case: Subject) -> Asked:
    """6.4 b): why it is complex."""
    made = one.rows.classifications.get(case.row.id)
    return Asked(said(made.reason) if made else False, case.day, made is not None)


def complex_told(one: Oracle, case: Subject) -> Asked:
    """6.4 b): told by the day that the ordinary term ends, days of a pause left out."""
    applies = case.row.id in one.rows.classifications and case.row.form != "review"
    told = one.seen(one.told(case.row.id, "classification")) if applies else None
    return Asked(told, one.clocks(case.row)[1].ordinary, applies, soon=nth_ahead(one.today, 3))


def decision_parts(one: Oracle, case: Subject) -> Asked:
    """6.4 e): five parts."""
    made = one.rows.decisions.get(case.row.id)
    decided = day_of(made.decided_at) if made else None
    whole = made is not None and all(map(said, (made.findings, made.basis, made.reasons, made.outcome)))
    return Asked(whole and bool(made and made.remedies), decided, decided is not None)


def extension_approved(one: Oracle, extension: Subject) -> Asked:
    """6.4 c): by the superior body; our target is the moment until which it is asked. A decided case needs none."""
    row = extension.row
    approved = day_of(row.answered_at) if row.state == "approved" else None
    over = row.complaint_id in one.rows.decisions or one.ended(one.rows.complaints[row.complaint_id]) is not None
    applies = row.state == "approved" or (row.state == "asked" and not over)
    return Asked(one.seen(approved), day_of(row.answer_by), applies, soon=nth_ahead(one.today, 1))


def extension_told(one: Oracle, extension: Subject) -> Asked:
    """6.4 c): told; our target is the next working day."""
    row = extension.row
    approved = day_of(row.answered_at) if row.state == "approved" else None
    told = one.seen(one.told(row.complaint_id, "extension", row.no))
    return Asked(told, working_term(approved, 1) if approved else None, approved is not None)


def pause_returned(one: Oracle, pause: Subject) -> Asked:
    """6.4 d): our target is the day that was expected. What has not come back for a closed case is not waited for."""
    row = pause.row
    over = row.returned_on is None and one.ended(one.rows.complaints[row.complaint_id]) is not None
    return Asked(one.seen(row.returned_on), row.expected_on, not over, soon=nth_ahead(one.today, 3))


def pause_told(one: Oracle, pause: Subject) -> Asked:
    """6.4 d): 及时; our target is the next working day."""
    row = pause.row
    told = one.seen(one.told(row.complaint_id, "pause", row.no))
    return Asked(told, working_term(row.commissioned_on, 1))


type Duty = Callable[[Oracle, Subject], Asked]

_OF: dict[str, tuple[Callable[[Oracle], list[Subject]], dict[str, Duty]]] = {
    "insured_year": (lambda one: one.insured_years, {"yearly_check": yearly_check, "any_service": any_service}),
    "promise": (lambda one: one.promised, {"promised_services": promised_services}),
    "policy": (lambda one: one.contracts, {"contract_terms": contract_terms}),
    "service": (lambda one: one.visits, {
        "entrusted": entrusted, "people_named": people_named, "training_provider": training_provider,
        "statutory_provider": statutory_provider, "provider_qualified": provider_qualified,
        "confirmed_before": confirmed_before, "site_rules": site_rules, "follow_up": follow_up,
        "service_record": service_record, "archived": archived, "training": _option("a"),
        "standardisation": _option("c"), "drills": _option("e"), "technology": _option("f"),
        "other_services": _option("g"),
    }),
    "provider": (lambda one: one.engaged, {"provider_legal": provider_legal}),
    "hazard": (lambda one: one.found_hazards, {
        "hazard_told": hazard_told, "hazard_rectified": hazard_rectified, "hazard_advice": hazard_advice,
        "hazard_date": hazard_date, "hazard_reported": hazard_reported,
    }),
    "candidate": (lambda one: one.noted, {
        "candidates": candidates, "not_cooperating": _candidate("b"), "money_back": _candidate("c"),
        "fake_service": _candidate("d"),
    }),
    "complaint": (lambda one: one.cases, {
        "complaint_answer": complaint_answer, "review_answer": review_answer, "complex_reason": complex_reason,
        "complex_told": complex_told, "decision_parts": decision_parts,
    }),
    "extension": (lambda one: one.asked_extensions, {
        "extension_approved": extension_approved, "extension_told": extension_told,
    }),
    "pause": (lambda one: one.commissions, {"pause_returned": pause_returned, "pause_told": pause_told}),
}  # fmt: skip

DUTIES: dict[str, tuple[Callable[[Oracle], list[Subject]], Duty]] = {
    check: (subjects, duty) for subjects, duties in _OF.values() for check, duty in duties.items()
}
SUBJECT = {check: subject for subject, (_, duties) in _OF.items() for check in duties}
