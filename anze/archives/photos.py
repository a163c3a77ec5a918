"""What a photo says of itself: when and where it was taken (Exif), and how it looks. From bytes; no database."""

import io
import re
from dataclasses import dataclass
from datetime import date

from PIL import ExifTags, Image, UnidentifiedImageError

_WIDE, _HIGH = 9, 8
_FLAT = 8
"""Grey levels: a picture with less between its darkest and its lightest looks like any other"""
_MOST_PIXELS = 60_000_000
_TAKEN = re.compile(r"(\d{4})[:-](\d\d)[:-](\d\d)")
_BROKEN = (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, KeyError, TypeError,
           ZeroDivisionError, EOFError, IndexError, OverflowError)  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """`place`: (latitude, longitude) in degrees. None: the photo does not say it."""

    taken_on: date | None = None
    place: tuple[float, float] | None = None
    look: str | None = None


def seen(content: bytes) -> Seen:
    """What can be read; a file that is no picture says nothing."""
    try:
        with Image.open(io.BytesIO(content)) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                return Seen()
            exif = picture.getexif()
            return Seen(_taken_on(exif), _place(exif), _look(picture))
    except _BROKEN:
        return Seen()


def _look(picture: Image.Image) -> str | None:
    """Whether each point is lighter than its right neighbour, in 9 × 8 points (a difference hash)."""
    picture.draft("L", (256, 256))  # a JPEG is unpacked no larger than is needed
    small = picture.convert("L").resize((_WIDE, _HIGH), Image.Resampling.BOX)
    points = small.tobytes()
    if max(points) - min(points) < _FLAT:
        return None
    bits = 0
    for row in range(_HIGH):
        for column in range(_WIDE - 1):
            place = row * _WIDE + column
            bits = bits << 1 | (points[place] > points[place + 1])
    return f"{bits:016x}"


def _taken_on(exif: Image.Exif) -> date | None:
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    said = inner.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    found = _TAKEN.match(str(said or ""))
    if found is None:
        return None
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        return None


def _place(exif: Image.Exif) -> tuple[float, float] | None:
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    latitude = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), 90)
    longitude = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), 180)
    return (latitude, longitude) if latitude is not None and longitude is not None else None


def _degrees(parts: object, side: object, most: int) -> float | None:
    if not isinstance(parts, tuple) or len(parts) != len("dms"):
        return None
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    if not 0 <= value <= most:
        return None
    return -value if str(side).upper() in {"S", "W"} else value
