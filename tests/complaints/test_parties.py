"""What is read of agents, groups and objections in the words of a complaint."""

import pytest

from anze.complaints.models import ComplaintForm
from anze.complaints.parties import (
    Named,
    agent_name,
    answered_principal,
    complains_together,
    group_size,
    principal,
    representatives,
    speaks_for_another,
)
from anze.complaints.words import form_of, tells_new_facts, tells_reason
from anze.conversations.normalise import normalise


@pytest.mark.parametrize(
    ("said", "for_whom"),
    [
        ("我是王强的代理人，要投诉你们", "王强"),
        ("我是南京红星化工厂的委托代理人", "南京红星化工厂"),
        ("受李建国委托，反映培训没做的事", "李建国"),
        ("受委托来投诉", None),
        ("帮我老板投诉，排查的人没来", None),
        ("我替我们厂长投诉一下", None),
        ("替周广才投诉", "周广才"),
        ("我是李某的律师", "李某"),
        ("他授权我来投诉", None),
    ],
)
def test_somebody_who_speaks_for_another(said: str, for_whom: str | None) -> None:
    assert speaks_for_another(normalise(said))
    assert principal(normalise(said)) == for_whom


@pytest.mark.parametrize(
    "said",
    ["帮我投诉", "帮我们投诉一下", "我要投诉你们的代理人", "代理公司的人没来", "替我投诉", "代为投诉可以吗",
     "委托你们做的检测没做", "我代表公司投诉", "说好上周二来排查隐患，等了一天没人来"],
)  # fmt: skip
def test_somebody_who_speaks_for_themselves(said: str) -> None:
    assert not speaks_for_another(normalise(said))


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("我叫周明，替周广才投诉", "周明"),
        ("我是张三，受李四委托", "张三"),
        ("我是王强的代理人", None),
        ("受委托来投诉", None),
    ],
)
def test_the_agents_own_name(said: str, name: str | None) -> None:
    assert agent_name(normalise(said)) == name


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("王强", "王强"),
        ("他叫王强", "王强"),
        ("我们老板叫周广才", "周广才"),
        ("是南京红星化工厂", "南京红星化工厂"),
        ("嗯", None),
    ],
)
def test_an_answer_to_for_whom(said: str, name: str | None) -> None:
    assert answered_principal(normalise(said)) == name


@pytest.mark.parametrize(
    ("said", "size"),
    [
        ("我们十几个工人一起投诉", 10),
        ("我们12个人一起投诉", 12),
        ("车间二十多名职工联名投诉", 20),
        ("三十来号人集体反映", 30),
        ("我们五位同事共同投诉", 5),
        ("我们几个工人一起投诉", None),
        ("我一个人一起投诉两件事", None),
    ],
)
def test_many_together(said: str, size: int | None) -> None:
    assert complains_together(normalise(said))
    assert group_size(normalise(said)) == size


@pytest.mark.parametrize(
    "said", ["四十多个工人停工等了一上午，没有人来", "两个专家一起来的，都没带仪器", "三家公司一起培训"]
)
def test_many_in_a_story_are_no_group(said: str) -> None:
    assert not complains_together(normalise(said))


@pytest.mark.parametrize(
    ("said", "asked", "found"),
    [
        ("代表是王强13912345678、李四 13800001111，赵六", False,
         [Named("王强", "13912345678"), Named("李四", "13800001111"), Named("赵六", None)]),
        ("推选的代表：张三和李四", False, [Named("张三", None), Named("李四", None)]),
        ("代表有张和平、李四。其他人不方便", False, [Named("张和平", None), Named("李四", None)]),
        ("王强 139-1234-5678 李四 13800001111", True, [Named("王强", "13912345678"), Named("李四", "13800001111")]),
        ("王强、李四", False, []),
        ("你们代表处理不公，王强、李四都看见了", False, []),
        ("还没选", True, []),
        ("代表是我们大家", False, []),
    ],
)  # fmt: skip
def test_representatives(said: str, asked: bool, found: list[Named]) -> None:
    assert representatives(normalise(said), asked=asked) == found


@pytest.mark.parametrize(
    ("said", "form"),
    [
        ("我对评估结论有异议", ComplaintForm.OBJECTION),
        ("不认可你们的排查报告", ComplaintForm.OBJECTION),
        ("评级我们不同意", ComplaintForm.OBJECTION),
        ("报告写得不对", ComplaintForm.COMPLAINT),
        ("我要投诉", ComplaintForm.COMPLAINT),
        ("专家不同意改时间，等了一天", ComplaintForm.COMPLAINT),
    ],
)
def test_an_objection_by_its_words(said: str, form: ComplaintForm) -> None:
    assert form_of(normalise(said)) == form


@pytest.mark.parametrize(
    "said", ["今天又没来人", "我找到了当天的监控", "有新的证据", "后来才发现罩子也坏了", "再次发生漏气"]
)
def test_something_new(said: str) -> None:
    assert tells_new_facts(normalise(said))


@pytest.mark.parametrize("said", ["我不认可这个结果", "重新处理", "这算什么答复", "对答复不满意，重新调查"])
def test_nothing_new(said: str) -> None:
    assert not tells_new_facts(normalise(said))


@pytest.mark.parametrize(
    "said", ["我不认可这个结果", "重新处理", "对处理结果不满意", "要求重新调查", "申请核查", "有新情况，要投诉"]
)
def test_dissatisfied_without_a_reason(said: str) -> None:
    assert not tells_reason(normalise(said))


@pytest.mark.parametrize("said", ["不认可，监控明明拍到没人进罐区", "结果不对，报告里的照片不是我们厂的"])
def test_dissatisfied_for_a_reason(said: str) -> None:
    assert tells_reason(normalise(said))
