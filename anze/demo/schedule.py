"""Half days, confirmations, steps and numbers of the services: what follows from their states."""

from datetime import date, datetime, timedelta
from random import Random

from anze.audit.chain import digest
from anze.bookings.kinds import COMING, Step
from anze.bookings.measures import measures_for
from anze.bookings.models import Audience, Service, ServiceSerial, ServiceStatus, ServiceStep, SlotClaim
from anze.bookings.slots import Half, bookable, half_of, halves
from anze.clock import legal_date
from anze.demo.teams import teams_for
from anze.demo.world import Row, World, dice, instant
from anze.policies.models import Insured, Policy
from anze.providers.models import Provider, Qualification, Team, TeamLeave
from anze.tasks.models import Task, TaskKind

AGREED = frozenset(ServiceStatus) - {ServiceStatus.REQUESTED, ServiceStatus.CANCELLED}
CAME = frozenset({ServiceStatus.ONGOING, ServiceStatus.COMPLETED})
_ENDS = {
    ServiceStatus.CANCELLED: Step.CANCELLED,
    ServiceStatus.NO_SHOW: Step.NO_SHOW,
    ServiceStatus.REFUSED: Step.REFUSED,
}
WORDS = {
    ServiceStatus.NO_SHOW: "到了厂里，门卫说领导不在，不让进，等了一小时就走了。",
    ServiceStatus.REFUSED: "电话里说今年不想做了，让我们别再来。",
}
_PROCESS = "按方案查看了生产区、储存区和配电间，逐项记录，现场交换了意见。"
_WISHES = ("下周都行", "月底前", "尽快安排", "12月上旬，上午最好", "等停车检修那几天")


def add_schedule(world: World) -> None:
    """For every service, in their order; last of all their numbers."""
    _Maker(world).make()


class _Maker:
    def __init__(self, world: World) -> None:
        self._world = world
        self._rng: Random = dice("schedule")
        self._insureds = {row["id"]: row for row in world.rows[Insured]}
        self._policies = {row["id"]: row for row in world.rows[Policy]}
        self._providers = {row["id"]: row for row in world.rows[Provider]}
        self._first_team = {row["provider_id"]: row for row in reversed(world.rows[Team])}
        self._taken: set[tuple[int, Half]] = set()

    def make(self) -> None:
        services = self._world.rows[Service]
        # Those whose day is fixed by their story come first, the others find a free half day after it.
        for row in sorted(
            services, key=lambda row: (row["starts_at"] is None, row["starts_at"] or row["requested_at"])
        ):
            if row["status"] in COMING and row["starts_at"] and row["provider_id"]:
                self._half_day(row)
        for row in services:
            self._rest(row)
        _number(self._world)
        for row in services:
            _Told(self._world, self._insureds[row["insured_id"]], self._providers.get(row["provider_id"]), row).tell()

    def _half_day(self, row: Row) -> None:
        """The first free half day of a team from the wished day on, else before it; within the policy."""
        policy = self._policies[row["policy_id"]]
        last = min(policy["end_on"], policy["ended_early_on"] or policy["end_on"])
        wished = half_of(row["starts_at"])
        ahead = [half for half in halves(wished.day, last) if half >= wished]
        back = [half for half in halves(self._world.today, wished.day) if half < wished][::-1]
        teams = teams_for(self._world, row["provider_id"], row["item"])
        for half in [*ahead, *back]:
            for team in teams:
                if bookable(half, self._world.now) and self._goes_out(team, half.day) and self._free(team, half):
                    self._taken.add((team["id"], half))
                    row.update(team_id=team["id"], starts_at=half.starts_at, ends_at=half.ends_at)
                    self._world.add(
                        SlotClaim, team_id=team["id"], day=half.day, part=half.part, service_id=row["id"],
                        draft_id=None, held_until=None,
                    )  # fmt: skip
                    return
        raise LookupError(f"no half day for service {row['id']}")

    def _goes_out(self, team: Row, day: date) -> bool:
        away = any(
            row["team_id"] == team["id"] and row["from_on"] <= day <= row["to_on"]
            for row in self._world.rows[TeamLeave]
        )
        return not away and (day.weekday() < 5 or team["weekends"])

    def _free(self, team: Row, half: Half) -> bool:
        return (team["id"], half) not in self._taken

    def _rest(self, row: Row) -> None:
        """Who agreed, who comes, what is done; the dice are thrown for every row alike."""
        insured, status = self._insureds[row["insured_id"]], row["status"]
        audience, wish, licensed = self._rng.choice(list(Audience)), self._rng.choice(_WISHES), self._rng.random() < 0.5
        archive_after, archived = self._rng.randint(12, 24), self._rng.random() < 0.9
        statutory = row["item"] == "b" and licensed and self._licensed(row["provider_id"])
        team = self._first_team.get(row["provider_id"])
        row.setdefault("team_id", team["id"] if team else None)
        agreed = row["requested_at"] + timedelta(hours=20)
        asked = row["starts_at"] is not None
        row.update(
            measures=measures_for(row["item"], statutory=statutory).measures,
            statutory=statutory,
            audience=audience if row["item"] == "a" else None,
            attendees=20 + row["id"] % 5 * 10 if row["item"] == "a" else None,
            contact_name=insured["contact_name"],
            contact_phone=insured["contact_phone"],
            wish=None if asked else wish,
            insured_confirmed_at=row["requested_at"] if asked else None,
            provider_confirmed_at=agreed if status in AGREED else None,
            started_at=row["starts_at"] if status in CAME else None,
            rules_seen_at=row["starts_at"] if status in CAME else None,
            process=_PROCESS if status == ServiceStatus.COMPLETED else None,
            archived_on=None,
            ended_at=row["starts_at"] if status in _ENDS else None,
            ended_reason=WORDS.get(status) or row["note"] if status in _ENDS else None,
        )
        if status == ServiceStatus.CANCELLED:
            row["ended_at"] = agreed
        if status in {ServiceStatus.CONFIRMED, ServiceStatus.REQUESTED}:
            row["people"] = []
        elif not row["people"] and row["team_id"]:
            row["people"] = self._world.rows[Team][row["team_id"] - 1]["people"]
        if row["completed_on"] and row["report_no"] and archived:
            day = row["completed_on"] + timedelta(days=archive_after)
            row["archived_on"] = day if day < self._world.today else None
        if status == ServiceStatus.REQUESTED and not asked:
            self._wish(row)

    def _licensed(self, provider_id: int | None) -> bool:
        return any(
            row["provider_id"] == provider_id and row["kind"] in {"evaluation", "testing"}
            for row in self._world.rows[Qualification]
        )

    def _wish(self, row: Row) -> None:
        """What waits for the service manager."""
        self._world.add(
            Task,
            kind=TaskKind.BOOKING_WISH,
            subject=f"service:{row['id']}",
            branch_id=self._policies[row["policy_id"]]["branch_id"],
            body={"number": "", "why": "no_slot", "words": row["wish"], "conversation_id": None},
            created_at=row["requested_at"],
            done_at=None,
            done_by=None,
        )


class _Told:
    """The steps of one service, in the order in which they were taken."""

    def __init__(self, world: World, insured: Row, provider: Row | None, row: Row) -> None:
        self._world, self._row = world, row
        self._insured = str(insured["contact_name"])
        self._provider = str(provider["short_name"]) if provider else "公司自有人员"
        # The chain is told what is still under way; older services were there before it began.
        self._in_chain = row["status"] in COMING or row["status"] == ServiceStatus.ONGOING

    def tell(self) -> None:
        row, status = self._row, self._row["status"]
        self._step(row["requested_at"], Step.REQUESTED, self._insured)
        if row["insured_confirmed_at"]:
            self._step(row["insured_confirmed_at"], Step.INSURED_CONFIRMED, self._insured)
        if row["provider_confirmed_at"]:
            self._step(row["provider_confirmed_at"], Step.PROVIDER_CONFIRMED, self._provider)
        if status in AGREED - {ServiceStatus.CONFIRMED}:
            self._step(row["provider_confirmed_at"] + timedelta(hours=1), Step.DISPATCHED, self._provider)
        if status in CAME:
            self._step(row["started_at"], Step.STARTED, self._provider)
        if status == ServiceStatus.COMPLETED and row["completed_on"]:
            self._step(instant(row["completed_on"], 17), Step.COMPLETED, self._provider)
        if row["archived_on"]:
            self._step(instant(row["archived_on"], 16), Step.ARCHIVED, "服务管理员")
        if status in _ENDS:
            self._step(row["ended_at"], _ENDS[status], self._provider, {"words": row["ended_reason"] or ""})

    def _step(self, at: datetime, step: Step, who: str, body: Row | None = None) -> None:
        actor = "demo"
        self._world.add(
            ServiceStep, service_id=self._row["id"], stage=step.value, at=at, actor=actor, who=who, client_id=None,
            body=body or {},
        )  # fmt: skip
        if self._in_chain:
            said = {f"{name}_sha256": digest(value) for name, value in (body or {}).items()}
            self._world.happened(at, f"service.{step.value}", f"service:{self._row['id']}", actor, said)


def _number(world: World) -> None:
    """FW, the day of the request, the serial of that day."""
    last: dict[date, int] = {}
    for row in sorted(world.rows[Service], key=lambda row: (row["requested_at"], row["id"])):
        day = legal_date(row["requested_at"])
        last[day] = last.get(day, 0) + 1
        row["number"] = f"FW{day:%Y%m%d}{last[day]:03d}"
    for day, serial in sorted(last.items()):
        world.add(ServiceSerial, day=day, last=serial)
    by_subject = {f"service:{row['id']}": row["number"] for row in world.rows[Service]}
    for task in world.rows[Task]:
        if task["kind"] == TaskKind.BOOKING_WISH:
            task["body"] = task["body"] | {"number": by_subject[task["subject"]]}
