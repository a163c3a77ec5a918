"""What the ledger refuses and holds, amounts as they are typed, and the ratio (7.3)."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anze.fees import sums
from anze.fees.kinds import Held, Purpose
from anze.fees.ledger import not_allowed
from anze.fees.rules import Parties, Payment, cents_of, held, plain_name, reaches, refusal, share

PAID = Payment(
    amount_cents=100_00, purpose=Purpose.SERVICE, payee="南京安衡技术服务有限公司", payee_uscc="91320100MA1AAAAA1X",
    provider_id=4, policy_id=7, note="隐患排查服务费", service_of=(7, 4, "completed"), support_approved=None,
)  # fmt: skip
KNOWN = Parties(
    {plain_name("南京安屿化工有限公司")}, {"91320100MA1FIRM01X"}, {plain_name("宏达咨询（南京）有限公司")}, {"R"}
)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, None),
        ({"amount_cents": 0}, "fee_amount"),
        ({"amount_cents": -5}, "fee_amount"),
        ({"amount_cents": 10**14}, "fee_amount"),
        ({"payee": " 南京安屿化工 有限公司　"}, "fee_returned"),
        ({"payee": "南京安屿化工有限公司."}, "fee_returned"),
        ({"payee_uscc": "91320100MA1FIRM01X"}, "fee_returned"),
        ({"note": "客户答谢宴请"}, "fee_purpose"),
        ({"note": "按保费返还两个点"}, "fee_purpose"),
        ({"service_of": None}, "fee_no_service"),
        ({"service_of": (8, 4, "completed")}, "fee_service_other"),
        ({"service_of": (7, 4, "dispatched")}, "fee_service_open"),
        ({"purpose": Purpose.SUPPORT, "service_of": None}, "fee_no_support"),
        ({"purpose": Purpose.SUPPORT, "service_of": None, "support_approved": False}, "fee_no_support"),
        ({"purpose": Purpose.SUPPORT, "service_of": None, "support_approved": True}, None),
    ],
)
def test_what_the_standard_forbids_is_refused(changed: dict[str, object], code: str | None) -> None:
    assert refusal(replace(PAID, **changed), KNOWN, not_allowed()) == code  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, None),
        ({"payee": "宏达咨询(南京)有限公司"}, Held.RELATED),
        ({"payee_uscc": "R"}, Held.RELATED),
        ({"provider_id": 5}, Held.OTHER_PROVIDER),
        ({"provider_id": None}, Held.OTHER_PROVIDER),
        ({"purpose": Purpose.SUPPORT, "service_of": None, "provider_id": None}, None),
    ],
)
def test_what_a_person_must_look_at(changed: dict[str, object], why: Held | None) -> None:
    assert held(replace(PAID, **changed), KNOWN) is why  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("1234.5", 123450), ("1,234.50", 123450), ("￥1 234.50元", 123450), ("１２３４", 123400), ("1.2万", 1200000),
        ("0", 0), ("", None), ("-5", None), ("1.234", None), ("一千", None), ("1,23", None), ("=1+1", None),
    ],
)  # fmt: skip
def test_amounts_as_they_are_typed(typed: str, cents: int | None) -> None:
    assert cents_of(typed) == cents


@given(st.integers(0, 10**12), st.integers(1, 10**12), st.integers(1, 10_000))
def test_the_ratio_is_exact(spent: int, premium: int, target: int) -> None:
    assert reaches(spent, premium, target) == (Fraction(spent, premium) >= Fraction(target, 10_000))


@given(st.integers(0, 10**14), st.integers(1, 10**14), st.integers(1, 10_000))
def test_what_is_needed_is_the_least_that_reaches(spent: int, premium: int, target: int) -> None:
    assert (spent >= sums.needed(premium, target)) == reaches(spent, premium, target)
    assert sums.basis_points(spent, premium) == spent * 10_000 // premium


@given(st.integers(0, 10**14), st.integers(1, 2000), st.integers(1, 2000))
def test_a_share_without_the_large_product_is_the_same(cents: int, part: int, more: int) -> None:
    whole = part + more
    assert sums._share(cents, part, whole) == share(cents, part, whole)


@given(st.integers(0, 10**12), st.lists(st.integers(1, 9), min_size=1, max_size=5))
def test_shares_lose_less_than_a_cent_each(cents: int, parts: list[int]) -> None:
    found = [share(cents, part, sum(parts)) for part in parts]
    assert 0 <= cents - sum(found) < len(parts)
