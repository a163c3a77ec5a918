"""How Chinese is cut, and which pipeline is taken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from components import language
from components.language import LanguageMismatchError, kind_of, require_kind
from components.spacy_nlp import ENTITIES, WORDS, embedded, pipeline, segmenter

META = {"lang": "zh", "name": "core_web_sm", "version": "3.7.0"}


@pytest.fixture(scope="module")
def nlp() -> object:
    return pipeline("embedded")


@pytest.mark.parametrize(
    ("meta", "kind"),
    [
        (META, "zh_core_web_sm"),
        ({**META, "version": "999.9.9"}, "embedded"),
        ({**META, "lang": "en"}, "embedded"),
        ({**META, "name": "core_web_md"}, "embedded"),
        ([], "embedded"),
        ({}, "embedded"),
    ],
)
def test_only_spacys_own_model_is_taken(tmp_path: Path, meta: object, kind: str) -> None:
    (tmp_path / "meta.json").write_text(json.dumps(meta), "utf-8")
    assert kind_of(tmp_path) == kind


def test_a_squatted_package_is_refused_without_running_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "zh_core_web_sm"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit('it ran')", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert language.package_folder() == package
    assert language.present_kind() == "embedded"


def test_no_package_means_the_embedded_pipeline() -> None:
    assert kind_of(None) == "embedded"


def test_a_model_of_the_other_pipeline_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "package_folder", lambda: None)
    require_kind("embedded")
    with pytest.raises(LanguageMismatchError, match=r"zh_core_web_sm.*embedded") as refused:
        require_kind("zh_core_web_sm")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("安责险的事故预防服务包括隐患排查", ["安责险", "事故预防服务", "隐患排查"]),
        ("投保人和被保险人都能投诉", ["投保人", "被保险人", "投诉"]),
        ("老王13800000001", ["老王", "13800000001"]),
        ("保单号AZ2026000001没人管", ["AZ2026000001"]),
        ("投诉TS20261120003几个工作日答复", ["TS20261120003", "工作日", "答复"]),
    ],
)
def test_words_of_the_trade_and_numbers_are_cut_whole(nlp: object, text: str, words: list[str]) -> None:
    cut = [token.text for token in nlp(text)]  # type: ignore[operator]
    assert set(words) <= set(cut)
    assert "".join(cut) == text


def test_every_word_of_the_dictionary_is_one_word() -> None:
    cutter = segmenter()
    words = [line.split()[0] for line in WORDS.read_text("utf-8").splitlines()]
    assert len(words) == len(set(words))
    assert [word for word in words if list(cutter.cut(word, HMM=False)) != [word]] == []


def test_named_words_are_marked_inside_a_sentence(nlp: object) -> None:
    doc = nlp("今年的隐患排查和应急演练都没做")  # type: ignore[operator]
    assert [(e.label_, e.text) for e in doc.ents] == [("service_item", "隐患排查"), ("service_item", "应急演练")]


def test_named_words_have_no_doubles() -> None:
    for words in yaml.safe_load(ENTITIES.read_text("utf-8")).values():
        assert len(words) == len(set(words))


def test_spaces_never_become_tokens_of_rasa(nlp: object) -> None:
    from rasa.nlu.constants import SPACY_DOCS, TOKENS_NAMES
    from rasa.nlu.tokenizers.spacy_tokenizer import SpacyTokenizer
    from rasa.shared.nlu.constants import TEXT
    from rasa.shared.nlu.training_data.message import Message

    text = "南京  某厂 投诉"
    message = Message({TEXT: text, SPACY_DOCS[TEXT]: nlp(text)})  # type: ignore[operator]
    SpacyTokenizer(SpacyTokenizer.get_default_config()).process([message])
    tokens = message.get(TOKENS_NAMES[TEXT])
    assert all(token.text.strip() for token in tokens)
    assert [text[t.start : t.end] for t in tokens] == [t.text for t in tokens]


def test_the_segmenter_is_ours_alone() -> None:
    import jieba

    before = dict(jieba.dt.FREQ)
    assert embedded().tokenizer.jieba_seg is not jieba
    assert before == jieba.dt.FREQ
