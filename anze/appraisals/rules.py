"""The result of an appraisal of a provider (考核评价, 8.1). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml

BEST = 100


class Content(StrEnum):
    """委托服务履约情况 · 服务管理 · 服务质量 · 服务效果 · 被保险人评价 (8.1)."""

    PERFORMANCE = "performance"
    MANAGEMENT = "management"
    QUALITY = "quality"
    EFFECT = "effect"
    RATING = "rating"


class Source(StrEnum):
    """Where an improvement comes from (8.2): 考核评价结果 · 主管部门监督检查 · 其他."""

    APPRAISAL = "appraisal"
    REGULATOR = "regulator"
    OTHER = "other"


@dataclass(frozen=True)
class Scale:
    """`weights` by content, in per cent; `passes`: the total from which an appraisal is passed."""

    weights: Mapping[Content, int]
    passes: int


@cache
def scale() -> Scale:
    """The insurer's own figures, as the standard gives none."""
    loaded = yaml.safe_load(Path(__file__).with_name("scale.yml").read_text(encoding="utf-8"))
    weights = {Content(name): int(weight) for name, weight in loaded["contents"].items()}
    if set(weights) != set(Content) or sum(weights.values()) != BEST:
        raise ValueError("scale.yml: five weights that add up to 100")
    return Scale(weights, int(loaded["pass"]))


def total(scores: Mapping[Content, int], by: Scale) -> int:
    """The weighted mean of five scores of 0–100, rounded down to whole points."""
    return sum(scores[content] * weight for content, weight in by.weights.items()) // BEST


def suggested_rating(marks: int, count: int) -> int | None:
    """The insureds' marks of 1–5 (their sum) as a score of 0–100; None without a mark."""
    return None if count == 0 else (marks - count) * BEST // (4 * count)
