"""Passwords: checked and hashed (slow on purpose), made for somebody's first sign-in, compared with common ones."""

import secrets
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

_HASHER = PasswordHasher()
NOBODY = _HASHER.hash("nobody has this password")
"""For an unknown name a hash that takes as long to check."""

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Nothing that is read as something else when it is copied from paper."""
_GROUPS, _GROUP = 4, 4


def matches(password_hash: str, password: str) -> bool:
    """Whether it is the password. Slow on purpose: to be called outside any transaction."""
    try:
        return _HASHER.verify(password_hash, password)
    except VerificationError:
        return False


def hashed(password: str) -> str:
    """What is kept of a password. Slow on purpose: to be called outside any transaction."""
    return _HASHER.hash(password)


def one_time() -> str:
    """A random password to be handed on once: xxxx-xxxx-xxxx-xxxx, 79 bits."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


@cache
def common() -> frozenset[str]:
    """Passwords that are tried first, casefolded: common_passwords.txt, those with ten characters and more."""
    lines = (Path(__file__).parent / "common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line.casefold() for line in lines if line)
