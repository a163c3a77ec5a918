"""A small world of policies and services, written in a few words, for questions about clause 4."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy.orm import Session

from anze.bookings.models import Service
from anze.identity.models import Branch, Staff
from anze.identity.speaker import Speaker
from anze.policies.models import Applicant, Insured, Policy, PolicyInsured, PolicyYear
from anze.policies.rules import policy_years

TODAY = date(2026, 11, 23)


def noon(day: date) -> datetime:
    """Noon of a Shanghai day."""
    return datetime.combine(day, time(4), UTC)


@dataclass
class World:
    """Adds rows with as little as a test needs to say; a branch tree 总 → 江苏 → 南京, 苏州."""

    session: Session
    branches: dict[str, Branch] = field(default_factory=dict)
    _serial: int = 0

    def __post_init__(self) -> None:
        self.branch("总公司", None, "head")
        self.branch("江苏", "总公司", "province")
        self.branch("南京", "江苏", "city")
        self.branch("苏州", "江苏", "city")
        self.applicant = self._add(Applicant(name="投保人"))

    def _add[T](self, row: T) -> T:
        self.session.add(row)
        self.session.flush()
        return row

    def number(self, prefix: str) -> str:
        self._serial += 1
        return f"{prefix}{self._serial:06d}"

    def branch(self, name: str, parent: str | None, level: str) -> Branch:
        above = self.branches[parent] if parent else None
        row = Branch(
            parent_id=above.id if above else None, path="", level=level, name=f"{name}分公司", short_name=name,
            hotline="025-1", hours="8:30–17:30",
        )  # fmt: skip
        self._add(row)
        row.path = f"{above.path if above else '/'}{row.id}/"
        self.session.flush()
        self.branches[name] = row
        return row

    def staff(self, branch: str = "总公司", role: str = "supervisor") -> Speaker:
        row = self._add(Staff(username=self.number("u"), name="甲", role=role, branch_id=self.branches[branch].id,
                              password_hash=""))  # fmt: skip
        return Speaker("c" * 32, staff_id=row.id, role=role, branch_path=self.branches[branch].path)

    def insured(self, name: str, size: str, sector: str) -> Insured:
        return self._add(Insured(
            name=name, sector=sector, industry=sector, size_class=size, size_basis=None, province="江苏省",
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
            "status": status,             "requested_at": noon(asked or on or policy.start_on), "starts_at": at,
            "completed_on": on if done else None, "report_no": "R1" if done and report else None, "place": "厂区",
            "people": ["张工"],
        }  # fmt: skip
        return self._add(Service(**fields | more))
