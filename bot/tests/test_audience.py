"""Who is in front of the bot decides what may be meant: the lists, the ranking, and a running server."""

from __future__ import annotations

import pytest
import yaml

from components.audience import among, may_mean, read_lists
from launch.project import BOT
from tests.conftest import Engine

STAFF_WORDS, PUBLIC_WORDS = "今年还没做排查的有哪些家", "查隐患的人来了十分钟就走了"


@pytest.mark.parametrize(
    ("intent", "public", "staff"),
    [
        ("complaint_file", True, False),
        ("complaint_withdraw_confirm", True, False),
        ("complaint_desk_withdraw", False, True),
        ("obligation_ask", False, True),
        ("booking_slot", True, False),
        ("standard_ask", True, True),
        ("standard_refund_demand", True, False),
        ("handoff_emergency", True, True),
        ("control_affirm", True, True),
        ("out_of_scope", True, True),
        ("nlu_fallback", True, True),
    ],
)
def test_an_intent_is_one_audiences_or_everybodys(intent: str, public: bool, staff: bool) -> None:
    assert (may_mean("public", intent), may_mean("staff", intent)) == (public, staff)


def test_every_intent_of_the_domain_is_somebodys_and_no_list_is_empty() -> None:
    intents = [
        i for p in (BOT / "domain").glob("*.yml") for i in yaml.safe_load(p.read_text("utf-8")).get("intents", [])
    ]
    assert [i for i in intents if not may_mean("public", i) and not may_mean("staff", i)] == []
    assert any(may_mean("staff", i) for i in intents)
    assert any(may_mean("public", i) for i in intents)


def test_a_list_of_an_audience_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="providers"):
        read_lists({"providers": ["order_*"]})


def test_confidences_are_those_of_the_guesses_that_are_left() -> None:
    ranking = [
        {"name": "complaint_file", "confidence": 0.5},
        {"name": "obligation_ask", "confidence": 0.3},
        {"name": "standard_ask", "confidence": 0.2},
    ]
    assert [(g["name"], round(g["confidence"], 6)) for g in among("staff", ranking)] == [
        ("obligation_ask", 0.6),
        ("standard_ask", 0.4),
    ]
    assert [g["name"] for g in among("public", ranking)] == ["complaint_file", "standard_ask"]


def test_words_that_are_plainly_another_audiences_are_no_small_talk() -> None:
    ranking = [{"name": "booking_cancel", "confidence": 0.97}, {"name": "chitchat_bye", "confidence": 0.03}]
    assert among("staff", ranking) == ranking[1:], "below the threshold of the fallback"
    assert among("staff", [{"name": "complaint_file", "confidence": 1.0}]) == []


def test_words_are_read_among_the_intents_of_who_says_them(engine: Engine) -> None:
    """The thresholds hold for what is left, and the other audience's intents are not even a guess."""
    ours = engine.turn(STAFF_WORDS, audience="staff")
    assert ours["messages"][0]["response"] == "utter_obligation_answer"
    theirs = engine.turn(STAFF_WORDS, audience="public")["understood"]
    assert theirs["intent"] != "obligation_ask"
    assert "obligation_ask" not in {guess["name"] for guess in theirs["ranking"]}
    assert engine.turn(PUBLIC_WORDS)["understood"]["intent"] == "complaint_file", "nobody named is the public"
    heard = engine.turn(PUBLIC_WORDS, audience="staff")["understood"]
    assert not {guess["name"] for guess in heard["ranking"]} & {"complaint_file", "complaint_change"}


@pytest.mark.parametrize(("audience", "intent"), [("public", "obligation_ask"), ("staff", "complaint_file")])
def test_a_button_of_another_audience_is_refused(engine: Engine, audience: str, intent: str) -> None:
    sent = {"turn_id": "foreign", "text": "按", "intent": intent, "audience": audience, "state": {}}
    assert engine.post(sent) == (403, {"code": "intent_of_another_audience"})


def test_each_audience_has_its_words_and_its_buttons(engine: Engine) -> None:
    public = engine.turn(intent="standard_ask", audience="public")
    staff = engine.turn(intent="standard_ask", audience="staff")
    assert [b["intent"] for b in public["messages"][0]["buttons"]] == ["complaint_file"]
    assert [b["intent"] for b in staff["messages"][0]["buttons"]] == ["obligation_ask"]
    assert staff["messages"][0]["text"] == "同事，标准这样写。"


def test_who_speaks_is_no_part_of_the_state_and_a_state_cannot_say_it(engine: Engine) -> None:
    state = {"slots": {"audience": "staff"}}
    answer = engine.turn(intent="standard_ask", state=state, audience="public")
    assert answer["messages"][0]["text"] == "标准这样写。"
    assert "audience" not in answer["state"]["slots"]
    assert engine.post({"turn_id": "t", "text": "a", "audience": "admin"}) == (400, {"code": "audience_invalid"})
