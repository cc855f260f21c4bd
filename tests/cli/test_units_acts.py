from datetime import timedelta

import pytest

from app.core.clock import today
from app.queries import units
from tests import factories


@pytest.fixture
def communes(app):
    province = factories.province(code="90")
    return [factories.commune(parent=province, code=code) for code in ("90001", "90002")]


def test_a_merger_is_entered_in_advance_listed_and_undone(cli, communes):
    on = today() + timedelta(days=1)
    words = f"units enact merge 90001 90002 --on {on} --decision 1/NQ --new 90001 Moi"
    entered = cli.invoke(args=words.split())
    assert entered.exit_code == 0, entered.output
    assert units.register().by_code("90001", on).name(on) == "Moi"
    assert "commune 90001, commune 90002 -> Moi" in cli.invoke(args=["units", "acts"]).output
    assert cli.invoke(args=["units", "undo", entered.output.strip()]).output == "Undone.\n"
    assert units.register().by_code("90002", on) is not None


def test_an_act_of_a_day_that_has_come_is_refused_without_late(cli, communes):
    words = f"units enact rename 90001 --on {today()} --decision 1/NQ --name Moi"
    assert "has come already" in cli.invoke(args=words.split()).output
    assert cli.invoke(args=[*words.split(), "--late"]).exit_code == 0
