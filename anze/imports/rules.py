"""What a cell says: from what stands there to the value that is kept, or what is wrong with it. Pure."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, NamedTuple, Protocol

EMPTIED = "清空"
"""Written into a cell that is not needed: what was kept there is taken away."""
FIRST_YEAR, LAST_YEAR = 1990, 2100
MOST_CENTS = 10**13
ITEMS = "abcdefg"
SHOWN = 60
"""So many characters of what stands in a cell are shown beside what is wrong with it."""
_DIGITS_KEPT = 15
"""A number in a workbook keeps so many digits; of a longer one the last are lost"""
_SERIALS = range(20_000, 80_000)
"""Numbers that can be days (1954 to 2119); smaller ones are counts"""
_EPOCH = date(1899, 12, 30)
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WIDE = {wide: wide - 0xFEE0 for wide in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_QUOTED_FORMULA = re.compile(r'="(.*)"', re.DOTALL)
_SEPARATORS = re.compile(r"[、，,;；\n]+")
_DAY = re.compile(r"(\d{4})(?:[-/.]|年)(\d{1,2})(?:[-/.]|月)(\d{1,2})日?(?:[ T].*)?")
_COMPACT_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)")
_YES, _NO = {"是", "y", "yes", "true", "1", "有", "√"}, {"否", "n", "no", "false", "0", "无", "×"}


class Cell(NamedTuple):
    """What stands in a cell. `kind`: text, number (as in the file), day (ISO), error, formula (not reckoned)."""

    text: str
    kind: str = "text"


class WrongError(Exception):
    """A cell that cannot be taken: `code` of texts/imports.yml, `wrong` and `write`, with its fields."""

    def __init__(self, code: str, **fields: Any) -> None:
        super().__init__(code)
        self.code, self.fields = code, fields


class Asked(Protocol):
    """What a column asks of its cells; see columns.Column."""

    @property
    def value(self) -> str: ...
    @property
    def most(self) -> int | None: ...
    @property
    def min(self) -> int: ...
    @property
    def max(self) -> int: ...
    @property
    def choices(self) -> Mapping[str, str]: ...


def cleaned(text: str) -> str:
    """Words as they are kept: no control or invisible characters, one space for several, letters and digits narrow."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    text = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join(text.split()).translate(_WIDE)


def is_empty(cell: Cell | None) -> bool:
    return cell is None or (cell.kind not in {"error", "formula"} and not cleaned(cell.text))


def taken(column: Asked, cell: Cell) -> Any:
    """The value of a cell that is not empty; None: what was kept is taken away. Days as ISO, money in cents.

    Raises WrongError.
    """
    if cell.kind == "formula":
        raise WrongError("formula")
    if cell.kind == "error":
        raise WrongError("error_value")
    if cell.text.startswith("=") and (quoted := _QUOTED_FORMULA.fullmatch(cell.text)):
        cell = Cell(quoted[1])  # how some programs keep the zeros of a number in a CSV file
    if cleaned(cell.text) == EMPTIED:
        return None
    return _READERS[column.value](column, cell)


def _whole_text(cell: Cell) -> str:
    """The words of a cell; a number as its digits. Raises WrongError for a number whose last digits are lost."""
    if cell.kind != "number":
        return cell.text
    number = _decimal(cell.text)
    if number == number.to_integral_value():
        digits = f"{number:f}".partition(".")[0]
        if len(digits.lstrip("-")) > _DIGITS_KEPT:
            raise WrongError("digits_lost")
        return digits
    return cell.text


def _text(column: Asked, cell: Cell) -> str:
    text = cleaned(_whole_text(cell))
    return _short_enough(text, column)


def _short_enough(text: str, column: Asked) -> str:
    if column.most is not None and len(text) > column.most:
        raise WrongError("too_long", most=column.most, length=len(text))
    return text


def _code(column: Asked, cell: Cell) -> str:
    return _short_enough(code_of(_whole_text(cell)), column)


def code_of(text: str) -> str:
    """A number or code as it is compared: narrow, without spaces, in capitals."""
    return "".join(cleaned(unicodedata.normalize("NFKC", text)).split()).upper()


def _uscc(_: Asked, cell: Cell) -> str:
    return uscc_of(code_of(_whole_text(cell)))


def uscc_of(code: str) -> str:
    """A 统一社会信用代码 (GB 32100). Raises WrongError."""
    if len(code) != 18:
        raise WrongError("uscc_length", length=len(code))
    if any(character not in _USCC for character in code):
        raise WrongError("uscc_characters")
    total = sum(_USCC.index(character) * 3**place % 31 for place, character in enumerate(code[:17]))
    if code[17] != _USCC[-total % 31]:
        raise WrongError("uscc_check")
    return code


def _phone(_: Asked, cell: Cell) -> str:
    text = re.sub(r"[\s\-()—－]", "", unicodedata.normalize("NFKC", cleaned(_whole_text(cell))))
    text = re.sub(r"^(?:\+?86|0086)(?=1\d{10}$)", "", text)
    if not re.fullmatch(r"[0-9]{7,20}", text):
        raise WrongError("phone")
    return text


def _day(_: Asked, cell: Cell) -> str:
    if cell.kind == "number":
        number = _decimal(cell.text)
        text = f"{number:f}"
        if _COMPACT_DAY.fullmatch(text):
            return _plausible(_iso(*_COMPACT_DAY.fullmatch(text).groups()))  # type: ignore[union-attr]
        if int(number) not in _SERIALS:
            raise WrongError("day")
        return _plausible((_EPOCH + timedelta(days=int(number))).isoformat())
    text = unicodedata.normalize("NFKC", cleaned(cell.text)).replace(" ", " ")
    found = _DAY.fullmatch(re.sub(r"\s*([-/.年月])\s*", r"\1", text)) or _COMPACT_DAY.fullmatch(text)
    if found is None:
        raise WrongError("day")
    return _plausible(_iso(*found.groups()))


def _iso(year: str, month: str, day: str) -> str:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError as error:
        raise WrongError("no_such_day") from error


def _plausible(day: str) -> str:
    if not FIRST_YEAR <= int(day[:4]) <= LAST_YEAR:
        raise WrongError("day_far", first=FIRST_YEAR, last=LAST_YEAR)
    return day


def _decimal(text: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation as error:
        raise WrongError("number") from error
    if not found.is_finite() or abs(found) >= Decimal(10) ** 18:
        raise WrongError("number")
    return found


def _figure(cell: Cell, *units: str) -> Decimal:
    if cell.kind == "number":
        return _decimal(cell.text)
    text = re.sub(r"[\s,¥￥]", "", unicodedata.normalize("NFKC", cleaned(cell.text)))
    for unit in units:
        text = text.removesuffix(unit)
    return _decimal(text)


def _whole(column: Asked, cell: Cell) -> int:
    number = _figure(cell, "次", "人", "万元", "万", "年", "分")
    if number != number.to_integral_value():
        raise WrongError("not_whole")
    if not column.min <= number <= column.max:
        raise WrongError("range", min=column.min, max=column.max)
    return int(number)


def _money(_: Asked, cell: Cell) -> int:
    cents = _figure(cell, "元") * 100
    if cell.kind == "number":
        cents = round(cents, 6)  # a workbook keeps 12800.1 as 12800.099999999999
    if cents != cents.to_integral_value():
        raise WrongError("cents")
    if not 0 <= cents <= MOST_CENTS:
        raise WrongError("amount")
    return int(cents)


def _yes_no(_: Asked, cell: Cell) -> bool:
    word = cleaned(_whole_text(cell)).casefold()
    if word in _YES or word in _NO:
        return word in _YES
    raise WrongError("yes_no")


def _choice(column: Asked, cell: Cell) -> str:
    found = _by_word(tuple(column.choices.items())).get(code_of(_whole_text(cell)))
    if found is None:
        raise WrongError("choice", choices="、".join(first_of_each(column.choices)))
    return found


@cache
def _by_word(choices: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """What is kept, by the words that mean it and by its own name."""
    return {code_of(kept): kept for _, kept in choices} | {code_of(said): kept for said, kept in choices}


def first_of_each(choices: Mapping[str, str]) -> list[str]:
    """For each value the first of the words that mean it: what to write."""
    words: dict[str, str] = {}
    for said, kept in choices.items():
        words.setdefault(kept, said)
    return list(words.values())


def _letters(_: Asked, cell: Cell) -> str:
    letters = set(_SEPARATORS.sub("", code_of(_whole_text(cell)).lower()))
    if not letters or not letters <= set(ITEMS):
        raise WrongError("letters")
    return "".join(sorted(letters))


def _several(cell: Cell) -> list[str]:
    parts = [cleaned(part) for part in _SEPARATORS.split(_whole_text(cell))]
    return list(dict.fromkeys(part for part in parts if part))


def _codes(_: Asked, cell: Cell) -> list[str]:
    found = [uscc_of(code_of(part)) for part in _several(cell)]
    if not found:
        raise WrongError("empty")
    return sorted(set(found))


def _names(column: Asked, cell: Cell) -> list[str]:
    found = [_short_enough(name, column) for name in _several(cell)]
    if not found:
        raise WrongError("empty")
    return found


_READERS: Mapping[str, Callable[[Any, Cell], Any]] = {
    "text": _text,
    "code": _code,
    "uscc": _uscc,
    "phone": _phone,
    "day": _day,
    "whole": _whole,
    "money": _money,
    "yes_no": _yes_no,
    "choice": _choice,
    "letters": _letters,
    "codes": _codes,
    "names": _names,
}


def key_of(names: Sequence[str], values: Mapping[str, Any]) -> str:
    """What a row is known by, as one text."""
    return "|".join(str(values[name]) for name in names)
