"""Every row: the slot whose question is open, the text, what Rasa (mis)read, and whether it is the answer."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
import yaml

from components.free_text import RULES, compile_rules, is_answer

STORY, FIRM, CONTACT, CONFIRM = "complaint_story", "complaint_firm", "complaint_contact", "complaint_confirm"

STORIES = [
    # told plainly, read as something else
    ("投诉要几天处理完都没人理我，我已经催了三次", "standard_ask"),
    ("预约取消了三次没人来", "control_cancel"),
    ("约了三次都取消", "booking_request"),
    ("说好周三来做隐患排查，结果到现在人影都没有", "booking_request"),
    ("他们取消了两次培训", "control_cancel"),
    ("你好，我们厂上个月的演练一直没做", "chitchat_greet"),
    ("检查的人来了十分钟就走了，什么都没查", "complaint_file"),
    ("理赔拖了两个月没人理", "complaint_status"),
    ("电话打了五六遍，每次都说会回电，从来不回", "complaint_status"),
    ("我要投诉你们派来的专家态度太差", "complaint_file"),
    ("上次投诉之后还是老样子，没有任何答复", "complaint_status"),
    ("服务费交了，培训一次都没做", "standard_ask"),
    ("标准上写着每年一次排查，今年一次都没来", "standard_ask"),
    ("他说不投诉就给我们安排，我不同意", "complaint_withdraw"),
    ("让我们提交材料，提交了三遍都说丢了", "control_submit"),
    ("转人工转了半小时没接通", "handoff_request"),
    ("去年着过火，你们答应的整改复查没来", "handoff_emergency"),
    ("6月份车间着火以后一直没派人来看", "handoff_emergency"),
    ("隐患写得乱七八糟", "nlu_fallback"),
    ("报告是抄别人家的", "nlu_fallback"),
    ("发票开错了不给改", "out_of_scope"),
    # short, in question form, and still a grievance
    ("怎么没人来？", "standard_ask"),
    ("凭什么多收我们两千块？", "standard_ask"),
    ("这也叫检查？", "complaint_file"),
    ("你们是不是骗子？", "chitchat_bot"),
    ("都半个月了还没人联系我们？", "complaint_status"),
    ("不知道等了多久都没人理", "complaint_status"),
    ("这几天一直打不通电话", "complaint_status"),
    ("说好周五来，人呢？", "complaint_status"),
    ("为什么十分钟就走了", "complaint_file"),
    ("怎么只看了一眼就签字了", "complaint_file"),
]

COMMANDS = [
    ("取消", "complaint_file"),
    ("算了", "control_cancel"),
    ("那算了吧", "chitchat_upset"),
    ("先取消吧", "booking_request"),
    ("转人工", "handoff_request"),
    ("我要找人工客服", "complaint_file"),
    ("给我换个真人", "nlu_fallback"),
    ("不想跟机器人说了", "chitchat_upset"),
    ("不投诉了", "complaint_file"),
    ("我不想投诉了", "complaint_file"),
    ("撤销", "control_cancel"),
    ("帮我撤销投诉", "complaint_file"),
    ("不知道", "nlu_fallback"),
    ("我也不知道", "control_unknown"),
    ("不清楚。", "control_unknown"),
    ("没有电话", "control_unknown"),
    ("提交", "control_submit"),
    ("就这样提交吧", "control_submit"),
    ("继续", "control_resume"),
    ("继续 吧!", "control_resume"),
    ("是的", "control_affirm"),
    ("不是", "control_deny"),
    ("你好", "nlu_fallback"),
    ("谢谢", "chitchat_thanks"),
    ("我要投诉", "complaint_file"),
]

QUESTIONS = [
    ("投诉几天能处理", "complaint_file"),
    ("投诉几天能处理？", "standard_ask"),
    ("多久答复", "standard_ask"),
    ("还要多久", "nlu_fallback"),
    ("请问，投诉几天能处理？", "complaint_file"),
    ("你好，我想问一下投诉多久能答复", "complaint_status"),
    ("几个工作日答复", "standard_ask"),
    ("你是谁", "chitchat_bot"),
    ("你是机器人吗", "chitchat_bot"),
    ("我的投诉到哪了", "complaint_status"),
    ("我的投诉到哪一步了", "complaint_status"),
    ("怎么投诉", "complaint_file"),
    ("会泄露我的电话吗", "identity_privacy"),
    ("要交钱吗", "standard_ask"),
    ("什么时候能有结果", "complaint_status"),
    ("上次的事有结果没", "complaint_status"),
    ("6.3是什么", "standard_ask"),
    ("隐患排查多久做一次", "standard_ask"),
    ("我绑的是哪家公司", "identity_whoami"),
    ("你能做什么", "chitchat_capabilities"),
    ("需要什么材料呢", "standard_ask"),
]

SHORT_ANSWERS = [
    (FIRM, "南京某某化工有限公司", "control_answer"),
    (FIRM, "就是我们厂", "control_affirm"),
    (FIRM, "江宁那家烟花厂", "nlu_fallback"),
    (FIRM, "问天科技", "standard_ask"),
    (FIRM, "取消街化工厂", "control_cancel"),
    (CONTACT, "老王 13800000001", "control_answer"),
    (CONTACT, "13800000001", "identity_bind"),
    (CONTACT, "打这个微信就行", "nlu_fallback"),
    (CONTACT, "找李会计", "handoff_request"),
    ("identity_policy", "AZ2026000001", "identity_bind"),
    ("identity_code", "483920", "nlu_fallback"),
    (CONFIRM, "漏了一点，他们走的时候还让我先签空白的单子", "complaint_supplement"),
]

INTERRUPTIONS = [
    (CONFIRM, "电话写错了", "complaint_change"),
    (CONFIRM, "经过", "nlu_fallback"),
    (CONFIRM, "改一下联系电话和企业名称，都不对", "complaint_change"),
    (CONFIRM, "提交了以后多久能答复我们", "standard_ask"),
    (FIRM, "电话写错了", "complaint_change"),
    (STORY, "车间着火了有人没跑出来", "handoff_emergency"),
    (CONTACT, "有人掉井里了", "handoff_emergency"),
]


@pytest.mark.parametrize(("text", "read_as"), STORIES)
def test_a_story_is_the_answer_whatever_rasa_read(text: str, read_as: str) -> None:
    assert is_answer(text, read_as, 0.95, STORY)


@pytest.mark.parametrize("slot", [STORY, FIRM, CONTACT, "identity_policy", "identity_code", CONFIRM])
@pytest.mark.parametrize(("text", "read_as"), COMMANDS)
def test_a_command_interrupts_every_question_whatever_rasa_read(text: str, read_as: str, slot: str) -> None:
    assert not is_answer(text, read_as, 0.95, slot)


@pytest.mark.parametrize("slot", [STORY, FIRM, CONTACT, CONFIRM])
@pytest.mark.parametrize(("text", "read_as"), QUESTIONS)
def test_a_short_question_interrupts_every_question(text: str, read_as: str, slot: str) -> None:
    assert not is_answer(text, read_as, 0.95, slot)


@pytest.mark.parametrize(("slot", "text", "read_as"), SHORT_ANSWERS)
def test_a_name_a_number_or_a_late_addition_is_the_answer(slot: str, text: str, read_as: str) -> None:
    assert is_answer(text, read_as, 0.95, slot)


@pytest.mark.parametrize(("slot", "text", "read_as"), INTERRUPTIONS)
def test_what_a_slot_lets_through(slot: str, text: str, read_as: str) -> None:
    assert not is_answer(text, read_as, 0.95, slot)


def test_a_doubtful_reading_does_not_interrupt() -> None:
    assert is_answer("着火的事没人管", "handoff_emergency", 0.3, STORY)
    assert is_answer("电话写错了", "complaint_change", 0.4, FIRM)


@pytest.mark.parametrize("slot", [None, "", "booking_item", "requested_slot"])
def test_nothing_is_an_answer_when_no_free_text_question_is_open(slot: str | None) -> None:
    assert not is_answer("检查的人来了十分钟就走了", "complaint_file", 0.9, slot)


@pytest.mark.parametrize("piece", ["好", "算了", "先", "是的", "取消", "那我就想", "请问", "你好，", "吗？"])
def test_no_text_keeps_the_patterns_busy(piece: str) -> None:
    started = time.process_time()
    for length in (8, 15, 16, 100, 10_000):
        is_answer((piece * length)[: length - 1] + "厂", "standard_ask", 0.9, STORY)
    assert time.process_time() - started < 1


def test_a_malformed_data_file_is_refused() -> None:
    data = yaml.safe_load(Path(__file__).parents[1].joinpath("free_text.yml").read_text("utf-8"))
    with pytest.raises(re.error):
        compile_rules({**data, "questions": ["("]})
    with pytest.raises(TypeError):
        compile_rules({**data, "slots": {"x": {"question_max": 9, "interrupts": {"a": {"max": 1}}}}})


def test_every_slot_of_the_data_file_is_compiled() -> None:
    assert {STORY, FIRM, CONTACT, CONFIRM, "identity_policy", "identity_code"} <= set(RULES.slots)
