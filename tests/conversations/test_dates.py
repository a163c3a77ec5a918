"""The dates that the issue names, told by the whole stack."""

import signal
from pathlib import Path

import httpx

from tests.helpers.stack import Stack, running
from tests.helpers.talk import Reply, Talk

CTRL_C = signal.SIGINT
STORY = "来搞培训的把去年的课件原样念了一遍，还收了签到表就走"


def filed_by_a_visitor(stack: Stack) -> tuple[Reply, str]:
    """What is said to somebody who binds nothing and leaves no number."""
    with httpx.Client(base_url=stack.url, timeout=30, trust_env=False) as client:
        talk = Talk.visitor(client)
        talk.say(STORY)
        talk.say("不清楚")
        talk.press("不方便留")
        return talk.press("提交投诉"), talk.shown()


def test_a_complaint_of_23_november_2026(tmp_path: Path) -> None:
    with running(tmp_path, "2026-11-23T09:00+08:00", CTRL_C) as stack:
        filed, shown = filed_by_a_visitor(stack)
    assert filed.data["due_on"] == "2026-12-14", shown
    assert filed.data["second_due_on"] == filed.data["working_to"] == "2026-12-08"
    assert filed.data["provisional"] is False
    assert "最迟2026-12-31（周四，暂定" in filed.text.replace(" ", "")
    assert filed.data["number"].startswith("TS20261123")
    assert filed.data["number"] in filed.text


def test_a_complaint_before_the_spring_festival_says_which_days_are_left_out(tmp_path: Path) -> None:
    """Received 2026-02-10. Saturdays 02-14 and 02-28 are worked; 02-15 to 02-23 are not."""
    with running(tmp_path, "2026-02-10T09:00+08:00", CTRL_C) as stack:
        filed, shown = filed_by_a_visitor(stack)
    assert filed.data["due_on"] == "2026-03-09", shown
    assert filed.data["second_due_on"] == filed.data["working_to"] == "2026-02-25"
    assert filed.data["number"].startswith("TS20260210")
    for said in ("2026-03-09（周一）", "2026-02-25（周三）"):
        assert said in filed.text, shown
    counted, left_out = (
        next(line for line in filed.data["explanation"] if line.startswith(start)) for start in ("算进去的", "没有算的")
    )
    assert "第15天 3月9日" in counted
    assert "2月14日" in counted
    assert "2月28日" in counted
    assert "补班" in counted
    for day in ("2月15日至2月23日", "3月1日", "3月7日", "3月8日"):
        assert day in left_out, left_out
