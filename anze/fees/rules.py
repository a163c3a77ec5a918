"""What the ledger refuses or holds, and the spend ratio. Pure: facts come in, a code comes out."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from anze.conversations.normalise import normalise
from anze.fees.kinds import Held, Purpose

MOST_CENTS = 10**13
BASIS_POINTS = 10_000
_USCC = re.compile(r"[0-9A-Z]{18}")


def plain_name(name: str) -> str:
    """A firm's name as it is compared: width, case, traditional characters and whatever is no letter or digit (spaces,
    brackets, marks, what has no width) make no other firm."""
    return normalise("".join(filter(str.isalnum, unicodedata.normalize("NFKC", name)))).casefold()


def plain_code(typed: str) -> str | None:
    """A unified social credit code as it is kept and compared; None for what is none."""
    code = "".join(unicodedata.normalize("NFKC", typed).split()).upper()
    return code if _USCC.fullmatch(code) else None


@dataclass(frozen=True)
class Payment:
    """What one entry is about. `service_of`: policy and provider of the service behind it, when there is one;
    `support_approved` None: no support item is named."""

    amount_cents: int
    purpose: Purpose
    payee: str
    payee_uscc: str | None
    provider_id: int | None
    policy_id: int
    note: str
    service_of: tuple[int, int | None, str] | None
    """(policy, provider, status)"""
    support_approved: bool | None


@dataclass(frozen=True)
class Parties:
    """Names (plain) and codes of applicants and insureds, and of firms related to one of them."""

    names: Collection[str]
    codes: Collection[str]
    related_names: Collection[str] = ()
    related_codes: Collection[str] = ()


def refusal(payment: Payment, parties: Parties, not_allowed: Collection[str]) -> str | None:
    """Why an entry cannot be made: fee_amount, fee_returned, fee_purpose, fee_no_service, fee_no_support,
    fee_service_other, fee_service_open; None when it can (7.3)."""
    if not 0 < payment.amount_cents <= MOST_CENTS:
        return "fee_amount"
    if plain_name(payment.payee) in parties.names or (payment.payee_uscc or "") in parties.codes:
        return "fee_returned"
    if any(word in payment.note for word in not_allowed):
        return "fee_purpose"
    return _nothing_behind(payment)


def _nothing_behind(payment: Payment) -> str | None:
    if payment.purpose is Purpose.SUPPORT:
        return None if payment.support_approved else "fee_no_support"
    if payment.service_of is None:
        return "fee_no_service"
    policy_id, _, status = payment.service_of
    if policy_id != payment.policy_id:
        return "fee_service_other"
    return None if status == "completed" else "fee_service_open"


def held(payment: Payment, parties: Parties) -> Held | None:
    """Why a person must look at it before it counts."""
    if plain_name(payment.payee) in parties.related_names or (payment.payee_uscc or "") in parties.related_codes:
        return Held.RELATED
    if payment.service_of is not None and payment.service_of[1] != payment.provider_id:
        return Held.OTHER_PROVIDER
    return None


def reaches(spent_cents: int, premium_cents: int, ratio_bp: int) -> bool:
    """Whether spending is at least so many basis points of the premium; exact, without a division."""
    return spent_cents * BASIS_POINTS >= premium_cents * ratio_bp


def share(cents: int, part: int, whole: int) -> int:
    """What of an amount belongs to `part` of `whole` insureds, in whole cents."""
    return cents * part // whole


_AMOUNT = re.compile(r"[¥￥]?(\d{1,13})(?:\.(\d{1,2}))?(万)?元?")
_GROUPED = re.compile(r"(?<=\d)[,，](?=\d{3})")


def cents_of(typed: str) -> int | None:
    """1,234.5, ￥1234.50元, 1.2万 in cents; None for anything else."""
    found = _AMOUNT.fullmatch(_GROUPED.sub("", re.sub(r"\s", "", unicodedata.normalize("NFKC", typed))))
    if found is None:
        return None
    whole, part, ten_thousand = found.groups()
    cents = int(whole) * 100 + int((part or "").ljust(2, "0"))
    return cents * 10_000 if ten_thousand else cents
