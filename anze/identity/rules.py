"""What a password may be. Pure: the list of common ones is a parameter."""

from collections.abc import Collection

SHORTEST = 10
FEWEST_CHARACTERS = 4
"""Different ones: 1111111111 and abababababab are in nobody's list and in everybody's first try."""


def password_refusal(new: str, *, old: str, username: str, common: Collection[str]) -> str | None:
    """Why it cannot be the new password, as a code of texts/errors.yml; None when it can. `common` is casefolded."""
    plain = new.casefold()
    if len(new) < SHORTEST:
        return "password_short"
    if plain == username.casefold():
        return "password_is_name"
    if plain in common or len(set(plain)) < FEWEST_CHARACTERS:
        return "password_common"
    if new == old:
        return "password_is_old"
    return None
