"""The way to the other pages of a list."""

from collections.abc import Awaitable, Callable
from math import ceil

from anze.console.frame import button
from anze.console.html import tag
from anze.console.visit import Visit
from anze.console.words import say


def pages(total: int, size: int) -> int:
    """How many pages there are; an empty list has one."""
    return max(1, ceil(total / size))


def pager(visit: Visit, page: int, total: int, size: int, again: Callable[[int], Awaitable[None]]) -> None:
    """Which page it is, and the one before and behind; nothing where one page holds all. `again` shows a page."""
    last = pages(total, size)
    if last == 1:
        return
    with tag("div", classes="pages"):
        if page > 1:
            button(say("queue.previous"), visit, lambda: again(page - 1))
        tag("span", say("queue.page", page=page, pages=last))
        if page < last:
            button(say("queue.next"), visit, lambda: again(page + 1))
