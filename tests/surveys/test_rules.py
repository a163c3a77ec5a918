"""What people say for a mark and an opinion."""

from datetime import date

import pytest

from anze.surveys.kinds import SurveyStatus
from anze.surveys.rules import figure_in, is_low, marks_in, overdue, says_opinion, status_of


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("很满意", {5}), ("非常满意", {5}), ("满意", {4}), ("比较满意", {4}), ("还算满意吧", {4}), ("一般", {3}),
        ("不满意", {2}), ("不太满意", {2}), ("很不满意", {1}), ("非常不满意", {1}), ("太不满意了", {1}),
        ("不是很满意", {2}), ("五分", {5}), ("给个4分", {4}), ("我打3分吧", {3}), ("2分,来晚了", {2}), ("1分", {1}),
        ("5星", {5}), ("四颗星", {4}), ("满分", {5}), ("5", {5}), ("三", {3}), ("十分满意", {5}),
        ("5分,很满意", {5}), ("满意的,但只能给3分", {3}), ("对老师很满意,对场地不满意", {5, 2}), ("3分到4分", {3, 4}),
        ("没有不满意", set()), ("10分", set()), ("15分", set()), ("0分", set()), ("4.5分", set()),
        ("待了五分钟", set()), ("三分之一的人没来", set()), ("讲得很好", set()), ("没意见", set()),
        ("", set()), ("第5分厂", set()),
        ("百分之五", set()), ("6", set()), ("不一般", set()),
    ],
)  # fmt: skip
def test_marks(text: str, marks: set[int]) -> None:
    assert marks_in(text) == marks


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("没意见", True), ("没有意见", True), ("5分,讲得很清楚", True), ("时间太短", True), ("老师好", True),
        ("不满意,迟到了", True), ("给个4分吧", False), ("很满意,谢谢", False), ("我打5分", False), ("5", False),
        ("总体满意", False), ("一般般吧", False), ("", False), ("。。", False), ("满分", False), ("改成3分", False),
        ("我要评价", False), ("我想打分", False), ("评价一下,讲得太快", True),
    ],
)  # fmt: skip
def test_opinions(text: str, holds: bool) -> None:
    assert says_opinion(text) is holds


def test_only_figures_change_a_mark_inside_an_opinion() -> None:
    assert figure_in("改成3分,讲得太快") == 3
    assert figure_in("对老师很满意") is None
    assert figure_in("3分还是4分") is None


def test_done_with_both_only() -> None:
    asked = SurveyStatus.ASKED
    assert status_of(asked, 5, "没意见") == SurveyStatus.DONE
    assert status_of(asked, 5, None) == status_of(asked, 5, " ") == SurveyStatus.MARKED
    assert status_of(asked, None, "讲得好") == asked
    assert [is_low(mark) for mark in (None, 1, 2, 3)] == [False, True, True, False]


def test_the_last_day_counts_and_late_stays_late() -> None:
    due = date(2026, 12, 4)
    after = date(2026, 12, 5)
    assert not overdue(SurveyStatus.MARKED, due, None, due)
    assert overdue(SurveyStatus.MARKED, due, None, after)
    assert not overdue(SurveyStatus.DONE, due, due, date(2027, 1, 1))
    assert overdue(SurveyStatus.DONE, due, after, after)
