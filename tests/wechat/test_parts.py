"""Long answers cut, messages shown as text, XML read and written: rules without any platform."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anze.channels.wechat import shown
from anze.channels.wechat.envelope import EnvelopeError, document, fields_of, incoming
from anze.channels.wechat.parts import MOST_BYTES, few, parts

TEXTS = st.text(alphabet="安全生产责任保险。，；！\n abc。😀", max_size=4000)


@given(TEXTS, st.integers(min_value=16, max_value=300))
def test_parts_are_small_and_lose_nothing(text: str, most: int) -> None:
    found = parts(text, most)
    assert all(len(part.encode()) <= most for part in found)
    assert "".join("".join(found).split()) == "".join(text.split())
    if text.strip():
        assert all(found)


@given(TEXTS)
def test_few_parts_say_where_the_rest_is(text: str) -> None:
    found = few(text * 6, "还有，打开看", 3)
    assert len(found) <= 3
    assert all(len(part.encode()) <= MOST_BYTES for part in found)
    whole = parts(text * 6)
    assert found == whole if len(whole) <= 3 else found[-1].endswith("\n还有，打开看")


def test_a_cut_is_at_the_end_of_a_sentence() -> None:
    found = parts("第一句。第二句。第三句。", 26)
    assert found == ["第一句。第二句。", "第三句。"]


@given(st.text(max_size=200))
def test_what_is_written_is_read_again(text: str) -> None:
    kept = "".join(
        c for c in text if c in "\t\n\r" or "\u0020" <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
    )
    kept = kept.replace("\r\n", "\n").replace("\r", "\n")  # as XML reads the ends of lines
    assert fields_of(document({"Content": text, "CreateTime": 5})) == {"Content": kept, "CreateTime": "5"}


@pytest.mark.parametrize("text", ["a]]>b", "]]>", "]]]]>>", "<a>&amp;", "]]"])
def test_the_end_of_a_section_inside_a_text(text: str) -> None:
    assert fields_of(document({"Content": text}))["Content"] == text


@pytest.mark.parametrize("xml", [
    b"", b"<xml>", b"no xml", b"\xff\xfe<xml/>", "<xml/>".encode("utf-16"),
    b'<!DOCTYPE x [<!ENTITY a "b">]><xml><A>&a;</A></xml>', b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml/>',
    b"<xml>" + b"<a>" * 100_000,
])  # fmt: skip
def test_what_is_no_message_is_refused(xml: bytes) -> None:
    with pytest.raises(EnvelopeError):
        fields_of(xml)


def test_control_characters_of_real_phones_are_cut_out() -> None:
    assert fields_of("<xml><Content><![CDATA[你\x08好\x00]]></Content></xml>".encode()) == {"Content": "你好"}


@pytest.mark.parametrize("fields", [
    {}, {"FromUserName": "o1"}, {"FromUserName": "o1", "MsgType": "text", "CreateTime": "x"},
    {"FromUserName": "o 1", "MsgType": "text", "CreateTime": "1"},
    {"FromUserName": "o" * 65, "MsgType": "text", "CreateTime": "1"},
])  # fmt: skip
def test_a_message_has_sender_kind_and_time(fields: dict[str, str]) -> None:
    with pytest.raises(EnvelopeError):
        incoming(fields)


def test_a_repeat_has_the_same_key_and_nothing_else_has() -> None:
    base = {"FromUserName": "o1", "MsgType": "text", "CreateTime": "1", "MsgId": "7"}
    event = {"FromUserName": "o1", "MsgType": "event", "CreateTime": "1", "Event": "CLICK", "EventKey": "a"}
    keys = [
        incoming(fields).key
        for fields in (
            base,
            base | {"MsgId": "8"},
            base | {"FromUserName": "o2"},
            event,
            event | {"EventKey": "b"},
            event | {"Event": "SCAN"},
            event | {"CreateTime": "2"},
        )
    ]
    assert len(set(keys)) == len(keys)
    assert incoming(base | {"Content": "x"}).key == keys[0]


@pytest.mark.parametrize(("typed", "number"), [
    ("2", 2), ("2.", 2), ("2、", 2), ("第2个", 2), ("选二", 2), ("回复3", 3), ("十", 10), ("12", 12),
    ("2个人", None), ("2026", None), ("", None), ("二月", None), ("13800000001", None), ("2号楼", None),
])  # fmt: skip
def test_numbers_for_buttons(typed: str, number: int | None) -> None:
    assert shown.number_in(typed) == number


def test_a_message_as_text() -> None:
    view = {
        "text": "结果如下：",
        "table": {"columns": ["保单", "状态"], "rows": [[f"AZ{n}", "逾期" if n else "—"] for n in range(8)]},
        "data": {
            "kind": "booking_card",
            "rows": [
                {"label": "服务项目", "value": "隐患排查"},
                {"label": "时间", "value": "周二上午", "note": "先留着"},
                {"label": "要求", "value": None},
            ],
        },
        "citations": [{"clause": "6.4 b)"}, {"clause": "6.4 b)"}, {"clause": "7.3"}],
        "files": [{"name": "决定书.pdf"}],
        "buttons": [{"title": "好的"}],
    }
    text = shown.words(view, "https://a.cn/e")
    assert text.splitlines() == [
        "结果如下：", "服务项目：隐患排查", "时间：周二上午（先留着）", "要求：—", "· 保单：AZ0",
        *(f"· 保单：AZ{n}，状态：逾期" for n in range(1, 6)), "共 8 行，全部在网页上：https://a.cn/e",
        "依据：6.4 b)、7.3", "决定书.pdf（打开看：https://a.cn/e）", "1 好的", "回复1，或者直接说。",
    ]  # fmt: skip
    notice = shown.notice(view | {"text": "您的投诉已作出处理决定。请查收。\n一、查明"}, "https://a.cn/e")
    assert notice == "您的投诉已作出处理决定。\n打开看全文和文书：https://a.cn/e"
