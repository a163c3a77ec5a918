"""Thousands of small random worlds in one database, each in a branch subtree of its own, the same every time."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from anze.bookings.models import Service
from anze.hazards.models import Hazard
from anze.identity.models import Branch
from anze.policies.models import Insured, Policy
from anze.providers.models import Provider
from tests.obligations.casewalk import working_term
from tests.obligations.oracle import SHANGHAI, Oracle, Rows, last_covered
from tests.obligations.world import TODAY, World, at

SIZES = ("large", "medium", "small", "micro", "unknown")
SECTORS = ("mine", "hazardous_chemicals", "fireworks", "metal_smelting", "other")
PROVINCES = ("江苏省", "浙江省", "湖南省")
STATUSES = ("requested", "confirmed", "dispatched", "ongoing", "cancelled", "no_show", "refused")
EPOCH = date(2023, 6, 1)


@dataclass
class _Place:
    """One world's branches and providers."""

    branches: list[str]
    providers: list[Provider]


class Worlds:
    """Fills a database. Whatever happened did so by TODAY; only visits and policies lie ahead."""

    def __init__(self, session: Session, seed: int) -> None:
        self.random = Random(seed)
        self.session = session
        self.world = World(session, many=True)
        self.roots: list[Branch] = []

    def fill(self, count: int) -> None:
        for number in range(count):
            self._one(number)
        self.world.write()
        settle(self.session)

    # Dice ---------------------------------------------------------------------------------------------------------

    def often(self, share: float) -> bool:
        return self.random.random() < share

    def day(self, first: date, last: date) -> date:
        return first + timedelta(days=self.random.randint(0, max((last - first).days, 0)))

    def near(self, day: date, before: int, after: int) -> date:
        return day + timedelta(days=self.random.randint(-before, after))

    def at(self, day: date) -> datetime:
        """Any hour of a Shanghai day, its first and last minutes too."""
        hour = self.random.choice((0, 3, 7, 9, 12, 15, 23))
        return datetime.combine(day, time(hour, self.random.choice((0, 59))), SHANGHAI)

    def past(self, day: date, after: int, *, odds: float = 0.8) -> datetime | None:
        """An instant up to so many days after, if that is past; None: it never was."""
        found = self.near(day, 0, after)
        return self.at(found) if found <= TODAY and self.often(odds) else None

    # Worlds -------------------------------------------------------------------------------------------------------

    def _one(self, number: int) -> None:
        world, name = self.world, f"界{number}"
        self.roots.append(world.branch(name, "总公司", "province"))
        branches = [name]
        for part in "甲乙"[: self.random.randint(0, 2)]:
            world.branch(f"{name}{part}", name, "city")
            branches.append(f"{name}{part}")
        place = _Place(branches, [self._provider(f"{name}机构{n}") for n in range(self.random.randint(0, 2))])
        insureds = [
            world.insured(f"{name}厂{n}", self.random.choice(SIZES[:2] if self.often(0.4) else SIZES),
                          self.random.choice(SECTORS), self.random.choice(PROVINCES))
            for n in range(self.random.choice((1, 1, 1, 2)))
        ]  # fmt: skip
        policies = self._policies(insureds, place)
        services = [
            self._service(policy, insured, place)
            for policy, mine in policies for insured in mine for _ in range(self.random.choice((0, 1, 1, 2)))
        ]  # fmt: skip
        hazards = [self._hazard(one, policies) for one in services if one.status == "completed" and self.often(0.4)]
        self._candidates(insureds, place, hazards)
        for _ in range(self.random.choice((0, 1, 1))):
            self._complaint(insureds, place)

    def _provider(self, name: str) -> Provider:
        made = self.world.provider(name, self.random.choice(("企业法人", "事业单位法人", "", "  ")))
        for _ in range(self.random.randint(0, 3)):
            first = self.day(EPOCH, TODAY)
            last = None if self.often(0.3) else first + timedelta(days=self.random.choice((30, 200, 365, 1000)))
            items = "".join(self.random.sample("abcdefg", self.random.randint(1, 5)))
            self.world.qualification(
                made, items, first, last, self.random.choice(("AQ8011", "evaluation", "testing", "general"))
            )
        return made

    def _policies(self, insureds: list[Insured], place: _Place) -> list[tuple[Policy, list[Insured]]]:
        found: list[tuple[Policy, list[Insured]]] = []
        groups = [insureds] if self.often(0.3) else [[one] for one in insureds]
        for group in groups:
            first = date(2024, 2, 29) if self.often(0.1) else self.day(EPOCH, date(2027, 1, 31))
            renews: Policy | None = None
            for _ in range(self.random.choice((1, 1, 2))):
                months = self.random.choice((12, 12, 12, 24, 36, 6, 1))
                last = _months(first, months) - timedelta(days=1)
                early = self._early(first, last)
                branch = self.random.choice(place.branches)
                renews = self.world.policy(group, first, last, branch=branch, ended_early=early, renews=renews)
                found.append((renews, group))
                for item in self.random.sample("abcdefg", self.random.choice((0, 1, 2))):
                    self.world.promise(renews, item, self.random.choice((1, 1, 2)))
                first = last + timedelta(days=1 + self.random.choice((0, 0, 30, -60)))
        return found

    def _early(self, first: date, last: date) -> date | None:
        """Before the start, some time within, on the last day of the first year, or on the policy's own last day."""
        if self.often(0.75):
            return None
        year = min(_months(first, 12) - timedelta(days=1), last)
        return self.random.choice((first - timedelta(days=5), self.day(first, last), self.day(first, last), year, last))

    def _service(self, policy: Policy, insured: Insured, place: _Place) -> Service:
        first = max(policy.start_on, EPOCH)
        day = self.day(first - timedelta(days=20), max(last_covered(policy), first) + timedelta(days=20))
        if self.often(0.15):
            turn = self.near(date(2027, 1, 4), 9, 9)
            day = self.random.choice((policy.start_on, last_covered(policy), TODAY, self.near(TODAY, 10, 10), turn))
        status = "completed" if day <= TODAY and self.often(0.75) else self.random.choice(STATUSES)
        if day > TODAY and status == "ongoing":
            status = "dispatched"
        asked = min(self.near(day, 40, 0), TODAY)
        over = status in {"completed", "cancelled", "no_show", "refused"}
        starts = None if status == "requested" and self.often(0.7) else self.at(day)
        completed = (None if self.often(0.15) else min(self.near(day, 0, 2), TODAY)) if status == "completed" else None
        if status == "completed" and completed is None and self.often(0.5):
            starts = None
        provider = self.random.choice(place.providers) if place.providers and self.often(0.8) else None
        service = self.world.service(
            policy, insured, self.random.choice("aabbddcefg"), None, status=status, asked=asked,
            starts_at=starts, completed_on=completed, provider_id=provider.id if provider else None,
            report_no="R1" if self.often(0.7) else self.random.choice((None, "", " ")),
            place=self.random.choice(("厂区", "厂区", "厂区", " ")), people=["张工"] if self.often(0.8) else [],
            measures=self.random.choice(("逐处排查", "逐处排查", "逐处排查", None, " ")),
            process=self.random.choice(("查了三处", "查了三处", "查了三处", None, "")),
            audience=self.random.choice((None, "principal", "managers", "special", "workers")),
            statutory=self.often(0.3), insured_confirmed_at=self._confirmed(asked, day),
            provider_confirmed_at=self._confirmed(asked, day),
            started_at=self._started(starts) if status in {"ongoing", "completed"} else None,
            rules_seen_at=at(min(self.near(day, 2, 0), TODAY), 1) if self.often(0.7) else None,
            ended_at=at(min(day, TODAY), 20) if over and status != "completed" else None,
        )  # fmt: skip
        if completed is not None or (status == "completed" and self.often(0.3)):
            self._after(service, completed or min(day, TODAY))
        return service

    def _started(self, starts: datetime | None) -> datetime | None:
        """Not always when it was planned, and not always written down."""
        return starts + timedelta(hours=self.random.choice((0, 0, -1, 5))) if starts and self.often(0.8) else None

    def _confirmed(self, asked: date, day: date) -> datetime | None:
        """From the request to some days after the visit."""
        found = min(self.day(asked, day) if self.often(0.7) else self.near(day, 0, 3), TODAY)
        return self.at(found) if self.often(0.8) else None

    def _after(self, service: Service, completed: date) -> None:
        """Follow-up and filing, around their last days."""
        due = working_term(completed, 10)
        done = self.past(completed, 20)
        if self.often(0.9):
            status = None if done or self.often(0.7) else self.random.choice(("asked", "marked"))
            self.world.survey(service, done, due, status)
        filed = self.past(completed, 40)
        service.archived_on = filed.astimezone(SHANGHAI).date() if filed else None

    def _hazard(self, service: Service, policies: list[tuple[Policy, list[Insured]]]) -> Hazard:
        policy = next(one for one, _ in policies if one.id == service.policy_id)
        found = service.completed_on or service.starts_at or service.requested_at
        day = found.astimezone(SHANGHAI).date() if isinstance(found, datetime) else found
        status = self.random.choice(("open", "open", "reported", "closed"))
        rectified = self.past(day, 90, odds=1) if status != "open" else None
        closed = None
        if status == "closed":
            closed = self.past(rectified.astimezone(SHANGHAI).date() if rectified else day, 20, odds=1) or at(TODAY, 9)
            if rectified and closed < rectified:
                closed = rectified
            if self.often(0.3):
                rectified = None
        elif rectified is None:
            status = "open"
        hazard = self.world.hazard(
            service, policy.branch_id, self.at(day), level=self.random.choice(("major", "general")), status=status,
            notified_at=self.past(day, 3), rectified_at=rectified, closed_at=closed,
            advice=self.random.choice(("清理", "清理", "", "  ")),
        )  # fmt: skip
        if hazard.level == "major":
            self._dates(hazard, day)
        return hazard

    def _dates(self, hazard: Hazard, day: date) -> None:
        agreed, due = day, day
        for no in range(1, self.random.choice((1, 2, 3, 4, 5))):
            agreed = self.near(agreed if self.often(0.7) else due, 0, 12)
            if agreed > TODAY:
                return
            due = self.near(agreed, 2, 40)
            state = self.random.choice(("agreed", "agreed", "agreed", "agreed", "proposed", "refused", "withdrawn"))
            when = self.at(agreed) if state == "agreed" else None
            supervised = self.past(agreed, 4, odds=0.5) if when else None
            self.world.hazard_date(hazard, no, due, when, state=state, whole=self.often(0.7), supervised=supervised)

    def _candidates(self, insureds: list[Insured], place: _Place, hazards: list[Hazard]) -> None:
        named: dict[int, Insured] = {one.id: one for one in insureds}
        for hazard in hazards:
            if hazard.level == "major" and self.often(0.4):
                found = self.near(TODAY, 120, 0)
                if found >= hazard.found_at.astimezone(SHANGHAI).date():
                    self._candidate(named[hazard.insured_id], hazard.branch_id, found, "a", f"hazard:{hazard.id}")
        if self.often(0.4):
            branch = self.world.branches[self.random.choice(place.branches)]
            kind = self.random.choice("bcd")
            self._candidate(self.random.choice(insureds), branch.id, self.near(TODAY, 30, 0), kind, None)

    def _candidate(self, insured: Insured, branch_id: int, found: date, kind: str, subject: str | None) -> None:
        decided = self.past(found, 12, odds=0.6)
        state = self.random.choice(("confirmed", "approved", "struck")) if decided else "open"
        approved = (
            self.past(decided.astimezone(SHANGHAI).date(), 5, odds=1) if decided and state == "approved" else None
        )
        if state == "approved" and (approved is None or (decided and approved < decided)):
            state, approved = "confirmed", None
        self.world.candidate(
            insured, branch_id, self.at(found), kind, subject, decided, state=state, approved_at=approved
        )

    # Complaints ---------------------------------------------------------------------------------------------------

    def _complaint(self, insureds: list[Insured], place: _Place) -> None:
        received = self.near(TODAY, 150 if self.often(0.5) else 40, 0)
        status = self.random.choice(
            ("draft", "dropped", "intake", "filed", *["handling"] * 4, "decided", *["told"] * 4, "withdrawn", "merged")
        )
        ended = self.near(received, 0, 90)
        if status in {"told", "withdrawn", "merged", "dropped"} and ended > TODAY:
            status = "handling"
        closed = self.at(ended) if status in {"told", "withdrawn", "merged", "dropped"} else None
        form = self.random.choice(("complaint", "complaint", "complaint", "objection", "review"))
        case = self.world.complaint(
            self.world.branches[self.random.choice(place.branches)].id if self.often(0.95) else 1, self.at(received),
            status, self.random.choice(insureds) if self.often(0.8) else None, form=form,
            kind="other" if self.often(0.2) else "service", closed_at=closed,
            regulator_due_on=received + timedelta(days=5) if self.often(0.1) else None,
        )  # fmt: skip
        last = min(ended, TODAY) if closed else TODAY
        if status in {"handling", "decided", "told", "withdrawn"}:
            self._handled(case, received, last)
        if status in {"decided", "told"}:
            decided = self.day(received, last)
            self.world.decision(
                case, self.at(decided), closed, whole=self.often(0.8), findings=self.random.choice(("核实了", " ")),
            )  # fmt: skip

    def _handled(self, case: Any, received: date, last: date) -> None:
        if case.form != "review" and self.often(0.5):
            classified = self.near(received, 0, 25)
            if classified <= last:
                self.world.classified(case, self.at(classified), self.random.choice(("要等鉴定", "要等鉴定", " ")))
                self._told(case, "classification", classified, last)
                self._extensions(case, classified, last)
        commissioned = received
        for no in range(1, self.random.choice((1, 1, 2, 3))):
            commissioned = self.near(commissioned, 0, 20)
            returned = self.near(commissioned, 0, 30)
            if commissioned > last:
                break
            # A decision needs the result; a withdrawn case may leave it open.
            back: date | None = returned
            if returned > last:
                back = None if case.status in {"handling", "withdrawn"} else last
            self.world.pause(case, no, commissioned, self.near(commissioned, 0, 20), back)
            self._told(case, "pause", commissioned, last, no)
            if back is None:
                break
            commissioned = returned
        if self.often(0.2):
            self.world.new_facts(case, self.at(self.day(received, last)))

    def _extensions(self, case: Any, classified: date, last: date) -> None:
        for no in range(1, self.random.choice((1, 2, 3))):
            asked = self.near(classified, 0, 20)
            if asked > last:
                return
            answered = self.near(asked, 0, 10)
            state = self.random.choice(("approved", "approved", "refused"))
            when = self.at(answered) if answered <= last and self.often(0.8) else None
            approver = self.random.choice(("superior_body", "head_office_executive"))
            self.world.extension(case, no, self.at(asked), when, state=state, approver=approver)
            if when and state == "approved":
                self._told(case, "extension", answered, last, no)
                return
            if when is None:
                return
            classified = answered

    def _told(self, case: Any, about: str, day: date, last: date, no: int = 1) -> None:
        """By up to three ways; a page that nobody read and what came back as failed tell nothing."""
        for _ in range(self.random.choice((0, 1, 1, 2))):
            sent = self.near(day, 0, 8)
            if sent > last:
                continue
            channel = self.random.choice(("page", "sms", "letter", "call", "signature", "email"))
            when = self.at(sent)
            read = min(when + timedelta(hours=self.random.choice((1, 30))), at(last, 23)) if self.often(0.6) else None
            failed = when if channel in {"sms", "letter", "email"} and self.often(0.3) else None
            page = channel == "page"
            self.world.notice(
                case, about, None if page else (when if self.often(0.9) else None), no=no, channel=channel,
                read=read if page else None, failed=failed, written=when,
            )  # fmt: skip


def settle(session: Session) -> None:
    """The columns that the product derives and keeps, as of TODAY, by the oracle."""
    oracle = Oracle(Rows(session), TODAY)
    for hazard in oracle.rows.hazards.values():
        hazard.agreed_on = oracle.agreed(hazard)
    for case in oracle.rows.complaints.values():
        _, dates = oracle.clocks(case)
        case.due_on, case.second_due_on, case.remedial = dates.standard, dates.second, dates.remedial
        case.ordinary_on = dates.ordinary
        case.paused = case.closed_at is None and any(
            one.returned_on is None and oracle.told(case.id, "pause", one.no)
            for one in oracle.rows.pauses.get(case.id, ())
        )
        days = (dates.earlier, case.regulator_due_on)
        case.queue_on = min((day for day in days if day), default=None)
    session.flush()


def _months(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    year += day.year
    if (day.month, day.day) == (2, 29) and month == 1 and year % 4:
        return date(year, 3, 1)
    return date(year, month + 1, min(day.day, 28 if month == 1 else 30))
