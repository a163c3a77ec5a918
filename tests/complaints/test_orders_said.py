"""What a colleague's words say of an order."""

from datetime import UTC, date, datetime

import pytest

from anze.calendar.data import CalendarStore
from anze.complaints import orders_said
from anze.complaints.words import asks_review, find_complaint_no
from anze.conversations.normalise import normalise
from anze.settings import Settings

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
COLLEAGUES = [
    {"username": "intake", "name": "邱振宇", "branch": "江苏"},
    {"username": "intake-1", "name": "王芳", "branch": "总公司"},
    {"username": "intake-3", "name": "王芳", "branch": "南京"},
]


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("把TS20261120003受理了", "TS20261120003"),
        ("ts 2026 1120 003", "TS20261120003"),
        ("20261120003", "TS20261120003"),
        ("13912340000", None),
        ("TS2026112000", None),
        ("TS202611200031", None),
        ("这件", None),
    ],
)
def test_the_number(said: str, number: str | None) -> None:
    assert find_complaint_no(normalise(said)) == number


@pytest.mark.parametrize(
    ("said", "login"),
    [
        ("指派给邱振宇", "intake"),
        ("给 INTAKE-3 办", "intake-3"),
        ("给王芳", None),
        ("给南京的王芳", "intake-3"),
        ("王芳（总公司）", "intake-1"),
        ("转给我自己", "intake"),
        ("给小刘", None),
    ],
)
def test_the_colleague(said: str, login: str | None) -> None:
    assert orders_said.colleague_in(normalise(said), COLLEAGUES, "intake") == login


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("这件认定复杂，因为要调取三年的台账", "要调取三年的台账"),
        ("因为要等专家的书面意见，申请延期", "要等专家的书面意见"),
        ("情况复杂，延到30个工作日", None),
        ("因为复杂", None),
    ],
)
def test_the_reason(said: str, reason: str | None) -> None:
    assert orders_said.reason_in(normalise(said)) == reason


@pytest.mark.parametrize(
    ("said", "behind", "day"),
    [
        ("昨天", True, date(2026, 11, 22)),
        ("上周五送去的", True, date(2026, 11, 20)),
        ("12月10号左右", False, date(2026, 12, 10)),
        ("三周后", False, date(2026, 12, 14)),
        ("过一阵", False, None),
        ("12月上旬", False, None),
    ],
)
def test_the_day(said: str, behind: bool, day: date | None) -> None:
    calendar = CalendarStore(Settings().knowledge, Settings().data).calendar()
    assert orders_said.day_in(normalise(said), NOW, calendar, behind=behind) == day


@pytest.mark.parametrize("said", ["申请核查", "我要申请核查", "那就对这个决定申请核查吧", "我要核查", "提出核查"])
def test_a_review_is_asked_for(said: str) -> None:
    assert asks_review(normalise(said))


@pytest.mark.parametrize(
    "said",
    [
        "怎么申请核查", "申请核查多久出结论", "过了期限还能申请核查不", "不申请核查，能直接去法院不",
        "申请核查要准备哪些材料", "先不申请核查", "核查收不收钱", "申请核查的那件到哪了",
    ],
)  # fmt: skip
def test_a_review_is_only_asked_about(said: str) -> None:
    assert not asks_review(normalise(said))
