import json

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from app.core.database import db


@pytest.fixture
def log(app):
    return structlog.get_logger()


def test_an_event_is_one_line_of_json_whatever_was_in_it(log, capsys):
    log.info("unexpected\nevent", path="/a\nERROR forged")
    told = json.loads(capsys.readouterr().err)
    assert told["event"] == "unexpected\nevent"
    assert told["path"] == "/a\nERROR forged"


def test_a_traceback_names_lines_and_no_values(log, capsys):
    name = "Trần Thử Nghiệm"
    try:
        raise RuntimeError("broken" if name else "")
    except RuntimeError:
        log.exception("failed")
    told = json.loads(capsys.readouterr().err)
    assert "test_logs.py" in told["exception"]
    assert "RuntimeError: broken" in told["exception"]
    assert "Thử Nghiệm" not in json.dumps(told, ensure_ascii=False)


def test_a_failing_statement_does_not_tell_its_values(app):
    with pytest.raises(DatabaseError) as failure, db.session.begin_nested():
        db.session.execute(text("SELECT * FROM nowhere WHERE name = :name"), {"name": "Trần Thử Nghiệm"})
    assert "Thử Nghiệm" not in str(failure.value)
