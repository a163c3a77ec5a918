"""The bot's words (endpoints.yml: `nlg`): the same words for the same turn, and never a sentence with a hole in it."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from rasa.core.nlg.generator import ResponseVariationFilter
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from components.failure import TurnFailed

_FIELD = re.compile(r"{([^\n{}]+?)}")
_FILLED = ("text", "buttons", "custom")
_MAY_BE_MISSING = {"utter_default", "utter_restart", "utter_back"}
"""Rasa utters these by itself when they exist."""


class TurnResponses(TemplatedNaturalLanguageGenerator):
    """Responses of the domain; a variation is chosen by the turn's id, so a replayed turn says the same."""

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:
        super().__init__(domain.responses)

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **fields: Any
    ) -> dict[str, Any] | None:
        """The message of a response, its fields filled from `fields`, else from slots.

        Raises TurnFailed(`response_missing`) for an unknown name, TurnFailed(`response_incomplete`) for a field that
        nobody gave.
        """
        slots = tracker.current_slot_values()
        fitting = (
            ResponseVariationFilter(self.responses).responses_for_utter_action(utter_action, output_channel, slots)
            if utter_action in self.responses
            else []
        )
        if not fitting:
            if utter_action in _MAY_BE_MISSING:
                return None
            raise TurnFailed("response_missing", utter_action)
        chosen = fitting[variation(tracker.sender_id, utter_action, len(fitting))]
        values = {**slots, **{name: value for name, value in fields.items() if value is not None}}
        try:
            return {part: fill(content, values) if part in _FILLED else content for part, content in chosen.items()}
        except KeyError as missing:
            raise TurnFailed("response_incomplete", f"{utter_action}: {missing.args[0]}") from None


def variation(turn_id: str, utter_action: str, count: int) -> int:
    """Which of `count` variations this turn says, 0 to count - 1."""
    return int.from_bytes(hashlib.sha256(f"{turn_id}\n{utter_action}".encode()).digest()[:8], "big") % count


def fill(content: Any, values: dict[str, Any]) -> Any:
    """A copy of a response's part with `{name}` replaced. Raises KeyError for a name without a value.

    Rasa's own interpolation breaks on a value that contains `0[`, and prints a missing field as it stands.
    """
    if isinstance(content, dict):
        return {key: fill(value, values) for key, value in content.items()}
    if isinstance(content, list):
        return [fill(item, values) for item in content]
    if not isinstance(content, str):
        return content

    def value_of(match: re.Match[str]) -> str:
        value = values.get(match[1])
        if value is None:
            raise KeyError(match[1])
        return str(value)

    return _FIELD.sub(value_of, content)
