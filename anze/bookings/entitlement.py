"""What the contract still gives an insured of a service item on a day. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from anze.bookings.rules import Use, used
from anze.policies.rules import Contract


@dataclass(frozen=True)
class Claim:
    """Under which contract a service on a day is given, and how many of the policy year are left before it.

    `problem` (then there is no contract): no_policy, not_in_contract, used_up.
    """

    contract: Contract | None = None
    promised: int = 0
    left: int = 0
    problem: str | None = None


def claim(contracts: Sequence[Contract], uses: Sequence[Use], item: str, day: date) -> Claim:
    """The first contract in force that day that promises the item and has some left in that policy year."""
    covering = [contract for contract in contracts if contract.covers(day)]
    if not covering:
        return Claim(problem="no_policy")
    promising = [contract for contract in covering if contract.promised.get(item, 0) > 0]
    if not promising:
        return Claim(problem="not_in_contract")
    for contract in promising:
        year = contract.year(day)
        if year is None:
            continue
        left = contract.promised[item] - used(uses, contract.policy_id, year.from_on, year.to_on)
        if left > 0:
            return Claim(contract, contract.promised[item], left)
    return Claim(problem="used_up")
