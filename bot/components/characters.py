"""Pieces of one to four characters of the whole text, counted: what remains of a word that is typed or cut differently.

Rasa's own counts are taken within words; across them (没人来, 来过吗) Chinese says as much as inside.
"""

from __future__ import annotations

import json
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import CountVectorizer

_FILE = "vocabulary.json"
_DIGITS = str.maketrans("123456789", "0" * 9)
"""Which number it is says nothing of what is meant"""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class CharacterFeaturizer(SparseFeaturizer, GraphComponent):
    """One sparse feature of the whole text; none for single words."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`max_ngram`: characters of the longest piece; `min_df`: a piece of fewer examples teaches nothing."""
        return {**SparseFeaturizer.get_default_config(), "max_ngram": 4, "min_df": 2}

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, name: str) -> None:
        super().__init__(name, config)
        self._storage = model_storage
        self._resource = resource
        self._counts = self._counter(None)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> CharacterFeaturizer:
        return cls(config, model_storage, resource, execution_context.node_name)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> CharacterFeaturizer:
        """With the pieces of the training."""
        loaded = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            loaded._counts = loaded._counter(json.loads((folder / _FILE).read_text("utf-8")))
        return loaded

    def train(self, training_data: TrainingData) -> Resource:
        """Learn which pieces there are."""
        self._counts.fit([_plain(m) for m in training_data.training_examples if m.get(TEXT)])
        pieces = sorted(self._counts.vocabulary_, key=self._counts.vocabulary_.get)
        with self._storage.write_to(self._resource) as folder:
            (folder / _FILE).write_text(json.dumps(pieces, ensure_ascii=False), "utf-8")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        told = [m for m in messages if m.get(TEXT)]
        if told:
            counted = self._counts.transform([_plain(m) for m in told])
            for number, message in enumerate(told):
                row = counted[number].tocoo()
                message.add_features(Features(row, FEATURE_TYPE_SENTENCE, TEXT, self._identifier))
        return messages

    def _counter(self, pieces: list[str] | None) -> CountVectorizer:
        longest, rarest = self._config["max_ngram"], self._config["min_df"]
        return CountVectorizer(analyzer="char", ngram_range=(1, longest), min_df=rarest, vocabulary=pieces)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing that could be wrong."""


def _plain(message: Message) -> str:
    text: str = message.get(TEXT)
    return text.translate(_DIGITS)
