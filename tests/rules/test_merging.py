import pytest

from app.rules import merging

HOME = {"code": "H1", "address": "12 Lê Lợi", "phone": None}


def test_a_field_that_nobody_else_changed_is_taken():
    merge = merging.merge(HOME, {"code": 2}, {"code": "H2"}, {"code": 2})
    assert merge.accepted == {"code": "H2"}
    assert merge.clashes == {}


def test_a_field_changed_on_both_sides_keeps_the_servers_value():
    merge = merging.merge(
        HOME, {"code": 3, "address": 1}, {"code": "H2", "address": "14"}, {"code": 2, "address": 1}
    )
    assert merge.accepted == {"address": "14"}
    assert merge.clashes == {"code": merging.Clash(kept="H1", offered="H2")}


def test_the_same_change_on_both_sides_is_no_clash():
    merge = merging.merge(HOME, {"code": 3}, {"code": "H1"}, {"code": 2})
    assert merge == merging.Merge()


def test_a_base_ahead_of_a_restored_server_is_taken():
    assert merging.merge(HOME, {"phone": 1}, {"phone": "09"}, {"phone": 4}).accepted == {"phone": "09"}


def test_a_field_without_a_base_is_taken_only_while_nobody_ever_changed_it():
    assert merging.merge(HOME, {}, {"phone": "09"}, {}).accepted == {"phone": "09"}
    assert "phone" in merging.merge(HOME, {"phone": 1}, {"phone": "09"}, {}).clashes


def test_a_value_may_be_taken_away():
    assert merging.merge(HOME, {"code": 1}, {"code": None}, {"code": 1}).accepted == {"code": None}


def test_a_field_the_home_does_not_have_is_a_mistake():
    with pytest.raises(KeyError):
        merging.merge(HOME, {}, {"colour": "red"}, {})
