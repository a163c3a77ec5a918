"""A text cut into messages of at most 2048 bytes (文本消息的上限), at the ends of lines or sentences. Pure."""

import re

MOST_BYTES = 2048
MOST_PARTS = 5
"""Customer-service messages after one message of the user's"""
_SENTENCE = re.compile(r"(?<=[。！？；!?;\n])")
_CLAUSE = re.compile(r"(?<=[，、,：: ])")


def parts(text: str, most: int = MOST_BYTES) -> list[str]:
    """Joined they are the text, but for white space at the cuts. At least one; none is empty unless the text is."""
    done, current = [], ""
    for piece in _pieces(text.strip(), most):
        if current and size(current) + size(piece) > most:
            done.append(current.strip())
            current = piece.lstrip()
        else:
            current += piece
    return [part for part in [*done, current.strip()] if part] or [""]


def size(text: str) -> int:
    """Bytes in UTF-8."""
    return len(text.encode())


def few(text: str, more: str, most_parts: int = MOST_PARTS) -> list[str]:
    """At most so many parts; the last one then ends with `more`, which says where the rest is."""
    found = parts(text)
    if len(found) <= most_parts:
        return found
    kept, last = found[: most_parts - 1], found[most_parts - 1]
    room = MOST_BYTES - size(more) - 1
    return [*kept, f"{parts(last, room)[0]}\n{more}"]


def _pieces(text: str, most: int) -> list[str]:
    """Pieces none of which is too large: sentences, else clauses, else characters."""
    found = []
    for sentence in _SENTENCE.split(text):
        if size(sentence) <= most:
            found.append(sentence)
            continue
        for clause in _CLAUSE.split(sentence):
            found += [clause] if size(clause) <= most else _characters(clause, most)
    return found


def _characters(text: str, most: int) -> list[str]:
    found, current, taken = [], "", 0
    for character in text:
        width = size(character)
        if taken + width > most:
            found.append(current)
            current, taken = "", 0
        current, taken = current + character, taken + width
    return [*found, current]
