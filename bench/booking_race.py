"""Many requests for one half day at the same moment, round after round, on both engines.

python -m bench.booking_race [--rounds 200] [--parallel 50]

Every request submits a booking of its own firm for the same half day of the only team. Exactly one may get it; the
others are told that it is gone, with other half days to choose from. Two application processes are played by two
database objects, each with its own connections.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from anze.bookings import usecases as bookings
from anze.bookings.kinds import Part
from anze.bookings.models import BookingDraft, Service, SlotClaim
from anze.bookings.slots import Half
from anze.calendar.data import CalendarStore
from anze.conversations.models import Channel, Conversation
from anze.conversations.turn import Turn
from anze.db import Database
from anze.identity.models import Branch, BranchLevel, Person, Right, RightKind
from anze.identity.speaker import Speaker
from anze.migrate import upgrade
from anze.policies.models import Applicant, Insured, Policy, PolicyInsured, PolicyYear, PromisedService, Sector
from anze.policies.rules import SizeClass, policy_years
from anze.providers.models import Provider, Qualification, Team
from anze.settings import Settings
from tests.helpers import postgres
from tests.helpers.databases import PostgreSQLFactory, SQLiteFactory, opened

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
FIRST = date(2026, 11, 24)


@dataclass(frozen=True)
class Rival:
    """Somebody who wants the half day."""

    conversation_id: str
    person_id: int
    insured_id: int


def prepare(database: Database, rivals: int) -> list[Rival]:
    """One provider with one team that works every day, and so many firms with a contract each."""
    upgrade(database.engine)
    with database.write() as session:
        head = Branch(
            id=1, path="/1/", level=BranchLevel.HEAD, name="总公司", short_name="总公司", hotline="1", hours="9"
        )
        session.add(head)
        provider = Provider(name="甲机构", short_name="甲", uscc="9" * 18, legal_status="企业法人", province="江苏省")
        session.add(provider)
        session.flush()
        session.add(Qualification(provider_id=provider.id, kind="general", items="d", valid_from=date(2020, 1, 1)))
        session.add(Team(provider_id=provider.id, no=1, people=["李一"], items="d", weekends=True))
        return [_rival(session, number) for number in range(rivals)]


def _rival(session: Session, number: int) -> Rival:
    applicant = Applicant(name=f"厂{number}")
    insured = Insured(
        name=f"厂{number}", sector=Sector.OTHER, industry="其他", size_class=SizeClass.SMALL, province="江苏省",
        city="南京市", address=f"路{number}号", contact_name="王一", contact_phone="13800000000",
    )  # fmt: skip
    person = Person(name="王一", phone=f"139{number:08d}", phone_proved_at=NOW, created_at=NOW)
    session.add_all([applicant, insured, person])
    session.flush()
    start, end = date(2026, 6, 1), date(2028, 5, 31)
    policy = Policy(number=f"AZ{number:08d}", applicant_id=applicant.id, branch_id=1, start_on=start, end_on=end,
                    premium_cents=1)  # fmt: skip
    session.add(policy)
    session.flush()
    session.add(PolicyInsured(policy_id=policy.id, insured_id=insured.id))
    session.add(PromisedService(policy_id=policy.id, item="d", per_year=1000))
    session.add_all(
        PolicyYear(policy_id=policy.id, no=year.no, from_on=year.from_on, to_on=year.to_on)
        for year in policy_years(start, end)
    )
    session.add(
        Right(
            person_id=person.id,
            insured_id=insured.id,
            kind=RightKind.MAIN_CONTACT,
            proof="code",
            granted_at=NOW,
            granted_by="test",
        )
    )
    conversation = Conversation(
        id=f"{number:032x}", channel=Channel.WEB, person_id=person.id, acting_for_id=insured.id, branch_id=1, state={},
        created_at=NOW,
    )  # fmt: skip
    session.add(conversation)
    session.flush()
    return Rival(conversation.id, person.id, insured.id)


def half_of_round(number: int) -> Half:
    """Another half day for each round."""
    return Half(FIRST + timedelta(days=number // 2), Part.MORNING if number % 2 == 0 else Part.AFTERNOON)


def race(databases: list[Database], rivals: list[Rival], half: Half, calendar: CalendarStore) -> Counter[str]:
    """All rivals submit at the same moment; counts what they were told, `gone+offers` for a friendly refusal."""
    with databases[0].write() as session:
        session.add_all(
            BookingDraft(
                conversation_id=rival.conversation_id,
                insured_id=rival.insured_id,
                item="d",
                statutory=False,
                wish="那天上午",
                wish_from=half.starts_at,
                wish_to=half.ends_at,
                created_at=NOW,
            )
            for rival in rivals
        )
    gate = Barrier(len(rivals))

    def run(position: int) -> str:
        rival = rivals[position]
        speaker = Speaker(
            rival.conversation_id, person_id=rival.person_id, acting_for_id=rival.insured_id,
            insured_ids=frozenset({rival.insured_id}),
        )  # fmt: skip
        turn = Turn("t", 0, rival.conversation_id, 1, "确认", (), NOW, speaker)
        gate.wait()
        with databases[position % len(databases)].write() as session:
            done = bookings.submit(session, turn, calendar)
            if done["kind"] == "booked":
                return "booked"
            view = bookings.draft_view(session, turn, calendar)
            bookings.drop(session, turn)
        friendly = done["kind"] == "gone" and len(view["offers"]) > 0 and view["missing"] == ["time"]
        return "gone+offers" if friendly else f"{done['kind']}?"

    with ThreadPoolExecutor(len(rivals)) as pool:
        return Counter(pool.map(run, range(len(rivals))))


def faults(database: Database, rounds: int) -> list[str]:
    """What the rows say after so many rounds: one service and one claim for each half day, and no other."""
    with database.read() as session:
        services = session.scalar(select(func.count()).select_from(Service)) or 0
        starts = session.scalar(select(func.count(Service.starts_at.distinct()))) or 0
        claims = session.scalar(select(func.count()).select_from(SlotClaim).where(SlotClaim.service_id.is_not(None)))
        held = session.scalar(select(func.count()).select_from(SlotClaim).where(SlotClaim.service_id.is_(None)))
    found = {"services": services, "half days of services": starts, "claims": claims, "held": held}
    wanted = {"services": rounds, "half days of services": rounds, "claims": rounds, "held": 0}
    return [f"{name}: {found[name]} instead of {count}" for name, count in wanted.items() if found[name] != count]


@contextmanager
def _engine(name: str) -> Iterator[str]:
    """The address of an empty database."""
    with ExitStack() as stack:
        if name == "sqlite":
            yield SQLiteFactory(Path(stack.enter_context(tempfile.TemporaryDirectory()))).empty()
        else:
            yield PostgreSQLFactory(stack.enter_context(postgres.server())).empty()


def run(url: str, rounds: int, parallel: int) -> tuple[Counter[str], Counter[str], list[str]]:
    """All rounds on one database: rounds by what was told in them, all answers, what is wrong with the rows."""
    settings = Settings()
    calendar = CalendarStore(settings.knowledge, settings.data)
    outcomes: Counter[str] = Counter()
    answers: Counter[str] = Counter()
    with opened(url) as one, opened(url) as two:
        rivals = prepare(one, parallel)
        for number in range(rounds):
            told = race([one, two], rivals, half_of_round(number), calendar)
            answers += told
            right = told == Counter({"booked": 1, "gone+offers": parallel - 1})
            outcomes["exactly one, the rest an alternative" if right else f"WRONG {dict(told)}"] += 1
        return outcomes, answers, faults(one, rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--parallel", type=int, default=50)
    given = parser.parse_args()
    for name in ("sqlite", "postgresql"):
        began = time.perf_counter()
        with _engine(name) as url:
            outcomes, answers, wrong = run(url, given.rounds, given.parallel)
        seconds = time.perf_counter() - began
        print(f"{name}: {given.parallel} parallel x {given.rounds} rounds in {seconds:.0f} s")
        print(f"  rounds: {dict(outcomes)}")
        print(f"  answers: {dict(answers)}")
        print(f"  rows: {'as they must be' if not wrong else '; '.join(wrong)}")


if __name__ == "__main__":
    main()
