"""Signatures and the cipher of the platform's secure mode (消息加解密). Pure.

AES-256-CBC, IV = the first 16 bytes of the key, PKCS#7 to blocks of 32 bytes; inside: 16 random bytes, the length of
the XML in bytes (4, big-endian), the XML, the AppId.
"""

import base64
import hashlib
import hmac
import secrets
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK, _RANDOM, _KEY = 32, 16, 32
KEY_CHARACTERS = 43
"""Of an EncodingAESKey: base64 without its last `=`"""


class CipherError(Exception):
    """A text that was not encrypted for us: wrong key, damaged, another AppId."""


def signature(*parts: str) -> str:
    """SHA-1 of the sorted, joined parts, as the platform signs; hexadecimal."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def is_signed(given: str, *parts: str) -> bool:
    """Whether a signature is that of the parts, compared in constant time."""
    return hmac.compare_digest(given.encode(), signature(*parts).encode())


def key_of(encoding_aes_key: str) -> bytes:
    """The 32 bytes of an EncodingAESKey. Raises ValueError."""
    if len(encoding_aes_key) != KEY_CHARACTERS:
        raise ValueError("EncodingAESKey: 43 characters")
    key = base64.b64decode(encoding_aes_key + "=", validate=True)
    if len(key) != _KEY:
        raise ValueError("EncodingAESKey: 32 bytes")
    return key


@dataclass(frozen=True)
class Opened:
    """What was inside, and the key that fitted: the answer is encrypted with the same."""

    xml: bytes
    key: bytes


@dataclass(frozen=True)
class Keys:
    """`keys`: the current one first, then the one before it (the platform may use it for a while after a change)."""

    appid: str
    keys: tuple[bytes, ...]

    def open(self, encrypted: str) -> Opened:
        """Raises CipherError when no key fits."""
        try:
            sealed = base64.b64decode(encrypted, validate=True)
        except ValueError as error:
            raise CipherError("not base64") from error
        if not sealed or len(sealed) % _RANDOM:
            raise CipherError("not whole blocks")
        for key in self.keys:
            xml = _inside(_decrypted(sealed, key), self.appid.encode())
            if xml is not None:
                return Opened(xml, key)
        raise CipherError("no key fits")

    def seal(self, xml: bytes, key: bytes | None = None) -> str:
        """Encrypted with the current key, or with the one that fitted."""
        plain = secrets.token_bytes(_RANDOM) + struct.pack(">I", len(xml)) + xml + self.appid.encode()
        fill = _BLOCK - len(plain) % _BLOCK
        key = key or self.keys[0]
        encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:_RANDOM])).encryptor()
        return base64.b64encode(encryptor.update(plain + bytes([fill]) * fill) + encryptor.finalize()).decode()


def _decrypted(sealed: bytes, key: bytes) -> bytes:
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:_RANDOM])).decryptor()
    return decryptor.update(sealed) + decryptor.finalize()


def _inside(plain: bytes, appid: bytes) -> bytes | None:
    """The XML, when padding, length and AppId are right."""
    fill = plain[-1]
    if not 1 <= fill <= _BLOCK or plain[-fill:] != bytes([fill]) * fill:
        return None
    plain = plain[:-fill]
    if len(plain) < _RANDOM + 4:
        return None
    (length,) = struct.unpack_from(">I", plain, _RANDOM)
    xml, rest = plain[_RANDOM + 4 : _RANDOM + 4 + length], plain[_RANDOM + 4 + length :]
    return xml if len(xml) == length and hmac.compare_digest(rest, appid) else None
