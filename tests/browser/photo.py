"""A picture as a phone sends one."""

import zlib

from playwright.sync_api import FilePayload


def png(side: int = 600) -> bytes:
    """A picture with something on it, too varied to shrink to nothing."""
    rows = b"".join(b"\x00" + bytes((x * y * 7 + x * 3) % 251 for x in range(side * 3)) for y in range(side))

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    head = side.to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


PHOTO: FilePayload = {"name": "现场.png", "mimeType": "image/png", "buffer": png()}
