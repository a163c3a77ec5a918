"""Staff ask about duties in the running application: typed words, Rasa, actions, database."""

from typing import Any

import httpx
import pytest

from tests.helpers.stack import Stack


class Colleague:
    """A signed-in staff member's talk."""

    def __init__(self, client: httpx.Client, username: str) -> None:
        answer = client.post("/api/staff/login", json={"username": username, "password": "demo-anze"})
        assert answer.status_code == 200, answer.text
        self._client, self._headers = client, {"Authorization": f"Bearer {answer.json()['token']}"}

    def say(self, text: str) -> dict[str, Any]:
        """The one message of the answer."""
        answer = self._client.post("/api/messages", json={"text": text}, headers=self._headers)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert body["topic"] == "obligation", (text, body["topic"], body["understood"], body["messages"])
        (message,) = body["messages"]
        found: dict[str, Any] = message
        return found

    def press(self, message: dict[str, Any], title: str) -> dict[str, Any]:
        return self.say(next(button["payload"] for button in message["buttons"] if button["title"] == title))

    def file(self, file_id: str) -> bytes:
        answer = self._client.get(f"/api/files/{file_id}", headers=self._headers)
        assert answer.status_code == 200
        return answer.content


@pytest.fixture
def supervisor(stack: Stack, client: httpx.Client) -> Colleague:
    return Colleague(client, "supervisor")


@pytest.fixture
def nanjing(stack: Stack, client: httpx.Client) -> Colleague:
    return Colleague(client, "service")


def test_a_question_is_refined_in_the_same_breath(supervisor: Colleague) -> None:
    message = supervisor.say("今年哪些保单还没做隐患排查")
    whole = message["data"]
    assert (whole["kind"], whole["rule"]) == ("query", "yearly_check")
    assert sum(whole["parts"].values()) == whole["of"]
    assert message["citations"][0]["clause"] == "第4章"
    steps = ["只看南京的", "去掉小微", "按行业汇总"]
    for text in steps:
        message = supervisor.say(text)
    data = message["data"]
    assert data["rule"] == "yearly_check"
    assert data["filters"]["filters"]["not_sizes"] == ["small", "micro"]
    assert sum(group["total"] for group in data["groups"]) == data["of"] < whole["of"]


def test_a_manager_sees_the_own_branch_without_asking(supervisor: Colleague, nanjing: Colleague) -> None:
    supervisor.say("归档超期的有哪些")
    filtered, own = supervisor.say("只看南京的")["data"], nanjing.say("归档超期的有哪些")["data"]
    assert (filtered["parts"], filtered["total"]) == (own["parts"], own["total"])


def test_the_result_is_exported_drawn_and_subscribed(supervisor: Colleague) -> None:
    message = supervisor.say("没回访的按分公司汇总")
    (table,) = supervisor.press(message, "导出表格")["files"]
    assert supervisor.file(table["file_id"]).startswith(b"PK")
    (picture,) = supervisor.say("画个图")["files"]
    assert b"<svg" in supervisor.file(picture["file_id"])
    assert "每周一 08:00" in supervisor.say("每周一早上发给我")["text"]
    assert "不再发" in supervisor.say("取消订阅")["text"]


@pytest.mark.parametrize(("answer", "told"), [("好的", "已经安排提醒"), ("不用了", "没有发")])
def test_reminding_waits_for_a_typed_yes(nanjing: Colleague, answer: str, told: str) -> None:
    nanjing.say("今年哪些保单还没做隐患排查")
    assert "现在发吗" in nanjing.say("提醒这几家")["text"]
    assert told in nanjing.say(answer)["text"]


def test_a_duty_of_step_five_answers_and_what_is_unclear_is_said(supervisor: Colleague) -> None:
    assert supervisor.say("哪些保单还没有服务方案")["data"]["rule"] == "plan_made"
    unclear = supervisor.say("隐患没告知也没整改的有哪些")
    assert unclear["buttons"] or unclear["data"]


def test_an_insured_asks_in_vain(stack: Stack, client: httpx.Client) -> None:
    opened = client.post("/api/sessions", json={}).json()
    headers = {"Authorization": f"Bearer {opened['token']}"}
    answer = client.post("/api/messages", json={"text": "今年哪些保单还没做隐患排查"}, headers=headers).json()
    assert answer["topic"] != "obligation"
    assert not any("query" in str(message.get("data")) for message in answer["messages"])
