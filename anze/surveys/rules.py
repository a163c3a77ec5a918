"""Satisfaction (满意度) and opinion (具体意见, 6.3): what words hold of them, when a follow-up is done. Pure."""

import re
from datetime import date

from anze.surveys.kinds import SurveyStatus

LOW = 2
"""Marks up to this offer a complaint, and weigh in the provider's appraisal (8.1)."""
_DIGIT = {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5}
_POINTS = re.compile(
    # 5分, 五颗星; not 15分, 4.5分, 十五分, 百分之五, 五分钟, 三分之一.
    r"(?<![\d.．十百第])([1-5一二两三四五])(?:分|颗?星)(?![钟之\d])"
)
_FULL = re.compile(r"满分")
_SATISFIED = re.compile(r"(?P<not>(?:没有?|并?不是)?)(?P<how>[^，。！？,.!?;；\s]{0,4}?)(?P<no>不太?|不怎么)?满意")
_STRONG = re.compile(r"(很|非常|十分|特别|相当|超|太|极其|完全|最|挺)$")
_AVERAGE = re.compile(r"(?<!不)一般般?|马马虎虎|凑合")
_BARE = re.compile(r"[1-5一二三四五]")
_FILLER = re.compile(
    r"(?:我们?)?(?:要|想|来|去哪|怎么)?(?:做个?)?(?:评价|打分|评分|评一下|回访)(?:一下)?|"  # 我要评价 announces one
    r"我们?|给个?|打个?|评个?|算|就|总体|整体|总的来说|感觉|觉得|还是|这次|本次|服务|他们|对|的话?|吧|了|啊|呢|哈|哦|嗯|的|"
    r"谢谢|感谢|辛苦|比较|还算|挺|很|非常|十分|特别|相当|不太?|不怎么|改成?|应该是?|是"
)
_NOT_WORDS = re.compile(r"[\W_]+")


def marks_in(text: str) -> set[int]:
    """The marks that a normalised text names, 1 to 5: figures (5分, 五星, 满分), or 很满意 … 很不满意, 一般.

    Several: the words contradict each other and tell no mark. Figures, where there are any, are what is meant.
    """
    if _BARE.fullmatch(text.strip()):
        return {_DIGIT[text.strip()]}
    figures = {_DIGIT[found[1]] for found in _POINTS.finditer(text)} | ({5} if _FULL.search(text) else set())
    if figures:
        return figures
    found: set[int] = set()
    for said in _SATISFIED.finditer(text):
        found |= _satisfied(said)
    return found | ({3} if _AVERAGE.search(text) else set())


def _satisfied(said: re.Match[str]) -> set[int]:
    strong = _STRONG.search(said["how"]) is not None
    if said["no"]:
        # 没有不满意 says only what it is not.
        return set() if said["not"] else {1 if strong else 2}
    if said["not"]:
        return {2}
    return {5 if strong else 4}


def figure_in(text: str) -> int | None:
    """The one mark that a text names in figures; words like 满意 in an opinion change no mark."""
    figures = {_DIGIT[found[1]] for found in _POINTS.finditer(text)}
    return figures.pop() if len(figures) == 1 else None


def says_opinion(text: str) -> bool:
    """Whether a normalised text holds more than a mark: 没意见 does, 给个4分吧 does not."""
    if _BARE.fullmatch(text.strip()):
        return False
    rest = _POINTS.sub("", _FULL.sub("", text))
    rest = _FILLER.sub("", _AVERAGE.sub("", rest)).replace("满意", "")
    return len(_NOT_WORDS.sub("", rest)) >= 2


def status_of(status: SurveyStatus, mark: int | None, opinion: str | None) -> SurveyStatus:
    """Where a follow-up stands with what it holds: done with both only; a bare mark stays MARKED."""
    if mark is not None and (opinion or "").strip():
        return SurveyStatus.DONE
    if mark is not None:
        return SurveyStatus.MARKED
    return status


def is_low(mark: int | None) -> bool:
    return mark is not None and mark <= LOW


def overdue(status: SurveyStatus, due_on: date, done_on: date | None, today: date) -> bool:
    """Whether the follow-up was not, or not in time, carried out (6.3); the last day still counts."""
    return (done_on or today) > due_on if status == SurveyStatus.DONE else today > due_on


def may_correct(due_on: date, today: date) -> bool:
    """A mark can be corrected until the term is over."""
    return today <= due_on
