"""Kinds of text that a request may hold: whatever a column could not keep is refused before it gets near one."""

from typing import Annotated

from pydantic import StringConstraints

_NO_NUL = r"^[^\x00]*$"

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=_NO_NUL)]
"""A name, a number, a code."""
Token = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_NO_NUL)]
"""An opaque id that a client made or got from us."""
Prose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=_NO_NUL)]
Remark = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300, pattern=_NO_NUL)]
"""A sentence or two, beside what it is about."""
Text = Annotated[str, StringConstraints(strip_whitespace=True, pattern=_NO_NUL)]
"""May be empty; whoever uses it says how long it may be."""
Reply = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000, pattern=_NO_NUL)]
PolicyNo = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=_NO_NUL)]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9]{7,20}$")]
