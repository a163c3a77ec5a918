"""A question about the money is no demand for it (9.2 c)."""

import pytest

from anze.reports.words import asks


@pytest.mark.parametrize(
    "text",
    ["能把服务费退给我们吗", "服务费能不能退", "这钱可以返给我们不", "费用退不退,有规定没", "能退么?",
     "服务费能返现金不", "什么情况下能退", "能退不", "可以退吗",
     "服务费退给我们不", "费用可不可以返一点", "是不是可以把钱打给我们", "标准里怎么写的,能退吗"],
)  # fmt: skip
def test_questions(text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize(
    "text",
    ["把服务费退给我们", "服务不做了,钱打给我", "你们必须把钱退回来", "我就要退钱,打到公司账上",
     "钱不返给我我就去告你们", "别废话,服务费返给我们厂"],
)  # fmt: skip
def test_demands(text: str) -> None:
    assert not asks(text)
