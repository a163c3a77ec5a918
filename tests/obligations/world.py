"""A small world of policies, services, hazards and complaints, written in a few words, for questions about duties."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert
from sqlalchemy import inspect as mapped
from sqlalchemy.orm import Session

from anze.bookings.models import Service
from anze.complaints.handling_models import Classification, Extension, Notice, Pause
from anze.complaints.models import Complaint, Decision, Statement
from anze.conversations.models import Conversation, Message
from anze.hazards.models import Hazard, HazardDate
from anze.identity.models import Branch, Staff
from anze.identity.speaker import Speaker
from anze.models import Base
from anze.policies.models import Applicant, Insured, Policy, PolicyInsured, PolicyYear, PromisedService
from anze.policies.rules import policy_years
from anze.providers.models import Provider, Qualification
from anze.reports.models import Candidate
from anze.surveys.models import Survey

TODAY = date(2026, 11, 23)
PIECE = 2000
WAYS: Sequence[str] = ("review", "mediation", "arbitration", "litigation")
SHANGHAI = ZoneInfo("Asia/Shanghai")


def noon(day: date) -> datetime:
    """Noon of a Shanghai day."""
    return datetime.combine(day, time(4), UTC)


def at(day: date, hour: int) -> datetime:
    """Some minutes after an hour of a Shanghai day; the first eight lie in the UTC day before."""
    return datetime.combine(day, time(hour, 20), SHANGHAI)


@dataclass
class World:
    """Adds rows with as little as a test needs to say; a branch tree 总 → 江苏 → 南京, 苏州.

    `many`: rows are kept back until `write`, which inserts them table by table.
    """

    session: Session
    many: bool = False
    branches: dict[str, Branch] = field(default_factory=dict)
    _serial: int = 0
    _ids: dict[type[Base], int] = field(default_factory=dict)
    _kept: dict[type[Base], list[Base]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.branch("总公司", None, "head")
        self.branch("江苏", "总公司", "province")
        self.branch("南京", "江苏", "city")
        self.branch("苏州", "江苏", "city")
        self.applicant = self._add(Applicant(name="投保人"))
        self.talk = self._add(Conversation(
            id="w" * 32, channel="web", branch_id=self.branches["总公司"].id, state={}, created_at=noon(TODAY),
        ))  # fmt: skip
        self.said = self._add(Message(
            conversation_id=self.talk.id, direction="in", sender="user", text="说了", payload={}, at=noon(TODAY),
        ))  # fmt: skip

    def _add[T: Base](self, row: T) -> T:
        kind = type(row)
        if "id" in mapped(kind).columns and row.id is None:  # type: ignore[attr-defined]
            self._ids[kind] = self._ids.get(kind, 0) + 1
            row.id = self._ids[kind]  # type: ignore[attr-defined]
        if self.many:
            self._kept.setdefault(kind, []).append(row)
        else:
            self.session.add(row)
            self.session.flush()
        return row

    def write(self) -> None:
        """Insert what was kept back, parents first. Columns that nobody set get their defaults."""
        places = {table.name: place for place, table in enumerate(Base.metadata.sorted_tables)}
        for kind in sorted(self._kept, key=lambda kind: places[kind.__tablename__]):
            named = [column.key for column in mapped(kind).column_attrs]
            groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
            for row in self._kept[kind]:
                said = tuple(name for name in named if name in row.__dict__)
                groups.setdefault(said, []).append({name: row.__dict__[name] for name in said})
            for rows in groups.values():
                for start in range(0, len(rows), PIECE):
                    self.session.execute(insert(kind.__table__), rows[start : start + PIECE])
        self._kept.clear()

    def number(self, prefix: str) -> str:
        self._serial += 1
        return f"{prefix}{self._serial:06d}"

    def branch(self, name: str, parent: str | None, level: str) -> Branch:
        above = self.branches[parent] if parent else None
        row = Branch(
            parent_id=above.id if above else None, path="", level=level, name=f"{name}分公司", short_name=name,
            hotline="025-1", hours="8:30–17:30",
        )  # fmt: skip
        self._ids[Branch] = row.id = self._ids.get(Branch, 0) + 1
        row.path = f"{above.path if above else '/'}{row.id}/"
        self._add(row)
        self.branches[name] = row
        return row

    def staff(self, branch: str = "总公司", role: str = "supervisor") -> Speaker:
        row = self._add(Staff(username=self.number("u"), name="甲", role=role, branch_id=self.branches[branch].id,
                              password_hash=""))  # fmt: skip
        return Speaker("c" * 32, staff_id=row.id, role=role, branch_path=self.branches[branch].path)

    def insured(self, name: str, size: str, sector: str, province: str = "江苏省") -> Insured:
        return self._add(Insured(
            name=name, sector=sector, industry=sector, size_class=size, size_basis=None, province=province,
            city="南京市", address="某路1号",
        ))  # fmt: skip

    def policy(
        self, insureds: list[Insured], first: date, last: date, *, branch: str = "苏州",
        ended_early: date | None = None, renews: Policy | None = None,
    ) -> Policy:  # fmt: skip
        row = self._add(Policy(
            number=self.number("P"), applicant_id=self.applicant.id, branch_id=self.branches[branch].id,
            start_on=first, end_on=last, ended_early_on=ended_early, renews_id=renews.id if renews else None,
            premium_cents=1_000_000,
        ))  # fmt: skip
        for one in insureds:
            self._add(PolicyInsured(policy_id=row.id, insured_id=one.id))
        for year in policy_years(first, last, ended_early):
            self._add(PolicyYear(policy_id=row.id, no=year.no, from_on=year.from_on, to_on=year.to_on))
        return row

    def service(
        self, policy: Policy, insured: Insured, item: str = "d", on: date | None = None, *, status: str = "completed",
        report: bool = True, asked: date | None = None, **more: Any,
    ) -> Service:  # fmt: skip
        """`on`: the day of completion of a completed one, of the visit of any other."""
        done = status == "completed"
        at = noon(on) if on else None
        fields: dict[str, Any] = {
            "number": self.number("FW"), "policy_id": policy.id, "insured_id": insured.id, "item": item,
            "status": status, "requested_at": noon(asked or on or policy.start_on), "starts_at": at,
            "completed_on": on if done else None, "report_no": "R1" if done and report else None, "place": "厂区",
            "people": ["张工"],
        }  # fmt: skip
        return self._add(Service(**fields | more))

    def promise(self, policy: Policy, item: str, per_year: int) -> PromisedService:
        return self._add(PromisedService(policy_id=policy.id, item=item, per_year=per_year))

    def provider(self, name: str, legal_status: str = "企业法人") -> Provider:
        return self._add(Provider(
            name=name, short_name=name, uscc=self.number("U"), legal_status=legal_status, province="江苏省",
        ))  # fmt: skip

    def qualification(
        self, provider: Provider, items: str, first: date, last: date | None = None, kind: str = "general"
    ) -> Qualification:
        return self._add(Qualification(
            provider_id=provider.id, kind=kind, items=items, valid_from=first, valid_to=last,
        ))  # fmt: skip

    def survey(self, service: Service, done: datetime | None, due: date, status: str | None = None) -> Survey:
        """`done`: with a mark and an opinion at that instant."""
        return self._add(Survey(
            service_id=service.id, status=status or ("done" if done else "waiting"), due_on=due, ask_on=due,
            mark=5 if done else None, opinion="没意见" if done else None, channel="phone" if done else None,
            done_at=done,
        ))  # fmt: skip

    def hazard(self, service: Service, branch_id: int, found: datetime, *, level: str = "major", **more: Any) -> Hazard:
        fields: dict[str, Any] = {
            "number": self.number("YH"), "service_id": service.id, "insured_id": service.insured_id,
            "branch_id": branch_id, "level": level, "place": "车间", "description": "通道堵塞", "basis": "规程",
            "advice": "清理", "status": "open", "found_at": found, "found_by": "张工",
        }  # fmt: skip
        return self._add(Hazard(**fields | more))

    def hazard_date(
        self, hazard: Hazard, no: int, due: date, agreed: datetime | None, *, state: str = "agreed", whole: bool = True,
        supervised: datetime | None = None,
    ) -> HazardDate:  # fmt: skip
        """`whole`: with the reason and the interim measures that a new date needs."""
        return self._add(HazardDate(
            hazard_id=hazard.id, no=no, due_on=due, reason="等配件" if whole else None,
            interim_measures="专人看守" if whole else None, state=state, proposed_at=agreed or noon(due),
            proposed_by="insured", proposed_side="insured", agreed_at=agreed, agreed_by="x" if agreed else None,
            supervised_at=supervised, supervised_by="y" if supervised else None,
        ))  # fmt: skip

    def candidate(
        self, insured: Insured, branch_id: int, found: datetime, kind: str = "b", subject: str | None = None,
        decided: datetime | None = None, **more: Any,
    ) -> Candidate:  # fmt: skip
        fields: dict[str, Any] = {
            "kind": kind, "subject": subject or self.number("conversation:"), "insured_id": insured.id,
            "branch_id": branch_id, "words": "不让进", "found_at": found, "found_by": "system",
            "state": "confirmed" if decided else "open", "decided_at": decided,
        }  # fmt: skip
        return self._add(Candidate(**fields | more))

    def complaint(
        self, branch_id: int, received: datetime, status: str = "handling", insured: Insured | None = None, **more: Any
    ) -> Complaint:
        fields: dict[str, Any] = {
            "number": self.number("TS"), "status": status, "kind": "service", "form": "complaint",
            "edition": "AQ9010.1/2025-07-draft", "received_at": received, "filed_at": received,
            "conversation_id": self.talk.id, "insured_id": insured.id if insured else None, "branch_id": branch_id,
            "source": "chat",
        }  # fmt: skip
        return self._add(Complaint(**fields | more))

    def classified(self, case: Complaint, when: datetime, reason: str = "要等鉴定") -> Classification:
        return self._add(Classification(complaint_id=case.id, reason=reason, at=when, by="x"))

    def extension(
        self, case: Complaint, no: int, asked: datetime, answered: datetime | None, *, state: str = "approved",
        approver: str | None = "superior_body",
    ) -> Extension:  # fmt: skip
        return self._add(Extension(
            complaint_id=case.id, no=no, reason="特别复杂", asked_at=asked, asked_by="x", branch_id=case.branch_id,
            answer_by=asked + timedelta(days=1), state=state if answered else "asked", answered_at=answered,
            answered_by="y" if answered else None, approver=approver if answered and state == "approved" else None,
        ))  # fmt: skip

    def pause(self, case: Complaint, no: int, commissioned: date, expected: date, returned: date | None) -> Pause:
        return self._add(Pause(
            complaint_id=case.id, no=no, body="鉴定所", purpose="鉴定", commissioned_on=commissioned,
            expected_on=expected, returned_on=returned, at=noon(commissioned), by="x",
        ))  # fmt: skip

    def notice(
        self, case: Complaint, about: str, sent: datetime | None, *, no: int = 1, channel: str = "sms",
        read: datetime | None = None, failed: datetime | None = None, written: datetime | None = None,
    ) -> Notice:  # fmt: skip
        return self._add(Notice(
            complaint_id=case.id, about=about, about_no=no, channel=channel, recipient="x", text_sha256="0" * 64,
            at=written or sent or case.received_at, by="x", sent_at=sent, read_at=read, failed_at=failed,
        ))  # fmt: skip

    def new_facts(self, case: Complaint, when: datetime) -> Statement:
        return self._add(Statement(
            complaint_id=case.id, kind="supplement", text="补充", message_id=self.said.id, at=when,
        ))  # fmt: skip

    def decision(
        self, case: Complaint, when: datetime, told: datetime | None = None, *, whole: bool = True, **more: Any
    ) -> Decision:
        fields: dict[str, Any] = {
            "complaint_id": case.id, "findings": "核实了", "basis": "6.3", "reasons": "没做到", "outcome": "补做",
            "remedies": [{"way": way} for way in WAYS] if whole else [], "decided_at": when, "decided_by": "x",
            "told_at": told,
        }  # fmt: skip
        return self._add(Decision(**fields | more))
