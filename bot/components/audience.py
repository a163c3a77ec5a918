"""Whose words a text may be: intents of another audience are no reading of it. The lists are `bot/audiences.yml`."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.message import Message

PUBLIC, STAFF = "public", "staff"
AUDIENCES = (PUBLIC, STAFF)
AUDIENCE = "audience"
"""The name under which a message's metadata and a turn's slots hold it."""

LEFT_AT_LEAST = 0.05
"""Of all confidence. Words that are more plainly another audience's than this are asked back: 预约帮我撤了, said by a
colleague, would else be taken for the likeliest of small talk."""
_TOLD = 10
"""So many guesses leave the reading: nobody looks further down."""
_DATA = Path(__file__).resolve().parents[1] / "audiences.yml"


def read_lists(data: dict[str, list[str]]) -> list[tuple[str, str]]:
    """(pattern, audience) in the order of the file. Raises ValueError for an audience that does not exist."""
    if unknown := data.keys() - set(AUDIENCES):
        raise ValueError(f"no such audience: {', '.join(sorted(unknown))}")
    return [(pattern, audience) for audience, patterns in data.items() for pattern in patterns]


LISTS = read_lists(yaml.safe_load(_DATA.read_text("utf-8")))


def may_mean(audience: str, intent: str, lists: list[tuple[str, str]] = LISTS) -> bool:
    """Whether words of this audience may mean this intent."""
    return next((owner for pattern, owner in lists if fnmatchcase(intent, pattern)), audience) == audience


def among(audience: str, ranking: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The guesses that the audience may mean, their confidences adding up to 1 again: what the classifier would have
    said had it known no others. Where next to nothing is left they stay as they are, below every threshold."""
    kept = [guess for guess in ranking if may_mean(audience, guess["name"])]
    left = sum(guess["confidence"] for guess in kept)
    return [{**guess, "confidence": guess["confidence"] / left} for guess in kept] if left >= LEFT_AT_LEAST else kept


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class AudienceFilter(GraphComponent):
    """Stands between the classifier, which ranks every intent, and the thresholds of the fallback.

    The message's metadata say who speaks; whoever is not named is the public.
    """

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, context: ExecutionContext
    ) -> AudienceFilter:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            audience = (message.get("metadata") or {}).get(AUDIENCE, PUBLIC)
            ranking = among(audience, message.get(INTENT_RANKING_KEY) or [])
            if ranking:
                message.set(INTENT_RANKING_KEY, ranking[:_TOLD], add_to_output=True)
                message.set(INTENT, {**message.get(INTENT), **ranking[0]}, add_to_output=True)
        return messages
