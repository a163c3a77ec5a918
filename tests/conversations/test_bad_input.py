"""Whatever comes in gets a clear refusal or a clear answer: never a 500, and nothing that was taken is lost."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from anze.conversations.models import Direction, Message
from anze.conversations.turns import real_now
from anze.identity.models import SignIn
from tests.helpers.gateway import Caller, Gateway

FORM = "multipart/form-data; boundary=x"
CHINESE = range(0x4E00, 0x9FFF)


def refused(answer: httpx.Response, *codes: str) -> None:
    """A problem document of RFC 9457 with one of these codes and a Chinese detail."""
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.text)
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert set(body) == {"type", "title", "status", "code", "detail"}
    assert body["status"] == answer.status_code
    assert any(ord(c) in CHINESE for c in body["detail"])
    assert body["code"] in codes, body
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "Traceback" not in answer.text


ANSWERED = {
    "10 000 characters": ("排查没人来。" * 1667)[:10_000],
    "20 000 characters": "长" * 20_000,
    "restart": "/restart",
    "full-width restart": "／restart",
    "indented restart": " /restart",
    "many slashes": "//／/ /restart",
    "hidden restart": "\u200b/restart",
    "intent": '/intent{"a":1}',
    "intent of ours": '/complaint_withdraw_confirm{"complaint_no":"TS20261120001"}',
    "only slashes": "///",
    "emoji": "👷‍♀️🔥👨‍👩‍👧‍👦",
    "control characters": "\x01\x02投\x1b[31m诉\x7f\x9f",
    "NUL inside": "投\x00诉",
    "HTML": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "SQL": "'; DROP TABLE messages; --",
    "placeholders": "{name} {0} %s %(a)s ${x} {{7*7}} {",
    "zero width": "\u200b\u200d\ufeff",
    "bidi": "\u202e投诉\u2066",
    "combining": "e" + "\u0301" * 3000,
    "expanding": "\ufdfa" * 2000,
    "noncharacters": "\ufffe\uffff\U0010ffff",
    "a token that is none": "b." + "x" * 22,
    "newlines": "一\n二\r\n三\t四",
    "JSON": '{"text":"x"}',
}


async def test_odd_texts_get_an_answer_and_are_kept(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    for name, text in ANSWERED.items():
        answer = await caller.post_message(text, name)
        assert answer.status_code == 200, (name, answer.text)
        assert answer.json()["messages"], name
        assert (await caller.post_message(text, name)).json() == answer.json()
    for turn in gateway.rasa.turns:
        assert not turn["text"].lstrip().startswith("/")
        assert len(turn["text"]) <= 600
    kept = [m["text"] for m in await caller.history() if m["direction"] == "in"]
    assert len(kept) == len(ANSWERED)
    assert kept[0] == ANSWERED["10 000 characters"]
    assert ANSWERED["HTML"] in kept
    assert ANSWERED["SQL"] in kept
    assert "投诉" in kept
    intents = {turn["intent"] for turn in gateway.rasa.turns}
    assert intents == {None, "nlu_fallback"}, "typed text is only ever text"


@pytest.mark.parametrize("text", ["", " \n\t ", "\x00\x01", "\u0085"])
async def test_nothing_is_not_a_message(gateway: Gateway, text: str) -> None:
    caller = await gateway.visitor()
    refused(await caller.post_message(text), "text_empty")


async def test_too_long_a_text_is_refused_and_nothing_is_stored(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    refused(await caller.post_message("长" * 20_001), "text_too_long")
    refused(await caller.post_message("长" * 25_000), "text_too_long")
    refused(await caller.post_message("😀" * 100_000), "body_too_large")
    assert len(await caller.history()) == 1


BODIES: dict[str, bytes] = {
    "nothing": b"",
    "not JSON": b"{",
    "a list": b"[]",
    "a string": b'"text"',
    "null": b"null",
    "a number": b"1",
    "null text": b'{"text":null}',
    "a number as text": b'{"text":1}',
    "a list as text": b'{"text":["a"]}',
    "half a surrogate": b'{"text":"\\ud83d"}',
    "the other half": b'{"text":"ab\\udc00"}',
    "not UTF-8": b'{"text":"\xff\xfe"}',
    "deep": b'{"text":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "empty id": b'{"text":"a","message_id":""}',
    "long id": b'{"text":"a","message_id":"' + b"x" * 65 + b'"}',
    "NUL in the id": b'{"text":"a","message_id":"a\\u0000"}',
    "surrogate in the id": b'{"text":"a","message_id":"\\ud800"}',
    "number as id": b'{"text":"a","message_id":1}',
    "files no list": b'{"text":"a","files":"x"}',
    "files of numbers": b'{"text":"a","files":[1]}',
    "NUL in a file": b'{"text":"a","files":["a\\u0000"]}',
    "unknown file": b'{"text":"a","files":["x"]}',
    "long file": b'{"text":"a","files":["' + b"x" * 500 + b'"]}',
    "surrogate in a file": b'{"text":"a","files":["\\udfff"]}',
    "a huge number": b'{"text":' + b"9" * 10_000 + b"}",
    "NaN": b'{"text":NaN}',
}


async def test_malformed_messages_are_refused(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    for name, body in BODIES.items():
        answer = await caller.post("/api/messages", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code < 500, (name, answer.text)
        refused(answer, "bad_request", "file_unknown", "text_not_unicode")
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        FORM,
        "",
    ):
        answer = await caller.post("/api/messages", content=b'{"text":"a"}', headers={"Content-Type": kind})
        refused(answer, "bad_request")
    assert len(await caller.history()) == 1
    extra = await caller.post(
        "/api/messages", {"text": "好", "unknown": {"a": 1}, "person_id": 1, "metadata": {"x": 1}}
    )
    assert extra.status_code == 200
    assert gateway.rasa.turns[-1]["metadata"] == {}


async def test_malformed_uploads_are_refused(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    for content, kind in [
        (b"", FORM),
        (b"", "multipart/form-data"),
        (b"garbage", FORM),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nnot a file\r\n--x--\r\n',
            FORM,
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="other"; filename="a"\r\n\r\na\r\n--x--\r\n',
            FORM,
        ),
        (b'{"file":"x"}', "application/json"),
        (b"file=x", "application/x-www-form-urlencoded"),
    ]:
        refused(await caller.post("/api/files", content=content, headers={"Content-Type": kind}), "bad_request")


CALLS: list[tuple[str, str, dict[str, Any] | None]] = [
    ("GET", "/api/messages", None),
    ("POST", "/api/messages", {"text": "a"}),
    ("GET", "/api/events", None),
    ("GET", "/api/sessions/me", None),
    ("DELETE", "/api/sessions", None),
    ("POST", "/api/sessions/consent", {"version": "1"}),
    ("POST", "/api/sessions/acting-for", {"insured_id": 1}),
    ("POST", "/api/sessions/bind", {"policy_no": "AZ2026000001", "phone": "13800000001"}),
    ("POST", "/api/sessions/bind/confirm", {"code": "000000"}),
    ("POST", "/api/sessions/bind/request", {"policy_no": "A1", "name": "甲", "phone": "13800000001"}),
    ("POST", "/api/sessions/bind/join", {"token": "x", "name": "甲", "phone": "13800000001"}),
    ("GET", "/api/files/x", None),
    ("GET", "/api/staff/complaints", None),
    ("GET", "/api/staff/complaints/TS1", None),
    ("GET", "/api/staff/conversations", None),
    ("GET", "/api/staff/conversations/x/messages", None),
    ("POST", "/api/staff/conversations/x/reply", {"text": "a"}),
    ("POST", "/api/staff/conversations/x/give-back", {}),
    ("GET", "/api/staff/right-requests", None),
    ("POST", "/api/staff/right-requests/1/decide", {"accept": True, "reason": "x"}),
]


async def test_no_token_no_entry(gateway: Gateway) -> None:
    caller, gone, old = [await gateway.visitor() for _ in range(3)]
    await gateway.client.delete("/api/sessions", headers=gone.headers)
    with gateway.db.write() as session:
        mine = SignIn.conversation_id == old.conversation_id
        session.execute(update(SignIn).where(mine).values(expires_at=real_now() - timedelta(seconds=1)))
    tokens = [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        f"Basic {caller.token}",
        caller.token,
        f"Bearer {caller.token}x",
        f"Bearer {gone.token}",
        f"Bearer {old.token}",
        "Bearer " + "x" * 9000,
        "Bearer \xff\x00é",
    ]
    for token in tokens:
        headers = {} if token is None else {"Authorization": token.encode("latin-1")}
        answer = await gateway.client.get("/api/messages", headers=headers)
        refused(answer, "unauthorised")
        assert answer.headers["www-authenticate"] == "Bearer"
    for method, path, body in CALLS:
        answer = await gateway.client.request(method, path, json=body)
        refused(answer, "unauthorised")
    answer = await gateway.client.post("/api/files", files={"file": ("a.png", b"x")})
    refused(answer, "unauthorised")
    assert (await caller.say("好"))["messages"]


async def test_odd_ids_paths_and_queries(demo_gateway: Gateway) -> None:
    gateway = demo_gateway
    caller, officer = await gateway.bound(), await gateway.staff("supervisor")
    ids = [
        "0",
        "-1",
        str(2**70),
        "abc",
        "1.5",
        "1e5",
        "٣",
        "%00",
        "a%00b",
        "..%2f..%2fetc%2fpasswd",
        "%ff",
        "%F0%9F%98%80",
        "x" * 3000,
        "null",
        "'; DROP TABLE files;--",
        "9" * 5000,
    ]
    for one in ids:
        refused(await caller.get(f"/api/files/{one}"), "not_found", "bad_request")
        refused(await caller.get(f"/api/unknown/{one}"), "not_found", "bad_request")
        refused(await caller.get(f"/{one}"), "not_found", "bad_request")
        refused(await officer.get(f"/api/staff/complaints/{one}"), "not_found", "bad_request")
        refused(await officer.get(f"/api/staff/conversations/{one}/messages"), "not_found", "bad_request")
        decide = await officer.post(f"/api/staff/right-requests/{one}/decide", {"accept": True, "reason": "核实"})
        refused(decide, "not_found", "bad_request", "method_not_allowed")
        for query in (f"page={one}", f"size={one}", f"status={one}", f"q={one}"):
            answer = await officer.get(f"/api/staff/complaints?{query}")
            assert answer.status_code in {200, 400, 422}, (query, answer.text)
        answer = await caller.get(f"/api/messages?after={one}")
        assert answer.status_code in {200, 400, 422}, (one, answer.text)
    for insured_id in (0, -1, 2**70, 2**31, 1.5, None, [], {}, 10**400, 400):
        answer = await caller.post("/api/sessions/acting-for", {"insured_id": insured_id})
        refused(answer, "not_found", "bad_request")


async def test_unknown_paths_and_methods(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    for method, path in [
        ("GET", "/api/nothing"),
        ("POST", "/api/nothing"),
        ("PUT", "/api/messages"),
        ("PATCH", "/healthz"),
        ("DELETE", "/api/messages"),
        ("GET", "/api/sessions"),
        ("POST", "/index.html"),
        ("TRACE", "/"),
        ("GET", "/../../etc/passwd"),
        ("GET", "/.git/config"),
        ("BREW", "/api/messages"),
        ("GET", "/webhooks/anze/turn"),
        ("POST", "/actions"),
        ("GET", "/api/"),
    ]:
        answer = await gateway.client.request(method, path, headers=caller.headers)
        refused(answer, "not_found", "method_not_allowed", "bad_request")


async def test_odd_values_in_every_other_body(demo_gateway: Gateway) -> None:
    gateway = demo_gateway
    caller, officer = await gateway.visitor(), await gateway.staff("service")
    odd: list[Any] = [
        "",
        "\x00",
        "a\x00b",
        "x" * 70,
        "ß" * 40,
        "ﬃ" * 40,
        "长" * 3000,
        "\U0010ffff",
        None,
        1,
        [],
        {},
        True,
        "1" * 30,
    ]
    for method, path, body in CALLS:
        if method != "POST" or body is None or path == "/api/messages":
            continue
        who = officer if path.startswith("/api/staff") else caller
        for field in body:
            for value in odd:
                answer = await who.post(path, body | {field: value})
                assert answer.status_code < 500, (path, field, value, answer.text)
                if answer.status_code >= 400:
                    refused(
                        answer,
                        "bad_request",
                        "not_found",
                        "code_wrong",
                        "code_expired",
                        "code_locked",
                        "rate_limited",
                        "invitation_void",
                        "forbidden",
                        "file_unknown",
                    )
    for field in ("username", "password"):
        for value in odd:
            body = {"username": "a", "password": "b"} | {field: value}
            answer = await gateway.client.post("/api/staff/login", json=body)
            refused(answer, "bad_request", "login_failed", "login_locked")


def _texts() -> st.SearchStrategy[str]:
    scraps = st.sampled_from(
        ["/", "／", "{", "b.", "\x00", "\n", "投诉", "着火", "\u200b", "😀", "%s", "'", "<", "\ud800", "回到助手"]
    )
    return st.lists(st.one_of(scraps, st.text(max_size=20)), max_size=8).map("".join)


async def test_any_text_at_all(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    texts: list[str] = []

    @settings(max_examples=120, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(_texts())
    def collect(text: str) -> None:
        texts.append(text)

    collect()
    taken = 0
    for number, text in enumerate(texts):
        body = json.dumps({"text": text, "message_id": f"h{number}"}).encode()
        answer = await caller.post("/api/messages", content=body, headers={"Content-Type": "application/json"})
        if answer.status_code == 200:
            assert answer.json()["messages"]
            taken += 1
        else:
            refused(answer, "text_empty", "bad_request", "text_not_unicode")
    with gateway.db.read() as session:
        stored = session.scalars(select(Message.status).where(Message.direction == Direction.IN)).all()
    assert len(stored) == taken
    assert set(stored) <= {"done"}
    assert taken > len(texts) // 3


async def test_the_page_and_its_headers(gateway: Gateway) -> None:
    page = await gateway.client.get("/")
    assert page.status_code == 200
    assert "frame-ancestors" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-cache"
    caller: Caller = await gateway.visitor()
    assert (await caller.get("/api/messages")).headers["cache-control"] == "no-store"
