"""What a complainant can do, by the name under which actions and sweeps know it. Each use case takes an open session
and the turn, never commits, returns plain data."""

from anze.complaints.drafting import (
    add_to_story,
    answer_question,
    draft_view,
    drop,
    firms_to_choose,
    open_draft,
)
from anze.complaints.filing import UNFINISHED_FOR, hand_over_stale, submit
from anze.complaints.following import add_files, open_numbers, status, supplement, withdraw
from anze.complaints.representing import set_agent, set_group

__all__ = [
    "UNFINISHED_FOR",
    "add_files",
    "add_to_story",
    "answer_question",
    "draft_view",
    "drop",
    "firms_to_choose",
    "hand_over_stale",
    "open_draft",
    "open_numbers",
    "set_agent",
    "set_group",
    "status",
    "submit",
    "supplement",
    "withdraw",
]
