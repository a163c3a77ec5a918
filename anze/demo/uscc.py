"""Codes in the form of a 统一社会信用代码 (GB 32100—2015), with its check character, that no real firm has."""

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def uscc(region: str, serial: int) -> str:
    """18 characters: unit of an invented kind (9Y), region (6 digits), DEM + serial (6 digits), check character."""
    body = f"9Y{region}DEM{serial:06d}"
    total = sum(_ALPHABET.index(character) * 3**place % 31 for place, character in enumerate(body))
    return body + _ALPHABET[-total % 31]
