"""What the contracts promise of each service item in a policy year: enough, used up, or nothing."""

from anze.demo.policies import FIXED
from anze.demo.world import World, dice
from anze.policies.models import Policy, PromisedService

_FIXED = ({"a": 2, "b": 1, "c": 1, "d": 2, "e": 1}, {"a": 1, "c": 1, "d": 2, "e": 1}, {"a": 2, "b": 1, "d": 2, "e": 1})
"""Of the three fixed customers. The first has one more hazard check, no drill left, and nothing of f) and g)."""
_SOMETIMES = {"b": 0.6, "c": 0.25, "e": 0.5, "f": 0.15}


def add_promised(world: World) -> None:
    """Every policy: trainings and hazard checks, and some of the rest."""
    rng = dice("promised")
    fixed = dict(zip(FIXED, _FIXED, strict=True))
    for policy in world.rows[Policy]:
        items = {"a": rng.choice([1, 1, 2]), "d": rng.choice([1, 2, 2])}
        items |= {item: 1 for item, share in _SOMETIMES.items() if rng.random() < share}
        for item, per_year in sorted(fixed.get(policy["number"], items).items()):
            world.add(PromisedService, policy_id=policy["id"], item=item, per_year=per_year)
