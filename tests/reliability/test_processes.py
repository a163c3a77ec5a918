"""What must hold when a process dies: nothing is lost, nothing is done twice, nothing is left behind."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from anze.complaints.models import Complaint, Statement
from anze.conversations.models import Direction, Message
from anze.db import Database, make_engine
from tests.helpers.stack import Stack
from tests.helpers.talk import Talk

STORY = "排查报告里的照片是别家厂的，连门牌号都没裁掉"


def wait(until: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.2)


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(tmp_path, "2026-11-23T10:00+08:00")
    try:
        stack.start()
        yield stack
    finally:
        if stack.process is not None:
            stack.end()


def test_a_killed_rasa_comes_back_and_a_killed_application_leaves_none(own_stack: Stack) -> None:
    stack = own_stack
    with httpx.Client(base_url=stack.url, timeout=30, trust_env=False) as client:
        _killed_rasa_comes_back(stack, client)
    assert len(stack.rasa_pids()) == 1
    process = stack.process
    assert process is not None
    stack.process = None
    process.send_signal(signal.SIGKILL)
    process.wait()
    wait(lambda: not stack.rasa_pids(), 15, "the orphan to end by itself")


def _killed_rasa_comes_back(stack: Stack, client: httpx.Client) -> None:
    talk = Talk.visitor(client)
    assert talk.say("你好").topic == "chitchat"
    (before,) = stack.rasa_pids()
    os.kill(before, signal.SIGKILL)
    wait(lambda: not stack.is_ready(), 10, "readyz to say that Rasa is gone")
    assert client.get("/healthz").status_code == 200

    asked = time.monotonic()
    interim = talk.say(STORY, message_id="sent-while-down")
    assert time.monotonic() - asked < 12
    assert interim.topic == "fallback"
    assert "已经记下" in interim.text

    stack.wait_ready()
    (after,) = stack.rasa_pids()
    assert after != before
    wait(lambda: bool(_answers(talk)), 30, "the late answer")
    news = talk.news()
    assert [item["topic"] for item in news][:1] == ["complaint"], talk.shown()
    again = talk.say(STORY, message_id="sent-while-down")
    assert again.topic == "complaint"
    assert [m["id"] for m in again.messages] == [item["id"] for item in news]

    database = Database(make_engine(stack.settings.database))
    with database.read() as session:
        mine = Complaint.conversation_id == talk.conversation_id
        assert session.scalar(select(func.count()).select_from(Complaint).where(mine)) == 1
        told = select(func.count()).select_from(Statement).join(Complaint).where(mine)
        assert session.scalar(told) == 1
        sent = Message.conversation_id == talk.conversation_id, Message.direction == Direction.IN
        assert session.scalar(select(func.count()).select_from(Message).where(*sent)) == 2
    database.dispose()


def _answers(talk: Talk) -> list[int]:
    answer = talk.call("GET", "/api/messages")
    return [item["id"] for item in answer.json()["items"] if item.get("topic") == "complaint"]
