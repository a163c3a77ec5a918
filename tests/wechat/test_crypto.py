"""Our cipher and signatures against a second, independent implementation (wechatpy)."""

import base64
import os
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

from anze.channels.wechat.crypto import CipherError, Keys, is_signed, key_of, signature

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OTHER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefg"
TOKEN, APPID = "token123", "wx1234567890"
KEYS = Keys(APPID, (key_of(KEY),))


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=400))
def test_what_we_seal_the_other_opens_and_the_other_way_round(text: str) -> None:
    xml = f"<xml><Content>{text.replace('<', '').replace('&', '')}</Content></xml>"
    other = WeChatCrypto(TOKEN, KEY, APPID)
    sealed = KEYS.seal(xml.encode())
    signed = signature(TOKEN, "1700000000", "n1", sealed)
    envelope = {"Encrypt": sealed}
    assert other.decrypt_message(envelope, signed, "1700000000", "n1") == xml
    back = other.encrypt_message(xml, "n2", "1700000001")
    inside = back.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
    assert KEYS.open(inside).xml.decode() == xml
    theirs = back.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
    assert is_signed(theirs, TOKEN, "1700000001", "n2", inside)


@given(st.lists(st.text(alphabet="abcdefABCDEF0123456789", min_size=1, max_size=20), min_size=1, max_size=5))
def test_signatures_are_the_same(parts: list[str]) -> None:
    signer = WeChatSigner()
    signer.add_data(*parts)
    assert signature(*parts) == signer.signature


def test_a_key_that_was_changed_still_opens_and_answers_with_itself() -> None:
    before = Keys(APPID, (key_of(KEY),)).seal("旧钥匙".encode())
    both = Keys(APPID, (key_of(OTHER), key_of(KEY)))
    opened = both.open(before)
    assert opened.xml.decode() == "旧钥匙"
    assert KEYS.open(both.seal(b"x", opened.key)).xml == b"x"
    with pytest.raises(CipherError):
        Keys(APPID, (key_of(OTHER),)).open(before)


def test_whatever_is_altered_is_refused_and_never_breaks() -> None:
    rng = Random(1)
    sealed = base64.b64decode(KEYS.seal("短".encode()))
    refused = 0
    for _ in range(400):
        changed = bytearray(sealed)
        changed[rng.randrange(len(changed))] ^= rng.randrange(1, 256)
        try:
            KEYS.open(base64.b64encode(bytes(changed)).decode())
        except CipherError:
            refused += 1
    assert refused > 300, "only what lies inside the XML can change unseen: that is what msg_signature is for"
    for nonsense in ("", "%%%", "QUJD", base64.b64encode(os.urandom(64)).decode(), "é" * 8):
        with pytest.raises(CipherError):
            KEYS.open(nonsense)


@pytest.mark.parametrize("appid", ["", "wx1234567891", "wx"])
def test_what_was_sealed_for_another_account_is_refused(appid: str) -> None:
    with pytest.raises(CipherError):
        KEYS.open(Keys(appid, KEYS.keys).seal(b"<xml/>"))


@pytest.mark.parametrize("key", ["", "short", KEY + "x", "!" * 43, "é" * 43])
def test_a_key_that_is_none_is_said(key: str) -> None:
    with pytest.raises(ValueError, match=r"EncodingAESKey|base64|ASCII|Only|padding|Non-base64"):
        key_of(key)
