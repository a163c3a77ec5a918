"""The wire, through the front door: a running server, a trained model, an action server."""

from __future__ import annotations

import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.action_server import ActionServer
from tests.conftest import SECRET, Engine

STORY = "投诉要几天处理完都没人理我，我已经催了三次"


def test_ready_says_503_until_the_model_is_loaded(engine: Engine) -> None:
    assert 503 in engine.statuses  # type: ignore[attr-defined]
    status, body = engine.ready()
    assert status == 200
    assert body["zh"] in {"embedded", "zh_core_web_sm"}
    assert body["model"]


def test_a_text_is_read_and_answered(engine: Engine) -> None:
    answer = engine.turn("你好")
    assert answer["understood"]["intent"] == "chitchat_greet"
    assert 0 < answer["understood"]["confidence"] <= 1
    assert answer["understood"]["ranking"][0]["name"] == "chitchat_greet"
    assert len(answer["understood"]["ranking"]) == 3
    [message] = answer["messages"]
    assert message["response"] == "utter_chitchat_greet"
    assert message["text"]
    assert set(message) == {"text", "buttons", "custom", "response"}
    assert answer["state"] == {"slots": {}, "loop": None}


def test_a_response_uttered_by_an_action_keeps_its_name_and_custom(engine: Engine) -> None:
    [message] = engine.turn(intent="test_ask")["messages"]
    assert message["response"] == "utter_standard_answer"
    assert message["custom"] == {"data": {"kind": "x"}}


def test_a_button_means_what_it_says_and_skips_the_reading(engine: Engine) -> None:
    answer = engine.turn("你好", intent="control_submit", entities=[{"entity": "field", "value": "story"}])
    assert answer["understood"] == {
        "intent": "control_submit",
        "confidence": 1.0,
        "entities": [{"entity": "field", "value": "story"}],
        "ranking": [{"name": "control_submit", "confidence": 1.0}],
    }
    assert answer["state"]["slots"]["field"] == "story"


def test_a_form_goes_from_turn_to_turn_by_its_state_alone(engine: Engine) -> None:
    opened = engine.turn("我要投诉")
    assert opened["messages"][0]["response"] == "utter_ask_complaint_story"
    assert opened["state"] == {"slots": {"requested_slot": "complaint_story"}, "loop": "complaint_form"}

    told = engine.turn(STORY, opened["state"])
    assert told["understood"]["intent"] == "control_answer"
    assert told["state"]["slots"] == {"complaint_story": STORY, "requested_slot": "complaint_firm"}
    assert told["messages"][0]["buttons"] == [
        {"title": "改经过", "intent": "complaint_change", "entities": {"field": "story"}}
    ]

    filed = engine.turn("AZ2026000001", told["state"])
    assert filed["state"] == {"slots": {"complaint_story": STORY, "complaint_firm": "AZ2026000001"}, "loop": None}
    [message] = filed["messages"]
    assert message["text"] == f"已登记，编号 TS1。\n\n经过：{STORY}"
    assert message["buttons"] == [{"title": "提交", "intent": "control_submit", "entities": {"field": "TS1"}}]


def test_a_question_in_between_is_answered_and_the_form_asks_again(engine: Engine) -> None:
    opened = engine.turn("我要投诉")
    asked = engine.turn("投诉几天能处理", opened["state"])
    assert [m["response"] for m in asked["messages"]] == ["utter_standard_answer", "utter_ask_complaint_story"]
    assert asked["state"] == opened["state"]


def test_cancel_reaches_its_rule_inside_the_form(engine: Engine) -> None:
    stopped = engine.turn("取消", engine.turn("我要投诉")["state"])
    assert [m["response"] for m in stopped["messages"]] == ["utter_complaint_stopped"]
    assert stopped["state"] == {"slots": {}, "loop": None}


@pytest.mark.parametrize(
    "text", ["预约取消了三次没人来", "/restart 都没用，培训的人还是没来", "10[号]说好来的，0[没来"]
)
def test_a_story_is_kept_as_it_was_typed(engine: Engine, text: str) -> None:
    told = engine.turn(text, engine.turn("我要投诉")["state"])
    assert told["state"]["slots"]["complaint_story"] == text
    filed = engine.turn("AZ2026000001", told["state"])
    assert text in filed["messages"][0]["text"]


def test_entities_are_found_inside_chinese_text_once(engine: Engine) -> None:
    found = engine.turn("保单AZ2026000001的隐患排查没做")["understood"]["entities"]
    assert sorted((e["entity"], e["value"]) for e in found) == [
        ("policy_no", "AZ2026000001"),
        ("service_item", "隐患排查"),
    ]


@pytest.mark.parametrize("text", ["/restart", " /restart", "/control_submit", '/complaint_file{"field": "x"}'])
def test_typed_text_is_never_an_order(engine: Engine, text: str) -> None:
    understood = engine.turn(text)["understood"]
    assert understood["confidence"] < 1
    assert understood["intent"] not in {"restart", "control_submit"}
    assert understood["entities"] == []


@pytest.mark.parametrize(
    "text", ["///", "😀", "。。。", "\u200b", "<script>alert(1)</script>", "' OR 1=1 --", "啊" * 5000]
)
def test_odd_text_is_asked_back_and_never_breaks(engine: Engine, text: str) -> None:
    assert engine.turn(text)["messages"]


def test_what_no_rule_covers_is_asked_back_once(engine: Engine) -> None:
    assert [m["response"] for m in engine.turn(intent="complaint_change")["messages"]] == ["utter_fallback_ask"]


def test_the_same_turn_says_the_same_and_different_turns_vary(engine: Engine) -> None:
    said = {engine.turn(intent="chitchat_greet", turn_id=f"vary-{n}")["messages"][0]["text"] for n in range(20)}
    assert len(said) > 1
    again = {engine.turn(intent="chitchat_greet", turn_id="vary-0")["messages"][0]["text"] for _ in range(5)}
    assert len(again) == 1


def test_the_action_server_sees_the_turn_id_the_secret_and_no_earlier_turn(
    engine: Engine, actions: ActionServer
) -> None:
    engine.turn("你好", turn_id="turn-a")
    engine.turn(intent="test_ask", turn_id="turn-b", metadata={"channel": "web"})
    call = actions.last()
    assert call["sender_id"] == "turn-b"
    assert call["tracker"]["latest_message"]["metadata"] == {"channel": "web"}
    assert [e["event"] for e in call["tracker"]["events"]].count("user") == 1
    assert actions.authorization[-1] == f"Bearer {SECRET}"


def test_state_of_another_model_is_left_out(engine: Engine) -> None:
    old = {"slots": {"gone": 1, "complaint_story": "x", "session_started_metadata": None}, "loop": "gone_form"}
    assert engine.turn(intent="chitchat_greet", state=old)["state"] == {"slots": {"complaint_story": "x"}, "loop": None}


def test_a_slot_set_back_to_nothing_stays_nothing(engine: Engine) -> None:
    """A slot with an initial value would come back to life in the next turn."""
    emptied = engine.turn(intent="chitchat_greet", state={"slots": {"counter": None}})
    assert emptied["state"]["slots"] == {"counter": None}
    assert engine.turn(intent="chitchat_greet", state={"slots": {"counter": 1}})["state"]["slots"] == {}


@pytest.mark.parametrize(
    ("intent", "code"),
    [
        ("test_break", "action_failed"),
        ("test_hole", "response_incomplete"),
        ("test_nowhere", "response_missing"),
        ("test_circle", "too_many_actions"),
        ("test_malformed", "action_result_invalid"),
    ],
)
def test_an_error_leaves_as_a_code_and_nothing_of_the_text_is_logged(engine: Engine, intent: str, code: str) -> None:
    words = "只有我知道的秘密13800000001"
    assert engine.post({"turn_id": "broken", "text": words, "intent": intent, "state": {}}) == (500, {"code": code})
    log = engine.log.read_text("utf-8")
    assert code in log
    assert "秘密" not in log
    assert "13800000001" not in log
    assert "\\u79d8" not in log
    assert "Traceback" not in log


def test_no_text_is_logged_by_turns_that_go_well(engine: Engine) -> None:
    engine.turn("我是悄悄话，检查的人来了十分钟就走了", engine.turn("我要投诉")["state"])
    engine.turn("/悄悄话{")
    assert "悄悄" not in engine.log.read_text("utf-8")


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", SECRET[:-1], "密"])
def test_a_wrong_secret_is_refused(engine: Engine, secret: str | None) -> None:
    header = secret.encode("utf-8").decode("latin-1") if secret is not None else None
    status, body = engine.call("POST", "/webhooks/anze/turn", b"{}", header)
    assert (status, body) == (401, {"code": "unauthorized"})


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "body_not_json"),
        (b"{", "body_not_json"),
        (b"\xff\xfe", "body_not_json"),
        (b"[" * 100_000, "body_not_json"),
        (b"[]", "body_not_an_object"),
        (b'{"text": "a"}', "turn_id_invalid"),
        (b'{"turn_id": 7, "text": "a"}', "turn_id_invalid"),
        (b'{"turn_id": "t"}', "turn_empty"),
        (b'{"turn_id": "t", "text": " "}', "turn_empty"),
        (b'{"turn_id": "t", "text": 3}', "text_invalid"),
        (b'{"turn_id": "t", "text": "\\ud800"}', "text_not_unicode"),
        (json.dumps({"turn_id": "t", "text": "a" * 10_001}).encode(), "text_too_long"),
        (b'{"turn_id": "t", "intent": "no_such_intent"}', "intent_unknown"),
        (b'{"turn_id": "t", "intent": ["x"]}', "intent_invalid"),
        (b'{"turn_id": "t", "intent": "chitchat_greet", "entities": {}}', "entities_invalid"),
        (b'{"turn_id": "t", "intent": "chitchat_greet", "entities": [{"value": 1}]}', "entities_invalid"),
        (b'{"turn_id": "t", "text": "a", "state": []}', "state_invalid"),
        (b'{"turn_id": "t", "text": "a", "state": {"slots": []}}', "state_slots_invalid"),
        (b'{"turn_id": "t", "text": "a", "state": {"loop": 1}}', "state_loop_invalid"),
        (b'{"turn_id": "t", "text": "a", "metadata": "x"}', "metadata_invalid"),
    ],
)
def test_a_malformed_request_is_refused_with_a_code(engine: Engine, body: bytes, code: str) -> None:
    assert engine.call("POST", "/webhooks/anze/turn", body) == (400, {"code": code})


@pytest.mark.parametrize("path", ["/webhooks/rest/webhook", "/model/parse", "/conversations/x/tracker", "/domain", "/"])
def test_nothing_else_of_rasa_answers(engine: Engine, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", engine.port, timeout=10)
    connection.request("POST", path, b'{"sender": "a", "message": "hi", "text": "hi"}')
    assert connection.getresponse().status == 404


def test_a_turn_ends_though_the_client_goes_away(engine: Engine, actions: ActionServer) -> None:
    actions.started.clear()
    connection = http.client.HTTPConnection("127.0.0.1", engine.port, timeout=10)
    body = json.dumps({"turn_id": "left", "text": "x", "intent": "test_slow", "state": {}})
    connection.request("POST", "/webhooks/anze/turn", body, {"Authorization": f"Bearer {SECRET}"})
    assert actions.started.wait(10)
    assert connection.sock is not None
    connection.sock.close()
    connection.close()
    # The same turn asked again meets the one under way: its action runs once, its answer is told.
    answer = engine.turn("x", intent="test_slow", turn_id="left")
    assert [m["response"] for m in answer["messages"]] == ["utter_standard_answer"]
    assert actions.finished.count("left") == 1


def test_another_body_under_the_id_of_a_turn_under_way_is_refused(engine: Engine, actions: ActionServer) -> None:
    actions.started.clear()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(engine.turn, "x", intent="test_slow", turn_id="twice")
        assert actions.started.wait(10)
        sent = {"turn_id": "twice", "text": "y", "intent": "test_slow", "state": {}}
        assert engine.post(sent) == (400, {"code": "turn_id_in_use"})
        assert first.result()["messages"]


def test_turns_run_side_by_side_and_do_not_mix(engine: Engine) -> None:
    def one(number: int) -> Any:
        time.sleep(0.001 * number)
        return engine.turn(
            f"AZ20260{number:05d}", {"slots": {"requested_slot": "complaint_story"}, "loop": "complaint_form"}
        )

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(24)))
    assert [a["state"]["slots"]["complaint_story"] for a in answers] == [f"AZ20260{n:05d}" for n in range(24)]


def test_the_server_listens_on_loopback_alone(engine: Engine) -> None:
    listening = Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]
    addresses = {line.split()[1] for line in listening if line.split()[3] == "0A"}
    assert {a for a in addresses if a.endswith(f":{engine.port:04X}")} == {f"0100007F:{engine.port:04X}"}
