"""Rasa's agent for stateless turns: an action that fails ends the turn instead of being passed over."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import jsonschema
from rasa.core.actions.action import Action, ActionExecutionRejection, RemoteAction
from rasa.core.agent import Agent
from rasa.core.processor import MessageProcessor

from components.failure import TurnFailed

logger = logging.getLogger(__name__)

_RESULT = jsonschema.Draft7Validator(RemoteAction.action_response_format_spec())


def _validate_action_result(self: RemoteAction, result: Any) -> bool:
    """Rasa compiles this schema anew at every action call, which costs more than the call (15 ms)."""
    if not _RESULT.is_valid(result):
        raise TurnFailed("action_result_invalid", self.name())
    return True


RemoteAction._validate_action_result = _validate_action_result


class TurnProcessor(MessageProcessor):
    """Runs the policies and actions of one turn."""

    async def _run_action(self, action: Action, *args: Any, **kwargs: Any) -> bool:
        run = action.run

        async def run_or_fail(*run_args: Any, **run_kwargs: Any) -> Any:
            try:
                return await run(*run_args, **run_kwargs)
            except ActionExecutionRejection:
                raise
            except Exception as error:
                raise TurnFailed("action_failed", f"{action.name()}: {type(error).__name__}") from None

        action.run = run_or_fail
        return await super()._run_action(action, *args, **kwargs)


def _stop_circling(*_: Any) -> None:
    raise TurnFailed("too_many_actions")


class TurnAgent(Agent):
    """Loads the model into our processor. Loading errors are raised, where Rasa would serve without a model."""

    def load_model(self, model_path: str | Path, fingerprint: str | None = None) -> None:
        self.processor = TurnProcessor(
            model_path=model_path,
            tracker_store=self.tracker_store,
            lock_store=self.lock_store,
            action_endpoint=self.action_endpoint,
            generator=self.nlg,
            on_circuit_break=_stop_circling,
        )
        self.domain = self.processor.domain
        self.tracker_store.domain = self.domain
        self.nlg.responses = self.domain.responses
        self._set_fingerprint(fingerprint)
