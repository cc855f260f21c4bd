import pytest
from sqlalchemy import text

from app.core import crypto
from app.core.crypto import BadKey, Keyring, new_key
from app.core.database import db
from app.models.households import Household
from tests import factories

COLUMN = "households.phone"


@pytest.fixture
def ring():
    return Keyring(new_key())


def test_what_was_encrypted_can_be_read_and_looks_different_each_time(ring):
    plain = "0900 000 001 ữ 👵🏼".encode()
    one, two = ring.encrypt(plain, COLUMN), ring.encrypt(plain, COLUMN)
    assert one != two
    assert plain not in one
    assert ring.decrypt(one, COLUMN) == ring.decrypt(two, COLUMN) == plain
    assert ring.decrypt(ring.encrypt(b"", COLUMN), COLUMN) == b""


def test_a_value_moved_to_another_column_does_not_decrypt(ring):
    with pytest.raises(BadKey):
        ring.decrypt(ring.encrypt(b"x", COLUMN), "households.address")


def test_no_bit_of_a_value_can_be_changed(ring):
    stored = ring.encrypt(b"0900000001", COLUMN)
    for place in range(1, len(stored)):
        spoilt = bytearray(stored)
        spoilt[place] ^= 1
        with pytest.raises(BadKey):
            ring.decrypt(bytes(spoilt), COLUMN)


@pytest.mark.parametrize("length", [0, 1, 4, 5, 16, 17, 32])
def test_a_value_cut_short_is_no_value(ring, length):
    with pytest.raises(BadKey):
        ring.decrypt(ring.encrypt(b"0900000001", COLUMN)[:length], COLUMN)


def test_a_value_of_another_version_is_not_guessed_at(ring):
    with pytest.raises(BadKey):
        ring.decrypt(b"\x02" + ring.encrypt(b"x", COLUMN)[1:], COLUMN)


def test_a_new_key_in_front_encrypts_and_the_old_one_still_reads():
    old, new = new_key(), new_key()
    before = Keyring(old).encrypt(b"x", COLUMN)
    both = Keyring(f"{new}, {old}")
    assert both.decrypt(before, COLUMN) == b"x"
    after = both.encrypt(b"x", COLUMN)
    assert Keyring(new).decrypt(after, COLUMN) == b"x"
    with pytest.raises(BadKey):
        Keyring(old).decrypt(after, COLUMN)


def test_signatures_outlive_the_rotation_of_keys():
    old, new = new_key(), new_key()
    signature = Keyring(old).sign("receipt", "message")
    assert Keyring(f"{new},{old}").is_signed("receipt", "message", signature)


def test_a_signature_is_for_one_purpose_and_one_message(ring):
    signature = ring.sign("cursor", "message")
    assert ring.is_signed("cursor", "message", signature)
    for purpose, message, offered in (
        ("receipt", "message", signature),
        ("cursor", "Message", signature),
        ("cursor", "message", signature[:-1]),
        ("cursor", "message", ""),
        ("cursor", "message", "é"),
    ):
        assert not ring.is_signed(purpose, message, offered)


@pytest.mark.parametrize("encoded", ["", "short", "x" * 43 + "!", "é" * 43, ",", "A" * 43 + ",", "A" * 86])
def test_a_key_that_is_none_is_refused(encoded):
    with pytest.raises(BadKey):
        Keyring(encoded)


def test_a_column_holds_no_plaintext_and_another_key_cannot_read_it(app):
    home = factories.household(phone="0912345678")
    raw = db.session.execute(text("SELECT phone FROM households")).scalar_one()
    assert b"0912345678" not in bytes(raw)
    db.session.expire_all()
    assert db.session.get_one(Household, home.id).phone == "0912345678"
    db.session.expire_all()
    mine = crypto.keyring()
    crypto.install(Keyring(new_key()))
    try:
        with pytest.raises(BadKey):
            _ = db.session.get_one(Household, home.id).phone
    finally:
        crypto.install(mine)
