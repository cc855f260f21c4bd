"""Work that arrives is added to the rollups, and outlives whatever goes wrong there."""

import json

from sqlalchemy import func, select

from app.core.database import db
from app.models.rollups import Rollup
from app.models.visits import Visit
from app.services import rollups


def counts():
    return (
        db.session.scalar(select(func.count()).select_from(Visit).where(Visit.is_rolled)),
        db.session.scalar(select(func.count()).select_from(Rollup)),
    )


def keep_up_at_once(monkeypatch):
    monkeypatch.setattr(rollups.keep_up, "__defaults__", (1,))


def test_a_push_adds_what_it_stored_to_the_rollups(place, monkeypatch):
    keep_up_at_once(monkeypatch)
    place.phone.store(place.phone.visit(place.home()))
    visits, rows = counts()
    assert visits == 1
    assert rows > 0


def test_a_fault_in_adding_up_is_logged_and_the_push_goes_on(place, monkeypatch, capsys):
    keep_up_at_once(monkeypatch)
    write = rollups._write

    def write_and_fail(*arguments):
        write(*arguments)
        raise ZeroDivisionError("by design")

    monkeypatch.setattr(rollups, "_write", write_and_fail)
    place.phone.store(place.phone.visit(place.home()))
    assert counts() == (0, 0)
    assert db.session.scalar(select(func.count()).select_from(Visit).where(Visit.is_counting)) == 1
    (line,) = [each for each in capsys.readouterr().err.splitlines() if "rollups" in each]
    assert "ZeroDivisionError: by design" in json.loads(line)["exception"]
    monkeypatch.setattr(rollups, "_write", write)
    assert rollups.fold()
    assert counts()[0] == 1
