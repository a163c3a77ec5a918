"""Every sentence of the draft's body and annexes lies in exactly one place of the knowledge, by position."""

import re
from collections import Counter

from anze.standard.editions import load

BODY_STARTS = "\n范围\n"
BODY_ENDS = re.compile(r"\n参\s*考\s*文\s*献\n")


def _body() -> tuple[str, int]:
    source = load().source
    start = source.index(BODY_STARTS) + 1
    end = BODY_ENDS.search(source)
    assert end
    return source[start : end.start()], start


def _spans() -> list[tuple[int, int]]:
    """Where each passage lies in the body, found from the end of the one before it."""
    body, _ = _body()
    spans, cursor = [], 0
    for passage in load().passages:
        start = body.find(passage.text, cursor)
        assert start >= 0, f"not in printed order or not verbatim: {passage}"
        spans.append((start, start + len(passage.text)))
        cursor = start + len(passage.text)
    return spans


def test_no_gap_and_no_overlap() -> None:
    body, _ = _body()
    covered = Counter(at for start, end in _spans() for at in range(start, end))
    assert max(covered.values()) == 1
    missing = [at for at, char in enumerate(body) if not char.isspace() and at not in covered]
    assert not missing, body[missing[0] - 20 : missing[0] + 20]


def test_every_occurrence_of_a_sentence_lies_in_one_passage() -> None:
    body, _ = _body()
    spans = _spans()
    sentences = list(re.finditer(r"[^。；\n]+[。；]?", body))
    assert len(sentences) > 150
    for found in sentences:
        text = found[0]
        start = found.start() + len(text) - len(text.lstrip())
        end = found.start() + len(text.rstrip())
        if start >= end:
            continue
        touching = [span for span in spans if span[0] < end and start < span[1]]
        # Two kinds of printed line are two passages: a term's Chinese and English name, and the number of the notes.
        inside = [span for span in touching if span[0] <= start and end <= span[1]]
        names = len(touching) == 2 and re.fullmatch(r"[一-鿿]+[a-zA-Z][a-zA-Z -]+|A\.2[一-鿿]+填写说明。", text.strip())
        assert len(inside) == 1 or names, text


def test_a_line_printed_six_times_is_six_passages() -> None:
    assert sum(p.text == "服务项目实际支出金额。" for p in load().passages) == 6
    assert sum(p.text == "安全生产宣传教育培训" for p in load().passages) == 1


def test_annex_b_by_item() -> None:
    known = load()
    codes = {letter: [p.code for p in known.archive_items(letter)] for letter in "abcdefg"}
    assert codes == {
        "a": ["a1", "a2", "a3"],
        "b": ["b1", "b2"],
        "c": ["c1", "c2"],
        "d": ["d1", "d2"],
        "e": ["e1", "e2", "e3", "e4"],
        "f": ["f1", "f2"],
        "g": [],
    }


def test_plan_template() -> None:
    known = load()
    assert known.plan_template("cover_field") == ("被保险人：", "保险机构：", "服务机构：", "保单号：")
    assert known.plan_template("section") == (
        "一、企业概况",
        "二、服务内容",
        "三、服务流程与时间安排",
        "四、预期目标",
        "五、服务保障",
    )
    assert known.plan_template("column") == ("序号", "服务项目", "服务时间和频次")
