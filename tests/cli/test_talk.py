"""`anze say` and `anze chat` against a running server."""

import json
import threading
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from anze.channels.rasa import MessageOut
from anze.cli import app
from anze.conversations.models import Conversation
from anze.conversations.outbound import add_out
from tests.cli.conftest import Anze, Server, answer, refused

BUTTONS = [{"title": "我要投诉", "intent": "complaint_file"}, {"title": "转人工", "intent": "handoff_request"}]


def test_what_is_said_is_answered_and_shown(anze: Anze, server: Server) -> None:
    server.rasa.script.append(
        [
            {
                "text": "15个工作日内。",
                "buttons": BUTTONS,
                "custom": {
                    "citations": [{"clause": "6.4 a)", "text": "应在15个工作日内", "version": "草案"}],
                    "table": {"columns": ["编号", "进度"], "rows": [["TS1", "已登记"], ["TS22", "x"]]},
                    "data": {"kind": "complaint_desk_case", "rows": [{"label": "承办人", "value": "邱振宇"}]},
                },
                "response": "utter_standard_answer",
            }
        ]
    )
    said = anze("say", "投诉几天答复")
    assert said.exit_code == 0, said.output
    assert said.stdout.splitlines() == [
        "15个工作日内。",
        "  承办人：邱振宇",
        "编号  进度",
        "TS1   已登记",
        "TS22  x",
        "  〔6.4 a)〕应在15个工作日内（草案）",
        "  1. 我要投诉",
        "  2. 转人工",
    ]


def test_the_next_call_goes_on_with_the_talk_unless_a_new_one_is_asked_for(anze: Anze, server: Server) -> None:
    answers = [answer(anze("say", "你好", "--json")) for _ in range(2)]
    assert [len(server.rasa.turns), len(answers[1]["messages"])] == [2, 1]
    assert server.rasa.turns[1]["state"]["slots"]["turns"] == 1, "the state of the first turn came back"
    answer(anze("say", "你好", "--new", "--json"))
    assert "turns" not in server.rasa.turns[2]["state"]["slots"]


def test_everybody_can_speak(anze: Anze, server: Server) -> None:
    for user in ("visitor", "AZ2026000001:13800000001", "intake"):
        answer(anze("say", "你好", "--as", user, "--json"))
    with server.services.db.read() as session:
        talks = session.query(Conversation).order_by(Conversation.created_at.desc()).limit(3).all()
    assert sorted((talk.person_id is not None, talk.staff_id is not None) for talk in talks) == [
        (False, False),
        (False, True),
        (True, False),
    ]


def test_an_ended_sign_in_is_made_anew(anze: Anze, server: Server, data: Path) -> None:
    answer(anze("say", "你好", "--json"))
    kept = data / "cli-sessions.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    kept.write_text(json.dumps(dict.fromkeys(json.loads(kept.read_text()), "no-longer-valid")))
    answer(anze("say", "还在吗", "--json"))
    kept.write_text("{broken")
    answer(anze("say", "还在吗", "--json"))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["say", "你好", "--as", "nobody"], "用户名或密码不对"),
        (["say", "你好", "--as", "intake", "--password", "x"], "用户名或密码不对"),
        (["say", ""], "消息是空的"),
        (["say", "长" * 30_000], "太长了"),
        (["say", "\udcff"], "无法识别的字符"),
        (["say", "你好", "--url", "http://127.0.0.1:1"], "连不上 http://127.0.0.1:1"),
        (["say", "你好", "--url", "not an address"], "连不上 not an address"),
        (["say"], "缺少参数 TEXT"),
        (["chat", "--as", "nobody"], "用户名或密码不对"),
    ],
)
def test_what_cannot_be_said_is_refused_in_one_line(anze: Anze, server: Server, words: list[str], says: str) -> None:
    refused(anze(*words), says)


def test_a_wrong_code_of_a_real_phone_is_asked_for_and_refused(anze: Anze, server: Server) -> None:
    refused(anze("say", "你好", "--as", "AZ2026000001:13800009999"), "验证码不对")


def test_in_a_chat_a_number_presses_a_button(server: Server) -> None:
    server.rasa.script.append([{"text": "您想办什么？", "buttons": BUTTONS, "response": "utter_chitchat_help"}])
    said = CliRunner().invoke(app, ["chat", "--new"], input="你好\n\n2\n7\n")
    assert said.exit_code == 0, said.output
    assert "  2. 转人工" in said.stdout
    pressed, typed = server.rasa.turns[1:]
    assert (pressed["intent"], typed["intent"], typed["text"]) == ("handoff_request", None, "7")


def test_what_is_pushed_into_a_chat_is_shown(server: Server, anze: Anze) -> None:
    from anze.talk.client import Talk, User
    from anze.talk.show import lines_of

    talk = Talk(server.url, User("visitor"), Path("/nonexistent"), password="", ask_code=lambda: "")
    talk._keep = lambda token: None  # type: ignore[method-assign]  # this talk is not to be gone on with
    talk.sign_in()
    seen: list[str] = []
    listener = threading.Thread(target=lambda: seen.extend(lines_of(next(talk.pushed()))))
    listener.start()
    time.sleep(0.3)
    with server.services.db.write() as session:
        (newest,) = session.query(Conversation).order_by(Conversation.created_at.desc()).limit(1)
        out = MessageOut(text="日期改了", response="utter_complaint_date_moved")
        add_out(session, newest.id, out, server.services.clock.now(), pushed=True)
    server.wake(newest.id)
    listener.join(25)
    assert seen == ["日期改了"]
    talk.close()
