"""A service plan is offered in the talk: a typed yes agrees, words of what is to be otherwise are kept (6.1)."""

from typing import Any

import httpx
import pytest

from anze.plans.fields import plan_fields
from tests.conversations.firms import Firms
from tests.helpers.talk import Talk

ROOT = "/api/staff/plans"


@pytest.fixture
def offered(client: httpx.Client, unused_firms: Firms) -> tuple[Talk, Talk, int]:
    """A bound person whose firm has just been offered a plan; the colleague who wrote it; the plan's id."""
    firm = unused_firms.take("plain")
    talk = Talk.visitor(client)
    talk.bind(firm["policy"], firm["phone"])
    token = client.post("/api/staff/login", json={"username": "supervisor", "password": "demo-anze"}).json()["token"]
    colleague = Talk(client, token)
    one = _done(colleague, ROOT, policies=[firm["policy"]])
    item = {
        "item": "d", "form": "hazard_check", "times": "两次", "provider": "机构", "flow": "预约", "schedule": "四月",
        "fields": {field.key: "写好了" for field in plan_fields().forms["hazard_check"].fields},
    }  # fmt: skip
    path = f"{ROOT}/{one['id']}"
    said = {"items": [item], "goals": "无事故", "safeguards": "专人负责"}
    edited = _done(colleague, f"{path}/edit", edition=one["edition"], **said)
    _done(colleague, f"{path}/offer", edition=edited["edition"])
    assert any("服务方案" in message["text"] for message in talk.news()), talk.shown()
    return talk, colleague, int(one["id"])


def _done(colleague: Talk, path: str, **body: Any) -> dict[str, Any]:
    answer = colleague.call("POST", path, json=body)
    assert answer.is_success, answer.text
    made: dict[str, Any] = answer.json()
    return made


def _state(colleague: Talk, id_: int) -> dict[str, Any]:
    found: dict[str, Any] = colleague.call("GET", f"{ROOT}/{id_}").json()
    return found


@pytest.mark.parametrize("yes", ["好的", "press"])
def test_a_yes_or_the_button_agrees(offered: tuple[Talk, Talk, int], yes: str) -> None:
    talk, colleague, id_ = offered
    done = talk.press("同意这个方案") if yes == "press" else talk.say(yes)
    assert "已经确认" in done.text, talk.shown()
    assert _state(colleague, id_)["state"] == "confirmed"
    assert "答复过了" in talk.press("有地方想改").text, talk.shown()


def test_what_is_to_be_otherwise_is_kept_in_these_words(offered: tuple[Talk, Talk, int]) -> None:
    talk, colleague, id_ = offered
    assert "想改哪里" in talk.press("有地方想改").text, talk.shown()
    words = "隐患排查改到每季度一次，培训放在三月"
    assert "转给服务管理员" in talk.say(words).text, talk.shown()
    found = _state(colleague, id_)
    assert found["state"] == "wanted"
    assert found["versions"][0]["answers"][0]["words"] == words
    assert "已经确认" in talk.press("同意这个方案").text, "whoever wanted it otherwise may still agree"
    assert _state(colleague, id_)["state"] == "confirmed"


def test_who_thinks_better_of_it_stops(offered: tuple[Talk, Talk, int]) -> None:
    talk, colleague, id_ = offered
    talk.press("有地方想改")
    talk.say("算了，不改了")
    assert _state(colleague, id_)["state"] == "offered", talk.shown()
