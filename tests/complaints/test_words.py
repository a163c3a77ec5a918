"""What is read from the words of a complaint."""

import pytest

from anze.complaints.words import find_policy_no, names_firm, tells_story
from anze.contacts import Contact, find_contact
from anze.conversations.normalise import normalise


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("王建国 13800000000", Contact("13800000000", "王建国")),
        ("AZ2026000001 13800000000", Contact("13800000000", None)),
        ("AZ2026000001，手机138-0000-0000", Contact("13800000000", None)),
        ("138 0000 0000 老王", Contact("13800000000", "老王")),
        ("小顾，一三九一二三零零七七八", Contact("13912300778", "小顾")),
        ("１３８００００００００", Contact("13800000000", None)),
        ("025-86001234 张工", Contact("02586001234", "张工")),
        ("小侯 1385234567", None),
        ("TS20261123001", None),
        ("一二三四五六七八", None),
        ("不方便", None),
    ],
)
def test_a_phone_and_the_name_beside_it(said: str, found: Contact | None) -> None:
    assert find_contact(normalise(said)) == found


@pytest.mark.parametrize("said", ["江苏永盛", "镇江丹徒那个永盛铸钢厂", "AZ2026000001", "az2026000001"])
def test_a_firm_or_a_policy_number(said: str) -> None:
    assert names_firm(said)


@pytest.mark.parametrize("said", ["啊？", "……", "额额额额", "1111", "asdfgh", "😡😡", "嗯"])
def test_no_firm(said: str) -> None:
    assert not names_firm(normalise(said))


@pytest.mark.parametrize("said", ["我想补充一点情况", "我要补充材料", "补充证据", "我要投诉", "反映个情况"])
def test_who_only_announces_has_told_nothing(said: str) -> None:
    assert not tells_story(normalise(said))


@pytest.mark.parametrize("said", ["来的人态度不好", "补充一下，他们走的时候没关阀门", "我要投诉，培训一次没做"])
def test_a_story_behind_the_announcement_is_told(said: str) -> None:
    assert tells_story(normalise(said))


def test_a_policy_number_is_found_in_a_sentence() -> None:
    assert find_policy_no("保单号是az2026000001，") == "AZ2026000001"
    assert find_policy_no("TS20261123001X") is None
