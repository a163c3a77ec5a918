"""The Chinese spaCy pipeline behind Rasa's SpacyTokenizer, with the words of the trade.

Rasa finds the spaCy component of a pipeline by class name, so the class must be called SpacyNLP like Rasa's own.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import jieba
import spacy
import yaml
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.utils.spacy_utils import SpacyModel
from rasa.nlu.utils.spacy_utils import SpacyNLP as RasaSpacyNLP
from spacy.language import Language

from components.language import CORE_WEB_SM, EMBEDDED, present_kind, require_kind

DICTIONARY = Path(__file__).resolve().parents[1] / "dictionary"
WORDS = DICTIONARY / "words.txt"
ENTITIES = DICTIONARY / "entities.yml"


def segmenter() -> jieba.Tokenizer:
    """A jieba of our own: the shared one caches its tables in the world-writable temporary folder and reads them back
    with `marshal`, and every other user of jieba in the process could change its dictionary."""
    own = jieba.Tokenizer()
    own.FREQ, own.total = own.gen_pfdict(own.get_dict_file())
    own.initialized = True
    with WORDS.open("rb") as words:
        own.load_userdict(words)
    return own


def embedded() -> Language:
    """Blank Chinese with jieba; no statistical model, so nothing to download.

    The segmenter is put in by hand: named in the configuration, spaCy would start jieba's shared one first.
    """
    nlp = spacy.blank("zh")
    nlp.tokenizer.segmenter = "jieba"
    nlp.tokenizer.jieba_seg = segmenter()
    return nlp


def core_web_sm() -> Language:
    """spaCy's small Chinese model; its own segmenter learns our words, its parser is not needed."""
    nlp = spacy.load(CORE_WEB_SM, disable=["parser"])
    words = [line.split()[0] for line in WORDS.read_text("utf-8").splitlines() if line.strip()]
    nlp.tokenizer.pkuseg_update_user_dict(words)
    return nlp


def pipeline(kind: str) -> Language:
    """The pipeline of a kind, with our named words in front of any statistical recogniser."""
    nlp = embedded() if kind == EMBEDDED else core_web_sm()
    place = {"before": "ner"} if nlp.has_pipe("ner") else {}
    ruler = nlp.add_pipe("entity_ruler", config={"overwrite_ents": False}, **place)
    patterns = yaml.safe_load(ENTITIES.read_text("utf-8"))
    ruler.add_patterns([{"label": label, "pattern": word} for label, words in patterns.items() for word in words])
    return nlp


def digest() -> str:
    """Changes whenever the same text could be cut differently."""
    found = hashlib.sha256()
    for path in (WORDS, ENTITIES, Path(__file__)):
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


@DefaultV1Recipe.register(
    [DefaultV1Recipe.ComponentType.MODEL_LOADER, DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER],
    is_trainable=False,
    model_from="SpacyNLP",
)
class SpacyNLP(RasaSpacyNLP):
    """Rasa's component over our pipeline. Option `zh`: the kind the model is trained with, written by the launcher."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SpacyNLP:
        """Raises LanguageMismatchError when the model was trained with the pipeline that is not here."""
        kind = config.get("zh") or present_kind()
        require_kind(kind)
        return cls(SpacyModel(pipeline(kind), f"{kind}-{digest()}"), {**cls.get_default_config(), **config})

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """What Rasa's training cache must know besides the configuration."""
        return f"{present_kind()}-{digest()}"
