"""The checks of 9.1 and 9.3 in the engine: each status built on purpose, and past days."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy.orm import Session

from anze.calendar.data import CalendarStore
from anze.clock import SHANGHAI
from anze.db import Database
from anze.obligations.query import Query
from anze.obligations.store import Run
from anze.obligations.undone import PROGRAM
from anze.regulators.kinds import Side
from anze.regulators.models import DataSubmission, Mechanism
from anze.regulators.rules import three_parties, whole_quarter_before
from anze.settings import Settings
from anze.standard.editions import load
from tests.obligations.world import TODAY, World

CALENDAR = CalendarStore(Settings().knowledge, Settings().data).calendar()


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (date(2026, 11, 23), date(2026, 7, 1), date(2026, 9, 30)),
        (date(2026, 10, 1), date(2026, 7, 1), date(2026, 9, 30)),
        (date(2026, 9, 30), date(2026, 4, 1), date(2026, 6, 30)),
        (date(2026, 1, 1), date(2025, 10, 1), date(2025, 12, 31)),
        (date(2028, 5, 1), date(2028, 1, 1), date(2028, 3, 31)),
    ],
)  # fmt: skip
def test_the_last_whole_quarter(today: date, first: date, last: date) -> None:
    months = whole_quarter_before(today)
    assert (months[0][0], months[-1][1], len(months)) == (first, last, 3)
    assert all(second[0] - one[1] == timedelta(days=1) for one, second in pairwise(months))


def test_three_parties_are_three() -> None:
    assert three_parties([Side.INSURER, Side.PROVIDER, Side.INDUSTRY_BODY])
    assert not three_parties([Side.INSURER, Side.AUTHORITY, Side.INDUSTRY_BODY])
    assert not three_parties([Side.INSURER, Side.PROVIDER])


class Province:
    """江苏 with two cities, Nanjing and Suzhou, and what was handed over and set up there."""

    def __init__(self, session: Session) -> None:
        self.session, self.world = session, World(session)
        self.head, self.branch = self.world.branches["总公司"], self.world.branches["江苏"]
        self.branch.province = "江苏省"
        for name in ("南京", "苏州"):
            self.world.branches[name].province, self.world.branches[name].city = "江苏省", f"{name}市"

    def handed(
        self, first: date, last: date, sent: date | None, *, head: bool = False, noted: date | None = None
    ) -> None:
        row = DataSubmission(
            branch_id=(self.head if head else self.branch).id, province="江苏省", period="2026-Q3", first_on=first,
            last_on=last, data_at=noon(TODAY) + timedelta(seconds=len(self.session.new) + first.toordinal() + last.day),
            form="handover-1", counts={}, made_at=noon(TODAY), made_by="staff:1", sent_on=sent,
            sent_at=noon(noted or sent) if sent else None,
        )  # fmt: skip
        self.session.add(row)

    def set_up(self, on: date, city: str | None, *, ended: date | None = None, noted: date | None = None) -> None:
        self.session.add(Mechanism(
            branch_id=self.branch.id, province="江苏省", city=city, name="机制", agreement="协议", members=[],
            set_up_on=on, added_at=noon(noted or on), added_by="staff:1", ended_on=ended,
        ))  # fmt: skip

    def rows(self, check: str, today: date = TODAY) -> list[dict[str, Any]]:
        self.session.flush()
        answer = Run(self.session, PROGRAM, Query(check).narrowed(all_parts=True), load(), today, CALENDAR).answer()
        assert answer.connected
        return answer.rows

    def statuses(self, check: str, today: date = TODAY) -> dict[str, str]:
        return {row["number"]: row["status"] for row in self.rows(check, today)}


@pytest.fixture
def province(database: Database):  # type: ignore[no-untyped-def]
    with database.write() as session:
        yield Province(session)


Q3 = date(2026, 7, 1), date(2026, 9, 30)


def test_a_province_without_any_hand_over_is_undone(province: Province) -> None:
    assert province.statuses("regulator_data") == {"江苏": "not_due"}
    assert province.rows("regulator_data")[0]["quarter"] == "2026-Q3"


def test_made_and_not_sent_is_undone_and_sent_is_met(province: Province) -> None:
    province.handed(*Q3, None)
    assert province.statuses("regulator_data") == {"江苏": "not_due"}
    province.handed(*Q3, date(2026, 10, 12), head=True)
    assert province.statuses("regulator_data") == {"江苏": "met"}, "head office may hand over for it"
    row = province.rows("regulator_data")[0]
    assert (row["sent_on"], row["until_on"]) == (date(2026, 10, 12), date(2026, 9, 30))
    assert province.statuses("regulator_data", date(2026, 10, 11)) == {"江苏": "not_due"}
    assert province.statuses("regulator_data", date(2027, 1, 4)) == {"江苏": "not_due"}, "the next quarter is another"


def test_month_by_month_is_a_quarter_when_all_three_are_there(province: Province) -> None:
    province.handed(date(2026, 7, 1), date(2026, 7, 31), date(2026, 8, 5))
    province.handed(date(2026, 9, 1), date(2026, 9, 30), date(2026, 10, 8))
    province.handed(date(2026, 10, 1), date(2026, 10, 31), date(2026, 11, 5))
    assert province.statuses("regulator_data") == {"江苏": "not_due"}, "August is missing"
    province.handed(date(2026, 8, 1), date(2026, 8, 31), date(2026, 9, 4))
    assert province.rows("regulator_data")[0]["sent_on"] == date(2026, 10, 8)


def test_what_was_noted_later_is_not_seen(province: Province) -> None:
    province.handed(*Q3, date(2026, 10, 12), noted=date(2026, 11, 1))
    assert province.statuses("regulator_data", date(2026, 10, 31)) == {"江苏": "not_due"}
    assert province.statuses("regulator_data", date(2026, 11, 1)) == {"江苏": "met"}


def test_each_city_has_a_row_whether_or_not_it_has_a_mechanism(province: Province) -> None:
    assert province.statuses("three_party") == {"南京": "not_due", "苏州": "not_due"}
    province.set_up(date(2026, 3, 1), "南京市")
    assert province.statuses("three_party") == {"南京": "met", "苏州": "not_due"}
    assert province.statuses("three_party", date(2026, 2, 28)) == {"南京": "not_due", "苏州": "not_due"}
    province.set_up(date(2026, 6, 1), None, noted=date(2026, 6, 10))
    assert province.statuses("three_party") == {"南京": "met", "苏州": "met"}
    assert province.statuses("three_party", date(2026, 6, 9))["苏州"] == "not_due", "noted later"


def test_one_that_ended_does_not_hold(province: Province) -> None:
    province.set_up(date(2026, 3, 1), None, ended=date(2026, 10, 31))
    assert set(province.statuses("three_party", date(2026, 10, 31)).values()) == {"met"}
    assert set(province.statuses("three_party").values()) == {"not_due"}


def test_a_province_without_cities_stands_for_itself(province: Province) -> None:
    beijing = province.world.branch("北京", "总公司", "province")
    beijing.province = "北京市"
    assert province.statuses("three_party") == {"南京": "not_due", "苏州": "not_due", "北京": "not_due"}
