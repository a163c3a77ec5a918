"""Every status that a check can reach, built on purpose: one table for each check, a row of it one firm."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from anze.bookings.models import Service
from anze.calendar.data import CalendarStore
from anze.complaints.models import Complaint
from anze.db import Database
from anze.hazards.models import Hazard
from anze.obligations.query import Filters, Query, When, Window
from anze.obligations.relations import RELATIONS
from anze.obligations.store import Run
from anze.obligations.wording import say
from anze.policies.models import Insured, Policy
from anze.settings import Settings
from anze.standard.editions import load
from tests.obligations.oracle import DUTIES, SUBJECT
from tests.obligations.world import TODAY, World, noon


def day(text: str) -> date:
    """11-23 of 2026, or a whole date."""
    return date.fromisoformat(text if len(text) > 5 else f"2026-{text}")


def when(text: str) -> datetime:
    return noon(day(text))


@dataclass
class Firm:
    """One row's firm, with a policy of 2026."""

    world: World
    name: str
    size: str = "large"

    def __post_init__(self) -> None:
        self.insured: Insured = self.world.insured(self.name, self.size, "mine")
        self._policy: Policy | None = None

    def policy(self, first: str = "01-01", last: str = "12-31", **more: Any) -> Policy:
        self._policy = self.world.policy([self.insured], day(first), day(last), **more)
        return self._policy

    def service(self, on: str | None, status: str = "completed", item: str = "d", **more: Any) -> Service:
        """With an agency that is qualified for it, unless something else is said."""
        more = {"asked": day("06-01"), "provider_id": self.agency().id, "measures": "排查", "process": "查了"} | more
        policy = self._policy or self.policy()
        return self.world.service(policy, self.insured, item, day(on) if on else None, status=status, **more)

    def agency(
        self, items: str = "abcdefg", kind: str = "general", last: str = "2030-01-01", legal: str = "企业法人"
    ) -> Any:
        made = self.world.provider(self.name, legal) if self.name not in self._agencies else self._agencies[self.name]
        if self.name not in self._agencies:
            self._agencies[self.name] = made
            self.world.qualification(made, items, day("2020-01-01"), day(last), kind)
        return made

    @property
    def _agencies(self) -> dict[str, Any]:
        return self.world.__dict__.setdefault("agencies", {})

    def confirmed(self, on: str, at: str, **more: Any) -> Service:
        status = more.pop("status", "completed" if day(on) <= TODAY else "dispatched")
        return self.service(on, status, insured_confirmed_at=when(at), provider_confirmed_at=when(at), **more)

    def surveyed(self, on: str | None, done: str | None, **more: Any) -> Service:
        service = self.service(on, **more)
        self.world.survey(service, when(done) if done else None, day(on or "11-23"))
        return service

    def hazard(self, found: str, **more: Any) -> Hazard:
        policy = self._policy or self.policy()
        return self.world.hazard(self.service("05-01"), policy.branch_id, when(found), **more)

    def noted(self, hazard: Hazard, on: str) -> None:
        self.world.candidate(self.insured, hazard.branch_id, when(on), "a", f"hazard:{hazard.id}")

    def candidate(self, found: str, struck: str | None = None, kind: str = "b", **more: Any) -> None:
        more = ({"state": "struck"} if struck else {}) | more
        branch = self.world.branches["南京"].id
        self.world.candidate(self.insured, branch, when(found), kind, None, when(struck) if struck else None, **more)

    def case(
        self, due: str | None = "12-30", status: str = "handling", received: str = "11-02", **more: Any
    ) -> Complaint:
        """`due`: the earlier of its dates as last derived."""
        on = day(due) if due else None
        return self.world.complaint(
            self.world.branches["南京"].id, when(received), status, self.insured, due_on=on, second_due_on=on, **more
        )

    def told(self, due: str, on: str, **more: Any) -> Complaint:
        return self.case(due, "told", closed_at=when(on), **more)

    def complex(self, ordinary: str, told: str | None, reason: str = "要等鉴定", **more: Any) -> Complaint:
        case = self.case(ordinary_on=day(ordinary), **more)
        self.world.classified(case, when("11-03"), reason)
        if told:
            self.world.notice(case, "classification", when(told))
        return case

    def decided(self, on: str, *, whole: bool = True, **more: Any) -> None:
        self.world.decision(self.case(status="decided"), when(on), whole=whole, **more)

    def extended(
        self, by: str, answered: str | None, state: str = "approved", told: str | None = None, **more: Any
    ) -> None:
        case = self.case(**more)
        made = self.world.extension(case, 1, when("11-03"), when(answered) if answered else None, state=state)
        made.answer_by = when(by)
        if told:
            self.world.notice(case, "extension", when(told))

    def paused(self, began: str, expected: str, back: str | None = None, told: str | None = None, **more: Any) -> None:
        case = self.case(**more)
        self.world.pause(case, 1, day(began), day(expected), day(back) if back else None)
        if told:
            self.world.notice(case, "pause", when(told))


type Build = Callable[[Firm], Any]
"""Makes the row's subject"""


def _arranged(good: Build, bad: Callable[[Firm, str, str], Any], off: Build) -> dict[str, Build]:
    """What has to be so by the day of a service: five working days before it is near."""
    return {
        "met": good,
        "overdue": lambda f: bad(f, "11-20", "completed"),
        "due_soon 今天": lambda f: bad(f, "11-23", "confirmed"),
        "due_soon 五个工作日": lambda f: bad(f, "11-30", "confirmed"),
        "not_due 六个工作日": lambda f: bad(f, "12-01", "confirmed"),
        "not_applicable 已取消": lambda f: bad(f, "11-20", "cancelled"),
        "not_applicable": off,
    }


def _yearly(done: Build, less: Build) -> dict[str, Build]:
    """What has to be given by the end of a policy year: from 60 days before it is near."""
    return {
        "met": done,
        "not_due": lambda f: (f.policy("06-01", "2027-05-31"), less(f)),
        "not_due 61天": lambda f: (f.policy("02-01", "2027-01-23"), less(f)),
        "due_soon 60天": lambda f: (f.policy("02-01", "2027-01-22"), less(f)),
        "due_soon 最后一天": lambda f: (f.policy("2025-11-24", "11-23"), less(f)),
        "overdue 昨天": lambda f: (f.policy("2025-11-23", "11-22"), less(f)),
        "not_due 提前终止": lambda f: (f.policy(ended_early=day("08-01")), less(f)),
        "overdue 满一年后提前终止": lambda f: (f.policy("2025-03-01", "2028-02-29", ended_early=day("02-28")), less(f)),
    }


def _promising(per_year: int) -> Build:
    def build(firm: Firm) -> None:
        policy = firm._policy or firm.policy()
        firm.world.promise(policy, "a", per_year)
        if per_year == 2:
            firm.service(str(policy.start_on), item="a")

    return build


def _option(item: str) -> dict[str, Build]:
    other = "b" if item == "d" else "d"
    return {
        "met": lambda f: f.service("11-20", item=item),
        "met 两天的": lambda f: f.service("11-20", item=item, starts_at=when("11-19")),
        "unproven": lambda f: f.service(None, item=item),
        "overdue 过了还没做": lambda f: f.service("11-20", "confirmed", item),
        "due_soon": lambda f: f.service("11-30", "confirmed", item),
        "not_due": lambda f: f.service("12-01", "confirmed", item),
        "not_due 没定时间": lambda f: f.service(None, "requested", item),
        "not_applicable": lambda f: f.service("11-20", item=other),
        "not_applicable 已取消": lambda f: f.service("11-20", "cancelled", item),
    }


def _candidates(kind: str, *, other: str | None, ahead: bool) -> dict[str, Build]:
    rows: dict[str, Build] = {
        "met 不成立": lambda f: f.candidate("11-02", "11-09", kind),
        "met 已批准": lambda f: f.candidate("11-02", "11-03", kind, state="approved", approved_at=when("11-09")),
        "overdue 晚了": lambda f: f.candidate("11-02", "11-10", kind),
        "overdue": lambda f: f.candidate("11-13", kind=kind),
        "overdue 只有经办确认": lambda f: f.candidate("11-02", "11-03", kind, state="confirmed"),
        "due_soon 今天": lambda f: f.candidate("11-16", kind=kind),
        "not_due": lambda f: f.candidate("11-20", kind=kind),
    }
    if ahead:
        rows |= {"due_soon 两个工作日": lambda f: f.candidate("11-18", kind=kind)}
    if other:
        rows |= {"not_applicable": lambda f: f.candidate("11-02", kind=other)}
    return rows


def _answers(form: str, other: str) -> dict[str, Build]:
    return {
        "met": lambda f: f.told("11-20", "11-20", form=form),
        "overdue 晚了": lambda f: f.told("11-20", "11-21", form=form),
        "overdue": lambda f: f.case("11-20", form=form),
        "overdue 作了决定没告知": lambda f: f.case("11-20", "decided", form=form),
        "overdue 撤回前已过期": lambda f: f.case("11-20", "withdrawn", form=form, closed_at=when("11-21")),
        "due_soon 五个工作日": lambda f: f.case("11-30", form=form),
        "not_due 六个工作日": lambda f: f.case("12-01", form=form),
        "not_due 停表": lambda f: f.case(None, form=form, paused=True),
        "not_applicable": lambda f: f.case("11-20", form=other),
        "not_applicable 撤回": lambda f: f.case("11-20", "withdrawn", form=form, closed_at=when("11-20")),
    }


TABLES: dict[str, dict[str, Build]] = {
    "yearly_check": {
        "met": lambda f: f.service("05-01"),
        "met 只做了b": lambda f: f.service("05-01", item="b"),
        "unknown": lambda f: f.policy(),
        "not_applicable": lambda f: f.policy(),
        "unproven 没有报告": lambda f: f.service("05-01", report=False),
        "unproven 报告号空白": lambda f: f.service("05-01", report_no=" "),
        "unproven 没有日期": lambda f: f.service(None),
        "not_due 只约好": lambda f: (f.policy("06-01", "2027-05-31"), f.service("11-25", "confirmed")),
        "not_due 91天": lambda f: f.policy("03-01", "2027-02-22"),
        "due_soon 90天": lambda f: f.policy("03-01", "2027-02-21"),
        "due_soon 做了别的": lambda f: f.service("05-01", item="a"),
        "due_soon 上一年做的": lambda f: (f.policy("2025-01-01", "2026-12-31"), f.service("2025-05-01")),
        "overdue": lambda f: f.policy("2025-11-23", "11-22"),
        "not_due 提前终止": lambda f: f.policy(ended_early=day("04-30")),
    },
    "any_service": _yearly(lambda f: f.service("05-01", item="f", report=False), lambda f: None),
    "promised_services": _yearly(lambda f: (_promising(1)(f), f.service("05-01", item="a")), _promising(2)),
    "contract_terms": {
        "met": lambda f: f.world.promise(f.policy(), "a", 1),
        "not_due 31天": lambda f: f.policy("12-24", "2027-12-23"),
        "due_soon 30天": lambda f: f.policy("12-23", "2027-12-22"),
        "due_soon 今天": lambda f: f.policy("11-23", "2027-11-22"),
        "overdue": lambda f: f.policy(),
    },
    "entrusted": _arranged(
        lambda f: f.service("11-20"), lambda f, on, status: f.service(on, status, provider_id=None),
        lambda f: f.service("11-20", "requested", provider_id=None),
    ),
    "provider_qualified": _arranged(
        lambda f: (f.agency(last="11-20"), f.service("11-20")),
        lambda f, on, status: (f.agency("abc"), f.service(on, status)),
        lambda f: f.service("11-20", provider_id=None),
    ),
    "training_provider": _arranged(
        lambda f: (f.agency("a", "AQ8011"), f.service("11-20", item="a", audience="special")),
        lambda f, on, status: (f.agency("a", "general"), f.service(on, status, "a", audience="principal")),
        lambda f: f.service("11-20", item="a", audience="workers"),
    ),
    "statutory_provider": _arranged(
        lambda f: (f.agency("b", "testing"), f.service("11-20", item="b", statutory=True)),
        lambda f, on, status: (f.agency("b", "evaluation", "11-19"), f.service(on, status, "b", statutory=True)),
        lambda f: f.service("11-20", item="b", statutory=False),
    ),
    "people_named": {
        "met": lambda f: f.service("11-20"),
        "overdue": lambda f: f.service("11-20", people=[]),
        "overdue 没有日期": lambda f: f.service(None, people=[]),
        "due_soon 三个工作日": lambda f: f.service("11-26", "dispatched", people=[]),
        "not_due 四个工作日": lambda f: f.service("11-27", "dispatched", people=[]),
        "not_applicable": lambda f: f.service("11-20", "confirmed", people=[]),
    },
    "provider_legal": {
        "met": lambda f: f.service("11-20"),
        "overdue": lambda f: (f.agency(legal=" "), f.service("11-20")),
        "due_soon": lambda f: (f.agency(legal=""), f.service("11-23", "ongoing")),
        "not_due": lambda f: (f.agency(legal=""), f.service("11-24", "confirmed")),
    },
    "confirmed_before": {
        "met": lambda f: f.confirmed("11-20", "11-20"),
        "overdue 当天晚了": lambda f: f.confirmed("11-20", "11-20", starts_at=when("11-20") - timedelta(hours=3)),
        "overdue 第二天": lambda f: f.confirmed("11-20", "11-21"),
        "overdue 没说措施": lambda f: f.confirmed("11-20", "11-19", measures=" "),
        "overdue": lambda f: f.service("11-20", insured_confirmed_at=when("11-10")),
        "due_soon 明天": lambda f: f.service("11-24", "requested"),
        "not_due 后天": lambda f: f.service("11-25", "confirmed"),
        "not_due 没定时间": lambda f: f.service(None, "requested"),
        "not_applicable": lambda f: f.service("11-20", "refused"),
    },
    "site_rules": {
        "met": lambda f: f.service("11-20", rules_seen_at=when("11-19")),
        "overdue": lambda f: f.service("11-20"),
        "due_soon": lambda f: f.service("11-23", "ongoing"),
        "not_applicable": lambda f: f.service("11-24", "dispatched"),
    },
    "follow_up": {
        "met 第十个工作日": lambda f: f.surveyed("11-02", "11-16"),
        "overdue 第十一个": lambda f: f.surveyed("11-02", "11-17"),
        "overdue": lambda f: f.surveyed("11-06", None),
        "overdue 没有回访记录": lambda f: f.service("11-06"),
        "due_soon 今天": lambda f: f.surveyed("11-09", None),
        "due_soon 三个工作日": lambda f: f.surveyed("11-12", None),
        "not_due 四个工作日": lambda f: f.surveyed("11-13", None),
        "unproven": lambda f: f.service(None),
        "unproven 回访了": lambda f: f.surveyed(None, "11-16"),
        "not_applicable": lambda f: f.service("11-20", "ongoing"),
    },
    "service_record": {
        "met": lambda f: f.surveyed("11-02", "11-16"),
        "overdue": lambda f: f.service("10-20"),
        "overdue 没写过程": lambda f: f.surveyed("10-20", "10-21", process=""),
        "due_soon 五个工作日": lambda f: f.surveyed("11-02", "11-16", place=" "),
        "not_due": lambda f: f.surveyed("11-10", "11-16", measures=None),
        "unproven": lambda f: f.surveyed(None, "11-16"),
        "not_applicable": lambda f: f.service("11-20", "no_show"),
    },
    "archived": {
        "met 第二十个工作日": lambda f: f.service("10-19", archived_on=day("11-16")),
        "overdue 第二十一个": lambda f: f.service("10-19", archived_on=day("11-17")),
        "overdue": lambda f: f.service("10-20"),
        "due_soon 今天": lambda f: f.service("10-26"),
        "due_soon 五个工作日": lambda f: f.service("11-02"),
        "not_due 六个工作日": lambda f: f.service("11-03"),
        "unproven": lambda f: f.service(None),
        "unproven 归了档": lambda f: f.service(None, archived_on=day("11-17")),
        "not_applicable": lambda f: f.service("11-20", "cancelled"),
    },
    "training": _option("a"),
    "standardisation": _option("c"),
    "drills": _option("e"),
    "technology": _option("f"),
    "other_services": _option("g"),
    "hazard_told": {
        "met": lambda f: f.hazard("11-20", notified_at=when("11-23")),
        "overdue 晚了": lambda f: f.hazard("11-12", notified_at=when("11-16")),
        "overdue": lambda f: f.hazard("11-19"),
        "due_soon": lambda f: f.hazard("11-20"),
        "not_due": lambda f: f.hazard("11-23"),
    },
    "hazard_rectified": {
        "met": lambda f: f.hazard("11-02", agreed_on=day("11-20"), rectified_at=when("11-20"), status="reported"),
        "met 直接销号": lambda f: f.hazard("11-02", agreed_on=day("11-20"), closed_at=when("11-20"), status="closed"),
        "met 没约期限": lambda f: f.hazard("11-02", level="general", rectified_at=when("11-20"), status="reported"),
        "overdue 晚了": lambda f: f.hazard("11-02", agreed_on=day("11-20"), rectified_at=when("11-21"), status="closed",
                                     closed_at=when("11-21")),
        "overdue": lambda f: f.hazard("11-02", agreed_on=day("11-22")),
        "due_soon": lambda f: f.hazard("11-02", agreed_on=day("11-30")),
        "not_due": lambda f: f.hazard("11-02", agreed_on=day("12-01")),
        "not_due 没约期限": lambda f: f.hazard("11-02", level="general"),
    },
    "hazard_advice": {
        "met": lambda f: f.hazard("11-02"),
        "overdue": lambda f: f.hazard("11-22", advice=" "),
        "due_soon": lambda f: f.hazard("11-23", advice=""),
    },
    "hazard_date": {
        "met": lambda f: f.hazard("11-02", agreed_on=day("11-30")),
        "overdue": lambda f: f.hazard("11-17"),
        "due_soon": lambda f: f.hazard("11-18"),
        "not_due": lambda f: f.hazard("11-19"),
        "not_applicable": lambda f: f.hazard("11-02", level="general"),
    },
    "hazard_reported": {
        "met": lambda f: f.noted(f.hazard("11-02", agreed_on=day("11-19")), "11-20"),
        "overdue 晚了": lambda f: f.noted(f.hazard("11-02", agreed_on=day("11-12")), "11-16"),
        "overdue": lambda f: f.hazard("11-02", agreed_on=day("11-19")),
        "overdue 晚整改也要报": lambda f: f.hazard("11-02", agreed_on=day("11-12"), rectified_at=when("11-13")),
        "due_soon": lambda f: f.hazard("11-02", agreed_on=day("11-20")),
        "not_applicable 没过期": lambda f: f.hazard("11-02", agreed_on=day("11-23")),
        "not_applicable 按期": lambda f: f.hazard("11-02", agreed_on=day("11-12"), rectified_at=when("11-12")),
        "not_applicable 一般": lambda f: f.hazard("11-02", level="general"),
    },
    "candidates": _candidates("a", other=None, ahead=True),
    "not_cooperating": _candidates("b", other="c", ahead=False),
    "money_back": _candidates("c", other="d", ahead=False),
    "fake_service": _candidates("d", other="b", ahead=False),
    "complaint_answer": _answers("complaint", "review")
    | {"overdue 补救期限内撤回": lambda f: f.case("12-20", "withdrawn", remedial=True, closed_at=when("11-20"))} | {
        "met 异议": lambda f: f.told("11-20", "11-02", form="objection"),
        "overdue 补救期限内": lambda f: f.case("12-20", remedial=True),
        "overdue 补救期限内答复": lambda f: f.told("12-20", "11-20", remedial=True),
    },
    "review_answer": _answers("review", "complaint"),
    "complex_reason": {
        "met": lambda f: f.complex("11-23", None),
        "overdue": lambda f: f.complex("11-23", None, " "),
        "due_soon": lambda f: f.world.classified(f.case(received="11-23"), when("11-23"), ""),
        "not_applicable": lambda f: f.case(),
    },
    "complex_told": {
        "met": lambda f: f.complex("11-20", "11-20"),
        "met 第二个期限已过": lambda f: f.complex("11-20", "11-19", remedial=True),
        "overdue 晚了": lambda f: f.complex("11-20", "11-21"),
        "overdue": lambda f: f.complex("11-20", None),
        "due_soon 三个工作日": lambda f: f.complex("11-26", None),
        "not_due": lambda f: f.complex("11-27", None),
        "not_applicable": lambda f: f.case(),
        "not_applicable 核查": lambda f: f.complex("11-20", None, form="review"),
    },
    "decision_parts": {
        "met": lambda f: f.decided("11-20"),
        "overdue": lambda f: f.decided("11-20", whole=False),
        "overdue 没写依据": lambda f: f.decided("11-20", basis=" "),
        "due_soon": lambda f: f.decided("11-23", whole=False),
        "not_applicable": lambda f: f.case(),
    },
    "extension_approved": {
        "met": lambda f: f.extended("11-05", "11-05"),
        "overdue 晚了": lambda f: f.extended("11-05", "11-06"),
        "overdue": lambda f: f.extended("11-20", None),
        "due_soon 明天": lambda f: f.extended("11-24", None),
        "not_due 后天": lambda f: f.extended("11-25", None),
        "not_applicable": lambda f: f.extended("11-20", "11-19", "refused"),
        "not_applicable 已答复": lambda f: f.extended("11-05", None, status="told", closed_at=when("11-10")),
    },
    "extension_told": {
        "met": lambda f: f.extended("11-05", "11-05", told="11-06"),
        "overdue 晚了": lambda f: f.extended("11-05", "11-05", told="11-07"),
        "overdue": lambda f: f.extended("11-05", "11-19"),
        "due_soon": lambda f: f.extended("11-23", "11-20"),
        "not_due": lambda f: f.extended("11-23", "11-23"),
        "not_applicable": lambda f: f.extended("11-23", None),
        "not_applicable 未批准": lambda f: f.extended("11-23", "11-20", "refused"),
    },
    "pause_returned": {
        "met": lambda f: f.paused("11-03", "11-20", "11-20"),
        "overdue 晚了": lambda f: f.paused("11-03", "11-20", "11-21"),
        "overdue": lambda f: f.paused("11-03", "11-22"),
        "due_soon 三个工作日": lambda f: f.paused("11-03", "11-26"),
        "not_due": lambda f: f.paused("11-03", "11-27"),
        "not_applicable": lambda f: f.paused("11-03", "11-20", status="withdrawn", closed_at=when("11-19")),
    },
    "pause_told": {
        "met": lambda f: f.paused("11-03", "11-20", told="11-04"),
        "overdue 晚了": lambda f: f.paused("11-03", "11-20", told="11-05"),
        "overdue": lambda f: f.paused("11-19", "11-30"),
        "due_soon": lambda f: f.paused("11-20", "11-30"),
        "not_due": lambda f: f.paused("11-23", "11-30"),
    },
}  # fmt: skip
"""Of each check: the status, and what is special about the row, which is the name of its firm."""

NEVER_AHEAD = {"site_rules", "hazard_advice", "complex_reason", "decision_parts", "hazard_reported"}
"""Their last day is that of the event itself (or, of 9.2 a, the next working day, and TODAY is a Monday)."""
SIZES = {"unknown": "unknown", "not_applicable": "micro"}
"""For the check that goes by the size"""


def test_there_is_a_table_for_each_check() -> None:
    assert set(TABLES) == set(DUTIES)


@pytest.mark.parametrize("check", TABLES)
def test_the_table_has_every_status_that_can_be(check: str) -> None:
    row = load().check[check]
    reachable = {"met", "overdue", "due_soon"} | ({"not_due"} - ({"not_due"} if check in NEVER_AHEAD else set()))
    reachable |= {"not_applicable"} if row.applies else set()
    reachable |= {"unknown"} if row.unknown else set()
    reachable |= {"unproven"} if row.claimed or row.proof else set()
    assert {name.split()[0] for name in TABLES[check]} == reachable


@pytest.mark.parametrize("check", TABLES)
def test_statuses(database: Database, check: str) -> None:
    """Each firm has the status that it is called by."""
    named = "provider" if SUBJECT[check] == "provider" else "insured"
    with database.write() as session:
        world = World(session)
        for name, build in TABLES[check].items():
            build(Firm(world, name, SIZES.get(name, "large") if check == "yearly_check" else "large"))
        window = Window(When.DUE) if SUBJECT[check] in {"insured_year", "promise", "policy"} else Window()
        query = Query(check, window, Filters(all_parts=True))
        calendar = CalendarStore(Settings().knowledge, Settings().data).calendar()
        rows = Run(session, world.staff(), query, load(), TODAY, calendar).every_row()
    found: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda row: row["due_on"] or date.max):
        found.setdefault(row[named], []).append(row["status"])
    # A firm whose policy runs for several years is judged by the one that the row is about: the last that has begun.
    got = {name: statuses[-1] for name, statuses in found.items()}
    assert got == {name: name.split()[0] for name in TABLES[check]}


def test_every_column_that_a_relation_shows_has_a_name() -> None:
    missing = []
    for relation in RELATIONS.values():
        for name in relation.shown:
            try:
                say(f"column.{name}")
            except KeyError:
                missing.append((relation.name, name))
    assert missing == []
